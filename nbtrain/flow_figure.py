"""What moves where between two fits of a sweep, as a picture: clusters left and right, flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .figures import COLOURS, GREY
from .markup import plotly_text
from .svg import cut, plain
from .sweep_moves import Comparison, Flow
from .sweep_results import FitCluster, SweepFit

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["FlowLayout", "flow_figure", "flow_sentence", "flow_svg"]

_WIDTH = 600
_NAMES = 210  # pixels for the names of a side
_BAR = 8
_TOP = 46
_ROW = 16  # no two names are nearer
_GAP = 5
_LONGEST = 26
# Flows of less than this share of both their clusters are noise in the picture; tables have them.
_LEAST = 0.05
# A cluster that is the same on both sides but for so many of its documents is drawn in grey.
_SAME = 0.9
_TITLE_EXAMPLES = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One cluster of a side: its row and its bar, in pixels from the top."""

    cluster: FitCluster
    documents: int
    top: float
    height: float
    middle: float


@dataclass(frozen=True, slots=True)
class Band:
    """One flow: where it leaves and arrives, how thick it is, and its colour."""

    flow: Flow
    left: float
    right: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class FlowLayout:
    """Where everything of a flow picture is: clusters that share documents are near each other."""

    left: tuple[Bar, ...]
    right: tuple[Bar, ...]
    bands: tuple[Band, ...]
    height: float
    left_out: int

    @classmethod
    def of(cls, comparison: Comparison) -> FlowLayout:
        """Lay out a comparison.

        Sides are ordered by turns, each cluster at the mean place of those that it shares
        documents with (Sugiyama, Tagawa and Toda 1981); bars are as high as their documents.
        """
        flows = comparison.flows
        left = _sizes((flow.from_cluster, flow.documents) for flow in flows)
        right = _sizes((flow.to_cluster, flow.documents) for flow in flows)
        left_order, right_order = _ordered(flows, left, right)
        total = max(1, sum(left.values()))
        most = max(len(left), len(right), 1)
        scale = max(240.0, 9.0 * most) / total
        left_bars = _bars(comparison.first, left, left_order, scale)
        right_bars = _bars(comparison.second, right, right_order, scale)
        height = max(_end(left_bars), _end(right_bars))
        left_bars, right_bars = _spread(left_bars, height), _spread(right_bars, height)
        shown = [flow for flow in flows if _counts(flow, left, right)]
        bands = _bands(shown, left_bars, right_bars, scale, left, right)
        left_out = sum(flow.documents for flow in flows) - sum(flow.documents for flow in shown)
        return cls(tuple(left_bars), tuple(right_bars), tuple(bands), height, left_out)


def _sizes(pairs: Any) -> dict[int, int]:
    sizes: dict[int, int] = {}
    for cluster, documents in pairs:
        sizes[cluster] = sizes.get(cluster, 0) + documents
    return dict(sorted(sizes.items()))


def _counts(flow: Flow, left: Mapping[int, int], right: Mapping[int, int]) -> bool:
    least = _LEAST * min(left[flow.from_cluster], right[flow.to_cluster])
    return flow.documents >= least


def _ordered(
    flows: Sequence[Flow], left: Mapping[int, int], right: Mapping[int, int]
) -> tuple[list[int], list[int]]:
    lefts, rights = list(left), list(right)
    best, least = (lefts, rights), float("inf")
    for _ in range(12):
        rights = _by_neighbours([(f.to_cluster, f.from_cluster, f.documents) for f in flows], lefts)
        lefts = _by_neighbours([(f.from_cluster, f.to_cluster, f.documents) for f in flows], rights)
        crossing = _slant(flows, lefts, rights)
        if crossing < least:
            best, least = (lefts, rights), crossing
    return best


def _by_neighbours(links: Sequence[tuple[int, int, int]], others: Sequence[int]) -> list[int]:
    place = {cluster: (i + 0.5) / len(others) for i, cluster in enumerate(others)}
    sums: dict[int, tuple[float, float]] = {}
    for mine, other, documents in links:
        weighed, weight = sums.get(mine, (0.0, 0.0))
        # The large flows of a cluster say where it belongs; squared, crumbs don't pull.
        pull = float(documents) ** 2
        sums[mine] = (weighed + pull * place[other], weight + pull)
    return sorted(sums, key=lambda cluster: (sums[cluster][0] / sums[cluster][1], cluster))


def _slant(flows: Sequence[Flow], lefts: Sequence[int], rights: Sequence[int]) -> float:
    at = {cluster: i / len(lefts) for i, cluster in enumerate(lefts)}
    to = {cluster: i / len(rights) for i, cluster in enumerate(rights)}
    return sum(f.documents * abs(at[f.from_cluster] - to[f.to_cluster]) for f in flows)


def _bars(fit: SweepFit, sizes: Mapping[int, int], order: Sequence[int], scale: float) -> list[Bar]:
    known = {cluster.cluster_id: cluster for cluster in fit.clusters}
    bars, y = [], 0.0
    for number in order:
        documents = sizes[number]
        cluster = known.get(number, FitCluster(number, f"cluster {number}", documents))
        height = max(1.0, documents * scale)
        row = max(_ROW, height + _GAP)
        bars.append(Bar(cluster, documents, y + (row - height) / 2, height, y + row / 2))
        y += row
    return bars


