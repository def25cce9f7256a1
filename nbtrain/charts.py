"""What a chart shows: panels, traces and their points; nothing about how it is drawn.

One description serves three pens: the live widget, the plotly figure, and our own SVG.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .evaluation import Evaluation
from .progress import History, RunState, RunStatus

__all__ = [
    "CLUSTERING_METRICS",
    "INTENT_METRICS",
    "MAX_POINTS",
    "Chart",
    "Curve",
    "Mark",
    "Panel",
    "Point",
    "Trace",
    "curves",
    "duration",
    "headline",
    "step_word",
    "thinned",
    "training_chart",
    "training_marks",
    "training_points",
]

MAX_POINTS = 2_000
"""The most points that a trace keeps."""

Point = tuple[float, float | None]
"""x and y; a y of None, NaN or infinity is a gap in the line."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes; panels lie below each other.

    Parameters
    ----------
    title : str
        What the vertical axis shows.
    x_title : str
        What the horizontal axis shows; neighbours of the same ``x_title`` share it.
    height : int
        In pixels.
    percent : bool
        Whether values are shares, to be written as percentages.
    y_range : tuple of float, optional
        Fixed ends of the vertical axis; otherwise it follows the data.
    x_include : tuple of float
        Values that the horizontal axis always covers.
    x_log : bool
        Whether the horizontal axis is logarithmic; then ``x_include`` are its ends.
    """

    title: str
    x_title: str
    height: int
    percent: bool = False
    y_range: tuple[float, float] | None = None
    x_include: tuple[float, ...] = ()
    x_log: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """One line: its name, its panel (0 is the top one), its look, its greatest number of points.

    ``colour`` is a place in :data:`nbtrain.figures.COLOURS`; by default that of the trace.
    ``single`` draws points without a line.
    ``label`` is what legends say, by default the name; traces of one label look alike, and are
    explained once.
    ``faint`` is for what is shown for a first look only: paler, and no place that can be chosen.
    """

    name: str
    panel: int = 0
    dash: Literal["solid", "dash", "dot", "dashdot"] = "solid"
    fill: bool = False
    max_points: int = MAX_POINTS
    colour: int | None = None
    label: str = ""
    single: bool = False
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the horizontal axis that is worth a line and a few words.

    The line is dotted; ``solid`` is for the place that one looks at.
    """

    x: float
    text: str
    solid: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Panels, and the traces in them; marks go through the panels ``marked``.

    ``pick`` says that a place on the horizontal axis can be chosen in the live chart.
    """

    panels: tuple[Panel, ...]
    traces: tuple[Trace, ...]
    marked: tuple[int, ...] = ()
    pick: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the traces, in order."""
        return tuple(trace.name for trace in self.traces)

    @property
    def legend(self) -> tuple[int, ...]:
        """Places of the traces that a legend explains: each label once, lone traces not."""
        panels = [trace.panel for trace in self.traces]
        first: dict[str, int] = {}
        for place, trace in enumerate(self.traces):
            if panels.count(trace.panel) > 1:
                first.setdefault(trace.label or trace.name, place)
        return tuple(first.values())


