"""What the held-out texts say of a classification."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..evaluation import Confused, ConfusionMatrix, Evaluation
from .bags import Array
from .calibration import curve, thresholds

__all__ = ["Cells", "confusion_cells", "evaluate"]

Cells = tuple[tuple[int, int, int], ...]

_MOST_CONFUSED = 1000


def confusion_cells(labels: Array, told: Array, n_labels: int) -> Cells:
    """Count pairs of true label and label told, as :class:`ConfusionMatrix` keeps them.

    Parameters
    ----------
    labels, told : ndarray of int, shape (n_rows,)
        ``n_labels`` stands for none of the labels.
    n_labels : int

    Examples
    --------
    >>> confusion_cells(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    ((0, 0, 1), (0, 1, 1), (1, 1, 1))
    """
    pairs, counts = np.unique(labels * (n_labels + 1) + told, return_counts=True)
    true, predicted = np.divmod(pairs, n_labels + 1)
    return tuple(zip(true.tolist(), predicted.tolist(), counts.tolist(), strict=True))


def evaluate(
    names: tuple[str, ...],
    texts: Sequence[str],
    labels: Array,
    shares: Array,
    outside: Array,
) -> Evaluation:
    """Describe how well held-out texts are told apart.

    Parameters
    ----------
    names : tuple of str
        Of the labels.
    texts : sequence of str
    labels : ndarray of int, shape (n_texts,)
    shares : ndarray, shape (n_texts, n_labels)
        Calibrated.
    outside : ndarray of bool, shape (n_texts,)
        Which texts are told to have none of the labels.
    """
    best = shares.argmax(axis=1)
    told = np.where(outside, len(names), best)
    sure = shares.max(axis=1)
    wrong = np.flatnonzero(told != labels)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")][:_MOST_CONFUSED]
    spelled = (*names, "")
    return Evaluation(
        confusion=ConfusionMatrix(names, confusion_cells(labels, told, len(names))),
        curve=curve(sure[~outside], (told == labels)[~outside], len(labels)),
        thresholds=thresholds(shares, labels, names),
        confused=tuple(
            Confused(texts[i], names[labels[i]], spelled[told[i]], round(float(sure[i]), 4))
            for i in wrong.tolist()
        ),
        test_size=len(labels),
    )
