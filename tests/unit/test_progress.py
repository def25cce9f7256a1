"""A history is a fold over updates, whatever way they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain import EpochStats, History, RunState, RunStatus
from nbtrain.progress import Update

from .strategies import CHEAP


def status(fraction: float = 0.0, elapsed: float | None = None) -> RunStatus:
    return RunStatus("r", "m", RunState.RUNNING, "clustering", fraction, elapsed=elapsed)


@pytest.mark.parametrize("state", RunState)
def test_only_queued_and_running_go_on(state: RunState) -> None:
    assert state.ended == (state not in ("queued", "running"))


def test_the_rest_takes_as_long_as_the_part_that_is_done() -> None:
    assert status(0.25, 10.0).remaining == 30.0
    assert status(1.0, 10.0).remaining == 0.0
    assert status(0.0, 10.0).remaining is None
    assert status(0.5).remaining is None
    done = RunStatus("r", "m", RunState.SUCCEEDED, fraction=1.0, elapsed=9.0)
    assert done.remaining is None


@CHEAP
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), max_size=10))
def test_overlapping_epochs_are_taken_once(windows: list[tuple[int, int]]) -> None:
    # A client that lost an answer asks again, and gets epochs that it has already.
    history, reached = History(), 0
    for back, ahead in windows:
        first, last = max(1, reached + 1 - back), reached + ahead
        epochs = tuple(EpochStats(n, {"objective": n / 100}) for n in range(first, last + 1))
        history.add(Update(status(), epochs))
        reached = max(reached, last)
    assert [stats.epoch for stats in history.epochs] == list(range(1, reached + 1))
    assert history.last_epoch == reached


@CHEAP
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1)), max_size=12))
def test_progress_begins_at_nothing_and_rises(told: list[tuple[float, float]]) -> None:
    history = History()
    for elapsed, fraction in told:
        history.add(Update(status(fraction, elapsed)))
    assert history.progress == sorted(history.progress)
    assert len(set(history.progress)) == len(history.progress)
    assert history.progress[:1] == ([(0.0, 0.0)] if told else [])


def test_a_service_without_a_clock_leaves_no_progress() -> None:
    history = History()
    history.add(Update(status(0.5)))
    assert history.progress == []
    assert history.status == status(0.5)


def test_metrics_may_come_late_and_be_missing() -> None:
    history = History()
    rows: list[dict[str, float]] = [{"objective": 0.1}, {}, {"silhouette": 0.2, "objective": 0.3}]
    epochs = tuple(EpochStats(n, metrics) for n, metrics in enumerate(rows, 1))
    history.add(Update(status(), epochs))
    assert history.metrics == ("objective", "silhouette")
    assert history.metric("objective") == [0.1, None, 0.3]
    assert history.metric("silhouette") == [None, None, 0.2]
    assert history.metric("unheard-of") == [None, None, None]
