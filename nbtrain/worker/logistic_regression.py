"""Multinomial logistic regression on sparse rows, epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .bags import Array
from .models import softmax

__all__ = ["METHOD", "Weights", "fit_weights"]

METHOD = "multinomial logistic regression, AdaGrad"

_MAX_EPOCHS = 40
_UNTESTED_EPOCHS = 10
_PATIENCE = 3
# The held-out loss must fall by this share to count as a step ahead.
_STEP_AHEAD = 0.005
_RATE = 0.3
_BATCH = 64
_BLOCK = 2048
_MEASURED = 5000

Report = Callable[[Mapping[str, float]], None]


@dataclass(slots=True)
class Weights:
    """A linear model of log-odds.

    Parameters
    ----------
    weights : ndarray of float32, shape (n_features, n_labels)
    bias : ndarray of float32, shape (n_labels,)
    epoch : int
        The epoch that they are of; 0 before the first.
    loss, accuracy : float or None
        On the held-out rows, None if there are none.
    """

    weights: Array
    bias: Array
    epoch: int = 0
    loss: float | None = None
    accuracy: float | None = None

    def shares(self, rows: sp.csr_matrix) -> Array:
        """Return the probability of each label, shape (n_rows, n_labels)."""
        blocks = [np.zeros((0, len(self.bias)), np.float32)]
        for start in range(0, rows.shape[0], _BLOCK):
            blocks.append(softmax(rows[start : start + _BLOCK] @ self.weights + self.bias))
        return np.vstack(blocks)

    def measure(self, rows: sp.csr_matrix, labels: Array) -> tuple[float, float]:
        """Return the mean log loss and the accuracy."""
        shares = self.shares(rows)
        own = np.maximum(shares[np.arange(len(labels)), labels], 1e-12)
        right = shares.argmax(axis=1) == labels
        return float(-np.log(own, dtype=np.float64).mean()), float(right.mean())


def fit_weights(
    rows: sp.csr_matrix,
    labels: Array,
    held_rows: sp.csr_matrix,
    held_labels: Array,
    n_labels: int,
    rng: np.random.Generator,
    *,
    epochs: int | None = None,
    report: Report = lambda metrics: None,
) -> Weights:
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
    epochs : int, optional
        At most; by default 40, or 10 without held-out rows.
    report : callable
        Is handed ``train_loss``, ``test_loss``, ``train_accuracy`` and ``test_accuracy`` after
        each epoch; those of the test (the held-out rows) only if there are such rows. Those of
        the training are of at most 5,000 rows.
    """
    tested = held_rows.shape[0] > 0
    n_rows, n_features = rows.shape
    now = Weights(np.zeros((n_features, n_labels), np.float32), np.zeros(n_labels, np.float32))
    best: Weights | None = None
    squares = _Squares(np.full_like(now.weights, 1e-6), np.full_like(now.bias, 1e-6))
    measured = np.sort(rng.permutation(n_rows)[:_MEASURED])
    sample, sample_labels = rows[measured], labels[measured]
    batch = min(_BATCH, max(4, n_rows // 20))
    ahead, least = 0, np.inf
    for epoch in range(1, (epochs or (_MAX_EPOCHS if tested else _UNTESTED_EPOCHS)) + 1):
        order = rng.permutation(n_rows)
        shuffled, shuffled_labels = rows[order], labels[order]
        for start in range(0, n_rows, batch):
            stop = start + batch
            _step(now, squares, shuffled[start:stop], shuffled_labels[start:stop])
        now.epoch = epoch
        train_loss, train_accuracy = now.measure(sample, sample_labels)
        metrics = {"train_loss": train_loss, "train_accuracy": train_accuracy}
        if not tested:
            report(metrics)
            continue
        now.loss, now.accuracy = now.measure(held_rows, held_labels)
        report(
            {
                "train_loss": train_loss,
                "test_loss": now.loss,
                "train_accuracy": train_accuracy,
                "test_accuracy": now.accuracy,
            }
        )
        if now.loss < least * (1.0 - _STEP_AHEAD):
            ahead = epoch
        if now.loss < least:
            least = now.loss
            best = Weights(now.weights.copy(), now.bias.copy(), epoch, now.loss, now.accuracy)
        if epoch - ahead >= _PATIENCE:
            break
    return best or now


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
