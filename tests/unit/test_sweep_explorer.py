"""The fits of a sweep are opened, compared, looked at on a map, and chosen; without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nbtrain.errors import ServiceError
from nbtrain.widgets.sweep_monitor import SweepMonitor
from tests.comm import Recorder, answer, recording, set_from_page
from tests.daemon_process import wait_until
from tests.scripted_sweep import NASTY, ScriptedSweep
from tests.unit.sweep_monitors import monitor_of, part, snapshot


@pytest.fixture
def comms() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


@pytest.fixture
def ended(comms: Recorder) -> Iterator[tuple[SweepMonitor, ScriptedSweep]]:
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    sweep.let()
    monitor.wait(20)
    yield monitor, sweep
    monitor.close()


def test_a_click_opens_a_number_of_clusters(
    ended: tuple[SweepMonitor, ScriptedSweep], comms: Recorder
) -> None:
    monitor, _ = ended
    assert monitor.explorer.opened == 8
    assert part(monitor, "table").value.count("<tr>") == 9
    answer(monitor.chart, {"kind": "pick", "x": 5})
    assert monitor.explorer.opened == 5
    assert part(monitor, "table").value.count("<tr>") == 6
    assert [5, "5: open", True] in snapshot(monitor)["marks"]
    assert monitor._choose.description == "Choose 5 clusters"
    answer(monitor.chart, {"kind": "pick", "x": 99})
    answer(monitor.chart, {"kind": "pick", "x": "5"})
    assert monitor.explorer.opened == 5
    with pytest.raises(KeyError, match="99"):
        monitor.look_at(99)


def test_the_list_opens_one_too(ended: tuple[SweepMonitor, ScriptedSweep]) -> None:
    monitor, _ = ended
    control = monitor.explorer.fields["opened"]
    assert [label for label, _ in control.options][6:10] == ["8 (best)", "9", "10", "11 (near tie)"]
    set_from_page(control, index=0)
    assert monitor.explorer.opened == 2
    assert "8 clusters" not in monitor._choose.description


def test_the_user_s_place_is_kept_while_fits_come(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    monitor = monitor_of(sweep)
    sweep.let(4)
    wait_until(lambda: monitor.chart.counts.get("stability") == 4)
    monitor.look_at(2)
    sweep.let()
    monitor.wait(20)
    assert monitor.explorer.opened == 2
    assert monitor.explorer.fields["opened"].value == 2
    monitor.close()


def test_two_are_compared_when_that_is_looked_at(
    ended: tuple[SweepMonitor, ScriptedSweep],
) -> None:
    monitor, sweep = ended
    fields = monitor.explorer.fields
    assert not [call for call in sweep.calls if call[0] == "compare"]
    set_from_page(fields["view"], index=1)
    wait_until(lambda: "<svg" in part(monitor, "flows").value)
    assert ("compare", 8, 11) in sweep.calls
    assert "From 8 to 11 clusters" in part(monitor, "flows").value
    assert "<table" in part(monitor, "moved").value
    fields["right"].value = 20
    wait_until(lambda: "From 8 to 20" in part(monitor, "flows").value)
    fields["right"].value = 8
    assert "Two different" in part(monitor, "flows").value
    sweep.failing["compare"] = ServiceError("The service <went> away.")
    fields["right"].value = 9
    wait_until(lambda: "could not be fetched" in part(monitor, "flows").value)
    assert "&lt;went&gt;" in part(monitor, "flows").value


def test_the_map_is_fetched_once_and_coloured_anew(
    ended: tuple[SweepMonitor, ScriptedSweep],
) -> None:
    monitor, sweep = ended
    monitor.explorer.fields["view"].value = "Map"
    wait_until(lambda: monitor.explorer.map is not None)
    text_map = monitor.explorer.map
    assert text_map is not None
    wait_until(lambda: len(json.loads(text_map.clusters)) == 8)
    monitor.look_at(3)
    wait_until(lambda: len(json.loads(text_map.clusters)) == 3)
    assert sweep.calls.count(("map",)) == 1
    assert len(text_map.positions) == 600 * 4
    assert max(memoryview(text_map.labels).cast("H")) == 2


def test_a_service_without_positions_says_so(comms: Recorder) -> None:
    sweep = ScriptedSweep(positions=False)
    monitor = monitor_of(sweep)
    sweep.let()
    monitor.wait(20)
    monitor.explorer.fields["view"].value = "Map"
    wait_until(lambda: "no map of the texts" in part(monitor, "says").value)
    monitor.close()


def test_as_long_as_it_goes_on_a_map_may_come(comms: Recorder) -> None:
    sweep = ScriptedSweep(positions=False)
    monitor = monitor_of(sweep)
    sweep.let(4)
    wait_until(lambda: monitor.chart.counts.get("stability") == 4)
    monitor.look_at(6)
    monitor.explorer.fields["view"].value = "Map"
    wait_until(lambda: "after the first fits" in part(monitor, "says").value)
    # With the next fit it is looked for again.
    sweep._positions = True
    sweep.let(1)
    wait_until(lambda: monitor.explorer.map is not None)
    assert "alike" in part(monitor, "says").value
    sweep.let()
    monitor.wait(20)
    monitor.close()


def test_all_scores_are_in_the_table(ended: tuple[SweepMonitor, ScriptedSweep]) -> None:
    monitor, _ = ended
    monitor.explorer.fields["view"].value = "All scores"
    table = part(monitor, "scores").value
    assert table.count("<tr>") == 20
    assert "davies bouldin" in table
    assert "★ 8" in table


def test_the_choice_is_recorded_with_its_reason(
    ended: tuple[SweepMonitor, ScriptedSweep],
) -> None:
    monitor, sweep = ended
    heard: list[Any] = []
    monitor.on_change(lambda: heard.append(monitor.n_clusters))
    monitor._why.value = f"fits our team {NASTY}"
    monitor._choose.click()
    assert sweep.chosen is not None
    assert (sweep.chosen.n_clusters, sweep.chosen.reason) == (8, f"fits our team {NASTY}")
    assert monitor.choice == sweep.chosen
    assert "<b>bold" not in monitor._chosen.value
    assert "You chose 8 clusters" in monitor._chosen.value
    monitor.look_at(5)
    assert monitor.n_clusters == 8  # the choice stands
    assert heard == [8, 8]


def test_what_splits_is_said_of_the_opened_one(
    ended: tuple[SweepMonitor, ScriptedSweep],
) -> None:
    monitor, _ = ended
    monitor.look_at(3)
    wait_until(lambda: "3 splits" in part(monitor, "split").value)


def test_what_cannot_be_fetched_is_said_and_asked_for_again(comms: Recorder) -> None:
    sweep = ScriptedSweep()
    sweep.failing["splits"] = ServiceError("The service <went> away.")
    monitor = monitor_of(sweep)
    sweep.let()
    monitor.wait(20)
    wait_until(lambda: monitor.explorer._splits is None)
    assert "&lt;went&gt;" in part(monitor, "split").value
    del sweep.failing["splits"]
    monitor.look_at(3)
    wait_until(lambda: "3 splits" in part(monitor, "split").value)
    monitor.close()


def test_the_picture_shows_the_candidates(ended: tuple[SweepMonitor, ScriptedSweep]) -> None:
    monitor, _ = ended
    bundle = monitor._bundle()
    assert bundle["text/plain"].startswith("19 numbers of clusters tried, from 2 to 20.")
    assert "8: best" in bundle["image/svg+xml"]
    assert "nbt-picture" in bundle["image/svg+xml"]
