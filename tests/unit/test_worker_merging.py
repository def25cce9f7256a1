"""Which clusters are merged, and how the way of merging is chosen."""

from __future__ import annotations

import numpy as np

from nbtrain.worker.bags import Array
from nbtrain.worker.clustering import spherical_kmeans
from nbtrain.worker.merging import PRICES, average_link, cheapest, ward
from nbtrain.worker.path import best_merged
from nbtrain.worker.word_vectors import unit_rows


def blobs(sizes: list[int], spread: float) -> tuple[Array, Array]:
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((len(sizes), 12))
    truth = np.repeat(np.arange(len(sizes)), sizes)
    noise = spread * rng.standard_normal((len(truth), 12))
    return unit_rows((centres[truth] + noise).astype(np.float32)), truth


def test_ward_is_what_the_objective_loses() -> None:
    rows, labels = blobs([9, 5, 20], 0.5)
    sums = np.array([rows[labels == c].sum(axis=0) for c in range(3)])
    before = np.linalg.norm(sums, axis=1).sum()
    after = np.linalg.norm(sums[0] + sums[2]) + np.linalg.norm(sums[1])
    price = ward(sums, np.array([9, 5, 20]), np.array([0]), np.array([2]))
    np.testing.assert_allclose(price, before - after, rtol=1e-5)


def test_average_link_is_the_mean_distance_of_all_pairs() -> None:
    rows, labels = blobs([9, 5], 0.5)
    sums = np.array([rows[labels == c].sum(axis=0) for c in range(2)])
    price = average_link(sums, np.array([9, 5]), np.array([0]), np.array([1]))
    pairs = 1.0 - rows[labels == 0] @ rows[labels == 1].T
    np.testing.assert_allclose(price, pairs.mean(), rtol=1e-4)


def test_no_two_clusters_of_a_pair_are_dissolved() -> None:
    rows, labels = blobs([30, 3, 30, 3, 30, 3], 0.2)
    sums = np.array([rows[labels == c].sum(axis=0) for c in range(6)])
    sizes = np.bincount(labels)
    for price in PRICES:
        chosen = cheapest(sums, sizes, 3, price)
        assert 1 <= len(chosen) == len(set(chosen)) <= 3


def test_a_cluster_of_half_the_rows_is_not_cut() -> None:
    rows, truth = blobs([400, 50, 50, 50, 50, 50, 50, 50], 0.35)
    for seed in range(3):
        fit = spherical_kmeans(rows, 8, np.ones(len(rows)), np.random.default_rng(seed))
        assert np.bincount(fit.labels[truth == 0]).max() > 380


def test_the_way_does_not_depend_on_the_listener() -> None:
    rows, _ = blobs([100, 30, 30, 30], 0.6)
    seen: list[float] = []
    shares: list[float] = []
    quiet = best_merged(rows, np.ones(190), 4, np.random.default_rng(0))
    heard = best_merged(
        rows,
        np.ones(190),
        4,
        np.random.default_rng(0),
        shares.append,
        report=lambda values: seen.append(values["objective"]),
    )
    np.testing.assert_array_equal(quiet, heard)
    assert seen
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
