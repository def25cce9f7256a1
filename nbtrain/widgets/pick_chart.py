"""A live chart whose points come in any order, and in which a place can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..charts import Chart, Mark, Point
from .chart import LiveChart
from .modules import module_source

__all__ = ["PickChart"]


class PickChart(LiveChart):
    """A live chart for few points that come in any order, such as those of a sweep.

    A place on the horizontal axis is chosen by a click, or by the arrow keys when the chart has
    the focus. Where one is shows as a solid :class:`~nbtrain.charts.Mark`. ``pick_chart.js`` is
    the other half.

    Parameters
    ----------
    chart, title, clock
        As for :class:`LiveChart`.

    Examples
    --------
    >>> from nbtrain.charts import Panel, Trace
    >>> chart = Chart((Panel("score", "clusters", 140),), (Trace("stability"),), pick=True)
    >>> live = PickChart(chart)
    >>> live.insert({"stability": [(60, 0.5), (2, 0.9)]}, notes={2: "cards, loans"})
    >>> live.insert({"stability": [(11, 0.8)]})
    >>> live
    <PickChart with points: 3 of stability>
    >>> live.close()
    """

    _esm = module_source("plain_lines.js", "chart.js", "pick_chart.js")

    def __init__(self, chart: Chart, **options: Any) -> None:
        self._notes: dict[float, str] = {}
        self._picked: list[Callable[[float], object]] = []
        super().__init__(chart, **options)

    def insert(
        self,
        points: Mapping[str, Iterable[Point]],
        *,
        notes: Mapping[float, str] | None = None,
        title: str | None = None,
        marks: Sequence[Mark] | None = None,
    ) -> None:
        """Put points in their places by x, each in place of one that is there.

        Parameters
        ----------
        points : mapping of str to iterable of (float, float or None)
            By trace name. Those that are there already, unchanged, are not sent again.
        notes : mapping of float to str, optional
            Lines of plain text that show when the mouse is over that x; added to those before.
        title, marks
            As for :meth:`append`.

        Raises
        ------
        KeyError
            If the chart has no such trace; then nothing was added.
        """
        self._check_names(points)
        with self._lock:
            added: dict[int, tuple[list[float], list[float | None]]] = {}
            for name, new in points.items():
                place = self._index[name]
                curve = self._curves[place]
                changed = sorted({x for x, y in new if curve.insert(x, y)})
                if changed:
                    held = dict(zip(curve.x, curve.y, strict=True))
                    added[place] = (changed, [held[x] for x in changed])
            known = self._notes
            fresh = {x: text for x, text in (notes or {}).items() if known.get(x) != text}
            self._notes.update(fresh)
            self._send_delta(added, title, marks, notes=list(fresh.items()))
            self._offer()

    def on_pick(self, callback: Callable[[float], object]) -> None:
        """Call ``callback(x)`` when somebody chooses a place."""
        self._picked.append(callback)

    def _snapshot(self, most: int | None = None) -> dict[str, Any]:
        return super()._snapshot(most) | {"notes": list(self._notes.items())}

    def _on_message(self, widget: Any, content: Any, buffers: Any) -> None:
        super()._on_message(widget, content, buffers)
        if not isinstance(content, dict) or content.get("kind") != "pick":
            return
        x = content.get("x")
        if not isinstance(x, int | float):
            return
        with self._lock:
            pairs = zip(self._chart.traces, self._curves, strict=True)
            there = any(x in curve.x for trace, curve in pairs if not trace.faint)
        if there:
            for callback in self._picked:
                callback(x)
