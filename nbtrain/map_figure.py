"""The documents of a clustering on a plane: as a figure to look into, and as an SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, hypot
from statistics import median
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from .documents import DataSchema
from .figures import COLOURS, GREY
from .markup import plotly_text
from .results import TrainingResult
from .svg import cut, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["cluster_map", "map_svg"]

_SIDE = 100.0
_HEIGHT = 640
_LETTERS = 26
_SVG = 720
_SVG_MARGIN = 24
_MOST_IN_SVG = 2000
# Room of a name on the map, in its own units, where that is 440 pixels wide.
_LETTER, _LINE = 1.6, 4.2
# What lies so near the centre of a cluster is not covered by its name.
_NEAR = 8.0


@dataclass(frozen=True, slots=True)
class _Island:
    """The documents of one cluster that are on the map."""

    cluster_id: int
    name: str
    places: tuple[tuple[float, float], ...]
    documents: tuple[str, ...]
    colour: str
    labelled: bool

    @property
    def head(self) -> tuple[float, float]:
        """Where its name stands: above what lies round its centre."""
        return _head(self.places)


def cluster_map(result: TrainingResult) -> go.Figure:
    """Draw the documents of a clustering as points, those that are alike near each other.

    Each point is a document, its colour that of its cluster; the mouse shows the cluster's name
    and the text (of a dialogue its id). Names stand where there is room for them, those of large
    clusters first. Islands tell that documents are alike; how far one island is from another
    tells little. The words to the picture are in :func:`nbtrain.cluster_table`.

    Parameters
    ----------
    result : TrainingResult
        Of a clustering by the local service; of one without a map the figure is empty and says so.

    Returns
    -------
    plotly.graph_objects.Figure
        On transparent paper, for light and dark pages; one trace a cluster, by its name.

    Examples
    --------
    >>> from nbtrain.documents import DataSchema
    >>> from nbtrain.results import Cluster, DocumentMap
    >>> clusters = (Cluster(0, "lost card", 2), Cluster(1, "fee", 1))
    >>> texts = ("my card is gone", "lost it", "what fee?")
    >>> places = DocumentMap((0, 1, 2), (0.0, 3.0, 100.0), (0.0, 2.0, 40.0))
    >>> result = TrainingResult(
    ...     "r", "m", DataSchema.INTENT, clusters, texts, (0, 0, 1), (1, 1, 1), document_map=places
    ... )
    >>> [(trace.name, len(trace.x)) for trace in cluster_map(result).data]
    [('lost card', 2), ('fee', 1)]
    """
    import plotly.graph_objects as go

    islands = _islands(result)
    shown = sum(len(island.places) for island in islands)
    size = 7 if shown < 500 else 5 if shown < 2500 else 4
    traces = [
        {
            "type": "scattergl",
            "mode": "markers",
            "name": plotly_text(island.name),
            "x": [x for x, _ in island.places],
            "y": [y for _, y in island.places],
            "text": [_hover(text) for text in island.documents],
            "marker": {"size": size, "color": island.colour, "opacity": 0.8},
            "hovertemplate": "<b>%{fullData.name}</b><br>%{text}<extra></extra>",
        }
        for island in islands
    ]
    notes = [
        {
            "x": island.head[0], "y": island.head[1], "showarrow": False,
            "text": f"<b>{plotly_text(cut(island.name, _LETTERS))}</b>", "yshift": 11,
            "font": {"size": 11, "color": GREY},
        }
        for island in islands
        if island.labelled
    ]  # fmt: skip
    if not islands:
        notes = [{"text": "This result has no map.", "showarrow": False, "x": 50, "y": 50}]
    axis = {"visible": False, "range": [-4, _SIDE + 4], "constrain": "domain"}
    layout: dict[str, Any] = {
        "height": _HEIGHT, "margin": {"t": 40, "b": 10, "l": 10, "r": 10},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": GREY, "size": 12}, "template": {}, "showlegend": False,
        "title": {"text": plotly_text(_title(result, shown)), "x": 0, "xref": "paper",
                  "xanchor": "left", "font": {"size": 14}},
        "xaxis": axis, "yaxis": {**axis, "scaleanchor": "x"},
        "hoverlabel": {"align": "left"}, "hovermode": "closest", "dragmode": "pan",
        "modebar": {"orientation": "v", "bgcolor": "rgba(0,0,0,0)"},
        "annotations": notes,
    }  # fmt: skip
    return go.Figure({"data": traces, "layout": layout})


def map_svg(result: TrainingResult) -> str:
    """Draw the same without scripts, for pages: at most 2,000 points, no texts.

    It takes the page's own colour for its words, and is empty if the result has no map.
    """
    islands = _islands(result)
    if not islands:
        return ""
    shown = sum(len(island.places) for island in islands)
    part = max(1.0, shown / _MOST_IN_SVG)
    title = plain(_title(result, shown))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nbt-map" viewBox="0 0 {_SVG} {_SVG}" '
        f'width="{_SVG}" height="{_SVG}" style="max-width:100%;height:auto" role="img" '
        f'font-family="system-ui,sans-serif" font-size="12" font-weight="600" '
        f'fill="currentColor"><title>{title}</title>'
    ]
    width = 7 if shown < 500 else 5
    for island in islands:
        count = min(len(island.places), max(ceil(len(island.places) / part), 5))
        some = [island.places[i * len(island.places) // count] for i in range(count)]
        dots = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in map(_on_paper, some))
        lines.append(
            f'<path d="{dots}" stroke="{island.colour}" stroke-opacity="0.8" '
            f'stroke-width="{width}" stroke-linecap="round" fill="none">'
            f"<title>{plain(island.name)}</title></path>"
        )
    # A rim in the page's colour keeps the words readable where points are below.
    rim = "paint-order:stroke;stroke:var(--jp-layout-color0,Canvas);stroke-width:3px"
    for island in islands:
        if island.labelled:
            x, y = _on_paper(island.head)
            half = 4.0 * min(len(island.name), _LETTERS)
            x = min(max(x, half), _SVG - half)
            lines.append(
                f'<text x="{x:.0f}" y="{y - 8:.0f}" text-anchor="middle" style="{rim}">'
                f"{plain(cut(island.name, _LETTERS))}</text>"
            )
    return "".join([*lines, "</svg>"])


def _on_paper(place: tuple[float, float]) -> tuple[float, float]:
    unit = (_SVG - 2 * _SVG_MARGIN) / _SIDE
    return _SVG_MARGIN + unit * place[0], _SVG - _SVG_MARGIN - unit * place[1]


def _title(result: TrainingResult, shown: int) -> str:
    spoken = result.schema is DataSchema.DIALOGUE
    what = "texts" if not spoken else "turns" if result.unit == "utterance" else "conversations"
    there = len(result.document_ids)
    some = f"{shown:,} of {there:,}" if shown < there else f"{there:,}"
    return f"{some} {what} in {result.n_clusters} clusters"


def _islands(result: TrainingResult) -> list[_Island]:
    """Gather what is on the map by cluster, the largest first."""
    found = result.document_map
    if found is None:
        return []
    members: dict[int, list[int]] = {}
    for place, document in enumerate(found.documents):
        members.setdefault(result.cluster_ids[document], []).append(place)
    # As drawn: the shorter side in the middle.
    right, up = (_SIDE - max(found.x)) / 2, (_SIDE - max(found.y)) / 2
    places = {
        cluster: tuple((found.x[i] + right, found.y[i] + up) for i in mine)
        for cluster, mine in sorted(members.items())
    }
    colours = _colours([_centre(each) for each in places.values()])
    heads = [_head(each) for each in places.values()]
    labelled = _with_room(heads, result, list(places))
    return [
        _Island(
            cluster_id=cluster,
            name=result.clusters[cluster].name,
            places=each,
            documents=tuple(
                result.document_ids[found.documents[place]] for place in members[cluster]
            ),
            colour=COLOURS[colour],
            labelled=label,
        )
        for (cluster, each), colour, label in zip(places.items(), colours, labelled, strict=True)
    ]


def _centre(places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the place nearest to the medians: where a cluster has two islands, in one of them."""
    middle = median(x for x, _ in places), median(y for _, y in places)
    return min(places, key=lambda place: hypot(place[0] - middle[0], place[1] - middle[1]))


