"""Figures: pure functions from what a run reports to what plotly draws.

A figure is first a plain dictionary in plotly's form, which needs no plotly and is what the live
chart and a saved notebook hold; the ``go.Figure`` is made from it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .charts import (
    Chart,
    Curve,
    Mark,
    Panel,
    curves,
    headline,
    training_chart,
    training_marks,
    training_points,
)
from .evaluation import Evaluation
from .markup import plotly_text
from .progress import History
from .results import Cluster, TrainingResult

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "COLOURS",
    "chart_height",
    "clusters_figure",
    "figure_dict",
    "layout_dict",
    "mark_dicts",
    "panel_places",
    "trace_colour",
    "trace_dicts",
    "training_figure",
]

# Okabe and Ito's colours for all kinds of colour vision, less those too pale for white paper:
# each has a contrast of at least 3 both with white and with a near-black page.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#B0609A", "#8C7300", "#6A6AD8")
# As far from white as from the near-black of JupyterLab's dark theme.
GREY = "#797979"
GRID = "rgba(128,128,128,0.28)"

_TOP, _BOTTOM, _LEFT, _RIGHT = 8, 44, 62, 14
_GAP_SHARED, _GAP = 12, 58
# Room for a legend above a panel.
_LEGEND = 24


def panel_places(chart: Chart) -> tuple[tuple[int, int], ...]:
    """Return the top and bottom of each panel in pixels, from the top of the plotting area."""
    explained = _explained(chart)
    places, y = [], 0
    for number, panel in enumerate(chart.panels):
        if number:
            shared = _shared(chart.panels[number - 1], panel)
            room = _LEGEND if number in explained else _GAP_SHARED
            y += room if shared else _GAP
        places.append((y, y + panel.height))
        y += panel.height
    return tuple(places)


def _explained(chart: Chart) -> list[int]:
    """List the panels that have a legend."""
    return sorted({chart.traces[i].panel for i in chart.legend})


def legend_room(chart: Chart) -> int:
    """Height of the legend above the topmost panel, 0 if it has none."""
    return _LEGEND if 0 in _explained(chart) else 0


def _shared(panel: Panel, other: Panel) -> bool:
    return panel.x_title == other.x_title


def chart_height(chart: Chart) -> int:
    """Height of a chart without its title, in pixels."""
    return _TOP + legend_room(chart) + panel_places(chart)[-1][1] + _BOTTOM


def trace_dicts(chart: Chart) -> list[dict[str, Any]]:
    """Write a chart's traces in plotly's form, without points."""
    legend, explained = chart.legend, _explained(chart)
    traces = []
    for number, trace in enumerate(chart.traces):
        axis = str(trace.panel + 1) if trace.panel else ""
        y_format = ".1%" if chart.panels[trace.panel].percent else ".4~g"
        colour = trace_colour(chart, number)
        item: dict[str, Any] = {
            "mode": "markers" if trace.single else "lines",
            "name": plotly_text(trace.label or trace.name),
            "xaxis": f"x{axis}",
            "yaxis": f"y{axis}",
            "line": {"color": colour, "width": 2, "dash": trace.dash},
            "marker": {"size": 10, "symbol": "diamond"} if trace.single else {"size": 5},
            "showlegend": number in legend,
            "hovertemplate": f"%{{y:{y_format}}}",
        }
        if number in legend and trace.panel != explained[0]:
            item["legend"] = f"legend{explained.index(trace.panel) + 1}"
        if trace.faint:
            # What a page may say of a trace: pick_chart.js reads it.
            item |= {"opacity": 0.6, "meta": "faint"}
        if trace.fill:
            item |= {"fill": "tozeroy", "fillcolor": _paler(colour)}
        traces.append(item)
    return traces


def trace_colour(chart: Chart, number: int) -> str:
    """Return the colour of a trace."""
    colour = chart.traces[number].colour
    return COLOURS[(number if colour is None else colour) % len(COLOURS)]


def _paler(colour: str) -> str:
    red, green, blue = bytes.fromhex(colour[1:])
    return f"rgba({red},{green},{blue},0.25)"


def layout_dict(chart: Chart, title: str = "") -> dict[str, Any]:
    """Write a chart's layout in plotly's form; ``title`` is plain text of one or two lines.

    Text and grid are mid-grey on transparent paper, so that they can be read on a light and on
    a dark page. The live chart puts the page's own colours in their place.
    """
    places = panel_places(chart)
    total = places[-1][1]
    top = _TOP + legend_room(chart) + (_title_height(title) if title else 0)
    layout: dict[str, Any] = {
        "height": top + total + _BOTTOM,
        "margin": {"t": top, "b": _BOTTOM, "l": _LEFT, "r": _RIGHT},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": GREY, "size": 12},
        "hovermode": "x",
        "uirevision": "keep",
        "template": {"layout": {"xaxis": _X_AXES, "yaxis": _Y_AXES}},
    }
    if title:
        first, *rest = title.split("\n")
        text = plotly_text(first) + "".join(
            f'<br><span style="font-size:12px">{plotly_text(line)}</span>' for line in rest
        )
        layout["title"] = {"text": text, "x": 0, "xref": "paper", "xanchor": "left",
                           "y": 1 - 20 / layout["height"], "yref": "container",
                           "yanchor": "middle", "font": {"size": 14}}  # fmt: skip
    for number, (panel, (start, end)) in enumerate(zip(chart.panels, places, strict=True)):
        axis = str(number + 1) if number else ""
        below = chart.panels[number + 1] if number + 1 < len(chart.panels) else None
        above = chart.panels[number - 1] if number else None
        layout[f"yaxis{axis}"] = _y_axis(panel, f"x{axis}", 1 - end / total, 1 - start / total)
        layout[f"xaxis{axis}"] = x_axis = _x_axis(panel, f"y{axis}")
        if below is not None and _shared(panel, below):
            x_axis |= {"showticklabels": False, "title": {"text": ""}}
        if above is not None and _shared(above, panel):
            x_axis["matches"] = f"x{number if number > 1 else ''}"
    for number, panel_number in enumerate(_explained(chart)):
        start = places[panel_number][0]
        layout[f"legend{number + 1 if number else ''}"] = {
            "orientation": "h", "x": 1, "xanchor": "right", "yanchor": "bottom",
            "y": 1 - start / total + 2 / total, "bgcolor": "rgba(0,0,0,0)",
        }  # fmt: skip
    if chart.pick:
        # Wherever the mouse is, the nearest place is meant.
        layout["hoverdistance"] = -1
    return layout


def _title_height(title: str) -> int:
    return 30 + 16 * title.count("\n")


def _title(text: str) -> dict[str, Any]:
    return {"text": plotly_text(text), "font": {"size": 12}}


# What all axes have alike is said once, in the layout's template.
_X_AXES = {"tickformat": "~g", "nticks": 10, "gridcolor": GRID, "linecolor": GRID,
           "showline": True, "zeroline": False}  # fmt: skip
_Y_AXES = {"tickformat": "~g", "nticks": 6, "gridcolor": GRID, "zeroline": False}


def _x_axis(panel: Panel, anchor: str) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "anchor": anchor,
        "title": _title(panel.x_title) | {"standoff": 4},
        "autorangeoptions": {"include": list(panel.x_include)},
    }
    if panel.x_log:
        low, high = log_ends(panel)
        axis |= {"type": "log", "range": [math.log10(low), math.log10(high)],
                 "tickvals": log_ticks(low, high)}  # fmt: skip
    return axis


def log_ends(panel: Panel) -> tuple[float, float]:
    """Return the ends of a logarithmic axis: a little beyond what it covers."""
    low, high = min(panel.x_include), max(panel.x_include)
    room = (high / low) ** 0.03
    return low / room, high * room


def log_ticks(low: float, high: float) -> list[int]:
    """Return numbers for a logarithmic axis, never too close to each other.

    Examples
    --------
    >>> log_ticks(1.8, 66)
    [2, 3, 4, 6, 8, 10, 15, 20, 30, 40, 60]
    >>> log_ticks(1.8, 220)
    [2, 5, 10, 20, 50, 100, 200]
    """
    steps = (1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 40, 60, 80) if high < 50 * low else (1, 2, 5)
    all_steps = sorted({step * power for power in (1, 10, 100, 1000) for step in steps})
    return [step for step in all_steps if low <= step <= high]


def _y_axis(panel: Panel, anchor: str, low: float, high: float) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "anchor": anchor,
        "title": _title(panel.title),
        "domain": [round(max(0.0, low), 4), round(min(1.0, high), 4)],
    }
    if panel.height < 90:
        axis["nticks"] = 3
    if not panel.title:
        # Words of marks stand there, and no values.
        axis |= {"showticklabels": False, "showgrid": False}
    if panel.percent:
        axis |= {"tickformat": ".0%", "rangemode": "tozero"}
    if panel.y_range is not None:
        axis["range"] = list(panel.y_range)
    return axis


def is_late(chart: Chart, points: Sequence[Curve], x: float) -> bool:
    """Tell whether a mark lies in the right half, where its words go to its left."""
    panel = chart.panels[chart.marked[-1]]
    if panel.x_log:
        low, high = log_ends(panel)
        return x > math.sqrt(low * high)
    mine = [i for i, trace in enumerate(chart.traces) if trace.panel in chart.marked]
    return x > max((x for i in mine for x in points[i].x), default=0) / 2


def mark_dicts(chart: Chart, points: Sequence[Curve], marks: Sequence[Mark]) -> dict[str, Any]:
    """Write marks in plotly's form: lines through the marked panels, words in the last of them.

    ``chart.js`` does the same in the page.
    """
    shapes, notes = [], []
    for row, mark in enumerate(marks if chart.marked else ()):
        for panel in chart.marked:
            axis = str(panel + 1) if panel else ""
            place = {"xref": f"x{axis}", "yref": f"y{axis} domain", "x0": mark.x, "x1": mark.x}
            line = {"color": GREY, "width": 1, "dash": "solid" if mark.solid else "dot"}
            shapes.append({"type": "line", **place, "y0": 0, "y1": 1, "line": line})
        late = is_late(chart, points, mark.x)
        notes.append({
            "xref": f"x{axis}", "yref": f"y{axis} domain", "y": 1,
            # On a logarithmic axis plotly places shapes by the number, and words by its logarithm.
            "x": math.log10(mark.x) if chart.panels[chart.marked[-1]].x_log else mark.x,
            "yshift": -15 * row - 6, "text": plotly_text(mark.text), "showarrow": False,
            "xanchor": "right" if late else "left", "yanchor": "top",
        })  # fmt: skip
    return {"shapes": shapes, "annotations": notes}


def figure_dict(
    chart: Chart, points: Sequence[Curve], title: str = "", marks: Sequence[Mark] = ()
) -> dict[str, Any]:
    """Write a whole figure in plotly's form: plain lists and numbers, ready for JSON."""
    traces = trace_dicts(chart)
    for trace, curve in zip(traces, points, strict=True):
        trace |= {"x": list(curve.x), "y": list(curve.y)}
        if len(curve.x) <= 60 and trace["mode"] == "lines" and not trace.get("fill"):
            trace["mode"] = "lines+markers"
    layout = layout_dict(chart, title)
    return {"data": traces, "layout": layout | mark_dicts(chart, points, marks)}


