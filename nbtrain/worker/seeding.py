"""Where k-means begins."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from .bags import Array
from .word_vectors import unit_rows

__all__ = ["cluster_sums", "known_and_new", "raised", "seed_centres"]

_JUDGES = 6000
# A centre stays with what was labelled, though many more texts come to it that were not.
_FIXED_WEIGHT = 15.0


def cluster_sums(rows: Array, labels: Array, weights: Array, n_clusters: int) -> Array:
    """Return the weighted sum of each cluster's rows, shape (n_clusters, n_dimensions)."""
    shape = (n_clusters, len(rows))
    member = sp.csr_matrix((weights, (labels, np.arange(len(rows)))), shape)
    return np.asarray(member @ rows, dtype=np.float32)


def raised(weights: Array, fixed: Array) -> Array:
    """Return the rows' weights, 15 times as high where a row is fixed."""
    return np.where(fixed >= 0, np.float32(_FIXED_WEIGHT), np.float32(1.0)) * weights


def seed_centres(rows: Array, n_clusters: int, weights: Array, rng: np.random.Generator) -> Array:
    """Choose centres among the rows, each far from those before it.

    Greedy k-means++ (Arthur and Vassilvitskii 2007): of a few candidates, drawn by their distance
    to the nearest centre, the one that lowers the sum of distances most.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    n_clusters : int
    weights : ndarray of float32, shape (n_rows,)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (n_clusters, n_dimensions)
        Unit rows.
    """
    centres = np.zeros((n_clusters, rows.shape[1]), np.float32)
    # Cosine distance is half the squared Euclidean one between unit rows.
    distance = np.ones(len(rows), np.float32)
    # A product with few candidates takes half the time if the rows lie transposed.
    columns = np.ascontiguousarray(rows.T)
    tries = 2 + int(np.log(n_clusters))
    for cluster in range(n_clusters):
        mass = np.cumsum((weights * distance).astype(np.float64))
        if cluster == 0 or mass[-1] <= 0:
            candidates = rng.integers(len(rows), size=1)
        else:
            candidates = np.searchsorted(mass, rng.random(tries) * mass[-1], side="right")
            candidates = np.minimum(candidates, len(rows) - 1)
        apart = np.maximum(1.0 - rows[candidates] @ columns, 0.0)
        np.minimum(apart, distance, out=apart)
        chosen = int((apart @ weights).argmin())
        distance = apart[chosen]
        distance[candidates[chosen]] = 0.0
        centres[cluster] = rows[candidates[chosen]]
    return centres


def known_and_new(
    rows: Array, weights: Array, fixed: Array, found: Array, rng: np.random.Generator
) -> Array:
    """Choose centres for known clusters, and for new ones beside them.

    A known cluster begins where its rows are. Of the centres that were found without a look at
    what is known, those are taken as new, one by one, that lower the sum of distances most; so a
    cluster that is known already is not begun a second time.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    weights : ndarray of float32, shape (n_rows,)
    fixed : ndarray of int, shape (n_rows,)
        The known cluster of a row, or -1.
    found : ndarray of float32, shape (n_clusters, n_dimensions)
        Unit rows; as many as there are to be clusters.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (n_clusters, n_dimensions)
        Unit rows, those of the known clusters first.
    """
    own = np.flatnonzero(fixed >= 0)
    n_known = int(fixed.max()) + 1
    known = unit_rows(cluster_sums(rows[own], fixed[own], weights[own], n_known))
    if len(rows) > _JUDGES:
        chosen = rng.choice(len(rows), _JUDGES, replace=False)
        rows, weights = rows[chosen], weights[chosen]
    nearest = (known @ rows.T).max(axis=0)
    similar = found @ rows.T
    left = list(range(len(found)))
    new = []
    for _ in range(len(found) - n_known):
        gains = np.maximum(similar[left] - nearest, 0.0) @ weights
        best = left.pop(int(gains.argmax()))
        new.append(best)
        np.maximum(nearest, similar[best], out=nearest)
    return np.vstack([known, found[new]])
