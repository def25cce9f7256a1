"""The live chart: plotly.js in the page, fed with the new points only.

plotly's own ``FigureWidget`` carries all of plotly.js in every figure's state, sends whole
arrays on every change, and shows the first state of the figure after a page reload. Here the
kernel holds the truth and a sequence number; a change costs one message with the new points; a
page that has missed something says hello and gets a snapshot. ``chart.js`` is the other half.
"""

from __future__ import annotations

import gzip
import json
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import anywidget
import traitlets

from ..charts import Chart, Curve, Mark, Point, thinned
from ..figures import chart_height, layout_dict, trace_dicts
from .modules import module_source

__all__ = ["LiveChart"]

# A page that can't ask, because a cell keeps the kernel busy, is helped after this many seconds.
_PATIENCE = 1.5
# Requests for plotly.js that piled up meanwhile are one request; also in seconds.
_SAME_REQUEST = 3.0

# Points of a trace in the saved state.
_MOST_IN_STATE = 250


@dataclass(slots=True)
class _Page:
    """What is known of the page that shows this kernel's charts."""

    has_library: bool = False
    sent_at: float = -math.inf
    unasked: bool = False


_page = _Page()


@cache
def _plotly_js() -> bytes:
    """Return plotly.js as the installed plotly has it, gzipped: about 1.5 MB."""
    from plotly.offline import get_plotlyjs

    return gzip.compress(get_plotlyjs().encode(), 6)


