"""How well clusters follow the neighbourhoods of a sample of the rows."""

from __future__ import annotations

import numpy as np

from .bags import Array

__all__ = ["MOST_ROWS", "NeighbourGraph"]

MOST_ROWS = 3000
"""Of more rows a sample is looked at."""
_BLOCK = 512


class NeighbourGraph:
    """Each row of a sample and its nearest others, weighted by cosine.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows, at least two.
    rng : numpy.random.Generator
        Draws 3,000 of them, if there are more.
    n_neighbours : int
        Fewer, if there are not so many others.
    weights : ndarray, shape (n_rows,), optional
        How often each row counts.
    """

    def __init__(
        self,
        rows: Array,
        rng: np.random.Generator,
        n_neighbours: int = 5,
        weights: Array | None = None,
    ) -> None:
        n = len(rows)
        self.sample = np.arange(n)
        if n > MOST_ROWS:
            self.sample = np.sort(rng.choice(n, MOST_ROWS, replace=False))
        few = rows[self.sample]
        near = min(n_neighbours, len(few) - 1)
        others, similar = [], []
        for start in range(0, len(few), _BLOCK):
            cosines = few[start : start + _BLOCK] @ few.T
            inside = np.arange(len(cosines))
            cosines[inside, start + inside] = -np.inf
            nearest = np.argpartition(-cosines, near - 1, axis=1)[:, :near]
            others.append(nearest.ravel())
            similar.append(np.take_along_axis(cosines, nearest, axis=1).ravel())
        self._from = np.repeat(np.arange(len(few)), near)
        self._to = np.concatenate(others)
        self._weights = np.maximum(np.concatenate(similar), 0.0).astype(np.float64)
        if weights is not None:
            count = np.asarray(weights, dtype=np.float64)[self.sample]
            self._weights *= count[self._from] * count[self._to]

    def modularity(self, labels: Array, n_clusters: int) -> float:
        """Return Newman's modularity (2004) of clusters of all rows, resolution 1.

        The share of the edges' weight within clusters, less what chance would give; below 1.
        """
        total = float(self._weights.sum())
        if total <= 0.0:
            return 0.0
        own = labels[self.sample]
        begin, end = own[self._from], own[self._to]
        within = float(self._weights[begin == end].sum()) / total
        degrees = np.bincount(begin, self._weights, n_clusters)
        degrees += np.bincount(end, self._weights, n_clusters)
        return within - float(((degrees / (2.0 * total)) ** 2).sum())
