"""The fields that few need, in a real JupyterLab: folded away, typed into, and used."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from .lab import Lab, append_and_run, command
from .test_intents import EMPTY

PANELS = """\
import nbtrain
df = nbtrain.samples.conversations(150, n_intents=6)
columns = {"dialogue_id": "dialogue_id", "speaker": "speaker", "text": "text"}
panel = nbtrain.TrainingPanel(df, **columns, model_id="browser-turns", n_clusters=12)
panel"""
INTENTS = """\
texts = nbtrain.samples.sentences(600)
intents = nbtrain.IntentPanel(texts, text="text", intent="intent", model_id="browser-more")
intents"""
LABELS = """\
labelled = nbtrain.label(df, panel.result)
print("labelled", labelled["cluster"].notna().eq(df["speaker"] == "agent").all())"""


def test_turns_are_chosen_and_clustered_each_by_itself(
    lab: Lab, page: Page, picture: Callable[..., None]
) -> None:
    (lab.folder / "more.ipynb").write_text(json.dumps(EMPTY))
    lab.open(page, "more.ipynb")
    append_and_run(page, PANELS)
    panel = page.locator(".nbt-training:not(.nbt-intent-panel)")
    cell = page.locator(".jp-CodeCell", has=panel)
    expect(panel.locator("button.nbt-train")).to_be_enabled(timeout=60_000)
    more = panel.locator(".nbt-more")
    expect(more.locator(".nbt-turns select")).to_be_hidden()
    picture("more-1-folded-light", cell)
    more.get_by_text("More", exact=True).click()
    more.locator(".nbt-turns select").select_option(label="Those of agents and bots")
    more.locator(".nbt-unit select").select_option(label="Each turn by itself")
    panel.get_by_text("Python code", exact=True).click()
    expect(panel.locator(".nbt-code pre").first).to_contain_text("unit='utterance'")

    append_and_run(page, INTENTS)
    intents = page.locator(".nbt-intent-panel")
    other = page.locator(".jp-CodeCell", has=intents)
    intents.locator(".nbt-more").get_by_text("More", exact=True).click(timeout=60_000)
    model = intents.locator(".nbt-embedder input")
    model.fill("rows.npy")
    expect(intents.locator(".nbt-embedder-messages")).to_contain_text("Name a neural model")
    expect(intents.locator("button.nbt-train")).to_be_disabled()
    for theme in ("Light", "Dark"):
        command(page, "apputils:change-theme", {"theme": f"JupyterLab {theme}"})
        for width in (1400, 600):
            page.set_viewport_size({"width": width, "height": 3_000})
            page.wait_for_timeout(400)
            picture(f"more-2-{theme}-{width}", cell)
            picture(f"more-3-intents-{theme}-{width}", other)
            # Nothing sticks out, and no part has got a scrollbar of its own.
            for part in (more, intents.locator(".nbt-more")):
                assert part.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
                assert part.evaluate("e => e.scrollHeight <= e.clientHeight + 1")
            assert panel.locator(".nbt-code pre").evaluate(
                "e => e.getBoundingClientRect().right <= "
                "e.closest('.nbt-code').getBoundingClientRect().right"
            )
    command(page, "apputils:change-theme", {"theme": "JupyterLab Light"})
    page.set_viewport_size({"width": 1400, "height": 1000})
    model.fill("")
    expect(intents.locator("button.nbt-train")).to_be_enabled()

    panel.locator("button.nbt-train").click()
    status = panel.locator(".nbt-status [data-state]")
    expect(status).to_have_attribute("data-state", "succeeded", timeout=120_000)
    table = cell.locator(".nbt-table")
    expect(table.locator("tbody tr")).to_have_count(12)
    picture("more-4-result", table)
    append_and_run(page, LABELS)
    expect(page.locator(".jp-CodeCell").last).to_contain_text("labelled True")
