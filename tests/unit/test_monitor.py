"""The monitor of a run, driven by real runs of a scripted service."""

from __future__ import annotations

import contextvars
import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from ipywidgets.widgets.widget import _instances

from nbtrain.charts import INTENT_METRICS
from nbtrain.errors import ServiceUnavailable, WaitTimeout
from nbtrain.progress import EpochStats, RunState, RunStatus, Update
from nbtrain.runs import Run, attach
from nbtrain.testing import ScriptedService, training_script
from nbtrain.widgets import chart as chart_module
from nbtrain.widgets.monitor import RunMonitor
from tests.comm import Recorder, recording
from tests.intent_runs import evaluation, intent_result, intent_script

SECONDS = 20


@pytest.fixture
def comms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setattr(chart_module, "_page", chart_module._Page())
    with recording() as recorder:
        yield recorder


class Picture:
    """An output that keeps what it is given."""

    def __init__(self) -> None:
        self.bundles: list[dict[str, Any]] = []

    def fill(self, bundle: dict[str, Any]) -> None:
        self.bundles.append(bundle)


def play(script: list[Any], **service: Any) -> Run:
    """Return a run that goes through its script without waiting."""
    run = attach("r1", ScriptedService([script[0], *script], **service))
    run._sleep = lambda seconds: None
    return run


def watch(run: Run, **options: Any) -> RunMonitor:
    """Return a monitor whose run has been watched to its end."""
    monitor = RunMonitor(run, **options)
    over = threading.Event()
    monitor.on_end(lambda _: over.set())
    assert over.wait(SECONDS)
    return monitor


def part(monitor: RunMonitor, name: str) -> Any:
    def search(widget: Any) -> Any:
        if name in getattr(widget, "_dom_classes", ()):
            return widget
        found = (search(child) for child in getattr(widget, "children", ()))
        return next((widget for widget in found if widget is not None), None)

    return search(monitor)


def text(monitor: RunMonitor) -> str:
    return " ".join(re.sub("<[^>]+>", " ", part(monitor, "nbt-status").value).split())


def saved(monitor: RunMonitor) -> dict[str, Any]:
    snapshot: dict[str, Any] = json.loads(monitor.chart.get_state()["snapshot"])
    return snapshot


class Gate:
    """A pause in a run: the watching thread waits there for the test, and the other way round."""

    def __init__(self, run: Run) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        run._sleep = self.sleep

    def sleep(self, _seconds: float) -> None:
        self.reached.set()
        assert self.open.wait(SECONDS)


# --- what is shown ---------------------------------------------------------------------------


def test_a_run_ends_up_whole_in_chart_status_and_picture(comms: Recorder) -> None:
    picture = Picture()
    monitor = watch(play(training_script(200)), picture=picture)
    counts = monitor.chart.counts
    assert (counts["objective"], counts["moved"]) == (200, 200)
    assert counts["progress"] == 202  # from (0, 0) to the end
    snapshot = saved(monitor)
    assert snapshot["done"]
    assert snapshot["title"].startswith("demo · succeeded · ")
    assert (snapshot["x"][0][-1], snapshot["y"][0][-1]) == (monitor.history.progress[-1])
    assert "Run r1 of model demo succeeded after" in text(monitor)
    assert 'data-state="succeeded" data-percent="100"' in part(monitor, "nbt-status").value
    (bundle,) = picture.bundles
    assert set(bundle) == {"text/plain", "image/svg+xml"}
    assert monitor.error is None


def test_the_page_follows_at_most_four_times_a_second(comms: Recorder) -> None:
    run = play(training_script(2_000))
    gate = Gate(run)
    monitor = RunMonitor(run)
    assert gate.reached.wait(SECONDS)
    over = threading.Event()
    monitor.on_end(lambda _: over.set())
    comms.clear()
    start = time.monotonic()
    gate.open.set()
    assert over.wait(SECONDS)
    seconds = time.monotonic() - start
    assert monitor.history.last_epoch == 2_000
    # The end is always shown, in three messages: the change, the whole chart, the saved state.
    assert len(comms.custom(monitor.chart)) <= 4 * seconds + 3


def test_status_and_chart_while_running(comms: Recorder) -> None:
    run = play(training_script(9))
    gate = Gate(run)
    monitor = RunMonitor(run)
    assert gate.reached.wait(SECONDS)
    status = monitor.status
    assert status is not None
    assert "● running iteration 1: objective 0.1" in text(monitor)
    title = saved(monitor)["title"]
    assert (
        title == f"demo · clustering · {int(status.fraction * 100)}% · 1 s elapsed · about 9 s left"
    )
    assert repr(monitor) == f"<RunMonitor of run r1: {title.removeprefix('demo · ')}>"
    assert not part(monitor, "nbt-cancel").disabled
    gate.open.set()


