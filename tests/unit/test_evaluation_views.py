"""An evaluation as order, pictures, figures and tables: what a reader of them would see."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest

from nbtrain.confusion import OUTSIDE, OrderedMatrix, confused_pairs, order_labels
from nbtrain.errors import RequestError
from nbtrain.evaluation import Confused, ConfusionMatrix, Evaluation
from nbtrain.evaluation_figures import confusion_figure, curve_figure
from nbtrain.evaluation_svg import confusion_svg, curve_chart, curve_points, evaluation_bundle
from nbtrain.intent_tables import evaluation_html, intents_html, pairs_html
from nbtrain.widgets.confusion import ConfusionView
from nbtrain.widgets.evaluation import EvaluationView
from tests.intent_runs import evaluation

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<b>x</b> & 'y' \x00"


# --- order -----------------------------------------------------------------------------------


@pytest.mark.parametrize("n_labels", [0, 1, 2, 12, 150])
def test_every_label_and_every_text_is_in_the_ordered_matrix_once(n_labels: int) -> None:
    matrix = evaluation(n_labels).confusion
    ordered = OrderedMatrix.of(matrix)
    assert sorted(ordered.labels) == sorted(matrix.labels)
    names = ordered.labels
    cells = {(names[true], names[told]): count for true, told, count, _ in ordered.cells}
    names = matrix.labels
    assert cells == {(names[true], names[told]): count for true, told, count in matrix.cells}
    for true in range(n_labels):
        assert sum(cell[3] for cell in ordered.cells if cell[0] == true) == pytest.approx(1)


def test_confused_labels_become_neighbours() -> None:
    rng = random.Random(3)
    n_labels, chain = 120, 6
    shuffled = rng.sample(range(n_labels), n_labels)
    pairs = [(label, label) for label in shuffled for _ in range(8)]
    pairs += [(label, rng.randrange(n_labels)) for label in shuffled]
    planted = [
        (shuffled[i], shuffled[i + 1]) for i in range(n_labels - 1) if i % chain != chain - 1
    ]
    pairs += planted * 2
    names = tuple(map(str, range(n_labels)))
    order = order_labels(ConfusionMatrix.of(names, pairs))
    place = {label: i for i, label in enumerate(order)}
    apart = [abs(place[one] - place[other]) for one, other in planted]
    assert sum(distance == 1 for distance in apart) / len(apart) > 0.9


def test_what_is_never_confused_keeps_its_order() -> None:
    matrix = ConfusionMatrix(tuple("abcde"), tuple((i, i, 3) for i in range(5)))
    assert order_labels(matrix) == (0, 1, 2, 3, 4)


def test_texts_outside_all_labels_come_last() -> None:
    matrix = ConfusionMatrix(("a", "b"), ((0, 0, 3), (0, 2, 1), (1, 1, 2), (2, 2, 4), (2, 0, 1)))
    ordered = OrderedMatrix.of(matrix)
    assert ordered.labels == ("a", "b", OUTSIDE)
    pairs = confused_pairs(Evaluation(matrix, confused=(Confused("hm", "a", "", 0.2),)))
    assert [(p.label, p.predicted, p.count, len(p.texts)) for p in pairs] == [
        ("a", OUTSIDE, 1, 1), (OUTSIDE, "a", 1, 0),
    ]  # fmt: skip
    for draw in (confusion_svg, lambda m: evaluation_html(Evaluation(m))):
        assert OUTSIDE in draw(matrix)


# --- pictures --------------------------------------------------------------------------------


@pytest.mark.parametrize("n_labels", [0, 1, 2, 20, 45, 46, 150, 400])
def test_the_picture_has_a_cell_for_each_pair_and_keeps_to_its_paper(n_labels: int) -> None:
    matrix = evaluation(n_labels, names="a label with quite a long name, number {}").confusion
    root = ET.fromstring(confusion_svg(matrix))
    _, _, width, height = map(float, root.get("viewBox", "").split())
    rects = list(root.iter(f"{SVG}rect"))
    assert len(rects) == len(matrix.cells)
    for rect in rects:
        x, y, size = (float(rect.get(key, "nan")) for key in ("x", "y", "width"))
        assert 0 <= x <= x + size <= width
        assert 0 <= y <= y + size <= height
    named = [text.text for text in root.iter(f"{SVG}text") if "a label with" in (text.text or "")]
    assert len(named) == (2 * n_labels if n_labels <= 45 else 0)


def test_the_diagonal_and_the_mistakes_differ_in_colour() -> None:
    root = ET.fromstring(confusion_svg(evaluation(5).confusion))
    fills = [(rect.get("x"), rect.get("y"), rect.get("fill")) for rect in root.iter(f"{SVG}rect")]
    assert len({fill for _, _, fill in fills}) == 2


def test_a_text_without_a_label_is_counted_and_nobody_is_sure_of_it() -> None:
    matrix = ConfusionMatrix.of(("a", "b"), [(0, 0), (0, 2), (1, 0), (1, 1)])
    confused = (Confused("lost", "a", "", 0.97), Confused("found", "b", "a", 0.64))
    outside = Evaluation(matrix, confused=confused)
    assert "; 1 was given none of the labels." in evaluation_bundle(outside)["text/plain"]
    html = pairs_html(outside)
    assert "found (64.0%)" in html
    assert "lost</li>" in html
    assert '[["lost",null]]' in ConfusionView(outside).matrix


def test_the_bundle_is_small_and_says_it_in_words_too() -> None:
    bundle = evaluation_bundle(evaluation(150))
    assert set(bundle) == {"text/plain", "image/svg+xml"}
    assert len(bundle["image/svg+xml"]) < 50_000
    assert bundle["text/plain"].startswith("Of 3,000 held-out texts 90.0% were labelled correctly")
    root = ET.fromstring(bundle["image/svg+xml"])
    inner = root.findall(f"{SVG}svg")
    assert len(inner) == 2
    tops = [float(svg.get("y", "0")) + float(svg.get("height", "0")) for svg in inner]
    assert tops[0] <= float(inner[1].get("y", "0"))
    assert tops[1] <= float(root.get("height", "0"))


def test_the_curve_is_shown_by_recall_and_by_confidence() -> None:
    told = evaluation(3)
    points = curve_points(told.curve)
    assert set(points) == set(curve_chart().names)
    recalls = [x for x, _ in points["precision at recall"]]
    assert recalls == sorted(told.curve.recall)
    figure = curve_figure(told)
    assert list(figure.data[1].x) == pytest.approx(told.curve.threshold)
    assert list(figure.data[1].y) == pytest.approx(told.curve.precision)


def test_the_figure_has_shares_and_counts() -> None:
    matrix = ConfusionMatrix(("card", "loan"), ((0, 0, 8), (0, 1, 2), (1, 1, 5)))
    (heatmap,) = confusion_figure(Evaluation(matrix)).data
    assert [list(row) for row in heatmap.z] == [[0.8, 0.2], [None, 1.0]]
    assert [list(row) for row in heatmap.customdata] == [[8, 2], [0, 5]]
    assert list(heatmap.x) == ["card", "loan"]
    (heatmap,) = confusion_figure(Evaluation(ConfusionMatrix(('"card"',), ((0, 0, 8),)))).data
    assert list(heatmap.x) == ['"card"']


# --- tables ----------------------------------------------------------------------------------


def cells(markup: str) -> list[list[str]]:
    rows = re.findall("<tr>(.*?)</tr>", markup)
    return [re.findall("<td[^>]*>(.*?)</td>", row) for row in rows][1:]


def test_the_table_of_intents_begins_with_the_worst() -> None:
    matrix = ConfusionMatrix(
        ("good", "bad", "untested"), ((0, 0, 9), (0, 1, 1), (1, 0, 6), (1, 1, 4))
    )
    told = Evaluation(matrix, thresholds={"good": 0.25})
    assert cells(intents_html(told)) == [
        ["untested", "0", "–", "–", "–", "–", ""],
        ["bad", "10", "80.0%", "40.0%", "53.3%", "–", "good (6)"],
        ["good", "10", "60.0%", "90.0%", "72.0%", "25.0%", "bad (1)"],
    ]


def test_the_pairs_are_a_twin_of_the_matrix() -> None:
    told = evaluation(9, texts=40)
    rows = cells(pairs_html(told))
    pairs = confused_pairs(told)
    assert [(row[0], row[1], row[2]) for row in rows] == [
        (pair.label, pair.predicted, str(pair.count)) for pair in pairs
    ]
    assert sum(int(row[2]) for row in rows) == 9 * 4
    assert rows[0][4].count("<li>") == 4


def test_rare_pairs_are_counted_and_the_tables_stay_small() -> None:
    rng = random.Random(0)
    names = tuple(f"label number {i}" for i in range(150))
    pairs = [(i, i) for i in range(150) for _ in range(18)]
    pairs += [(rng.randrange(150), rng.randrange(150)) for _ in range(300)]
    matrix = ConfusionMatrix.of(names, pairs)
    texts = tuple(Confused("w " * 500, names[a], names[b], 0.5) for a, b in pairs[-300:] if a != b)
    told = Evaluation(matrix, confused=texts)
    markup = evaluation_html(told)
    assert "rarer pairs" in markup
    assert len(markup) < 150_000


def test_everything_from_the_data_is_escaped() -> None:
    matrix = ConfusionMatrix((NASTY, "b"), ((0, 0, 1), (0, 1, 1), (1, 1, 2)))
    told = Evaluation(matrix, confused=(Confused(NASTY, NASTY, "b", 0.5),))
    told = replace(told, thresholds={NASTY: 0.5})
    ET.fromstring(confusion_svg(matrix))
    figure = confusion_figure(told)
    for markup in (confusion_svg(matrix), evaluation_html(told), figure.data[0].x[0]):
        assert "<b>" not in markup
        assert "&lt;b&gt;x" in markup


@pytest.mark.parametrize("view", [ConfusionView, EvaluationView])
def test_a_result_without_evaluation_is_explained(view: Any) -> None:
    with pytest.raises(RequestError, match="evaluation: is a NoneType"):
        view(None)
