"""Spherical k-means on weighted unit rows, with a report for every iteration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from .bags import Array
from .seeding import cluster_sums, known_and_new, seed_centres
from .word_vectors import unit_rows

__all__ = ["METHOD", "Fit", "cosine_silhouette", "spherical_kmeans"]

METHOD = "spherical k-means"
_BLOCK = 2048
_SEEDING_ROWS = 20_000
# A centre stays with what was labelled, though many more texts come to it that were not.
_FIXED_WEIGHT = 15.0
Report = Callable[[Mapping[str, float]], None]


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
    """

    labels: Array
    centres: Array
    objective: float
    silhouette: float
    own: Array
    other: Array


def spherical_kmeans(
    rows: Array,
    n_clusters: int,
    weights: Array,
    rng: np.random.Generator,
    *,
    fixed: Array | None = None,
    n_init: int = 4,
    max_iter: int = 100,
    tolerance: float = 1e-3,
    seeding: Callable[[float], None] = lambda share: None,
    report: Report = lambda metrics: None,
) -> Fit:
    """Cluster unit rows by cosine.

    A few short runs on a sample choose the seeds, then Lloyd's iterations over all rows follow.
    Of clusters that are known by fixed rows these rows' means are the seeds. As long as the
    centres move, a fixed row counts 15 times, also in what is reported.

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
    n_init : int
        Number of short runs.
    max_iter : int
    tolerance : float
        Ends when at most this share of the texts changed cluster.
    seeding : callable
        Is told the share of the seeding that is done.
    report : callable
        Is handed ``objective``, ``moved`` and ``silhouette`` after each iteration.

    Returns
    -------
    Fit
    """
    fixed = np.full(len(rows), -1) if fixed is None else fixed
    known = bool((fixed >= 0).any())
    weights = np.asarray(weights, dtype=np.float32)
    best, best_objective = np.zeros((0, 0), np.float32), -np.inf
    for run in range(n_init):
        part = _seeding_sample(fixed, n_clusters, rng)
        few, few_weights = rows[part], weights[part]
        seeds = seed_centres(few, n_clusters, few_weights, rng)
        seeding((run + 0.6) / n_init)
        if n_init > 1 or known:
            free = np.full(len(few), -1)
            short = _lloyd(few, seeds, few_weights, free, 5, tolerance, lambda metrics: None)
            seeding((run + 1) / n_init)
            if short.objective <= best_objective:
                continue
            best_objective = short.objective
            if known:
                seeds = known_and_new(few, few_weights, fixed[part], short.centres, rng)
        best = seeds
    if known:
        weights = np.where(fixed >= 0, np.float32(_FIXED_WEIGHT), np.float32(1.0)) * weights
    return _lloyd(rows, best, weights, fixed, max_iter, tolerance, report)


def _seeding_sample(fixed: Array, n_clusters: int, rng: np.random.Generator) -> Array:
    """Return which rows the seeds are chosen from: all, or some that leave no known cluster out."""
    limit = max(_SEEDING_ROWS, 10 * n_clusters)
    own, free = np.flatnonzero(fixed >= 0), np.flatnonzero(fixed < 0)
    if len(free) > limit:
        free = rng.choice(free, limit, replace=False)
    if len(own) > limit:
        _, first = np.unique(fixed[own], return_index=True)
        own = np.union1d(own[first], rng.choice(own, limit, replace=False))
    return np.sort(np.concatenate([own, free]))


def _lloyd(
    rows: Array,
    centres: Array,
    weights: Array,
    fixed: Array,
    max_iter: int,
    tolerance: float,
    report: Report,
) -> Fit:
    total = float(weights.sum())
    labels = np.full(len(rows), -1)
    scan = _scan(rows, centres, labels, weights)
    moved = 1.0
    for iteration in range(1, max_iter + 1):
        new = np.where(fixed >= 0, fixed, scan.nearest)
        _fill_empty(new, scan.best, len(centres), fixed)
        moved = float(weights[new != labels].sum()) / total
        labels = new
        sums = cluster_sums(rows, labels, weights, len(centres))
        scan = _scan(rows, unit_rows(sums), labels, weights, sums)
        report({"objective": scan.objective, "moved": moved, "silhouette": scan.silhouette})
        if moved <= tolerance and iteration > 1:
            break
    return Fit(labels, unit_rows(sums), scan.objective, scan.silhouette, scan.own, scan.other)


@dataclass(slots=True)
class _Scan:
    """What one pass over the rows' similarities to all centres yields."""

    nearest: Array
    best: Array
    own: Array
    other: Array
    objective: float = 0.0
    silhouette: float = 0.0


def _scan(
    rows: Array, centres: Array, labels: Array, weights: Array, sums: Array | None = None
) -> _Scan:
    n, k = len(rows), len(centres)
    scan = _Scan(
        np.zeros(n, np.int64), np.zeros(n, np.float32), np.zeros(n, np.float32),
        np.zeros(n, np.float32),
    )  # fmt: skip
    if sums is not None:
        sizes = np.bincount(labels, weights, k).astype(np.float32)
        norms = np.linalg.norm(sums, axis=1)
    silhouettes = np.zeros(n, np.float32)
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        similar = rows[start:stop] @ centres.T
        scan.nearest[start:stop] = similar.argmax(axis=1)
        inside = np.arange(stop - start)
        scan.best[start:stop] = similar[inside, scan.nearest[start:stop]]
        if sums is None:
            continue
        mine = labels[start:stop]
        own = similar[inside, mine]
        scan.own[start:stop] = own
        # The mean distance to a cluster is 1 minus the dot product with its sum over its size.
        size = sizes[mine]
        within = (size - own * norms[mine]) / np.maximum(size - 1.0, 1.0)
        if k > 1:
            apart = similar * (norms / sizes)[None, :]
            apart[inside, mine] = -np.inf
            between = 1.0 - apart.max(axis=1)
            similar[inside, mine] = -np.inf
            scan.other[start:stop] = similar.max(axis=1)
            larger = np.maximum(np.maximum(within, between), 1e-12)
            silhouettes[start:stop] = np.where(size > 1, (between - within) / larger, 0.0)
    if sums is not None:
        total = float(weights.sum())
        scan.objective = float(weights @ scan.own.astype(np.float64)) / total
        scan.silhouette = float(weights @ silhouettes.astype(np.float64)) / total
    return scan


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
    sums = cluster_sums(rows, labels, weights, int(labels.max()) + 1)
    return _scan(rows, unit_rows(sums), labels, weights, sums).silhouette


def _fill_empty(labels: Array, best: Array, k: int, fixed: Array) -> None:
    """Give each empty cluster the row that fits its own cluster worst."""
    sizes = np.bincount(labels, minlength=k)
    empty = np.flatnonzero(sizes == 0)
    if not len(empty):
        return
    candidates = iter(np.argsort(best, kind="stable"))
    for cluster in empty:
        for row in candidates:
            if fixed[row] < 0 and sizes[labels[row]] > 1:
                sizes[labels[row]] -= 1
                labels[row] = cluster
                sizes[cluster] = 1
                break