def test_all_text_of_others_is_escaped(comms: Recorder) -> None:
    bad = "<img src=x onerror=alert(1)>&"
    status = RunStatus("r1", bad, RunState.FAILED, bad, 0.5, bad, 2.0)
    epochs = (EpochStats(1, {bad: 0.5}, 1.0),)
    picture = Picture()
    monitor = watch(play([Update(status, epochs)]), picture=picture)
    for markup in (part(monitor, "nbt-status").value, picture.bundles[0]["image/svg+xml"]):
        assert "<img" not in markup
        assert "&lt;img src=x onerror=alert(1)&gt;&amp;" in markup


def test_other_metrics_get_a_chart_of_their_own(comms: Recorder) -> None:
    status = RunStatus("r1", "demo", RunState.RUNNING, "training", 0.5, elapsed=1.0)
    epochs = tuple(EpochStats(i, {"train_loss": 1 / i, "accuracy": i / 9}) for i in range(1, 8))
    end = replace(status, state=RunState.SUCCEEDED, fraction=1.0, elapsed=2.0)
    monitor = watch(play([Update(status, epochs), Update(end)]))
    assert monitor.chart.counts == {"progress": 3, "accuracy": 7, "train_loss": 7}


def test_a_service_that_tells_no_times_and_no_epochs_still_has_a_curve(comms: Recorder) -> None:
    def status(fraction: float, state: RunState = RunState.RUNNING) -> Update:
        return Update(RunStatus("r1", "demo", state, "training", fraction))

    script = [status(0.2), status(0.6), status(1.0, RunState.SUCCEEDED)]
    monitor = watch(play(script))
    times, shares = zip(*monitor.history.progress, strict=True)
    assert sorted(set(shares)) == [0.0, 0.2, 0.6, 1.0]
    assert list(times) == sorted(times)
    assert monitor.chart.counts["progress"] == len(times)
    assert "succeeded" in text(monitor)


def test_missing_and_undefined_values_are_no_trouble(comms: Recorder) -> None:
    status = RunStatus("r1", "demo", RunState.SUCCEEDED, "done", 1.0, elapsed=1.0)
    epochs = (EpochStats(1, {"objective": math.nan}), EpochStats(2, {"silhouette": 0.1}))
    picture = Picture()
    monitor = watch(play([Update(status, epochs)]), picture=picture)
    assert monitor.chart.counts == {"progress": 2, "objective": 1, "silhouette": 1, "moved": 0}
    assert "NaN" not in picture.bundles[0]["image/svg+xml"]


# --- failures --------------------------------------------------------------------------------


def test_a_lost_service_is_said_in_the_status_line(comms: Recorder) -> None:
    script = training_script(3)
    run = play([script[0], ServiceUnavailable("nobody <there>")])
    times = iter(range(0, 100_000, 50))
    run._clock = lambda: next(times)
    monitor = watch(run)
    assert isinstance(monitor.error, ServiceUnavailable)
    assert "Watching stopped: nobody &lt;there&gt;" in text(monitor)


def test_any_other_error_is_named(comms: Recorder) -> None:
    class Broken(ScriptedService):
        def epochs(self, run_id: str, after: int = 0) -> tuple[EpochStats, ...]:
            raise ZeroDivisionError("division by zero")

    run = attach("r1", Broken(training_script(3)))
    monitor = watch(run)
    assert "Watching stopped: ZeroDivisionError: division by zero" in text(monitor)


def test_an_error_of_a_callback_is_shown_and_the_others_are_called(comms: Recorder) -> None:
    run = play(training_script(2))
    gate = Gate(run)
    monitor = RunMonitor(run)
    assert gate.reached.wait(SECONDS)
    called = threading.Event()

    def fail(_: RunMonitor) -> None:
        raise RuntimeError("no <table>")

    monitor.on_end(fail)
    monitor.on_end(lambda _: called.set())
    gate.open.set()
    assert called.wait(SECONDS)
    assert "What was to follow failed: RuntimeError: no &lt;table&gt;" in text(monitor)


def test_a_callback_after_the_end_is_called_at_once(comms: Recorder) -> None:
    monitor = watch(play(training_script(2)))
    seen: list[RunMonitor] = []
    monitor.on_end(seen.append)
    assert seen == [monitor]


# --- waiting ---------------------------------------------------------------------------------


def test_waiting_ends_with_the_picture_in_place(comms: Recorder) -> None:
    picture = Picture()
    handle: Any = picture
    monitor = RunMonitor(play(training_script(20)), picture=handle)
    assert monitor.wait(SECONDS).state is RunState.SUCCEEDED
    assert "succeeded" in picture.bundles[-1]["text/plain"]


def test_waiting_can_be_too_short_and_ends_with_the_monitor(comms: Recorder) -> None:
    run = play(training_script(5))
    gate = Gate(run)
    monitor = RunMonitor(run)
    assert gate.reached.wait(SECONDS)
    with pytest.raises(WaitTimeout, match=r"has not ended after 0.01 s; it goes on"):
        monitor.wait(0.01)
    monitor.close()
    with pytest.raises(WaitTimeout, match="monitor of run r1 was closed"):
        monitor.wait()
    gate.open.set()


