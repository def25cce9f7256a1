"""Whether texts hold more structure than their words would by chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .agreement import NeighbourAgreement
from .diffusion import Diffusion
from .features import LexicalEmbedder
from .path import descend
from .words import Language

__all__ = ["ChanceTest"]

_TEXTS = 1500
_COUNTS = 10
_LEAST_PER_CLUSTER = 12
_FEWEST = 40

Passages = Sequence[Sequence[str]]
Curve = dict[int, tuple[float, float]]


class ChanceTest:
    """Compares how texts cluster with how the same words in random order do.

    A permutation test. Clusters of any texts follow the neighbourhoods of their vectors in some
    measure, those of random texts too. So the words of the texts are dealt out anew, each text
    keeping its length; both are embedded and clustered in the same way, over the same numbers of
    clusters; and their mean neighbour agreements
    (:class:`~nbtrain.worker.agreement.NeighbourAgreement`) are compared.

    Twenty open sets with 5 to 150 intents, of 600 to 1,500 texts, balanced or not, had 0.14 to
    0.36; four sets of shuffled words -0.01 to 0.01; 150 texts of a single intent 0.08 and 0.13.

    Parameters
    ----------
    texts : sequence of sequence of str
        Passages of each text. Of more than 1,500 a sample is looked at.
    language : Language
    random_state : int

    Attributes
    ----------
    enough : bool
        Whether there are 40 different texts; fewer say nothing either way.
    """

    def __init__(self, texts: Passages, language: Language, random_state: int = 0) -> None:
        self._rng = np.random.default_rng(random_state)
        self._language, self._random_state = language, random_state
        words = [[w for passage in text for w in language.words(passage)] for text in texts]
        words = [list(text) for text in dict.fromkeys(map(tuple, words)) if text]
        if len(words) > _TEXTS:
            chosen = np.sort(self._rng.choice(len(words), _TEXTS, replace=False))
            words = [words[place] for place in chosen.tolist()]
        self._words = words
        self.enough = len(words) >= _FEWEST
        largest = max(len(words) // _LEAST_PER_CLUSTER, 2)
        self._ks = sorted({round(k) for k in np.geomspace(2, largest, _COUNTS)})
        self._curve: Curve | None = None

    def curve(self, progress: Callable[[float], None] = lambda share: None) -> Curve:
        """Return the neighbour agreement of the texts, mean over texts and over clusters, by k.

        A first picture of what a sweep will find, from a sample of the texts.
        """
        if self._curve is None:
            self._curve = self._agreements(self._words, progress) if self.enough else {}
        return self._curve

    def structure(self, progress: Callable[[float], None] = lambda share: None) -> float | None:
        """Return how much better the texts cluster than the same words in random order.

        Returns
        -------
        float or None
            Difference of two mean agreements, about 0 where there is nothing beyond chance; None
            if there are too few texts.
        """
        if not self.enough:
            progress(1.0)
            return None
        real = self.curve(lambda share: progress(share / 2))
        dealt = [word for text in self._words for word in text]
        order = iter(self._rng.permutation(len(dealt)).tolist())
        shuffled = [[dealt[next(order)] for _ in text] for text in self._words]
        random = self._agreements(shuffled, lambda share: progress((1.0 + share) / 2))
        progress(1.0)
        means = [np.mean([at for at, _ in curve.values()]) for curve in (real, random)]
        return float(means[0] - means[1])

    def _agreements(
        self, words: Sequence[Sequence[str]], progress: Callable[[float], None]
    ) -> Curve:
        texts = [(" ".join(text),) for text in words]
        embedder = LexicalEmbedder(self._language, self._random_state)
        embedder.fit(texts, lambda share: progress(0.7 * share))
        rows = np.unique(embedder.transform(texts), axis=0)
        rng = np.random.default_rng(self._random_state)
        ks = [k for k in self._ks if k <= len(rows)]
        if len(rows) < 3:
            return {2: (0.0, 0.0)}
        rows = Diffusion.fit(rows, rng).apply(rows)
        agreement = NeighbourAgreement(rows, rng)
        ones = np.ones(len(rows), np.float32)
        found = {
            path.n_clusters: agreement.of(path.labels)
            for path in descend(rows, ones, ks, rng, lambda share: progress(0.8 + 0.2 * share))
        }
        return dict(sorted(found.items()))
