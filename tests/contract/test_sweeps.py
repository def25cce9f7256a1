"""Sweeps at every kind of service: in one run of the local one, and as so many runs elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import nbtrain
from nbtrain import KnovvuService, LocalService, Sweep, TrainingRequest, attach_sweep
from nbtrain.errors import (
    AuthenticationFailed,
    NotSupported,
    RequestError,
    RequestRejected,
    RunNotFound,
    ServiceError,
    ServiceUnavailable,
    SubmitUncertain,
    UnexpectedResponse,
)
from nbtrain.file_lock import FileLock
from nbtrain.home import ServiceRecord
from nbtrain.progress import RunState, RunStatus, Update
from nbtrain.protocols.sweeps import SWEEPS_PATH
from nbtrain.services.base import TrainingService
from nbtrain.sweep_journal import Journal, RunningFit, journal_path
from nbtrain.sweep_plans import make_plan
from nbtrain.sweep_results import SweepFit
from nbtrain.sweep_runs import RunSweeps
from nbtrain.testing import ScriptedService, training_script
from nbtrain.training import DataFile

COUNTS = [2, 4, 3]


class PlainLocalService(LocalService):
    """The local service as one that knows only runs; notes what is handed in."""

    capabilities = replace(LocalService.capabilities, sweep=False)

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.model_ids: list[str] = []

    def submit(self, request: TrainingRequest) -> RunStatus:
        self.model_ids.append(request.model_id)
        return super().submit(request)


@pytest.fixture
def plain(service: LocalService) -> PlainLocalService:
    return PlainLocalService(service.home)


@pytest.fixture
def data(conversations: pd.DataFrame, tmp_path: Path) -> DataFile:
    path = tmp_path / "dialogues.json"
    return nbtrain.write_dialogues(
        conversations, path, dialogue_id="dialogue_id", speaker="speaker", text="text"
    )


def knovvu(service: LocalService) -> KnovvuService:
    service.health()
    record = ServiceRecord.load(service.home)
    assert record is not None
    return KnovvuService(record.url, record.client_id, record.client_secret)


@pytest.fixture(params=["local", "plain", "knovvu", "scripted"])
def any_service(
    request: pytest.FixtureRequest, service: LocalService, plain: PlainLocalService
) -> TrainingService:
    makers: dict[str, Callable[[], TrainingService]] = {
        "local": lambda: service,
        "plain": lambda: plain,
        "knovvu": lambda: knovvu(service),
        "scripted": lambda: ScriptedService(training_script(2)),
    }
    return makers[request.param]()


def done(swept: Sweep) -> list[int]:
    return [fit.n_clusters for fit in swept.fits() if fit.state is RunState.SUCCEEDED]


def test_a_sweep_goes_from_start_to_success(
    any_service: TrainingService, service: LocalService, data: DataFile
) -> None:
    request = TrainingRequest(f"swept-{any_service.name}", data)
    swept = nbtrain.sweep(request, COUNTS, service=any_service, order="as given")
    fractions, seen = [], []
    for update in swept.watch(0.05, timeout=120):
        fractions.append(update.status.fraction)
        seen += [fit.n_clusters for fit in update.fits]
    assert update.status.state is RunState.SUCCEEDED, update.status.message
    assert (update.status.run_id, update.status.model_id) == (swept.sweep_id, request.model_id)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert seen == COUNTS == done(swept)
    table = swept.frame()
    assert table["n_clusters"].tolist() == sorted(COUNTS)
    again = attach_sweep(swept.sweep_id, any_service)
    assert again.fits() == swept.fits()
    assert again.status().state is RunState.SUCCEEDED
    assert again.request.data.sha256 == data.sha256
    assert again.plan == swept.plan
    if any_service.capabilities.epochs:
        assert "silhouette" in table.columns
    if any_service.capabilities.result and any_service.name != "scripted":
        labels = swept.labels(3)
        assert len(labels) == data.documents
        assert set(labels.values()) == {0, 1, 2}
        sizes = [cluster.size for cluster in swept.fit(3).clusters]
        assert sizes == [list(labels.values()).count(i) for i in range(3)]
        moved = swept.compare(2, 4)
        assert sum(flow.documents for flow in moved.flows) == data.documents
        assert swept.splits()
        assert again.labels(3) == labels
    elif isinstance(any_service, KnovvuService):
        record = ServiceRecord.load(service.home)
        assert record is not None
        assert record.client_secret not in Path(swept.sweep_id).read_text()
        with pytest.raises(NotSupported):
            swept.labels(3)


@pytest.mark.parametrize("any_service", ["local", "scripted"], indirect=True)
def test_the_choice_is_kept_and_trained(any_service: TrainingService, data: DataFile) -> None:
    request = TrainingRequest(f"chosen-{any_service.name}", data)
    swept = nbtrain.sweep(request, [2, 3], service=any_service)
    swept.wait(120)
    assert swept.choice() is None
    with pytest.raises(RequestError, match="no such fit"):
        swept.choose(9)
    for wrong in (0, 1, "three", 2.5):
        with pytest.raises(RequestError, match="n_clusters: is"):
            swept.train(wrong)  # type: ignore[arg-type]
    made = swept.choose(3, "finer\nis better")
    assert (made.n_clusters, made.reason) == (3, "finer\nis better")
    assert attach_sweep(swept.sweep_id, any_service).choice() == made
    run = swept.train()
    assert run.model_id == request.model_id
    assert run.wait(60).state is RunState.SUCCEEDED
    if any_service.capabilities.result and any_service.name != "scripted":
        assert run.result().n_clusters == 3
        assert run.result().provenance["begun_at"] == "the fit of a sweep"


def test_what_is_trained_is_what_was_seen(service: LocalService, tmp_path: Path) -> None:
    texts = nbtrain.samples.sentences(900)
    data = nbtrain.write_intents(texts, tmp_path / "t.json", text="text")
    swept = nbtrain.sweep(TrainingRequest("seen", data), [6, 9, 14], service=service)
    swept.wait(60)
    for k in (6, 14):
        seen = swept.labels(k)
        got = swept.train(k, f"seen-{k}").result().labels
        pairs = [(seen[text], got[text]) for text in seen]
        assert adjusted_rand_score(*zip(*pairs, strict=True)) > 0.85
    anew = swept.train(7)
    assert anew.result().n_clusters == 7
    assert "begun_at" not in anew.result().provenance


def test_a_wider_sweep_makes_only_what_is_new(plain: PlainLocalService, data: DataFile) -> None:
    request = TrainingRequest("wider", data)
    nbtrain.sweep(request, [2, 3], service=plain, budget_fits=2).wait(120)
    assert plain.model_ids == ["wider-k2", "wider-k3"]
    wide = nbtrain.sweep(request, [2, 3, 4], random_state=(0, 1), service=plain, budget_fits=4)
    status = wide.wait(120)
    assert plain.model_ids == ["wider-k2", "wider-k3", "wider-k4", "wider-k2-s1"]
    assert "Stopped after 4 of 6 fits" in status.message
    assert len(wide.fits()) == 4


def test_the_local_service_takes_over_what_it_found(service: LocalService, data: DataFile) -> None:
    request = TrainingRequest("taken-over", data)
    first = nbtrain.sweep(request, range(2, 8), service=service)
    first.wait(60)
    second = nbtrain.sweep(request, range(2, 12), service=service)
    second.wait(60)
    known = {fit.n_clusters: fit for fit in first.fits()}
    again = [fit for fit in second.fits() if fit.n_clusters in known]
    assert len(again) == len(known)
    for fit in again:
        assert fit.clusters == known[fit.n_clusters].clusters
        assert fit.scores == known[fit.n_clusters].scores
        assert second.labels(fit.n_clusters) == first.labels(fit.n_clusters)
    assert sorted(done(second)) == list(range(2, 12))


def test_one_failing_fit_does_not_lose_the_others(
    any_service: TrainingService, tmp_path: Path
) -> None:
    if any_service.name == "scripted":
        pytest.skip("its runs all follow the same script")
    texts = ["where is my card", "I lost my card", "cancel the order", "Where is  my card"]
    data = nbtrain.write_intents(
        pd.DataFrame({"text": [*texts, "where is my CARD"]}), tmp_path / "t.json", text="text"
    )
    request = TrainingRequest(f"partly-{any_service.name}", data)
    swept = nbtrain.sweep(request, [2, 5, 3], service=any_service, order="as given")
    status = swept.wait(120)
    assert status.state is RunState.SUCCEEDED
    assert done(swept) == [2, 3]
    [failed] = [fit for fit in swept.fits() if fit.state is RunState.FAILED]
    assert failed.n_clusters == 5
    assert "only 3 different texts" in failed.message or any_service.name == "knovvu"
    alone = nbtrain.sweep(replace(request, model_id="none-at-all"), [5], service=any_service)
    assert alone.wait(120).state is RunState.FAILED
    assert alone.status().message
    assert done(alone) == []


def test_cancelling_ends_the_run_in_progress(plain: PlainLocalService, tmp_path: Path) -> None:
    df = nbtrain.samples.sentences(20_000)
    data = nbtrain.write_intents(df, tmp_path / "many.json", text="text")
    swept = nbtrain.sweep(TrainingRequest("stopped", data), [40, 50, 60], service=plain)
    for update in swept.watch(0.05):
        if update.status.fraction > 0:
            break
    with pytest.raises(RequestError, match="swept over already"):
        nbtrain.sweep(TrainingRequest("stopped", data), [2], service=plain)
    assert swept.cancel().state is RunState.CANCELLED
    assert plain.status("stopped-k40").state is RunState.CANCELLED
    assert plain.model_ids == ["stopped-k40"]
    assert [fit.state for fit in swept.fits()] == [RunState.CANCELLED]
    assert swept.wait(5).state is RunState.CANCELLED


class Flaky(ScriptedService):
    """Raises what it is given instead of taking requests, then takes them."""

    def __init__(self, script: list[Update | ServiceError]) -> None:
        super().__init__(script)
        self.refusals: list[ServiceError] = []

    def submit(self, request: TrainingRequest) -> RunStatus:
        if self.refusals:
            raise self.refusals.pop(0)
        return super().submit(request)


def test_a_service_that_is_away_for_a_moment_is_waited_for(data: DataFile) -> None:
    script = training_script(2)
    flaky = Flaky([script[0], ServiceUnavailable("gone"), *script[1:]])
    flaky.refusals = [ServiceUnavailable("gone"), UnexpectedResponse("a page")]
    swept = nbtrain.sweep(TrainingRequest("flaky", data), [2, 3], service=flaky)
    assert swept.wait(30).state is RunState.SUCCEEDED
    assert [request.model_id for request in flaky.requests] == ["flaky-k2", "flaky-k3"]
    assert done(swept) == [2, 3]


def test_what_a_service_refuses_fails_alone(data: DataFile) -> None:
    flaky = Flaky([*training_script(2)])
    flaky.refusals = [RequestRejected("no such <b>", 400), SubmitUncertain("perhaps", "x")]
    swept = nbtrain.sweep(TrainingRequest("refused", data), [2, 3, 4], service=flaky)
    status = swept.wait(30)
    assert (status.state, status.message) == (RunState.SUCCEEDED, "2 of the fits failed.")
    assert done(swept) == [3]
    messages = [fit.message for fit in swept.fits() if fit.state is RunState.FAILED]
    assert messages == ["no such <b> (HTTP 400)", "perhaps"]


def test_what_a_service_cannot_do_is_said_at_once(data: DataFile) -> None:
    service = ScriptedService(training_script(2))
    service.capabilities = replace(service.capabilities, random_state=False, clustering=False)
    with pytest.raises(RequestError) as caught:
        nbtrain.sweep(TrainingRequest("no", data), [2], random_state=(0, 1), service=service)
    assert [problem.where for problem in caught.value.problems] == ["service", "random_state"]
    service.capabilities = replace(service.capabilities, turns=False, embedder=False)
    by_turn = nbtrain.Clustering(turns="all", unit="utterance", embedder="m")
    with pytest.raises(RequestError) as caught:
        nbtrain.sweep(TrainingRequest("no", data, by_turn), [2], service=service)
    assert [problem.where for problem in caught.value.problems] == [
        "service", "embedder", "request.task.turns", "request.task.unit",
    ]  # fmt: skip
    assert service.requests == []


@pytest.mark.parametrize("any_service", ["local", "plain"], indirect=True)
def test_the_turns_of_a_request_are_those_that_are_swept_and_trained(
    any_service: TrainingService, data: DataFile
) -> None:
    task = nbtrain.Clustering(turns="agent", unit="utterance")
    request = TrainingRequest(f"by-turn-{any_service.name}", data, task)
    swept = nbtrain.sweep(request, [2, 3], service=any_service)
    assert swept.wait(60).state is RunState.SUCCEEDED
    assert all("#" in document for document in swept.labels(3))
    # After a restart of the kernel, too.
    again = attach_sweep(swept.sweep_id, any_service)
    assert again.labels(3) == swept.labels(3)
    assert again.train(3).result().labels.keys() == swept.labels(3).keys()


def test_a_newer_sweep_leaves_the_older_one_what_it_was(
    plain: PlainLocalService, data: DataFile
) -> None:
    request = TrainingRequest("older", data)
    older = nbtrain.sweep(request, [2, 3, 4], service=plain, order="as given")
    older.wait(120)
    found = {k: older.fit(k) for k in (2, 3, 4)}
    newer = nbtrain.sweep(request, [4, 2], service=plain, order="as given")
    newer.wait(120)
    assert {k: older.fit(k) for k in (2, 3, 4)} == found
    for k in (2, 3, 4):
        assert set(older.labels(k).values()) == set(range(k))
    with pytest.raises(RequestError, match="newer sweep"):
        older.choose(3)
    assert newer.choose(4) == attach_sweep(newer.sweep_id, plain).choice()


def test_two_kernels_do_not_drive_one_sweep(plain: PlainLocalService, data: DataFile) -> None:
    request = TrainingRequest("shared", data)
    other = FileLock(journal_path(request.data.path, request.model_id))
    assert other.acquire()
    with pytest.raises(RequestError, match="in another kernel"):
        nbtrain.sweep(request, [2, 3], service=plain)
    assert not journal_path(request.data.path, request.model_id).exists()
    sweep_id = _Interrupted(request).write([2, 3], [])
    with pytest.raises(RequestError, match="in another kernel"):
        attach_sweep(sweep_id, plain)
    other.release()
    assert attach_sweep(sweep_id, plain).wait(60).state is RunState.SUCCEEDED
    assert plain.model_ids == ["shared-k2", "shared-k3"]
    assert sorted(p.name for p in data.path.parent.glob(".*.lock")) == []


def test_an_embedder_is_found_again_by_the_words_that_named_it(
    service: LocalService, data: DataFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "rows.npy", np.random.default_rng(0).normal(size=(data.documents, 8)))
    monkeypatch.chdir(tmp_path)
    swept = nbtrain.sweep(TrainingRequest("rows", data), [2], embedder="rows.npy", service=service)
    assert swept.wait(60).state is RunState.SUCCEEDED, swept.fits()
    assert len(swept.labels(2)) == data.documents


def test_a_budget_of_seconds_ends_a_sweep_with_the_fits_that_are_there(data: DataFile) -> None:
    service = ScriptedService(training_script(2))
    ticks = count(0, 5)
    host = RunSweeps(service, clock=lambda: float(next(ticks)))
    request = TrainingRequest("in-time", data)
    plan = make_plan(request, range(2, 40), budget_seconds=120, order="rising")
    begun = host.begin_sweep(request, plan)
    swept = Sweep(begun.run_id, service, host, (request, plan))
    status = swept.wait(60)
    made = done(swept)
    assert status.state is RunState.SUCCEEDED
    assert 0 < len(made) < 38
    assert made == list(range(2, 2 + len(made)))
    told = f"Stopped after {len(made)} of 38 fits: the budget of 120 s is used up."
    assert status.message == told
    assert status.elapsed is not None
    assert status.elapsed >= 120
    assert len(service.requests) == len(made)


def test_credentials_that_are_refused_end_a_sweep_that_can_go_on(data: DataFile) -> None:
    flaky = Flaky([*training_script(2)])
    request = TrainingRequest("locked-out", data)
    swept = nbtrain.sweep(request, [2, 3], service=flaky)
    swept.wait(30)
    flaky.refusals = [AuthenticationFailed("who are you?")]
    wider = nbtrain.sweep(request, [2, 3, 4], service=flaky)
    status = wider.wait(30)
    assert status.state is RunState.FAILED
    assert "who are you?" in status.message
    assert done(wider) == [2, 3]
    again = nbtrain.sweep(request, [2, 3, 4], service=flaky)
    assert again.wait(30).state is RunState.SUCCEEDED
    assert [r.model_id[-1] for r in flaky.requests] == ["2", "3", "4"]


def test_at_most_so_many_runs_are_in_progress(plain: PlainLocalService, data: DataFile) -> None:
    request = TrainingRequest("side-by-side", data)
    swept = nbtrain.sweep(request, range(2, 6), service=plain, max_runs_at_once=2)
    most = 0
    for _ in swept.watch(0.02, timeout=120):
        states = [run.state for run in plain.runs() if run.model_id.startswith("side-by-side")]
        most = max(most, sum(not state.ended for state in states))
    assert most == 2
    assert sorted(done(swept)) == [2, 3, 4, 5]


@dataclass
class _Interrupted:
    """A journal as a kernel leaves it that dies in the middle."""

    request: TrainingRequest
    running: list[RunningFit] = field(default_factory=list)

    def write(self, counts: list[int], found: list[SweepFit]) -> str:
        plan = make_plan(self.request, counts, order="as given")
        path = journal_path(self.request.data.path, self.request.model_id)
        journal = Journal(path, "local", self.request, plan, 0.0, fits=found, running=self.running)
        journal.save()
        return str(path)


def test_a_sweep_goes_on_after_the_kernel_died(plain: PlainLocalService, data: DataFile) -> None:
    request = TrainingRequest("interrupted", data)
    left = _Interrupted(request)
    in_progress = nbtrain.submit(
        TrainingRequest("interrupted-k3", data, nbtrain.Clustering(3)), plain
    )
    plain.model_ids.clear()
    left.running = [
        RunningFit(SweepFit(3), "interrupted-k3", in_progress.run_id),
        RunningFit(SweepFit(4), "interrupted-k4"),  # whether it was handed in isn't known
    ]
    sweep_id = left.write([2, 3, 4, 5], [SweepFit(2, run_id="r")])
    swept = attach_sweep(sweep_id, plain)
    assert swept.wait(120).state is RunState.SUCCEEDED
    assert plain.model_ids == ["interrupted-k4", "interrupted-k5"]
    assert done(swept) == [2, 3, 4, 5]
    assert swept.fit(3).run_id == in_progress.run_id


def test_what_is_not_there_is_not_found(any_service: TrainingService, tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        attach_sweep("no-such-sweep", any_service)
    with pytest.raises(RunNotFound):
        attach_sweep("", any_service)


def test_a_sweep_is_no_run(service: LocalService, data: DataFile) -> None:
    swept = nbtrain.sweep(TrainingRequest("no-run", data), [2], service=service)
    assert swept.sweep_id in {status.run_id for status in service.sweeps()}
    assert swept.sweep_id not in {status.run_id for status in service.runs()}
    for call in (service.status, service.result, service.cancel):
        with pytest.raises(RunNotFound):
            call(swept.sweep_id)
    with pytest.raises(RunNotFound):
        nbtrain.attach("no-run", service)
    # Nor does it keep its model from being trained meanwhile.
    assert nbtrain.submit(TrainingRequest("no-run", data), service).wait(60).state.ended
    swept.wait(60)


def test_one_map_holds_the_documents(service: LocalService, data: DataFile) -> None:
    swept = nbtrain.sweep(TrainingRequest("mapped", data), [2, 8, 4, 6], service=service)
    swept.wait(60)
    told = swept.map()
    assert told is not None
    assert tuple(told.index) == swept.documents().ids
    assert told.notna().all(axis=None)
    assert told.to_numpy().min() == 0
    assert told.to_numpy().max() == 100
    # What is in one cluster lies closer together than what is not.
    labels = np.array([swept.labels(6)[document] for document in told.index])
    places = told.to_numpy()
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    same = labels[:, None] == labels[None]
    assert apart[same].mean() < 0.6 * apart[~same].mean()


def test_the_short_list_has_reasons_that_name_clusters(
    service: LocalService, data: DataFile
) -> None:
    swept = nbtrain.sweep(TrainingRequest("short", data), range(2, 16), service=service)
    swept.wait(60)
    found = swept.recommendation()
    assert 2 <= len(found.candidates) <= 3
    assert found.structure is not None
    assert found.structure > 0.05
    assert found.clear_structure
    names = {
        cluster.name
        for fit in swept.fits()
        for cluster in fit.clusters
        if fit.n_clusters in [candidate.n_clusters for candidate in found.candidates]
    }
    reasons = " ".join(candidate.reason for candidate in found.candidates)
    assert any(f"“{name}”" in reasons for name in names)


def test_seeds_and_options_make_fits_of_their_own(service: LocalService, data: DataFile) -> None:
    request = TrainingRequest("seeds", data)
    swept = nbtrain.sweep(request, [3, 6], random_state=(7, 8), service=service)
    assert swept.wait(60).state is RunState.SUCCEEDED
    assert swept.frame()[["n_clusters", "random_state"]].values.tolist() == [
        [3, 7], [3, 8], [6, 7], [6, 8],
    ]  # fmt: skip
    assert swept.labels(6) == swept.labels(6, random_state=7)
    gone = nbtrain.sweep(request, [3], embedder=(None, "/no/such/model"), service=service)
    assert gone.wait(60).state is RunState.SUCCEEDED
    [failed] = [fit for fit in gone.fits() if fit.state is RunState.FAILED]
    assert dict(failed.options) == {"embedder": "/no/such/model"}
    assert "not there" in failed.message


def test_labelled_intents_stay_clusters(
    service: LocalService, data: DataFile, conversations: pd.DataFrame, tmp_path: Path
) -> None:
    said = pd.DataFrame(
        conversations[conversations["speaker"] == "customer"].groupby("dialogue_id").nth(1)
    )
    known = said[said["intent"].isin(sorted(said["intent"].unique())[:3])]
    intents = nbtrain.write_intents(known, tmp_path / "i.json", text="text", intent="intent")
    request = TrainingRequest("labelled-sweep", data, secondary_data=intents)
    swept = nbtrain.sweep(request, [2, 5, 8], service=service)
    swept.wait(60)
    assert sorted(done(swept)) == [5, 8]
    for k in (5, 8):
        assert set(known["intent"]) <= {cluster.name for cluster in swept.fit(k).clusters}
    # After a restart of the kernel, too; these begin anew, for their intents come first.
    trained = attach_sweep(swept.sweep_id, service).train(5).result()
    assert set(known["intent"]) <= {cluster.name for cluster in trained.clusters}
    assert "begun_at" not in trained.provenance


@pytest.fixture
def refused(service: LocalService, data: DataFile) -> Callable[..., list[str]]:
    def ask(fields: dict[str, str], content: bytes | None = None) -> list[str]:
        path = data.path.with_name("sent.json")
        path.write_bytes(data.path.read_bytes() if content is None else content)
        http = service._connect()
        with pytest.raises(RequestRejected) as caught:
            http.post_files(SWEEPS_PATH, fields, {"dataFile": path}).check()
        assert caught.value.status == 400
        return sorted(problem.where for problem in caught.value.problems)

    return ask


def test_the_service_lists_every_bad_field(refused: Callable[..., list[str]]) -> None:
    assert refused(
        {
            "modelId": "Ä", "languageCode": "xx", "dataSchema": "dialogue",
            "clusterCounts": "[1, 1000]", "randomStates": "7", "embedders": "[3]",
            "budgetSeconds": "-1", "budgetFits": "two",
        }
    ) == [
        "budgetFits", "budgetSeconds", "clusterCounts", "embedders",
        "languageCode", "modelId", "randomStates",
    ]  # fmt: skip
    good = {"modelId": "a", "languageCode": "en-US", "dataSchema": "dialogue"}
    assert refused(good) == ["clusterCounts"]
    assert refused(good | {"clusterCounts": "[2]"}, b"[]") == ["dataFile"]
    assert refused(good | {"clusterCounts": "[2]", "dataSchema": "utterance"})
    assert "clusterCounts" in refused(good | {"clusterCounts": "[[2]]"})
    assert "clusterCounts" in refused(good | {"clusterCounts": "[" * 10_000})
    for number in ("NaN", "Infinity", "1e999", "[]"):
        assert refused(good | {"clusterCounts": "[2]", "budgetSeconds": number}) == [
            "budgetSeconds"
        ]


@pytest.mark.parametrize("number", ["0", "99", "9" * 300, "9" * 5000])
def test_labels_of_a_fit_that_is_not_there(
    service: LocalService, data: DataFile, number: str
) -> None:
    swept = nbtrain.sweep(TrainingRequest("no-labels", data), [2], service=service)
    answer = service._connect().get(f"{SWEEPS_PATH}/{swept.sweep_id}/labels/{number}")
    assert answer.status == 404
    swept.cancel()


def test_a_training_begins_only_at_a_fit_of_its_own(
    service: LocalService, data: DataFile, tmp_path: Path
) -> None:
    request = TrainingRequest("elsewhere", data, nbtrain.Clustering(3))
    swept = nbtrain.sweep(request, [3], service=service)
    swept.wait(60)
    for sweep_id, number, task in (
        ("x", 1, nbtrain.Clustering(3)),
        (swept.sweep_id, 2, nbtrain.Clustering(3)),
        (swept.sweep_id, 1, nbtrain.Clustering(4)),
    ):
        with pytest.raises(RequestRejected) as caught:
            service.train_fit(sweep_id, number, replace(request, task=task))
        assert [problem.where for problem in caught.value.problems] == ["sweepFit"]
    other = nbtrain.write_intents(
        pd.DataFrame({"text": ["a b", "c d", "e f"]}), tmp_path / "o.json", text="text"
    )
    with pytest.raises(RequestRejected, match="no sweep of these data"):
        service.train_fit(swept.sweep_id, 1, replace(request, data=other))
