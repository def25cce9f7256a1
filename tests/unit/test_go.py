"""The launcher: what it says to an old Python, what it hands on, where it opens a window."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import go

SOURCE = Path(go.__file__)


def test_an_old_python_can_parse_it() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_an_old_python_is_told_so() -> None:
    code = f"import runpy, sys; sys.version_info = (3, 10, 9); runpy.run_path({str(SOURCE)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("nbtrain needs Python 3.11 or newer.")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["dmo"], ["--help"]])
def test_an_unknown_task_shows_the_tasks(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, SOURCE, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert "python3 go.py demo" in done.stderr


def test_leftovers_of_other_pythons_stay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "PYTHONPATH",
        "PYTHONHOME",
        "PIP_TARGET",
        "PIP_REQUIRE_VIRTUALENV",
        "CONDA_PREFIX",
    ):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "elsewhere")
    assert "elsewhere" not in go.environment().values()


def test_the_way_to_packages_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "HTTPS_PROXY")
    for name in names:
        monkeypatch.setenv(name, "mirror")
    assert [go.environment()[name] for name in names] == ["mirror"] * len(names)


def test_commands_of_the_environment_come_first() -> None:
    assert go.environment()["PATH"].split(os.pathsep)[0] == str(go.BIN)


def test_files_run_side_by_side(tmp_path: Path) -> None:
    test = "import os\ndef test(): print(os.environ['PYTEST_XDIST_WORKER'])\n" * 2
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text(test.replace("def test()", "def test_1()", 1))
    command = [sys.executable, "-m", "pytest", "-rP", *go.SIDE_BY_SIDE, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "4 passed" in done.stdout, done.stdout
    workers = [line for line in done.stdout.splitlines() if line.startswith("gw")]
    assert len(workers) == 4
    assert len(set(workers)) == min(os.cpu_count() or 1, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a display is taken for granted")
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": ":0", "CI": "true"}, False),
    ],
)
def test_a_display_is_noticed(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: bool
) -> None:
    for name in ("CI", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert go.has_display() is expected