@dataclass(slots=True)
class Curve:
    """The points of one trace, never more than ``max_points``.

    When full, every second point goes, and from then on only every second (fourth, eighth …)
    new one is kept: the whole range stays visible at an even resolution. :meth:`flush` adds the
    newest point at the end, so that a finished curve ends where it really ended.

    Examples
    --------
    >>> curve = Curve(max_points=4)
    >>> [curve.add(x, x / 10) for x in range(6)]
    ['kept', 'kept', 'kept', 'kept', 'thinned', 'passed']
    >>> curve.x
    [0, 2, 4]
    >>> curve.flush(), curve.x
    (True, [0, 2, 4, 5])
    """

    max_points: int = MAX_POINTS
    x: list[float] = field(default_factory=list)
    y: list[float | None] = field(default_factory=list)
    _stride: int = 1
    _seen: int = 0
    _tip: Point | None = None

    def add(self, x: float, y: float | None) -> Literal["kept", "passed", "thinned"]:
        """Take in a point; ``"thinned"`` says that older points went."""
        place, self._seen = self._seen, self._seen + 1
        point = (_short(x), None if y is None or not math.isfinite(y) else _short(y))
        if place % self._stride:
            self._tip = point
            return "passed"
        self._tip = None
        thinned = len(self.x) >= self.max_points
        if thinned:
            del self.x[1::2], self.y[1::2]
            self._stride *= 2
            if place % self._stride:
                self._tip = point
                return "thinned"
        self.x.append(point[0])
        self.y.append(point[1])
        return "thinned" if thinned else "kept"

    def insert(self, x: float, y: float | None) -> bool:
        """Put a point in its place by ``x``, in place of one that is there; True if it is new.

        For curves that are not thinned: of few points, which come in any order.

        Examples
        --------
        >>> curve = Curve()
        >>> [curve.insert(x, y) for x, y in [(2, 0.2), (60, 0.6), (11, 0.4), (2, 0.2)]]
        [True, True, True, False]
        >>> curve.x, curve.y
        ([2, 11, 60], [0.2, 0.4, 0.6])
        """
        x, y = _short(x), None if y is None or not math.isfinite(y) else _short(y)
        place = bisect_left(self.x, x)
        if place < len(self.x) and self.x[place] == x:
            known, self.y[place] = self.y[place], y
            return known != y
        self.x.insert(place, x)
        self.y.insert(place, y)
        return True

    def flush(self) -> bool:
        """Add the newest point if it was passed over; True if so."""
        if self._tip is None:
            return False
        if len(self.x) >= self.max_points:
            del self.x[-1], self.y[-1]
        self.x.append(self._tip[0])
        self.y.append(self._tip[1])
        self._tip = None
        return True


def _short(value: float) -> float:
    """Round to five significant digits: finer than any screen, and a third of the bytes."""
    if not math.isfinite(value):
        return 0.0
    if not float(value).is_integer():
        value = float(f"{value:.5g}")
    return int(value) if float(value).is_integer() else value


def thinned(
    x: Sequence[float], y: Sequence[float | None], most: int
) -> tuple[list[float], list[float | None]]:
    """Keep every second, third … point and the last one, at most ``most`` (2 or more) in all.

    Examples
    --------
    >>> thinned([0, 1, 2, 3, 4, 5], [0, 1, 4, 9, 16, 25], 4)
    ([0, 2, 4, 5], [0, 4, 16, 25])
    """
    step = max(1, math.ceil((len(x) - 1) / (most - 1)))
    kept = [*range(0, len(x) - 1, step), *([len(x) - 1] if x else [])]
    return [x[i] for i in kept], [y[i] for i in kept]


def curves(chart: Chart, points: Mapping[str, Iterable[Point]]) -> tuple[Curve, ...]:
    """Gather points by trace name into one finished curve per trace of a chart."""
    made = []
    for trace in chart.traces:
        curve = Curve(trace.max_points)
        for x, y in points.get(trace.name, ()):
            curve.add(x, y)
        curve.flush()
        made.append(curve)
    return tuple(made)


# --- the chart of a training run -------------------------------------------------------------

_PROGRESS = Trace("progress", 0, fill=True, max_points=500)
_PROGRESS_PANEL = Panel("progress", "elapsed (s)", 54, True, (0.0, 1.0), x_include=(0.0, 1.0))
_DASHES: Sequence[Literal["solid", "dash", "dot", "dashdot"]] = ("solid", "dash", "dot", "dashdot")
# What is learned from and what is held out look alike in every panel.
_LOOKS: Mapping[str, tuple[str, int, Literal["solid", "dash", "dot"]]] = {
    "train": ("train", 1, "dash"), "test": ("test", 0, "solid"), "macro": ("macro F1", 2, "dot"),
}  # fmt: skip

CLUSTERING_METRICS = ("objective", "moved", "silhouette")
INTENT_METRICS = ("train_accuracy", "test_accuracy", "macro_f1", "train_loss", "test_loss")


def step_word(metrics: Iterable[str]) -> str:
    """Return what one row of these metrics is called: ``"epoch"`` or ``"iteration"``.

    Examples
    --------
    >>> step_word(INTENT_METRICS), step_word(CLUSTERING_METRICS)
    ('epoch', 'iteration')
    """
    return "epoch" if any(name in INTENT_METRICS for name in metrics) else "iteration"


