"""Labelled texts in a clustering: whitening, known and new centres, labels in the data file."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbtrain.documents import DataSchema
from nbtrain.errors import RunFailed
from nbtrain.protocols.job import Job
from nbtrain.results import TrainingResult
from nbtrain.tasks import Clustering
from nbtrain.worker.artifacts import load_model
from nbtrain.worker.clustering import spherical_kmeans
from nbtrain.worker.corpus import ALL_LABELLED
from nbtrain.worker.seeding import known_and_new
from nbtrain.worker.training import train
from nbtrain.worker.whitening import fit_whitening
from nbtrain.worker.word_vectors import unit_rows

Array = np.ndarray[Any, Any]

WORDS = {
    "card": ["card", "lost", "stolen", "block", "wallet", "missing", "thief"],
    "flight": ["flight", "airport", "boarding", "seat", "luggage", "gate", "delayed"],
    "invoice": ["invoice", "charged", "twice", "refund", "payment", "bill", "amount"],
    "wifi": ["router", "wifi", "internet", "slow", "modem", "signal", "dropping"],
}


def blobs(n_blobs: int, per_blob: int, noise: float = 0.15, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    centres = unit_rows(rng.standard_normal((n_blobs, 40)))
    truth = np.repeat(np.arange(n_blobs), per_blob)
    return unit_rows(centres[truth] + noise * rng.standard_normal((len(truth), 40))), truth


def some_labels(truth: Array, known: int, each: int) -> Array:
    fixed = np.full(len(truth), -1)
    for blob in range(known):
        fixed[np.flatnonzero(truth == blob)[:each]] = blob
    return fixed


def right(labels: Array, truth: Array) -> float:
    """Share of rows in the cluster that holds most of their blob, each cluster used once."""
    pairs = np.zeros((labels.max() + 1, truth.max() + 1))
    np.add.at(pairs, (labels, truth), 1)
    return float(pairs.max(axis=0).sum() / len(truth))


# --- whitening -------------------------------------------------------------------------------


@pytest.mark.parametrize("each", [5, 40])  # fewer, and more labelled rows than dimensions
def test_whitening_goes_half_way_to_the_inverse_root_of_the_shrunken_covariance(each: int) -> None:
    rows, truth = blobs(4, 50, 0.3)
    fixed = some_labels(truth, 4, each)
    whitening = fit_whitening(rows, fixed)
    assert whitening is not None
    off = np.concatenate(
        [rows[fixed == blob] - rows[fixed == blob].mean(axis=0) for blob in range(4)]
    )
    freedom = 4 * each - 4
    covariance = off.T @ off / freedom
    share = whitening.shrinkage
    assert share == pytest.approx(0.5 + 0.5 * 40 / (40 + freedom))
    shrunken = (1 - share) * covariance + share * np.trace(covariance) / 40 * np.eye(40)
    values, vectors = np.linalg.eigh(shrunken)
    # Along a direction in which intents don't differ a row keeps its length.
    floor = share * np.trace(covariance) / 40
    turned = (vectors * np.sqrt(floor / values)) @ vectors.T
    expected = unit_rows(rows @ (np.eye(40) + turned) / 2)
    assert whitening.apply(rows) == pytest.approx(expected, abs=1e-4)


def test_few_labels_whiten_little() -> None:
    rows, truth = blobs(6, 50, 0.3)
    few, many = (fit_whitening(rows, some_labels(truth, 6, each)) for each in (2, 50))
    assert few is not None
    assert many is not None
    assert few.shrinkage > 0.9 > 0.6 > many.shrinkage > 0.5
    drift = [float((rows * one.apply(rows)).sum(axis=1).mean()) for one in (few, many)]
    assert drift[0] > drift[1]


def test_nothing_to_learn_from_gives_no_whitening() -> None:
    rows, truth = blobs(3, 5)
    assert fit_whitening(rows, np.full(15, -1)) is None
    assert fit_whitening(rows, some_labels(truth, 3, 1)) is None
    assert fit_whitening(np.repeat(rows[:1], 4, axis=0), np.zeros(4, int)) is None


def test_noise_that_labels_reveal_is_put_down() -> None:
    # Two axes tell the intents apart; loud others, the same for all intents, don't.
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(4), 100)
    rows = 0.05 * rng.standard_normal((400, 30))
    rows[:, :2] += np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])[truth]
    rows[:, 2:6] += 1.2 * rng.standard_normal((400, 4))
    rows = unit_rows(rows)
    fixed = some_labels(truth, 3, 20)  # nobody labelled the fourth
    whitening = fit_whitening(rows, fixed)
    assert whitening is not None
    weights = np.ones(400)
    free = spherical_kmeans(rows, 4, weights, np.random.default_rng(0))
    semi = spherical_kmeans(
        whitening.apply(rows), 4, weights, np.random.default_rng(0), fixed=fixed
    )
    assert right(semi.labels, truth) > right(free.labels, truth) + 0.1
    assert right(semi.labels[300:], truth[300:]) > 0.9


# --- centres ---------------------------------------------------------------------------------


def test_a_known_cluster_is_not_begun_a_second_time() -> None:
    rows, truth = blobs(5, 30)
    fixed = some_labels(truth, 2, 3)
    found = unit_rows(np.stack([rows[truth == blob].mean(axis=0) for blob in (1, 4, 3, 0, 2)]))
    centres = known_and_new(rows, np.ones(150), fixed, found, np.random.default_rng(0))
    nearest = (centres @ found.T).argmax(axis=1)
    assert nearest[:2].tolist() == [3, 0]
    assert sorted(nearest[2:].tolist()) == [1, 2, 4]


@pytest.mark.parametrize("known", [1, 3, 8])
def test_labelled_rows_stay_and_new_clusters_are_found(known: int) -> None:
    rows, truth = blobs(8, 40, 0.2)
    fixed = some_labels(truth, known, 4)
    fit = spherical_kmeans(rows, 8, np.ones(320), np.random.default_rng(0), fixed=fixed)
    assert (fit.labels[fixed >= 0] == fixed[fixed >= 0]).all()
    assert right(fit.labels, truth) > 0.98
    assert np.bincount(fit.labels, minlength=8).min() >= 1


def test_wrong_labels_are_kept_too() -> None:
    rows, _ = blobs(4, 20)
    fixed = np.full(80, -1)
    fixed[[0, 20, 40]] = 0, 0, 1
    fit = spherical_kmeans(rows, 4, np.ones(80), np.random.default_rng(0), fixed=fixed)
    assert fit.labels[[0, 20, 40]].tolist() == [0, 0, 1]


# --- labels in the data file -----------------------------------------------------------------


def records(n: int, labelled: set[str] | None, every: int = 3) -> list[dict[str, str]]:
    """Sentences on four topics; of the labelled topics every third carries its name."""
    rng = random.Random(1)
    rows = []
    for number in range(n):
        topic = list(WORDS)[number % 4]
        row = {"Text": f"please {' '.join(rng.sample(WORDS[topic], 3))} now {number}"}
        if labelled is None or (topic in labelled and number // 4 % every == 0):
            row["Label"] = f"known {topic}"
        rows.append(row)
    return rows


def run(folder: Path, rows: list[dict[str, str]], n_clusters: Any = 4) -> TrainingResult:
    data = folder / "data.json"
    data.write_text(json.dumps(rows), encoding="utf-8")
    job = Job("r", "m", folder, data, DataSchema.INTENT, "en-US", Clustering(n_clusters))
    return train(job, lambda message: None)


@pytest.mark.parametrize("n_clusters", [4, 6, "auto"])
def test_labelled_rows_of_an_intent_file_are_known_intents(tmp_path: Path, n_clusters: Any) -> None:
    rows = records(240, {"card", "wifi"})
    result = run(tmp_path, rows, n_clusters)
    names = [cluster.name for cluster in result.clusters]
    assert {"known card", "known wifi"} <= set(names)
    assert len(result.document_ids) == 240
    for row in rows:
        if "Label" in row:
            assert names[result.labels[row["Text"]]] == row["Label"]
    if n_clusters == 4:
        assert {len({result.cluster_ids[i] for i in range(t, 240, 4)}) for t in range(4)} == {1}
    assert result.provenance["labels"] == "40 texts of 2 intents, kept together"
    assert result.provenance["metric"].startswith("whitened")
    told = load_model(tmp_path).predict(result.document_ids, top_n=1)
    same = [one[0].cluster_id == at for one, at in zip(told, result.cluster_ids, strict=True)]
    assert np.mean(same) > 0.95


def test_a_file_of_labelled_rows_only_is_clustered_without_their_labels(tmp_path: Path) -> None:
    labelled = run(tmp_path, records(120, None))
    bare = run(tmp_path, [{"Text": row["Text"]} for row in records(120, None)])
    assert labelled.cluster_ids == bare.cluster_ids
    assert labelled.warnings == (ALL_LABELLED,)
    assert "labels" not in labelled.provenance


def test_more_intents_than_clusters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="have 3 intents, and each keeps its cluster"):
        run(tmp_path, records(120, {"card", "wifi", "flight"}), 2)


def test_few_texts_with_labels(tmp_path: Path) -> None:
    rows = [
        {"Text": "lost card", "Label": "loss"}, {"Text": "card stolen", "Label": "loss"},
        {"Text": "my card is lost"}, {"Text": "where is the train"}, {"Text": "a cup of tea"},
        {"Text": "train to London"}, {"Text": "👍"},
    ]  # fmt: skip
    result = run(tmp_path, rows, 3)
    assert result.clusters[result.labels["my card is lost"]].name == "loss"
