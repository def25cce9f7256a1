"""The worker's part of a sweep: fits that are kept, gone on with, and told in the user's terms."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nbtrain
from nbtrain.documents import DataSchema
from nbtrain.errors import RunFailed
from nbtrain.progress import RunState
from nbtrain.protocols.job import Message, Progress
from nbtrain.protocols.sweep_job import (
    DOCUMENTS_FILE,
    MAP_FILE,
    SweepJob,
    fit_file,
    fit_files,
    labels_file,
)
from nbtrain.protocols.sweeps import documents_from_json, fit_from_json
from nbtrain.sweep_plans import SweepPlan
from nbtrain.sweep_results import SCORES, SweepDocuments, SweepFit
from nbtrain.worker.corpus import Corpus, Entry
from nbtrain.worker.distinct import Rows
from nbtrain.worker.fit_clusters import word_counts
from nbtrain.worker.fit_scores import FitScores
from nbtrain.worker.kept_path import kept_path
from nbtrain.worker.sweep import refine, sweep
from nbtrain.worker.sweep_job import run_sweep

KS = [2, 30, 8, 15, 4, 22, 11, 6, 18, 3, 26]


@pytest.fixture(scope="module")
def rows() -> Any:
    source = np.random.default_rng(3)
    centres = source.normal(size=(12, 20))
    found = centres[source.integers(0, 12, 900)] + 0.5 * source.normal(size=(900, 20))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found.astype(np.float32)


def test_the_halves_make_the_whole(rows: Any, tmp_path: Path) -> None:
    weights = np.ones(len(rows), np.float32)
    path = kept_path(tmp_path / "p.npz", rows, weights, KS, 5)
    halves = list(refine(rows, weights, path, set(KS), 5))
    whole = list(sweep(rows, weights, KS, np.random.default_rng(5)))
    assert [len(fit.centres) for fit in halves] == KS
    for one, other in zip(halves, whole, strict=True):
        assert one.scores == other.scores
        assert (one.labels == other.labels).all()


def test_a_kept_path_is_not_followed_again(rows: Any, tmp_path: Path) -> None:
    weights = np.ones(len(rows), np.float32)
    first = kept_path(tmp_path / "p.npz", rows, weights, KS, 5)
    told: list[float] = []
    # Neither the seed nor the counts matter any more: it is read.
    again = kept_path(tmp_path / "p.npz", rows, weights, [2], 6, told.append)
    assert told == []
    assert list(again) == list(first) == KS
    assert all((again[k] == first[k]).all() for k in KS)
    (tmp_path / "p.npz").write_bytes(b"PK damaged")
    anew = kept_path(tmp_path / "p.npz", rows, weights, KS, 5)
    assert all((anew[k] == first[k]).all() for k in KS)


def test_a_fit_comes_out_the_same_with_others_missing(rows: Any, tmp_path: Path) -> None:
    weights = np.ones(len(rows), np.float32)
    path = kept_path(tmp_path / "p.npz", rows, weights, KS, 5)
    alone = {len(f.centres): f for f in refine(rows, weights, path, {26, 15}, 5)}
    for fit in refine(rows, weights, path, set(KS), 5):
        if (k := len(fit.centres)) in alone:
            assert alone[k].scores == fit.scores
            assert (alone[k].labels == fit.labels).all()
    assert sorted(alone) == [15, 26]


def make_job(folder: Path, texts: list[str], plan: SweepPlan, **more: Any) -> SweepJob:
    folder.mkdir()
    data = folder / "data.json"
    nbtrain.write_intents(pd.DataFrame({"text": texts}), data, text="text")
    return SweepJob("s", folder, data, DataSchema.INTENT, "en-US", plan, **more)


def run(job: SweepJob) -> tuple[str, list[Message], list[SweepFit]]:
    said: list[Message] = []
    message = run_sweep(job, said.append)
    return message, said, [fit_from_json(data) for _, data in fit_files(job.folder)]


TEXTS = [str(text) for text in nbtrain.samples.sentences(250, n_intents=6)["text"]]


def test_a_job_comes_back_as_it_was(tmp_path: Path) -> None:
    plan = SweepPlan((2, 3), (0, 1), (None, "m"), 2.5, 3)
    job = make_job(tmp_path / "a", TEXTS, plan, earlier=(tmp_path,), started=3.5)
    assert SweepJob.from_line(job.to_line()) == job
    assert SweepJob.from_line('{"kind": "naming"}') is None


def test_every_fit_is_told_in_the_users_terms(tmp_path: Path) -> None:
    texts = [*TEXTS, TEXTS[0], TEXTS[0]]
    job = make_job(tmp_path / "a", texts, SweepPlan((2, 7, 4)))
    message, said, fits = run(job)
    assert message == ""
    fractions = [m.fraction for m in said if isinstance(m, Progress)]
    assert fractions == sorted(fractions)
    assert max(fractions) <= 1.0
    assert [fit.n_clusters for fit in fits] == [2, 7, 4]
    documents = documents_from_json(json.loads((job.folder / DOCUMENTS_FILE).read_text()))
    assert documents.ids == tuple(dict.fromkeys(texts))
    assert sum(documents.counts) == len(texts)
    for number, fit in enumerate(fits, start=1):
        labels = np.load(labels_file(job.folder, number), allow_pickle=False)
        assert labels.dtype == np.int16
        sizes = np.bincount(labels, documents.counts, fit.n_clusters).astype(int).tolist()
        assert [cluster.size for cluster in fit.clusters] == sizes == sorted(sizes, reverse=True)
        assert len({cluster.name for cluster in fit.clusters}) == fit.n_clusters
        assert set(fit.scores) <= set(SCORES)
        largest = np.bincount(labels).max() / len(labels)
        assert fit.scores["largest"] == pytest.approx(largest)
        assert -1 < fit.scores["neighbour_agreement"] <= 1
        of = dict(zip(documents.texts, labels.tolist(), strict=True))
        for cluster in fit.clusters:
            assert cluster.examples
            assert {of[text] for text in cluster.examples} == {cluster.cluster_id}
    assert not list(job.folder.glob("path-*"))


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    whole = make_job(tmp_path / "a", TEXTS, SweepPlan((2, 7, 4, 5), (0, 1)))
    _, _, expected = run(whole)
    cut_off = make_job(tmp_path / "b", TEXTS, whole.plan)
    run(replace(cut_off, plan=replace(whole.plan, budget_fits=4)))
    when = {p: p.stat().st_mtime_ns for p in cut_off.folder.glob("fit-*")}
    # Half a fit is none: labels were written, and then the process died.
    labels_file(cut_off.folder, 5).write_bytes(b"")
    _, _, fits = run(cut_off)
    assert [fit.key for fit in fits] == [fit.key for fit in expected]
    for number in range(1, 9):
        labels = [labels_file(job.folder, number).read_bytes() for job in (whole, cut_off)]
        assert labels[0] == labels[1]
    assert {p: p.stat().st_mtime_ns for p in when} == when
    for one, other in zip(fits, expected, strict=True):
        assert (one.scores, one.clusters) == (other.scores, other.clusters)


def test_earlier_sweeps_are_taken_over_unless_of_another_version(tmp_path: Path) -> None:
    first = make_job(tmp_path / "a", TEXTS, SweepPlan((2, 3)))
    _, _, found = run(first)
    second = make_job(tmp_path / "b", TEXTS, SweepPlan((4, 3)), earlier=(first.folder,))
    _, _, fits = run(second)
    assert [fit.n_clusters for fit in fits] == [3, 4]
    assert fits[0].clusters == found[1].clusters
    assert labels_file(second.folder, 1).read_bytes() == labels_file(first.folder, 2).read_bytes()
    taken = {d["n_clusters"]: d["taken_over"] for _, d in fit_files(second.folder)}
    assert taken == {3: True, 4: False}
    for place in first.folder.glob("fit-*.json"):
        place.write_text(json.dumps(json.loads(place.read_text()) | {"version": "0"}))
    third = make_job(tmp_path / "c", TEXTS, SweepPlan((2,)), earlier=(first.folder,))
    run(third)
    assert [d["taken_over"] for _, d in fit_files(third.folder)] == [False]


def test_what_cannot_be_is_said_of_each_fit(tmp_path: Path) -> None:
    few = ["one text", "another text", "a third one", "One  text"]
    job = make_job(tmp_path / "a", few, SweepPlan((4, 2)))
    _, _, fits = run(job)
    assert [(fit.n_clusters, fit.state) for fit in fits] == [
        (4, RunState.FAILED),
        (2, RunState.SUCCEEDED),
    ]
    assert "only 3 different texts" in fits[0].message
    none = make_job(tmp_path / "b", few, SweepPlan((4,)))
    with pytest.raises(RunFailed, match="only 3 different texts"):
        run(none)
    gone = make_job(tmp_path / "c", few, SweepPlan((2,), embedders=("/no/such/model",)))
    with pytest.raises(RunFailed, match="is not there"):
        run(gone)


def test_a_budget_of_time_leaves_what_is_there(tmp_path: Path) -> None:
    job = make_job(tmp_path / "a", TEXTS, SweepPlan(tuple(range(2, 12)), budget_seconds=1e-6))
    with pytest.raises(RunFailed, match="budget"):
        run(job)


def test_every_score_is_told_and_each_clusters_stability(rows: Any) -> None:
    weights = np.ones(len(rows), np.float32)
    own = Rows(rows, weights, np.full(len(rows), -1), np.arange(len(rows)), len(rows))
    entries = [Entry((f"word{place % 7} other{place % 3}",), "", 1) for place in range(len(rows))]
    corpus = Corpus(entries=entries)
    words = word_counts(corpus, "en-US")
    [fit] = sweep(rows, weights, [12], np.random.default_rng(0))
    scored = FitScores(corpus, own, words, [12]).of(fit)
    assert set(scored.scores) == set(SCORES)
    assert scored.stability.shape == (12,)
    assert scored.scores["stability"] > 0.9
    # The words are nobody's in particular.
    assert 0 < scored.scores["predictability"] < 0.3


def test_documents_that_are_their_own_text_are_written_once(tmp_path: Path) -> None:
    job = make_job(tmp_path / "a", TEXTS, SweepPlan((2,)))
    run(job)
    assert json.loads((job.folder / DOCUMENTS_FILE).read_text())["texts"] is None
    long = make_job(tmp_path / "b", [text + " word" * 60 for text in TEXTS], SweepPlan((2,)))
    run(long)
    told = documents_from_json(json.loads((long.folder / DOCUMENTS_FILE).read_text()))
    assert isinstance(told, SweepDocuments)
    assert max(map(len, told.texts)) <= 201 < min(map(len, told.ids))


def test_a_sweep_that_was_killed_before_its_map_makes_it(tmp_path: Path) -> None:
    job = make_job(tmp_path / "a", TEXTS, SweepPlan((2, 5)))
    run(job)
    place = job.folder / MAP_FILE
    expected, when = place.read_bytes(), fit_file(job.folder, 1).stat().st_mtime_ns
    place.unlink()
    run(job)
    assert place.read_bytes() == expected
    assert fit_file(job.folder, 1).stat().st_mtime_ns == when
    assert not fit_file(job.folder, 3).exists()


def test_the_rows_are_the_same_whichever_fits_are_missing(tmp_path: Path) -> None:
    # Of these texts many have the same words, so that 30 clusters want other rows than 2.
    texts = [f"{'card lost' if n % 2 else 'lost card'} {'!' * n}" for n in range(50)] + TEXTS[:5]
    whole = make_job(tmp_path / "a", texts, SweepPlan((30, 2)))
    _, _, expected = run(whole)
    killed = make_job(tmp_path / "b", texts, whole.plan)

    def die(message: Message) -> None:
        if isinstance(message, Progress) and message.stage == "mapping":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run_sweep(killed, die)
    # What it would have left, had it been killed a little earlier.
    for path in (fit_file(killed.folder, 2), labels_file(killed.folder, 2)):
        path.unlink()
    assert list(killed.folder.glob("path-*"))
    _, _, fits = run(killed)
    assert [fit.n_clusters for fit in fits] == [30, 2]
    assert [fit.scores for fit in fits] == [fit.scores for fit in expected]


def test_what_was_made_of_other_vectors_is_not_taken_over(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "vectors.npy"
    np.save(path, rng.standard_normal((len(TEXTS), 8)), allow_pickle=False)
    plan = SweepPlan((2, 3), embedders=(str(path),))
    first = make_job(tmp_path / "a", TEXTS, plan)
    run(first)
    same = make_job(tmp_path / "b", TEXTS, plan, earlier=(first.folder,))
    run(same)
    assert [data["taken_over"] for _, data in fit_files(same.folder)] == [True, True]
    assert (same.folder / MAP_FILE).read_bytes() == (first.folder / MAP_FILE).read_bytes()
    np.save(path, rng.standard_normal((len(TEXTS), 8)), allow_pickle=False)
    other = make_job(tmp_path / "c", TEXTS, plan, earlier=(same.folder, first.folder))
    run(other)
    assert [data["taken_over"] for _, data in fit_files(other.folder)] == [False, False]
    assert (other.folder / MAP_FILE).read_bytes() != (first.folder / MAP_FILE).read_bytes()
    plain = make_job(tmp_path / "d", TEXTS, SweepPlan((2,)), earlier=(other.folder,))
    run(plain)
    alone = make_job(tmp_path / "e", TEXTS, SweepPlan((2,)))
    run(alone)
    assert (plain.folder / MAP_FILE).read_bytes() == (alone.folder / MAP_FILE).read_bytes()
