"""An evaluation of an intent model as plotly figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .charts import curves
from .confusion import OrderedMatrix
from .evaluation import Evaluation
from .evaluation_svg import curve_chart, curve_points, evaluation_sentence
from .figures import COLOURS, GREY, figure_dict
from .markup import plotly_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["confusion_figure", "curve_figure"]


def confusion_figure(evaluation: Evaluation) -> go.Figure:
    """Draw the confusion matrix; labels that are confused are neighbours.

    A row is a true label, a column a predicted one. Colours are shares of a row's texts; the
    numbers show when the mouse is over a cell.

    Parameters
    ----------
    evaluation : Evaluation
        Of ``run.result().evaluation``.

    Returns
    -------
    plotly.graph_objects.Figure
        On transparent paper.
    """
    import plotly.graph_objects as go

    ordered = OrderedMatrix.of(evaluation.confusion)
    names = [plotly_text(label) for label in ordered.labels]
    shares: list[list[float | None]] = [[None] * len(names) for _ in names]
    counts = [[0] * len(names) for _ in names]
    for true, told, count, share in ordered.cells:
        shares[true][told], counts[true][told] = round(share, 4), count
    axis = {"type": "category", "showgrid": False, "automargin": True}
    heatmap = {
        "type": "heatmap", "z": shares, "customdata": counts,
        "x": names, "y": names, "zmin": 0, "zmax": 1, "hoverongaps": False,
        "colorscale": [[0, "rgba(0,114,178,0.1)"], [1, COLOURS[0]]],
        "colorbar": {"title": {"text": "share of row"}, "tickformat": ".0%"},
        "hovertemplate": "%{customdata:,} texts of %{y} taken for %{x} (%{z:.1%})<extra></extra>",
    }  # fmt: skip
    layout = {
        "height": 220 + max(160, min(900, 22 * len(names))),
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": GREY, "size": 12}, "template": {},
        "title": {"text": plotly_text(evaluation_sentence(evaluation)), "font": {"size": 14}},
        "xaxis": {**axis, "title": {"text": "predicted label"}},
        "yaxis": {**axis, "title": {"text": "true label"}, "autorange": "reversed"},
    }  # fmt: skip
    return go.Figure({"data": [heatmap], "layout": layout})


def curve_figure(evaluation: Evaluation) -> go.Figure:
    """Draw precision against recall, and both against the least confidence that counts."""
    import plotly.graph_objects as go

    chart = curve_chart()
    points = curves(chart, curve_points(evaluation.curve))
    return go.Figure(figure_dict(chart, points, "Precision and recall of held-out texts"))
