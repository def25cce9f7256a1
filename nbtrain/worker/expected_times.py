"""How long the parts of a training or a sweep take, roughly: what progress is shown by.

Measured on one machine, on short texts; only the ratios count. Found by
``tests/benchmarks/trainer.py``, which prints how far the shown fractions were off.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import sqrt

__all__ = [
    "EPOCHS",
    "classification_times",
    "clustering_times",
    "embedding_times",
    "feature_times",
    "fit_ends",
    "looking_times",
    "reusing_times",
    "sweeping_times",
]

EPOCHS = 15
"""About so many epochs an intent classification takes, if it may take more."""

# So many texts are learned from at most; the others are only embedded.
_LEARNED = 25_000
_CELLS = 40
# So many are mapped at most.
_MAPPED = 5000
# What goes by before the first message, and with the imports of what computes.
_START = 0.15
_IMPORTS = 0.25
# A neural model's time for a text.
_NEURAL = 3e-3


def clustering_times(n_texts: int, *, auto: bool, neural: bool = False) -> dict[str, float]:
    """Return seconds by stage of a clustering.

    Parameters
    ----------
    n_texts : int
        Different ones.
    auto : bool
        Whether the number of clusters is to be chosen.
    neural : bool
        Whether a neural model embeds the texts, too.

    Examples
    --------
    >>> times = clustering_times(22_500, auto=False)
    >>> times["embedding"] > 10 * times["clustering"]
    True
    """
    few = min(1.0, n_texts / 6000)
    stages = {
        "reading": _START + 8e-6 * n_texts,
        "embedding": sum(embedding_times(n_texts, n_unread=n_texts if neural else 0)),
        "choosing": looking_times(n_texts)["outlining"] + looking_times(n_texts)["comparing"],
        "clustering": 0.25 * few + 8e-6 * n_texts,
        "mapping": 0.1 + 4e-4 * min(n_texts, _MAPPED),
        "naming": 0.01 + 1.6e-5 * n_texts,
        "saving": 0.12 + 2e-5 * min(n_texts, _LEARNED) + 2e-6 * n_texts,
    }
    return {name: time for name, time in stages.items() if auto or name != "choosing"}


def sweeping_times(n_texts: int, ks: Sequence[int], n_paths: int) -> float:
    """Return seconds for the fits of a sweep, once the texts are embedded.

    Parameters
    ----------
    n_texts : int
    ks : sequence of int
        Of all fits.
    n_paths : int
        How many seeds they belong to.
    """
    if not ks:
        return 0.0
    path = 0.01 * max(ks) * min(1.0, n_texts / 2000)
    return n_paths * path + sum(0.008 + 2e-4 * k + 1e-8 * n_texts * (k + 20) for k in ks)


def looking_times(n_texts: int) -> dict[str, float]:
    """Return seconds of the stages of a sweep that look at a sample of the texts."""
    return {
        "comparing": 0.2 + 2e-3 * min(n_texts, 1500),
        "outlining": 0.05 + 8e-4 * min(n_texts, 6000),
        "mapping": 0.1 + 6e-4 * min(n_texts, 5000),
    }


def embedding_times(n_texts: int, *, n_unread: int = 0) -> tuple[float, ...]:
    """Return seconds of the parts of the stage ``embedding``.

    They are: imports, learning vectors, transforming the texts, finding the neighbours of what
    was learned from, and diffusing all texts. A neural model has to read ``n_unread`` of them.
    """
    learned = min(n_texts, _LEARNED)
    transforming = 3e-5 * n_texts + _NEURAL * n_unread
    neighbours, diffusing = _searching(learned, learned), _searching(n_texts, learned)
    return _IMPORTS, sum(_learning(learned)), transforming, neighbours, diffusing


def reusing_times(n_texts: int) -> tuple[float, float]:
    """Return seconds of the parts of the stage ``embedding``, if features are reused.

    They are: imports, and reading what was kept.
    """
    return _IMPORTS, 0.02 + 1e-5 * n_texts


def fit_ends(n_texts: int, *, pairs: bool = True) -> tuple[float, ...]:
    """Return at which shares of learning the vectors of words, sub-words and pairs are there.

    Examples
    --------
    >>> len(fit_ends(2000)), len(fit_ends(2000, pairs=False))
    (3, 2)
    >>> fit_ends(2000)[1] < fit_ends(2000, pairs=False)[1]
    True
    """
    *kinds, rounds = _learning(min(n_texts, _LEARNED))
    kinds = kinds if pairs else kinds[:2]
    total = max(sum(kinds) + rounds, 1e-9)
    return tuple(end / total for end in accumulate(kinds))


def _learning(n_texts: int) -> tuple[float, ...]:
    """Return the seconds for words, sub-words and pairs, and for the rounds of weighting."""
    rounds = 3 * (2 * _searching(n_texts, n_texts) + 2.4e-5 * n_texts)
    few = min(1.0, n_texts / 2000)
    return 4e-5 * n_texts, 0.5 * few + 3e-5 * n_texts, 0.5 * few + 3e-5 * n_texts, rounds


def _searching(n_queries: int, n_anchors: int) -> float:
    """Return the seconds for the nearest anchors of each query."""
    looked_at = min(n_anchors, _CELLS * sqrt(n_anchors))
    return n_queries * (2.5e-5 + 1e-8 * looked_at)


def classification_times(
    n_texts: int, n_labels: int, *, epochs: int = EPOCHS, neural: bool = False
) -> dict[str, float]:
    """Return seconds by stage of an intent classification.

    Examples
    --------
    >>> times = classification_times(22_500, 150)
    >>> times["training"] > 5 * times["features"]
    True
    """
    learning = 0.3 + 5e-6 * n_texts * n_labels * min(epochs, EPOCHS) / EPOCHS
    return {
        "reading": _START + _IMPORTS + 8e-6 * n_texts,
        "features": sum(feature_times(n_texts, n_unread=n_texts if neural else 0)),
        "training": learning,
        "refitting": learning,
        "naming": 0.01 + 1.8e-5 * n_texts,
        "saving": 0.15 + 2e-5 * n_texts,
    }


def feature_times(n_texts: int, *, n_unread: int = 0) -> tuple[float, float]:
    """Return seconds of the parts of the stage ``features``.

    They are: a neural model's reading of ``n_unread`` texts, and all else.
    """
    return _NEURAL * n_unread, 0.05 + 5e-5 * n_texts