def _head(places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    x, y = _centre(places)
    return x, max(v for u, v in places if abs(u - x) < _NEAR and abs(v - y) < _NEAR)


def _colours(centres: Sequence[tuple[float, float]]) -> list[int]:
    """Choose colours so that islands of one colour are far from each other."""
    chosen: list[int] = []
    for number, (x, y) in enumerate(centres):
        nearest = [1e9] * len(COLOURS)
        for other in range(number):
            away = hypot(x - centres[other][0], y - centres[other][1])
            nearest[chosen[other]] = min(nearest[chosen[other]], away)
        chosen.append(max(range(len(COLOURS)), key=nearest.__getitem__))
    return chosen


def _with_room(
    heads: Sequence[tuple[float, float]], result: TrainingResult, clusters: Sequence[int]
) -> list[bool]:
    """Tell which islands' names don't cover an earlier one's."""
    taken: list[tuple[float, float, float]] = []
    room = []
    for (x, y), cluster in zip(heads, clusters, strict=True):
        half = _LETTER * min(len(result.clusters[cluster].name), _LETTERS) / 2
        free = all(abs(y - v) > _LINE or abs(x - u) > half + w for u, v, w in taken)
        room.append(free)
        if free:
            taken.append((x, y, half))
    return room


def _hover(text: str) -> str:
    return "<br>".join(map(plotly_text, wrap(cut(" ".join(text.split()), 180), 60)))
