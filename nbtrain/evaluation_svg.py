"""What the held-out texts say of an intent model, as pictures that stay in a saved notebook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .charts import Chart, Panel, Point, Trace, curves
from .confusion import OrderedMatrix
from .evaluation import ConfusionMatrix, Evaluation, PrecisionRecallCurve
from .figures import COLOURS, GREY
from .svg import PICTURE_ID, chart_svg, cut, plain

__all__ = [
    "confusion_svg",
    "curve_chart",
    "curve_points",
    "curve_svg",
    "evaluation_bundle",
    "evaluation_sentence",
]

_WIDTH = 640
_TOP, _RIGHT = 46, 12
_MOST_NAMED = 45
_LARGEST_CELL = 44


# --- precision and recall --------------------------------------------------------------------


def curve_chart() -> Chart:
    """Lay out the chart of a :class:`PrecisionRecallCurve`."""
    ends = (0.0, 1.0)
    panels = (
        Panel("precision", "recall", 150, percent=True, x_include=ends),
        Panel("share", "least confidence that counts", 150, percent=True, x_include=ends),
    )
    traces = (
        Trace("precision at recall", 0, colour=0),
        Trace("precision", 1, colour=0),
        Trace("recall", 1, "dash", colour=1),
        Trace("F1", 1, "dot", colour=2),
    )
    return Chart(panels, traces)


def curve_points(curve: PrecisionRecallCurve) -> dict[str, list[Point]]:
    """List the points of the chart by trace name."""
    by_recall = sorted(zip(curve.recall, curve.precision, strict=True))
    return {
        "precision at recall": list(by_recall),
        "precision": list(zip(curve.threshold, curve.precision, strict=True)),
        "recall": list(zip(curve.threshold, curve.recall, strict=True)),
        "F1": list(zip(curve.threshold, curve.f1, strict=True)),
    }


def curve_svg(curve: PrecisionRecallCurve) -> str:
    """Draw precision against recall, and both against the confidence."""
    chart = curve_chart()
    title = "Precision and recall of held-out texts\nAll labels together."
    return chart_svg(chart, curves(chart, curve_points(curve)), title)


# --- the confusion matrix --------------------------------------------------------------------


def confusion_svg(matrix: ConfusionMatrix) -> str:
    """Draw a confusion matrix; labels that are confused are neighbours.

    A row is a true label, a column a predicted one. The diagonal is what was right. The more of a
    row's texts, the stronger the colour. More than 45 labels are drawn without their names.

    Examples
    --------
    >>> matrix = ConfusionMatrix(("card", "loan"), ((0, 0, 8), (0, 1, 2), (1, 1, 5)))
    >>> confusion_svg(matrix).count("<rect")
    3
    """
    ordered = OrderedMatrix.of(matrix)
    count = max(1, len(ordered.labels))
    named = count <= _MOST_NAMED
    left = 30 + (
        min(210, 7 * max((len(name) for name in ordered.labels), default=0)) if named else 0
    )
    size = min(_LARGEST_CELL, (_WIDTH - left - _RIGHT) / count)
    side = size * count
    bottom = _TOP + side
    height = math.ceil(bottom + (min(150, left - 30) if named else 0) + 34)
    title = "Held-out texts: what they are, and what they were taken for"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{PICTURE_ID}" '
        f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'style="max-width:100%;height:auto" role="img" '
        f'font-family="system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif" '
        f'font-size="{min(12.0, max(7.0, size - 1)):.3g}" fill="{GREY}">',
        f"<title>{title}</title>",
        f'<text x="14" y="20" font-size="14" font-weight="600">{title}</text>',
        f'<text x="14" y="37" font-size="12">{plain(evaluation_line(matrix))}</text>',
        f'<path d="M{left} {_TOP}h{side:.1f}v{side:.1f}h-{side:.1f}z" fill="none" '
        f'stroke="{GREY}" stroke-opacity="0.5"/>',
    ]
    for true, told, texts, share in ordered.cells:
        x, y = left + told * size, _TOP + true * size
        parts.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{size:.2f}" height="{size:.2f}" '
            f'fill="{COLOURS[0 if true == told else 1]}" fill-opacity="{_strength(share):.2f}"/>'
        )
        if size >= 20:
            ink = "#fff" if _strength(share) > 0.6 else GREY
            parts.append(
                f'<text x="{x + size / 2:.1f}" y="{y + size / 2 + 4:.1f}" font-size="11" '
                f'text-anchor="middle" fill="{ink}">{texts}</text>'
            )
    if named:
        parts += _names(ordered.labels, left, bottom, size)
    middle = _TOP + side / 2
    turned = f'transform="translate(12 {middle:.0f}) rotate(-90)" text-anchor="middle"'
    parts.append(f'<text {turned} font-size="12">true label</text>')
    parts.append(
        f'<text x="{left + side / 2:.0f}" y="{height - 8}" text-anchor="middle" '
        'font-size="12">predicted label</text>'
    )
    parts.append("</svg>")
    return "\n".join(parts)


def _names(labels: Sequence[str], left: float, bottom: float, size: float) -> list[str]:
    parts = []
    for place, label in enumerate(labels):
        middle = (place + 0.5) * size
        name = plain(cut(label, 30))
        parts.append(
            f'<text x="{left - 5}" y="{_TOP + middle + 3.5:.1f}" text-anchor="end">{name}</text>'
        )
        at = f"translate({left + middle + 3.5:.1f} {bottom + 5:.1f}) rotate(-90)"
        short = plain(cut(label, 20))
        parts.append(f'<text transform="{at}" text-anchor="end">{short}</text>')
    return parts


def _strength(share: float) -> float:
    """Opacity: a single text of many shall be seen, too."""
    return 0.15 + 0.85 * math.sqrt(share)


def evaluation_line(matrix: ConfusionMatrix) -> str:
    """Write accuracy, macro-F1 and number of texts in one line."""
    return (
        f"accuracy {matrix.accuracy:.1%} · macro-F1 {matrix.macro_f1:.3f} · "
        f"{matrix.texts:,} texts of {len(matrix.labels):,} labels"
    )


def evaluation_sentence(evaluation: Evaluation) -> str:
    """Say in one sentence how good a model is.

    Examples
    --------
    >>> matrix = ConfusionMatrix(("card", "loan"), ((0, 0, 8), (0, 1, 2), (1, 1, 5)))
    >>> evaluation_sentence(Evaluation(matrix, best_epoch=7))
    'Of 15 held-out texts 86.7% were labelled correctly (macro-F1 0.861), at epoch 7.'
    """
    matrix = evaluation.confusion
    at = f", at epoch {evaluation.best_epoch:,}" if evaluation.best_epoch else ""
    none = sum(count for _, told, count in matrix.cells if told == len(matrix.labels))
    at += f"; {none:,} {'was' if none == 1 else 'were'} given none of the labels" if none else ""
    return (
        f"Of {matrix.texts:,} held-out texts {matrix.accuracy:.1%} were labelled correctly "
        f"(macro-F1 {matrix.macro_f1:.3f}){at}."
    )


def evaluation_bundle(evaluation: Evaluation) -> Mapping[str, Any]:
    """Write matrix and curve as one picture in a mime bundle, for ``display(..., raw=True)``.

    As :func:`~nbtrain.svg.training_bundle` does for the learning curve.
    """
    pictures = [confusion_svg(evaluation.confusion)]
    if evaluation.curve.threshold:
        pictures.append(curve_svg(evaluation.curve))
    return {
        "text/plain": evaluation_sentence(evaluation),
        "image/svg+xml": _stacked(pictures),
    }


def _stacked(pictures: Sequence[str]) -> str:
    """Put pictures below each other in one."""
    top, parts = 0, []
    for picture in pictures:
        parts.append(
            picture.replace("<svg ", f'<svg y="{top}" ', 1).replace(f' id="{PICTURE_ID}"', "", 1)
        )
        top += int(picture.split(' height="', 1)[1].split('"', 1)[0]) + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{PICTURE_ID}" '
        f'viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}" '
        f'style="max-width:100%;height:auto">' + "\n".join(parts) + "</svg>"
    )
