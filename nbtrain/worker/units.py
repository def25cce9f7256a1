"""One kind of unit, words, sub-words or pairs of words: a vector and a weight for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .bags import Array, Bag
from .word_vectors import unit_rows, word_vectors

__all__ = ["Held", "Units"]

Progress = Callable[[float], None]

_MAX_UNITS = 5000
_LEAST = 0.01


class Held(NamedTuple):
    """What texts hold of one kind of unit.

    Parameters
    ----------
    units : csr_matrix of shape (n_texts, n_units)
        Binary: which text holds which unit of the vocabulary.
    shares : ndarray of float32, shape (n_texts,)
        How much is known of each text's units, 0 to 1.
    """

    units: sp.csr_matrix
    shares: Array


class Units:
    """One kind of unit: its vocabulary, vectors and weights.

    Parameters
    ----------
    length : float
        Of a text's mean.
    doubt : float, optional
        The mean of a text is the shorter the less is known of its units: what ``f`` texts of the
        corpus hold is known to the share ``(f - 1) / (f - 1 + doubt)``, any other unit to none.
        That is the factor by which credibility theory (Bühlmann and Gisler 2005, chapter 3)
        trusts few observations. Without ``doubt`` each mean has the full length.
    """

    def __init__(self, length: float = 1.0, doubt: float | None = None) -> None:
        self.length = length
        self.doubt = doubt
        self.vocabulary: dict[str, int] = {}
        self.vectors: Array = np.zeros((0, 0), np.float32)
        self.idf: Array = np.zeros(0, np.float32)
        self.weights: Array = np.zeros(0, np.float32)
        # Where other texts hold a unit often enough that it would be known without any one text.
        self.common: Array = np.zeros(0, bool)
        self.evidence: Array = np.zeros(0, np.float32)

    def fit(
        self,
        bag: Bag,
        windows: Bag,
        dimensions: int | None,
        rng: np.random.Generator,
        progress: Progress,
    ) -> None:
        """Learn from windows; without ``dimensions`` each unit has its own axis."""
        frequency = np.asarray(bag.texts().sum(axis=0)).ravel()
        progress(0.1)
        # Units of one text only tell nothing about others, unless there is nothing else.
        order = np.argsort(-frequency, kind="stable")
        shared = order[frequency[order] >= 2] if dimensions else order
        kept = (shared if len(shared) else order)[:_MAX_UNITS]
        self.vocabulary = {bag.names[place]: new for new, place in enumerate(kept)}
        self.common = frequency[kept] > (2 if dimensions else 1)
        self.idf = (1.0 + np.log(bag.n_texts / frequency[kept])).astype(np.float32)
        self.weights = _half(self.idf)
        if self.doubt is not None:
            others = np.maximum(frequency[kept] - 1.0, 0.0)
            self.evidence = _half(others / (others + self.doubt))
        if dimensions and len(kept):
            rows = windows.columns(self.vocabulary).windows
            progress(0.2)
            self.vectors = _half(
                word_vectors(rows, dimensions, rng, lambda share: progress(0.2 + 0.8 * share))
            )
        else:
            self.vectors = np.eye(len(kept), dtype=np.float32)

    def weigh(self, divergences: Array) -> None:
        """Weight the units by what they tell about clusters, and by their rareness."""
        # The least, so that a text of words that tell nothing is still a text of these words.
        self.weights = _half(np.sqrt(self.idf * np.maximum(divergences, _LEAST)))

    def known_share(self, bag: Bag, *, learned: bool) -> Array:
        """Return the share of each text's units that is known; unknown ones weigh most."""
        heaviest = float(self.weights.max(initial=1e-6))
        weights = np.full(len(bag.names), heaviest)
        known = np.zeros(len(bag.names), bool)
        for place, name in enumerate(bag.names):
            unit = self.vocabulary.get(name)
            if unit is not None and (not learned or self.common[unit]):
                weights[place], known[place] = self.weights[unit], True
        holds = bag.texts()
        return np.asarray((holds @ (weights * known)) / np.maximum(holds @ weights, 1e-9))

    def holds(self, bag: Bag) -> Held:
        """Return which text holds which unit of the vocabulary, and how much is known of each."""
        units = bag.columns(self.vocabulary).texts()
        if self.doubt is None:
            return Held(units, np.ones(bag.n_texts, np.float32))
        everything = np.asarray(bag.texts().sum(axis=1)).ravel()
        known = np.asarray(units @ self.evidence).ravel()
        return Held(units, (known / np.maximum(everything, 1.0)).astype(np.float32))

    def means(self, held: Held) -> Array:
        """Return the mean of each text, of length ``length``; zeros where no unit is known."""
        sums = held.units.multiply(self.weights[None, :]).tocsr() @ self.vectors
        lengths = np.float32(self.length) * held.shares
        return lengths[:, None] * unit_rows(np.asarray(sums, dtype=np.float32))


def _half(values: Array) -> Array:
    """Round to the precision in which a model is kept, so that a loaded one tells the same."""
    return np.asarray(values.astype(np.float16), dtype=np.float32)
