"""Whether clusters can be told from words."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.naive_bayes import ComplementNB

from nbtrain.worker.bags import Array
from nbtrain.worker.predictability import Predictability


def texts(n_topics: int, rng: np.random.Generator) -> tuple[sp.csr_matrix, Array]:
    """Texts of five of a topic's ten words, and five of twenty that all topics share."""
    labels = np.repeat(np.arange(n_topics), 40)
    holds = np.zeros((len(labels), 10 * n_topics + 20), np.float32)
    for row, topic in enumerate(labels):
        holds[row, 10 * topic + rng.choice(10, 5, replace=False)] = 1
        holds[row, 10 * n_topics + rng.choice(20, 5, replace=False)] = 1
    return sp.csr_matrix(holds), labels


def test_topics_are_told_and_chance_is_not() -> None:
    rng = np.random.default_rng(0)
    holds, labels = texts(6, rng)
    told = Predictability(holds, np.ones(len(labels)), np.random.default_rng(1))
    assert told.of(labels, 6) > 0.98
    assert told.of(rng.permutation(labels), 6) < 0.35


def test_is_complement_naive_bayes() -> None:
    holds, labels = texts(4, np.random.default_rng(2))
    labels = np.where(np.random.default_rng(3).random(len(labels)) < 0.4, 0, labels)
    told = Predictability(holds, np.ones(len(labels)), np.random.default_rng(1))
    order = np.random.default_rng(1).permutation(len(labels))
    halves = [np.sort(order[:80]), np.sort(order[80:])]
    right = 0
    for learned, other in (halves, halves[::-1]):
        model = ComplementNB(alpha=0.3, norm=True).fit(holds[learned], labels[learned])
        right += int((model.predict(holds[other]) == labels[other]).sum())
    assert told.of(labels, 4) == pytest.approx(right / len(labels), abs=0.02)


def test_a_cluster_that_one_half_doesnt_know_is_no_mistake_of_the_others() -> None:
    holds, labels = texts(3, np.random.default_rng(4))
    labels = labels.copy()
    labels[0] = 3
    told = Predictability(holds, np.ones(len(labels)), np.random.default_rng(1))
    assert 0.9 < told.of(labels, 4) < 1.0


def test_too_few_texts_tell_nothing() -> None:
    told = Predictability(sp.csr_matrix((1, 3)), np.ones(1), np.random.default_rng(0))
    assert np.isnan(told.of(np.zeros(1, int), 1))


def test_words_of_texts_that_are_not_looked_at_take_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nbtrain.worker.predictability._TEXTS", 40)
    holds = sp.csr_matrix(np.eye(400, dtype=np.float32))
    told = Predictability(holds, np.ones(400), np.random.default_rng(0))
    assert [half.shape for half in told._holds] == [(20, 40), (20, 40)]
    assert 0.0 <= told.of(np.arange(400) % 3, 3) <= 1.0
