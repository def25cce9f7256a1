"""Spherical k-means on weighted unit rows, with a report for every iteration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np

from .bags import Array
from .partition import Partition, Report
from .path import best_merged
from .seeding import known_and_new, raised

__all__ = ["METHOD", "Fit", "cosine_silhouette", "spherical_kmeans"]

METHOD = "spherical k-means"
# Seeding takes about so much of the time.
_SEEDING = 0.7


@dataclass(slots=True)
class Fit:
    """A clustering of rows.

    Parameters
    ----------
    labels : ndarray of int, shape (n_rows,)
    centres : ndarray of float32, shape (n_clusters, n_dimensions)
        Unit rows.
    objective : float
        Weighted mean cosine of a row to its own centre.
    silhouette : float
        Mean cosine silhouette of the rows, each counted as often as its weight says.
    own, other : ndarray of float32, shape (n_rows,)
        Cosine to the own centre, and to the nearest other one.
    second : ndarray of int32, shape (n_rows,)
        The nearest other cluster of borderline rows, else -1; see
        :data:`~nbtrain.worker.partition.BORDERLINE`.
    """

    labels: Array
    centres: Array
    objective: float
    silhouette: float
    own: Array
    other: Array
    second: Array


def spherical_kmeans(
    rows: Array,
    n_clusters: int,
    weights: Array,
    rng: np.random.Generator,
    *,
    fixed: Array | None = None,
    first: Array | None = None,
    n_init: int = 3,
    max_iter: int = 100,
    tolerance: float = 1e-3,
    progress: Callable[[float], None] = lambda share: None,
    report: Report | None = None,
) -> Fit:
    """Cluster unit rows by cosine.

    Too many clusters are found in a sample and merged until ``n_clusters`` are left
    (:func:`~nbtrain.worker.path.best_merged`); from their centres Lloyd's iterations over all rows
    follow. Clusters that are known by fixed rows begin at these rows' means, and the others where
    the merged ones lie that are farthest from those. As long as the centres move, a fixed row
    counts 15 times, also in what is reported.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Distinct rows of unit length.
    n_clusters : int
        From 1 to ``n_rows``. No cluster is empty at the end.
    weights : ndarray, shape (n_rows,)
        How many documents each row stands for.
    rng : numpy.random.Generator
    fixed : ndarray of int, optional
        The cluster that a row must keep, or -1. Clusters that are named here must be the first,
        and there must be at least as many other rows as other clusters.
    first : ndarray of float32, shape (n_clusters, n_dimensions), optional
        Centres to begin at, such as those of a sweep's fit; nothing is seeded then.
    n_init : int
        In so many ways, from 1 to 3, clusters are merged; the best one gives the centres.
    max_iter : int
    tolerance : float
        Ends when at most this share of the texts changed cluster.
    progress : callable
        Is told the share that is done.
    report : callable, optional
        Is handed ``objective``, ``moved`` and ``silhouette`` after each iteration: those on the
        sample, which begin with twice as many clusters, and those on all rows.

    Returns
    -------
    Fit
    """
    weights = np.asarray(weights, dtype=np.float32)
    centres = first
    if centres is None:

        def seeded(share: float) -> None:
            progress(_SEEDING * share)

        centres = best_merged(rows, weights, n_clusters, rng, seeded, n_ways=n_init, report=report)
    if fixed is not None and (fixed >= 0).any():
        if first is None:
            centres = known_and_new(rows, weights, fixed, centres, rng)
        weights = raised(weights, fixed)
    return _refine(rows, centres, weights, fixed, max_iter, tolerance, progress, report)


def _refine(
    rows: Array,
    centres: Array,
    weights: Array,
    fixed: Array | None,
    max_iter: int,
    tolerance: float,
    progress: Callable[[float], None],
    report: Report | None,
) -> Fit:
    partition = Partition(rows, weights, len(centres), fixed)
    partition.start(centres)
    for iteration in range(1, max_iter + 1):
        moved = partition.step(judge=True)
        if report is not None:
            report(partition.statistics(moved))
        # The share that still moves says how far it is.
        left = min(1.0, max(moved, tolerance, 1e-6))
        progress(_SEEDING + (1.0 - _SEEDING) * log(left) / log(max(tolerance, 1e-6)))
        if moved <= tolerance and iteration > 1:
            break
    return Fit(
        partition.labels.astype(np.int64),
        partition.centres.copy(),
        partition.objective,
        partition.silhouette,
        partition.own,
        partition.other,
        partition.second,
    )


def cosine_silhouette(rows: Array, labels: Array, weights: Array | None = None) -> float:
    """Return the exact mean silhouette for cosine distance, in time linear in the rows.

    Equals ``sklearn.metrics.silhouette_score(rows, labels, metric="cosine")`` for unit rows: the
    mean distance of a row to a cluster is one minus its dot product with the cluster's sum over
    its size, so no pairwise distances are needed.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_dimensions)
        Unit rows.
    labels : ndarray of int, shape (n_rows,)
        0 to k - 1, none empty.
    weights : ndarray, optional
        How often each row counts.
    """
    weights = np.ones(len(rows), np.float32) if weights is None else weights
    partition = Partition(rows, weights, int(labels.max()) + 1)
    partition.take(labels)
    return partition.silhouette
