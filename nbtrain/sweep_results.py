"""What a sweep over numbers of clusters finds: fits with their scores, and which counts to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .progress import RunState, RunStatus

__all__ = [
    "SCORES",
    "Candidate",
    "Choice",
    "FitCluster",
    "Recommendation",
    "SweepDocuments",
    "SweepFit",
    "SweepUpdate",
]

SCORES: Mapping[str, str] = {
    "objective": "mean cosine of a text to its cluster's centre; higher is tighter",
    "silhouette": "exact mean silhouette for cosine distance, -1 to 1",
    "simplified_silhouette": "the same with centres in the place of clusters, 0 to 1",
    "within": "mean squared distance of texts to their cluster's mean",
    "between": "mean squared distance of the clusters' means to the mean of all",
    "calinski_harabasz": "between over within, each by its degrees of freedom",
    "davies_bouldin": "worst ratio of scatter to distance, mean over clusters; lower is better",
    "neighbour_agreement": (
        "share of a text's nearest texts, as many as its cluster holds, that lie in its cluster, "
        "beyond chance; 1 at best"
    ),
    "cluster_agreement": "the same as the mean over clusters",
    "stability": "agreement with clusterings of other samples and seeds: adjusted Rand index",
    "predictability": "share of held-out texts whose cluster a word classifier tells, 0 to 1",
    "balance": "perplexity of the sizes over their number; 1 if all are of one size",
    "smallest": "share of the texts in the smallest cluster",
    "largest": "share of the texts in the largest cluster",
    "borderline": "share of the texts that could as well lie in another cluster",
    "overlap": "borderline texts between two clusters as a share of the smaller, at worst",
}
"""Scores of a fit, and what they mean; a service may tell only some of them."""


@dataclass(frozen=True, slots=True)
class FitCluster:
    """One cluster of a fit.

    Parameters
    ----------
    cluster_id : int
        0-based; clusters are numbered by falling size.
    name : str
        Made of key words; unique in its fit.
    size : int
        Number of documents.
    keywords : tuple of str
        Most telling words, best first.
    examples : tuple of str
        A few texts nearest the centre.
    stability : float or None
        Mean Jaccard coefficient with the cluster that is most like it in clusterings of other
        samples, 0 to 1 (Hennig 2007): below 0.6 it is doubtful, above 0.85 it always comes back.
    """

    cluster_id: int
    name: str
    size: int
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    stability: float | None = None


@dataclass(frozen=True, slots=True)
class SweepFit:
    """One fit of a sweep: one number of clusters, one seed, one choice of the other options.

    Parameters
    ----------
    n_clusters : int
    random_state : int
    options : mapping of str to str
        The other options that the sweep varies, as text, such as ``embedder``.
    state : RunState
    message : str
        Why it failed; otherwise empty.
    scores : mapping of str to float
        By the names in :data:`SCORES`.
    clusters : tuple of FitCluster
        By falling size; empty where the service doesn't tell them.
    elapsed : float or None
        Seconds since the sweep began, when this fit was ready.
    run_id : str
        The run it came from, where each fit is a run of its own.
    """

    n_clusters: int
    random_state: int = 0
    options: Mapping[str, str] = field(default_factory=dict)
    state: RunState = RunState.SUCCEEDED
    message: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    clusters: tuple[FitCluster, ...] = ()
    elapsed: float | None = None
    run_id: str = ""

    @property
    def key(self) -> tuple[int, int, tuple[tuple[str, str], ...]]:
        """What tells this fit from the others of its sweep."""
        return self.n_clusters, self.random_state, tuple(sorted(self.options.items()))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number of clusters worth a look, and why.

    Parameters
    ----------
    n_clusters : int
    reason : str
        Sentences for the user.
    rules : tuple of str
        Which readings point here, by their names in :attr:`Recommendation.readings`.
    stability : float or None
        The fit's score of that name.
    tie : bool
        Whether nothing that was measured puts it behind the first candidate.
    """

    n_clusters: int
    reason: str
    rules: tuple[str, ...] = ()
    stability: float | None = None
    tie: bool = False


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The short list, made by :func:`nbtrain.recommendation.recommend`.

    Parameters
    ----------
    candidates : tuple of Candidate
        At most three, best first; empty as long as too few fits are there.
    clear_structure : bool
        False if texts lie between the clusters as those of shuffled words do.
    summary : str
        One or two sentences: what the data say.
    advice : str
        What would help where there is no clear structure; otherwise empty.
    readings : mapping of str to int or None
        What each rule says by itself, None if it found nothing: ``summit`` and ``elbow`` of the
        neighbour agreement, elbows of ``objective`` and ``between``, the highest ``silhouette``.
    structure : float or None
        How much better the texts cluster than the same words in random order, as a difference of
        neighbour agreements: about 0 for random texts; None if it was not measured.
    up_to : int or None
        How far to try, if the texts point to more clusters than were tried; None otherwise.
    """

    candidates: tuple[Candidate, ...] = ()
    clear_structure: bool = True
    summary: str = ""
    advice: str = ""
    readings: Mapping[str, int | None] = field(default_factory=dict)
    structure: float | None = None
    up_to: int | None = None

    @property
    def n_clusters(self) -> int | None:
        """The first candidate's number of clusters, None if there is none."""
        return self.candidates[0].n_clusters if self.candidates else None


@dataclass(frozen=True, slots=True)
class Choice:
    """The number of clusters that the user took.

    Parameters
    ----------
    n_clusters : int
    reason : str
        The user's words; may be empty.
    made : str
        When, in ISO 8601 with the time zone.
    """

    n_clusters: int
    reason: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True)
class SweepUpdate:
    """What :meth:`nbtrain.Sweep.watch` yields: a snapshot, and the fits new since the last one."""

    status: RunStatus
    fits: tuple[SweepFit, ...] = ()


@dataclass(frozen=True, slots=True)
class SweepDocuments:
    """The documents of a sweep; the labels of its fits are in their order.

    Parameters
    ----------
    ids : tuple of str
        Dialogue ids, or the distinct texts themselves.
    texts : tuple of str
        What a reader is shown of each; parallel.
    counts : tuple of int
        How often the data hold each; parallel.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    counts: tuple[int, ...]
