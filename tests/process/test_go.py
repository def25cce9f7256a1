"""The launcher sets up a small project for real: once, again, interrupted, and twice at a time.

The project has what an editable install needs, pinned as in our own lock, and a command that says
what it was called with.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "nbtrain"
version = "1"
[project.scripts]
nbtrain = "nbtrain._version:main"
"""
MODULE = "import json, os, sys\ndef main(): print(json.dumps([sys.argv[1:], dict(os.environ)]))\n"


def small_lock() -> str:
    """Cut the lock file down to what builds a package."""
    needed = {"editables", "hatchling"}
    needed |= {Requirement(text).name for text in requires("hatchling") or ()}
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    return "\n".join(entry for entry in entries if entry.partition("==")[0] in needed)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "a project"  # with a blank, as many have
    (folder / "nbtrain").mkdir(parents=True)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "go.py", folder)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "nbtrain" / "__init__.py").touch()
    (folder / "nbtrain" / "_version.py").write_text(MODULE)
    (folder / "requirements.lock").write_text(small_lock())
    (folder / "tests" / "requirements.lock").write_text(small_lock())
    return folder


def start(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "go.py", "demo", "--headless", *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[list[str], dict[str, str], str]:
    """Return the arguments and variables that the command saw, and what the launcher said."""
    out, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    arguments, variables = json.loads(out)
    return arguments, variables, said


def test_set_up_once_and_repaired_when_needed(project: Path) -> None:
    # An environment made by hand is used, another one that is active is left alone.
    venv = project / ".venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    mine = venv / "mine.txt"
    mine.touch()
    other = project / "other"
    other.mkdir()
    arguments, variables, said = finish(
        start(project, "--json", VIRTUAL_ENV=str(other), PIP_TARGET=str(other))
    )
    assert arguments == ["demo", "--json"]
    assert variables["VIRTUAL_ENV"] == str(venv)
    assert "Setting up" in said
    assert mine.exists()
    assert list(other.iterdir()) == []

    # The second time there is nothing to do.
    assert finish(start(project))[2] == ""

    # Other metadata: the package is installed again, its requirements are not.
    pyproject = project / "pyproject.toml"
    pyproject.write_text(PYPROJECT.replace('version = "1"', 'version = "2"'))
    said = finish(start(project))[2]
    assert "Set up in" in said
    assert "Setting up" not in said
    assert list(venv.glob("**/nbtrain-2.dist-info"))

    # Cut short in the middle: all is made anew, by the first of two that come at the same time.
    (venv / ".go.json").write_text("")
    both = [start(project), start(project)]
    said = "".join(finish(process)[2] for process in both)
    assert said.count("Setting up") == 1
    assert not mine.exists()


def test_a_wrong_hash_is_refused_and_nothing_counts_as_installed(project: Path) -> None:
    lock = project / "requirements.lock"
    lock.write_text(re.sub(r"sha256:[0-9a-f]{8}", "sha256:00000000", small_lock()))
    process = start(project)
    out, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert out == ""
    assert "DO NOT MATCH THE HASHES" in said
    assert "Traceback" not in said
    assert (project / ".venv" / ".go.json").read_text() == ""
