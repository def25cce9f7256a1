"""The fits of a sweep in the user's terms: cheap for each, as what they share is done once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..sweep_results import FitCluster
from .bags import Array
from .corpus import Corpus
from .distinct import Rows
from .naming import WordCounts, examples, names
from .sweep import SweepFit
from .words import Language

__all__ = ["DescribedFit", "FitDescriber", "word_counts"]

_EXAMPLES = 3
_KEYWORDS = 8
# Of more texts the most central ones are looked for in a sample; of a cluster at least so many.
_SAMPLE = 6000
_LEAST = 50


@dataclass(frozen=True, slots=True)
class DescribedFit:
    """What a user is told of a fit.

    Parameters
    ----------
    clusters : tuple of FitCluster
        By falling size.
    labels : ndarray of int16 or int32, shape (n_documents,)
        In the clusters' order.
    """

    clusters: tuple[FitCluster, ...]
    labels: Array


class FitDescriber:
    """Names clusters and hands out the documents, for any number of fits of the same rows.

    Parameters
    ----------
    corpus : Corpus
    rows : Rows
        What the corpus's entries became.
    words : WordCounts
        Of the corpus's entries.
    """

    def __init__(self, corpus: Corpus, rows: Rows, words: WordCounts) -> None:
        self._corpus = corpus
        self._rows = rows
        self._words = words
        self._weights = np.array([entry.weight for entry in corpus.entries], dtype=np.float32)
        self._shown = [entry.shown for entry in corpus.entries]
        self._document_row = rows.row_of[np.array(corpus.entry_of)]
        primary = np.unique(np.array(corpus.entry_of))
        # The same texts at every call, spread evenly.
        step = max(1, len(primary) // _SAMPLE)
        self._primary, self._sample = primary, primary[::step]

    def of(self, fit: SweepFit, stability: Array | None = None) -> DescribedFit:
        """Describe a fit.

        Parameters
        ----------
        fit : SweepFit
            Its first clusters are those of the corpus's intents.
        stability : ndarray, shape (n_clusters,), optional
            Of each cluster of the fit.
        """
        n_clusters = len(fit.centres)
        sizes = np.bincount(
            fit.labels[self._document_row], self._corpus.occurrences, n_clusters
        ).astype(int)
        order = np.argsort(-sizes, kind="stable")
        rank = np.argsort(order)
        labels = rank[fit.labels[self._rows.row_of]]
        keys = self._words.keywords(labels, self._weights, n_clusters, _KEYWORDS)
        central = self._central(fit, labels, n_clusters)
        given = [""] * n_clusters
        for place, intent in enumerate(self._corpus.intents):
            given[rank[place]] = intent
        named = names(keys, central, given)
        stable = None if stability is None else stability[order].tolist()
        clusters = tuple(
            FitCluster(
                cluster_id=cluster,
                name=named[cluster],
                size=int(sizes[order[cluster]]),
                keywords=keys[cluster],
                examples=central[cluster],
                stability=None if stable is None else round(float(stable[cluster]), 4),
            )
            for cluster in range(n_clusters)
        )
        small = np.int16 if n_clusters <= np.iinfo(np.int16).max else np.int32
        return DescribedFit(clusters, rank[fit.labels[self._document_row]].astype(small))

    def _central(self, fit: SweepFit, labels: Array, n_clusters: int) -> list[tuple[str, ...]]:
        looked_at = self._sample
        if len(looked_at) < len(self._primary):
            few = np.bincount(labels[looked_at], minlength=n_clusters) < _LEAST
            rare = self._primary[few[labels[self._primary]]]
            looked_at = np.union1d(looked_at, rare)
        row = self._rows.row_of[looked_at]
        near = np.einsum("ij,ij->i", self._rows.vectors[row], fit.centres[fit.labels[row]])
        own = labels[looked_at]
        order = np.argsort(own, kind="stable")
        ends = np.searchsorted(own[order], np.arange(n_clusters + 1))
        shown = [self._shown[entry] for entry in looked_at.tolist()]
        return [
            examples(shown, order[ends[cluster] : ends[cluster + 1]], near, _EXAMPLES)
            for cluster in range(n_clusters)
        ]


def word_counts(corpus: Corpus, language: str) -> WordCounts:
    """Count the words of a corpus's entries."""
    return WordCounts([entry.passages for entry in corpus.entries], Language(language))
