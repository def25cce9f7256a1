"""A run as an SVG of our own, and as a bundle that every notebook viewer can show.

plotly's own static export needs a browser; what GitHub, nbviewer and nbconvert can show is an
SVG, and that many lines are enough to draw one. Whether the page below it is light or dark is not
known, so its paper is transparent, and its text as far from white as from black.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from .charts import (
    Chart,
    Curve,
    Mark,
    curves,
    duration,
    step_word,
    thinned,
    training_chart,
    training_marks,
    training_points,
)
from .evaluation import Evaluation
from .figures import (
    GREY,
    is_late,
    legend_room,
    log_ends,
    log_ticks,
    panel_places,
    trace_colour,
    training_title,
)
from .markup import escape
from .progress import History, RunState

__all__ = [
    "PICTURE_ID",
    "chart_svg",
    "cut",
    "plain",
    "training_bundle",
    "training_sentence",
    "training_svg",
]

_WIDTH = 640
_TITLE, _BOTTOM, _LEFT, _RIGHT = 52, 44, 58, 18
_SWATCHES = {"solid": "━━", "dash": "╍╍", "dot": "┅┅", "dashdot": "━╍"}
_DASHES = {"solid": "", "dash": "8 4", "dot": "2 4", "dashdot": "8 3 2 3"}
_MOST_POINTS = 250
PICTURE_ID = "nbt-picture"
"""By this id the live chart finds the picture that it makes superfluous, see ``chart.js``."""
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """Escape a text for XML, which also knows letters that may not occur at all."""
    return escape(_UNPRINTABLE.sub("\ufffd", text))


def chart_svg(chart: Chart, points: Sequence[Curve], title: str, marks: Sequence[Mark] = ()) -> str:
    """Draw a chart.

    Parameters
    ----------
    chart : Chart
    points : sequence of Curve
        One per trace.
    title : str
        Plain text of one or two lines; the first also names the picture to screen readers.
    marks : sequence of Mark

    Returns
    -------
    str
        An ``<svg>`` element, 640 pixels wide.
    """
    shift = _TITLE + legend_room(chart)
    places = [(start + shift, end + shift) for start, end in panel_places(chart)]
    height = places[-1][1] + _BOTTOM
    first, *rest = title.split("\n")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{PICTURE_ID}" '
        f'viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" style="max-width:100%;height:auto" role="img" '
        f'font-family="system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif" '
        f'font-size="12" fill="{GREY}">',
        f"<title>{plain(title.replace(chr(10), ': '))}</title>",
        f'<text x="14" y="22" font-size="14" font-weight="600">{plain(cut(first, 80))}</text>',
        *(f'<text x="14" y="40">{plain(cut(line, 100))}</text>' for line in rest[:1]),
    ]
    for number in range(len(chart.panels)):
        parts += _panel_svg(chart, points, number, places[number], marks)
    parts.append("</svg>")
    return "\n".join(parts)


def _panel_svg(
    chart: Chart,
    points: Sequence[Curve],
    number: int,
    place: tuple[int, int],
    marks: Sequence[Mark],
) -> list[str]:
    panel = chart.panels[number]
    top, bottom = place
    left, right = _LEFT, _WIDTH - _RIGHT
    mine = [i for i, trace in enumerate(chart.traces) if trace.panel == number]
    alike = {i for i, other in enumerate(chart.panels) if other.x_title == panel.x_title}
    xs = [x for i, t in enumerate(chart.traces) if t.panel in alike for x in points[i].x]
    ys = [y for i in mine for y in points[i].y if y is not None]
    x_low, x_high = log_ends(panel) if panel.x_log else _range([*xs, *panel.x_include])
    y_low, y_high = panel.y_range or _range([*ys, 0.0] if panel.percent else ys, pad=0.06)

    def at_x(x: float) -> float:
        if panel.x_log:
            share = math.log(x / x_low) / math.log(x_high / x_low)
            return left + share * (right - left)
        return left + (x - x_low) / (x_high - x_low) * (right - left)

    def at_y(y: float) -> float:
        return bottom - (y - y_low) / (y_high - y_low) * (bottom - top)

    parts = []
    y_ticks = _ticks(y_low, y_high, 2 if panel.height < 90 else 5) if panel.title else []
    for tick in y_ticks:
        label = f"{tick:.0%}" if panel.percent else f"{tick:.4g}"
        y = at_y(tick)
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{GREY}" stroke-opacity="0.3"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    below = number + 1 < len(chart.panels) and number + 1 in alike
    x_ticks = log_ticks(x_low, x_high) if panel.x_log else _ticks(x_low, x_high, 9)
    for tick in [] if below else x_ticks:
        label_x = f'<text x="{at_x(tick):.1f}" y="{bottom + 15}" text-anchor="middle">'
        parts.append(f"{label_x}{tick:.6g}</text>")
    if not below:
        middle = f'x="{(left + right) / 2:.0f}" y="{bottom + 31}" text-anchor="middle"'
        parts.append(f"<text {middle}>{plain(panel.x_title)}</text>")
    parts.append(f'<path d="M{left} {bottom}H{right}" stroke="{GREY}" fill="none"/>')
    turned = f'transform="translate(14 {(top + bottom) / 2:.0f}) rotate(-90)"'
    parts.append(f'<text {turned} text-anchor="middle">{plain(panel.title)}</text>')
    for i in mine:
        parts += _curve_svg(chart, points[i], i, at_x, at_y, bottom)
    explained = [i for i in mine if i in chart.legend]
    if explained:
        parts += _legend_svg(chart, explained, right, top - 8)
    for row, mark in enumerate(marks if number in chart.marked else ()):
        x, dash = at_x(mark.x), "" if mark.solid else ' stroke-dasharray="2 3"'
        parts.append(f'<path d="M{x:.1f} {top}V{bottom}" stroke="{GREY}"{dash}/>')
        if number == chart.marked[-1]:
            late = is_late(chart, points, mark.x)
            side = f'x="{x - 5 if late else x + 5:.1f}" text-anchor="{"end" if late else "start"}"'
            parts.append(f'<text {side} y="{top + 16 + 15 * row}">{plain(mark.text)}</text>')
    return parts


def _curve_svg(
    chart: Chart, curve: Curve, number: int, at_x: Any, at_y: Any, bottom: float
) -> list[str]:
    trace, colour = chart.traces[number], trace_colour(chart, number)
    runs: list[list[str]] = [[]]
    for x, y in zip(*thinned(curve.x, curve.y, _MOST_POINTS), strict=True):
        if y is None:
            runs.append([])
        else:
            runs[-1].append(f"{at_x(x):.1f} {at_y(y):.1f}")
    parts = []
    for run in filter(None, runs):
        if trace.single:
            dots = "".join(f"M{at}h0" for at in run)
            parts.append(
                f'<path d="{dots}" stroke="{colour}" stroke-width="9" stroke-linecap="round"/>'
            )
            continue
        if trace.fill:
            first, last = run[0].split()[0], run[-1].split()[0]
            area = f"M{first} {bottom}L{'L'.join(run)}L{last} {bottom}Z"
            parts.append(f'<path d="{area}" fill="{colour}" fill-opacity="0.25"/>')
        line = "M" + "L".join(run if len(run) > 1 else run * 2)
        pale = ' opacity="0.6"' if trace.faint else ""
        dash = f' stroke-dasharray="{_DASHES[trace.dash]}"' if _DASHES[trace.dash] else ""
        parts.append(
            f'<path d="{line}" stroke="{colour}" stroke-width="2" fill="none" '
            f'stroke-linejoin="round" stroke-linecap="round"{dash}{pale}/>'
        )
    return parts


def _legend_svg(chart: Chart, mine: list[int], right: float, y: float) -> list[str]:
    parts = []
    for i in mine:
        trace, colour = chart.traces[i], trace_colour(chart, i)
        swatch = f'<tspan fill="{colour}">{"●" if trace.single else _SWATCHES[trace.dash]}</tspan>'
        parts.append(f"{swatch} {plain(cut(trace.label or trace.name, 24))}")
    gap = "\N{NO-BREAK SPACE}" * 4
    return [f'<text x="{right}" y="{y}" text-anchor="end">{gap.join(parts)}</text>']


def _range(values: Sequence[float], pad: float = 0.0) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    room = (high - low) * pad
    return low - room if low != 0 else low, high + room


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Return round numbers in a range: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 12) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def cut(text: str, length: int) -> str:
    """Shorten a text to a length, with an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "…"


