"""Naming clusters with a language model: what it will cost, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .errors import Problem, RequestError
from .llm import ANSWER_TOKENS, LLMSettings
from .name_prompts import NamePrompt, prompt_tokens
from .results import TrainingResult

__all__ = [
    "NameOutcome",
    "NamePreview",
    "NameRecord",
    "chosen_clusters",
    "estimate_naming",
    "preview",
]

# What one name and its description take at least.
_SHORT_ANSWER = 15

Range = tuple[int, int]


class NameOutcome(StrEnum):
    """What came of asking for one name."""

    NAMED = "named"
    """The model's name and description are in the result."""
    DESCRIBED = "described"
    """The model's description is; the name stays, as it is that of a labelled intent."""
    PLANNED = "planned"
    """Not asked: this is a preview."""
    CAP = "cap"
    """Not asked: it might have passed the cap on tokens or cost."""
    NOT_ASKED = "not asked"
    """Not asked: earlier calls failed in a way that would have come again."""
    FAILED = "failed"
    """The call failed, after all tries."""
    NOT_JSON = "not json"
    """The answer was not the JSON object that was asked for."""
    REFUSED = "refused"
    """The model declined to answer."""
    EMPTY = "empty"
    """The answer held no name."""
    TOO_LONG = "too long"
    """The answer was far longer than asked for."""
    CUT_OFF = "cut off"
    """The answer ended at the limit of ``answer_tokens``."""

    @property
    def good(self) -> bool:
        """Whether something of the model's is in the result."""
        return self in (NameOutcome.NAMED, NameOutcome.DESCRIBED)


@dataclass(frozen=True, slots=True)
class NameRecord:
    """One line of the audit: all that was sent for a cluster's name, and what came back.

    Parameters
    ----------
    cluster_id : int
    name : str
        The cluster's name afterwards.
    outcome : NameOutcome
    reason : str
        One sentence more where it is not good; may be empty.
    model : str
        The model and the host that was called; empty if none was.
    input_tokens, output_tokens : int
        As the provider counted them; where it doesn't tell, or where a failed call may have been
        charged, the most that they can be. Of a cached answer 0.
    cost : float or None
        In the unit of the prices; None without prices.
    cached : bool
        Whether the answer came from an earlier call with the same prompt to the same model.
    prompt : str
        Both messages, word for word.
    keywords, examples : tuple of str
        The inputs: what of the cluster is in the prompt.
    """

    cluster_id: int
    name: str
    outcome: NameOutcome
    reason: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    cached: bool = False
    prompt: str = ""
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamePreview:
    """What naming would send and cost; nothing has been sent.

    Parameters
    ----------
    n_clusters : tuple of int
        How many clusters would be named, fewest and most.
    tokens : tuple of int
        Fewest and most tokens, answers included. The upper end is a bound: a cap of that many
        lets all through. Answers that are cached cost nothing, calls that fail may cost more.
    cost : tuple of float, or None
        The same in the unit of the prices; None without prices.
    model : str
        Empty if no provider is configured.
    prompts : tuple of NamePrompt
        The exact prompts; empty for an estimate before training.
    """

    n_clusters: Range
    tokens: Range
    cost: tuple[float, float] | None = None
    model: str = ""
    prompts: tuple[NamePrompt, ...] = ()

    def __repr__(self) -> str:
        return f"<NamePreview: {self}>"

    def __str__(self) -> str:
        text = f"{_told(self.n_clusters)} clusters, {_told(self.tokens)} tokens"
        if self.cost is not None:
            text += f", cost {self.cost[0]:.4g} to {self.cost[1]:.4g}"
        return f"{text}, by {self.model}" if self.model else text


def _told(ends: Range) -> str:
    low, high = ends
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def estimate_naming(
    n_clusters: int | range | tuple[int, int],
    settings: LLMSettings | None = None,
    *,
    top_n: int | None = None,
    language: str = "en-US",
) -> NamePreview:
    """Estimate what naming will take, before there are clusters. Nothing is sent.

    Parameters
    ----------
    n_clusters : int, range or (int, int)
        How many clusters there will be; a pair is the fewest and the most.
    settings : LLMSettings, optional
        Gives prices and the length of answers.
    top_n : int, optional
        Only so many clusters, the largest, will be named.
    language : str
        Code of the language of the names.

    Raises
    ------
    RequestError
        If a number makes no sense.

    Examples
    --------
    >>> settings = LLMSettings("openai", "gpt-4o-mini", {"OPENAI_API_KEY": "sk-secret"},
    ...                        input_price=0.15, output_price=0.60)
    >>> estimate_naming((10, 20), settings).n_clusters
    (10, 20)
    """
    ends = (n_clusters,) if isinstance(n_clusters, int) else tuple(n_clusters)
    fix = "Give a number, a range or the fewest and the most."
    if not ends or not all(type(end) is int and end >= 0 for end in ends):
        problem = Problem("n_clusters", f"is {n_clusters!r}", fix)
        raise RequestError("This can't be estimated:", [problem])
    most = max(ends) if top_n is None else top_n
    low, high = min(*ends, most), min(max(ends), most)
    fewest, longest = prompt_tokens(language)
    inputs = (low * fewest, high * longest)
    return _preview((low, high), inputs, settings)


def preview(prompts: Iterable[NamePrompt], settings: LLMSettings | None = None) -> NamePreview:
    """Say what exactly these prompts would take."""
    prompts = tuple(prompts)
    sizes = [prompt.tokens for prompt in prompts]
    inputs = (sum(low for low, _ in sizes), sum(high for _, high in sizes))
    return _preview((len(prompts), len(prompts)), inputs, settings, prompts)


def _preview(
    n_clusters: Range,
    inputs: Range,
    settings: LLMSettings | None,
    prompts: tuple[NamePrompt, ...] = (),
) -> NamePreview:
    longest = settings.answer_tokens if settings else ANSWER_TOKENS
    answers = (n_clusters[0] * _SHORT_ANSWER, n_clusters[1] * longest)
    tokens = (inputs[0] + answers[0], inputs[1] + answers[1])
    cost = None
    if settings is not None:
        low = settings.cost(inputs[0], answers[0])
        high = settings.cost(inputs[1], answers[1])
        cost = None if low is None or high is None else (low, high)
    return NamePreview(n_clusters, tokens, cost, settings.model if settings else "", prompts)


def chosen_clusters(
    result: TrainingResult, clusters: Iterable[int] | None = None, top_n: int | None = None
) -> list[int]:
    """Return the ids of the clusters to be named: those given, else the largest, else all.

    Raises
    ------
    RequestError
        If there is no such cluster, or a number makes no sense.
    """
    ids = [cluster.cluster_id for cluster in result.clusters]
    problems = []
    wanted = ids if clusters is None else list(dict.fromkeys(clusters))
    unknown = [each for each in wanted if type(each) is not int or each not in ids]
    if unknown:
        what = f"holds {', '.join(map(repr, unknown[:5]))}"
        problems.append(Problem("clusters", what, f"Clusters go from 0 to {len(ids) - 1}."))
    if top_n is not None and (type(top_n) is not int or top_n < 1):
        problems.append(Problem("top_n", f"is {top_n!r}", "Give 1 or more, or None."))
    if problems:
        raise RequestError("These clusters can't be named:", problems)
    return wanted if top_n is None else wanted[:top_n]
