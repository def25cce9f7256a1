"""What one asks a service to train, checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from numbers import Integral
from pathlib import Path
from typing import Literal

from .documents import DataSchema
from .errors import Problem, RequestError

__all__ = [
    "CLASSIFICATION_LANGUAGES",
    "LANGUAGES",
    "LLM",
    "Clustering",
    "DataFile",
    "IntentClassification",
    "TrainingRequest",
    "language_problems",
    "model_id_problems",
]

LANGUAGES: Mapping[str, str] = {
    "en-US": "English",
    "tr-TR": "Turkish",
    "ar-SA": "Arabic",
    "fr-FR": "French",
    "nl-NL": "Dutch",
    "it-IT": "Italian",
}
"""Language codes that text clustering knows, with their English names."""

CLASSIFICATION_LANGUAGES: Mapping[str, str] = {
    **LANGUAGES,
    "lv-LV": "Latvian",
    "ru-RU": "Russian",
    "es-ES": "Spanish",
    "ur-PK": "Urdu",
    "de-DE": "German",
}
"""Language codes that intent classification knows, with their English names."""

MODEL_ID_MAX = 63
MAX_EPOCHS = 1000


def model_id_problems(model_id: object) -> list[Problem]:
    """List every rule that a model id breaks.

    A model id becomes part of a host name, hence the rules (Knovvu v1.69): a-z, 0-9 and hyphens,
    no hyphen first or last, at most 63 characters.

    Examples
    --------
    >>> for problem in model_id_problems("Über_topics-"): print(problem)
    model_id: may contain only a-z, 0-9 and hyphens, not 'Ü', '_'. Try 'ber-topics'.
    model_id: ends with a hyphen.
    """
    where = "model_id"
    if not isinstance(model_id, str):
        return [Problem(where, f"is a {type(model_id).__name__}, not text", "Give a short name.")]
    if not model_id:
        return [Problem(where, "is empty", "Give a short name such as 'support-topics'.")]
    problems = []
    bad = list(dict.fromkeys(re.findall(r"[^a-z0-9-]", model_id)))
    if bad:
        shown = ", ".join(repr(char) for char in bad[:8])
        suggestion = re.sub(r"[^a-z0-9]+", "-", model_id.lower()).strip("-")[:MODEL_ID_MAX]
        fix = f"Try {suggestion.rstrip('-')!r}." if suggestion else ""
        what = f"may contain only a-z, 0-9 and hyphens, not {shown}"
        problems.append(Problem(where, what, fix))
    if model_id.startswith("-"):
        problems.append(Problem(where, "starts with a hyphen"))
    if model_id.endswith("-"):
        problems.append(Problem(where, "ends with a hyphen"))
    if len(model_id) > MODEL_ID_MAX:
        what = f"has {len(model_id)} characters; at most {MODEL_ID_MAX} are allowed"
        problems.append(Problem(where, what))
    return problems


def language_problems(language: object, languages: Mapping[str, str] = LANGUAGES) -> list[Problem]:
    """List what is wrong with a language code.

    Parameters
    ----------
    language : object
        The code.
    languages : mapping of str to str
        Those that the task knows: :data:`LANGUAGES` or :data:`CLASSIFICATION_LANGUAGES`.

    Examples
    --------
    >>> print(language_problems("en-GB")[0].what)
    'en-GB' is not offered
    """
    if isinstance(language, str) and language in languages:
        return []
    word = str(language).strip().lower()
    near = [
        code for code, name in languages.items() if word[:2] == code[:2] or word == name.lower()
    ]
    if not near and isinstance(language, str) and language in CLASSIFICATION_LANGUAGES:
        what = f"{language!r} is offered for intent classification only"
        return [Problem("language", what, f"Clustering knows: {', '.join(languages)}.")]
    near = near or get_close_matches(str(language), languages, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    fix = f"{hint}Known: {', '.join(languages)}."
    return [Problem("language", f"{language!r} is not offered", fix)]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A JSON file that is ready to be sent.

    Parameters
    ----------
    path : Path
        Where it lies.
    schema : DataSchema
        What it holds.
    documents : int
        Number of dialogues, or of sentences.
    words : int
        Number of words in it, see :func:`nbtrain.count_words`.
    sha256 : str
        Hash of its bytes, in hexadecimal.
    """

    path: Path
    schema: DataSchema
    documents: int
    words: int
    sha256: str


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
        Seed; the local service gives the same clusters for the same seed and data.

    Examples
    --------
    >>> Clustering(n_clusters=12)
    Clustering(n_clusters=12, llm=None, random_state=0)
    """

    n_clusters: int | Literal["auto"] = "auto"
    llm: LLM | None = None
    random_state: int = 0

    def __post_init__(self) -> None:
        _plain_numbers(self, "n_clusters", "random_state")

    def problems(self, documents: int | None = None) -> list[Problem]:
        """List what is wrong, given how many documents there are."""
        problems: list[Problem] = []
        n_clusters = self.n_clusters
        if not isinstance(n_clusters, str) or n_clusters != "auto":
            if not isinstance(n_clusters, int) or isinstance(n_clusters, bool):
                what = f"is {n_clusters!r}"
                problems.append(Problem("n_clusters", what, "Give a whole number or 'auto'."))
            elif n_clusters < 2:
                fix = "Give 2 or more, or 'auto'."
                problems.append(Problem("n_clusters", f"is {n_clusters}", fix))
            elif documents is not None and n_clusters > documents:
                what = f"is {n_clusters:,}, but there are only {documents:,} documents"
                problems.append(Problem("n_clusters", what, "Ask for fewer clusters."))
        return problems + _seed_problems(self.random_state) + _llm_problems(self.llm)


@dataclass(frozen=True, slots=True)
class IntentClassification:
    """Intent classification, and its knobs: learn from labelled texts to label new ones.

    Parameters
    ----------
    epochs : int, optional
        How many passes over the texts at most; by default the service decides. Training ends
        sooner when texts that are held out are not told apart better any more.
    random_state : int
        Seed; the local service gives the same model for the same seed and data.

    Examples
    --------
    >>> IntentClassification(epochs=10)
    IntentClassification(epochs=10, random_state=0)
    """

    epochs: int | None = None
    random_state: int = 0

    def __post_init__(self) -> None:
        _plain_numbers(self, "epochs", "random_state")

    def problems(self, documents: int | None = None) -> list[Problem]:
        """List what is wrong; the number of documents doesn't matter."""
        epochs = self.epochs
        whole = isinstance(epochs, int) and not isinstance(epochs, bool)
        problems: list[Problem] = []
        if epochs is not None and not (whole and 1 <= epochs <= MAX_EPOCHS):
            fix = f"Give a whole number from 1 to {MAX_EPOCHS:,}, or None."
            problems.append(Problem("epochs", f"is {epochs!r}", fix))
        return problems + _seed_problems(self.random_state)


