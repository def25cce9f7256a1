"""Texts -> sparse rows of weighted words, word pairs and character n-grams."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp

from .bags import Array, binary_rows
from .words import Language

__all__ = ["TfidfFeatures"]

_KINDS = ("words", "subwords")
_LARGEST_GRAM = 5


class TfidfFeatures:
    """Words and pairs of neighbours, and character 2- to 5-grams within words, by TF-IDF.

    Each kind's part of a row has the same length, so that the many n-grams don't drown the words;
    a whole row is of unit length. A unit counts once in a text, however often it comes.

    Parameters
    ----------
    language : Language
    limit : int
        Most features of each kind that are kept: those of most texts.

    Examples
    --------
    >>> features = TfidfFeatures(Language("en-US"))
    >>> features.fit(["lost card", "a card is lost", "cup of tea"])
    >>> rows = features.transform(["card lost", "tea"])
    >>> rows.shape[1] == features.n_features, rows[0].nnz > rows[1].nnz
    (True, True)
    """

    def __init__(self, language: Language, limit: int = 30_000) -> None:
        self.language = language
        self.limit = limit
        self.vocabularies: dict[str, dict[str, int]] = {kind: {} for kind in _KINDS}
        self.idf: dict[str, Array] = {kind: np.zeros(0, np.float32) for kind in _KINDS}

    @property
    def n_features(self) -> int:
        """Length of a row."""
        return sum(len(vocabulary) for vocabulary in self.vocabularies.values())

    def fit(
        self, texts: Sequence[str], progress: Callable[[float], None] = lambda share: None
    ) -> None:
        """Learn which features there are, and how rare each is."""
        for place, kind in enumerate(_KINDS):
            vocabulary: dict[str, int] = {}
            holds = self._holds(texts, kind, vocabulary)
            frequency = np.asarray(holds.sum(axis=0)).ravel()
            names = list(vocabulary)
            order = np.argsort(-frequency, kind="stable")
            # What comes in one text only can't help with others, unless there is nothing else.
            shared = order[frequency[order] >= 2]
            kept = (shared if len(shared) else order)[: self.limit]
            self.vocabularies[kind] = {names[old]: new for new, old in enumerate(kept)}
            idf = 1.0 + np.log((1 + len(texts)) / (1 + frequency[kept]))
            self.idf[kind] = idf.astype(np.float32)
            progress((place + 1) / len(_KINDS))

    def transform(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Return one sparse float32 row per text, shape (n_texts, n_features)."""
        parts = []
        for kind in _KINDS:
            vocabulary = self.vocabularies[kind]
            holds = self._holds(texts, kind, vocabulary, vocabulary)
            parts.append(_unit_rows(holds.multiply(self.idf[kind][None, :])))
        return _unit_rows(sp.hstack(parts))

    def _holds(
        self,
        texts: Sequence[str],
        kind: str,
        vocabulary: dict[str, int],
        known: Container[str] | None = None,
    ) -> sp.csr_matrix:
        """Return which text holds which unit; those that are not known are left out."""

        def kept(units: list[str]) -> list[str]:
            return units if known is None else [unit for unit in units if unit in known]

        split = (self.language.words(text) for text in texts)
        if kind == "words":
            return binary_rows((kept([*words, *_pairs(words)]) for words in split), vocabulary)
        # Each distinct word is cut once; a product with the words' rows does the texts.
        spelled: dict[str, int] = {}
        rows = binary_rows(split, spelled)
        cuts = binary_rows((kept(_grams(word)) for word in spelled), vocabulary)
        holds = sp.csr_matrix(rows @ cuts)
        holds.data[:] = 1.0
        holds.sort_indices()
        return holds

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the weights, and the vocabularies."""
        arrays = {f"{kind}_idf": self.idf[kind] for kind in _KINDS}
        vocabularies = {kind: list(self.vocabularies[kind]) for kind in _KINDS}
        return arrays, {"language": self.language.code, "vocabularies": vocabularies}

    @classmethod
    def from_state(cls, arrays: Mapping[str, Array], rest: Mapping[str, Any]) -> TfidfFeatures:
        """Restore what :meth:`state` returned."""
        features = cls(Language(rest["language"]))
        for kind in _KINDS:
            names = rest["vocabularies"][kind]
            features.vocabularies[kind] = {name: place for place, name in enumerate(names)}
            features.idf[kind] = arrays[f"{kind}_idf"]
        return features


def _pairs(words: list[str]) -> list[str]:
    return [f"{one} {next_one}" for one, next_one in pairwise(words)]


def _grams(word: str) -> list[str]:
    padded = f"<{word[:100]}>"
    sizes = range(2, _LARGEST_GRAM + 1)
    return [padded[i : i + n] for n in sizes for i in range(len(padded) - n + 1)]


def _unit_rows(rows: sp.spmatrix) -> sp.csr_matrix:
    rows = sp.csr_matrix(rows, dtype=np.float32)
    norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    scale = sp.diags((1.0 / np.maximum(norms, 1e-12)).astype(np.float32))
    return sp.csr_matrix(scale @ rows, dtype=np.float32)
