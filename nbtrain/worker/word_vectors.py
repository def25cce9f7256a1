"""A vector for every unit, from which units share windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from .bags import Array

__all__ = ["unit_rows", "word_vectors"]

_BLOCK = 500
_ROUNDS = 3


def unit_rows(rows: Array) -> Array:
    """Scale rows to unit length; rows of zeros stay."""
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return np.asarray(rows / np.maximum(norms, 1e-12)[:, None], dtype=np.float32)


def word_vectors(
    windows: sp.csr_matrix,
    dimensions: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
) -> Array:
    """Return unit vectors by smoothed positive pointwise mutual information and truncated SVD.

    Levy, Goldberg and Dagan (TACL 2015) show how near this comes to word2vec, and where the
    smoothing exponent of 0.75 is from.

    Parameters
    ----------
    windows : csr_matrix of shape (n_windows, n_units)
        Binary.
    dimensions : int
        At most; never more than there are units.
    rng : numpy.random.Generator
    progress : callable
        Is told the share of the work that is done.

    Returns
    -------
    ndarray of shape (n_units, dimensions), float32
    """
    n_units = windows.shape[1]
    transposed = sp.csr_matrix(windows.T)
    starts = range(0, n_units, _BLOCK)
    # Dense, filled and turned into PPMI in blocks of rows: sparse it would take more memory.
    matrix = np.zeros((n_units, n_units), np.float32)
    for start in starts:
        matrix[start : start + _BLOCK] = (transposed[start : start + _BLOCK] @ windows).toarray()
        progress(0.5 * start / n_units)
    totals = matrix.sum(axis=1)
    smoothed = totals**0.75
    smoothed /= max(float(smoothed.sum()), 1e-12)
    for start in starts:
        block = matrix[start : start + _BLOCK]
        block /= np.maximum(totals[start : start + _BLOCK, None] * smoothed[None, :], 1e-12)
        # Pairs that share nothing become log 1 = 0, as negative values do.
        np.maximum(block, 1.0, out=block)
        np.log(block, out=block)
        progress(0.5 + 0.15 * start / n_units)
    left, values = _truncated_svd(
        matrix, min(dimensions, n_units), rng, lambda share: progress(0.65 + 0.35 * share)
    )
    return unit_rows(left * np.sqrt(values))


def _truncated_svd(
    matrix: Array, rank: int, rng: np.random.Generator, progress: Callable[[float], None]
) -> tuple[Array, Array]:
    """Randomised range finder (Halko, Martinsson and Tropp, SIAM Review 2011)."""
    wide = min(rank + 10, len(matrix))
    basis = rng.standard_normal((len(matrix), wide)).astype(np.float32)
    basis = np.linalg.qr(matrix @ basis)[0]
    for done in range(_ROUNDS):
        basis = np.linalg.qr(matrix.T @ basis)[0]
        basis = np.linalg.qr(matrix @ basis)[0]
        progress((done + 1) / (_ROUNDS + 1))
    left, values, _ = np.linalg.svd(basis.T @ matrix, full_matrices=False)
    return (basis @ left)[:, :rank], values[:rank]
