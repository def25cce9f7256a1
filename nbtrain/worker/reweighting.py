"""How much each word tells: by what the clusters are among the texts that hold it."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from .bags import Array

__all__ = ["divergences"]

_PSEUDO_COUNTS = 2.0


def divergences(holds: sp.csr_matrix, labels: Array, n_clusters: int) -> Array:
    """Return what each unit tells about the cluster of a text, in nats.

    The Kullback-Leibler divergence of the clusters of the texts that hold the unit from the
    clusters of all texts, smoothed with two pseudo-counts: what occurs once tells little. A
    greeting occurs in all clusters alike and tells nothing, in any language.

    Parameters
    ----------
    holds : csr_matrix of shape (n_texts, n_units)
        Binary: which text holds which unit.
    labels : ndarray of int, shape (n_texts,)
    n_clusters : int

    Returns
    -------
    ndarray of float32, shape (n_units,)
        0 or more.

    Examples
    --------
    >>> holds = sp.csr_matrix(np.array([[1, 1], [1, 1], [1, 0], [1, 0]]))
    >>> [f"{told:.2f}" for told in divergences(holds, np.array([0, 0, 1, 1]), 2)]
    ['0.00', '0.13']
    """
    n_texts = holds.shape[0]
    ones = np.ones(n_texts, np.float32)
    member = sp.csr_matrix((ones, (labels, np.arange(n_texts))), (n_clusters, n_texts))
    counts = np.asarray((member @ holds).toarray(), dtype=np.float64)
    sizes = np.maximum(np.bincount(labels, minlength=n_clusters) / n_texts, 1e-12)[:, None]
    given = (counts + _PSEUDO_COUNTS * sizes) / (counts.sum(axis=0) + _PSEUDO_COUNTS)
    told = (given * np.log(given / sizes)).sum(axis=0)
    return np.asarray(np.maximum(told, 0.0), dtype=np.float32)
