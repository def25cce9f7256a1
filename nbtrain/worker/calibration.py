"""Confidences that mean what they say, and from which one on to trust a label."""

from __future__ import annotations

import numpy as np

from ..evaluation import PrecisionRecallCurve
from .bags import Array
from .models import softmax

__all__ = ["curve", "fit_temperature", "log_loss", "thresholds"]

_STEPS = 101
_SHARPEST, _FLATTEST = 0.05, 20.0


def log_loss(shares: Array, labels: Array) -> float:
    """Return the mean of the negative logarithm of each row's share of its own label."""
    own = np.maximum(shares[np.arange(len(labels)), labels], 1e-12)
    return float(-np.log(own, dtype=np.float64).mean())


def fit_temperature(odds: Array, labels: Array) -> float:
    """Return the number to divide log-odds by, so that held-out texts are least surprising.

    Temperature scaling (Guo et al., ICML 2017). It changes no ranking. A share of
    1 / (n_rows + 2) of each text's truth is spread over all labels (after Platt, 1999), so that
    a few texts told without a mistake don't make the model certain.

    Parameters
    ----------
    odds : ndarray, shape (n_rows, n_labels)
        Of texts that were not learned from.
    labels : ndarray of int, shape (n_rows,)

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> odds = rng.standard_normal((4000, 3)) * 2
    >>> labels = np.array([rng.choice(3, p=p) for p in softmax(odds.copy())])
    >>> 4.5 < fit_temperature(odds * 5, labels) < 5.5
    True
    """
    # Imported here: it takes as long as all other imports together, and clustering needs none.
    from scipy.optimize import minimize_scalar

    doubt = 1.0 / (len(labels) + 2.0)

    def surprise(power: float) -> float:
        shares = softmax(odds / np.exp(power))
        spread = -np.log(np.maximum(shares, 1e-12), dtype=np.float64).mean()
        return (1.0 - doubt) * log_loss(shares, labels) + doubt * float(spread)

    bounds = (np.log(_SHARPEST), np.log(_FLATTEST))
    found = minimize_scalar(surprise, bounds=bounds, method="bounded", options={"xatol": 1e-3})
    return float(np.exp(found.x))


def curve(confidences: Array, right: Array, all_texts: int | None = None) -> PrecisionRecallCurve:
    """Return precision and recall by the least confidence that counts.

    Parameters
    ----------
    confidences : ndarray, shape (n_rows,)
        Of the best label of each held-out text.
    right : ndarray of bool, shape (n_rows,)
        Whether that is its label.
    all_texts : int, optional
        What recall is a share of, by default the number of rows.

    Examples
    --------
    >>> found = curve(np.array([0.9, 0.6, 0.5]), np.array([True, False, True]))
    >>> found.precision[0], found.recall[0], found.precision[70], found.recall[70]
    (0.6667, 0.6667, 1.0, 0.3333)
    """
    levels = np.linspace(0.0, 1.0, _STEPS)
    told = np.array([(confidences >= level).sum() for level in levels], dtype=float)
    hits = np.array([right[confidences >= level].sum() for level in levels], dtype=float)
    last = told > 0
    levels, told, hits = levels[last], told[last], hits[last]
    everything = max(1, len(right) if all_texts is None else all_texts)
    columns = levels, hits / told, hits / everything, 2 * hits / (told + everything)
    return PrecisionRecallCurve(*(tuple(column.round(4).tolist()) for column in columns))


def thresholds(shares: Array, labels: Array, names: tuple[str, ...]) -> dict[str, float]:
    """Return by label the confidence from which on its predictions have the highest F1.

    Parameters
    ----------
    shares : ndarray, shape (n_rows, n_labels)
        Of held-out texts.
    labels : ndarray of int, shape (n_rows,)
    names : tuple of str
        Of the labels. One that no held-out text was predicted as gets 0.5.
    """
    best = shares.argmax(axis=1)
    found = {}
    for place, name in enumerate(names):
        rows = np.flatnonzero(best == place)
        sure = np.sort(shares[rows, place])[::-1]
        order = np.argsort(-shares[rows, place], kind="stable")
        hits = np.cumsum(labels[rows][order] == place)
        if not len(rows) or not hits[-1]:
            found[name] = 0.5
            continue
        scores = 2 * hits / (np.arange(1, len(rows) + 1) + (labels == place).sum())
        # Of equal scores the last one: it leaves out the fewest texts.
        place_of_best = len(scores) - 1 - int(np.argmax(scores[::-1]))
        found[name] = float(np.floor(sure[place_of_best] * 1e4) / 1e4)
    return found
