"""Entries -> distinct rows: what has the same vector gets the same cluster, in any order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np

from .bags import Array
from .corpus import Corpus

__all__ = ["Rows", "distinct_rows", "enough", "in_one_order", "intent_numbers", "rows_of"]


@dataclass(slots=True)
class Rows:
    """What is clustered.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    weights : ndarray of float32, shape (n_rows,)
        How many documents and labelled texts a row stands for.
    fixed : ndarray of int, shape (n_rows,)
        The number of the intent that a row is labelled with, or -1.
    row_of : ndarray of int, shape (n_entries,)
        The row of each entry of the corpus.
    n_free : int
        How many unlabelled rows there are if entries are merged, be they or not.
    """

    vectors: Array
    weights: Array
    fixed: Array
    row_of: Array
    n_free: int


def distinct_rows(vectors: Array, corpus: Corpus, n_clusters: int) -> Rows:
    """Merge entries that have the same vector and label.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n_entries, n_dimensions)
    corpus : Corpus
    n_clusters : int
        Where merging would leave fewer rows than these need, nothing is merged: then texts that
        differ only in the order of their words, or in marks, may part.
    """
    fixed = intent_numbers(corpus)
    row: dict[tuple[bytes, int], int] = {}
    # A hash in the vector's place: of a million texts the vectors' bytes would fill a gigabyte.
    hashes = (blake2b(vector.tobytes(), digest_size=16).digest() for vector in vectors)
    keys = zip(hashes, fixed.tolist(), strict=True)
    row_of = np.array([row.setdefault(key, len(row)) for key in keys])
    n_free = sum(label < 0 for _, label in row)
    if not enough(n_free, corpus, n_clusters):
        row_of = np.arange(len(vectors))
    _, first = np.unique(row_of, return_index=True)
    return rows_of(vectors[first], row_of, corpus, n_free)


def enough(n_free: int, corpus: Corpus, n_clusters: int) -> bool:
    """Say whether so many unlabelled rows will do for a number of clusters."""
    return n_free >= n_clusters - len(corpus.intents)


def rows_of(vectors: Array, row_of: Array, corpus: Corpus, n_free: int) -> Rows:
    """Return rows, given the vectors of each and the row of each entry."""
    _, first = np.unique(row_of, return_index=True)
    counts = [entry.weight for entry in corpus.entries]
    weights = np.bincount(row_of, counts).astype(np.float32)
    return Rows(vectors, weights, intent_numbers(corpus)[first], row_of, n_free)


def intent_numbers(corpus: Corpus) -> Array:
    """Return the number of the intent that each entry is labelled with, or -1."""
    number = {name: place for place, name in enumerate(corpus.intents)}
    return np.array([number.get(entry.intent or "", -1) for entry in corpus.entries], np.int64)


def in_one_order(corpus: Corpus) -> Corpus:
    """Return the same documents with entries and intents in an order that the file's isn't.

    Random draws are made by place, and sums depend on their order; so the order of the documents
    in a file changes nothing but the order of the labels.
    """
    entries = corpus.entries
    order = sorted(
        range(len(entries)),
        key=lambda place: (entries[place].passages, entries[place].intent or ""),
    )
    rank = np.argsort(order).tolist()
    return replace(
        corpus,
        entries=[entries[place] for place in order],
        entry_of=[rank[place] for place in corpus.entry_of],
        intents=sorted(corpus.intents),
    )
