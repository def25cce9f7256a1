"""Which labelled texts are learned from, and which tell how good the model is."""

from __future__ import annotations

from math import ceil

import numpy as np

from .bags import Array

__all__ = ["held_out_size", "hold_out"]


def held_out_size(n: int, train_share: float) -> int:
    """Return how many of a label's texts are held out: the share rounded up, one stays.

    As Einstein Language does: 150 texts of 5 labels, 26, 44, 24, 30 and 26, left 32 at 0.8.

    Examples
    --------
    >>> sum(held_out_size(n, 0.8) for n in (26, 44, 24, 30, 26)), held_out_size(1, 0.8)
    (32, 0)
    """
    # 1 - 0.7 is a little more than 0.3; rounding keeps ten texts at three.
    return min(ceil(round((1.0 - train_share) * n, 9)), n - 1)


def hold_out(labels: Array, alike: Array, train_share: float, rng: np.random.Generator) -> Array:
    """Choose the texts to be held out, label by label.

    Parameters
    ----------
    labels : ndarray of int, shape (n_rows,)
    alike : ndarray of int, shape (n_rows,)
        Rows of the same number differ in case or white space only. Such rows stay together, but
        for at most one group of a label, so that the test is no memory test.
    train_share : float
        Between 0 and 1.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of bool, shape (n_rows,)

    Examples
    --------
    >>> labels = np.repeat([0, 1, 2], [30, 4, 1])
    >>> held = hold_out(labels, np.arange(35), 0.8, np.random.default_rng(0))
    >>> [int(part.sum()) for part in np.split(held, [30, 34])]
    [6, 1, 0]
    """
    held = np.zeros(len(labels), dtype=bool)
    drawn = rng.permutation(int(alike.max()) + 1)[alike]
    for label in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == label)
        rows = rows[np.argsort(drawn[rows], kind="stable")]
        held[rows[: held_out_size(len(rows), train_share)]] = True
    return held
