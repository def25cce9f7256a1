"""The demo notebook as a person uses it, in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from .lab import Lab, append_and_run, command, last_cell_runs, wait_ready

DEMO = Path(__file__).parents[2] / "notebooks" / "demo.ipynb"


def seq(page: Page) -> int:
    """Return the number of the last change that the panel's chart has drawn."""
    chart = page.locator(".nbt-training .nbt-chart")
    return int(chart.get_attribute("data-seq") or "0")


def test_the_demo_from_first_cell_to_a_restarted_kernel(
    lab: Lab, page: Page, picture: Callable[..., None]
) -> None:
    # More conversations than in the notebook as it stands, so that training takes a while.
    source = DEMO.read_text(encoding="utf-8")
    assert "n_dialogues=600" in source
    (lab.folder / "demo.ipynb").write_text(source.replace("n_dialogues=600", "n_dialogues=6000"))

    lab.open(page, "demo.ipynb")
    command(page, "notebook:run-all-cells")
    panel = page.locator(".nbt-training")
    cell = page.locator(".jp-CodeCell", has=panel)
    expect(panel).to_be_visible(timeout=60_000)
    picture("1-panel-light", cell)

    # A bad model id is explained as it is typed, and nothing can be sent.
    model_id = panel.locator(".nbt-model-id input")
    train = panel.locator("button.nbt-train")
    model_id.fill("Support_Topics")
    messages = panel.locator(".nbt-model-id-messages")
    expect(messages).to_contain_text("May contain only a-z, 0-9 and hyphens")
    expect(train).to_be_disabled()
    picture("2-bad-model-id", cell)
    model_id.fill("browser-topics")
    expect(messages).to_contain_text("can be used")
    panel.locator(".nbt-n-clusters input").fill("24")
    expect(train).to_be_enabled()
    train.click()

    # The chart moves while another cell runs.
    chart = panel.locator(".nbt-chart[data-state=ready]")
    expect(chart).to_be_visible()
    # It outlasts every training; in the end it is interrupted.
    append_and_run(page, "import time\nfor i in range(6_000):\n    time.sleep(0.05)")
    page.wait_for_function(
        "() => document.querySelectorAll('.jp-CodeCell').length && "
        "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].at(-1)"
        ".textContent.includes('[*]')"
    )
    seen = {seq(page)}
    for _ in range(3):
        page.wait_for_function(
            "last => +document.querySelector('.nbt-training .nbt-chart').dataset.seq > last",
            arg=max(seen),
        )
        seen.add(seq(page))
        assert last_cell_runs(page)
    picture("3-training-light", cell)
    command(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    picture("4-training-dark", cell)
    command(page, "apputils:change-theme", {"theme": "JupyterLab Light"})

    # The result shows under the panel; so does the picture of the run.
    status = panel.locator(".nbt-status [data-state]")
    expect(status).to_have_attribute("data-state", "succeeded", timeout=120_000)
    table = cell.locator(".nbt-table")
    expect(table.locator("tbody tr")).to_have_count(24)
    assert last_cell_runs(page), "the result came while the other cell was still running"
    table.locator("summary").first.click()
    expect(table.locator("details[open] li").first).to_be_visible()
    drawn = cell.locator(".nbt-map-place")
    expect(drawn.locator("path").first).to_be_hidden()
    drawn.locator("summary").click()
    expect(drawn.get_by_role("img")).to_be_visible()
    expect(drawn.locator("path")).to_have_count(24)
    picture("5-result-light", cell)
    page.set_viewport_size({"width": 600, "height": 1000})
    picture("6-result-narrow", cell)
    page.set_viewport_size({"width": 1400, "height": 1000})
    command(page, "notebook:interrupt-kernel")
    command(page, "docmanager:save")

    # A restarted kernel and a fresh page: the result is in the notebook, the run in the service.
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    page.goto("about:blank")
    lab.open(page, "demo.ipynb")
    expect(page.locator(".nbt-table tbody tr")).to_have_count(24)
    expect(page.locator("img[src*=nbt-picture]").first).to_be_visible()
    picture("7-reloaded")
    append_and_run(
        page,
        "import nbtrain\nrun = nbtrain.attach('browser-topics')\n"
        "monitor = nbtrain.RunMonitor(run)\nmonitor",
    )
    status = page.locator(".jp-CodeCell").last.locator(".nbt-status [data-state]")
    expect(status).to_have_attribute("data-state", "succeeded")
    append_and_run(page, "print(run.result().n_clusters, 'clusters again')")
    expect(page.locator(".jp-CodeCell").last).to_contain_text("24 clusters again")
    picture("8-attached")


def test_cancel_in_the_panel(lab: Lab, page: Page) -> None:
    (lab.folder / "cancel.ipynb").write_text(DEMO.read_text(encoding="utf-8"))
    lab.open(page, "cancel.ipynb")
    append_and_run(
        page,
        "import nbtrain\ndf = nbtrain.samples.sentences(30_000)\n"
        "panel = nbtrain.TrainingPanel(df, text='text', model_id='to-cancel', n_clusters=80)\n"
        "panel",
    )
    panel = page.locator(".nbt-training")
    panel.locator("button.nbt-train").click()
    panel.locator("button.nbt-cancel").click()
    status = panel.locator(".nbt-status [data-state]")
    expect(status).to_have_attribute("data-state", "cancelled")
    expect(panel.locator("button.nbt-train")).to_be_enabled()


def test_a_reload_in_training_brings_the_chart_back(lab: Lab, page: Page) -> None:
    (lab.folder / "reload.ipynb").write_text(DEMO.read_text(encoding="utf-8"))
    lab.open(page, "reload.ipynb")
    append_and_run(
        page,
        "import nbtrain\ndf = nbtrain.samples.sentences(30_000)\n"
        "data = nbtrain.write_intents(df, 'reload.json', text='text')\n"
        "request = nbtrain.TrainingRequest('reload', data, nbtrain.Clustering(80))\n"
        "monitor = nbtrain.RunMonitor(nbtrain.submit(request))\nmonitor",
    )
    page.locator(".nbt-chart[data-state=ready]").wait_for()
    command(page, "docmanager:save")
    before = int(page.locator(".nbt-chart").get_attribute("data-seq") or "0")
    page.reload()
    wait_ready(page)
    page.wait_for_function(
        "before => { const c = document.querySelector('.nbt-chart[data-state=ready]');"
        " return c && +c.dataset.seq > before }",
        arg=before,
    )
    page.locator("button.nbt-cancel").click()
    status = page.locator(".nbt-status [data-state]")
    expect(status).to_have_attribute("data-state", "cancelled")
