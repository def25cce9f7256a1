"""A sweep is shown while it goes on; without a browser."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from nbtrain.errors import ServiceError, ServiceUnavailable
from nbtrain.progress import RunState
from nbtrain.sweep_results import SweepFit
from tests.comm import Recorder, answer, recording
from tests.daemon_process import wait_until
from tests.scripted_sweep import NASTY, ScriptedSweep, fit_of
from tests.unit.sweep_monitors import monitor_of, part, snapshot


@pytest.fixture
def comms() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


def test_points_come_in_any_order_and_lie_in_rising_order(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    sweep.let(3)
    wait_until(lambda: len(monitor.fits) == 3)
    assert [fit.n_clusters for fit in monitor.fits] == [2, 6, 20]
    wait_until(lambda: snapshot(monitor)["notes"])  # they come a moment after the points
    told = snapshot(monitor)
    assert told["x"][0] == [2, 6, 20]
    assert told["layout"]["xaxis"]["type"] == "log"
    assert [x for x, _ in told["notes"]] == [2, 6, 20]
    assert monitor.recommendation.candidates == ()
    sweep.let()
    monitor.wait(20)
    told = snapshot(monitor)
    assert told["x"][0] == list(range(2, 21))
    assert [mark[1] for mark in told["marks"]] == ["8: best", "11: near tie"]
    assert monitor.recommendation.n_clusters == 8
    assert told["done"]
    monitor.close()


def sampled(ks: tuple[int, ...]) -> tuple[SweepFit, ...]:
    names = ("neighbour_agreement", "cluster_agreement")
    return tuple(SweepFit(k, scores={name: fit_of(k).scores[name] for name in names}) for k in ks)


def test_before_the_first_fits_a_sample_tells(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    line = "neighbour_agreement of a sample"
    assert monitor.chart.counts[line] == 0
    sweep.sample = sampled((2, 3, 5, 9, 14, 40))
    wait_until(lambda: monitor.chart.counts[line])
    told = snapshot(monitor)
    # 40 is beyond what was asked for.
    assert told["x"][told["names"].index(line)] == [2, 3, 5, 9, 14]
    trace = told["traces"][told["names"].index(line)]
    assert trace["name"] == "of neighbours, of a sample"
    assert trace["meta"] == "faint"
    assert told["marks"][0][1] == "about 9"
    assert "<b>9 clusters</b>" in monitor._list.value
    # There is no fit to open yet.
    answer(monitor.chart, {"kind": "pick", "x": 9})
    opened = monitor.explorer.opened
    assert opened is None
    sweep.let(3)
    wait_until(lambda: monitor.chart.counts.get("stability") == 3)
    assert monitor.chart.counts[line] == 5
    answer(monitor.chart, {"kind": "pick", "x": 20})
    assert monitor.explorer.opened == 20
    sweep.let()
    monitor.wait(20)
    told = snapshot(monitor)
    assert line not in told["names"]
    assert told["marks"][0][1] == "8: best"
    assert told["x"][told["names"].index("neighbour_agreement")] == list(range(2, 21))
    monitor.close()


def test_without_a_sample_watching_goes_on(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    sweep.failing["preview"] = ServiceError("no sample here")
    monitor = monitor_of(sweep)
    sweep.let()
    assert monitor.wait(20).state is RunState.SUCCEEDED
    assert len(monitor.fits) == 19
    monitor.close()


def test_the_status_counts_numbers_of_clusters_where_they_differ_from_fits(
    comms: Recorder,
) -> None:
    monitor = monitor_of(ScriptedSweep())
    wait_until(lambda: monitor.status)
    assert monitor._words() == ["0 of 19 fits."]
    monitor._fits = {fit.key: fit for fit in (fit_of(4), fit_of(4, 1), fit_of(6))}
    assert monitor._words() == ["3 of 19 fits, 2 numbers of clusters."]
    monitor.close()


def test_a_page_that_follows_has_what_a_new_page_gets(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    before = snapshot(monitor)
    for _ in range(19):
        sweep.let(1)
        time.sleep(0.03)
    monitor.wait(20)
    xs: list[dict[float, Any]] = [{} for _ in before["names"]]
    for message in comms.custom(monitor.chart):
        if message["kind"] == "snapshot":
            told = message["snapshot"]
            xs = [dict(zip(x, y, strict=True)) for x, y in zip(told["x"], told["y"], strict=True)]
        for place, x, y in zip(*(message.get(n, []) for n in "txy"), strict=True):
            xs[place].update(zip(x, y, strict=True))
    after = snapshot(monitor)
    assert [sorted(points) for points in xs] == after["x"]
    assert [[points[x] for x in sorted(points)] for points in xs] == after["y"]
    monitor.close()


def test_what_goes_over_the_wire_and_stays_in_the_state_is_small(comms: Recorder) -> None:
    before = set(ipywidgets.widgets.widget._instances)
    sweep = ScriptedSweep(range(2, 62))
    monitor = monitor_of(sweep)
    answer(monitor.chart, {"kind": "hello", "seq": 0, "rev": 0, "library": False})
    comms.clear()
    sweep.let(59)
    # Those that were held back come with the last of them.
    wait_until(lambda: monitor.chart.counts.get("stability") == 59)
    wait_until(lambda: bool(comms.custom(monitor.chart)))
    messages = comms.custom(monitor.chart)
    assert all(len(json.dumps(message)) < 30_000 for message in messages)
    sweep.let()
    monitor.wait(20)
    instances = ipywidgets.widgets.widget._instances
    states = [instances[key].get_state(drop_defaults=True) for key in set(instances) - before]
    sizes = [len(json.dumps(s | {"_esm": ""}, default=str)) for s in states]
    assert sum(sizes) < 60_000
    monitor.close()


def test_a_stopped_sweep_says_so_once(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    sweep.let(2)
    wait_until(lambda: len(monitor.fits) == 2)
    sweep.cancel()
    monitor.wait(20)
    assert "Stopped after 2 s. 2 of 19 fits." in monitor._status.value
    assert "Cancelled" not in monitor._status.value
    monitor.close()


def test_a_short_list_that_cannot_be_had_does_not_end_watching(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    sweep.failing["recommendation"] = ServiceUnavailable("The service <went> away.")
    monitor = monitor_of(sweep)
    sweep.let(5)
    wait_until(lambda: monitor.chart.counts.get("stability") == 5)
    assert monitor.error is None
    assert "went" not in monitor._status.value
    sweep.let()
    assert monitor.wait(20).state == "succeeded"
    assert len(monitor.fits) == 19
    assert "could not be brought up to date: The service &lt;went&gt;" in monitor._status.value
    monitor.close()


def test_a_slow_short_list_does_not_hold_up_clicks(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    sweep.let(4)
    wait_until(lambda: monitor.chart.counts.get("stability") == 4)
    sweep.slow.clear()
    sweep.let(1)
    wait_until(lambda: sweep.waiting)
    monitor.look_at(2)
    assert monitor.explorer.opened == 2
    sweep.slow.set()
    sweep.let()
    monitor.wait(20)
    monitor.close()


def test_fits_that_were_cancelled_are_not_counted(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    sweep.let()
    monitor.wait(20)
    lost = SweepFit(21, state=RunState.CANCELLED)
    monitor._fits[lost.key] = lost
    monitor._show_status()
    assert "19 of 19 fits" in monitor._status.value
    monitor.close()


def test_stop_ends_it_and_what_is_there_stays(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    sweep.let(4)
    wait_until(lambda: len(monitor.fits) == 4)
    monitor._cancel.click()
    status = monitor.wait(5)
    assert status.state == "cancelled"
    assert "Stopped" in monitor._status.value
    assert "4 of 19 fits" in monitor._status.value
    assert monitor.chart.counts.get("stability") == 4
    assert monitor._cancel.layout.display == "none"
    monitor.close()


def test_all_text_is_escaped(comms: Recorder) -> None:
    sweep = ScriptedSweep(name=NASTY)
    monitor = monitor_of(sweep)
    sweep.let()
    monitor.wait(20)
    explorer = monitor.explorer
    for view in ("Compare two", "All scores", "Clusters"):
        explorer.fields["view"].value = view
    wait_until(lambda: "<svg" in part(monitor, "flows").value)
    shown = [p.value for p in explorer._parts.values()] + [monitor._list.value]
    shown.append(str(monitor._bundle()["image/svg+xml"]))
    assert sum("&lt;b&gt;" in text for text in shown) >= 4
    assert not any("<b>bold" in text for text in shown)
    monitor.close()


def test_closing_closes_every_part(comms: Recorder) -> None:
    before = set(ipywidgets.widgets.widget._instances)
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    sweep.let()
    monitor.wait(20)
    monitor.explorer.fields["view"].value = "Map"
    wait_until(lambda: monitor.explorer.map is not None)
    assert len(set(ipywidgets.widgets.widget._instances) - before) > 20
    monitor.close()
    assert set(ipywidgets.widgets.widget._instances) == before
