"""Texts that have none of the labels: telling them without having seen any."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .bags import Array

__all__ = ["Gate", "fit_gate"]

_TURNED_AWAY = 0.05


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets texts in that speak clearly for some label.

    The highest log-odds of a text say more than its confidence does, which two labels share
    when both fit (Hendrycks et al., ICML 2022).

    Parameters
    ----------
    least : float
        A text whose highest log-odds are lower is out of domain.

    Examples
    --------
    >>> Gate(1.0).outside(np.array([[2.0, 0.5], [0.2, 0.3]])).tolist()
    [False, True]
    """

    least: float

    def outside(self, odds: Array) -> Array:
        """Tell which rows are out of domain.

        Parameters
        ----------
        odds : ndarray, shape (n_rows, n_labels)

        Returns
        -------
        ndarray of bool, shape (n_rows,)
        """
        return np.asarray(odds.max(axis=1) < self.least)


def fit_gate(odds: Array) -> Gate:
    """Choose the gate that turns away a twentieth of texts that do have a label.

    Nothing outside the labels is needed, as users seldom have such texts.

    Parameters
    ----------
    odds : ndarray, shape (n_rows, n_labels)
        Log-odds of texts that were not learned from.

    Examples
    --------
    >>> odds = np.arange(100.0)[:, None] * [1.0, -1.0]
    >>> fit_gate(odds)
    Gate(least=5.0)
    """
    return Gate(float(np.quantile(odds.max(axis=1), _TURNED_AWAY, method="higher")))
