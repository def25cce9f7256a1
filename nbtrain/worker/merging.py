"""Which clusters to merge when there are too many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .bags import Array

__all__ = ["PRICES", "Price", "cheapest", "ward"]

Price = Callable[[Array, Array, Array, Array], Array]
"""From sums and sizes of clusters, and two arrays that name pairs: what merging each costs."""


def ward(sums: Array, sizes: Array, first: Array, second: Array) -> Array:
    """Return what the objective loses (Ward's criterion, for cosines): clusters grow alike."""
    norms = np.linalg.norm(sums, axis=1)
    together = norms[first] ** 2 + norms[second] ** 2 + 2.0 * (sums @ sums.T)[first, second]
    return np.asarray(norms[first] + norms[second] - np.sqrt(np.maximum(together, 0.0)))


def average_link(sums: Array, sizes: Array, first: Array, second: Array) -> Array:
    """Return the mean distance between the rows of two clusters: some grow large, some stay small.

    The mean cosine of unit rows of two clusters is the product of the clusters' means.
    """
    means = sums / sizes[:, None]
    return np.asarray(1.0 - (means @ means.T)[first, second])


def between(sums: Array, sizes: Array, first: Array, second: Array) -> Array:
    """Return a price between the two: mean distance by the fourth root of the size."""
    size = sizes[first] * sizes[second] / (sizes[first] + sizes[second])
    link = np.maximum(average_link(sums, sizes, first, second), 0.0)
    return np.asarray(link * size**0.25)


PRICES: tuple[Price, ...] = (ward, between, average_link)


def cheapest(sums: Array, sizes: Array, count: int, price: Price = ward) -> list[int]:
    """Choose clusters to dissolve: of the pairs that are cheapest to merge, the smaller one each.

    Parameters
    ----------
    sums : ndarray, shape (n_clusters, n_dimensions)
        Of each cluster's unit rows.
    sizes : ndarray, shape (n_clusters,)
    count : int
        How many at most; no two are from one pair.
    price : callable

    Examples
    --------
    >>> sums = np.array([[4.0, 0.0], [0.0, 3.0], [0.1, 1.0]])
    >>> cheapest(sums, np.array([4.0, 3.0, 1.1]), 1)
    [2]
    """
    norms = np.linalg.norm(sums, axis=1)
    first, second = np.triu_indices(len(sums), 1)
    prices = price(sums, sizes, first, second)
    used: set[int] = set()
    chosen: list[int] = []
    for pair in np.argsort(prices, kind="stable").tolist():
        a, b = int(first[pair]), int(second[pair])
        if a in used or b in used:
            continue
        used |= {a, b}
        chosen.append(b if norms[b] < norms[a] else a)
        if len(chosen) == count:
            break
    return chosen
