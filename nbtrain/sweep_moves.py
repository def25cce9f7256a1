"""What moves where between two fits of a sweep, and what splits as the clusters get more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .sweep_results import FitCluster, SweepDocuments, SweepFit

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Comparison",
    "Flow",
    "Part",
    "Split",
    "adjusted_rand_index",
    "compare_fits",
    "splits_between",
]

_EXAMPLES = 3
# A cluster is a part of the one from which so much of it comes.
_PART = 0.5


@dataclass(frozen=True, slots=True)
class Flow:
    """The documents that are in one cluster of the one fit and one cluster of the other.

    Parameters
    ----------
    from_cluster, to_cluster : int
    from_name, to_name : str
    documents : int
        A sentence that came several times counts as often.
    share : float
        Of the documents of ``from_cluster``, 0 to 1.
    examples : tuple of str
        A few of them, in the order of the data.
    """

    from_cluster: int
    to_cluster: int
    from_name: str
    to_name: str
    documents: int
    share: float
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two fits side by side.

    Parameters
    ----------
    first, second : SweepFit
    flows : tuple of Flow
        Largest first; every document is in one of them.
    agreement : float
        Adjusted Rand index of the two (Hubert and Arabie 1985): 1 if they are the same, 0 if they
        agree as chance would have it.

    Examples
    --------
    >>> flow = Flow(0, 1, "card", "card, lost", documents=40, share=0.4)
    >>> moved = Comparison(SweepFit(2), SweepFit(3), (flow,), agreement=0.7)
    >>> moved.frame()[["from_name", "to_name", "documents"]].values.tolist()
    [['card', 'card, lost', 40]]
    """

    first: SweepFit
    second: SweepFit
    flows: tuple[Flow, ...]
    agreement: float

    def frame(self) -> pd.DataFrame:
        """Show the flows as a table.

        Returns
        -------
        DataFrame
            One row a flow, largest first: ``from``, ``from_name``, ``to``, ``to_name``,
            ``documents``, ``share`` (of the first fit's cluster), ``example``.
        """
        import pandas as pd

        rows = [
            (
                flow.from_cluster,
                flow.from_name,
                flow.to_cluster,
                flow.to_name,
                flow.documents,
                flow.share,
                next(iter(flow.examples), ""),
            )
            for flow in self.flows
        ]
        columns = ["from", "from_name", "to", "to_name", "documents", "share", "example"]
        return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True, slots=True)
class Part:
    """A cluster that takes ``share`` (0 to 1) of the documents of one that splits."""

    cluster: FitCluster
    share: float


@dataclass(frozen=True, slots=True)
class Split:
    """A cluster that is in several parts where there are more clusters.

    Parameters
    ----------
    n_from, n_to : int
        The two numbers of clusters.
    cluster : FitCluster
        Of the former.
    parts : tuple of Part
        Of the latter, largest first: those of which at least half comes from it.
    """

    n_from: int
    n_to: int
    cluster: FitCluster
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        parts = [f"“{part.cluster.name}” ({part.share:.0%})" for part in self.parts]
        into = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
        return f"{self.n_to} splits “{self.cluster.name}” into {into}"


def compare_fits(
    first: SweepFit,
    second: SweepFit,
    first_labels: Any,
    second_labels: Any,
    documents: SweepDocuments,
) -> Comparison:
    """Compare two fits of the same documents.

    Parameters
    ----------
    first, second : SweepFit
    first_labels, second_labels : ndarray of int, shape (n_documents,)
    documents : SweepDocuments
    """
    import numpy as np

    counts = np.asarray(documents.counts, dtype=np.int64)
    shape = first.n_clusters, second.n_clusters
    table = _contingency(first_labels, second_labels, counts, shape)
    sizes = table.sum(axis=1)
    width = table.shape[1]
    pair = np.asarray(first_labels, dtype=np.int64) * width + np.asarray(second_labels)
    order = np.argsort(pair, kind="stable")
    ordered = pair[order]
    names, others = _names(first, len(table)), _names(second, width)
    flows = []
    for cell in np.flatnonzero(table.ravel()):
        a, b = divmod(int(cell), width)
        begin, end = np.searchsorted(ordered, (cell, cell + 1)).tolist()
        own = order[begin : min(end, begin + _EXAMPLES)].tolist()
        texts = tuple(documents.texts[place] for place in own)
        count = int(table[a, b])
        flows.append(Flow(a, b, names[a], others[b], count, count / int(sizes[a]), texts))
    flows.sort(key=lambda flow: (-flow.documents, flow.from_cluster, flow.to_cluster))
    return Comparison(first, second, tuple(flows), adjusted_rand_index(table))


def splits_between(
    fits: Sequence[SweepFit], labels: Sequence[Any], counts: Sequence[int]
) -> Iterator[Split]:
    """Yield what splits from each fit to the next.

    Parameters
    ----------
    fits : sequence of SweepFit
        By rising number of clusters.
    labels : sequence of (ndarray of int, shape (n_documents,))
        Of each fit.
    counts : sequence of int
        How often each document counts.
    """
    import numpy as np

    weights = np.asarray(counts, dtype=np.int64)
    for place in range(len(fits) - 1):
        first, second = fits[place], fits[place + 1]
        shape = first.n_clusters, second.n_clusters
        table = _contingency(labels[place], labels[place + 1], weights, shape)
        shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
        origins = table / np.maximum(table.sum(axis=0, keepdims=True), 1)
        into = {cluster.cluster_id: cluster for cluster in second.clusters}
        for cluster in first.clusters:
            row, of_it = shares[cluster.cluster_id], origins[cluster.cluster_id]
            taking = [
                int(b)
                for b in np.argsort(-row, kind="stable")
                if of_it[b] >= _PART and int(b) in into
            ]
            if len(taking) > 1:
                parts = tuple(Part(into[b], float(row[b])) for b in taking)
                yield Split(first.n_clusters, second.n_clusters, cluster, parts)


def _contingency(first: Any, second: Any, counts: Any, shape: tuple[int, int]) -> Any:
    import numpy as np

    # A service may make more clusters than it was asked for.
    height, width = (
        max(asked, int(np.max(labels, initial=-1)) + 1)
        for asked, labels in zip(shape, (first, second), strict=True)
    )
    pair = np.asarray(first, dtype=np.int64) * width + np.asarray(second)
    table = np.bincount(pair, counts, height * width).reshape(height, width)
    return np.rint(table).astype(np.int64)


def adjusted_rand_index(table: Any) -> float:
    """Return how far two clusterings agree beyond chance (Hubert and Arabie 1985).

    Parameters
    ----------
    table : ndarray, shape (n_clusters, n_other_clusters)
        How many documents each pair of clusters shares.

    Examples
    --------
    >>> import numpy as np
    >>> adjusted_rand_index(np.array([[5, 0], [0, 5]]))
    1.0
    """

    def pairs(counts: Any) -> float:
        numbers = counts.astype(float)
        return float((numbers * (numbers - 1.0)).sum()) / 2.0

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    everything = pairs(table.sum().reshape(1))
    expected = rows * columns / everything if everything else 0.0
    most = (rows + columns) / 2.0
    return (both - expected) / (most - expected) if most != expected else 1.0


def _names(fit: SweepFit, n_clusters: int) -> list[str]:
    told = {cluster.cluster_id: cluster.name for cluster in fit.clusters}
    return [told.get(place, f"cluster {place}") for place in range(n_clusters)]
