"""The live chart: what goes over the comm, what stays in the state, what is kept."""

from __future__ import annotations

import gzip
import json
import math
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from nbtrain.charts import (
    INTENT_METRICS,
    MAX_POINTS,
    Chart,
    Curve,
    Mark,
    Panel,
    Trace,
    curves,
    training_chart,
)
from nbtrain.testing import FakeClock
from nbtrain.widgets import chart as chart_module
from nbtrain.widgets.chart import LiveChart
from tests.benchmarks.chart_bytes import measure
from tests.comm import Recorder, answer, recording

ONE = Chart((Panel("score", "iteration", 140),), (Trace("objective"), Trace("silhouette")))


@pytest.fixture
def comms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setattr(chart_module, "_page", chart_module._Page())
    with recording() as recorder:
        yield recorder


class Page:
    """What chart.js does with the messages, as far as data go."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.missed = False
        self.take(snapshot)

    def take(self, snapshot: dict[str, Any]) -> None:
        self.seq, self.rev = snapshot["seq"], snapshot["rev"]
        self.names, self.title = snapshot["names"], snapshot["title"]
        self.x = [list(x) for x in snapshot["x"]]
        self.y = [list(y) for y in snapshot["y"]]

    def receive(self, message: dict[str, Any]) -> None:
        message = json.loads(json.dumps(message, allow_nan=False))
        if message["kind"] == "snapshot":
            self.take(message["snapshot"])
        elif message["kind"] == "delta" and message["seq"] > self.seq:
            self.missed = self.missed or message["seq"] != self.seq + 1
            for place, x, y in zip(
                message.get("t", []), message.get("x", []), message.get("y", []), strict=True
            ):
                self.x[place] += x
                self.y[place] += y
            self.seq, self.title = message["seq"], message.get("title", self.title)


def state(live: LiveChart) -> dict[str, Any]:
    """Return the snapshot in the saved state."""
    snapshot: dict[str, Any] = json.loads(live.get_state()["snapshot"])
    return snapshot


def whole(live: LiveChart, comms: Recorder) -> dict[str, Any]:
    """Return the snapshot that a new page gets."""
    answer(live, {"kind": "hello", "seq": -1, "rev": 0, "library": False})
    snapshot: dict[str, Any] = comms.custom(live)[-1]["snapshot"]
    return snapshot


# --- what the page has is what the kernel has ------------------------------------------------


def test_deltas_rebuild_the_kernels_curves(comms: Recorder) -> None:
    live = LiveChart(ONE)
    page = Page(state(live))
    comms.clear()
    for i in range(5_000):
        points = {"objective": [(i, i / 7)]}
        live.append(points if i % 3 else points | {"silhouette": [(i, -i / 9)]}, title=f"at {i}")
    for message in comms.custom(live):
        page.receive(message)
    now = whole(live, comms)
    assert not page.missed
    assert (page.x, page.y, page.seq, page.title) == (now["x"], now["y"], live.seq, "at 4999")


def test_an_append_is_one_small_message_and_nothing_is_synced(comms: Recorder) -> None:
    live = LiveChart(ONE)
    comms.clear()
    live.append({"objective": [(1, 0.4)], "silhouette": [(1, 0.1)]}, title="one")
    (message,) = comms.sent
    assert message[2]["content"] == {
        "kind": "delta", "seq": 1, "rev": 0, "t": [0, 1], "x": [[1], [1]], "y": [[0.4], [0.1]],
        "title": "one",
    }  # fmt: skip
    live.append({}, title="one")
    assert len(comms.sent) == 1


def test_marks_travel_when_they_change_and_only_then(comms: Recorder) -> None:
    live = LiveChart(training_chart(INTENT_METRICS))
    comms.clear()
    best = [Mark(3, "best so far: 3")]
    live.append({"test_loss": [(3, 0.4)]}, marks=best)
    assert comms.custom(live)[-1]["marks"] == [[3, "best so far: 3"]]
    live.append({"test_loss": [(4, 0.5)]}, marks=list(best))
    assert "marks" not in comms.custom(live)[-1]
    live.append({"test_loss": [(5, 0.6)]})
    assert "marks" not in comms.custom(live)[-1]
    live.append({}, marks=[])
    assert comms.custom(live)[-1] == {"kind": "delta", "seq": 4, "rev": 0, "marks": []}
    live.append({}, marks=best)
    assert whole(live, comms)["marks"] == state(live)["marks"] == [[3, "best so far: 3"]]
    assert state(live)["marked"] == [1, 2]


def test_an_update_of_an_epoch_chart_stays_small(comms: Recorder) -> None:
    live = LiveChart(training_chart(INTENT_METRICS))
    for epoch in range(1, 1_001):
        points = {name: [(epoch, math.sin(epoch))] for name in INTENT_METRICS}
        marks = [Mark(epoch, f"best so far: {epoch}")]
        title = f"intents · training · {epoch // 10}% · 10 s elapsed"
        live.append(points, title=title, marks=marks)
    assert max(len(json.dumps(message)) for message in comms.custom(live)[-100:]) < 320
    assert live.counts["test_loss"] == 1_000


def test_gaps_are_null_since_nan_is_no_json(comms: Recorder) -> None:
    live = LiveChart(ONE)
    live.append({"objective": [(1, math.nan), (2, math.inf), (3, None), (4, 0.5)]})
    assert comms.custom(live)[-1]["y"] == [[None, None, None, 0.5]]
    assert state(live)["y"][0] == [None, None, None, 0.5]


def test_unknown_trace_names_the_known_and_adds_nothing(comms: Recorder) -> None:
    live = LiveChart(ONE)
    with pytest.raises(KeyError, match="no trace 'loss'; the chart has objective, silhouette"):
        live.append({"objective": [(1, 0.1)], "loss": [(1, 0.1)]})
    assert live.counts == {"objective": 0, "silhouette": 0}
    assert live.seq == 0


def test_replacing_the_chart_sends_a_snapshot_of_the_new_one(comms: Recorder) -> None:
    live = LiveChart(ONE)
    page = Page(state(live))
    live.replace(training_chart(["loss"]), {"loss": [(1, 2.0)]}, title="other")
    page.receive(comms.custom(live)[-1])
    assert (page.names, page.rev, page.y) == (["progress", "loss"], 1, [[], [2]])


def test_appends_from_threads_lose_nothing(comms: Recorder) -> None:
    live = LiveChart(ONE)
    page = Page(state(live))

    def feed(name: str) -> None:
        for i in range(400):
            live.append({name: [(i, i)]})

    threads = [threading.Thread(target=feed, args=(name,)) for name in ONE.names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for message in comms.custom(live):
        page.receive(message)
    assert not page.missed
    assert page.x == [list(range(400))] * 2


# --- the handshake ---------------------------------------------------------------------------


def test_hello_is_answered_by_a_snapshot_only_if_something_was_missed(comms: Recorder) -> None:
    live = LiveChart(ONE)
    live.append({"objective": [(1, 0.4)]})
    comms.clear()
    answer(live, {"kind": "hello", "seq": 1, "rev": 0, "library": False})
    answer(live, {"kind": "hello", "seq": 0, "rev": 0, "library": False})
    answer(live, {"kind": "hello", "seq": -1, "rev": 0, "library": False})
    kinds = [message["kind"] for message in comms.custom(live)]
    assert kinds == ["current", "snapshot", "snapshot"]
    assert comms.custom(live)[1]["snapshot"]["x"][0] == [1]


def test_plotly_is_sent_on_wish_once_for_wishes_that_piled_up(comms: Recorder) -> None:
    clock = FakeClock()
    live, other = LiveChart(ONE, clock=clock), LiveChart(ONE, clock=clock)
    wish = {"kind": "hello", "seq": 0, "rev": 0, "library": True}
    answer(live, wish)
    answer(other, wish)
    (library,) = comms.buffers(live)
    assert comms.buffers(other) == []
    assert b"plotly.js v" in gzip.decompress(library)[:100]
    clock.sleep(5)
    answer(other, wish)  # another page
    assert len(comms.buffers(other)) == 1


def test_a_page_that_cannot_ask_is_helped_from_the_feeding_side(comms: Recorder) -> None:
    clock = FakeClock()
    live = LiveChart(ONE, clock=clock)
    snapshots = []
    for i in range(40):
        live.append({"objective": [(i, i)]})
        if comms.custom(live)[-1]["kind"] != "delta":
            snapshots.append(clock.now)
        clock.sleep(0.5)
    assert snapshots == [1.5, 3.0, 6.0, 12.0]
    assert len(comms.buffers(live)) == 1
    # The wish that waited all the time is granted already; a new page asks again and gets it.
    wish = {"kind": "hello", "seq": 0, "rev": 0, "library": True}
    answer(live, wish)
    assert len(comms.buffers(live)) == 1
    clock.sleep(4)
    answer(live, wish)
    assert len(comms.buffers(live)) == 2


def test_after_a_hello_only_deltas_go_out(comms: Recorder) -> None:
    clock = FakeClock()
    live = LiveChart(ONE, clock=clock)
    answer(live, {"kind": "hello", "seq": 0, "rev": 0, "library": False})
    comms.clear()
    for i in range(50):
        live.append({"objective": [(i, i)]})
        clock.sleep(1)
    assert {message["kind"] for message in comms.custom(live)} == {"delta"}


@pytest.mark.parametrize("content", [None, [], {}, {"kind": 3}, {"kind": "hello"}])
def test_any_message_of_a_page_is_survived(comms: Recorder, content: Any) -> None:
    live = LiveChart(ONE)
    answer(live, content)
    live.append({"objective": [(1, 1)]})
    assert live.seq == 1


# --- state -----------------------------------------------------------------------------------


def test_state_is_current_at_any_time_and_sent_at_the_end(comms: Recorder) -> None:
    live = LiveChart(ONE)
    live.append({"objective": [(1, 0.25)]})
    assert state(live)["y"] == [[0.25], []]
    comms.clear()
    live.finish(title="done")
    updates = [data for _, _, data, _ in comms.sent if data.get("method") == "update"]
    assert [list(data["state"]) for data in updates] == [["snapshot"]]
    snapshot = json.loads(updates[0]["state"]["snapshot"])
    assert (snapshot["y"], snapshot["seq"], snapshot["done"]) == ([[0.25], []], 2, True)


def test_state_of_a_long_run_is_thinned_and_makes_a_page_ask(comms: Recorder) -> None:
    live = LiveChart(training_chart())
    for i in range(1, 1_901):
        live.append({name: [(i, math.sin(i) / 3)] for name in ("objective", "moved", "silhouette")})
    snapshot = state(live)
    assert len(json.dumps(live.get_state())) < 35_000
    assert (snapshot["seq"], snapshot["x"][1][0], snapshot["x"][1][-1]) == (-1, 1, 1_900)
    assert len(whole(live, comms)["x"][1]) == 1_900


def test_state_of_an_ordinary_run_is_small(comms: Recorder) -> None:
    live = LiveChart(training_chart())
    for i in range(1, 61):
        points = {name: [(i, math.sin(i) / 3)] for name in ("objective", "moved", "silhouette")}
        live.append(points | {"progress": [(i * math.pi / 9, i / 60)]}, title="model · clustering")
    live.finish()
    assert len(json.dumps(live.get_state())) < 22_500


def test_repr_is_short_and_closing_is_quiet(comms: Recorder) -> None:
    live = LiveChart(ONE)
    live.append({"objective": [(1, 1)]})
    assert repr(live) == "<LiveChart with points: 1 of objective, 0 of silhouette>"
    live.close()
    comms.clear()
    live.append({"objective": [(2, 1)]})
    assert comms.sent == []


# --- bounded curves --------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 1_999, 2_000, 2_001, 4_001, 10_000, 99_999])
def test_a_long_curve_keeps_its_whole_range_evenly(count: int) -> None:
    curve = Curve()
    for x in range(count):
        curve.add(x, -x)
        assert len(curve.x) <= MAX_POINTS
    curve.flush()
    steps = {b - a for a, b in zip(curve.x, curve.x[1:-1], strict=False)}
    assert (curve.x[0], curve.x[-1]) == (0, count - 1)
    assert len(steps) <= 1
    assert min(count, MAX_POINTS) / 2 <= len(curve.x) <= MAX_POINTS
    assert curve.y == [-x for x in curve.x]


def test_finished_curves_are_the_same_as_live_ones(comms: Recorder) -> None:
    points = {"objective": [(i, i / 3) for i in range(5_000)]}
    live = LiveChart(ONE)
    for point in points["objective"]:
        live.append({"objective": [point]})
    live.finish()
    done = curves(ONE, points)
    snapshot = whole(live, comms)
    assert snapshot["x"] == [curve.x for curve in done]
    assert snapshot["y"] == [curve.y for curve in done]


# --- cost ------------------------------------------------------------------------------------


def test_an_update_costs_far_less_than_plotlys_own_widget_and_is_flat(comms: Recorder) -> None:
    ours = {points: measure("LiveChart", points) for points in (100, 1_000, 10_000)}
    assert measure("FigureWidget", 1_000) > 20 * ours[1_000]
    assert measure("FigureWidget", 10_000) > 200 * ours[10_000]
    assert max(ours.values()) < 1.2 * ours[100]


def test_the_snapshots_of_a_thinned_curve_hardly_count(comms: Recorder) -> None:
    live = LiveChart(ONE)
    answer(live, {"kind": "hello", "seq": 0, "rev": 0, "library": False})
    sizes = []
    for i in range(10_000):
        comms.clear()
        live.append({name: [(i, i % 101 / 997)] for name in ONE.names}, title=f"clustering · {i}")
        sizes.append(comms.size)
    assert sum(sizes) / len(sizes) < 1.2 * sum(sizes[:100]) / 100
    assert sum(size > 1_000 for size in sizes) == 3
