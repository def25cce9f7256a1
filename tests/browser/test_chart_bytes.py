"""Bytes on the wire per chart update, both directions, beside plotly's own FigureWidget."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, WebSocket, expect

from .lab import Lab, append_and_run

UPDATES = 6
EMPTY = {
    "cells": [],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}

# Each prepares a chart with n points and a function that adds one more; the values have as many
# digits as a measured score has.
LIVE = """
import math
value = math.sin
from nbtrain.charts import Chart, Panel, Trace
from nbtrain.widgets.chart import LiveChart
chart = LiveChart(Chart((Panel("score", "iteration", 200),), (Trace("objective"),)))
chart.append({{"objective": [(i, value(i)) for i in range({n})]}})
def update(i):
    # With a new title each time, as the monitor does, so that every update is a message.
    chart.append({{"objective": [(i, value(i))]}}, title=f"iteration {{i}}")
chart
"""
FIGURE = """
import math
value = math.sin
import plotly.graph_objects as go
x, y = list(range({n})), [value(i) for i in range({n})]
chart = go.FigureWidget(go.Scatter(x=x, y=y))
def update(i):
    x.append(i), y.append(value(i))
    with chart.batch_update():
        chart.data[0].x, chart.data[0].y = x, y
chart
"""
RUN = """
import time
for i in range({n}, {n} + {updates}):
    {step}
    time.sleep(0.3)
print("over", {mark})
"""


class Wire:
    """Counts what goes through the page's web sockets."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        for event in ("framereceived", "framesent"):
            socket.on(event, self._count)

    def settle(self, page: Page) -> None:
        """Wait until nothing has gone through for a while."""
        before = -1
        while before != self.bytes:
            before = self.bytes
            page.wait_for_timeout(500)

    def _count(self, payload: str | bytes) -> None:
        self.bytes += len(payload if isinstance(payload, bytes) else payload.encode())


def bytes_per_update(page: Page, wire: Wire, setting: str, ready: str, n: int) -> float:
    """Measure updates of a chart of n points, less what the running cell itself costs."""
    append_and_run(page, setting.format(n=n))
    expect(page.locator(".jp-CodeCell").last.locator(ready).first).to_be_visible(timeout=60_000)
    wire.settle(page)
    costs = []
    for mark, step in enumerate(("pass", "update(i)")):
        before = wire.bytes
        source = RUN.format(n=n, updates=UPDATES, step=step, mark=mark)
        append_and_run(page, source)
        expect(page.locator(".jp-CodeCell").last).to_contain_text(f"over {mark}\n", timeout=60_000)
        wire.settle(page)
        costs.append(wire.bytes - before)
    return (costs[1] - costs[0]) / UPDATES


def test_an_update_costs_a_fraction_of_figure_widget(
    lab: Lab, page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    (lab.folder / "bytes.ipynb").write_text(json.dumps(EMPTY))
    wire = Wire(page)
    lab.open(page, "bytes.ipynb")
    live = {n: bytes_per_update(page, wire, LIVE, "[data-state=ready]", n) for n in (1000, 10_000)}
    figure = {n: bytes_per_update(page, wire, FIGURE, ".js-plotly-plot", n) for n in (1000, 10_000)}
    with capsys.disabled():
        for n in live:
            print(f"\n{n:>6} points: live chart {live[n]:,.0f} bytes an update, FigureWidget "
                  f"{figure[n]:,.0f}, ratio {figure[n] / live[n]:,.0f}", end="")  # fmt: skip
    assert figure[1000] > 20 * live[1000]
    assert figure[10_000] > 200 * live[10_000]
    assert live[10_000] < 1.2 * live[1000]
