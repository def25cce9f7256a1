"""How many clusters: the elbow of the objective over the logarithm of their number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .clustering import spherical_kmeans
from .features import Array

__all__ = ["choose_n_clusters", "elbow"]

_SAMPLE = 6000
_LARGEST = 300


def choose_n_clusters(
    rows: Array,
    weights: Array,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
) -> int:
    """Choose the number of clusters for unit rows.

    Short fits on a sample for a coarse, then a finer grid of k, from 2 to an eighth of the rows.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
    weights : ndarray, shape (n_rows,)
    rng : numpy.random.Generator
    progress : callable
        Is told the share of the work that is done.
    """
    if len(rows) <= 3:
        return min(2, len(rows))
    if len(rows) > _SAMPLE:
        chosen = np.sort(rng.choice(len(rows), _SAMPLE, replace=False))
        rows, weights = rows[chosen], weights[chosen]
    largest = int(min(max(len(rows) / 8, min(8, len(rows) - 1)), _LARGEST))
    grid = sorted({round(k) for k in np.geomspace(2, largest, 14)})
    objectives: dict[int, float] = {}

    def measure(ks: list[int], begin: float, end: float) -> None:
        cost = np.cumsum([k + 20.0 for k in ks])
        for k, spent in zip(ks, cost, strict=True):
            if k not in objectives:
                fit = spherical_kmeans(rows, k, weights, rng, n_init=1, max_iter=8)
                objectives[k] = fit.objective
            progress(begin + (end - begin) * float(spent / cost[-1]))

    measure(grid, 0.0, 0.75)
    place = grid.index(elbow(grid, [objectives[k] for k in grid]))
    low, high = grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)]
    measure(sorted({round(k) for k in np.geomspace(low, high, 7)}), 0.75, 1.0)
    ks = sorted(objectives)
    return elbow(ks, [objectives[k] for k in ks])


def elbow(ks: list[int], values: list[float]) -> int:
    """Return the k whose value lies farthest above the chord of the curve over log k.

    The rule of Satopää et al. (2011), "Finding a kneedle in a haystack", for a rising concave
    curve.

    Examples
    --------
    >>> elbow([2, 4, 8, 16, 32], [0.1, 0.5, 0.9, 0.92, 0.94])
    8
    """
    if len(ks) < 3:
        return ks[-1] if len(ks) == 1 else ks[0]
    x = np.log(np.asarray(ks, float))
    y = np.maximum.accumulate(np.asarray(values, float))
    x = (x - x[0]) / (x[-1] - x[0])
    y = (y - y[0]) / max(y[-1] - y[0], 1e-12)
    return ks[int(np.argmax(y - x))]