def training_chart(metrics: Iterable[str] = CLUSTERING_METRICS) -> Chart:
    """Lay out the chart of a training run: progress over time, metrics over its steps.

    Parameters
    ----------
    metrics : iterable of str
        Names as in :attr:`nbtrain.History.metrics`. Losses and the share of moved texts get a
        panel each, since their scales differ; all else goes into one panel of scores.

    Examples
    --------
    >>> [panel.title for panel in training_chart(["objective", "moved"]).panels]
    ['progress', 'score', 'moved']
    """
    groups: dict[str, list[str]] = {"score": [], "loss": [], "moved": []}
    names = list(metrics)
    step = step_word(names)
    for name in sorted(names, key=_place):
        group = "moved" if name == "moved" else "loss" if "loss" in name.lower() else "score"
        groups[group].append(name)
    panels, traces, marked = [_PROGRESS_PANEL], [_PROGRESS], []
    for group, members in groups.items():
        if not members:
            continue
        share = group == "moved"
        height, y_range = (64, (0.0, 1.0)) if share else (140, None)
        if step == "epoch":
            marked.append(len(panels))
        panels.append(Panel(group, step, height, share, y_range, (1.0, 10.0)))
        for place, name in enumerate(members):
            label, colour, dash = _LOOKS.get(
                name.split("_")[0], (name, len(traces), _DASHES[place % len(_DASHES)])
            )
            traces.append(Trace(name, len(panels) - 1, dash, colour=colour, label=label))
    return Chart(tuple(panels), tuple(traces), tuple(marked))


def _place(name: str) -> int:
    return INTENT_METRICS.index(name) if name in INTENT_METRICS else -1


def training_points(
    history: History, *, epochs_from: int = 0, progress_from: int = 0
) -> dict[str, list[Point]]:
    """List the points of a run by trace name, from the given positions in its history on."""
    points: dict[str, list[Point]] = {"progress": list(history.progress[progress_from:])}
    for stats in history.epochs[epochs_from:]:
        for name, value in stats.metrics.items():
            points.setdefault(name, []).append((stats.epoch, value))
    return points


def training_marks(history: History, evaluation: Evaluation | None = None) -> tuple[Mark, ...]:
    """Mark the best epoch of an intent model, and where its training stopped early.

    Until there is an evaluation, the epoch of the lowest loss on held-out texts is the best.

    Examples
    --------
    >>> from nbtrain.progress import EpochStats
    >>> history = History(epochs=[EpochStats(i, {"test_loss": abs(3 - i)}) for i in range(1, 6)])
    >>> training_marks(history)
    (Mark(x=3, text='best so far: 3', solid=False),)
    """
    if evaluation is not None and evaluation.best_epoch:
        best, last = evaluation.best_epoch, evaluation.last_epoch
        marks = [Mark(best, f"best epoch: {best:,}")]
        if evaluation.stopped_early:
            marks.append(Mark(last, f"stopped early: {last:,}"))
        return tuple(marks)
    losses = [
        (stats.metrics["test_loss"], stats.epoch)
        for stats in history.epochs
        if math.isfinite(stats.metrics.get("test_loss", math.nan))
    ]
    if not losses:
        return ()
    _, best = min(losses)
    ended = history.status is not None and history.status.state.ended
    return (Mark(best, f"best {'epoch' if ended else 'so far'}: {best:,}"),)


def duration(seconds: float) -> str:
    """Write a time span for people.

    Examples
    --------
    >>> duration(7.4), duration(65), duration(3725)
    ('7 s', '1 min 05 s', '1 h 02 min')
    """
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def headline(status: RunStatus) -> str:
    """Say in one line where a run stands.

    Examples
    --------
    >>> headline(RunStatus("r1", "demo", RunState.RUNNING, "clustering", 0.5, elapsed=10))
    'clustering · 50% · 10 s elapsed · about 10 s left'
    """
    if status.state is RunState.RUNNING:
        parts = [status.stage or "running", f"{int(status.fraction * 100)}%"]
    elif status.state is RunState.QUEUED:
        place = status.queue_position
        parts = ["queued" if place is None else f"queued, place {place:,}"]
    else:
        parts = [status.state.value]
    if status.elapsed is not None:
        parts.append(f"{duration(status.elapsed)} elapsed")
    if status.remaining is not None:
        parts.append(f"about {duration(status.remaining)} left")
    return " · ".join(parts)