class LiveChart(anywidget.AnyWidget):
    """A chart that grows while one looks at it.

    It follows the page's theme and width, and keeps at most
    :data:`~nbtrain.charts.MAX_POINTS` points a trace by halving the resolution. All methods may
    be called from any thread.

    Parameters
    ----------
    chart : Chart
        Panels and traces.
    title : str
        A line of plain text above the panels.
    clock : callable
        Seconds from any origin; tests put their own.

    Notes
    -----
    For tests in a browser, the element of class ``nbt-chart`` has the attributes ``data-state``
    (``loading``, ``ready`` with plotly, ``fallback`` with plain SVG), ``data-seq`` (the last
    change drawn) and ``data-points`` (points drawn, by trace).

    Examples
    --------
    >>> from nbtrain.charts import Panel, Trace
    >>> chart = Chart((Panel("accuracy", "epoch", 140),), (Trace("train"), Trace("test")))
    >>> live = LiveChart(chart)
    >>> live.append({"train": [(1, 0.6), (2, 0.7)], "test": [(1, 0.5)]})
    >>> live.counts, live.seq
    ({'train': 2, 'test': 1}, 1)
    >>> live.close()
    """

    _esm = module_source("plain_lines.js", "chart.js")
    snapshot = traitlets.Unicode(help="What a page needs to draw the chart, as JSON.").tag(
        sync=True
    )

    def __init__(
        self, chart: Chart, *, title: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = threading.RLock()
        self._clock = clock
        self._opened = clock()
        self._offer_at = self._opened + _PATIENCE
        self._greeted = False
        self._seq = self._revision = 0
        self._done = False
        self._title = title
        self._marks: list[list[Any]] = []
        self._set(chart)
        super().__init__()
        self.add_class("nbt-live-chart")
        self.on_msg(self._on_message)

    def _set(self, chart: Chart) -> None:
        self._chart = chart
        self._index = {name: i for i, name in enumerate(chart.names)}
        self._curves = tuple(Curve(trace.max_points) for trace in chart.traces)

    def __repr__(self) -> str:
        points = ", ".join(f"{count:,} of {name}" for name, count in self.counts.items())
        return f"<{type(self).__name__} with points: {points}>"

    @property
    def seq(self) -> int:
        """Number of the last change."""
        return self._seq

    @property
    def greeted(self) -> bool:
        """Whether a page has ever asked for the chart; no executor of notebooks does."""
        return self._greeted

    @property
    def counts(self) -> dict[str, int]:
        """Number of points kept, by trace name."""
        with self._lock:
            lengths = [len(curve.x) for curve in self._curves]
            return dict(zip(self._chart.names, lengths, strict=True))

    # --- changes -----------------------------------------------------------------------------

    def append(
        self,
        points: Mapping[str, Iterable[Point]],
        *,
        title: str | None = None,
        marks: Sequence[Mark] | None = None,
    ) -> None:
        """Add points at the end of traces, and change title and marks if they are given.

        Parameters
        ----------
        points : mapping of str to iterable of (float, float or None)
            New points by trace name; a y of None or NaN is a gap in the line.
        title : str, optional
            The new title.
        marks : sequence of Mark, optional
            The new marks, in place of those before.

        Raises
        ------
        KeyError
            If the chart has no such trace; then nothing was added.
        """
        self._check_names(points)
        with self._lock:
            added: dict[int, tuple[list[float], list[float | None]]] = {}
            thinned = False
            for name, new in points.items():
                place = self._index[name]
                curve = self._curves[place]
                start = len(curve.x)
                outcomes = {curve.add(x, y) for x, y in new}
                thinned = thinned or "thinned" in outcomes
                if len(curve.x) > start:
                    added[place] = (curve.x[start:], curve.y[start:])
            if thinned:
                self._rename(title)
                self._mark(marks)
                self._announce()
            else:
                self._send_delta(added, title, marks)
            self._offer()

    def _check_names(self, points: Mapping[str, Any]) -> None:
        unknown = [name for name in points if name not in self._index]
        if unknown:
            raise KeyError(f"no trace {unknown[0]!r}; the chart has {', '.join(self._index)}")

    def _send_delta(
        self,
        added: Mapping[int, tuple[list[float], list[float | None]]],
        title: str | None,
        marks: Sequence[Mark] | None,
        **more: Any,
    ) -> None:
        """Send what is new: points by place of their trace, title and marks if they changed."""
        delta: dict[str, Any] = {name: value for name, value in more.items() if value}
        if added:
            delta["t"] = list(added)
            delta["x"] = [x for x, _ in added.values()]
            delta["y"] = [y for _, y in added.values()]
        if self._rename(title):
            delta["title"] = self._title
        if self._mark(marks):
            delta["marks"] = self._marks
        if delta:
            self._seq += 1
            self.send({"kind": "delta", "seq": self._seq, "rev": self._revision, **delta})

    def _rename(self, title: str | None) -> bool:
        before = self._title
        self._title = before if title is None else str(title)
        return self._title != before

    def _mark(self, marks: Sequence[Mark] | None) -> bool:
        before = self._marks
        if marks is not None:
            solid = [[True] if mark.solid else [] for mark in marks]
            self._marks = [
                [mark.x, mark.text, *how] for mark, how in zip(marks, solid, strict=True)
            ]
        return self._marks != before

    def replace(
        self,
        chart: Chart,
        points: Mapping[str, Iterable[Point]],
        *,
        title: str | None = None,
        marks: Sequence[Mark] = (),
    ) -> None:
        """Show another chart, with these points, in the same place."""
        with self._lock:
            self._set(chart)
            self._revision += 1
            for name, new in points.items():
                for x, y in new:
                    self._curves[self._index[name]].add(x, y)
            if title is not None:
                self._title = title
            self._mark(marks)
            self._announce()

    def finish(self, *, title: str | None = None) -> None:
        """Say that nothing more will come; a notebook that saves widget state has all of it."""
        with self._lock:
            for curve in self._curves:
                curve.flush()
            self._done = True
            if title is not None:
                self._title = title
            self._announce()
            self.send_state("snapshot")

    def _announce(self) -> None:
        self._seq += 1
        self._send_snapshot()

    def _send_snapshot(self) -> None:
        self.send({"kind": "snapshot", "snapshot": self._snapshot()})

    def _offer(self) -> None:
        """Help a page that can't be heard, because a cell keeps the kernel busy.

        It has missed what was sent before it listened: it gets a snapshot now and then, at
        doubling intervals, and plotly.js once.
        """
        now = self._clock()
        if self._greeted or now < self._offer_at:
            return
        self._offer_at = now + (now - self._opened)
        self._send_snapshot()
        if not _page.has_library:
            _page.has_library = _page.unasked = True
            self._send_library(now)

    # --- the other side ----------------------------------------------------------------------

    def _snapshot(self, most: int | None = None) -> dict[str, Any]:
        curves = [(curve.x, curve.y) for curve in self._curves]
        seq = self._seq
        if most is not None and any(len(x) > most for x, _ in curves):
            curves = [thinned(x, y, most) for x, y in curves]
            seq = -1  # so that a page asks for the whole
        return {
            "seq": seq,
            "rev": self._revision,
            "done": self._done,
            "title": self._title,
            "names": self._chart.names,
            "marks": self._marks,
            "marked": self._chart.marked,
            "traces": trace_dicts(self._chart),
            "layout": layout_dict(self._chart),
            "height": chart_height(self._chart),
            "x": [list(x) for x, _ in curves],
            "y": [list(y) for _, y in curves],
            "plotly": version("plotly"),
        }

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the state for a page or a saved notebook; its snapshot is always current.

        It is text, since notebooks are saved with every number of a list on a line of its own,
        and of limited resolution; a page that has a kernel asks for the rest.
        """
        state: dict[str, Any] = super().get_state(key=key, drop_defaults=drop_defaults)
        if "snapshot" in state or key is None:
            with self._lock:
                snapshot = self._snapshot(_MOST_IN_STATE)
            state["snapshot"] = json.dumps(snapshot, separators=(",", ":"), ensure_ascii=False)
        return state

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or content.get("kind") != "hello":
            return
        with self._lock:
            self._greeted = True
            if content.get("seq") == self._seq and content.get("rev") == self._revision:
                self.send({"kind": "current"})
            else:
                self._send_snapshot()
            self._answer_wish(bool(content.get("library")))

    def _answer_wish(self, wanted: bool) -> None:
        """Send plotly.js to who wants it, but not for wishes that piled up or are granted."""
        now = self._clock()
        granted, _page.unasked = _page.unasked, False
        _page.has_library = not wanted
        if not wanted or now < _page.sent_at + _SAME_REQUEST:
            return
        if granted:
            # Most likely an old wish of a page that has it by now; a new page asks again.
            _page.sent_at = now
            return
        self._send_library(now)

    def _send_library(self, now: float) -> None:
        _page.sent_at = now
        self.send({"kind": "library"}, buffers=[_plotly_js()])
