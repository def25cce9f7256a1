"""The sweep over the number of clusters, and its scores."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from nbtrain.sweep_plans import coarse_to_fine
from nbtrain.worker.bags import Array
from nbtrain.worker.clustering import spherical_kmeans
from nbtrain.worker.partition import Partition
from nbtrain.worker.path import descend
from nbtrain.worker.scores import score
from nbtrain.worker.seeding import cluster_sums
from nbtrain.worker.sweep import SweepFit, sweep
from nbtrain.worker.word_vectors import unit_rows


def blobs(n_blobs: int, per_blob: int, noise: float = 0.15) -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    centres = unit_rows(rng.standard_normal((n_blobs, 40)))
    truth = np.repeat(np.arange(n_blobs), per_blob)
    rows = unit_rows(centres[truth] + noise * rng.standard_normal((len(truth), 40)))
    return rows.astype(np.float32), truth


def run(rows: Array, ks: list[int], seed: int = 0) -> dict[int, SweepFit]:
    fits = sweep(rows, np.ones(len(rows)), ks, np.random.default_rng(seed))
    return {fit.scores.n_clusters: fit for fit in fits}


def objective(rows: Array, labels: Array) -> float:
    sums = cluster_sums(rows, labels, np.ones(len(rows)), int(labels.max()) + 1)
    return float(np.linalg.norm(sums, axis=1).sum() / len(rows))


@pytest.mark.parametrize("n_rows", [400, 5000])
def test_every_silhouette_equals_that_of_scikit_learn(n_rows: int) -> None:
    rows, _ = blobs(10, n_rows // 10, 0.4)
    for k, fit in run(rows, [2, 3, 7, 20]).items():
        assert np.bincount(fit.labels, minlength=k).min() >= 1
        expected = silhouette_score(rows, fit.labels, metric="cosine")
        assert fit.scores.silhouette == pytest.approx(expected, abs=1e-4)
        assert fit.scores.objective == pytest.approx(objective(rows, fit.labels), abs=1e-5)


def test_objectives_are_at_least_those_of_single_runs() -> None:
    rows, _ = blobs(30, 150, 0.3)
    ks = [2, 5, 10, 20, 30, 40]
    fits = run(rows, ks)
    single = [KMeans(k, n_init=1, random_state=0).fit_predict(rows) for k in ks]
    loop = np.mean([objective(rows, labels) for labels in single])
    assert np.mean([fit.scores.objective for fit in fits.values()]) >= 0.999 * loop


def test_a_training_may_begin_at_a_fit() -> None:
    rows, _ = blobs(30, 150, 0.3)
    fit = run(rows, [25])[25]
    rng = np.random.default_rng(0)
    refitted = spherical_kmeans(rows, 25, np.ones(len(rows)), rng, first=fit.centres)
    assert refitted.objective >= fit.scores.objective
    assert (refitted.labels == fit.labels).mean() > 0.9


def test_fits_come_in_the_order_asked_for() -> None:
    rows, _ = blobs(5, 30)
    order = coarse_to_fine(range(2, 12))
    told: list[float] = []
    fits = sweep(rows, np.ones(150), order, np.random.default_rng(0), progress=told.append)
    assert [fit.scores.n_clusters for fit in fits] == order
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_a_sweep_is_deterministic_and_fits_do_not_share_memory() -> None:
    rows, _ = blobs(8, 40, 0.5)
    first, second = run(rows, [2, 5, 9]), run(rows, [2, 5, 9])
    for k, fit in first.items():
        assert fit.scores == second[k].scores
        assert (fit.labels == second[k].labels).all()
        assert fit.labels.max() == k - 1
        assert fit.centres.shape == (k, 40)


def test_k_from_one_to_the_number_of_rows() -> None:
    rows, _ = blobs(3, 4)
    fits = run(rows, [1, 2, 11, 12])
    assert fits[1].scores.silhouette == 0.0
    assert fits[1].scores.balance == pytest.approx(1.0)
    assert fits[12].scores.objective == pytest.approx(1.0, abs=1e-5)
    assert all(np.isfinite(fit.scores.calinski_harabasz) for fit in fits.values())


def test_fixed_rows_keep_their_clusters() -> None:
    rows, truth = blobs(6, 40)
    fixed = np.full(len(rows), -1)
    for blob in range(2):
        fixed[np.flatnonzero(truth == blob)[:5]] = 1 - blob
    fits = sweep(rows, np.ones(240), [3, 6, 9], np.random.default_rng(0), fixed=fixed)
    for fit in fits:
        assert (fit.labels[fixed >= 0] == fixed[fixed >= 0]).all()


def test_the_scores_count_fixed_rows_once() -> None:
    rows, truth = blobs(6, 50, 0.3)
    fixed = np.where((truth < 2) & (np.arange(len(truth)) % 3 == 0), truth, -1)
    ones = np.ones(len(rows))
    for fit in sweep(rows, ones, [4, 6], np.random.default_rng(0), fixed=fixed):
        sizes = np.bincount(fit.labels) / len(rows)
        assert fit.scores.smallest == pytest.approx(sizes.min())
        assert fit.scores.largest == pytest.approx(sizes.max())
        expected = silhouette_score(rows, fit.labels, metric="cosine")
        assert fit.scores.silhouette == pytest.approx(expected, abs=1e-4)


def test_rows_at_one_place_have_no_silhouette() -> None:
    rng = np.random.default_rng(0)
    rows = unit_rows(np.ones((60, 40)) + 1e-7 * rng.standard_normal((60, 40))).astype(np.float32)
    for fit in run(rows, [2, 3]).values():
        assert abs(fit.scores.silhouette) < 0.5


@pytest.mark.parametrize(
    "ks", [range(2, 61), range(1, 4), [5], [3, 9], [10, 20, 30, 40], range(7, 100, 3)]
)
def test_coarse_to_fine_leaves_none_out(ks: range | list[int]) -> None:
    order = coarse_to_fine(ks)
    assert sorted(order) == sorted(ks)
    assert set(order[:2]) <= {min(ks), max(ks)} or len(ks) < 3


def judged(rows: Array, labels: Array, weights: Array | None = None) -> Partition:
    weights = np.ones(len(rows)) if weights is None else weights
    partition = Partition(rows, weights, int(labels.max()) + 1)
    partition.take(labels)
    return partition


def test_scores_against_scikit_learn() -> None:
    rows, truth = blobs(6, 50, 0.3)
    scores = score(judged(rows, truth))
    assert scores.calinski_harabasz == pytest.approx(calinski_harabasz_score(rows, truth), rel=1e-4)
    assert scores.within + scores.between == pytest.approx(float(rows.var(axis=0).sum()), rel=1e-4)
    assert scores.balance == pytest.approx(1.0)
    assert scores.smallest == scores.largest == pytest.approx(1 / 6)
    # Ours is by cosine: it agrees on which of two clusterings is better.
    worse = truth.copy()
    worse[::3] = (worse[::3] + 1) % 6
    assert score(judged(rows, worse)).davies_bouldin > scores.davies_bouldin
    assert davies_bouldin_score(rows, worse) > davies_bouldin_score(rows, truth)


def test_weights_count_like_equal_rows() -> None:
    rows, truth = blobs(4, 6, 0.4)
    weights = np.random.default_rng(3).integers(1, 5, size=len(rows))
    one = score(judged(rows, truth, weights))
    many = score(judged(np.repeat(rows, weights, axis=0), np.repeat(truth, weights)))
    for name in one.__dataclass_fields__:
        assert getattr(one, name) == pytest.approx(getattr(many, name), abs=1e-3, rel=1e-3)


def test_a_blob_cut_in_two_overlaps_and_is_borderline() -> None:
    rows, truth = blobs(5, 200, 0.3)
    cut = np.where((truth == 3) & (np.arange(1000) % 2 == 0), 5, truth)
    whole, halves = score(judged(rows, truth)), score(judged(rows, cut))
    assert set(halves.overlapping) == {3, 5}
    assert halves.overlap > 0.5 > whole.overlap
    assert halves.borderline > whole.borderline + 0.1


def test_the_path_goes_down_and_is_settled() -> None:
    rows, truth = blobs(12, 30, 0.1)
    seen = []
    for path in descend(rows, np.ones(360), [4, 12, 30], np.random.default_rng(0)):
        seen.append(path.n_clusters)
        assert path.pending <= 1e-3
        assert np.bincount(path.labels, minlength=path.n_clusters).min() >= 1
        if path.n_clusters == 12:
            assert len(set(zip(truth.tolist(), path.labels.tolist(), strict=True))) == 12
    assert seen == [30, 12, 4]


def test_kept_similarities_and_fresh_ones_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, _ = blobs(9, 300, 0.5)
    labels = []
    for limit in (0, 2**30):
        monkeypatch.setattr("nbtrain.worker.partition._CACHE_BYTES", limit)
        partition = Partition(rows, np.ones(len(rows)), 9)
        partition.start(rows[::300])
        partition.settle(1e-3, 30)
        partition.judge()
        labels.append((partition.labels, partition.silhouette))
    assert (labels[0][0] == labels[1][0]).mean() > 0.999
    assert labels[0][1] == pytest.approx(labels[1][1], abs=1e-4)
