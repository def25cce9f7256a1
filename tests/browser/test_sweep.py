"""The sweep panel in a real JupyterLab: range, live picture, choose, compare, train."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from .lab import Lab, append_and_run, command, last_output, start, wait_ready
from .test_intents import CHART, EMPTY

PANEL = """\
import nbtrain
df = nbtrain.samples.conversations(3_000)
columns = {"dialogue_id": "dialogue_id", "speaker": "speaker", "text": "text"}
panel = nbtrain.SweepPanel(df, **columns, model_id="MODEL")
panel"""
POINTS = """() => +(
  (document.querySelector(".nbt-sweep .nbt-chart")?.dataset.points ?? "").split(",")[0] ?? "0"
)"""
MADE = """() => parseInt(
  document.querySelector(".nbt-sweep .nbt-status")?.innerText.match(/([0-9,]+) of/)?.[1]
    .replaceAll(",", "") ?? "0"
)"""

# What is wider than its place, but for what can be scrolled to and for plotly's own handles.
STICKING_OUT = """box => [...box.querySelectorAll("*")].filter(node =>
  !node.closest("svg") && !node.parentElement.closest(".nbt-scroll") &&
  node.getBoundingClientRect().right > box.getBoundingClientRect().right + 0.5
).map(node => node.className)"""
LAST_SAYS = """text => {
  const cell = [...document.querySelectorAll(".jp-CodeCell")].at(-1);
  return cell.querySelector(".jp-OutputArea").innerText.includes(text);
}"""


def points(page: Page) -> int:
    """Return how many numbers of clusters the chart shows."""
    return int(page.evaluate(POINTS))


def fits_made(page: Page) -> int:
    """Return how many fits the status line tells of."""
    return int(page.evaluate(MADE))


def kept(notebook: Path) -> set[str]:
    """Return by which mime types a saved notebook holds something in outputs of ours."""
    cells = json.loads(notebook.read_text())["cells"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    ours = [output for output in outputs if "nbtrain" in output.get("metadata", {})]
    return {mime for output in ours for mime, value in output["data"].items() if "".join(value)}


def open_panel(lab: Lab, page: Page, name: str) -> Locator:
    """Show the panel in a new notebook; a model id of its own, or it would show another sweep."""
    (lab.folder / name).write_text(json.dumps(EMPTY))
    lab.open(page, name)
    append_and_run(page, CHART)
    page.locator(".nbt-chart[data-state=ready]").wait_for(timeout=60_000)
    append_and_run(page, PANEL.replace("MODEL", name.removesuffix(".ipynb")))
    panel = page.locator(".nbt-sweep-panel")
    expect(panel.locator(".nbt-to input")).to_have_value("60", timeout=60_000)
    return panel


def test_from_a_range_to_a_trained_model(
    lab: Lab, page: Page, picture: Callable[..., None]
) -> None:
    notebook = lab.folder / "sweep.ipynb"
    panel = open_panel(lab, page, "sweep.ipynb")
    cell = page.locator(".jp-CodeCell", has=panel)

    # The range: what the data bear at first; what is wrong is said where it is typed.
    panel.locator(".nbt-from input").fill("1")
    expect(panel.locator(".nbt-sweep-messages")).to_contain_text("Give 2 or more")
    expect(panel.locator("button.nbt-start-sweep")).to_be_disabled()
    panel.locator(".nbt-from input").fill("2")
    panel.locator(".nbt-seeds input").fill("0, 1, 2, 3")
    expect(panel.locator(".nbt-sweep-messages")).to_contain_text("236 fits.")
    picture("sweep-1-form-light", cell)
    panel.locator("button.nbt-start-sweep").click()

    # The picture fills while it runs, and the kernel is free: another cell runs meanwhile.
    status = panel.locator(".nbt-sweep .nbt-status [data-state]")
    chart = panel.locator(".nbt-sweep .nbt-chart")
    page.wait_for_function(f"() => ({POINTS})() > 2", timeout=120_000)
    first = points(page)
    assert first < 59
    began = time.monotonic()
    append_and_run(page, "len(panel.sweep_monitor.fits), 6 * 7")
    page.wait_for_function(LAST_SAYS, arg=", 42)")
    assert time.monotonic() - began < 5
    expect(status).to_have_attribute("data-state", "running")
    page.wait_for_function(f"last => ({POINTS})() > last", arg=first, timeout=60_000)
    picture("sweep-2-live-light", panel)

    expect(status).to_have_attribute("data-state", "succeeded", timeout=240_000)
    page.wait_for_function(f"() => ({POINTS})() === 59")
    expect(panel.locator("button.nbt-start-sweep")).to_be_enabled()

    # The short list, with its reasons; the best is open, and marked on the chart.
    listed = panel.locator(".nbt-short-list li")
    expect(listed.first).to_contain_text(" clusters: ")
    best = (listed.first.inner_text()).split()[0]
    expect(chart).to_have_attribute("data-open", best)
    expect(chart.locator(".annotation-text").first).to_have_text(f"{best}: best")

    # A click on the chart opens a number of clusters; so do the arrow keys.
    plot = chart.locator(".nbt-chart-plot")
    plot.evaluate("plot => plot.scrollIntoView({ block: 'center' })")
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + 80)
    page.wait_for_timeout(300)
    picture("sweep-3-hover-light", panel)
    expect(chart.locator(".hoverlayer")).to_contain_text("clusters")
    page.mouse.click(box["x"] + 0.55 * box["width"], box["y"] + 80)
    # In the middle, by ratio.
    expect(chart).to_have_attribute("data-open", re.compile("^(8|9|1[0-5])$"))
    opened = int(chart.get_attribute("data-open") or 0)
    rows = panel.locator(".nbt-sweep-table .nbt-intents tbody tr")
    expect(rows).to_have_count(opened)
    plot.press("ArrowRight")
    expect(chart).to_have_attribute("data-open", str(opened + 1))
    expect(rows).to_have_count(opened + 1)
    expect(plot).to_have_attribute("aria-valuenow", str(opened + 1))
    select = panel.locator(".nbt-sweep-opened select")
    select.focus()
    select.press("ArrowDown")
    expect(chart).to_have_attribute("data-open", str(opened + 2))

    # Two side by side, the map, and all scores.
    views = panel.locator(".nbt-sweep-view button")
    views.get_by_text("Compare two").click()
    panel.locator(".nbt-sweep-left select").select_option(index=10)
    panel.locator(".nbt-sweep-right select").select_option(index=14)
    flows = panel.locator(".nbt-sweep-flows")
    expect(flows).to_contain_text("From 12 to 16 clusters")
    assert flows.locator(".nbt-band").count() >= 12
    assert panel.locator(".nbt-sweep-moved tbody tr").count() >= flows.locator(".nbt-band").count()
    panel.locator(".nbt-sweep-left select").select_option(index=34)
    panel.locator(".nbt-sweep-right select").select_option(index=38)
    expect(flows).to_contain_text("From 36 to 40 clusters")
    views.get_by_text("All scores").click()
    expect(panel.locator(".nbt-sweep-scores tbody tr")).to_have_count(120)
    expect(panel.locator(".nbt-sweep-scores")).to_contain_text("and 116 more fits")

    # Chosen, with a reason, and trained.
    panel.locator(".nbt-reason input").fill("as many as we have <teams>")
    panel.locator("button.nbt-choose").click()
    chosen = panel.locator(".nbt-chosen")
    expect(chosen).to_have_text(f"You chose {opened + 2} clusters: as many as we have <teams>")
    train = panel.locator("button.nbt-train")
    expect(train).to_have_text(f"Train with {opened + 2} clusters")

    for theme in ("Light", "Dark"):
        command(page, "apputils:change-theme", {"theme": f"JupyterLab {theme}"})
        for width in (1400, 600):
            # As high as the whole cell, for whoever looks at the pictures.
            page.set_viewport_size({"width": width, "height": 3_600})
            for view in ("Clusters", "Compare two", "Map", "All scores"):
                views.get_by_text(view).click()
                page.wait_for_timeout(400)
                name = view.split()[0].lower()
                picture(f"sweep-4-{name}-{theme.lower()}-{width}", panel)
                assert panel.locator(".nbt-sweep").evaluate(STICKING_OUT) == []
    command(page, "apputils:change-theme", {"theme": "JupyterLab Light"})
    page.set_viewport_size({"width": 1400, "height": 1000})

    train.click()
    run = panel.locator(".nbt-monitor .nbt-status [data-state]")
    expect(run).to_have_attribute("data-state", "succeeded", timeout=120_000)
    append_and_run(page, "panel.choice.n_clusters, panel.result.n_clusters, panel.choice.reason")
    page.wait_for_function(LAST_SAYS, arg="teams>")
    assert f"({opened + 2}, {opened + 2}, 'as many as we have <teams>')" in last_output(page)
    expect(page.locator(".nbt-static summary").first).to_be_hidden()  # the panel shows the same
    picture("sweep-5-trained-light", cell)

    # Without a kernel picture and tables are still in the notebook, which is small.
    command(page, "docmanager:save")
    assert notebook.stat().st_size < 200_000
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    page.goto("about:blank")
    lab.open(page, "sweep.ipynb")
    pictures = page.locator("img[src*=nbt-picture]")
    expect(pictures).to_have_count(2)
    expect(pictures.first).to_be_visible()
    expect(page.locator(".nbt-static summary").first).to_be_visible()
    picture("sweep-6-reloaded")


def test_a_reload_in_the_middle_brings_all_of_it_back(lab: Lab, page: Page) -> None:
    panel = open_panel(lab, page, "sweep-reload.ipynb")
    # Many seeds, so that it goes on for long enough.
    panel.locator(".nbt-seeds input").fill(" ".join(map(str, range(100, 160))))
    panel.locator("button.nbt-start-sweep").click()
    page.wait_for_function(f"() => ({POINTS})() > 10", timeout=120_000)
    chart = panel.locator(".nbt-sweep .nbt-chart")
    plot = chart.locator(".nbt-chart-plot")
    plot.press("Home")
    expect(chart).to_have_attribute("data-open", "2")
    command(page, "docmanager:save")
    before, shown = fits_made(page), points(page)
    page.reload()
    wait_ready(page)
    page.wait_for_function(f"before => ({MADE})() > before", arg=before, timeout=60_000)
    page.wait_for_function(f"shown => ({POINTS})() >= shown", arg=shown)
    expect(chart).to_have_attribute("data-open", "2")
    expect(panel.locator(".nbt-sweep-table .nbt-intents tbody tr")).to_have_count(2)
    plot.press("ArrowRight")
    expect(chart).to_have_attribute("data-open", "3")
    expect(panel.locator(".nbt-sweep-table .nbt-intents tbody tr")).to_have_count(3)
    began = time.monotonic()
    panel.locator(".nbt-sweep button.nbt-cancel").click()
    status = panel.locator(".nbt-sweep .nbt-status [data-state]")
    expect(status).to_have_attribute("data-state", "cancelled")
    assert time.monotonic() - began < 3
    expect(panel.locator("button.nbt-start-sweep")).to_be_enabled()
    views = panel.locator(".nbt-sweep-view button")
    views.get_by_text("Map").click()
    expect(panel.locator(".nbt-points")).to_have_attribute("data-clusters", "3")

    # Picture and tables have found their way into the notebook, though the page is another one.
    notebook = lab.folder / "sweep-reload.ipynb"
    page.locator(".nbt-static").first.wait_for(state="attached")
    command(page, "docmanager:save")
    assert {"image/svg+xml", "text/html"} <= kept(notebook)

    # After a restart of the kernel the same cell brings all of it back.
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    page.goto("about:blank")
    lab.open(page, "sweep-reload.ipynb")
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 2 }")
    start(page, "notebook:run-cell")
    expect(panel.locator(".nbt-taken-up")).to_contain_text("was there already", timeout=60_000)
    expect(status).to_have_attribute("data-state", "cancelled")
    page.wait_for_function(f"shown => ({POINTS})() >= shown", arg=shown)
    expect(panel.locator(".nbt-seeds input")).to_have_value(re.compile("^100, 101, 102"))
    expect(panel.locator("button.nbt-start-sweep")).to_be_enabled()
    command(page, "docmanager:save")
    assert {"image/svg+xml", "text/html"} <= kept(notebook)


PLAIN = """\
from nbtrain.sweep_charts import sweep_chart
from nbtrain.widgets.pick_chart import PickChart
plain = PickChart(sweep_chart(range(2, 61), sample=True))
plain.insert({name: [(2, 0.2), (60, 0.8)] for name in plain.counts})
plain"""
OVERLAPPING = """() => {
  const names = [...document.querySelectorAll(".nbt-lines-name")];
  const boxes = names.map(name => name.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(
    b => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
  )).length;
}"""


def test_names_of_plain_lines_stand_side_by_side(
    lab: Lab, page: Page, picture: Callable[..., None]
) -> None:
    page.add_init_script("delete window.DecompressionStream")  # without which there is no plotly
    (lab.folder / "plain.ipynb").write_text(json.dumps(EMPTY))
    lab.open(page, "plain.ipynb")
    append_and_run(page, PLAIN)
    page.locator(".nbt-chart[data-state=fallback]").wait_for(timeout=60_000)
    names = page.locator(".nbt-lines-name")
    expect(names.filter(has_text="predictability")).to_have_count(1)
    expect(names.filter(has_text="of neighbours, of a sample")).to_have_count(1)
    picture("sweep-plain-light", page.locator(".nbt-chart"))
    assert page.evaluate(OVERLAPPING) == 0


MAP = """\
from nbtrain.sweep_results import FitCluster
from nbtrain.widgets.text_map import TextMap
labels = [i % 3 for i in range(300)]
text_map = TextMap([(label + i / 900, i / 300) for i, label in enumerate(labels)])
names = ["<b>cards", "loans", "fees"]
text_map.show(labels, [FitCluster(i, name, 100) for i, name in enumerate(names)])
text_map"""

HEAP = """\
heap = TextMap([(0.0, 0.0)] * 300 + [(1.0, 1.0)])
heap.show([0] * 300 + [1], [FitCluster(0, "same", 300), FitCluster(1, "other", 1)])
heap"""
# Pixels in colour, of any lightness.
INKED = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let inked = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b, a] = data.slice(i, i + 4);
    if (a > 60 && Math.max(r, g, b) - Math.min(r, g, b) > 60) inked += 1;
  }
  return inked;
}"""