def test_waiting_raises_what_ended_watching(comms: Recorder) -> None:
    class Broken(ScriptedService):
        def epochs(self, run_id: str, after: int = 0) -> tuple[EpochStats, ...]:
            raise ServiceUnavailable("gone for good")

    run = attach("r1", Broken(training_script(3)))
    run._sleep = lambda seconds: None
    times = iter(range(0, 100_000, 50))
    run._clock = lambda: next(times)
    with pytest.raises(ServiceUnavailable, match="gone for good"):
        RunMonitor(run).wait(SECONDS)


# --- cancelling and closing ------------------------------------------------------------------


def test_cancel_cancels_and_the_button_goes(comms: Recorder) -> None:
    run = play(training_script(5))
    gate = Gate(run)
    monitor = RunMonitor(run)
    assert gate.reached.wait(SECONDS)
    over = threading.Event()
    monitor.on_end(lambda _: over.set())
    button = part(monitor, "nbt-cancel")
    button.click()
    assert button.disabled
    wait_for(lambda: run.service._cancelled)  # type: ignore[attr-defined]
    gate.open.set()
    assert over.wait(SECONDS)
    assert "was cancelled after" in text(monitor)
    assert button.layout.display == "none"


def test_a_refused_cancel_is_said_and_can_be_tried_again(comms: Recorder) -> None:
    class Stubborn(ScriptedService):
        def cancel(self, run_id: str) -> RunStatus:
            raise ServiceUnavailable("not now")

    run = attach("r1", Stubborn(training_script(5)))
    gate = Gate(run)
    monitor = RunMonitor(run)
    assert gate.reached.wait(SECONDS)
    button = part(monitor, "nbt-cancel")
    button.click()
    wait_for(lambda: "Cancelling failed: not now" in text(monitor))
    wait_for(lambda: not button.disabled)
    assert button.description == "Cancel"
    gate.open.set()


def test_closing_stops_the_thread_and_leaves_no_widget(comms: Recorder) -> None:
    before = set(_instances)
    run = play(training_script(5))
    gate = Gate(run)
    monitor = RunMonitor(run)
    assert gate.reached.wait(SECONDS)
    ended: list[RunMonitor] = []
    monitor.on_end(ended.append)
    monitor.close()
    gate.open.set()
    monitor._thread.join(SECONDS)
    assert not monitor._thread.is_alive()
    assert ended == []
    assert set(_instances) == before


def test_the_thread_runs_in_the_context_of_its_cell(comms: Recorder) -> None:
    cell: contextvars.ContextVar[str] = contextvars.ContextVar("cell", default="none")

    def seen_from(context: contextvars.Context | None) -> str:
        values: list[str] = []
        run = play(training_script(2))
        run._sleep = lambda seconds: values.append(cell.get())
        watch(run, context=context)
        return values[0]

    cell.set("this")
    assert seen_from(None) == "this"
    other = contextvars.copy_context()
    other.run(cell.set, "that")
    assert seen_from(other) == "that"


# --- intent models ---------------------------------------------------------------------------


def test_a_queued_run_says_its_place(comms: Recorder) -> None:
    run = attach("r1", ScriptedService([intent_script(1)[0]]))
    gate = Gate(run)
    monitor = RunMonitor(run)
    assert gate.reached.wait(SECONDS)
    assert text(monitor) == "● queued Place 2 in the queue."
    assert "queued, place 2" in repr(monitor)
    monitor.close()
    gate.open.set()


@pytest.mark.parametrize("epochs", [50, 1_000])
def test_an_intent_model_ends_with_its_marks(comms: Recorder, epochs: int) -> None:
    picture = Picture()
    told = replace(evaluation(5), best_epoch=40, last_epoch=epochs)
    run = play(intent_script(epochs), outcome=intent_result(told))
    monitor = watch(run, picture=picture, metrics=INTENT_METRICS)
    assert monitor.evaluation == told
    assert monitor.chart.counts["macro_f1"] == epochs
    snapshot = saved(monitor)
    assert snapshot["marks"] == [[40, "best epoch: 40"], [epochs, f"stopped early: {epochs:,}"]]
    assert f"{epochs:,} epochs (train_loss" in text(monitor)
    (bundle,) = picture.bundles
    assert "best epoch: 40" in bundle["image/svg+xml"]


def test_an_evaluation_that_cannot_be_fetched_is_said(comms: Recorder) -> None:
    monitor = watch(play(intent_script(6)))
    assert "The evaluation could not be fetched: Run r1 has no result." in text(monitor)
    assert saved(monitor)["marks"] == [[4, "best epoch: 4"]]


def wait_for(condition: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(SECONDS * 100):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("it never came true")
