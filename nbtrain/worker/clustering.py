"""Spherical k-means on weighted unit rows, with a report for every iteration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .features import Array, unit_rows

__all__ = ["Fit", "cosine_silhouette", "spherical_kmeans"]

_BLOCK = 2048
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
    report: Report = lambda metrics: None,
) -> Fit:
    """Cluster unit rows by cosine.

    Greedy D² seeding (Arthur and Vassilvitskii 2007, with several candidates a step), a few short
    runs to choose the seeds, then Lloyd's iterations over all rows from the best seeds.

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
        The cluster that a row must keep, or -1. Clusters that are named here must be the first.
    n_init : int
        Number of short runs.
    max_iter : int
    tolerance : float
        Ends when less than this share of the texts changed cluster.
    report : callable
        Is handed ``objective``, ``moved`` and ``silhouette`` after each iteration.

    Returns
    -------
    Fit
    """
    fixed = np.full(len(rows), -1) if fixed is None else fixed
    weights = np.asarray(weights, dtype=np.float32)
    best: Array | None = None
    best_objective = -np.inf
    for _ in range(n_init):
        seeds = _seed(rows, n_clusters, weights, fixed, rng)
        if n_init == 1:
            best = seeds
            break
        short = _lloyd(rows, seeds, weights, fixed, 5, tolerance, lambda metrics: None)
        if short.objective > best_objective:
            best, best_objective = seeds, short.objective
    assert best is not None
    return _lloyd(rows, best, weights, fixed, max_iter, tolerance, report)


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
        sums = _sums(rows, labels, weights, len(centres))
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
    sums = _sums(rows, labels, weights, int(labels.max()) + 1)
    return _scan(rows, unit_rows(sums), labels, weights, sums).silhouette


def _sums(rows: Array, labels: Array, weights: Array, k: int) -> Array:
    member = sp.csr_matrix((weights, (labels, np.arange(len(rows)))), (k, len(rows)))
    return np.asarray(member @ rows, dtype=np.float32)


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


def _seed(rows: Array, k: int, weights: Array, fixed: Array, rng: np.random.Generator) -> Array:
    known = int(fixed.max()) + 1
    centres = np.zeros((k, rows.shape[1]), np.float32)
    distance = np.ones(len(rows), np.float32)
    if known:
        own = fixed >= 0
        centres[:known] = unit_rows(_sums(rows[own], fixed[own], weights[own], known))
        for start in range(0, len(rows), _BLOCK):
            near = (rows[start : start + _BLOCK] @ centres[:known].T).max(axis=1)
            distance[start : start + _BLOCK] = np.maximum(1.0 - near, 0.0)
        distance[own] = 0.0
    tries = 2 + int(np.log(k)) if k > 1 else 1
    for cluster in range(known, k):
        mass = np.cumsum((weights * distance).astype(np.float64))
        if cluster == 0:
            candidates = rng.choice(len(rows), 1, p=weights / weights.sum(dtype=np.float64))
        elif mass[-1] > 0:
            candidates = np.searchsorted(mass, rng.random(tries) * mass[-1], side="right")
            candidates = np.minimum(candidates, len(rows) - 1)
        else:
            candidates = rng.integers(len(rows), size=1)
        apart = np.maximum(1.0 - rows[candidates] @ rows.T, 0.0)
        np.minimum(apart, distance[None, :], out=apart)
        chosen = int((apart @ weights).argmin())
        distance = apart[chosen]
        distance[candidates[chosen]] = 0.0
        centres[cluster] = rows[candidates[chosen]]
    return centres
