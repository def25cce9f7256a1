"""Whether clusters can be told from words alone, by a classifier that never saw the vectors."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from .bags import Array

__all__ = ["Predictability"]

_TEXTS = 20_000
_SMOOTHING = 0.3


class Predictability:
    """How well a classifier that learned clusters from one half of the texts tells the other's.

    What clusters are for in the end: the intent-induction task of the Dialog System Technology
    Challenge (Gung et al. 2023, DSTC11 track 2) judges clusters by a classifier trained on them.
    Here it is complement naive Bayes (Rennie et al. 2003) on the words that texts hold, which is
    quick enough for every number of clusters and sees other things than what was clustered; each
    half is told from the other.

    Parameters
    ----------
    holds : csr_matrix of shape (n_texts, n_words)
        1 where a text holds a word.
    weights : ndarray, shape (n_texts,)
        How often each text counts.
    rng : numpy.random.Generator
        Halves the texts; draws 20,000 of them if there are more.

    Examples
    --------
    >>> words = sp.csr_matrix(np.tile(np.eye(2, dtype=np.float32), (10, 1)))
    >>> told = Predictability(words, np.ones(20), np.random.default_rng(0))
    >>> told.of(np.arange(20) % 2, 2)
    1.0
    """

    def __init__(self, holds: sp.csr_matrix, weights: Array, rng: np.random.Generator) -> None:
        order = rng.permutation(holds.shape[0])[:_TEXTS]
        middle = len(order) // 2
        self._halves = [np.sort(order[:middle]), np.sort(order[middle:])]
        # Words of the sample alone: the tables over clusters and words are dense.
        told = np.unique(holds[order].indices)
        self._holds = [sp.csr_matrix(holds[half][:, told]) for half in self._halves]
        self._weights = [np.asarray(weights, dtype=np.float64)[half] for half in self._halves]

    def of(self, labels: Array, n_clusters: int) -> float:
        """Return the share of the texts that are told rightly, 0 to 1; NaN with too few texts."""
        if not len(self._halves[0]) or n_clusters < 1:
            return float("nan")
        right = total = 0.0
        for learned, told in ((0, 1), (1, 0)):
            own = labels[self._halves[learned]]
            scores = self._log_weights(learned, own, n_clusters)
            found = np.asarray(self._holds[told] @ scores.T).argmin(axis=1)
            hit = found == labels[self._halves[told]]
            right += float(self._weights[told] @ hit)
            total += float(self._weights[told].sum())
        return right / total

    def _log_weights(self, half: int, labels: Array, n_clusters: int) -> Array:
        """Return how likely each word is outside of each cluster, (n_clusters, n_words)."""
        places = np.arange(len(labels))
        shape = (n_clusters, len(labels))
        member = sp.csr_matrix((self._weights[half], (labels, places)), shape)
        counts = np.asarray((member @ self._holds[half]).todense())
        outside = counts.sum(axis=0, keepdims=True) - counts + _SMOOTHING
        logs = np.log(outside / outside.sum(axis=1, keepdims=True))
        # Long lists of words would outweigh short ones.
        scaled = logs / np.maximum(np.abs(logs).sum(axis=1, keepdims=True), 1e-12)
        # A cluster that this half doesn't know is never told.
        scaled[counts.sum(axis=1) == 0] = np.inf
        return np.asarray(np.where(np.isinf(scaled), 0.0, scaled), dtype=np.float32)
