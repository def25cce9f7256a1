"""One path over the number of clusters: too many to begin with, then ever fewer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .bags import Array
from .partition import Partition, Report
from .seeding import seed_centres

__all__ = ["descend"]

_ROWS_PER_CLUSTER = 20
_SURPLUS = 2.0
# At most this share of the clusters is dissolved at once.
_CHUNK = 8
_TOLERANCE = 1e-3
_MAX_ITER = 20


def descend(
    rows: Array,
    weights: Array,
    ks: Sequence[int],
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
    *,
    n_rows: int = 6000,
    report: Report | None = None,
) -> Iterator[Partition]:
    """Cluster a sample of the rows into each of several numbers of clusters, the largest first.

    Twice as many centres as wanted are seeded, and k-means run; then, again and again, the
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
    report : callable, optional
        Is told of every step. The objective falls where clusters are merged.

    Yields
    ------
    Partition
        One and the same object, for each k in falling order, settled.
    """
    wanted = sorted(set(ks), reverse=True)
    largest, smallest = wanted[0], wanted[-1]
    size = max(n_rows, _ROWS_PER_CLUSTER * largest)
    if len(rows) > size:
        part = np.sort(rng.choice(len(rows), size, replace=False))
        rows, weights = rows[part], weights[part]
    weights = np.asarray(weights, dtype=np.float32)
    first = max(largest, min(round(_SURPLUS * largest), len(rows)))
    partition = Partition(rows, weights, first)
    partition.start(seed_centres(rows, first, weights, rng))
    partition.step()
    partition.settle(_TOLERANCE, _MAX_ITER, report)
    span = np.log(first / smallest) + 1.0
    for k in wanted:
        while partition.n_clusters > k:
            progress((np.log(first / partition.n_clusters) + 0.5) / span)
            surplus = partition.n_clusters - k
            partition.drop(min(surplus, max(1, partition.n_clusters // _CHUNK)))
            partition.settle(_TOLERANCE, _MAX_ITER, report)
        yield partition
    progress(1.0)