def _end(bars: Sequence[Bar]) -> float:
    last = bars[-1] if bars else None
    return 0.0 if last is None else last.middle + max(_ROW, last.height + _GAP) / 2


def _spread(bars: Sequence[Bar], height: float) -> list[Bar]:
    """Give the rows of the lower side the room of the higher one."""
    extra = (height - _end(bars)) / max(1, len(bars))
    return [
        Bar(bar.cluster, bar.documents, bar.top + move, bar.height, bar.middle + move)
        for bar, move in ((bar, extra * (i + 0.5)) for i, bar in enumerate(bars))
    ]


def _bands(
    flows: Sequence[Flow],
    left: Sequence[Bar],
    right: Sequence[Bar],
    scale: float,
    left_sizes: Mapping[int, int],
    right_sizes: Mapping[int, int],
) -> list[Band]:
    lefts = {bar.cluster.cluster_id: (i, bar) for i, bar in enumerate(left)}
    rights = {bar.cluster.cluster_id: (i, bar) for i, bar in enumerate(right)}

    def places(flow: Flow) -> tuple[int, int]:
        return lefts[flow.from_cluster][0], rights[flow.to_cluster][0]

    leaving = {number: bar.top for number, (_, bar) in lefts.items()}
    arriving = {number: bar.top for number, (_, bar) in rights.items()}
    starts, ends = {}, {}
    for flow in sorted(flows, key=places):
        starts[flow] = leaving[flow.from_cluster]
        leaving[flow.from_cluster] += flow.documents * scale
    for flow in sorted(flows, key=lambda flow: places(flow)[::-1]):
        ends[flow] = arriving[flow.to_cluster]
        arriving[flow.to_cluster] += flow.documents * scale
    colours: dict[int, str] = {}
    bands = []
    for flow in sorted(flows, key=places):
        number = flow.from_cluster
        same = flow.documents >= _SAME * max(left_sizes[number], right_sizes[flow.to_cluster])
        if not same and number not in colours:
            colours[number] = COLOURS[len(colours) % len(COLOURS)]
        colour = GREY if same else colours[number]
        height = max(1.0, flow.documents * scale)
        bands.append(Band(flow, starts[flow], ends[flow], height, colour))
    return bands


def flow_sentence(comparison: Comparison) -> str:
    """Say in one sentence how much two fits have in common.

    Examples
    --------
    >>> flows = (Flow(0, 0, "a", "b", 9, 0.9), Flow(0, 1, "a", "c", 1, 0.1))
    >>> flow_sentence(Comparison(SweepFit(2), SweepFit(3), flows, 0.5))
    'From 2 to 3 clusters: 1 of 2 is nearly the same; agreement 0.50 (adjusted Rand index).'
    """
    flows = comparison.flows
    left = _sizes((flow.from_cluster, flow.documents) for flow in flows)
    right = _sizes((flow.to_cluster, flow.documents) for flow in flows)
    same = sum(
        flow.documents >= _SAME * max(left[flow.from_cluster], right[flow.to_cluster])
        for flow in flows
    )
    first, second = comparison.first.n_clusters, comparison.second.n_clusters
    return (
        f"From {first} to {second} clusters: {same} of {first} "
        f"{'is' if same == 1 else 'are'} nearly the same; "
        f"agreement {comparison.agreement:.2f} (adjusted Rand index)."
    )


def _title(flow: Flow) -> str:
    shown = flow.examples[:_TITLE_EXAMPLES]
    texts = "".join(f"\n“{cut(' '.join(text.split()), 72)}”" for text in shown)
    return (
        f"{flow.documents:,} documents, {flow.share:.0%} of “{flow.from_name}”, "
        f"are in “{flow.to_name}”{texts}"
    )


