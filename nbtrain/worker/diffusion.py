"""Rows drawn towards their nearest neighbours, so that groups tighten."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import scipy.sparse as sp

from .bags import Array
from .neighbours import NeighbourIndex
from .word_vectors import unit_rows

__all__ = ["Diffusion"]

_ANCHORS = 25_000
_NEIGHBOURS = 10
_STEPS = 3
_SHARE = np.float32(0.8)
_POWER = 4
_BLOCK = 4096


def _quiet(share: float) -> None:
    pass


class Diffusion:
    """Moves any row, also one of a new text, towards what lies near it.

    Smoothing over the graph of nearest neighbours, with restart (Zhou et al., NIPS 2003, on label
    spreading; Donoser and Bischof, CVPR 2013, on diffusion for retrieval). The rows learned from,
    the *anchors*, are smoothed in three steps: each becomes a fifth of itself and four fifths of
    the mean of its neighbours and itself, weighted by the fourth power of the cosine. Any row,
    anchor or not, then takes such a step towards its nearest smoothed anchors. So a text gets the
    same place in the training and when it comes as new, and the time is linear in the texts
    however many there are.

    Parameters
    ----------
    index : NeighbourIndex
        Of the anchors.
    smoothed : ndarray of float32, shape (n_anchors, n_dimensions)
        The anchors after smoothing, in the index's order.
    """

    def __init__(self, index: NeighbourIndex, smoothed: Array) -> None:
        self.index = index
        self.smoothed = smoothed

    @classmethod
    def fit(
        cls, rows: Array, rng: np.random.Generator, progress: Callable[[float], None] = _quiet
    ) -> Diffusion:
        """Learn from distinct unit rows, from a sample of 25,000 if there are more."""
        if len(rows) > _ANCHORS:
            rows = rows[np.sort(rng.choice(len(rows), _ANCHORS, replace=False))]
        # In the precision in which a model is kept, so that a loaded one tells the same.
        index = NeighbourIndex.of(_half(rows), rng)
        places, similar = index.search(index.rows, _reach(len(rows)) + 1, progress)
        directed = _graph(places, similar, len(rows))
        # What many call their neighbour, but calls few its own, counts less.
        both = sp.csr_matrix(directed + directed.T)
        sums = np.asarray(both.sum(axis=1)).ravel()
        both.data /= np.repeat(np.maximum(sums, 1e-9), np.diff(both.indptr)).astype(np.float32)
        smoothed = index.rows
        for _ in range(_STEPS):
            smoothed = unit_rows((1 - _SHARE) * index.rows + _SHARE * (both @ smoothed))
        return cls(index, _half(smoothed))

    def near(self, rows: Array, progress: Callable[[float], None] = _quiet) -> tuple[Array, Array]:
        """Find the anchors near rows, as :meth:`NeighbourIndex.search` returns them."""
        return self.index.search(rows, _reach(len(self.smoothed)) + 1, progress)

    def apply(
        self,
        rows: Array,
        progress: Callable[[float], None] = _quiet,
        near: tuple[Array, Array] | None = None,
    ) -> Array:
        """Return the diffused rows, of unit length, shape (n_rows, n_dimensions).

        ``near`` is what :meth:`near` returned for these rows, if that was asked already.
        """
        n_anchors = len(self.smoothed)
        places, similar = self.near(rows, progress) if near is None else near
        result = np.empty_like(rows)
        for start in range(0, len(rows), _BLOCK):
            part = slice(start, start + _BLOCK)
            towards = _graph(places[part], similar[part], n_anchors) @ self.smoothed
            result[part] = unit_rows((1 - _SHARE) * rows[part] + _SHARE * unit_rows(towards))
        return result

    def state(self) -> dict[str, Array]:
        """Return the arrays that are to be kept."""
        return self.index.state() | {"smoothed": self.smoothed.astype(np.float16)}

    @classmethod
    def from_state(cls, arrays: Mapping[str, Array]) -> Diffusion | None:
        """Restore what :meth:`state` returned; None if there was none."""
        if "smoothed" not in arrays:
            return None
        return cls(NeighbourIndex.from_state(arrays), arrays["smoothed"].astype(np.float32))


def _reach(n_anchors: int) -> int:
    """Return how many neighbours: of a few texts few, or all would run into one."""
    return min(max(n_anchors // 15, 1), _NEIGHBOURS, n_anchors - 1)


def _graph(places: Array, similar: Array, n_anchors: int) -> sp.csr_matrix:
    """Return weights, shape (n_rows, n_anchors)."""
    n_rows, reach = places.shape
    weights = np.maximum(similar, 0.0) ** _POWER
    ends = np.arange(0, n_rows * reach + 1, reach)
    return sp.csr_matrix((weights.ravel(), places.ravel(), ends), (n_rows, n_anchors))


def _half(rows: Array) -> Array:
    return np.asarray(rows.astype(np.float16), dtype=np.float32)
