"""The documents of a sweep on a plane: one map, to be coloured by any of its fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from .bags import Array
from .corpus import Corpus
from .distinct import Rows
from .document_map import map_documents
from .writing import write_file

__all__ = ["write_map"]


def write_map(
    path: Path,
    corpus: Corpus,
    rows: Rows,
    labels: Array,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Place the documents, or a sample of them, and write where they are.

    Parameters
    ----------
    path : Path
        Where an array of float32 and shape (n_documents, 2) is written, NaN for documents that
        are not in the sample.
    corpus : Corpus
    rows : Rows
        What its entries became.
    labels : ndarray of int, shape (n_rows,)
        Clusters of the rows, of each of which some documents are to be in a sample.
    progress : callable
        Is told the share of the work that is done.
    """
    row_of = rows.row_of[np.array(corpus.entry_of)]
    # The same map at every attempt, whatever was drawn before.
    found = map_documents(rows.vectors, labels, row_of, np.random.default_rng(0), progress)
    places = np.full((len(row_of), 2), np.nan, np.float32)
    places[list(found.documents)] = np.array([found.x, found.y], np.float32).T
    write_file(path, lambda file: np.save(file, places, allow_pickle=False))
