"""Secrets typed into the panel: gone from the page at once, never in the notebook."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .lab import Lab, append_and_run, command
from .test_demo import DEMO

CANARY = "canary-91ab-typed"


def test_what_is_typed_into_a_secret_field_is_not_kept(
    lab: Lab, page: Page, picture: Callable[..., None]
) -> None:
    notebook = lab.folder / "secrets.ipynb"
    notebook.write_text(DEMO.read_text(encoding="utf-8"))
    lab.open(page, "secrets.ipynb")
    append_and_run(
        page,
        "import nbtrain\ndf = nbtrain.samples.sentences(200)\n"
        "panel = nbtrain.TrainingPanel(df, text='text', model_id='secret-keeper')\npanel",
    )
    panel = page.locator(".nbt-training")
    cell = page.locator(".jp-CodeCell", has=panel)
    panel.locator(".nbt-service select").select_option("Knovvu")
    panel.locator(".nbt-base-url input").fill("https://ai.example.com")
    panel.locator(".nbt-client-id input").fill("me")
    secret = panel.locator(".nbt-client-secret input")
    secret.fill(CANARY)
    secret.press("Tab")
    expect(panel.locator(".nbt-credentials")).to_contain_text("A secret is set")
    expect(secret).to_have_value("")
    expect(panel.locator("button.nbt-train")).to_be_enabled()
    picture("9-knovvu", cell)

    panel.locator(".nbt-service select").select_option("Local service")
    panel.locator(".nbt-llm-form .jupyter-widget-Collapse-header").click()
    panel.locator(".nbt-llm input").check()
    panel.locator(".nbt-provider select").select_option("OpenAi")
    expect(panel.locator(".nbt-messages")).to_contain_text("OPENAI_API_KEY")
    panel.locator(".nbt-model input").fill("gpt-4o-mini")
    key = panel.locator(".nbt-key input")
    key.fill(CANARY)
    key.press("Tab")
    expect(panel.locator(".nbt-llm-key")).to_contain_text("OPENAI_API_KEY is set")
    expect(key).to_have_value("")
    expect(panel.locator(".nbt-llm-estimate")).to_contain_text("tokens")
    expect(panel.locator("button.nbt-train")).to_be_enabled()
    picture("10-llm", cell)
    command(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    page.set_viewport_size({"width": 600, "height": 1000})
    picture("11-llm-dark-narrow", cell)
    command(page, "apputils:change-theme", {"theme": "JupyterLab Light"})

    command(page, "docmanager:save")
    assert CANARY not in notebook.read_text(encoding="utf-8")
    assert CANARY not in page.content()
