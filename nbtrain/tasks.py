"""What is trained, and its knobs: clusters, or a model that knows intents."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from os import PathLike, fspath
from typing import Literal

from .documents import DataSchema
from .errors import Problem
from .turns import TURNS, UNITS, TurnChoice, Unit

__all__ = [
    "LLM",
    "MAX_EPOCHS",
    "Clustering",
    "IntentClassification",
    "fewest_documents",
    "turn_problems",
]

MAX_EPOCHS = 1000
"""The most epochs that can be asked for (Einstein Language, OpenAPI file 2.0.1)."""


@dataclass(frozen=True, slots=True)
class LLM:
    """Let a large language model name the clusters.

    Which model that is, is said to the service beforehand, by :class:`LLMSettings`. All but
    ``provider`` is known to the local service only.

    Parameters
    ----------
    provider : str
        Which one; ``"openai"`` is the only value that a training request can carry.
    top_n : int, optional
        Name only so many clusters, the largest; the others are named by key words.
    max_tokens : int, optional
        Most tokens that all calls together may take, answers included. No call is made that
        might pass it.
    max_cost : float, optional
        The same in the unit of the prices in the settings.
    """

    provider: str = "openai"
    top_n: int | None = None
    max_tokens: int | None = None
    max_cost: float | None = None

    def __post_init__(self) -> None:
        _plain_numbers(self, "top_n", "max_tokens")

    def problems(self) -> list[Problem]:
        """List what is wrong with these options."""
        problems = []
        if not isinstance(self.provider, str) or self.provider != "openai":
            what = f"is {self.provider!r}"
            problems.append(Problem("llm.provider", what, "Only 'openai' is known."))
        for name in ("top_n", "max_tokens"):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or not 1 <= value < 2**53):
                what = f"is {value!r}"
                problems.append(Problem(f"llm.{name}", what, "Give a whole number, 1 or more."))
        cost: object = self.max_cost
        number = isinstance(cost, int | float) and not isinstance(cost, bool)
        if cost is not None and not (number and 0 < float(str(cost)) < float("inf")):
            problems.append(Problem("llm.max_cost", f"is {cost!r}", "Give a number above 0."))
        return problems


@dataclass(frozen=True, slots=True)
class Clustering:
    """Text clustering, and its knobs.

    Parameters
    ----------
    n_clusters : int or "auto"
        How many clusters to make; ``"auto"`` lets the service decide.
    llm : LLM, optional
        Name clusters with a large language model; without it key words name them.
    random_state : int
        Seed; the local service gives the same clusters for the same seed and data. It drives the
        clustering only: the vectors of the texts, and the number that ``"auto"`` takes, are the
        same for every seed.
    embedder : str or path, optional
        What is put beside the vectors that are always learned from the texts themselves; by
        default nothing. A neural model that knows the texts' language, as a folder with ONNX
        network and tokenizer or as a name on the Hugging Face Hub (``pip install
        'nbtrain[neural]'``); or a file of vectors that ends in ``.npy``, with a row for each
        document in the order of the data file. The latter model can't label new texts. The local
        service only.
    turns : {"customer", "agent", "all", "first"}
        Which turns speak for a dialogue: the customer's (of a dialogue in which the customer says
        nothing, all), those of agents and bots, all, or the customer's first one that says
        something. The local service only.
    unit : {"dialogue", "utterance"}
        What gets a cluster: each dialogue, or each of these turns by itself. The local service
        only.

    Examples
    --------
    >>> Clustering(n_clusters=12).problems(documents=1000)
    []
    """

    n_clusters: int | Literal["auto"] = "auto"
    llm: LLM | None = None
    random_state: int = 0
    embedder: str | None = field(default=None, kw_only=True)
    turns: TurnChoice = field(default="customer", kw_only=True)
    unit: Unit = field(default="dialogue", kw_only=True)

    def __post_init__(self) -> None:
        _plain_numbers(self, "n_clusters", "random_state")
        _plain_path(self)

    def problems(self, documents: int | None = None) -> list[Problem]:
        """List what is wrong, given how many dialogues or sentences there are."""
        problems: list[Problem] = []
        n_clusters = self.n_clusters
        if not isinstance(n_clusters, str) or n_clusters != "auto":
            if not isinstance(n_clusters, int) or isinstance(n_clusters, bool):
                what = f"is {n_clusters!r}"
                problems.append(Problem("n_clusters", what, "Give a whole number or 'auto'."))
            elif n_clusters < 2:
                fix = "Give 2 or more, or 'auto'."
                problems.append(Problem("n_clusters", f"is {n_clusters}", fix))
            elif documents is not None and n_clusters > documents and self.unit != "utterance":
                what = f"is {n_clusters:,}, but there are only {documents:,} documents"
                problems.append(Problem("n_clusters", what, "Ask for fewer clusters."))
        problems += _seed_problems(self.random_state) + _embedder_problems(self.embedder)
        for name, known in (("turns", TURNS), ("unit", UNITS)):
            value = getattr(self, name)
            if not isinstance(value, str) or value not in known:
                problems.append(Problem(name, f"is {value!r}", f"Known: {', '.join(known)}."))
        return problems + _llm_problems(self.llm)


@dataclass(frozen=True, slots=True)
class IntentClassification:
    """Intent classification, and its knobs: learn from labelled texts to label new ones.

    Parameters
    ----------
    epochs : int, optional
        How many passes over the texts at most, 1 to 1,000; by default the service decides.
        Training ends sooner when texts that are held out are not told apart better any more.
    random_state : int
        Seed; the local service gives the same model for the same seed and data.
    train_share : float
        Share of each intent's texts that is learned from, between 0 and 1; the others are held
        out, and tell how good the model is and when to stop.
    out_of_domain : bool
        Whether the model may answer that a text has none of the intents.
    with_feedback : bool
        Whether corrections that were sent as feedback are learned from, too.
    embedder : str or path, optional
        A neural model whose vectors are put beside the words and n-grams, as for
        :class:`Clustering`; not a file of vectors. The local service only.

    Examples
    --------
    >>> IntentClassification(epochs=10, train_share=0.7).problems()
    []
    """

    epochs: int | None = None
    random_state: int = 0
    train_share: float = field(default=0.8, kw_only=True)
    out_of_domain: bool = field(default=False, kw_only=True)
    with_feedback: bool = field(default=False, kw_only=True)
    embedder: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _plain_numbers(self, "epochs", "random_state")
        _plain_path(self)

    def problems(self, documents: int | None = None) -> list[Problem]:
        """List what is wrong; the number of documents doesn't matter."""
        epochs = self.epochs
        whole = isinstance(epochs, int) and not isinstance(epochs, bool)
        problems: list[Problem] = []
        if epochs is not None and not (whole and 1 <= epochs <= MAX_EPOCHS):
            fix = f"Give a whole number from 1 to {MAX_EPOCHS:,}, or None."
            problems.append(Problem("epochs", f"is {epochs!r}", fix))
        share: object = self.train_share
        number = isinstance(share, int | float) and not isinstance(share, bool)
        if not (number and 0 < float(str(share)) < 1):
            fix = "Give a number between 0 and 1, such as 0.8."
            problems.append(Problem("train_share", f"is {share!r}", fix))
        for name in ("out_of_domain", "with_feedback"):
            if getattr(self, name) not in (True, False):
                what = f"is {getattr(self, name)!r}"
                problems.append(Problem(name, what, "Give True or False."))
        problems += _embedder_problems(self.embedder)
        if not problems and str(self.embedder).lower().endswith(".npy"):
            fix = "Name a neural model, or leave it out."
            what = "is a file of vectors, which says nothing of the new texts to be labelled"
            problems.append(Problem("embedder", what, fix))
        return problems + _seed_problems(self.random_state)


