"""Texts -> unit vectors, learned from the corpus itself: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from .words import Language

__all__ = ["Array", "Embedder", "LexicalEmbedder"]

Array = np.ndarray[Any, Any]
Passages = Sequence[Sequence[str]]
Progress = Callable[[float], None]


class Embedder(Protocol):
    """Turns texts into vectors; the seam at which other representations come in."""

    name: str

    def fit(self, texts: Passages, progress: Progress) -> None:
        """Learn from the corpus; each text is a sequence of passages."""

    def transform(self, texts: Passages) -> Array:
        """Return one float32 row of unit length per text."""

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return what is to be kept: arrays, and the rest as JSON."""


class LexicalEmbedder:
    """Word vectors trained on the corpus, averaged over each text.

    Which words share a passage, as smoothed positive pointwise mutual information, gives each word
    a vector by a truncated singular value decomposition; a text is the idf-weighted mean of its
    words' vectors (Levy, Goldberg and Dagan, TACL 2015, on why this equals word2vec). The same is
    done with sub-words (words and their character 3- to 5-grams), which carry misspelling and
    inflection; the two means lie side by side. Below ``small`` texts there is too little to learn
    from, and words and sub-words stand for themselves.

    Parameters
    ----------
    language : Language
    random_state : int
    dimensions : int
        Of each of the two parts.
    """

    name = "lexical: PPMI + SVD of words and sub-words"

    def __init__(
        self, language: Language, random_state: int = 0, dimensions: int = 100, small: int = 50
    ) -> None:
        self.language = language
        self.random_state = random_state
        self.dimensions = dimensions
        self.small = small
        self.parts = (
            _Part("words", 1.0, max_features=8000),
            _Part("subwords", 0.7, max_features=5000),
        )

    def fit(self, texts: Passages, progress: Progress = lambda share: None) -> None:
        """Learn the vectors of words and sub-words."""
        rng = np.random.default_rng(self.random_state)
        windows = _sample(_windows(self._words(texts, progress)), 40_000, rng)
        progress(0.2)
        documents = _merge(self._words(texts, lambda share: None))
        for done, part in enumerate(self.parts):
            part.fit(documents, windows, self.dimensions, len(texts) < self.small, rng)
            progress(0.2 + 0.4 * (done + 1))

    def transform(self, texts: Passages) -> Array:
        """Embed texts, also ones that were not seen; a text nothing is known of has its own axis.

        Returns
        -------
        ndarray of shape (n_texts, n_dimensions), float32
            Rows of unit length.
        """
        documents = _merge(self._words(texts, lambda share: None))
        blocks = [part.transform(documents) for part in self.parts]
        known = sum(np.abs(block).sum(axis=1) for block in blocks) > 0
        rows = np.hstack([*blocks, (~known)[:, None].astype(np.float32)])
        return unit_rows(rows)

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the vectors and weights, and the vocabularies."""
        arrays: dict[str, Array] = {}
        for part in self.parts:
            arrays[f"{part.kind}_vectors"] = part.vectors
            arrays[f"{part.kind}_idf"] = part.idf
        rest = {part.kind: list(part.vocabulary) for part in self.parts}
        return arrays, {"language": self.language.code, "vocabularies": rest}

    @classmethod
    def from_state(cls, arrays: dict[str, Array], rest: dict[str, Any]) -> LexicalEmbedder:
        """Restore what :meth:`state` returned."""
        embedder = cls(Language(rest["language"]))
        for part in embedder.parts:
            part.vectors = arrays[f"{part.kind}_vectors"]
            part.idf = arrays[f"{part.kind}_idf"]
            names = rest["vocabularies"][part.kind]
            part.vocabulary = {name: place for place, name in enumerate(names)}
        return embedder

    def _words(self, texts: Passages, progress: Progress) -> Iterable[list[list[str]]]:
        for done, passages in enumerate(texts):
            if done % 500 == 0:
                progress(0.2 * done / len(texts))
            yield [self.language.words(passage) for passage in passages]


class _Part:
    """One kind of unit, words or sub-words: its vocabulary, vectors and weights."""

    def __init__(self, kind: str, weight: float, max_features: int) -> None:
        self.kind = kind
        self.weight = weight
        self.max_features = max_features
        self.vocabulary: dict[str, int] = {}
        self.vectors: Array = np.zeros((0, 1), np.float32)
        self.idf: Array = np.zeros(0, np.float32)

    def fit(
        self,
        documents: list[list[str]],
        windows: list[list[str]],
        dimensions: int,
        small: bool,
        rng: np.random.Generator,
    ) -> None:
        names, counts = self._count(documents)
        frequency = np.asarray(counts.sum(axis=0)).ravel()
        order = np.lexsort((np.arange(len(names)), -frequency))
        kept = order[frequency[order] >= (1 if small else 2)][: self.max_features]
        kept = kept if len(kept) else order[: self.max_features]
        self.vocabulary = {names[place]: new for new, place in enumerate(kept)}
        self.idf = (1.0 + np.log(len(documents) / frequency[kept])).astype(np.float32)
        if small:
            self.vectors = np.eye(len(kept), dtype=np.float32)
        else:
            self.vectors = _ppmi_svd(self._matrix(windows), dimensions, rng)

    def transform(self, documents: list[list[str]]) -> Array:
        matrix = self._matrix(documents)
        means = matrix.multiply(self.idf[None, :]).tocsr() @ self.vectors
        return self.weight * unit_rows(np.asarray(means, dtype=np.float32))

    def _matrix(self, documents: list[list[str]]) -> sp.csr_matrix:
        """Which document holds which unit of the vocabulary: binary rows."""
        names, counts = self._count(documents)
        known = [place for place, name in enumerate(names) if name in self.vocabulary]
        columns = [self.vocabulary[names[place]] for place in known]
        shape = (len(known), len(self.vocabulary))
        choose = sp.csr_matrix(
            (np.ones(len(known), np.float32), (range(len(known)), columns)), shape
        )
        return (counts[:, known] @ choose).tocsr()

    def _count(self, documents: list[list[str]]) -> tuple[list[str], sp.csr_matrix]:
        """Return the units' names, and which document holds which of them."""
        vocabulary: dict[str, int] = {}
        indices: list[int] = []
        ends = [0]
        for words in documents:
            indices.extend(vocabulary.setdefault(word, len(vocabulary)) for word in set_of(words))
            ends.append(len(indices))
        shape = (len(documents), len(vocabulary))
        counts = sp.csr_matrix((np.ones(len(indices), np.float32), indices, ends), shape)
        if self.kind == "words":
            return list(vocabulary), counts
        # Each distinct word is cut once; a product with the words' rows does the texts.
        units: dict[str, int] = {}
        indices, ends = [], [0]
        for word in vocabulary:
            parts = set_of(_subwords(word))
            indices.extend(units.setdefault(unit, len(units)) for unit in parts)
            ends.append(len(indices))
        shape = (len(vocabulary), len(units))
        cuts = sp.csr_matrix((np.ones(len(indices), np.float32), indices, ends), shape)
        counts = counts @ cuts
        counts.data[:] = 1.0
        return list(units), counts.tocsr()


