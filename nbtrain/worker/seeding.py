"""Where k-means begins."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from .bags import Array
from .word_vectors import unit_rows

__all__ = ["cluster_sums", "seed_centres"]

_BLOCK = 2048


def cluster_sums(rows: Array, labels: Array, weights: Array, n_clusters: int) -> Array:
    """Return the weighted sum of each cluster's rows, shape (n_clusters, n_dimensions)."""
    shape = (n_clusters, len(rows))
    member = sp.csr_matrix((weights, (labels, np.arange(len(rows)))), shape)
    return np.asarray(member @ rows, dtype=np.float32)


def seed_centres(
    rows: Array, n_clusters: int, weights: Array, fixed: Array, rng: np.random.Generator
) -> Array:
    """Choose centres among the rows, each far from those before it.

    Greedy k-means++ (Arthur and Vassilvitskii 2007): of a few candidates, drawn by their distance
    to the nearest centre, the one that lowers the sum of distances most. Rows with a fixed cluster
    give the first centres.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    n_clusters : int
    weights : ndarray of float32, shape (n_rows,)
    fixed : ndarray of int, shape (n_rows,)
        The cluster that a row must keep, or -1.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (n_clusters, n_dimensions)
        Unit rows.
    """
    known = int(fixed.max()) + 1
    centres = np.zeros((n_clusters, rows.shape[1]), np.float32)
    # Cosine distance is half the squared Euclidean one between unit rows.
    distance = np.ones(len(rows), np.float32)
    if known:
        own = fixed >= 0
        centres[:known] = unit_rows(cluster_sums(rows[own], fixed[own], weights[own], known))
        for start in range(0, len(rows), _BLOCK):
            near = (rows[start : start + _BLOCK] @ centres[:known].T).max(axis=1)
            distance[start : start + _BLOCK] = np.maximum(1.0 - near, 0.0)
        distance[own] = 0.0
    tries = 2 + int(np.log(n_clusters))
    for cluster in range(known, n_clusters):
        mass = np.cumsum((weights * distance).astype(np.float64))
        if cluster == 0 or mass[-1] <= 0:
            candidates = rng.integers(len(rows), size=1)
        else:
            candidates = np.searchsorted(mass, rng.random(tries) * mass[-1], side="right")
            candidates = np.minimum(candidates, len(rows) - 1)
        apart = np.maximum(1.0 - rows[candidates] @ rows.T, 0.0)
        np.minimum(apart, distance, out=apart)
        chosen = int((apart @ weights).argmin())
        distance = apart[chosen]
        distance[candidates[chosen]] = 0.0
        centres[cluster] = rows[candidates[chosen]]
    return centres
