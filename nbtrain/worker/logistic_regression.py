"""Multinomial logistic regression on sparse rows, epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .bags import Array
from .calibration import log_loss
from .models import softmax

__all__ = ["METHOD", "Fit", "Report", "Weights", "fit_weights"]

METHOD = "multinomial logistic regression, AdaGrad"

_PATIENCE = 3
# The held-out loss must fall by this share, and by so much, to count as a step ahead.
_STEP_AHEAD = 0.005
_LEAST_STEP = 1e-3
_RATE = 0.3
_BATCH = 64
_MEASURED = 5000
_BLOCK = 2048

Report = Callable[[Mapping[str, float], Array | None], None]


@dataclass(slots=True)
class Weights:
    """A linear model of log-odds.

    Parameters
    ----------
    weights : ndarray of float32, shape (n_features, n_labels)
    bias : ndarray of float32, shape (n_labels,)
    """

    weights: Array
    bias: Array

    def shares(self, rows: sp.csr_matrix) -> Array:
        """Return the probability of each label, shape (n_rows, n_labels)."""
        return softmax(self.odds(rows))

    def odds(self, rows: sp.csr_matrix) -> Array:
        """Return the log-odds of each label, shape (n_rows, n_labels)."""
        return np.asarray(rows @ self.weights + self.bias)

    def own_shares(self, rows: sp.csr_matrix, labels: Array) -> Array:
        """Return the probability of each row's own label, shape (n_rows,)."""
        found = np.zeros(len(labels), np.float32)
        for start in range(0, len(labels), _BLOCK):
            block = slice(start, start + _BLOCK)
            shares = self.shares(rows[block])
            found[block] = shares[np.arange(len(shares)), labels[block]]
        return found

    def copy(self) -> Weights:
        """Return a copy that further training leaves alone."""
        return Weights(self.weights.copy(), self.bias.copy())


@dataclass(slots=True)
class Fit:
    """Learned weights, and how the learning went.

    Parameters
    ----------
    weights : Weights
        Of the best epoch.
    best_epoch, last_epoch : int
        That with the least held-out loss, and the one after which training ended.
    loss : float
        The held-out loss at the best epoch; infinite if nothing was held out.
    """

    weights: Weights
    best_epoch: int
    last_epoch: int
    loss: float = np.inf


def fit_weights(
    rows: sp.csr_matrix,
    labels: Array,
    held_rows: sp.csr_matrix,
    held_labels: Array,
    n_labels: int,
    rng: np.random.Generator,
    *,
    epochs: int,
    report: Report = lambda metrics, told: None,
) -> Fit:
    """Learn by mini-batches, and keep the weights of the epoch with the least held-out loss.

    AdaGrad (Duchi, Hazan and Singer, JMLR 2011) gives rare features larger steps. Only the
    features of a batch are touched. There is no penalty on the weights: training ends when the
    held-out loss has not fallen for three epochs.

    Parameters
    ----------
    rows : csr_matrix of float32, shape (n_rows, n_features)
    labels : ndarray of int, shape (n_rows,)
        0 to ``n_labels`` - 1.
    held_rows, held_labels : csr_matrix, ndarray
        What is not learned from; without any rows the last epoch's weights are kept.
    n_labels : int
    rng : numpy.random.Generator
    epochs : int
        At most; without held-out rows just so many.
    report : callable
        Is handed ``train_loss``, ``test_loss``, ``train_accuracy`` and ``test_accuracy`` after
        each epoch, and the labels told of the held-out rows; those of the test (the held-out
        rows) only if there are such rows. Those of the training are of at most 5,000 rows.
    """
    tested = held_rows.shape[0] > 0
    n_rows, n_features = rows.shape
    now = Weights(np.zeros((n_features, n_labels), np.float32), np.zeros(n_labels, np.float32))
    best = Fit(now, 0, 0)
    squares = _Squares(np.full_like(now.weights, 1e-6), np.full_like(now.bias, 1e-6))
    measured = np.sort(rng.permutation(n_rows)[:_MEASURED])
    sample, sample_labels = rows[measured], labels[measured]
    batch = min(_BATCH, max(4, n_rows // 20))
    ahead = 0
    for epoch in range(1, epochs + 1):
        order = rng.permutation(n_rows)
        shuffled, shuffled_labels = rows[order], labels[order]
        for start in range(0, n_rows, batch):
            stop = start + batch
            _step(now, squares, shuffled[start:stop], shuffled_labels[start:stop])
        if not tested:
            best = Fit(now, epoch, epoch)
            report({}, None)
            continue
        metrics, _ = _measured(now, sample, sample_labels, "train")
        held_metrics, told = _measured(now, held_rows, held_labels, "test")
        report(metrics | held_metrics, told)
        loss = held_metrics["test_loss"]
        if loss < best.loss - max(_STEP_AHEAD * best.loss, _LEAST_STEP):
            ahead = epoch
        if loss < best.loss:
            best = Fit(now.copy(), epoch, epoch, loss)
        best.last_epoch = epoch
        if epoch - ahead >= _PATIENCE:
            break
    return best


def _measured(
    now: Weights, rows: sp.csr_matrix, labels: Array, side: str
) -> tuple[dict[str, float], Array]:
    shares = now.shares(rows)
    told = shares.argmax(axis=1)
    accuracy = float((told == labels).mean())
    return {f"{side}_loss": log_loss(shares, labels), f"{side}_accuracy": accuracy}, told


@dataclass(slots=True)
class _Squares:
    """Sums of squared gradients so far."""

    weights: Array
    bias: Array


def _step(now: Weights, squares: _Squares, rows: sp.csr_matrix, labels: Array) -> None:
    features, inverse = np.unique(rows.indices, return_inverse=True)
    shape = (rows.shape[0], len(features))
    compact = sp.csr_matrix((rows.data, inverse.ravel(), rows.indptr), shape)
    weights = now.weights[features]
    # The gradient of the mean loss by the log-odds: shares minus truth.
    off = softmax(compact @ weights + now.bias)
    off[np.arange(len(labels)), labels] -= 1.0
    off /= len(labels)
    gradient = np.asarray(compact.T @ off)
    sums = squares.weights[features] + gradient * gradient
    squares.weights[features] = sums
    now.weights[features] = weights - _RATE * gradient / np.sqrt(sums)
    total = off.sum(axis=0)
    squares.bias += total * total
    now.bias -= _RATE * total / np.sqrt(squares.bias)
