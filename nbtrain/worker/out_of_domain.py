"""Texts that have none of the labels: telling them without having seen any."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .bags import Array

__all__ = ["Gate", "fit_gate"]

_TURNED_AWAY = 0.05


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets texts in that the model is sure enough of (Hendrycks and Gimpel, ICLR 2017).

    On CLINC150 and BANKING77, highest log-odds, nearness to labelled texts and mixtures of these
    told no better, by the area under the ROC curve.

    Parameters
    ----------
    least : float
        A text whose best label has less confidence is out of domain.

    Examples
    --------
    >>> Gate(0.5).outside(np.array([[0.8, 0.1, 0.1], [0.4, 0.3, 0.3]])).tolist()
    [False, True]
    """

    least: float

    def outside(self, shares: Array) -> Array:
        """Tell which rows are out of domain.

        Parameters
        ----------
        shares : ndarray, shape (n_rows, n_labels)
            Calibrated confidences.

        Returns
        -------
        ndarray of bool, shape (n_rows,)
        """
        return np.asarray(shares.max(axis=1) < self.least)


def fit_gate(shares: Array, turned_away: float = _TURNED_AWAY) -> Gate:
    """Choose the gate that turns away a twentieth of texts that do have a label, at most.

    Nothing outside the labels is needed, as users seldom have such texts.

    Parameters
    ----------
    shares : ndarray, shape (n_rows, n_labels)
        Calibrated confidences of texts that were not learned from.
    turned_away : float
        Another share than a twentieth.

    Examples
    --------
    >>> sure = np.arange(100) / 100
    >>> fit_gate(np.stack([sure, np.zeros(100)], axis=1))
    Gate(least=0.04)
    """
    return Gate(float(np.quantile(shares.max(axis=1), turned_away, method="lower")))
