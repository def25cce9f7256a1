"""Sweeps by themselves: plans, tables, comparisons, journals."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import nbtrain
from nbtrain import IntentClassification, RequestError, RunNotFound, Sweep, SweepFit
from nbtrain.documents import DataSchema
from nbtrain.errors import ServiceUnavailable, WaitTimeout
from nbtrain.progress import RunState, RunStatus
from nbtrain.sweep_journal import Journal, RunningFit, derived_model_id, journal_path
from nbtrain.sweep_moves import compare_fits, splits_between
from nbtrain.sweep_plans import SweepPlan, coarse_to_fine, make_plan
from nbtrain.sweep_results import SCORES, Choice, FitCluster, SweepDocuments
from nbtrain.sweep_tables import best_fit
from nbtrain.testing import FakeClock, ScriptedService
from nbtrain.training import DataFile, TrainingRequest, model_id_problems


@pytest.fixture
def request_(tmp_path: Path) -> TrainingRequest:
    df = pd.DataFrame({"text": [f"text number {n}" for n in range(30)]})
    return TrainingRequest("topics", nbtrain.write_intents(df, tmp_path / "t.json", text="text"))


def test_every_problem_is_listed_at_once(request_: TrainingRequest) -> None:
    with pytest.raises(RequestError) as caught:
        nbtrain.sweep(
            request_, [1, 5, 31], random_state=-1, embedder="", budget_seconds=0, budget_fits=0,
            max_runs_at_once=0,
        )  # fmt: skip
    problems = [(p.where, p.what) for p in caught.value.problems]
    assert ("n_clusters", "is 1") in problems
    assert ("n_clusters", "is 31, but there are only 30 documents") in problems
    named = {where for where, _ in problems}
    assert named == {
        "n_clusters", "random_state", "embedder", "budget_seconds", "budget_fits",
        "max_runs_at_once",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("n_clusters", "what"),
    [
        ([], "is empty"),
        ("auto", "holds 'auto'"),
        ([2, 3.5], "holds 3.5"),
        ([True], "holds True"),
    ],
)
def test_what_is_no_range_is_refused(request_: TrainingRequest, n_clusters: Any, what: str) -> None:
    with pytest.raises(RequestError) as caught:
        make_plan(request_, n_clusters)
    assert [(p.where, p.what) for p in caught.value.problems] == [("n_clusters", what)]


def test_only_clusterings_are_swept(tmp_path: Path, request_: TrainingRequest) -> None:
    df = pd.DataFrame({"text": ["a b", "c d"], "intent": ["x", "y"]})
    data = nbtrain.write_intents(
        df, tmp_path / "u.json", text="text", intent="intent", schema="utterance"
    )
    with pytest.raises(RequestError, match=r"request\.task"):
        make_plan(TrainingRequest("m", data, IntentClassification()), [2])
    with pytest.raises(RequestError, match="request: is a str"):
        make_plan("support", [2])
    with pytest.raises(RequestError, match="order: is 'random'"):
        make_plan(request_, [2], order="random")


def test_numbers_of_numpy_and_repetitions_will_do(request_: TrainingRequest) -> None:
    plan = make_plan(request_, np.array([3, 2, 3]), random_state=np.int64(4), order="rising")
    assert (plan.n_clusters, plan.random_states) == ((2, 3), (4,))
    json.dumps([*plan.n_clusters, *plan.random_states])
    assert make_plan(request_, [9, 2, 5], order="as given").n_clusters == (9, 2, 5)
    with pytest.raises(RequestError, match="twice"):
        make_plan(request_, [9, 2, 9], order="as given")


def test_coarse_to_fine_shows_the_whole_range_early() -> None:
    order = coarse_to_fine(range(2, 61))
    assert sorted(order) == list(range(2, 61))
    first = sorted(order[:6])
    assert (first[0], first[-1]) == (2, 60)
    assert max(b / a for a, b in pairwise(first)) < 2.7


def test_a_range_without_end_is_refused_at_once(request_: TrainingRequest) -> None:
    for endless in (range(2, 10**15), count(2)):
        with pytest.raises(RequestError, match="At most 10,000"):
            make_plan(request_, endless)
    assert len(coarse_to_fine(range(2, 10_000))) == 9_998


def test_the_budget_of_fits_counts_seeds_and_embedders() -> None:
    plan = SweepPlan((2, 3), (0, 1), (None, "m"), budget_fits=5)
    assert [(f.n_clusters, f.random_state, dict(f.options)) for f in plan.fits()] == [
        (2, 0, {}), (3, 0, {}), (2, 1, {}), (3, 1, {}), (2, 0, {"embedder": "m"}),
    ]  # fmt: skip


class Host:
    """A sweep that has ended, from memory; ``steps`` are what its status is, look by look."""

    def __init__(self, fits: list[SweepFit], labels: list[list[int]]) -> None:
        self.made = fits
        self.assigned = labels
        self.steps: list[RunState | Exception] = [RunState.SUCCEEDED]
        self.shown = len(fits)
        self.texts = tuple(f"text {n}" for n in range(len(labels[0])))

    def sweep_status(self, sweep_id: str) -> RunStatus:
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return RunStatus(sweep_id, "m", step)

    def sweep_fits(self, sweep_id: str, after: int = 0) -> tuple[SweepFit, ...]:
        return tuple(self.made[after : self.shown])

    def sweep_documents(self, sweep_id: str) -> SweepDocuments:
        return SweepDocuments(self.texts, self.texts, (2,) + (1,) * (len(self.texts) - 1))

    def sweep_labels(self, sweep_id: str, number: int) -> Any:
        return np.array(self.assigned[number - 1])

    def sweep_positions(self, sweep_id: str) -> Any:
        return None


def fit(k: int, names: list[str], seed: int = 0, **scores: float) -> SweepFit:
    clusters = tuple(FitCluster(place, name, 1) for place, name in enumerate(names))
    return SweepFit(k, seed, scores=scores, clusters=clusters, elapsed=float(k))


FITS = [
    fit(3, ["card", "lost", "fee"], silhouette=0.5),
    fit(2, ["card", "fee"], silhouette=0.3),
    replace(fit(4, []), state=RunState.FAILED, message="Too many."),
    fit(2, ["fee", "card"], seed=1, silhouette=0.2, stability=0.9),
]
LABELS = [[0, 0, 1, 1, 2, 2], [0, 0, 0, 0, 1, 1], [0] * 6, [1, 1, 1, 1, 0, 0]]


@pytest.fixture
def host() -> Host:
    return Host(FITS, LABELS)


@pytest.fixture
def swept(host: Host, request_: TrainingRequest) -> Sweep:
    clock = FakeClock()
    plan = SweepPlan((3, 2, 4), (0, 1))
    service = ScriptedService([])
    return Sweep("s", service, host, (request_, plan), clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]


def test_the_table_has_a_row_a_fit(swept: Sweep) -> None:
    table = swept.frame()
    assert table[["n_clusters", "random_state"]].values.tolist() == [[2, 0], [2, 1], [3, 0], [4, 0]]
    assert set(SCORES) & set(table.columns) == {"silhouette", "stability"}
    assert table["silhouette"].tolist()[:3] == [0.3, 0.2, 0.5]
    assert table["stability"].isna().tolist() == [True, False, True, True]
    assert table["message"].tolist()[3] == "Too many."


def test_labels_are_by_document(swept: Sweep) -> None:
    assert swept.labels(2) == dict(zip(swept.documents().ids, LABELS[1], strict=True))
    assert swept.labels(2, random_state=1)["text 0"] == 1
    with pytest.raises(RequestError, match=r"There are so far: 2, 3\."):
        swept.labels(4)
    with pytest.raises(RequestError, match="so far: none"):
        swept.labels(2, embedder="m")


def test_what_moves_where(swept: Sweep) -> None:
    compared = swept.compare(2, 3)
    told = [(f.from_name, f.to_name, f.documents, f.share) for f in compared.flows]
    # The first text came twice.
    assert told == [
        ("card", "card", 3, pytest.approx(3 / 5)),
        ("card", "lost", 2, pytest.approx(2 / 5)),
        ("fee", "fee", 2, 1.0),
    ]
    assert compared.flows[1].examples == ("text 2", "text 3")
    assert compared.frame()["documents"].sum() == 7
    assert swept.compare(2, 2).agreement == 1.0


def test_the_agreement_is_the_adjusted_rand_index() -> None:
    source = np.random.default_rng(0)
    a, b = source.integers(0, 4, 60), source.integers(0, 5, 60)
    texts = tuple(map(str, range(60)))
    found = compare_fits(SweepFit(4), SweepFit(5), a, b, SweepDocuments(texts, texts, (1,) * 60))
    assert found.agreement == pytest.approx(adjusted_rand_score(a, b))
    assert sum(flow.documents for flow in found.flows) == 60
    for flow in found.flows:
        assert all(a[int(t)] == flow.from_cluster for t in flow.examples)
        assert all(b[int(t)] == flow.to_cluster for t in flow.examples)


def test_what_splits_into_what(swept: Sweep) -> None:
    assert [str(split) for split in swept.splits()] == [
        "3 splits “card” into “card” (60%) and “lost” (40%)"
    ]
    assert swept.splits(random_state=1) == ()


def test_the_first_seed_stands_for_its_count_whatever_came_first(host: Host) -> None:
    """What is shown of a count is what is compared, labelled and trained."""
    host.made = [replace(FITS[1], random_state=0), replace(FITS[3], random_state=7)]
    host.assigned, host.shown = [LABELS[1], LABELS[3]], 2
    plan = SweepPlan((2,), (7, 0))
    shown = best_fit(plan.in_order(host.made), 2)
    assert shown is not None
    request: Any = None
    swept = Sweep("s", ScriptedService([]), host, (request, plan))  # type: ignore[arg-type]
    assert swept.fit(2) == shown == host.made[1]
    assert list(swept.labels(2).values()) == LABELS[3]


def test_fits_that_tell_no_clusters_have_no_splits() -> None:
    fits = [FITS[1], replace(FITS[0], clusters=())]
    assert list(splits_between(fits, [np.array(LABELS[1]), np.array(LABELS[0])], (1,) * 6)) == []


def test_watching_tells_each_fit_once(swept: Sweep, host: Host) -> None:
    host.steps = [RunState.RUNNING, ServiceUnavailable("gone"), RunState.RUNNING, RunState.FAILED]
    host.shown = 1
    seen = []
    for update in swept.watch():
        seen.append([f.key for f in update.fits])
        host.shown = 4
    assert [len(keys) for keys in seen] == [1, 3, 0]
    assert seen[0] + seen[1] == [f.key for f in FITS]


def test_watching_gives_up_in_time(swept: Sweep, host: Host) -> None:
    host.steps = [RunState.RUNNING]
    with pytest.raises(WaitTimeout):
        swept.wait(timeout=5)
    host.steps = [ServiceUnavailable("gone")]
    with pytest.raises(ServiceUnavailable):
        swept.wait()


def test_derived_model_ids_are_valid_and_differ() -> None:
    long = "a" * 63
    fits = [SweepFit(12), SweepFit(12, 3), SweepFit(13), SweepFit(12, 0, {"embedder": "x y"})]
    for base in ("support", long, "a" * 60 + "-bc"):
        ids = [derived_model_id(base, fit) for fit in fits]
        assert len(set(ids)) == len(ids)
        assert not any(model_id_problems(model_id) for model_id in ids)
    assert derived_model_id(long, fits[0]) != derived_model_id("a" * 62 + "b", fits[0])


def test_a_journal_comes_back_as_it_was(request_: TrainingRequest) -> None:
    path = journal_path(request_.data.path, request_.model_id)
    journal = Journal(path, "knovvu", request_, SweepPlan((2, 3), budget_fits=2), 12.0)
    journal.fits = [replace(FITS[0], run_id="r")]
    journal.running = [RunningFit(SweepFit(2), "topics-k2", "r2", 0.5)]
    journal.choice = Choice(3, "ö", "now")
    journal.save()
    assert path.parent == request_.data.path.parent
    assert Journal.load(path) == journal
    path.write_text("{}")
    with pytest.raises(RunNotFound, match="no journal"):
        Journal.load(path)
    with pytest.raises(RunNotFound, match="no sweep"):
        Journal.load(path.with_name("other.json"))


def test_a_journal_of_other_data_is_not_taken_over(request_: TrainingRequest) -> None:
    journal = Journal(
        journal_path(request_.data.path, request_.model_id),
        "knovvu",
        request_,
        SweepPlan((2,)),
        0.0,
    )
    other: DataFile = replace(request_.data, sha256="0" * 64)
    assert journal.goes_with(request_, "knovvu")
    assert not journal.goes_with(replace(request_, data=other), "knovvu")
    assert not journal.goes_with(request_, "local")
    by_turn = nbtrain.Clustering(turns="agent", unit="utterance")
    spoken = replace(request_.data, schema=DataSchema.DIALOGUE)
    whole = replace(journal, request=replace(request_, data=spoken))
    assert not whole.goes_with(replace(request_, data=spoken, task=by_turn), "knovvu")


def test_a_wider_plan_keeps_what_was_found(request_: TrainingRequest) -> None:
    journal = Journal(
        journal_path(request_.data.path, request_.model_id),
        "local",
        request_,
        SweepPlan((2, 3, 4)),
        0.0,
    )
    journal.fits = [FITS[0], FITS[1], FITS[2]]
    journal.choice = Choice(2, "few", "now")
    journal.follow(SweepPlan((2, 4, 5)))
    assert journal.choice == Choice(2, "few", "now")
    assert [f.n_clusters for f in journal.fits] == [2]
    assert [f.n_clusters for f in journal.others] == [3]
    assert [f.n_clusters for f in journal.waiting()] == [4, 5]
    journal.follow(SweepPlan((3, 2)))
    assert sorted(f.n_clusters for f in journal.fits) == [2, 3]
    assert journal.waiting() == []
    journal.follow(SweepPlan((3, 4)))
    assert journal.choice is None