# --- one run ---------------------------------------------------------------------------------


def training_svg(history: History, evaluation: Evaluation | None = None) -> str:
    """Draw a run as SVG: progress over time, metrics over iterations or epochs.

    Examples
    --------
    >>> from nbtrain.progress import EpochStats, RunState, RunStatus, Update
    >>> history = History()
    >>> status = RunStatus("r1", "demo", RunState.SUCCEEDED, "done", 1.0, elapsed=3.0)
    >>> history.add(Update(status, (EpochStats(1, {"objective": 0.4}, 1.0),)))
    >>> training_svg(history)[:31]
    '<svg xmlns="http://www.w3.org/2'
    """
    chart = training_chart(history.metrics)
    points = curves(chart, training_points(history))
    marks = training_marks(history, evaluation)
    return chart_svg(chart, points, training_title(history), marks)


def training_sentence(history: History) -> str:
    """Say in one sentence how a run went.

    Examples
    --------
    >>> training_sentence(History())
    'A run that has not started.'
    """
    status = history.status
    if status is None:
        return "A run that has not started."
    words = {RunState.QUEUED: "is queued", RunState.RUNNING: "is running",
             RunState.CANCELLED: "was cancelled"}  # fmt: skip
    text = f"Run {status.run_id} of model {status.model_id} "
    text += words.get(status.state, status.state.value)
    if status.elapsed is not None and status.state is not RunState.QUEUED:
        text += f" {'after' if status.state.ended else 'since'} {duration(status.elapsed)}"
    if history.epochs:
        count = len(history.epochs)
        text += f", {count:,} {step_word(history.metrics)}{'s' if count != 1 else ''}"
        last = [(name, _last(history, name)) for name in history.metrics]
        values = [f"{name} {value:.3g}" for name, value in last if value is not None]
        text += f" ({', '.join(values)})" if values else ""
    reason = status.message if status.state is RunState.FAILED else ""
    return f"{text}: {reason}" if reason else f"{text}."


def _last(history: History, name: str) -> float | None:
    return next((v for v in reversed(history.metric(name)) if v is not None), None)


def training_bundle(history: History, evaluation: Evaluation | None = None) -> dict[str, Any]:
    """Write a run as a mime bundle, for ``display(..., raw=True)``.

    It shows in a saved notebook without a kernel: the SVG in JupyterLab, Notebook, VS Code, on
    GitHub, in nbviewer and in nbconvert's output, the sentence in a terminal and in a notebook
    that JupyterLab doesn't trust. A run that never got anywhere is the sentence alone.

    plotly's own mime type is left out on purpose. JupyterLab adds a PNG of 100 KB to every such
    output when it saves the notebook, and the figure is gone after a change of the theme.
    :func:`~nbtrain.figures.training_figure` makes one where it is wanted.

    Parameters
    ----------
    history : History
    evaluation : Evaluation, optional
        Of its result, for the best epoch and the early stop.

    Returns
    -------
    dict
        Value by mime type; plain JSON.
    """
    bundle: dict[str, Any] = {"text/plain": training_sentence(history)}
    if history.epochs or len(history.progress) > 1:
        bundle["image/svg+xml"] = training_svg(history, evaluation)
    return bundle
