"""The map of documents as a figure and as an SVG, checked by what a reader would see."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from nbtrain import TrainingResult, cluster_map
from nbtrain.documents import DataSchema
from nbtrain.map_figure import map_svg
from nbtrain.report import write_report
from nbtrain.results import Cluster, DocumentMap

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<b>%{x}</b> & \"q\" 'x'"


def mapped(k: int, per_cluster: int, name: str = "name", text: str = "text") -> TrainingResult:
    """Islands in a grid, with a result of 2 documents more that are not on the map."""
    rng = random.Random(0)
    ids = [cluster for cluster in range(k) for _ in range(per_cluster)]
    side = int((k - 1) ** 0.5) + 1
    x = [round(100 * (c % side + 0.1 + 0.4 * rng.random()) / side, 2) for c in ids]
    y = [round(100 * (c // side + 0.1 + 0.4 * rng.random()) / side, 2) for c in ids]
    return TrainingResult(
        "r1", "demo", DataSchema.INTENT,
        tuple(Cluster(c, f"{name} {c}", per_cluster) for c in range(k)),
        tuple(f"{text} {i}" for i in range(len(ids) + 2)),
        (0, 0, *ids), (1.0,) * (len(ids) + 2),
        document_map=DocumentMap(tuple(range(2, len(ids) + 2)), tuple(x), tuple(y)),
    )  # fmt: skip


def test_each_cluster_is_a_trace_and_each_point_a_document() -> None:
    figure = cluster_map(mapped(4, 10))
    assert [trace.name for trace in figure.data] == ["name 0", "name 1", "name 2", "name 3"]
    assert {trace.type for trace in figure.data} == {"scattergl"}
    assert [text for trace in figure.data for text in trace.text] == [
        f"text {i}" for i in range(2, 42)
    ]
    assert figure.layout.title.text == "40 of 42 texts in 4 clusters"
    assert [note.text for note in figure.layout.annotations] == [
        f"<b>name {c}</b>" for c in range(4)
    ]


def test_the_title_says_what_the_points_are() -> None:
    texts = mapped(4, 10)
    dialogues = replace(texts, schema=DataSchema.DIALOGUE)
    turns = replace(dialogues, fingerprints={"c-1": "0"})
    titles = [cluster_map(each).layout.title.text for each in (texts, dialogues, turns)]
    assert [title.split()[3] for title in titles] == ["texts", "conversations", "turns"]
    assert "42 turns in 4 clusters" in map_svg(turns)


def test_a_unit_is_as_long_up_as_across() -> None:
    layout = cluster_map(mapped(4, 10)).layout
    assert layout.yaxis.scaleanchor == "x"
    assert layout.xaxis.constrain == layout.yaxis.constrain == "domain"
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_names_and_texts_are_escaped_and_cut() -> None:
    evil = mapped(2, 5, name=NASTY, text=f"{NASTY} {'long ' * 90}")
    figure = cluster_map(evil)
    shown = figure.data[0].name + figure.data[0].text[0] + figure.layout.annotations[0].text[3:-4]
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown
    assert max(len(line) for line in figure.data[0].text[0].split("<br>")) < 100
    assert len(figure.data[0].text[0]) < 300
    # A name is no part of the template, where plotly would read its %{x}.
    assert "name" not in figure.data[0].hovertemplate.replace("fullData.name", "")
    assert "<b>%" not in map_svg(evil)
    ET.fromstring(map_svg(evil))


def test_names_do_not_cover_each_other() -> None:
    notes = cluster_map(mapped(225, 4, name="rather a long name")).layout.annotations
    assert 10 < len(notes) < 100
    for one, other in pairwise(sorted(notes, key=lambda note: (note.y, note.x))):
        assert abs(one.y - other.y) > 3 or abs(one.x - other.x) > 20
    assert len(cluster_map(mapped(9, 4)).layout.annotations) == 9


def test_neighbouring_islands_differ_in_colour() -> None:
    figure = cluster_map(mapped(16, 10))
    colours = [trace.marker.color for trace in figure.data]
    assert all(one != other for one, other in pairwise(colours[:4]))
    assert all(colours[i] != colours[i + 4] for i in range(12))


@pytest.mark.parametrize(("k", "per_cluster"), [(1, 1), (3, 40), (150, 33)])
def test_the_svg_has_a_path_a_cluster_and_stays_small(k: int, per_cluster: int) -> None:
    drawn = map_svg(mapped(k, per_cluster))
    root = ET.fromstring(drawn)
    assert root.get("role") == "img"
    paths = list(root.iter(f"{SVG}path"))
    assert [path.findtext(f"{SVG}title") for path in paths] == [f"name {c}" for c in range(k)]
    dots = [re.findall(r"M(\d+) (\d+)h0", path.get("d", "")) for path in paths]
    assert min(map(len, dots)) >= min(per_cluster, 5)
    assert sum(map(len, dots)) <= 2000 + k
    assert all(0 <= int(value) <= 720 for island in dots for dot in island for value in dot)
    assert len(drawn.encode()) < 60_000


def test_a_result_without_a_map() -> None:
    bare = replace(mapped(2, 3), document_map=None)
    assert map_svg(bare) == ""
    figure = cluster_map(bare)
    assert len(figure.data) == 0
    assert figure.layout.annotations[0].text == "This result has no map."


def test_the_report_has_the_map(tmp_path: Path) -> None:
    text = write_report(tmp_path / "r.html", mapped(3, 20)).read_text(encoding="utf-8")
    assert "<h2>Map</h2>" in text
    assert text.count("<path") == 3
    assert "<script" not in text
    bare = replace(mapped(3, 20), document_map=None)
    assert "<h2>Map</h2>" not in write_report(tmp_path / "b.html", bare).read_text("utf-8")


def test_the_svg_needs_no_plotly_and_the_figure_is_json() -> None:
    code = "import sys, nbtrain.map_figure; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    json.loads(cluster_map(mapped(3, 4)).to_json())