def training_dict(history: History, evaluation: Evaluation | None = None) -> dict[str, Any]:
    """Write the figure of a run in plotly's form."""
    chart = training_chart(history.metrics)
    points = curves(chart, training_points(history))
    marks = training_marks(history, evaluation)
    return figure_dict(chart, points, training_title(history), marks)


def training_title(history: History) -> str:
    """Return the title of a run's figure: its model, and where it stands."""
    status = history.status
    if status is None:
        return "not started"
    why = f": {status.message}" if status.message else ""
    return f"{status.model_id}\n{headline(status)}{why}"


def training_figure(history: History, evaluation: Evaluation | None = None) -> go.Figure:
    """Draw a run: progress over time, metrics over iterations or epochs.

    Parameters
    ----------
    history : History
        Such as :meth:`nbtrain.Run.history` returns.
    evaluation : Evaluation, optional
        Of the run's result: where training stopped early, and which epoch was the best.

    Returns
    -------
    plotly.graph_objects.Figure
        It looks as the live chart does, on transparent paper.
    """
    import plotly.graph_objects as go

    return go.Figure(training_dict(history, evaluation))


# --- clusters --------------------------------------------------------------------------------

_SHOWN_CLUSTERS = 60


def clusters_figure(result: TrainingResult) -> go.Figure:
    """Draw the sizes of the clusters as bars, largest on top.

    Key words and example texts show when the mouse is over a bar. Beyond the 60 largest
    clusters, the others are counted together in one last bar.

    Parameters
    ----------
    result : TrainingResult

    Returns
    -------
    plotly.graph_objects.Figure
    """
    import plotly.graph_objects as go

    shown = list(result.clusters[:_SHOWN_CLUSTERS])
    rest = result.clusters[_SHOWN_CLUSTERS:]
    sizes = [cluster.size for cluster in shown]
    names = [_cut(cluster.name, 40) for cluster in shown]
    hovers = [_hover(cluster) for cluster in shown]
    if rest:
        sizes.append(sum(cluster.size for cluster in rest))
        names.append(f"{len(rest)} smaller clusters")
        hovers.append(f"<b>{names[-1]}</b>")
    what = "conversations" if result.schema.value == "dialogue" else "texts"
    bar = {
        "type": "bar", "orientation": "h", "x": sizes, "y": list(range(len(sizes))),
        "text": [f"{size:,}" for size in sizes], "textposition": "auto", "textangle": 0,
        "marker": {"color": [COLOURS[0]] * len(shown) + [GREY] * bool(rest)},
        "hovertext": hovers, "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip
    places = list(range(len(sizes)))
    title = f"{result.documents:,} {what} in {result.n_clusters} clusters"
    layout = {
        "height": 90 + 22 * max(1, len(sizes)),
        "margin": {"t": 40, "b": 44, "l": 16, "r": 16},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": GREY, "size": 12}, "bargap": 0.2, "template": {},
        "title": {"text": title, "x": 0, "xref": "paper", "xanchor": "left",
                  "font": {"size": 14}},
        "xaxis": {"title": {"text": what}, "gridcolor": GRID, "zeroline": False,
                  "rangemode": "tozero"},
        "yaxis": {"autorange": "reversed", "automargin": True, "tickvals": places,
                  "ticktext": [plotly_text(name) for name in names], "zeroline": False,
                  "ticks": "outside", "ticklen": 6, "tickcolor": "rgba(0,0,0,0)"},
        "hoverlabel": {"align": "left"},
    }  # fmt: skip
    return go.Figure({"data": [bar], "layout": layout})


def _hover(cluster: Cluster) -> str:
    lines = [f"<b>{plotly_text(cluster.name)}</b>", f"{cluster.size:,}"]
    if cluster.keywords:
        lines.append("Key words: " + plotly_text(", ".join(cluster.keywords)))
    lines += [f"“{plotly_text(_cut(text, 90))}”" for text in cluster.examples[:3]]
    return "<br>".join(lines)


def _cut(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
