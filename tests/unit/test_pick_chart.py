"""Points in any order, notes, and a place that is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from nbtrain.charts import Chart, Curve, Mark, Panel, Trace
from nbtrain.figures import figure_dict, layout_dict
from nbtrain.svg import chart_svg
from nbtrain.widgets.pick_chart import PickChart
from tests.comm import Recorder, answer, recording

PANEL = Panel("score", "clusters", 100, x_include=(2.0, 60.0), x_log=True)
CHART = Chart((PANEL,), (Trace("stability"), Trace("silhouette")), (0,), pick=True)


@pytest.fixture
def comms() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


@pytest.fixture
def live(comms: Recorder) -> Iterator[PickChart]:
    live = PickChart(CHART)
    yield live
    live.close()


def whole(live: PickChart, comms: Recorder) -> dict[str, Any]:
    answer(live, {"kind": "hello", "seq": -1, "rev": 0, "library": False})
    snapshot: dict[str, Any] = comms.custom(live)[-1]["snapshot"]
    return snapshot


def test_only_what_is_new_is_sent(live: PickChart, comms: Recorder) -> None:
    live.insert({"stability": [(60, 0.5), (2, 0.9)]}, notes={2: "cards"})
    live.insert({"stability": [(2, 0.9), (11, 0.8), (60, 0.5)]}, notes={2: "cards", 11: "loans"})
    live.insert({"stability": [(2, 0.9)]}, notes={2: "cards"})
    first, second = [m for m in comms.custom(live) if m["kind"] == "delta"]
    assert (first["x"], first["y"]) == ([[2, 60]], [[0.9, 0.5]])
    assert (second["x"], second["y"], second["notes"]) == ([[11]], [[0.8]], [(11, "loans")])
    told = whole(live, comms)
    assert told["x"] == [[2, 11, 60], []]
    assert dict(told["notes"]) == {2: "cards", 11: "loans"}


def test_a_point_takes_the_place_of_one_that_is_there(live: PickChart, comms: Recorder) -> None:
    live.insert({"stability": [(2, 0.9), (3, 0.8)]})
    live.insert({"stability": [(2, None)]})
    assert comms.custom(live)[-1]["y"] == [[None]]
    assert whole(live, comms)["y"][0] == [None, 0.8]
    with pytest.raises(KeyError, match="'speed'"):
        live.insert({"speed": [(2, 0.1)]})


def test_a_place_is_chosen_only_where_there_is_one(live: PickChart) -> None:
    live.insert({"stability": [(2, 0.9), (11, 0.8)]})
    chosen: list[float] = []
    live.on_pick(chosen.append)
    for x in (11, 7, None, "11", {"x": 2}, 2):
        answer(live, {"kind": "pick", "x": x})
    answer(live, {"kind": "pick"})
    assert chosen == [11, 2]


def test_a_logarithmic_axis_has_even_room_for_ratios() -> None:
    layout = layout_dict(CHART)
    axis = layout["xaxis"]
    assert axis["type"] == "log"
    assert axis["range"][0] < axis["range"][1]
    assert axis["tickvals"][0] == 2
    assert axis["tickvals"][-1] == 60
    assert layout["hoverdistance"] == -1
    curve = Curve()
    for x in (2, 11, 60):
        curve.insert(x, 0.5)
    marks = (Mark(2, "low"), Mark(60, "high", solid=True))
    figure = figure_dict(CHART, (curve, Curve()), marks=marks)
    low, high = figure["layout"]["annotations"]
    assert low["xanchor"] == "left"
    assert high["xanchor"] == "right"
    assert [shape["line"]["dash"] for shape in figure["layout"]["shapes"]] == ["dot", "solid"]
    svg = chart_svg(CHART, (curve, Curve()), "title", marks)
    # 11 is the middle of 2 and 60 by ratio, and so it is in the picture.
    line = next(part for part in svg.split('d="M')[1:] if part.count("L") == 2)
    left, middle, right = (float(at.split()[0]) for at in line.split('"')[0].split("L"))
    assert middle - left == pytest.approx(right - middle, rel=0.02)
    assert re.search('text-anchor="end" y="[0-9]+">high', svg)


def test_each_panel_with_several_traces_has_a_legend() -> None:
    panels = (PANEL, PANEL)
    traces = (Trace("a"), Trace("b"), Trace("c", 1), Trace("d", 1))
    layout = layout_dict(Chart(panels, traces))
    assert layout["legend"]["y"] > layout["legend2"]["y"]