def test_the_map_names_what_one_points_at(
    lab: Lab, page: Page, picture: Callable[..., None]
) -> None:
    (lab.folder / "map.ipynb").write_text(json.dumps(EMPTY))
    lab.open(page, "map.ipynb")
    append_and_run(page, MAP)
    text_map = page.locator(".nbt-points[data-points='300'][data-clusters='3']")
    text_map.wait_for(timeout=60_000)
    canvas, says = text_map.locator("canvas"), text_map.locator(".nbt-points-says")
    box = canvas.bounding_box()
    assert box is not None
    # The clusters lie side by side, and lean to the right.
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 18)
    expect(says).to_have_text("0: <b>cards")
    page.mouse.move(box["x"] + box["width"] - 15, box["y"] + 15)
    expect(says).to_have_text("2: fees")
    canvas.press("ArrowLeft")
    expect(says).to_have_text("1: loans")
    picture("map-light", text_map)
    canvas.press("Escape")
    expect(says).to_contain_text("3 clusters")
    # Other clusters of the same texts.
    append_and_run(page, "text_map.show([0] * 300, [FitCluster(0, 'all', 300)])")
    expect(page.locator(".nbt-points")).to_have_attribute("data-clusters", "1")

    # Texts at one place lie round it, or three hundred would look like one.
    append_and_run(page, HEAP)
    heap = page.locator(".nbt-points[data-points='301']")
    heap.wait_for()
    assert heap.locator("canvas").evaluate(INKED) > 1_500
    picture("map-heap-light", heap)