def unit_rows(rows: Array) -> Array:
    """Scale rows to unit length; rows of zeros stay."""
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return np.asarray(rows / np.maximum(norms, 1e-12)[:, None], dtype=np.float32)


def set_of(items: Iterable[str]) -> list[str]:
    """Return the distinct items in order: a set's own order differs from process to process."""
    return list(dict.fromkeys(items))


def _subwords(word: str) -> list[str]:
    padded = f"<{word}>"
    grams = [padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)]
    return [padded, *grams]


def _merge(texts: Iterable[list[list[str]]]) -> list[list[str]]:
    return [[word for passage in passages for word in passage] for passages in texts]


def _windows(texts: Iterable[list[list[str]]], length: int = 60) -> list[list[str]]:
    """Cut passages so that what shares a window is near each other."""
    return [
        passage[start : start + length]
        for passages in texts
        for passage in passages
        for start in range(0, len(passage), length)
    ]


def _sample(windows: list[list[str]], limit: int, rng: np.random.Generator) -> list[list[str]]:
    if len(windows) <= limit:
        return windows
    return [windows[place] for place in np.sort(rng.choice(len(windows), limit, replace=False))]


def _ppmi_svd(windows: sp.csr_matrix, dimensions: int, rng: np.random.Generator) -> Array:
    """Return one unit vector per unit, from which units share windows."""
    together = (windows.T @ windows).tocsr().astype(np.float32)
    totals = np.asarray(together.sum(axis=1)).ravel()
    smoothed = totals**0.75
    smoothed = smoothed / max(smoothed.sum(), 1e-12)
    rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
    expected = totals[rows] * smoothed[together.indices]
    together.data = np.maximum(np.log(together.data / np.maximum(expected, 1e-12)), 0.0)
    together.eliminate_zeros()
    rank = min(dimensions, together.shape[0])
    left, values = _truncated_svd(together, rank, rng)
    return unit_rows(left * np.sqrt(values))


def _truncated_svd(
    matrix: sp.csr_matrix, rank: int, rng: np.random.Generator, rounds: int = 3
) -> tuple[Array, Array]:
    """Randomised range finder (Halko, Martinsson and Tropp, SIAM Review 2011)."""
    wide = min(rank + 10, matrix.shape[1])
    dense = matrix.toarray() if matrix.shape[1] <= 6000 else matrix
    basis = rng.standard_normal((matrix.shape[1], wide)).astype(np.float32)
    basis = np.linalg.qr(dense @ basis)[0]
    for _ in range(rounds):
        basis = np.linalg.qr(dense.T @ basis)[0]
        basis = np.linalg.qr(dense @ basis)[0]
    left, values, _ = np.linalg.svd(basis.T @ dense, full_matrices=False)
    return (basis @ left)[:, :rank], values[:rank]
