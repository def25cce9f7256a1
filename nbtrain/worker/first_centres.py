"""Where a training begins that was chosen from a sweep: at the clusters of the fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..protocols.sweep_job import FIRST_FILE
from .bags import Array
from .corpus import Corpus
from .distinct import Rows
from .seeding import cluster_sums
from .word_vectors import unit_rows

__all__ = ["first_centres"]


def first_centres(folder: Path, corpus: Corpus, rows: Rows, n_clusters: int) -> Array | None:
    """Return the centres of the fit whose labels lie in the folder of a training.

    Parameters
    ----------
    folder : Path
    corpus : Corpus
    rows : Rows
        What its entries became.
    n_clusters : int

    Returns
    -------
    ndarray of float32, shape (n_clusters, n_dimensions), or None
        None if there are no labels, they don't fit, or intents are to keep clusters of their own.
    """
    path = folder / FIRST_FILE
    if corpus.intents or not path.exists():
        return None
    told = np.load(path, allow_pickle=False)
    labels = np.full(len(rows.vectors), -1, np.int64)
    if len(told) == len(corpus.entry_of):
        labels[rows.row_of[np.array(corpus.entry_of)]] = told
    if labels.min() < 0 or len(np.unique(labels)) != n_clusters or labels.max() >= n_clusters:
        return None
    sums = cluster_sums(rows.vectors, labels, rows.weights, n_clusters)
    return np.asarray(unit_rows(sums), dtype=np.float32)