def _plain_numbers(task: object, *names: str) -> None:
    # numpy's whole numbers are not ints, and would break JSON further on.
    for name in names:
        value = getattr(task, name)
        if not isinstance(value, int) and isinstance(value, Integral):
            object.__setattr__(task, name, int(value))


def _seed_problems(seed: object) -> list[Problem]:
    if isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 2**32:
        return []
    return [Problem("random_state", f"is {seed!r}", "Give a whole number from 0 to 2**32-1.")]


def _llm_problems(llm: object) -> list[Problem]:
    if isinstance(llm, LLM):
        return llm.problems()
    return [] if llm is None else [Problem("llm", f"is {llm!r}", "Give LLM() or None.")]


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """All that one submits. Checks itself and lists every problem at once.

    Parameters
    ----------
    model_id : str
        The name of the model; see :func:`model_id_problems` for the rules.
    data : DataFile
        What to train on.
    task : Clustering or IntentClassification
        What to train; data of the schema ``utterance`` need the latter, all others the former.
    language : str
        One of :data:`LANGUAGES`, for classification of :data:`CLASSIFICATION_LANGUAGES`.
    secondary_data : DataFile, optional
        Labelled intents that go with unlabelled dialogues.
    force_train : bool
        True trains anew. False, for a model that was trained before, takes the trained model into
        service again without training.

    Raises
    ------
    RequestError
        If anything is wrong; its ``problems`` lists all of it.
    """

    model_id: str
    data: DataFile
    task: Clustering | IntentClassification = field(default_factory=Clustering)
    language: str = "en-US"
    secondary_data: DataFile | None = None
    force_train: bool = True

    def __post_init__(self) -> None:
        classify = isinstance(self.task, IntentClassification)
        languages = CLASSIFICATION_LANGUAGES if classify else LANGUAGES
        problems = model_id_problems(self.model_id) + language_problems(self.language, languages)
        problems += _task_problems(self.task, self.data)
        problems += _data_problems(self.data, self.secondary_data)
        if self.force_train not in (True, False):
            what = f"is {self.force_train!r}"
            problems.append(Problem("force_train", what, "Give True or False."))
        if problems:
            raise RequestError("This can't be trained as it stands:", problems)


def _task_problems(task: object, data: object) -> list[Problem]:
    if not isinstance(task, Clustering | IntentClassification):
        what = f"is a {type(task).__name__}, not a Clustering or IntentClassification"
        return [Problem("task", what)]
    if not isinstance(data, DataFile):
        return task.problems()
    problems = task.problems(data.documents)
    classify = isinstance(task, IntentClassification)
    if classify != (data.schema is DataSchema.UTTERANCE):
        what = f"is {type(task).__name__}, but the data have the schema {data.schema.value!r}"
        fix = (
            "Write or read the data with schema='utterance'."
            if classify
            else "Give IntentClassification()."
        )
        problems.append(Problem("task", what, fix))
    return problems


def _data_problems(data: object, secondary: object) -> list[Problem]:
    fix = "Make one with write_dialogues, write_intents or read_data_file."
    problems = [
        Problem(name, f"is a {type(file).__name__}, not a DataFile", fix)
        for name, file in (("data", data), ("secondary_data", secondary))
        if not isinstance(file, DataFile) and not (name == "secondary_data" and file is None)
    ]
    if isinstance(data, DataFile) and data.documents < 2:
        one = data.documents == 1
        what = f"holds {data.documents} {'document' if one else 'documents'} with text"
        problems.append(Problem("data", what, "Training needs at least 2."))
    if not isinstance(data, DataFile) or not isinstance(secondary, DataFile):
        return problems
    if (data.schema, secondary.schema) == (DataSchema.DIALOGUE, DataSchema.INTENT):
        return problems
    what = f"has the schema {secondary.schema.value!r} beside data of {data.schema.value!r}"
    fix = "The one pair that is known: dialogues as data, labelled intents as secondary data."
    return [*problems, Problem("secondary_data", what, fix)]
