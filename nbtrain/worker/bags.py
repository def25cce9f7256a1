"""Which text holds which words, sub-words and pairs of words: sparse binary rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp

from .words import Language

__all__ = ["Array", "Bag", "bag_of_pairs", "bag_of_words", "binary_rows"]

Array = np.ndarray[Any, Any]

_WINDOW = 60


class Bag:
    """The units (words, sub-words or pairs of words) of windows, and which text each window is of.

    A window is a passage, or a piece of a long one: what shares a window is near each other.

    Parameters
    ----------
    names : sequence of str
        The units.
    windows : csr_matrix of shape (n_windows, n_units)
        1 where a window holds a unit.
    text_of : ndarray of int, shape (n_windows,)
        The text that a window is of.
    n_texts : int
    """

    def __init__(
        self, names: Sequence[str], windows: sp.csr_matrix, text_of: Array, n_texts: int
    ) -> None:
        self.names = names
        self.windows = windows
        self.text_of = text_of
        self.n_texts = n_texts

    def texts(self) -> sp.csr_matrix:
        """Return which text holds which unit, shape (n_texts, n_units)."""
        n_windows = len(self.text_of)
        ones = np.ones(n_windows, np.float32)
        shape = (self.n_texts, n_windows)
        member = sp.csr_matrix((ones, (self.text_of, np.arange(n_windows))), shape)
        return _binary(member @ self.windows)

    def take(self, windows: Array) -> Bag:
        """Return the bag of some of the windows."""
        return Bag(self.names, self.windows[windows], self.text_of[windows], self.n_texts)

    def subwords(self) -> Bag:
        """Return the same of words' character 3- to 5-grams and the words themselves.

        Each distinct word is cut once; a product with the words' rows does the texts.
        """
        vocabulary: dict[str, int] = {}
        cuts = binary_rows((_subwords(word) for word in self.names), vocabulary)
        return Bag(list(vocabulary), _binary(self.windows @ cuts), self.text_of, self.n_texts)

    def columns(self, vocabulary: dict[str, int]) -> Bag:
        """Return the bag with the columns of a vocabulary; what is not in it is left out."""
        known = [place for place, name in enumerate(self.names) if name in vocabulary]
        places = [vocabulary[self.names[place]] for place in known]
        shape = (len(self.names), len(vocabulary))
        choose = sp.csr_matrix((np.ones(len(known), np.float32), (known, places)), shape)
        windows = sp.csr_matrix(self.windows @ choose)
        return Bag(list(vocabulary), windows, self.text_of, self.n_texts)


def bag_of_words(texts: Sequence[Sequence[str]], language: Language) -> Bag:
    """Split texts, each a sequence of passages, into windows of words."""
    return _bag(texts, language, lambda words: words)


def bag_of_pairs(texts: Sequence[Sequence[str]], language: Language) -> Bag:
    """Return which pairs of neighbouring words the same windows hold.

    Examples
    --------
    >>> bag_of_pairs([("how to top up",)], Language("en-US")).names
    ['how to', 'to top', 'top up']
    """
    return _bag(texts, language, lambda words: [f"{one} {two}" for one, two in pairwise(words)])


def _bag(
    texts: Sequence[Sequence[str]], language: Language, units: Callable[[list[str]], list[str]]
) -> Bag:
    vocabulary: dict[str, int] = {}
    text_of: list[int] = []

    def windows() -> Iterable[list[str]]:
        for number, passages in enumerate(texts):
            for passage in passages:
                words = language.words(passage)
                for start in range(0, len(words), _WINDOW):
                    text_of.append(number)
                    yield units(words[start : start + _WINDOW])

    matrix = binary_rows(windows(), vocabulary)
    return Bag(list(vocabulary), matrix, np.array(text_of, dtype=np.int64), len(texts))


def binary_rows(rows: Iterable[Iterable[str]], vocabulary: dict[str, int]) -> sp.csr_matrix:
    """Return which row holds which unit; the vocabulary takes in what is new to it."""
    indices: list[int] = []
    ends = [0]
    for row in rows:
        # A dict keeps the order; a set's differs from process to process.
        indices.extend(vocabulary.setdefault(unit, len(vocabulary)) for unit in dict.fromkeys(row))
        ends.append(len(indices))
    ones = np.ones(len(indices), np.float32)
    return sp.csr_matrix((ones, indices, ends), (len(ends) - 1, len(vocabulary)))


def _binary(matrix: sp.csr_matrix) -> sp.csr_matrix:
    matrix = sp.csr_matrix(matrix)
    matrix.data[:] = 1.0
    matrix.sort_indices()
    return matrix


def _subwords(word: str) -> list[str]:
    padded = f"<{word}>"
    grams = [padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)]
    return [padded, *grams]
