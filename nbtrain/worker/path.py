"""One path over the number of clusters: too many to begin with, then ever fewer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .bags import Array
from .merging import PRICES, Price, ward
from .modularity import MOST_ROWS, NeighbourGraph
from .partition import Partition, Report
from .seeding import seed_centres

__all__ = ["best_merged", "descend"]

_ROWS = 6000
_ROWS_PER_CLUSTER = 20
_SURPLUS = 2.0
# At most this share of the clusters is dissolved at once.
_CHUNK = 8
_TOLERANCE = 1e-3
_MAX_ITER = 20
# Neighbours of a row by which ways of merging are judged: at most, and as a share of a cluster.
_NEIGHBOURS = 33
_REACH = 0.8


def descend(
    rows: Array,
    weights: Array,
    ks: Sequence[int],
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
    *,
    n_rows: int = _ROWS,
    surplus: float = _SURPLUS,
    report: Report | None = None,
) -> Iterator[Partition]:
    """Cluster a sample of the rows into each of several numbers of clusters, the largest first.

    More centres than wanted are seeded, and k-means run; then, again and again, the
    clusters that are cheapest to merge are dissolved and k-means goes on from there. What two
    seeds share is merged where it costs least, so each k is better than k-means from seeds of
    its own: on CLINC150, k = 2 to 60, the objective was 0.7 % above that of single runs.

    Dissolving clusters one by one, with k-means between, is the iterative shrinking of Fränti and
    Virmajoki (2006), "Iterative shrinking method for clustering problems", *Pattern Recognition*
    39(5); Ward's criterion says which to dissolve.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    weights : ndarray of float32, shape (n_rows,)
    ks : sequence of int
        From 1 to ``n_rows``.
    rng : numpy.random.Generator
    progress : callable
        Is told the share of the work that is done.
    n_rows : int
        Size of the sample; 20 times the largest k if that is more.
    surplus : float
        So many times as many clusters as wanted are seeded.
    report : callable, optional
        Is told of every step. The objective falls where clusters are merged.

    Yields
    ------
    Partition
        One and the same object, for each k in falling order, settled.
    """
    wanted = sorted(set(ks), reverse=True)
    partition = _begin(rows, weights, wanted[0], rng, n_rows, surplus, report)
    yield from _merge(partition, wanted, ward, progress, report)
    progress(1.0)


def best_merged(
    rows: Array,
    weights: Array,
    n_clusters: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
    *,
    n_ways: int = len(PRICES),
    report: Report | None = None,
) -> Array:
    """Merge as :func:`descend` does, in several ways, and return the centres of the best one.

    Ward's criterion suits clusters of one size. What many texts speak of it cuts in two, and the
    average link does better. Which clusters follow the neighbourhoods of the rows best, by Newman's
    modularity, tells which way to trust: it knows nothing of centres, so it can compare where the
    objective would always take the first. Neighbourhoods as large as clusters favour large ones,
    and small ones favour small ones; at four fifths of a cluster's mean size balanced sets kept
    Ward's criterion and unbalanced ones did not. With fewer than 20 rows a cluster, or where the
    rows are so many that a sample thins neighbourhoods out, it is always kept.

    Parameters
    ----------
    rows, weights, rng, progress
        As for :func:`descend`.
    n_clusters : int
    n_ways : int
        How many ways of merging, from 1 to 3.
    report : callable, optional
        Is told of every step of the first way.

    Returns
    -------
    ndarray of float32, shape (n_clusters, n_dimensions)
        Unit rows.
    """
    partition = _begin(rows, weights, n_clusters, rng, _ROWS, _SURPLUS, report)
    many = partition.centres.copy()
    n_rows = min(len(partition.rows), MOST_ROWS)
    whole = len(partition.rows) == len(rows)
    if not whole or n_clusters < 2 or n_rows < _ROWS_PER_CLUSTER * n_clusters:
        n_ways = 1
    graph = None
    if n_ways > 1:
        reach = min(_NEIGHBOURS, round(_REACH * n_rows / n_clusters))
        graph = NeighbourGraph(partition.rows, rng, reach, partition.weights)
    best, centres = -np.inf, many
    for way, price in enumerate(PRICES[:n_ways]):

        def part(share: float, way: int = way) -> None:
            progress((way + share) / n_ways)

        if way:
            partition.start(many)
            partition.step()
        for merged in _merge(partition, [n_clusters], price, part, None if way else report):
            value = graph.modularity(merged.labels, n_clusters) if graph else 0.0
            if value > best:
                best, centres = value, merged.centres.copy()
    progress(1.0)
    return centres


def _begin(
    rows: Array,
    weights: Array,
    largest: int,
    rng: np.random.Generator,
    n_rows: int,
    surplus: float,
    report: Report | None,
) -> Partition:
    """Cluster a sample into more clusters than are wanted."""
    size = max(n_rows, _ROWS_PER_CLUSTER * largest)
    if len(rows) > size:
        part = np.sort(rng.choice(len(rows), size, replace=False))
        rows, weights = rows[part], weights[part]
    weights = np.asarray(weights, dtype=np.float32)
    first = max(largest, min(round(surplus * largest), len(rows)))
    partition = Partition(rows, weights, first)
    partition.start(seed_centres(rows, first, weights, rng))
    partition.step()
    partition.settle(_TOLERANCE, _MAX_ITER, report)
    return partition


def _merge(
    partition: Partition,
    wanted: Sequence[int],
    price: Price,
    progress: Callable[[float], None],
    report: Report | None,
) -> Iterator[Partition]:
    """Dissolve clusters, and yield at every number that is wanted; these fall."""
    first = partition.n_clusters
    span = np.log(first / wanted[-1]) + 1.0
    for k in wanted:
        while partition.n_clusters > k:
            progress((np.log(first / partition.n_clusters) + 0.5) / span)
            surplus = partition.n_clusters - k
            partition.drop(min(surplus, max(1, partition.n_clusters // _CHUNK)), price)
            partition.settle(_TOLERANCE, _MAX_ITER, report)
        yield partition
