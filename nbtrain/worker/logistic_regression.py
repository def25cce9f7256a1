"""Multinomial logistic regression on sparse rows, epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .bags import Array
from .calibration import log_loss
from .models import softmax

__all__ = ["METHOD", "Fit", "Report", "Weights", "fit_weights", "learn_weights"]

PATIENCE = 3
DROPPED = 0.5
METHOD = "multinomial logistic regression, AdaGrad, half of the features dropped"

# The held-out loss must fall by this share, and by so much, to count as a step ahead.
_STEP_AHEAD = 0.01
_LEAST_STEP = 1e-3
# Measured on parts of BANKING77: few texts are told better when learned from in small steps.
_SLOWEST, _FASTEST, _FASTEST_FROM = 0.1, 0.3, 4500
_BATCH = 64
_MEASURED = 5000
_BLOCK = 2048

Report = Callable[[Mapping[str, float], Array], None]


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

    def odds(self, rows: sp.csr_matrix) -> Array:
        """Return the log-odds of each label, shape (n_rows, n_labels)."""
        return np.asarray(rows @ self.weights + self.bias)

    def own_shares(self, rows: sp.csr_matrix, labels: Array, temperature: float) -> Array:
        """Return the probability of each row's own label, shape (n_rows,)."""
        found = np.zeros(len(labels), np.float32)
        for start in range(0, len(labels), _BLOCK):
            block = slice(start, start + _BLOCK)
            shares = softmax(self.odds(rows[block]) / temperature)
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
        The held-out loss at the best epoch.
    """

    weights: Weights
    best_epoch: int
    last_epoch: int
    loss: float


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
    patience: int | None = PATIENCE,
    dropped: float = DROPPED,
) -> Fit:
    """Learn by mini-batches, and keep the weights of the epoch with the least held-out loss.

    AdaGrad (Duchi, Hazan and Singer, JMLR 2011) gives rare features larger steps. Only the
    features of a batch are touched. Half of each text's features, others in each epoch, are left
    out (Wager, Wang and Liang, NIPS 2013), so that no single one decides. There is no other
    penalty on the weights: training ends when the held-out loss has hardly fallen for three
    epochs.

    Parameters
    ----------
    rows : csr_matrix of float32, shape (n_rows, n_features)
    labels : ndarray of int, shape (n_rows,)
        0 to ``n_labels`` - 1.
    held_rows, held_labels : csr_matrix, ndarray
        What is not learned from; at least one.
    n_labels : int
    rng : numpy.random.Generator
    epochs : int
        At most.
    report : callable
        Is handed after each epoch ``train_loss``, ``test_loss``, ``train_accuracy`` and
        ``test_accuracy`` (the test is on the held-out rows, the training on at most 5,000 of
        its rows), and the labels told of the held-out rows.
    patience : int or None
        How many epochs may hardly better the held-out loss; None trains all epochs.
    dropped : float
        Share of each text's features that is left out.
    """
    learner = _Learner(rows, labels, n_labels, rng, dropped)
    measured = np.sort(rng.permutation(rows.shape[0])[:_MEASURED])
    sample, sample_labels = rows[measured], labels[measured]
    best = Fit(learner.now, 0, 0, np.inf)
    ahead = 0
    for epoch in range(1, epochs + 1):
        learner.learn()
        metrics, _ = _measured(learner.now, sample, sample_labels, "train")
        held_metrics, told = _measured(learner.now, held_rows, held_labels, "test")
        report(metrics | held_metrics, told)
        loss = held_metrics["test_loss"]
        if loss < best.loss - max(_STEP_AHEAD * min(best.loss, 1e9), _LEAST_STEP):
            ahead = epoch
        if loss < best.loss:
            best = Fit(learner.now.copy(), epoch, epoch, loss)
        best.last_epoch = epoch
        if patience is not None and epoch - ahead >= patience:
            break
    return best


def learn_weights(
    rows: sp.csr_matrix,
    labels: Array,
    n_labels: int,
    rng: np.random.Generator,
    epochs: int,
    progress: Callable[[float], None] = lambda share: None,
    dropped: float = DROPPED,
) -> Weights:
    """Learn for so many epochs as :func:`fit_weights` does, with nothing held out."""
    learner = _Learner(rows, labels, n_labels, rng, dropped)
    for epoch in range(1, epochs + 1):
        learner.learn()
        progress(epoch / epochs)
    return learner.now


def _measured(
    now: Weights, rows: sp.csr_matrix, labels: Array, side: str
) -> tuple[dict[str, float], Array]:
    shares = softmax(now.odds(rows))
    told = shares.argmax(axis=1)
    accuracy = float((told == labels).mean())
    return {f"{side}_loss": log_loss(shares, labels), f"{side}_accuracy": accuracy}, told


class _Learner:
    """Weights on their way, and the sums of their squared gradients so far."""

    def __init__(
        self,
        rows: sp.csr_matrix,
        labels: Array,
        n_labels: int,
        rng: np.random.Generator,
        dropped: float,
    ) -> None:
        self.rows, self.labels, self.rng, self.dropped = rows, labels, rng, dropped
        shape = rows.shape[1], n_labels
        self.now = Weights(np.zeros(shape, np.float32), np.zeros(n_labels, np.float32))
        self.squares = Weights(
            np.full(shape, 1e-6, np.float32), np.full(n_labels, 1e-6, np.float32)
        )
        n_rows = rows.shape[0]
        self.batch = min(_BATCH, max(8, n_rows // 20))
        self.rate = float(np.clip(_FASTEST * (n_rows / _FASTEST_FROM) ** 0.5, _SLOWEST, _FASTEST))

    def learn(self) -> None:
        """Go once over all rows, in a new order."""
        n_rows = self.rows.shape[0]
        order = self.rng.permutation(n_rows)
        rows, labels = self._thinned(self.rows[order]), self.labels[order]
        for start in range(0, n_rows, self.batch):
            stop = start + self.batch
            self._step(rows[start:stop], labels[start:stop])

    def _thinned(self, rows: sp.csr_matrix) -> sp.csr_matrix:
        # The sums over the indices become the new ends of the rows.
        kept = self.rng.random(len(rows.data), dtype=np.float32) >= self.dropped
        ends = np.concatenate([[0], np.cumsum(kept)])[rows.indptr]
        data = rows.data[kept] * np.float32(1.0 / (1.0 - self.dropped))
        return sp.csr_matrix((data, rows.indices[kept], ends), rows.shape)

    def _step(self, rows: sp.csr_matrix, labels: Array) -> None:
        now, squares = self.now, self.squares
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
        now.weights[features] = weights - self.rate * gradient / np.sqrt(sums)
        total = off.sum(axis=0)
        squares.bias += total * total
        now.bias -= self.rate * total / np.sqrt(squares.bias)
