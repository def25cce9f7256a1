"""What a clustering is worth: scores from cluster sums and kept similarities, none quadratic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .bags import Array
from .partition import Partition

__all__ = ["Scores", "score"]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one clustering; each text counts as often as its weight says.

    Parameters
    ----------
    n_clusters : int
    objective : float
        Mean cosine of a text to its own centre; higher is tighter.
    silhouette : float
        Exact mean silhouette for cosine distance, -1 to 1.
    simplified_silhouette : float
        The same with centres in the place of clusters: the mean margin, 0 to 1.
    within, between : float
        Mean squared distance of texts to their cluster's mean, and of the clusters' means to the
        mean of all; their sum is the same for every clustering.
    calinski_harabasz : float
        Between over within, each by its degrees of freedom.
    davies_bouldin : float
        Mean over clusters of the worst ratio of two clusters' scatter to the distance of their
        centres, by cosine; lower is better. 0 with one cluster.
    balance : float
        Perplexity of the sizes over their number: 1 if all clusters are of one size.
    smallest, largest : float
        Share of the texts in the smallest and in the largest cluster.
    borderline : float
        Share of the texts with a margin below :data:`~nbtrain.worker.partition.BORDERLINE`.
    overlap : float
        Of the pair of clusters that share most: borderline texts between the two, as a share of
        the smaller one.
    overlapping : tuple of int
        That pair; empty if there is no borderline text.
    """

    n_clusters: int
    objective: float
    silhouette: float
    simplified_silhouette: float
    within: float
    between: float
    calinski_harabasz: float
    davies_bouldin: float
    balance: float
    smallest: float
    largest: float
    borderline: float
    overlap: float
    overlapping: tuple[int, ...]


def score(partition: Partition) -> Scores:
    """Score a partition whose last step judged.

    Parameters
    ----------
    partition : Partition

    Returns
    -------
    Scores
    """
    k, total, weights = partition.n_clusters, partition.total, partition.weights
    sizes = partition.sizes[:k]
    shares = sizes / total
    squares = np.einsum("ij,ij->i", partition.sums, partition.sums) / sizes
    whole = partition.sums.sum(axis=0)
    mean = float(whole @ whole) / total**2
    inner = float(squares.sum()) / total
    within, between = max(1.0 - inner, 0.0), max(inner - mean, 0.0)
    freedom = (total - k) / max(k - 1, 1)
    near = np.flatnonzero(partition.second >= 0)
    overlap, pair = _overlap(partition, near)
    entropy = -float(shares @ np.log(np.maximum(shares, 1e-300)))
    return Scores(
        n_clusters=k,
        objective=partition.objective,
        silhouette=partition.silhouette,
        simplified_silhouette=float(weights @ partition.margins.astype(np.float64)) / total,
        within=within,
        between=between,
        calinski_harabasz=between / max(within, 1e-12) * freedom if k > 1 else 0.0,
        davies_bouldin=_davies_bouldin(partition),
        balance=float(np.exp(entropy)) / k,
        smallest=float(shares.min()),
        largest=float(shares.max()),
        borderline=float(weights[near].sum(dtype=np.float64)) / total,
        overlap=overlap,
        overlapping=pair,
    )


def _davies_bouldin(partition: Partition) -> float:
    """Davies and Bouldin (1979), with cosine distances."""
    k = partition.n_clusters
    if k == 1:
        return 0.0
    scatter = 1.0 - np.linalg.norm(partition.sums, axis=1) / partition.sizes[:k]
    apart = 1.0 - partition.centres @ partition.centres.T
    ratio = (scatter[:, None] + scatter[None, :]) / np.maximum(apart, 1e-9)
    np.fill_diagonal(ratio, 0.0)
    return float(ratio.max(axis=1).mean())


def _overlap(partition: Partition, near: Array) -> tuple[float, tuple[int, ...]]:
    k = partition.n_clusters
    if k == 1 or not len(near):
        return 0.0, ()
    mine = partition.labels[near]
    second = partition.second[near]
    pair = np.minimum(mine, second) * k + np.maximum(mine, second)
    sizes = partition.sizes[:k]
    smaller = np.minimum(sizes[:, None], sizes[None, :])
    shared = np.bincount(pair, partition.weights[near], k * k).reshape(k, k) / smaller
    a, b = divmod(int(shared.argmax()), k)
    return min(float(shared[a, b]), 1.0), (a, b)
