"""Which clusters come back on other texts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from nbtrain.sweep_moves import adjusted_rand_index
from nbtrain.worker.agreement import NeighbourAgreement
from nbtrain.worker.bags import Array
from nbtrain.worker.stability import Stability
from nbtrain.worker.sweep import sweep
from nbtrain.worker.word_vectors import unit_rows


def blobs(n_blobs: int, per_blob: int, noise: float) -> Array:
    rng = np.random.default_rng(0)
    centres = unit_rows(rng.standard_normal((n_blobs, 40)))
    rows = np.repeat(centres, per_blob, axis=0)
    return unit_rows(rows + noise * rng.standard_normal(rows.shape))


def measured(rows: Array, ks: list[int]) -> dict[int, tuple[float, Array]]:
    ones = np.ones(len(rows), np.float32)
    stability = Stability(rows, ones, ks, np.random.default_rng(1))
    fits = sweep(rows, ones, ks, np.random.default_rng(0))
    return {len(fit.centres): stability.of(fit.labels, len(fit.centres)) for fit in fits}


def test_is_highest_at_the_number_of_groups() -> None:
    found = measured(blobs(8, 60, 0.08), [4, 8, 16])
    assert found[8][0] > 0.99
    assert found[8][1].min() > 0.99
    assert found[16][0] < 0.95
    assert found[16][1].min() < 0.9


def test_known_clusters_come_back_by_the_fixed_rows_that_are_drawn() -> None:
    rows = unit_rows(np.random.default_rng(0).standard_normal((600, 40))).astype(np.float32)
    ones = np.ones(len(rows), np.float32)
    fixed = np.where(np.arange(600) < 400, np.arange(600) % 4, -1)
    [fit] = sweep(rows, ones, [6], np.random.default_rng(0), fixed=fixed)
    unknown, known = (
        Stability(rows, ones, [2, 6], np.random.default_rng(1), fixed=of).of(fit.labels, 6)
        for of in (None, fixed)
    )
    # In noise nothing can come back but what is known, and of that one half.
    assert unknown[0] < 0.1
    assert 0.15 < known[0] < 0.6
    assert known[1][:4].min() > 0.25


@pytest.mark.parametrize("of_each", [1, 20])
def test_known_clusters_that_are_groups_come_back(of_each: int) -> None:
    rows = blobs(6, 60, 0.08).astype(np.float32)
    ones = np.ones(len(rows), np.float32)
    fixed = np.full(len(rows), -1)
    for cluster in range(3):
        fixed[60 * cluster : 60 * cluster + of_each] = cluster
    stability = Stability(rows, ones, [2, 6], np.random.default_rng(1), fixed=fixed)
    [fit] = sweep(rows, ones, [6], np.random.default_rng(0), fixed=fixed)
    whole, each = stability.of(fit.labels, 6)
    assert whole > 0.95
    assert each.min() > 0.9


def test_noise_has_little() -> None:
    rows = unit_rows(np.random.default_rng(0).standard_normal((600, 40)))
    whole, each = measured(rows, [10])[10]
    assert whole < 0.4
    assert each.shape == (10,)
    assert ((each >= 0) & (each <= 1)).all()


def test_counts_that_half_of_the_rows_dont_allow_are_not_compared() -> None:
    rows = blobs(4, 5, 0.1)
    whole, each = measured(rows, [4, 15])[15]
    assert np.isnan(whole)
    assert np.isnan(each).all()


def test_agreement_is_half_the_fits_own_and_half_the_rounds() -> None:
    rows = blobs(5, 30, 0.3).astype(np.float32)
    stability = Stability(rows, np.ones(150, np.float32), [5], np.random.default_rng(3))
    agreement = NeighbourAgreement(rows[stability.judged], np.random.default_rng(0))
    labels, others = np.arange(150) % 5, stability.labels(5)
    assert len(others) == 3
    own = np.array(agreement.of(labels))
    rest = np.mean([agreement.of(other) for other in others], axis=0)
    assert rest.min() > own.max() + 0.3
    assert agreement.of(labels, *others) == pytest.approx((own + rest) / 2)
    assert stability.labels(100) == []


def test_the_same_seed_tells_the_same_and_progress_rises() -> None:
    rows = blobs(5, 30, 0.3)
    ones = np.ones(len(rows), np.float32)
    told: list[float] = []
    labels = np.repeat(np.arange(5), 30)
    found = [
        Stability(rows, ones, [5], np.random.default_rng(3), progress=told.append).of(labels, 5)
        for _ in range(2)
    ]
    assert found[0][0] == found[1][0]
    assert (found[0][1] == found[1][1]).all()
    assert told[: len(told) // 2] == sorted(told[: len(told) // 2])
    assert told[-1] == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_the_index_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(4, size=50), rng.integers(3, size=50)
    table = np.zeros((4, 3))
    np.add.at(table, (first, second), 1)
    assert adjusted_rand_index(table) == pytest.approx(adjusted_rand_score(first, second))
