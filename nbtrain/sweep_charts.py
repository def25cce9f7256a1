"""The scores of a sweep over its numbers of clusters: the chart, its marks, and its figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from .charts import Chart, Curve, Mark, Panel, Point, Trace, curves
from .count_readings import factor, nearest
from .figures import figure_dict
from .markup import plotly_text
from .progress import RunState
from .svg import chart_svg, cut
from .sweep_results import Recommendation, SweepFit

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "SAMPLED",
    "by_clusters",
    "named_fit",
    "shown_scores",
    "sweep_bundle",
    "sweep_chart",
    "sweep_figure",
    "sweep_marks",
    "sweep_notes",
    "sweep_points",
    "sweep_sentence",
    "sweep_svg",
]

# Title, height, and scores of each panel.
_PANELS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("score", 110, ("stability", "predictability")),
    ("agreement", 110, ("neighbour_agreement", "cluster_agreement")),
    ("objective", 92, ("objective",)),
    ("silhouette", 92, ("silhouette",)),
)
# What the legend calls a score, its colour, and its dash.
_LOOKS: Mapping[str, tuple[str, int, Any]] = {
    "stability": ("stability", 0, "solid"),
    "predictability": ("predictability", 1, "dash"),
    "neighbour_agreement": ("of neighbours", 2, "solid"),
    "cluster_agreement": ("of clusters", 5, "dash"),
    "objective": ("objective", 3, "solid"),
    "silhouette": ("silhouette", 4, "solid"),
}
# Points of lines that a rule has found: the reading, its line, what it is called, its colour.
_FOUND: Mapping[str, tuple[str, str, int]] = {
    "summit": ("neighbour_agreement", "summit", 0),
    "elbow": ("cluster_agreement", "elbow", 1),
    "objective": ("objective", "elbow", 1),
}
SAMPLED = ("neighbour_agreement", "cluster_agreement")
"""Scores that a sweep tells of a sample of the texts before the first fit."""
_SHARES = {"stability", "predictability"}
_NAMES_IN_NOTE = 10
_MOST_MARKS = 4
SHORT_LIST = "short list"
# From this ratio of the largest to the smallest number on, a step matters less the higher it is.
_LOG_FROM = 8
# A reading that differs from a count by less than this factor is shown there.
_SAME = 1.1


def by_clusters(fits: Iterable[SweepFit]) -> dict[int, list[SweepFit]]:
    """Group the fits that succeeded by their number of clusters, rising, each as they come."""
    groups: dict[int, list[SweepFit]] = {}
    for fit in fits:
        if fit.state is RunState.SUCCEEDED:
            groups.setdefault(fit.n_clusters, []).append(fit)
    return {k: groups[k] for k in sorted(groups)}


def named_fit(fits: Sequence[SweepFit]) -> SweepFit:
    """Return the fit that stands for those of one number of clusters: the first that has names."""
    return next((fit for fit in fits if fit.clusters), fits[0])


def shown_scores(fits: Iterable[SweepFit]) -> tuple[str, ...]:
    """List the scores that the chart shows of these fits; all that it knows if there are none."""
    known = {name for fit in fits for name in fit.scores}
    names = [name for _, _, names in _PANELS for name in names]
    return tuple(name for name in names if name in known) or tuple(names)


def sweep_chart(
    n_clusters: Iterable[int],
    scores: Iterable[str] | None = None,
    *,
    found: Iterable[str] = ("summit", "elbow", "objective"),
    marks: bool = True,
    sample: bool = False,
) -> Chart:
    """Lay out the chart of a sweep: its scores in panels over the number of clusters.

    Parameters
    ----------
    n_clusters : iterable of int
        All that the sweep will try. If they span a wide range the axis is logarithmic.
    scores : iterable of str, optional
        Those that there are; by default all that the chart knows.
    found : iterable of str
        Readings of :class:`Recommendation` that may be points of their lines.
    marks : bool
        Whether there may be marks.
    sample : bool
        Whether there are faint lines for the first picture, from a sample of the texts.

    Examples
    --------
    >>> chart = sweep_chart(range(2, 31))
    >>> [panel.title for panel in chart.panels], chart.panels[0].x_log
    (['score', 'agreement', 'objective', 'silhouette', ''], True)
    """
    counts = sorted(set(n_clusters)) or [2, 3]
    ends = (float(counts[0]), float(counts[-1]))
    log = counts[-1] >= _LOG_FROM * counts[0]
    wanted = set(shown_scores(()) if scores is None else scores)
    panels: list[Panel] = []
    traces: list[Trace] = []
    axis = "number of clusters"
    for title, height, names in _PANELS:
        mine = [name for name in names if name in wanted]
        if not mine:
            continue
        y_range = (0.0, 1.02) if set(mine) <= _SHARES else None
        panels.append(Panel(title, axis, height, False, y_range, ends, log))
        place = len(panels) - 1
        for name in mine:
            label, colour, dash = _LOOKS[name]
            traces.append(Trace(name, place, dash, colour=colour, label=label))
        for name in SAMPLED if sample else ():
            if name in mine:
                label, colour, _ = _LOOKS[name]
                look: Any = {"dash": "dot", "colour": colour, "faint": True}
                look["label"] = f"{label}, of a sample"
                traces.append(Trace(_of_sample(name), place, **look))
        for reading, (line, label, colour) in _FOUND.items():
            if line in mine and reading in found:
                name = _point_name(reading)
                traces.append(Trace(name, place, colour=colour, label=label, single=True))
    if marks or not panels:
        # Below all lines there is room for the words of the marks.
        panels.append(Panel("", axis, 15 * _MOST_MARKS + 12, False, (0.0, 1.0), ends, log))
        traces.append(Trace(SHORT_LIST, len(panels) - 1, colour=0, single=True))
    return Chart(tuple(panels), tuple(traces), tuple(range(len(panels))), pick=True)


def _point_name(reading: str) -> str:
    line, label, _ = _FOUND[reading]
    return f"{label} of {line}"


def _of_sample(score: str) -> str:
    return f"{score} of a sample"


def sweep_points(
    fits: Iterable[SweepFit],
    recommendation: Recommendation | None = None,
    sample: Iterable[SweepFit] = (),
) -> dict[str, list[Point]]:
    """List the points of the chart by trace name.

    Of several seeds the median counts; of several embedders the first, as in the short list.

    ``sample`` is the first picture, as :meth:`nbtrain.Sweep.preview` returns it.

    Examples
    --------
    >>> fits = [SweepFit(4, seed, scores={"stability": 0.5 + seed / 10}) for seed in range(3)]
    >>> sweep_points(fits)
    {'stability': [(4, 0.6)]}
    """
    points: dict[str, list[Point]] = {}
    made = [fit for fit in fits if fit.state is RunState.SUCCEEDED]
    groups = by_clusters(fit for fit in made if dict(fit.options) == dict(made[0].options))
    for k, group in groups.items():
        for name in shown_scores(group):
            values = [fit.scores[name] for fit in group if _finite(fit, name)]
            if values:
                points.setdefault(name, []).append((k, median(values)))
    for k, group in by_clusters(sample).items():
        for name in SAMPLED:
            if _finite(group[0], name):
                points.setdefault(_of_sample(name), []).append((k, group[0].scores[name]))
    readings = recommendation.readings if recommendation is not None else {}
    for reading, (line, _, _) in _FOUND.items():
        # Where a rule had found something earlier, there is nothing now.
        at = _place(groups, readings.get(reading))
        told = [(k, y if k == at else None) for k, y in points.get(line, ())]
        if told:
            points[_point_name(reading)] = told
    if recommendation is not None:
        listed = {candidate.n_clusters for candidate in recommendation.candidates}
        points[SHORT_LIST] = [(k, 1.0 if k in listed else None) for k in groups]
    return points


def _place(counts: Iterable[int], reading: int | None) -> int | None:
    """Return the count that stands for a reading; None if that lies elsewhere."""
    counts = list(counts)
    if not reading or not counts:
        return None
    place = nearest(counts, reading)
    return place if factor(place, reading) < _SAME else None


def _finite(fit: SweepFit, name: str) -> bool:
    return math.isfinite(fit.scores.get(name, math.nan))


def sweep_marks(
    recommendation: Recommendation, opened: int | None = None, *, sample: bool = False
) -> tuple[Mark, ...]:
    """Mark the candidates, and the number of clusters that is looked at.

    ``sample`` says that the candidates are those of the first picture: there are no fits of them.

    Examples
    --------
    >>> from nbtrain.sweep_results import Candidate
    >>> listed = (Candidate(19, "Stable."), Candidate(24, "As good.", tie=True))
    >>> [mark.text for mark in sweep_marks(Recommendation(listed))]
    ['19: best', '24: near tie']
    """
    words = {}
    for place, candidate in enumerate(recommendation.candidates):
        best = "best" if recommendation.up_to is None else "nearest"
        how = best if not place else "near tie" if candidate.tie else f"choice {place + 1}"
        at = candidate.n_clusters
        words[at] = f"about {at}" if sample else f"{at}: {how}"
    marks = [Mark(k, text, k == opened) for k, text in words.items()]
    if opened is not None and opened not in words:
        marks.append(Mark(opened, f"{opened}: open", True))
    return tuple(marks)


def sweep_notes(fits: Iterable[SweepFit]) -> dict[float, str]:
    """Write what shows of each number of clusters under the mouse: the names of its clusters."""
    notes: dict[float, str] = {}
    for k, group in by_clusters(fits).items():
        clusters = named_fit(group).clusters
        seeds = len({fit.random_state for fit in group})
        lines = [f"{k} clusters{f', {seeds} seeds' if seeds > 1 else ''}"]
        lines += [f"{cut(one.name, 34)} · {one.size:,}" for one in clusters[:_NAMES_IN_NOTE]]
        if len(clusters) > _NAMES_IN_NOTE:
            lines.append(f"and {len(clusters) - _NAMES_IN_NOTE} more")
        notes[k] = "\n".join(lines)
    return notes


def sweep_sentence(fits: Iterable[SweepFit], recommendation: Recommendation) -> str:
    """Say in a sentence or two what a sweep has found so far.

    Examples
    --------
    >>> sweep_sentence([SweepFit(4), SweepFit(8)], Recommendation())
    '2 numbers of clusters tried, from 4 to 8.'
    """
    counts = list(by_clusters(fits))
    if not counts:
        return "No number of clusters tried yet."
    many = len(counts)
    tried = (
        f"{many:,} numbers of clusters tried, from {counts[0]} to {counts[-1]}."
        if many > 1
        else f"{counts[0]} clusters tried."
    )
    return f"{tried} {recommendation.summary}".strip()


def _drawn(
    fits: Sequence[SweepFit], recommendation: Recommendation
) -> tuple[Chart, tuple[Curve, ...], tuple[Mark, ...]]:
    counts = list(by_clusters(fits))
    found = [name for name, at in recommendation.readings.items() if _place(counts, at)]
    marks = sweep_marks(recommendation)
    chart = sweep_chart(counts, shown_scores(fits), found=found, marks=bool(marks))
    return chart, curves(chart, sweep_points(fits, recommendation)), marks


def sweep_figure(
    fits: Sequence[SweepFit], recommendation: Recommendation, title: str = ""
) -> go.Figure:
    """Draw the scores of a sweep over its numbers of clusters.

    Candidates are marked. The mouse tells scores and names of clusters. Of several seeds the
    median counts.

    Parameters
    ----------
    fits : sequence of SweepFit
    recommendation : Recommendation
    title : str
        Plain text; by default what the sweep has found.

    Returns
    -------
    plotly.graph_objects.Figure
        On transparent paper.
    """
    import plotly.graph_objects as go

    chart, points, marks = _drawn(fits, recommendation)
    title = title or f"How many clusters?\n{cut(sweep_sentence(fits, recommendation), 100)}"
    figure = figure_dict(chart, points, title, marks)
    notes = {k: plotly_text(text).split("\n") for k, text in sweep_notes(fits).items()}
    for trace in figure["data"]:
        trace["text"] = [
            "<br>".join([f"<b>{notes[x][0]}</b>", f"{trace['name']} {y}", *notes[x][1:]])
            for x, y in zip(trace["x"], trace["y"], strict=True)
        ]
        trace["hovertemplate"] = "%{text}<extra></extra>"
    return go.Figure(figure)


def sweep_svg(fits: Sequence[SweepFit], recommendation: Recommendation) -> str:
    """Draw the scores of a sweep as SVG, for saved notebooks and reports."""
    chart, points, marks = _drawn(fits, recommendation)
    title = f"How many clusters?\n{sweep_sentence(fits, recommendation)}"
    return chart_svg(chart, points, title, marks)


def sweep_bundle(fits: Sequence[SweepFit], recommendation: Recommendation) -> dict[str, Any]:
    """Write a sweep as a mime bundle, as :func:`~nbtrain.svg.training_bundle` does for a run."""
    bundle: dict[str, Any] = {"text/plain": sweep_sentence(fits, recommendation)}
    if by_clusters(fits):
        bundle["image/svg+xml"] = sweep_svg(fits, recommendation)
    return bundle
