"""Key words, names and telling texts of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import scipy.sparse as sp

from .bags import Array
from .clustering import Fit
from .words import Language

__all__ = ["WordCounts", "confidence", "examples", "keywords", "names"]

_NAME_LENGTH = 40


class WordCounts:
    """Which words each text holds, counted once for any number of clusterings.

    Parameters
    ----------
    texts : sequence of sequence of str
        The passages of each text.
    language : Language

    Attributes
    ----------
    holds : csr_matrix of float32, shape (n_texts, n_words)
        1 where a text holds a word that can name a topic.
    """

    def __init__(self, texts: Sequence[Sequence[str]], language: Language) -> None:
        vocabulary: dict[str, int] = {}
        indices: list[int] = []
        ends = [0]
        for passages in texts:
            words = {word: None for text in passages for word in language.content_words(text)}
            indices.extend(vocabulary.setdefault(word, len(vocabulary)) for word in words)
            ends.append(len(indices))
        self._spelled = list(vocabulary)
        shape = (len(texts), len(vocabulary))
        self.holds = sp.csr_matrix((np.ones(len(indices), np.float32), indices, ends), shape)

    def keywords(
        self, labels: Array, weights: Array, n_clusters: int, n_keywords: int = 10
    ) -> list[tuple[str, ...]]:
        """Return the most telling words of each cluster; see :func:`keywords`."""
        if not self._spelled:
            return [()] * n_clusters
        n_texts = len(labels)
        member = sp.csr_matrix((weights, (labels, np.arange(n_texts))), (n_clusters, n_texts))
        counts = np.asarray((member @ self.holds).toarray(), dtype=np.float64)
        sizes = np.maximum(np.bincount(labels, weights, n_clusters), 1.0)
        mean = np.log1p(sizes.mean() / np.maximum(counts.sum(axis=0), 1e-12))
        # A word that one or two documents hold is a slip of the pen or somebody's name.
        least = np.minimum(3.0, np.ceil(sizes / 4.0))
        result = []
        for cluster in range(n_clusters):
            told = np.flatnonzero(counts[cluster] >= least[cluster])
            score = counts[cluster][told] / sizes[cluster] * mean[told]
            order = told[np.argsort(-score, kind="stable")[:n_keywords]]
            result.append(tuple(self._spelled[i] for i in order))
        return result


def keywords(
    texts: Sequence[Sequence[str]],
    labels: Array,
    weights: Array,
    n_clusters: int,
    language: Language,
    n_keywords: int = 10,
) -> list[tuple[str, ...]]:
    """Return the most telling words of each cluster, best first.

    Class-based TF-IDF (Grootendorst 2022, BERTopic) over the number of documents that hold a
    word, without stop words.

    Parameters
    ----------
    texts : sequence of sequence of str
        The passages of each text.
    labels, weights : ndarray, shape (n_texts,)
    n_clusters : int
    language : Language
    """
    return WordCounts(texts, language).keywords(labels, weights, n_clusters, n_keywords)


def names(
    keys: Sequence[Sequence[str]], shown: Sequence[Sequence[str]], given: Sequence[str] = ()
) -> list[str]:
    """Name clusters by their first three unlike key words; no two get the same name.

    Parameters
    ----------
    keys : sequence of sequence of str
        Key words of each cluster.
    shown : sequence of sequence of str
        Example texts of each, for clusters without any key word.
    given : sequence of str
        A name that a cluster has already, or an empty string; may be shorter than ``keys``.

    Examples
    --------
    >>> names([["card", "lost"], ["card", "lost"]], [[], []])
    ['card, lost', 'card, lost (2)']
    """
    result = [given[i] if i < len(given) else "" for i in range(len(keys))]
    used = {name for name in result if name}
    for i, words in enumerate(keys):
        if result[i]:
            continue
        told = _unlike(words)
        first = shown[i][0] if shown[i] else ""
        plain = ", ".join(told[:3]) or _short(first) or "cluster"
        longer = (", ".join(told[:n]) for n in range(4, min(len(told), 5) + 1))
        numbered = (f"{plain} ({n})" for n in range(2, len(keys) + 2))
        result[i] = next(name for name in chain([plain], longer, numbered) if name not in used)
        used.add(result[i])
    return result


def _unlike(words: Sequence[str]) -> list[str]:
    """Leave out words that are forms of an earlier one: they begin alike."""
    kept: list[str] = []
    for word in words:
        stem = word[: max(4, len(word) - 3)]
        if not any(
            word.startswith(other[: max(4, len(other) - 3)]) or other.startswith(stem)
            for other in kept
        ):
            kept.append(word)
    return kept


def _short(text: str) -> str:
    return text if len(text) <= _NAME_LENGTH else text[: _NAME_LENGTH - 1] + "…"


def confidence(fit: Fit) -> Array:
    """Return how clearly each row lies in its cluster, 0 to 1.

    The silhouette with centres in the place of clusters: how much nearer the own centre is than
    the nearest other one, as a share of the distance to the other.
    """
    margin = (fit.own - fit.other) / np.maximum(1.0 - fit.other, 1e-6)
    return np.asarray(np.clip(margin, 0.0, 1.0))


def examples(shown: Sequence[str], cluster: Array, score: Array, limit: int = 5) -> tuple[str, ...]:
    """Return distinct texts of a cluster's rows, by falling score.

    Parameters
    ----------
    shown : sequence of str
        What a reader sees of each row.
    cluster : ndarray of int
        The rows of the cluster.
    score : ndarray
        One per row of all.
    """
    order = cluster[np.argsort(-score[cluster], kind="stable")]
    found: dict[str, None] = {}
    for row in order:
        found.setdefault(shown[row])
        if len(found) == limit:
            break
    return tuple(found)
