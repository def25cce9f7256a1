"""The k-means core: exact silhouette, exact number of clusters, fixed rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from nbtrain.worker.clustering import cosine_silhouette, spherical_kmeans
from nbtrain.worker.naming import confidence
from nbtrain.worker.partition import BORDERLINE
from nbtrain.worker.word_vectors import unit_rows

Array = np.ndarray[Any, Any]


def blobs(n_blobs: int, per_blob: int, noise: float = 0.15, seed: int = 0) -> tuple[Array, Array]:
    """Unit rows around random directions, and the blob of each."""
    rng = np.random.default_rng(seed)
    centres = unit_rows(rng.standard_normal((n_blobs, 40)))
    truth = np.repeat(np.arange(n_blobs), per_blob)
    rows = unit_rows(centres[truth] + noise * rng.standard_normal((len(truth), 40)))
    return rows, truth


@pytest.mark.parametrize("n_clusters", [2, 7, 40])
def test_silhouette_equals_that_of_scikit_learn(n_clusters: int) -> None:
    rows, _ = blobs(9, 30, noise=0.4)
    labels = np.random.default_rng(1).integers(n_clusters, size=len(rows))
    labels[:n_clusters] = np.arange(n_clusters)
    expected = silhouette_score(rows, labels, metric="cosine")
    assert cosine_silhouette(rows, labels) == pytest.approx(expected, abs=1e-4)


def test_silhouette_of_lone_rows_is_zero_as_in_scikit_learn() -> None:
    rows, _ = blobs(3, 5)
    labels = np.array([0] * 5 + [1] * 9 + [2])
    expected = silhouette_score(rows, labels, metric="cosine")
    assert cosine_silhouette(rows, labels) == pytest.approx(expected, abs=1e-4)


def test_a_weight_counts_like_so_many_equal_rows() -> None:
    rows, truth = blobs(4, 6)
    weights = np.random.default_rng(3).integers(1, 5, size=len(rows))
    repeated, labels = np.repeat(rows, weights, axis=0), np.repeat(truth, weights)
    expected = silhouette_score(repeated, labels, metric="cosine")
    weighted = cosine_silhouette(rows, truth, weights.astype(np.float32))
    assert weighted == pytest.approx(expected, abs=1e-4)


def test_finds_blobs_and_reports_every_iteration() -> None:
    rows, truth = blobs(8, 50)
    reported: list[Mapping[str, float]] = []
    rng = np.random.default_rng(0)
    fit = spherical_kmeans(rows, 8, np.ones(len(rows)), rng, report=reported.append)
    pairs = set(zip(truth.tolist(), fit.labels.tolist(), strict=True))
    assert len(pairs) == 8
    assert len(reported) >= 2
    # Seeded in a sample, with clusters to spare; at the end all rows get theirs.
    assert reported[0]["objective"] > fit.objective
    begin = max(i for i, metrics in enumerate(reported) if metrics["moved"] == 1.0)
    objectives = [metrics["objective"] for metrics in reported[begin:]]
    assert objectives == sorted(objectives)
    assert reported[-1]["moved"] <= 1e-3
    assert reported[-1]["objective"] == fit.objective
    expected = silhouette_score(rows, fit.labels, metric="cosine")
    assert reported[-1]["silhouette"] == pytest.approx(expected, abs=1e-4)
    assert fit.objective == pytest.approx(float((rows * fit.centres[fit.labels]).sum(1).mean()))


@pytest.mark.parametrize("n_clusters", [1, 2, 13, 59, 60])
def test_no_cluster_is_empty(n_clusters: int) -> None:
    rows, _ = blobs(3, 20, noise=0.01)
    fit = spherical_kmeans(rows, n_clusters, np.ones(60), np.random.default_rng(0))
    assert np.bincount(fit.labels, minlength=n_clusters).min() >= 1
    assert np.isfinite([fit.objective, fit.silhouette]).all()


def test_no_cluster_is_empty_among_equal_rows() -> None:
    rows = np.tile(unit_rows(np.ones((1, 5))), (12, 1))
    fit = spherical_kmeans(rows, 7, np.ones(12), np.random.default_rng(0), max_iter=5)
    assert np.bincount(fit.labels, minlength=7).min() >= 1


def test_a_borderline_row_knows_the_other_cluster() -> None:
    rows, truth = blobs(6, 30)
    ends = [rows[truth == blob].mean(axis=0, keepdims=True) for blob in (1, 4)]
    all_rows = np.vstack([rows, unit_rows(ends[0] + ends[1])])
    fit = spherical_kmeans(all_rows, 6, np.ones(len(all_rows)), np.random.default_rng(0))
    assert {fit.labels[-1], fit.second[-1]} == {fit.labels[1 * 30], fit.labels[4 * 30]}
    assert (fit.second >= 0).sum() == 1
    np.testing.assert_array_equal(fit.second >= 0, confidence(fit) < BORDERLINE)


def test_fixed_rows_keep_their_clusters() -> None:
    rows, truth = blobs(6, 30)
    fixed = np.full(len(rows), -1)
    for blob in range(3):
        fixed[np.flatnonzero(truth == blob)[:4]] = 2 - blob
    # A wrong label stays as well, and pulls no other row along.
    fixed[np.flatnonzero(truth == 5)[0]] = 0
    fit = spherical_kmeans(rows, 6, np.ones(len(rows)), np.random.default_rng(0), fixed=fixed)
    assert (fit.labels[fixed >= 0] == fixed[fixed >= 0]).all()
    for blob in range(3):
        assert (fit.labels[truth == blob] == 2 - blob).all()


def test_the_same_seed_gives_the_same_clusters() -> None:
    rows, _ = blobs(12, 40, noise=0.5)

    def labels(seed: int) -> list[int]:
        rng = np.random.default_rng(seed)
        return spherical_kmeans(rows, 12, np.ones(len(rows)), rng).labels.tolist()  # type: ignore[no-any-return]

    assert labels(4) == labels(4)
    assert labels(4) != labels(5)
