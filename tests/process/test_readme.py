"""What the README shows is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import nbtrain
from tests.llm_server import llm_server

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"^nbtrain (\w+)", README, re.MULTILINE)
BENCHMARKS = re.findall(r"^\| `(\w+)(?: --python PYTHON)?` \|", README, re.MULTILINE)


def test_the_python_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBTRAIN_HOME", str(tmp_path / "home"))
    names: dict[str, Any] = {}
    assert len(BLOCKS) == 8
    with llm_server() as server:
        for block in BLOCKS:
            exec(block.replace("http://127.0.0.1:11434/v1", server.url), names)
        assert names["run"].wait(60).state is nbtrain.RunState.SUCCEEDED
        assert server.asked
    assert names["result"].n_clusters >= 2
    assert names["chosen"].result().n_clusters == 12
    assert (tmp_path / "support.html").exists()
    names["monitor"] = None
    names["panel"].close()
    names["tuning"].close()
    names["intents"].close()
    nbtrain.LocalService().stop()


def test_every_command_and_benchmark_exists() -> None:
    assert set(COMMANDS) == {"demo", "lab", "serve", "train"}
    there = {path.stem for path in (Path(__file__).parents[1] / "benchmarks").glob("[!_]*.py")}
    assert set(BENCHMARKS) == there
