"""Whether texts hold more structure than their words would by chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .agreement import NeighbourAgreement
from .bags import Array
from .diffusion import Diffusion
from .features import LexicalEmbedder
from .path import descend
from .words import Language

__all__ = ["structure_beyond_chance"]

_TEXTS = 1500
_COUNTS = 10
_LEAST_PER_CLUSTER = 12
_FEWEST = 40

Passages = Sequence[Sequence[str]]


def structure_beyond_chance(
    texts: Passages,
    language: Language,
    random_state: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> float | None:
    """Return how much better texts cluster than the same words in random order.

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
    progress : callable
        Is told the share of the work that is done.

    Returns
    -------
    float or None
        Difference of two agreements, about 0 where there is nothing beyond chance; None if there
        are fewer than 40 different texts, which say nothing either way.
    """
    rng = np.random.default_rng(random_state)
    words = [[w for passage in text for w in language.words(passage)] for text in texts]
    words = [list(text) for text in dict.fromkeys(map(tuple, words)) if text]
    if len(words) > _TEXTS:
        chosen = np.sort(rng.choice(len(words), _TEXTS, replace=False))
        words = [words[place] for place in chosen.tolist()]
    if len(words) < _FEWEST:
        progress(1.0)
        return None
    dealt = [word for text in words for word in text]
    order = iter(rng.permutation(len(dealt)).tolist())
    shuffled = [[dealt[next(order)] for _ in text] for text in words]
    largest = max(len(words) // _LEAST_PER_CLUSTER, 2)
    ks = sorted({round(k) for k in np.geomspace(2, largest, _COUNTS)})
    curves = []
    for half, own in enumerate((words, shuffled)):

        def step(share: float, half: int = half) -> None:
            progress((half + share) / 2)

        curves.append(_agreements(own, language, random_state, ks, step))
    progress(1.0)
    return float(np.mean(curves[0]) - np.mean(curves[1]))


def _agreements(
    words: Sequence[Sequence[str]],
    language: Language,
    random_state: int,
    ks: Sequence[int],
    progress: Callable[[float], None],
) -> Array:
    """Return the neighbour agreement of a clustering into each number of clusters."""
    texts = [(" ".join(text),) for text in words]
    embedder = LexicalEmbedder(language, random_state)
    embedder.fit(texts, lambda share: progress(0.7 * share))
    rows = np.unique(embedder.transform(texts), axis=0)
    rng = np.random.default_rng(random_state)
    ks = [k for k in ks if k <= len(rows)]
    if len(rows) < 3:
        return np.zeros(1)
    rows = Diffusion.fit(rows, rng).apply(rows)
    agreement = NeighbourAgreement(rows, rng)
    ones = np.ones(len(rows), np.float32)
    found = []
    for path in descend(rows, ones, ks, rng, lambda share: progress(0.8 + 0.2 * share)):
        found.append(agreement.of(path.labels)[0])
    return np.array(found)
