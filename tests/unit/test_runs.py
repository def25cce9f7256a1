"""Runs over a scripted service: no process, no waiting."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from nbtrain.documents import DataSchema
from nbtrain.errors import (
    RunCancelled,
    RunFailed,
    RunNotFound,
    ServiceError,
    ServiceUnavailable,
    WaitTimeout,
)
from nbtrain.progress import EpochStats, History, RunState, RunStatus, Update
from nbtrain.results import Cluster, TrainingResult
from nbtrain.runs import Run, attach
from nbtrain.services.base import TrainingService
from nbtrain.testing import FakeClock, ScriptedService, training_script

RESULT = TrainingResult(
    "r1", "demo", DataSchema.INTENT, (Cluster(0, "a", 1),), ("text",), (0,), (1.0,)
)


def scripted_run(service: ScriptedService) -> tuple[Run, FakeClock]:
    clock = FakeClock()
    first = RunStatus("r1", "demo", RunState.QUEUED)
    return Run(first, service, clock=clock, sleep=clock.sleep), clock


def test_the_scripted_service_is_a_training_service() -> None:
    assert isinstance(ScriptedService(training_script()), TrainingService)


def test_watch_yields_every_epoch_once_and_ends_with_an_ended_state() -> None:
    run, _ = scripted_run(ScriptedService(training_script(epochs=7)))
    updates = list(run.watch())
    assert [stats.epoch for update in updates for stats in update.epochs] == list(range(1, 8))
    assert [update.status.state.ended for update in updates] == [False] * 7 + [True]


def test_watch_after_an_epoch_yields_only_later_ones() -> None:
    run, _ = scripted_run(ScriptedService(training_script(epochs=5)))
    epochs = [stats.epoch for update in run.watch(after=3) for stats in update.epochs]
    assert epochs == [4, 5]


def test_epochs_that_come_with_the_last_status_are_not_lost() -> None:
    class LateEpoch(ScriptedService):
        """An epoch is written between the look at the status and the look at the epochs."""

        def epochs(self, run_id: str, after: int = 0) -> tuple[EpochStats, ...]:
            written = [*super().epochs(run_id), EpochStats(99, {"objective": 1.0})]
            return tuple(stats for stats in written if stats.epoch > after)

    run, _ = scripted_run(LateEpoch(training_script(epochs=2)[-1:]))
    history = History()
    for update in run.watch():
        history.add(update)
    assert history.last_epoch == 99


def test_watch_looks_at_the_given_interval() -> None:
    run, clock = scripted_run(ScriptedService(training_script(epochs=4)))
    list(run.watch(interval=2.0))
    assert clock.now == 8.0


def test_watch_puts_up_with_a_service_that_is_away_for_a_while() -> None:
    away = ServiceUnavailable("restarting")
    script: list[Update | ServiceError] = [
        *training_script(epochs=2)[:1],
        away,
        away,
        *training_script(epochs=2)[1:],
    ]
    run, _ = scripted_run(ScriptedService(script))
    updates = list(run.watch())
    assert [stats.epoch for update in updates for stats in update.epochs] == [1, 2]


def test_watch_gives_up_on_a_service_that_stays_away() -> None:
    run, clock = scripted_run(ScriptedService([ServiceUnavailable("gone")]))
    with pytest.raises(ServiceUnavailable, match="gone"):
        list(run.watch())
    assert 60 <= clock.now < 62


def test_wait_ends_with_the_final_status() -> None:
    run, _ = scripted_run(ScriptedService(training_script()))
    assert run.wait().state is RunState.SUCCEEDED


def test_wait_times_out_and_the_run_goes_on() -> None:
    forever = [Update(RunStatus("r1", "demo", RunState.RUNNING, "clustering", 0.4))]
    run, clock = scripted_run(ScriptedService(forever))
    with pytest.raises(WaitTimeout, match=r"still running \(40%\).*it goes on"):
        run.wait(timeout=5)
    assert 5 <= clock.now < 6
    assert run.status().state is RunState.RUNNING
    with pytest.raises(TimeoutError):
        run.result(timeout=1)


def test_result_waits_and_hands_back_the_outcome() -> None:
    run, _ = scripted_run(ScriptedService(training_script(), outcome=RESULT))
    assert run.result() is RESULT


def test_result_of_a_failed_run_says_why() -> None:
    script = training_script(2, state=RunState.FAILED)
    script[-1] = Update(replace(script[-1].status, message="out of memory"))
    run, _ = scripted_run(ScriptedService(script))
    with pytest.raises(RunFailed, match="r1 failed: out of memory"):
        run.result()


def test_a_cancelled_run_has_no_result() -> None:
    run, _ = scripted_run(ScriptedService(training_script(50), outcome=RESULT))
    assert run.cancel().state is RunState.CANCELLED
    with pytest.raises(RunCancelled):
        run.result()


def test_a_run_can_be_awaited() -> None:
    async def main() -> RunStatus:
        run, _ = scripted_run(ScriptedService(training_script()))
        return await run

    assert asyncio.run(main()).state is RunState.SUCCEEDED


def test_attach_finds_only_what_is_there() -> None:
    service = ScriptedService(training_script())
    assert attach("r1", service).model_id == "demo"
    with pytest.raises(RunNotFound):
        attach("r2", service)


def test_a_run_tells_what_it_is() -> None:
    run, _ = scripted_run(ScriptedService([]))
    assert repr(run).startswith("<Run r1 of model 'demo' on ScriptedService(")


def test_history_holds_status_and_all_epochs() -> None:
    run, _ = scripted_run(ScriptedService(training_script(epochs=3)))
    run.wait()
    history = run.history()
    assert history.status is not None
    assert history.status.state is RunState.SUCCEEDED
    assert [stats.epoch for stats in history.epochs] == [1, 2, 3]
