"""The intent panel in a real JupyterLab: epochs while it trains, the matrix when it has."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from .lab import Lab, append_and_run, command

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
EMPTY = {
    "cells": [
        {"cell_type": "code", "id": "first", "execution_count": None, "metadata": {},
         "outputs": [], "source": ""}
    ],
    "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip

# Brings plotly.js into the page, so that the first epochs are seen as they come.
CHART = """\
from nbtrain.charts import training_chart
from nbtrain.widgets.chart import LiveChart
LiveChart(training_chart())"""
# One text in a hundred has a label that is not its own, so that there is something to confuse.
PANEL = """\
import random
import nbtrain
df = nbtrain.samples.sentences(6_000)
rng, names = random.Random(0), sorted(set(df["intent"]))
df["intent"] = [rng.choice(names) if rng.random() < 0.01 else name for name in df["intent"]]
panel = nbtrain.IntentPanel(df, text="text", intent="intent", model_id="browser-intents")
panel"""


def epochs(page: Page) -> int:
    """Return how many epochs the panel's chart shows."""
    points = page.locator(".nbt-monitor .nbt-chart").get_attribute("data-points") or "0"
    return int(points.split(",")[-1])


def test_the_epochs_while_it_trains_and_the_matrix_when_it_has(
    lab: Lab, page: Page, picture: Callable[..., None]
) -> None:
    notebook = lab.folder / "intents.ipynb"
    notebook.write_text(json.dumps(EMPTY))
    lab.open(page, "intents.ipynb")
    append_and_run(page, CHART)
    page.locator(".nbt-chart[data-state=ready]").wait_for(timeout=60_000)
    append_and_run(page, PANEL)
    panel = page.locator(".nbt-intent-panel")
    cell = page.locator(".jp-CodeCell", has=panel)
    expect(panel.locator(".nbt-labels tbody tr")).to_have_count(24, timeout=60_000)
    picture("intents-1-light", cell)

    # What is wrong is said where it is typed.
    panel.locator(".nbt-epochs input").fill("5000")
    expect(panel.locator(".nbt-epochs-messages")).to_contain_text("from 1 to 1,000")
    expect(panel.locator("button.nbt-train")).to_be_disabled()
    panel.locator(".nbt-epochs input").fill("60")
    panel.locator("button.nbt-train").click()

    # The chart grows, epoch by epoch.
    chart = panel.locator(".nbt-monitor .nbt-chart")
    status = panel.locator(".nbt-status [data-state]")
    seen = [0]
    for _ in range(2):
        page.wait_for_function(
            """last => {
              const chart = document.querySelector(".nbt-monitor .nbt-chart[data-state=ready]");
              return document.querySelector(".nbt-status [data-state=running]") && chart
                && +(chart.dataset.points ?? "0").split(",").at(-1) > last
                && chart.textContent.includes("best so far:");
            }""",
            arg=seen[-1],
            timeout=90_000,
        )
        seen.append(epochs(page))
        if len(seen) == 2:
            picture("intents-2-training-light", panel)
    assert seen == sorted(set(seen))
    expect(chart.locator(".x3title")).to_have_text("epoch")

    # Then the matrix is there, and the chart says where it was best.
    expect(status).to_have_attribute("data-state", "succeeded", timeout=180_000)
    expect(chart).to_contain_text("best epoch:")
    matrix = panel.locator(".nbt-matrix")
    expect(matrix).to_have_attribute("data-labels", "24")
    # No part has got a scrollbar of its own.
    parts = panel.locator(".nbt-monitor, .nbt-evaluation")
    assert parts.evaluate_all("all => all.map(e => e.offsetWidth - e.clientWidth)") == [0, 0]
    expect(panel.locator(".nbt-evaluation .nbt-chart[data-state=ready]")).to_be_visible()
    rows = cell.locator(".nbt-intents tbody tr")
    assert rows.count() > 48  # the labels, the intents, and the pairs that were confused
    picture("intents-3-result-light", cell)

    # A click on a mistake tells its texts; so do the keys; a dragged box is zoomed into.
    details = matrix.locator(".nbt-matrix-details")
    matrix.locator("rect.nbt-wrong").last.click()
    expect(details).to_contain_text("taken for")
    expect(details.locator("li").first).to_contain_text("% sure")
    first = details.inner_text()
    matrix.locator("svg").press("ArrowRight")
    expect(details).not_to_have_text(first)
    matrix.locator("svg").evaluate("svg => svg.scrollIntoView({ block: 'center' })")
    box = matrix.locator("svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.25 * box["height"], steps=4)
    page.mouse.up()
    page.wait_for_function(
        "() => +document.querySelector('.nbt-matrix').dataset.shown < 20"
    )  # fmt: skip
    picture("intents-4-zoomed-light", matrix)
    matrix.locator("svg").press("Escape")
    expect(matrix).to_have_attribute("data-shown", "24")

    command(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    for width in (1400, 600):
        # As high as the whole cell, for whoever looks at the pictures.
        page.set_viewport_size({"width": width, "height": 4_000})
        expect(matrix.locator("svg")).to_be_visible()
        picture(f"intents-5-result-dark-{width}", cell)
    command(page, "apputils:change-theme", {"theme": "JupyterLab Light"})
    picture("intents-6-result-light-narrow", cell)
    page.set_viewport_size({"width": 1400, "height": 1000})

    # Without a kernel the picture and the tables are still in the notebook, which is small.
    command(page, "docmanager:save")
    assert notebook.stat().st_size < 150_000
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    page.goto("about:blank")
    lab.open(page, "intents.ipynb")
    pictures = page.locator("img[src*=nbt-picture]")
    expect(pictures).to_have_count(2)
    expect(pictures.last).to_be_visible()
    expect(page.locator(".jp-RenderedHTML .nbt-intents").first).to_be_visible()
    picture("intents-7-reloaded")
