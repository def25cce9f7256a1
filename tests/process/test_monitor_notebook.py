"""Two monitors in a notebook that is executed without a page, as nbconvert does it."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from nbclient import NotebookClient

CELLS = (
    """
from nbtrain import attach
from nbtrain.testing import ScriptedService, training_script
from nbtrain.widgets.monitor import RunMonitor

def start():
    script = training_script(60)
    return attach("r1", ScriptedService([script[0], *script]))

first, second = RunMonitor(start(), interval=0), RunMonitor(start())
for monitor in (first, second):
    monitor.run._sleep = lambda seconds: None
""",
    "first",
    "second",
    "first.wait(60), second.wait(60)",
)


def test_pictures_and_final_state_are_saved_and_small() -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{i}", "source": source, "metadata": {}, "outputs": [],
         "execution_count": None}
        for i, source in enumerate(CELLS)
    ]  # fmt: skip
    kernelspec = {"name": "python3", "display_name": "Python 3"}
    notebook: Any = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernelspec}, "cells": cells}
    )
    NotebookClient(notebook, timeout=120).execute()
    for cell in notebook.cells[1:3]:
        widget, picture = cell.outputs
        assert "application/vnd.jupyter.widget-view+json" in widget.data
        assert picture.data["image/svg+xml"].startswith("<svg ")
        assert picture.data["text/plain"].startswith(
            "Run r1 of model demo succeeded after 1 min 01 s"
        )
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    snapshots = [
        json.loads(s["state"]["snapshot"]) for s in states.values() if "snapshot" in s["state"]
    ]
    assert [snapshot["done"] for snapshot in snapshots] == [True, True]
    assert [len(x) for x in snapshots[0]["x"]] == [62, 60, 60, 60]
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    assert len(text.encode()) < 100_000
