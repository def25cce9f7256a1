"""Figures and tables of a sweep: pure functions, checked by what a reader of them would see."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from nbtrain.flow_figure import FlowLayout, flow_figure, flow_svg
from nbtrain.progress import RunState
from nbtrain.sweep_charts import (
    by_clusters,
    sweep_bundle,
    sweep_chart,
    sweep_figure,
    sweep_marks,
    sweep_notes,
    sweep_points,
    sweep_svg,
)
from nbtrain.sweep_moves import Comparison
from nbtrain.sweep_results import Candidate, Recommendation, SweepFit
from nbtrain.sweep_tables import candidates_html, fit_html, flows_html, scores_html
from nbtrain.widgets.text_map import TextMap
from tests.scripted_sweep import NASTY, ScriptedSweep, fit_of, labels_of

SVG = "{http://www.w3.org/2000/svg}"
FITS = tuple(fit_of(k) for k in (2, 20, 6, 11, 8, 3))
LISTED = Recommendation(
    (Candidate(8, "Stable.", ("elbow",)), Candidate(11, "As good.", tie=True)),
    summary="Clear structure.",
    readings={"elbow": 8, "objective": 6, "summit": 11},
)


def compared(a: int, b: int, name: str = "") -> Comparison:
    return ScriptedSweep(name=name).compare(a, b)


# --- the scores ------------------------------------------------------------------------------


def test_every_score_of_every_count_is_in_the_figure() -> None:
    lines = {trace.name: trace for trace in sweep_figure(FITS, LISTED).data}
    names = ("stability", "predictability", "neighbour_agreement", "cluster_agreement")
    shown = ("stability", "predictability", "of neighbours", "of clusters")
    for name, label in zip((*names, "objective", "silhouette"), (*shown, "objective", "silhouette"),
                           strict=True):  # fmt: skip
        assert list(lines[label].x) == [2, 3, 6, 8, 11, 20]
        expected = [fit_of(k).scores[name] for k in lines[label].x]
        assert list(lines[label].y) == pytest.approx(expected, rel=1e-4)
    found = {
        (trace.yaxis, x)
        for trace in sweep_figure(FITS, LISTED).data
        for x, y in zip(trace.x, trace.y, strict=True)
        if trace.name in ("elbow", "summit") and y is not None
    }
    assert found == {("y2", 11), ("y2", 8), ("y3", 6)}
    assert "PIN lost 7 · 74" in lines["stability"].text[3]


def test_candidates_are_marked_and_ties_are_called_ties() -> None:
    figure = sweep_figure(FITS, LISTED)
    words = [note.text for note in figure.layout.annotations]
    assert words == ["8: best", "11: near tie"]
    assert figure.layout.annotations[0].x == pytest.approx(math.log10(8))
    assert {shape.x0 for shape in figure.layout.shapes} == {8, 11}
    assert "8: best" in sweep_svg(FITS, LISTED)
    opened = sweep_marks(LISTED, 3)
    assert [(mark.text, mark.solid) for mark in opened][-1] == ("3: open", True)
    assert [mark.solid for mark in sweep_marks(LISTED, 8)] == [True, False]


@pytest.mark.parametrize(("counts", "log"), [(range(2, 61), True), (range(10, 21), False)])
def test_a_wide_range_is_logarithmic(counts: range, log: bool) -> None:
    assert all(panel.x_log == log for panel in sweep_chart(counts).panels)


def test_of_several_seeds_the_median_counts() -> None:
    fits = [fit_of(8, seed) for seed in (0, 1, 5)]
    ((k, stability),) = sweep_points(fits)["stability"]
    assert k == 8
    assert stability == pytest.approx(0.96)
    assert sweep_notes(fits)[8].startswith("8 clusters, 3 seeds")


def test_the_scores_of_two_embedders_are_not_mixed() -> None:
    other = [replace(fit_of(k), options={"embedder": "m"}, scores={"stability": 0.1})
             for k in (2, 8, 50)]  # fmt: skip
    fits = [fit_of(2), fit_of(8), *other]
    assert sweep_points(fits) == sweep_points(fits[:2])
    assert sweep_points(reversed(fits))["stability"] == [(2, 0.1), (8, 0.1), (50, 0.1)]
    assert sweep_notes(fits)[8].startswith("8 clusters\n")


def test_scores_that_are_missing_have_no_panel() -> None:
    fits = [SweepFit(k, scores={"silhouette": k / 10}) for k in (2, 3)]
    names = [trace.name for trace in sweep_figure(fits, Recommendation()).data]
    assert names == ["silhouette"]
    assert "agreement" not in sweep_svg(fits, Recommendation())


def test_scores_of_a_column_have_as_many_decimals() -> None:
    scores = [{"stability": 0.4, "calinski_harabasz": 1234.5}, {"stability": 0.8162}]
    fits = [SweepFit(k, scores=own) for k, own in enumerate(scores, start=2)]
    table = scores_html(fits)
    for shown in ("0.400", "0.816", "1,234", "–"):
        assert f">{shown}<" in table


def test_failed_fits_are_no_points_but_rows() -> None:
    fits = [*FITS, SweepFit(9, state=RunState.FAILED, message="out of <memory>")]
    assert 9 not in by_clusters(fits)
    assert "failed: out of &lt;memory&gt;" in scores_html(fits)


@pytest.mark.parametrize(
    "fits", [(), (SweepFit(2),), (SweepFit(2, scores={"stability": math.nan}),)]
)
def test_next_to_nothing_is_drawn_too(fits: tuple[SweepFit, ...]) -> None:
    assert sweep_figure(fits, Recommendation()).data
    ET.fromstring(sweep_svg(fits, Recommendation()))
    assert sweep_bundle(fits, Recommendation())["text/plain"]


def test_a_note_of_many_clusters_is_short() -> None:
    note = sweep_notes([fit_of(40)])[40]
    assert note.count("\n") == 11
    assert note.endswith("and 30 more")


# --- what moves where --------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), [(2, 3), (8, 11), (36, 40), (20, 5), (1, 1)])
def test_the_flow_picture_keeps_every_document(a: int, b: int) -> None:
    comparison = compared(a, b)
    layout = FlowLayout.of(comparison)
    drawn = sum(band.flow.documents for band in layout.bands)
    assert drawn + layout.left_out == 600
    sizes = Counter(labels_of(a).tolist())
    assert {bar.cluster.cluster_id: bar.documents for bar in layout.left} == sizes
    for side in (layout.left, layout.right):
        middles = [bar.middle for bar in side]
        gaps = [y - x for x, y in pairwise(middles)]
        assert all(gap >= 15.9 for gap in gaps)
        assert all(one.top + one.height <= other.top + 1e-6 for one, other in pairwise(side))


def test_bands_leave_and_arrive_within_their_bars() -> None:
    layout = FlowLayout.of(compared(8, 11))
    left = {bar.cluster.cluster_id: bar for bar in layout.left}
    right = {bar.cluster.cluster_id: bar for bar in layout.right}
    for band in layout.bands:
        start, end = left[band.flow.from_cluster], right[band.flow.to_cluster]
        assert start.top - 1e-6 <= band.left <= start.top + start.height - band.height + 1e-6
        assert end.top - 1e-6 <= band.right <= end.top + end.height - band.height + 1e-6


def test_clusters_that_share_documents_are_near_each_other() -> None:
    # In the data the topics lie on a line, so in order nothing crosses.
    layout = FlowLayout.of(compared(20, 25))
    order = [bar.cluster.cluster_id for bar in layout.left]
    assert order in (sorted(order), sorted(order, reverse=True))


def test_what_is_the_same_is_grey() -> None:
    layout = FlowLayout.of(compared(8, 8))
    assert {band.colour for band in layout.bands} == {"#797979"}
    assert "8 of 8 are nearly the same; agreement 1.00" in flow_svg(compared(8, 8))


def test_names_are_cut_and_told_whole_by_the_mouse() -> None:
    long = "a name that is much too long for the picture "
    tree = ET.fromstring(flow_svg(compared(3, 4, long)))
    texts = ["".join(text.itertext()) for text in tree.iter(f"{SVG}text")]
    assert max(map(len, texts)) <= 30
    titles = [title.text or "" for title in tree.iter(f"{SVG}title")]
    assert any(long.strip() in title for title in titles)


def test_the_sankey_has_the_same_flows() -> None:
    comparison = compared(8, 11)
    figure = flow_figure(comparison)
    bands = FlowLayout.of(comparison).bands
    assert sum(figure.data[0].link.value) == sum(band.flow.documents for band in bands)
    assert len(figure.data[0].node.label) == 19


# --- the map, and the tables -------------------------------------------------------------------


def test_the_map_has_an_even_sample_of_many_texts() -> None:
    labels = labels_of(5).tolist()
    text_map = TextMap([(i, -i) for i in range(600)] * 20)
    text_map.show(labels * 20, fit_of(5).clusters)
    shown = memoryview(text_map.labels).cast("H").tolist()
    assert len(shown) == len(text_map.positions) // 4 == 4_000
    # Every third.
    assert shown == (labels * 20)[::3]
    text_map.close()


def test_tables_say_what_the_pictures_show() -> None:
    listed = candidates_html(LISTED)
    assert listed.count("<li>") == 2
    assert "<b>8 clusters</b>: Stable." in listed
    assert "near tie" in listed
    table = scores_html(FITS, LISTED)
    assert table.count("<tr>") == 7
    assert "mean cosine of a text" in table  # what a score means
    assert fit_html(fit_of(8)).count("<tr>") == 9
    comparison = compared(8, 11)
    assert flows_html(comparison).count("<tr>") == len(comparison.flows) + 1
    assert "doesn&#x27;t" in fit_html(SweepFit(3)) or "doesn't" in fit_html(SweepFit(3))


def test_of_no_structure_the_advice_is_told() -> None:
    advice = Recommendation(clear_structure=False, summary="No clear structure.", advice="<More>.")
    assert "What would help: &lt;More&gt;." in candidates_html(advice)


def test_everything_is_escaped() -> None:
    fits = [fit_of(k, name=NASTY) for k in (3, 4)]
    listed = Recommendation((Candidate(3, NASTY),), summary=NASTY)
    moved = compared(3, 4, NASTY)
    shown: list[Any] = [
        candidates_html(listed), scores_html(fits, listed), fit_html(fits[0]),
        flows_html(moved), flow_svg(moved), sweep_svg(fits, listed),
        str(sweep_figure(fits, listed).to_dict()), str(flow_figure(moved).to_dict()),
    ]  # fmt: skip
    for text in shown:
        assert "<b>bold" not in text
    for text in (flow_svg(moved), sweep_svg(fits, listed)):
        ET.fromstring(text)