def flow_svg(comparison: Comparison) -> str:
    """Draw what moves where: the clusters of both fits, and flows as thick as their documents.

    What is nearly the same on both sides is grey. Names are cut; the mouse tells the whole, the
    number of documents and examples. Flows of less than 5 % of both clusters are left out, which
    a line below says.

    Returns
    -------
    str
        An ``<svg>`` element that is as wide as its place, up to 720 pixels.
    """
    layout = FlowLayout.of(comparison)
    height = _TOP + layout.height + (26 if layout.left_out else 8)
    first, second = comparison.first.n_clusters, comparison.second.n_clusters
    start, end = _NAMES + _BAR, _WIDTH - _NAMES - _BAR
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nbt-flows" '
        f'viewBox="0 0 {_WIDTH} {height:.0f}" '
        'style="width:100%;max-width:720px;height:auto;display:block" role="img" '
        'font-family="var(--jp-ui-font-family, system-ui, sans-serif)" font-size="12" '
        'fill="currentColor">',
        f"<title>{plain(flow_sentence(comparison))} The table says the same.</title>",
        "<style>.nbt-flows .nbt-band{fill-opacity:.55}"
        ".nbt-flows .nbt-band:hover{fill-opacity:.75}</style>",
        f'<text x="{_NAMES}" y="16" text-anchor="end" font-weight="600">{first} clusters</text>',
        f'<text x="{_WIDTH - _NAMES}" y="16" font-weight="600">{second} clusters</text>',
        f'<text x="{_NAMES}" y="32" text-anchor="end" font-size="11" opacity="0.75">documents'
        "</text>",
        f'<text x="{_WIDTH - _NAMES}" y="32" font-size="11" opacity="0.75">documents</text>',
        f'<g transform="translate(0 {_TOP})">',
    ]
    # Large ones first, so that small ones are not hidden.
    for band in sorted(layout.bands, key=lambda band: -band.height):
        low, high, bend = band.left, band.right, (start + end) / 2
        path = (
            f"M{start} {low:.1f}C{bend} {low:.1f} {bend} {high:.1f} {end} {high:.1f}"
            f"v{band.height:.1f}"
            f"C{bend} {high + band.height:.1f} {bend} {low + band.height:.1f} "
            f"{start} {low + band.height:.1f}z"
        )
        parts.append(
            f'<path class="nbt-band" d="{path}" fill="{band.colour}">'
            f"<title>{plain(_title(band.flow))}</title></path>"
        )
    parts += _side(layout.left, _NAMES, "end")
    parts += _side(layout.right, end, "start")
    parts.append("</g>")
    if layout.left_out:
        words = f"Not drawn: {layout.left_out:,} documents in flows of less than {_LEAST:.0%}"
        parts.append(
            f'<text x="{_WIDTH / 2:.0f}" y="{height - 6:.0f}" text-anchor="middle" '
            f'font-size="11" opacity="0.75">{words} of both their clusters</text>'
        )
    return "\n".join([*parts, "</svg>"])


def _side(bars: Sequence[Bar], x: float, anchor: str) -> list[str]:
    at = x - 6 if anchor == "end" else x + _BAR + 6
    parts = []
    for bar in bars:
        cluster, size = bar.cluster, f"{bar.documents:,}"
        room = _LONGEST - len(size)
        name, number = plain(cut(cluster.name, room)), f'<tspan opacity="0.7">{size}</tspan>'
        text = f"{name} {number}" if anchor == "end" else f"{number} {name}"
        words = f"{cluster.name}: {bar.documents:,} documents"
        if cluster.keywords:
            words += f"\nKey words: {', '.join(cluster.keywords)}"
        parts.append(
            f"<g><title>{plain(words)}</title>"
            f'<rect x="{x}" y="{bar.top:.1f}" width="{_BAR}" height="{bar.height:.1f}" '
            f'opacity="0.65"/>'
            f'<text x="{at}" y="{bar.middle + 4:.1f}" text-anchor="{anchor}">{text}</text></g>'
        )
    return parts


def flow_figure(comparison: Comparison) -> go.Figure:
    """Draw what moves where as a plotly Sankey diagram, laid out as :func:`flow_svg` does.

    Parameters
    ----------
    comparison : Comparison
        From ``sweep.compare(a, b)``.

    Returns
    -------
    plotly.graph_objects.Figure
        On transparent paper.
    """
    import plotly.graph_objects as go

    layout = FlowLayout.of(comparison)
    bars = (*layout.left, *layout.right)
    first = {bar.cluster.cluster_id: i for i, bar in enumerate(layout.left)}
    second = {bar.cluster.cluster_id: i + len(first) for i, bar in enumerate(layout.right)}
    sankey = {
        "type": "sankey",
        "arrangement": "fixed",
        "node": {
            "label": [plotly_text(cut(bar.cluster.name, _LONGEST)) for bar in bars],
            "customdata": [plotly_text(bar.cluster.name) for bar in bars],
            "hovertemplate": "%{customdata}: %{value:,}<extra></extra>",
            "x": [0.001] * len(first) + [0.999] * len(second),
            "y": [max(0.001, bar.middle / layout.height) for bar in bars],
            "color": GREY, "pad": 4, "thickness": _BAR, "line": {"width": 0},
        },
        "link": {
            "source": [first[band.flow.from_cluster] for band in layout.bands],
            "target": [second[band.flow.to_cluster] for band in layout.bands],
            "value": [band.flow.documents for band in layout.bands],
            "color": [_paler(band.colour) for band in layout.bands],
            "customdata": [
                plotly_text(_title(band.flow)).replace("\n", "<br>") for band in layout.bands
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    }  # fmt: skip
    drawn = {
        "height": 80 + round(layout.height),
        "margin": {"t": 50, "b": 16, "l": 12, "r": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": GREY, "size": 12}, "template": {},
        "title": {"text": plotly_text(flow_sentence(comparison)), "font": {"size": 13}},
        "hoverlabel": {"align": "left"},
    }  # fmt: skip
    return go.Figure({"data": [sankey], "layout": drawn})


def _paler(colour: str) -> str:
    red, green, blue = bytes.fromhex(colour[1:])
    return f"rgba({red},{green},{blue},0.4)"
