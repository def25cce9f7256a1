"""Bytes over the comm per chart update: our live chart beside plotly's FigureWidget.

Run it with ``python -m tests.benchmarks.chart_bytes``. Both draw two traces and get one point
more in each. Counted is the JSON and the binary parts of all messages from kernel to page, and
what the page sends back of itself: FigureWidget's page answers every update with messages of
its own (about 8 KB, seen in a browser), which needs a browser and is therefore left out here, to
its advantage; ours answers nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from nbtrain.charts import Chart, Panel, Trace
from tests.comm import answer, recording

UPDATES = 20


def _live_chart(points: int) -> tuple[Callable[[int], None], Callable[[], None]]:
    from nbtrain.widgets.chart import LiveChart

    names = ("objective", "silhouette")
    chart = Chart((Panel("score", "iteration", 140),), tuple(Trace(name) for name in names))
    live = LiveChart(chart)
    answer(live, {"kind": "hello", "seq": 0, "rev": 0, "library": False})
    live.append({name: [(i, _value(i)) for i in range(points)] for name in names})

    def update(i: int) -> None:
        live.append({name: [(i, _value(i))] for name in names}, title=f"clustering · {i}")

    return update, live.close


def _figure_widget(points: int) -> tuple[Callable[[int], None], Callable[[], None]]:
    import plotly.graph_objects as go

    xs, ys = list(range(points)), [_value(i) for i in range(points)]
    figure = go.FigureWidget([go.Scatter(x=xs, y=ys), go.Scatter(x=xs, y=ys)])

    def update(i: int) -> None:
        xs.append(i)
        ys.append(_value(i))
        with figure.batch_update():
            for trace in figure.data:
                trace.x, trace.y = list(xs), list(ys)
            figure.layout.title.text = f"clustering · {i}"

    return update, figure.close


def _value(i: int) -> float:
    return round(0.5 - 0.4 / (i + 1) + (i * 7919 % 101) / 10_000, 5)


KINDS = {"LiveChart": _live_chart, "FigureWidget": _figure_widget}


def measure(kind: str, points: int) -> float:
    """Return the mean bytes of an update of a chart that has that many points a trace."""
    with recording() as recorder:
        update, close = KINDS[kind](points)
        recorder.clear()
        # The curves are bounded: now and then, one update in thousands is a snapshot.
        for i in range(points, points + UPDATES):
            update(i)
        size = recorder.size / UPDATES
        close()
    return size


def main() -> None:
    print(f"{'points':>8} {'LiveChart':>12} {'FigureWidget':>14} {'ratio':>8}")
    for points in (100, 1_000, 10_000):
        ours, theirs = (measure(kind, points) for kind in KINDS)
        print(f"{points:>8,} {ours:>10,.0f} B {theirs:>12,.0f} B {theirs / ours:>8,.0f}")


if __name__ == "__main__":
    main()
