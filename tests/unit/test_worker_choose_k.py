"""The choice of the number of clusters."""

from __future__ import annotations

import numpy as np
import pytest

from nbtrain.worker.bags import Array
from nbtrain.worker.choose_k import choose_count
from nbtrain.worker.word_vectors import unit_rows


@pytest.mark.parametrize("true_k", [5, 12, 30])
@pytest.mark.parametrize("seed", [0, 1])
def test_is_near_the_number_of_blobs(true_k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = unit_rows(rng.standard_normal((true_k, 60)))
    rows = centres[np.repeat(np.arange(true_k), 40)]
    rows = unit_rows(rows + 0.1 * rng.standard_normal(rows.shape))
    chosen = choose_count(rows, np.ones(len(rows))).n_clusters
    assert true_k / 1.5 <= chosen <= true_k * 1.5


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9, 30])
def test_few_rows_give_a_possible_number(n: int) -> None:
    rows = unit_rows(np.random.default_rng(0).standard_normal((n, 8)))
    assert min(2, n) <= choose_count(rows, np.ones(n)).n_clusters <= n


def test_tells_how_far_it_is() -> None:
    rows = unit_rows(np.random.default_rng(0).standard_normal((200, 8)))
    told: list[float] = []
    choose_count(rows, np.ones(200), told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def blobs(n_blobs: int, per_blob: int, noise: float) -> Array:
    rng = np.random.default_rng(0)
    centres = unit_rows(rng.standard_normal((n_blobs, 60)))
    rows = np.repeat(centres, per_blob, axis=0)
    return unit_rows(rows + noise * rng.standard_normal(rows.shape))


def test_says_why() -> None:
    choice = choose_count(blobs(12, 40, 0.1), np.ones(480))
    assert 10 <= choice.n_clusters <= 14
    told = choice.recommendation
    assert {"summit", "elbow", "objective", "between"} <= set(told.readings)
    assert told.candidates[0].reason
    ks = [fit.n_clusters for fit in choice.fits]
    assert ks == sorted(ks)
    assert (ks[0], ks[-1]) == (2, 60)
    objectives = [fit.scores["objective"] for fit in choice.fits]
    assert np.diff(objectives).min() > -1e-3


@pytest.mark.parametrize("seed", range(3))
def test_of_two_granularities_it_is_one_of_both(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outer = np.repeat(unit_rows(rng.standard_normal((5, 60))), 6, axis=0)
    inner = unit_rows(outer + 0.6 * unit_rows(rng.standard_normal(outer.shape)))
    rows = np.repeat(inner, 20, axis=0)
    rows = unit_rows(rows + 0.05 * rng.standard_normal(rows.shape))
    chosen = choose_count(rows, np.ones(len(rows))).n_clusters
    assert min(max(chosen / k, k / chosen) for k in (5, 30)) < 1.2


def test_the_same_rows_give_the_same() -> None:
    rows = blobs(9, 30, 0.3)
    first, second = (choose_count(rows, np.ones(270)) for _ in range(2))
    assert first == second
