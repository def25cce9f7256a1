"""The page's half of a saved output, in notebooks as they may be and in hosts that have none."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from nbtrain.widgets.saved_output import SavedOutput

# Stands for a host's widget manager; returns the outputs after a message, and what was sent.
HOST = """async ([source, cells, manager]) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const module = (await import(url)).default;
  const list = (outputs) => outputs && ({
    get length() { return outputs.length; },
    get: (i) => outputs[i],
    set: (i, output) => { outputs[i] = output; },
  });
  const hosts = {
    notebook: { context: { model: { cells: cells.map((one) => ({ outputs: list(one) })) } } },
    console: { context: {} },
    loading: { context: { model: null } },
    other: {},
    none: undefined,
  };
  const heard = [], sent = [];
  const send = (message) => {
    if (manager === "none") throw new Error("no kernel");
    sent.push(message);
  };
  const on = (_, callback) => heard.push(callback);
  const model = { widget_manager: hosts[manager], send, on };
  module.initialize({ model });
  const data = { "text/plain": "new" };
  for (const callback of heard) callback({ kind: "fill", id: "mine", data });
  return [cells, sent];
}"""


def output(name: str | None) -> dict[str, Any]:
    metadata = {} if name is None else {"nbtrain": {"output": name}}
    return {"output_type": "display_data", "data": {"text/plain": "old"}, "metadata": metadata}


def texts(cells: list[list[dict[str, Any]] | None]) -> list[list[str]]:
    return [[one["data"]["text/plain"] for one in outputs or ()] for outputs in cells]


def test_each_output_of_that_id_is_filled_and_no_other(page: Page) -> None:
    page.goto("about:blank")
    # Text has no outputs, one cell was cleared, and one was copied with its output.
    cells = [None, [], [output(None), output("mine"), output("other")], [output("mine")]]
    found, sent = page.evaluate(HOST, [SavedOutput._esm, cells, "notebook"])
    assert texts(found) == [[], [], ["old", "new", "old"], ["new"]]
    assert sent == [{"kind": "hello"}]


@pytest.mark.parametrize("manager", ["console", "loading", "other", "none"])
def test_where_there_is_no_notebook_nothing_happens(page: Page, manager: str) -> None:
    page.goto("about:blank")
    cells = [[output("mine")]]
    found, _ = page.evaluate(HOST, [SavedOutput._esm, cells, manager])
    assert texts(found) == [["old"]]
