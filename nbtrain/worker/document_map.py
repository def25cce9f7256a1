"""The documents of a clustering on a plane, or a sample of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..results import DocumentMap
from .bags import Array
from .layout import layout, stratified_sample

__all__ = ["map_documents"]

_MOST = 5000
_SIDE = 100.0


def map_documents(
    rows: Array,
    labels: Array,
    row_of: Array,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
    most: int = _MOST,
) -> DocumentMap:
    """Place documents on a plane.

    The labels say only which documents are in the sample where there are too many for all: where
    one lies is up to the rows alone.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    labels : ndarray of int, shape (n_rows,)
        The cluster of each row.
    row_of : ndarray of int, shape (n_documents,)
        The row of each document.
    rng : numpy.random.Generator
    progress : callable
        Is told the share of the work that is done.
    most : int
        Documents that are placed at most. Of a sample each has a row of its own.

    Examples
    --------
    >>> rows = np.eye(3, dtype=np.float32)
    >>> found = map_documents(rows, np.arange(3), np.array([2, 0, 2]), np.random.default_rng(0))
    >>> found.documents, found.x[0] == found.x[2] != found.x[1]
    ((0, 1, 2), True)
    """
    # Rows that labelled texts alone became have no document.
    known, first = np.unique(row_of, return_index=True)
    chosen = known[stratified_sample(labels[known], most, rng)]
    places = layout(rows[chosen], rng, progress)
    places -= places.min(axis=0)
    places *= _SIDE / max(float(places.max(initial=0.0)), 1e-12)
    documents = (
        np.arange(len(row_of)) if len(row_of) <= most else np.sort(first[_at(known, chosen)])
    )
    x, y = places[_at(chosen, row_of[documents])].round(2).T.tolist()
    return DocumentMap(tuple(documents.tolist()), tuple(x), tuple(y))


def _at(values: Array, wanted: Array) -> Array:
    """Return the places of values that are known to be there, in a rising array."""
    return np.searchsorted(values, wanted)
