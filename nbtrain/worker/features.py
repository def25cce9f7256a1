"""Texts -> unit vectors, learned from the corpus itself: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from .bags import Array, Bag, bag_of_words
from .clustering import spherical_kmeans
from .diffusion import Diffusion
from .expected_times import fit_ends
from .reweighting import divergences
from .word_vectors import unit_rows, word_vectors
from .words import Language

__all__ = ["Embedder", "LexicalEmbedder"]

Passages = Sequence[Sequence[str]]
Progress = Callable[[float], None]

_FIT_TEXTS = 25_000
_FIT_WINDOWS = 40_000
_BLOCK = 5000
_MAX_UNITS = 5000
_ROUNDS = 3
_LEAST = 0.01


def _quiet(share: float) -> None:
    pass


class Embedder(Protocol):
    """Turns texts into vectors; the seam at which other representations come in."""

    name: str

    def fit(self, texts: Passages, progress: Progress = ..., labels: Array | None = None) -> None:
        """Learn from the corpus; each text is a sequence of passages, labels are of intents."""

    def transform(self, texts: Passages, progress: Progress = ...) -> Array:
        """Return one float32 row of unit length per text."""

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return what is to be kept: arrays, and the rest as JSON."""


class LexicalEmbedder:
    """Word vectors trained on the corpus, averaged over each text.

    A text is the weighted mean of its words' vectors. The same is done with sub-words, which carry
    misspelling and inflection, and the two means lie side by side. Below ``small`` texts there is
    too little to learn from: words and sub-words stand for themselves.

    A word weighs as much as it is rare (idf), and as it tells: three times the texts are diffused
    and clustered, into the square root of half their number, and the words weighted anew by the
    divergence of the clusters among their texts.

    Parameters
    ----------
    language : Language
    random_state : int
    dimensions : int
        Of each of the two parts.
    small : int

    Examples
    --------
    >>> embedder = LexicalEmbedder(Language("en-US"))
    >>> texts = [("lost card",), ("my card is lost",), ("a cup of tea",)]
    >>> embedder.fit(texts)
    >>> rows = embedder.transform(texts)
    >>> bool(rows[0] @ rows[1] > rows[0] @ rows[2])
    True
    """

    name = "lexical: PPMI + SVD of words and sub-words, weighted by divergence"

    def __init__(
        self, language: Language, random_state: int = 0, dimensions: int = 64, small: int = 50
    ) -> None:
        self.language = language
        self.random_state = random_state
        self.dimensions = dimensions
        self.small = small
        self.words = _Part()
        # Where words hardly inflect, their parts tell less. Measured on en, tr, ar, it and nl; for
        # fr it is a guess.
        self.subwords = _Part(0.7 if language.name == "en" else 1.0)

    def fit(
        self, texts: Passages, progress: Progress = _quiet, labels: Array | None = None
    ) -> None:
        """Learn the vectors of words and sub-words, from a sample if there are many texts.

        ``labels`` holds the number of the intent of each text, or -1; texts of one intent are
        kept together when the words are weighted.
        """
        rng = np.random.default_rng(self.random_state)
        n_texts = len(texts)
        chosen = _sample(n_texts, _FIT_TEXTS, rng)
        labels = np.full(len(texts), -1) if labels is None else labels
        labels = labels[chosen]
        texts = [texts[place] for place in chosen]
        bag = bag_of_words(texts, self.language)
        words, subwords = fit_ends(n_texts)
        progress(0.4 * words)
        windows = bag.take(_sample(len(bag.text_of), _FIT_WINDOWS, rng))
        dimensions = self.dimensions if len(texts) >= self.small else None
        self.words.fit(
            bag, windows, dimensions, rng, lambda share: progress((0.4 + 0.6 * share) * words)
        )
        holds = [self.words.holds(bag)]
        bag = bag.subwords()
        progress(0.7 * words + 0.3 * subwords)
        windows = windows.subwords()
        self.subwords.fit(
            bag,
            windows,
            dimensions,
            rng,
            lambda share: progress(words + (0.4 + 0.6 * share) * (subwords - words)),
        )
        holds.append(self.subwords.holds(bag))
        if dimensions:
            self._reweight(
                holds, labels, rng, lambda share: progress(subwords + (1.0 - subwords) * share)
            )

    def _reweight(
        self,
        holds: list[sp.csr_matrix],
        labels: Array,
        rng: np.random.Generator,
        progress: Progress,
    ) -> None:
        """Weight the units by what they tell about clusters of the texts."""
        n_texts = holds[0].shape[0]
        known, numbers = np.unique(labels[labels >= 0], return_inverse=True)
        fixed = np.full(n_texts, -1)
        fixed[labels >= 0] = numbers
        free = int((fixed < 0).sum())
        n_clusters = max(round(np.sqrt(n_texts / 2)), len(known) + 1)
        n_clusters = min(n_clusters, len(known) + free)
        ones = np.ones(n_texts, np.float32)

        def found(begin: float, share: float) -> None:
            # Finding neighbours twice is nearly all of a round.
            progress((begin + 0.46 * share) / _ROUNDS)

        for done in range(_ROUNDS):
            rows = self._rows(holds)
            diffusion = Diffusion.fit(rows, rng, partial(found, done))
            rows = diffusion.apply(rows, partial(found, done + 0.46))
            fit = spherical_kmeans(rows, n_clusters, ones, rng, fixed=fixed, n_init=1, max_iter=10)
            for part, one in zip((self.words, self.subwords), holds, strict=True):
                part.weigh(divergences(one, fit.labels, n_clusters))
            progress((done + 1) / _ROUNDS)

    def _rows(self, holds: Sequence[sp.csr_matrix]) -> Array:
        """Return the unit rows of texts, from which words and which sub-words they hold."""
        both = np.hstack([self.words.means(holds[0]), self.subwords.means(holds[1])])
        unknown = ~both.any(axis=1, keepdims=True)
        return unit_rows(np.hstack([both, unknown.astype(np.float32)]))

    def transform(self, texts: Passages, progress: Progress = _quiet) -> Array:
        """Embed texts, also ones that were not seen.

        Returns
        -------
        ndarray of shape (n_texts, n_dimensions), float32
            Rows of unit length. Texts of which nothing is known share the last axis.
        """
        result = np.empty((len(texts), self.n_dimensions), np.float32)
        for start in range(0, len(texts), _BLOCK):
            bag = bag_of_words(texts[start : start + _BLOCK], self.language)
            holds = [self.words.holds(bag), self.subwords.holds(bag.subwords())]
            result[start : start + _BLOCK] = self._rows(holds)
            progress(start / len(texts))
        return result

    def known_share(self, texts: Passages, *, learned: bool = False) -> Array:
        """Return which share of each text's words is known, by their weights.

        Parameters
        ----------
        texts : sequence of sequence of str
        learned : bool
            The texts are of those that were learned from: a word counts as known only if it would
            be without its text. Not after loading, which forgets how many texts hold a word.

        Returns
        -------
        ndarray, shape (n_texts,)
            0 to 1; 0 for a text without words.

        Examples
        --------
        >>> embedder = LexicalEmbedder(Language("en-US"))
        >>> embedder.fit([("lost card",), ("lost key",)])
        >>> embedder.known_share([("lost card",), ("eine Karte",)]).tolist()
        [1.0, 0.0]
        >>> embedder.known_share([("lost card",)], learned=True).round(1).tolist()
        [0.4]
        """
        shares = np.zeros(len(texts))
        for start in range(0, len(texts), _BLOCK):
            bag = bag_of_words(texts[start : start + _BLOCK], self.language)
            shares[start : start + _BLOCK] = self.words.known_share(bag, learned=learned)
        return shares

    @property
    def n_dimensions(self) -> int:
        """Length of a row."""
        return int(self.words.vectors.shape[1] + self.subwords.vectors.shape[1]) + 1

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the vectors and weights, and the vocabularies."""
        parts = {"words": self.words, "subwords": self.subwords}
        arrays: dict[str, Array] = {}
        for kind, part in parts.items():
            arrays |= {f"{kind}_vectors": part.vectors, f"{kind}_weights": part.weights}
        vocabularies = {kind: list(part.vocabulary) for kind, part in parts.items()}
        return arrays, {"language": self.language.code, "vocabularies": vocabularies}

    @classmethod
    def from_state(cls, arrays: dict[str, Array], rest: dict[str, Any]) -> LexicalEmbedder:
        """Restore what :meth:`state` returned."""
        embedder = cls(Language(rest["language"]))
        for kind, part in (("words", embedder.words), ("subwords", embedder.subwords)):
            part.vectors = arrays[f"{kind}_vectors"]
            part.weights = arrays[f"{kind}_weights"]
            part.vocabulary = {unit: i for i, unit in enumerate(rest["vocabularies"][kind])}
        return embedder


class _Part:
    """One kind of unit, words or sub-words: its vocabulary, vectors and weights."""

    def __init__(self, length: float = 1.0) -> None:
        self.length = length
        self.vocabulary: dict[str, int] = {}
        self.vectors: Array = np.zeros((0, 1), np.float32)
        self.idf: Array = np.zeros(0, np.float32)
        self.weights: Array = np.zeros(0, np.float32)
        # Where other texts hold a unit often enough that it would be known without any one text.
        self.common: Array = np.zeros(0, bool)

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
        if dimensions:
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

    def holds(self, bag: Bag) -> sp.csr_matrix:
        """Return which text holds which unit of the vocabulary."""
        return bag.columns(self.vocabulary).texts()

    def means(self, holds: sp.csr_matrix) -> Array:
        """Return the mean of each text, of length ``length``; zeros where no unit is known."""
        sums = holds.multiply(self.weights[None, :]).tocsr() @ self.vectors
        return np.float32(self.length) * unit_rows(np.asarray(sums, dtype=np.float32))


def _sample(n: int, limit: int, rng: np.random.Generator) -> Array:
    if n <= limit:
        return np.arange(n)
    return np.sort(rng.choice(n, limit, replace=False))


def _half(values: Array) -> Array:
    """Round to the precision in which a model is kept, so that a loaded one tells the same."""
    return np.asarray(values.astype(np.float16), dtype=np.float32)
