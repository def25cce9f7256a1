"""The texts of a sweep on a plane, coloured by cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .figures import GREY
from .markup import plotly_text
from .svg import cut
from .sweep_results import FitCluster

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["MOST_TEXTS", "cluster_colour", "sample_places", "sweep_map_figure"]

MOST_TEXTS = 4_000
"""So many texts a map shows; of more an even sample."""


def sample_places(texts: int, most: int = MOST_TEXTS) -> range:
    """Return the places of an even sample of texts.

    Examples
    --------
    >>> list(sample_places(10, 4))
    [0, 3, 6, 9]
    """
    return range(0, texts, max(1, -(-texts // most)))


def cluster_colour(cluster: int) -> str:
    """Return a colour for one of many clusters, which can be seen on white and on black."""
    return f"hsl({round(cluster * 137.508) % 360},62%,{58 if cluster % 2 else 44}%)"


def sweep_map_figure(
    positions: Any, labels: Sequence[int], clusters: Sequence[FitCluster], texts: Sequence[str] = ()
) -> go.Figure:
    """Draw texts as points, coloured by cluster; a click on the legend hides a cluster.

    Parameters
    ----------
    positions : array of float, shape (n_texts, 2)
        From ``sweep.map().to_numpy()``.
    labels : sequence of int
        The cluster of each text; parallel, such as ``list(sweep.labels(12).values())``.
    clusters : sequence of FitCluster
        For their names.
    texts : sequence of str
        What shows of each text under the mouse; parallel, may be empty.

    Returns
    -------
    plotly.graph_objects.Figure
        On transparent paper; at most 4,000 texts, an even sample.
    """
    import plotly.graph_objects as go

    shown = sample_places(len(labels))
    traces = []
    for cluster in clusters:
        mine = [i for i in shown if labels[i] == cluster.cluster_id]
        trace: dict[str, Any] = {
            "type": "scatter", "mode": "markers",
            "x": [round(float(positions[i][0]), 4) for i in mine],
            "y": [round(float(positions[i][1]), 4) for i in mine],
            "name": plotly_text(cut(f"{cluster.cluster_id} {cluster.name}", 34)),
            "marker": {"size": 5, "opacity": 0.7, "color": cluster_colour(cluster.cluster_id)},
            # Within the template itself a name might be taken for one.
            "meta": plotly_text(cluster.name), "hovertemplate": "%{meta}<extra></extra>",
        }  # fmt: skip
        if texts:
            trace["text"] = [plotly_text(cut(" ".join(texts[i].split()), 90)) for i in mine]
            trace["hovertemplate"] = "%{meta}<br>%{text}<extra></extra>"
        traces.append(trace)
    axis = {"showgrid": False, "zeroline": False, "showticklabels": False}
    layout = {
        "height": 520, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"t": 40, "b": 16, "l": 16, "r": 16}, "template": {},
        "font": {"color": GREY, "size": 12}, "xaxis": axis, "yaxis": axis,
        "title": {"text": f"{len(labels):,} texts in {len(clusters)} clusters",
                  "font": {"size": 14}},
        "hoverlabel": {"align": "left"},
    }  # fmt: skip
    return go.Figure({"data": traces, "layout": layout})
