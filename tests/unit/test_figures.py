"""Figures and SVG: pure functions, checked by what a reader of them would see."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import pytest

from nbtrain.charts import INTENT_METRICS, training_chart
from nbtrain.documents import DataSchema
from nbtrain.evaluation import ConfusionMatrix, Evaluation
from nbtrain.figures import clusters_figure, training_dict, training_figure
from nbtrain.markup import escape
from nbtrain.progress import EpochStats, History, RunState, RunStatus, Update
from nbtrain.results import Cluster, TrainingResult
from nbtrain.svg import training_bundle, training_sentence, training_svg
from nbtrain.testing import training_script

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<b>bold</b> & \"quoted\" 'x' \x00\x1b ü 🙂"


def history(epochs: int = 5, **changes: Any) -> History:
    told = History()
    for update in training_script(epochs, **changes):
        told.add(update)
    return told


def result(sizes: list[int], **cluster: Any) -> TrainingResult:
    clusters = tuple(
        Cluster(i, cluster.get("name", f"name {i}"), size, ("key", "word"), ("an example",))
        for i, size in enumerate(sizes)
    )
    ids = [i for i, size in enumerate(sizes) for _ in range(size)]
    return TrainingResult(
        "r1", "demo", DataSchema.INTENT, clusters, tuple(map(str, range(len(ids)))),
        tuple(ids), (1.0,) * len(ids),
    )  # fmt: skip


# --- training --------------------------------------------------------------------------------


def test_training_figure_shows_every_number_of_the_history() -> None:
    told = history(40)
    figure = training_figure(told)
    lines = {trace.name: (list(trace.x), list(trace.y)) for trace in figure.data}
    assert list(lines) == list(training_chart(told.metrics).names)
    for name in told.metrics:
        assert lines[name][0] == [stats.epoch for stats in told.epochs]
        assert lines[name][1] == pytest.approx(told.metric(name), rel=1e-4)
    assert lines["progress"][0][-1] == pytest.approx(told.progress[-1][0], rel=1e-4)
    assert figure.layout.title.text.startswith("demo<br>")


def test_panels_do_not_overlap_and_neighbours_share_their_axis() -> None:
    layout = training_figure(history()).layout
    domains = [layout.yaxis.domain, layout.yaxis2.domain, layout.yaxis3.domain]
    assert domains[0][1] == 1.0
    assert domains[-1][0] == 0.0
    for upper, lower in pairwise(domains):
        assert upper[0] > lower[1]
    assert layout.xaxis3.matches == "x2"
    assert layout.xaxis2.matches is None


def test_a_long_history_is_thinned_and_ends_where_it_ended() -> None:
    told = History()
    status = RunStatus("r1", "demo", RunState.SUCCEEDED, "done", 1.0, elapsed=9.0)
    told.add(
        Update(status, tuple(EpochStats(i, {"objective": i / 50_000}) for i in range(1, 50_001)))
    )
    trace = training_dict(told)["data"][1]
    assert 1_000 <= len(trace["x"]) <= 2_000
    assert (trace["x"][0], trace["x"][-1], trace["y"][-1]) == (1, 50_000, 1)
    assert len(training_svg(told)) < 20_000


@pytest.mark.parametrize("told", [History(), history(1), history(3, state=RunState.FAILED)])
def test_every_history_can_be_drawn(told: History) -> None:
    training_figure(told)
    ET.fromstring(training_svg(told))


def test_text_is_escaped_in_every_picture() -> None:
    told = History()
    status = RunStatus("r1", NASTY, RunState.FAILED, NASTY, 0.4, NASTY, 2.0)
    told.add(Update(status, (EpochStats(1, {NASTY: 0.5}), EpochStats(2, {NASTY: math.nan}))))
    root = ET.fromstring(training_svg(told))
    assert not list(root.iter(f"{SVG}b"))
    assert any("<b>bold</b>" in "".join(node.itertext()) for node in root.iter(f"{SVG}text"))
    figure = training_figure(told)
    assert "<b>bold" not in figure.layout.title.text + figure.data[1].name


def intent_history(epochs: int, best: int) -> History:
    rows = [
        EpochStats(i, dict.fromkeys(INTENT_METRICS, 0.5) | {"test_loss": 1 + abs(i - best) / 100})
        for i in range(1, epochs + 1)
    ]
    told = History()
    status = RunStatus("r1", "demo", RunState.SUCCEEDED, "done", 1.0, elapsed=9.0)
    told.add(Update(status, tuple(rows)))
    return told


def test_the_best_epoch_and_the_early_stop_are_marked_in_every_picture() -> None:
    told = intent_history(40, 30)
    evaluation = Evaluation(ConfusionMatrix((), ()), best_epoch=29, last_epoch=40,
                            stopped_early=True)  # fmt: skip
    figure = training_figure(told, evaluation)
    assert [note.text for note in figure.layout.annotations] == [
        "best epoch: 29", "stopped early: 40",
    ]  # fmt: skip
    assert {(shape.x0, shape.yref) for shape in figure.layout.shapes} == {
        (29, "y2 domain"), (29, "y3 domain"), (40, "y2 domain"), (40, "y3 domain"),
    }  # fmt: skip
    assert figure.layout.xaxis3.title.text == "epoch"
    root = ET.fromstring(training_svg(told, evaluation))
    words = ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]
    assert {"best epoch: 29", "stopped early: 40", "epoch"} <= set(words)
    # Without an evaluation it is the epoch of the lowest loss on held-out texts.
    assert [note.text for note in training_figure(told).layout.annotations] == ["best epoch: 30"]


def test_learned_and_held_out_look_alike_in_both_panels() -> None:
    told = intent_history(3, 2)
    data = training_figure(told).data
    lines = dict(zip(training_chart(told.metrics).names, (t.line for t in data), strict=True))
    for one, other in (("train_accuracy", "train_loss"), ("test_accuracy", "test_loss")):
        assert (lines[one].color, lines[one].dash) == (lines[other].color, lines[other].dash)
    assert lines["train_loss"].color != lines["test_loss"].color
    # So each look is explained once.
    assert [trace.name for trace in data if trace.showlegend] == ["train", "test", "macro F1"]
    words = [text.text or "" for text in ET.fromstring(training_svg(told)).iter(f"{SVG}tspan")]
    assert len(words) == 3


# --- SVG and bundle --------------------------------------------------------------------------


def test_svg_names_itself_and_draws_one_line_per_metric() -> None:
    told = history(30)
    root = ET.fromstring(training_svg(told))
    title = root.find(f"{SVG}title")
    assert root.get("role") == "img"
    assert title is not None
    assert title.text is not None
    assert title.text.startswith("demo: succeeded")
    lines = [p for p in root.iter(f"{SVG}path") if p.get("stroke-width") == "2"]
    assert len(lines) == 1 + len(told.metrics)
    assert {p.get("d", "").count("L") for p in lines} <= {29, 31}


def test_every_point_of_the_svg_lies_on_its_paper() -> None:
    root = ET.fromstring(training_svg(history(30)))
    _, _, width, height = map(float, root.get("viewBox", "").split())
    for path in root.iter(f"{SVG}path"):
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d", "")):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height


def test_a_gap_breaks_the_line() -> None:
    told = History()
    status = RunStatus("r1", "demo", RunState.RUNNING, "clustering", 0.4, elapsed=2.0)
    values = [0.1, 0.2, math.nan, 0.3, 0.4]
    epochs = tuple(EpochStats(i, {"objective": v}) for i, v in enumerate(values, 1))
    told.add(Update(status, epochs))
    root = ET.fromstring(training_svg(told))
    lines = [p for p in root.iter(f"{SVG}path") if p.get("stroke-width") == "2"]
    assert len(lines) == 3  # progress, and two pieces


def test_bundle_shows_everywhere_and_is_small() -> None:
    bundle = training_bundle(history(60))
    assert set(bundle) == {"text/plain", "image/svg+xml"}
    assert bundle["text/plain"] == training_sentence(history(60))
    assert sum(map(len, bundle.values())) < 20_000


def test_a_run_that_got_nowhere_is_one_sentence() -> None:
    told = History()
    told.add(Update(RunStatus("r1", "demo", RunState.CANCELLED, message="")))
    assert training_bundle(told) == {"text/plain": "Run r1 of model demo was cancelled."}


def test_bundle_needs_no_plotly() -> None:
    code = (
        "import sys; from nbtrain.svg import training_bundle; from nbtrain.testing import *;"
        "from nbtrain.progress import History; h = History();"
        "[h.add(u) for u in training_script(3)]; training_bundle(h);"
        "sys.exit(sum(name.split('.')[0] in ('plotly', 'numpy') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


# --- clusters --------------------------------------------------------------------------------


def test_clusters_are_bars_of_their_size_largest_on_top() -> None:
    figure = clusters_figure(result([30, 20, 5]))
    (bar,) = figure.data
    assert list(bar.x) == [30, 20, 5]
    assert list(figure.layout.yaxis.ticktext) == ["name 0", "name 1", "name 2"]
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.layout.title.text == "55 texts in 3 clusters"
    assert "Key words: key, word" in bar.hovertext[0]
    assert "“an example”" in bar.hovertext[0]


def test_many_clusters_end_in_one_bar_for_the_rest() -> None:
    (bar,) = clusters_figure(result([3] * 61 + [1] * 9)).data
    assert len(bar.x) == 61
    assert bar.x[-1] == 3 + 9
    assert sum(bar.x) == 61 * 3 + 9


def test_names_of_clusters_are_escaped_for_plotlys_markup() -> None:
    figure = clusters_figure(result([3], name="<a href='javascript:1'>x</a> & y"))
    assert "<a" not in figure.data[0].hovertext[0] + figure.layout.yaxis.ticktext[0]
    assert "&lt;a href=" in figure.layout.yaxis.ticktext[0]


def test_quotes_are_shown_as_they_are() -> None:
    figure = clusters_figure(result([3], name='where\'s "it" & <b>'))
    shown = figure.layout.yaxis.ticktext[0]
    assert 'where\'s "it" &amp; &lt;b&gt;' in shown
    # All that plotly reads of these.
    known = {"mu", "amp", "lt", "gt", "nbsp", "times", "plusmn", "deg"}
    assert set(re.findall("&([^;]*);", shown + figure.data[0].hovertext[0])) <= known


def test_an_empty_result_can_be_drawn() -> None:
    assert len(clusters_figure(result([])).data[0].x) == 0


# --- markup ----------------------------------------------------------------------------------


def test_escape_takes_anything() -> None:
    assert escape(None) == ""
    assert escape(3) == "3"
    assert escape(ValueError("<x>")) == "&lt;x&gt;"
