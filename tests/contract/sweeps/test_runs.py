"""Sweeps as so many runs: gone on with, driven by one kernel, with a service that is away."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

import nbtrain
from nbtrain import Sweep, TrainingRequest, attach_sweep
from nbtrain.errors import (
    AuthenticationFailed,
    RequestError,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
    SubmitUncertain,
    UnexpectedResponse,
)
from nbtrain.file_lock import FileLock
from nbtrain.progress import RunState, RunStatus, Update
from nbtrain.sweep_journal import Journal, RunningFit, journal_path
from nbtrain.sweep_plans import make_plan
from nbtrain.sweep_results import SweepFit
from nbtrain.sweep_runs import RunSweeps
from nbtrain.testing import ScriptedService, training_script
from nbtrain.training import DataFile
from tests.contract.sweeps.services import PlainLocalService, done


def test_a_wider_sweep_makes_only_what_is_new(plain: PlainLocalService, data: DataFile) -> None:
    request = TrainingRequest("wider", data)
    nbtrain.sweep(request, [2, 3], service=plain, budget_fits=2).wait(120)
    assert plain.model_ids == ["wider-k2", "wider-k3"]
    wide = nbtrain.sweep(request, [2, 3, 4], random_state=(0, 1), service=plain, budget_fits=4)
    status = wide.wait(120)
    assert plain.model_ids == ["wider-k2", "wider-k3", "wider-k4", "wider-k2-s1"]
    assert "Stopped after 4 of 6 fits" in status.message
    assert len(wide.fits()) == 4


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
