"""Every notebook runs from top to bottom without anybody, and stays small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbtrain import LocalService

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
DEMO = NOTEBOOKS / "demo.ipynb"
# Bytes of an executed notebook, as JupyterLab saves it. nbclient adds the state of all widgets,
# of which the training panel has ninety and a sweep with its panel two hundred.
LARGEST = 100_000
# The outputs that a reloaded page fills take some kilobytes each.
WITH_STATE = {"SweepPanel(": 4 * LARGEST + 20_000, "": 3 * LARGEST}
# What a saved notebook shows of a chart without a kernel.
STATIC = {"image/svg+xml", "text/plain"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give an empty folder to write to; end the service that a notebook started."""
    (tmp_path / "work").mkdir()
    yield tmp_path / "work"
    LocalService(tmp_path / "state", start=False).stop()


def run(folder: Path, *arguments: str | Path) -> None:
    """Run a Jupyter module away from the user's settings and state."""
    own = folder.parent
    variables = {
        **os.environ,
        "NBTRAIN_HOME": str(own / "state"),
        "IPYTHONDIR": str(own / "ipython"),
        "JUPYTER_CONFIG_DIR": str(own / "jupyter" / "config"),
        "JUPYTER_DATA_DIR": str(own / "jupyter" / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "jupyter" / "runtime"),
    }
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def cells(path: Path) -> list[dict[str, Any]]:
    """Return the code cells of a notebook file."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def bundles(path: Path) -> list[set[str]]:
    """Return the kinds of data of each rich output."""
    return [
        set(output["data"])
        for cell in cells(path)
        for output in cell["outputs"]
        if "data" in output
    ]


def check_size(path: Path) -> None:
    """See that a notebook file is small."""
    # What executes a notebook saves the state of its widgets, too; JupyterLab does not.
    written = path.read_text(encoding="utf-8")
    assert len(written.encode()) < next(WITH_STATE[part] for part in WITH_STATE if part in written)
    notebook = json.loads(written)
    notebook["metadata"].pop("widgets", None)
    assert len(json.dumps(notebook, indent=1).encode()) < LARGEST


@pytest.mark.parametrize("path", sorted({DEMO, *NOTEBOOKS.glob("*.ipynb")}), ids=lambda p: p.stem)
def test_nbconvert_runs_the_notebook(path: Path, folder: Path) -> None:
    out = folder / "executed.ipynb"
    run(folder, "nbconvert", "--to", "notebook", "--execute", path, "--output", out)
    assert all(cell["execution_count"] for cell in cells(out))
    check_size(out)
    monitors = path.read_text(encoding="utf-8").count("Monitor(")
    assert sum(bundle >= STATIC for bundle in bundles(out)) >= monitors


def test_papermill_runs_the_demo(folder: Path) -> None:
    out = folder / "executed.ipynb"
    run(folder, "papermill", "--no-progress-bar", DEMO, out)
    check_size(out)
    last = json.dumps(cells(out)[-1]["outputs"])
    assert "succeeded" in last.lower()


@pytest.mark.parametrize("path", sorted({DEMO, *NOTEBOOKS.glob("*.ipynb")}), ids=lambda p: p.stem)
def test_the_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert "widgets" not in notebook["metadata"]
    for cell in cells(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
