"""Features are reused if, and only if, nothing that they depend on has changed."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbtrain.documents import DataSchema
from nbtrain.progress import EpochStats
from nbtrain.protocols.job import CacheFolder, Job, Message, Progress
from nbtrain.results import TrainingResult
from nbtrain.tasks import Clustering
from nbtrain.worker import text_features
from nbtrain.worker.artifacts import load_model
from nbtrain.worker.corpus import read_corpus
from nbtrain.worker.distinct import in_one_order
from nbtrain.worker.embedders import embedder_of
from nbtrain.worker.feature_cache import FeatureCache
from nbtrain.worker.reporting import Reporter
from nbtrain.worker.text_features import Features, features_of
from nbtrain.worker.training import train
from nbtrain.worker.words import Language

TOPICS = {
    "loss": ["card", "lost", "stolen", "block", "wallet", "missing", "thief"],
    "travel": ["flight", "airport", "boarding", "seat", "luggage", "gate", "delayed"],
    "billing": ["invoice", "charged", "twice", "refund", "payment", "bill", "amount"],
}
REUSED = "reused from an earlier run"

Records = list[dict[str, str]]


def records(n: int = 120, *, labelled: bool = False) -> Records:
    rng = random.Random(3)
    rows = []
    for number in range(n):
        topic = list(TOPICS)[number % 3]
        label = topic if labelled and topic != "travel" and number % 4 == 0 else ""
        rows.append(
            {"Text": f"{' '.join(rng.sample(TOPICS[topic], 3))} please {number}", "Label": label}
        )
    return rows


def job_of(folder: Path, rows: Records, task: Clustering, **changes: Any) -> Job:
    data = folder / "data.json"
    data.write_text(json.dumps(rows), encoding="utf-8")
    cache = CacheFolder(folder / "features", 10**8)
    job = Job("r", "m", folder, data, DataSchema.INTENT, "en-US", task, cache=cache)
    return replace(job, **changes)


def made(job: Job) -> Features:
    corpus = in_one_order(read_corpus(job.data, job.schema, Language(job.language)))
    embedder, _ = embedder_of(job)
    assert isinstance(job.task, Clustering)
    n_clusters = 2 if job.task.n_clusters == "auto" else job.task.n_clusters

    def parts(times: Sequence[float]) -> list[Any]:
        return [lambda share: None for _ in times]

    cache = FeatureCache(job.cache)
    return features_of(corpus, embedder, n_clusters, cache, parts)


def bits(features: Features, *new: str) -> dict[str, bytes]:
    """All that a run takes from features."""
    rows = features.rows
    arrays, rest = features.embedder.state()
    arrays |= {} if features.whitening is None else features.whitening.state()
    arrays |= features.diffusion.state()
    told = {
        "vectors": rows.vectors,
        "weights": rows.weights,
        "fixed": rows.fixed,
        "row_of": rows.row_of,
        "shares": np.array([features.whitening.shrinkage if features.whitening else -1.0]),
        "index": features.diffusion.index.rows,
        "smoothed": features.diffusion.smoothed,
        "new": features.embedder.transform([(text,) for text in new]),
    }
    return {name: array.tobytes() for name, array in {**arrays, **told}.items()} | {
        "rest": json.dumps(rest).encode()
    }


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("n", [12, 120])
def test_reused_features_are_the_same_bits(tmp_path: Path, n: int, labelled: bool) -> None:
    job = job_of(tmp_path, records(n, labelled=labelled), Clustering(3))
    first, second = made(job), made(replace(job, task=Clustering(4)))
    alone = made(replace(job, cache=None))
    assert (first.source, second.source) == ("made in this run", REUSED)
    assert (second.whitening is not None) is (labelled and n > 12)
    new = ("my card is lost", "zzz")
    assert bits(first, *new) == bits(second, *new) == bits(alone, *new)


def test_only_the_texts_count_not_their_file(tmp_path: Path) -> None:
    rows = records()
    job = job_of(tmp_path, rows, Clustering(3))
    made(job)
    shuffled = random.Random(1).sample(rows, len(rows))
    assert made(job_of(tmp_path, shuffled, Clustering(3))).source == REUSED


def test_how_often_a_text_comes_is_told_anew(tmp_path: Path) -> None:
    rows = records()
    made(job_of(tmp_path, rows, Clustering(3)))
    doubled = job_of(
        tmp_path, [*rows, {"Text": rows[5]["Text"].upper(), "Label": ""}], Clustering(3)
    )
    found = made(doubled)
    assert found.source == REUSED
    assert found.rows.weights.tolist() == made(replace(doubled, cache=None)).rows.weights.tolist()
    assert found.rows.weights.sum() == len(rows) + 1


def test_the_seed_of_a_task_has_no_say_in_the_features(tmp_path: Path) -> None:
    job = job_of(tmp_path, records(), Clustering(3))
    first = made(job)
    other = replace(job, task=Clustering(3, random_state=1))
    assert made(other).source == REUSED
    assert bits(made(replace(other, cache=None)), "lost card") == bits(first, "lost card")


def test_what_changes_features_changes_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = records(labelled=True)
    job = job_of(tmp_path, rows, Clustering(3))
    assert isinstance(job.task, Clustering)
    made(job)

    def changed(**values: str) -> Records:
        return [{**rows[0], **values}, *rows[1:]]

    assert made(replace(job, language="nl-NL")).source != REUSED
    assert made(job_of(tmp_path, rows[1:], Clustering(3))).source != REUSED
    assert made(job_of(tmp_path, changed(Text="something else"), Clustering(3))).source != REUSED
    assert made(job_of(tmp_path, changed(Label=""), Clustering(3))).source != REUSED
    assert made(job_of(tmp_path, changed(Label="billing"), Clustering(3))).source != REUSED
    job = job_of(tmp_path, rows, Clustering(3))
    with monkeypatch.context() as other:
        other.setattr(text_features, "__version__", "99")
        assert made(job).source != REUSED
    with monkeypatch.context() as other:
        other.setenv("OPENBLAS_CORETYPE", "Another")
        assert made(job).source != REUSED
    assert made(job).source == REUSED


def test_a_matrix_counts_by_its_numbers_and_by_which_text_has_which_row(tmp_path: Path) -> None:
    rows = records()
    matrix = np.random.default_rng(0).standard_normal((len(rows), 8))
    path = tmp_path / "rows.npy"
    np.save(path, matrix)
    task = Clustering(3, embedder=str(path))
    job = job_of(tmp_path, rows, task)
    known = rows[0]["Text"]
    assert bits(made(job), known) == bits(made(job), known)
    assert made(job).source == REUSED
    assert made(job_of(tmp_path, rows[::-1], task)).source != REUSED
    job = job_of(tmp_path, rows, task)
    np.save(tmp_path / "copy.npy", matrix)
    copy = Clustering(3, embedder=str(tmp_path / "copy.npy"))
    assert made(replace(job, task=copy)).source == REUSED
    matrix[3, 3] += 1e-9
    np.save(path, matrix)
    assert made(job).source != REUSED
    assert made(replace(job, task=Clustering(3))).source != REUSED


def test_too_few_different_rows_for_the_clusters_are_another_entry(tmp_path: Path) -> None:
    # Of the same words in two orders, so that each pair has one vector.
    words = [f"{a} {b}" for a in ("lost", "card", "flight") for b in ("bill", "seat")]
    rows = [{"Text": text, "Label": ""} for text in words]
    rows += [{"Text": " ".join(reversed(text.split())), "Label": ""} for text in words]
    for n_clusters, n_rows, source in (
        (3, 6, "made in this run"),
        (6, 6, REUSED),
        (8, 12, "made in this run"),
        (12, 12, REUSED),
        (2, 6, REUSED),
    ):
        found = made(job_of(tmp_path, rows, Clustering(n_clusters)))
        assert (len(found.rows.vectors), found.source) == (n_rows, source)
    # The other way round, too: the larger number first.
    (tmp_path / "features").rename(tmp_path / "away")
    assert len(made(job_of(tmp_path, rows, Clustering(8))).rows.vectors) == 12
    assert len(made(job_of(tmp_path, rows, Clustering(3))).rows.vectors) == 6
    assert made(job_of(tmp_path, rows, Clustering(8))).source == REUSED


def run(job: Job) -> tuple[TrainingResult, list[Message]]:
    sent: list[Message] = []
    return train(job, sent.append), sent


def test_a_training_that_reuses_gives_the_same_and_says_so(tmp_path: Path) -> None:
    texts = ["the card was stolen", "an invoice charged twice", "zzz"]
    rows = records(200, labelled=True)
    run(job_of(tmp_path, rows, Clustering(4)))
    for n_clusters in (6, "auto"):
        job = job_of(tmp_path, rows, Clustering(n_clusters))
        again, sent = run(job)
        told = load_model(tmp_path).predict(texts)
        alone, _ = run(replace(job, cache=None))
        assert again.provenance["features"] == REUSED
        assert alone.provenance["features"] == "made in this run"
        assert again.clusters == alone.clusters
        assert again.labels == alone.labels
        assert again.confidences == alone.confidences
        assert again.metrics == alone.metrics
        assert told == load_model(tmp_path).predict(texts)
        fractions = [message.fraction for message in sent if isinstance(message, Progress)]
        assert fractions == sorted(fractions)
        assert any(isinstance(message, EpochStats) for message in sent)


def test_a_damaged_entry_is_no_error(tmp_path: Path) -> None:
    job = job_of(tmp_path, records(), Clustering(3))
    first, _ = run(job)
    [arrays] = (tmp_path / "features").rglob("arrays.npz")
    arrays.write_bytes(arrays.read_bytes()[:-100])
    second, _ = run(job)
    assert second.provenance["features"] == "made in this run"
    assert second.labels == first.labels
    assert run(job)[0].provenance["features"] == REUSED


def test_a_stage_that_will_be_short_is_thought_short() -> None:
    sent: list[Any] = []
    times = {"reading": 1.0, "embedding": 8.0, "clustering": 1.0}
    reporter = Reporter(sent.append, times, clock=iter(range(100)).__next__)
    reporter.stage("reading")
    reporter.stage("embedding")
    first, second = reporter.parts((1.0, 1.0))
    first(1.0)
    second(1.0)
    reporter.stage("clustering")
    assert [message.fraction for message in sent] == [0.0, 0.1, 0.5, 0.75, 0.75]
