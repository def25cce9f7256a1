"""Texts -> unit vectors, learned from the corpus itself: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np

from .bags import Array, bag_of_pairs, bag_of_words
from .clustering import spherical_kmeans
from .diffusion import Diffusion
from .expected_times import fit_ends
from .reweighting import divergences
from .units import Held, Units
from .word_vectors import unit_rows
from .words import Language

__all__ = ["Embedder", "LexicalEmbedder"]

Passages = Sequence[Sequence[str]]
Progress = Callable[[float], None]

_FIT_TEXTS = 25_000
_FIT_WINDOWS = 40_000
_BLOCK = 5000
_ROUNDS = 3
_NAMES = ("words", "subwords", "pairs")
# So many other texts must hold a pair of words for half of the trust in it. Of 5, 10 and 20 the
# one that did no harm on small data sets.
_DOUBT = 10.0


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

    def identity(self, texts: Passages) -> list[str]:
        """Return what the rows of these texts depend on, beside the texts and the labels."""

    def n_unread(self, texts: Passages) -> int:
        """Return how many of the texts a neural model has yet to read."""


class LexicalEmbedder:
    """Word vectors trained on the corpus, averaged over each text.

    A text is the weighted mean of its words' vectors. The same is done with sub-words, which carry
    misspelling and inflection, and with pairs of neighbouring words, which tell "top up" from "up":
    bigrams help most where texts are short (Wang and Manning, ACL 2012). The three means lie side
    by side. A pair is seen less often than a word, so the mean of pairs is the shorter the less is
    known of them (:class:`~nbtrain.worker.units.Units`); without that they did harm on some hundred
    texts. Only English has pairs: in four other languages they were no gain. Below ``small`` texts
    there is too little to learn from: words and sub-words stand for themselves, without pairs.

    A word weighs as much as it is rare (idf), and as it tells: three times the texts are diffused
    and clustered, into the square root of half their number, and the words weighted anew by the
    divergence of the clusters among their texts.

    Parameters
    ----------
    language : Language
    random_state : int
    dimensions : int
        Of the words' part and of the sub-words' part; the pairs' part has half as many.
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

    name = "lexical: PPMI + SVD of words, sub-words and pairs, weighted by divergence"

    def __init__(
        self, language: Language, random_state: int = 0, dimensions: int = 64, small: int = 50
    ) -> None:
        self.language = language
        self.random_state = random_state
        self.dimensions = dimensions
        self.small = small
        self.words = Units()
        # Where words hardly inflect, their parts tell less, and pairs of them come again. Measured
        # on en, and on 800 texts each of tr, ar, it and nl; for fr it is a guess.
        self.subwords = Units(0.7 if language.name == "en" else 1.0)
        self.pairs = Units(1.0 if language.name == "en" else 0.0, doubt=_DOUBT)

    def fit(
        self, texts: Passages, progress: Progress = _quiet, labels: Array | None = None
    ) -> None:
        """Learn the vectors of all units, from a sample if there are many texts.

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
        sampled = _sample(len(bag.text_of), _FIT_WINDOWS, rng)
        dimensions = self.dimensions if len(texts) >= self.small else None
        ends = (0.0, *fit_ends(n_texts, pairs=bool(dimensions and self.pairs.length)))
        holds = []
        for done, kind in enumerate(self._kinds[: len(ends) - 1]):
            begin, span = ends[done], ends[done + 1] - ends[done]
            if kind is self.subwords:
                bag = bag.subwords()
            elif kind is self.pairs:
                bag, dimensions = bag_of_pairs(texts, self.language), max(self.dimensions // 2, 1)
            progress(begin + 0.4 * span)

            def learned(share: float, begin: float = begin, span: float = span) -> None:
                progress(begin + (0.4 + 0.6 * share) * span)

            kind.fit(bag, bag.take(sampled), dimensions, rng, learned)
            holds.append(kind.holds(bag))
        if dimensions:
            self._reweight(
                holds, labels, rng, lambda share: progress(ends[-1] + (1.0 - ends[-1]) * share)
            )

    def _reweight(
        self,
        holds: Sequence[Held],
        labels: Array,
        rng: np.random.Generator,
        progress: Progress,
    ) -> None:
        """Weight the units by what they tell about clusters of the texts."""
        n_texts = len(holds[0].shares)
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
            for kind, held in zip(self._kinds, holds, strict=False):
                kind.weigh(divergences(held.units, fit.labels, n_clusters))
            progress((done + 1) / _ROUNDS)

    @property
    def _kinds(self) -> tuple[Units, ...]:
        return self.words, self.subwords, self.pairs

    def _rows(self, holds: Sequence[Held]) -> Array:
        """Return the unit rows of texts, from which units of each kind they hold."""
        both = np.hstack([k.means(held) for k, held in zip(self._kinds, holds, strict=False)])
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
            block = texts[start : start + _BLOCK]
            bag = bag_of_words(block, self.language)
            holds = [self.words.holds(bag), self.subwords.holds(bag.subwords())]
            if self.pairs.vocabulary:
                holds.append(self.pairs.holds(bag_of_pairs(block, self.language)))
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

    def identity(self, texts: Passages) -> list[str]:
        """Return the settings."""
        settings = (self.language.code, self.random_state, self.dimensions, self.small)
        return [self.name, *map(str, settings)]

    def n_unread(self, texts: Passages) -> int:
        """Return 0."""
        return 0

    @property
    def n_dimensions(self) -> int:
        """Length of a row."""
        return sum(int(kind.vectors.shape[1]) for kind in self._kinds) + 1

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the vectors and weights, and the vocabularies."""
        arrays: dict[str, Array] = {"pairs_evidence": self.pairs.evidence}
        vocabularies = {}
        for name, kind in zip(_NAMES, self._kinds, strict=True):
            arrays |= {f"{name}_vectors": kind.vectors, f"{name}_weights": kind.weights}
            vocabularies[name] = list(kind.vocabulary)
        return arrays, {"language": self.language.code, "vocabularies": vocabularies}

    @classmethod
    def from_state(cls, arrays: dict[str, Array], rest: dict[str, Any]) -> LexicalEmbedder:
        """Restore what :meth:`state` returned."""
        embedder = cls(Language(rest["language"]))
        embedder.pairs.evidence = arrays["pairs_evidence"]
        for name, kind in zip(_NAMES, embedder._kinds, strict=True):
            kind.vectors = arrays[f"{name}_vectors"]
            kind.weights = arrays[f"{name}_weights"]
            kind.vocabulary = {unit: i for i, unit in enumerate(rest["vocabularies"][name])}
        return embedder


def _sample(n: int, limit: int, rng: np.random.Generator) -> Array:
    if n <= limit:
        return np.arange(n)
    return np.sort(rng.choice(n, limit, replace=False))
