"""The map of documents: neighbours stay neighbours, groups become islands, samples are fair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from nbtrain.worker.document_map import map_documents
from nbtrain.worker.layout import _Mesh, _repulsion, layout, stratified_sample
from nbtrain.worker.word_vectors import unit_rows

Array = np.ndarray[Any, Any]


def blobs(n_blobs: int, per_blob: int, noise: float = 0.15) -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(n_blobs), per_blob)
    centres = unit_rows(rng.standard_normal((n_blobs, 40)))
    return unit_rows(centres[truth] + noise * rng.standard_normal((len(truth), 40))), truth


@pytest.mark.parametrize(("n_blobs", "per_blob"), [(3, 12), (8, 30), (20, 40)])
def test_groups_become_islands(n_blobs: int, per_blob: int) -> None:
    rows, truth = blobs(n_blobs, per_blob)
    places = layout(rows, np.random.default_rng(0))
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (truth[distance.argmin(axis=1)] == truth).all()
    centres = np.stack([places[truth == blob].mean(axis=0) for blob in range(n_blobs)])
    to_centres = np.linalg.norm(places[:, None] - centres[None], axis=2)
    assert (to_centres.argmin(axis=1) == truth).mean() > 0.99


def test_neighbours_stay_neighbours() -> None:
    rows, _ = blobs(12, 50, noise=0.1)
    places = layout(rows, np.random.default_rng(0))
    ours = trustworthiness(rows, places, n_neighbors=10, metric="cosine")
    plain = trustworthiness(rows, PCA(2).fit_transform(rows), n_neighbors=10, metric="cosine")
    assert ours > 0.95
    assert 1 - ours < 0.25 * (1 - plain)


def test_forces_on_the_mesh_are_those_of_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    places = 12 * rng.standard_normal((400, 2))
    exact, found = _repulsion(places), _Mesh().repulsion(places)
    off = np.linalg.norm(found - exact, axis=1)
    assert off.mean() < 0.25 * np.linalg.norm(exact, axis=1).mean()
    monkeypatch.setattr("nbtrain.worker.layout._SPACING", 0.2)
    finer = np.linalg.norm(_Mesh().repulsion(places) - exact, axis=1)
    assert finer.mean() < 0.05 * np.linalg.norm(exact, axis=1).mean()


def test_the_same_seed_gives_the_same_map() -> None:
    rows, _ = blobs(6, 40)
    one, other = (layout(rows, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7, 30, 150])
def test_few_and_equal_rows(n: int, noise: float) -> None:
    rows, _ = blobs(1, n, noise) if n else (np.zeros((0, 5), np.float32), None)
    places = layout(rows, np.random.default_rng(0))
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()
    assert np.abs(places).max(initial=0.0) < 500


def test_a_sample_keeps_small_clusters() -> None:
    labels = np.repeat(np.arange(4), [8000, 1500, 30, 5])
    chosen = stratified_sample(labels, 1000, np.random.default_rng(0))
    kept = np.bincount(labels[chosen])
    assert kept.sum() <= 1000
    assert kept.sum() > 990
    assert kept[2] >= 25
    assert kept[3] == 5
    assert kept[0] / kept[1] == pytest.approx(8000 / 1500, rel=0.2)
    assert (np.diff(chosen) > 0).all()


def test_more_clusters_than_room() -> None:
    chosen = stratified_sample(np.arange(500), 100, np.random.default_rng(0))
    assert len(chosen) <= 100


def test_all_documents_are_on_the_map_if_there_are_few() -> None:
    rows, truth = blobs(3, 20)
    row_of = np.random.default_rng(0).integers(0, 50, size=120)
    found = map_documents(rows, truth, row_of, np.random.default_rng(0))
    assert found.documents == tuple(range(120))
    assert min(found.x) == min(found.y) == 0
    assert max(*found.x, *found.y) == 100
    # Documents of one row lie at one place, others elsewhere.
    places = {row: (x, y) for row, x, y in zip(row_of.tolist(), found.x, found.y, strict=True)}
    assert len(set(places.values())) == len(places)
    assert all(
        places[row] == (x, y) for row, x, y in zip(row_of.tolist(), found.x, found.y, strict=True)
    )


def test_of_many_documents_a_sample_is() -> None:
    rows, truth = blobs(5, 60)
    row_of = np.repeat(np.arange(300), 2)
    found = map_documents(rows, truth, row_of, np.random.default_rng(0), most=100)
    assert 90 <= len(found.documents) <= 100
    assert len(found.documents) == len(found.x) == len(found.y)
    assert list(found.documents) == sorted(set(found.documents))
    assert len({row_of[place] for place in found.documents}) == len(found.documents)
    assert {truth[row_of[place]] for place in found.documents} == set(range(5))
