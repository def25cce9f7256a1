"""The choice of the number of clusters."""

from __future__ import annotations

import numpy as np
import pytest

from nbtrain.worker.bags import Array
from nbtrain.worker.choose_k import choose_count, choose_n_clusters
from nbtrain.worker.word_vectors import unit_rows


@pytest.mark.parametrize("true_k", [5, 12, 30])
@pytest.mark.parametrize("seed", [0, 1])
def test_is_near_the_number_of_blobs(true_k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = unit_rows(rng.standard_normal((true_k, 60)))
    rows = centres[np.repeat(np.arange(true_k), 40)]
    rows = unit_rows(rows + 0.1 * rng.standard_normal(rows.shape))
    chosen = choose_n_clusters(rows, np.ones(len(rows)), np.random.default_rng(seed))
    assert true_k / 1.5 <= chosen <= true_k * 1.5


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9, 30])
def test_few_rows_give_a_possible_number(n: int) -> None:
    rows = unit_rows(np.random.default_rng(0).standard_normal((n, 8)))
    assert min(2, n) <= choose_n_clusters(rows, np.ones(n), np.random.default_rng(0)) <= n


def test_tells_how_far_it_is() -> None:
    rows = unit_rows(np.random.default_rng(0).standard_normal((200, 8)))
    told: list[float] = []
    choose_n_clusters(rows, np.ones(200), np.random.default_rng(0), told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def blobs(n_blobs: int, per_blob: int, noise: float) -> Array:
    rng = np.random.default_rng(0)
    centres = unit_rows(rng.standard_normal((n_blobs, 60)))
    rows = np.repeat(centres, per_blob, axis=0)
    return unit_rows(rows + noise * rng.standard_normal(rows.shape))


def test_tells_structure_from_noise() -> None:
    clear = choose_count(blobs(20, 40, 0.05), np.ones(800), np.random.default_rng(0))
    assert clear.clear_structure
    assert clear.borderline < 0.01
    noise = choose_count(blobs(800, 1, 0.0), np.ones(800), np.random.default_rng(0))
    assert not noise.clear_structure


def test_says_why() -> None:
    choice = choose_count(blobs(12, 40, 0.1), np.ones(480), np.random.default_rng(0))
    assert set(choice.readings) == {"summit", "elbow", "objective", "between"}
    assert all(choice.n_clusters not in (tie,) for tie in choice.near_ties)
    ks = [scores.n_clusters for scores in choice.curve]
    assert ks == sorted(ks)
    assert ks[0] == 2
    assert ks[-1] == 60
    assert len(choice.agreements) == len(ks)
    objectives = [scores.objective for scores in choice.curve]
    assert np.diff(objectives).min() > -1e-3


def test_the_same_seed_chooses_the_same() -> None:
    rows = blobs(9, 30, 0.3)
    first, second = (choose_count(rows, np.ones(270), np.random.default_rng(3)) for _ in range(2))
    assert first == second