def fewest_documents(task: object) -> int:
    """Return how many dialogues or sentences must be there: one, where its turns are clustered."""
    return 1 if isinstance(task, Clustering) and task.unit == "utterance" else 2


def turn_problems(task: object, schema: DataSchema) -> list[Problem]:
    """List what a task says of turns where the data, being no dialogues, have none."""
    if not isinstance(task, Clustering) or schema is DataSchema.DIALOGUE:
        return []
    plain = Clustering()
    what = f"but the data have the schema {schema.value!r}"
    return [
        Problem(name, f"is {getattr(task, name)!r}, {what}", "Only dialogues have turns.")
        for name in ("turns", "unit")
        if getattr(task, name) != getattr(plain, name)
    ]


def _plain_numbers(task: object, *names: str) -> None:
    # numpy's whole numbers are not ints, and would break JSON further on.
    for name in names:
        value = getattr(task, name)
        if not isinstance(value, int) and isinstance(value, Integral):
            object.__setattr__(task, name, int(value))


def _plain_path(task: Clustering | IntentClassification) -> None:
    place: object = task.embedder
    if isinstance(place, PathLike):
        object.__setattr__(task, "embedder", fspath(place))


def _embedder_problems(embedder: object) -> list[Problem]:
    if embedder is None:
        return []
    if not isinstance(embedder, str) or not embedder.strip() or not embedder.isprintable():
        fix = "Give the folder or the name of a model, or None."
        return [Problem("embedder", f"is {embedder!r}", fix)]
    return []


def _seed_problems(seed: object) -> list[Problem]:
    if isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 2**32:
        return []
    return [Problem("random_state", f"is {seed!r}", "Give a whole number from 0 to 2**32-1.")]


def _llm_problems(llm: object) -> list[Problem]:
    if isinstance(llm, LLM):
        return llm.problems()
    return [] if llm is None else [Problem("llm", f"is {llm!r}", "Give LLM() or None.")]
