"""What users install does the main job: source distribution, wheel, a clean environment, demo.

Built as for publishing, and run where the checkout can't be seen. Dependencies come from the
package index, as the wheel's own metadata asks for them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import nbtrain

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    assert sdist.name == f"nbtrain-{nbtrain.__version__}.tar.gz"
    return wheel


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make an environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "venv", with_pip=True, symlinks=os.name != "nt")
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    # The constraints fix versions only; what is installed the wheel decides.
    constraints = shutil.copy(ROOT / "binder" / "constraints.txt", folder)
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-compile", "-c", constraints, wheel],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    yield python
    shutil.rmtree(folder / "venv", ignore_errors=True)  # half a gigabyte


def environment(home: Path) -> dict[str, str]:
    """Return variables that don't lead back to the checkout or to this environment."""
    left_out = ("PYTHON", "VIRTUAL_ENV", "NBTRAIN_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    path = [
        p for p in kept.get("PATH", "").split(os.pathsep) if Path(p) != Path(sys.executable).parent
    ]
    return {**kept, "PATH": os.pathsep.join(path), "NBTRAIN_HOME": str(home / "state")}


def test_the_wheel_holds_what_the_package_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "nbtrain").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"nbtrain/notebooks/{path.name}" in names
    parts = {name.partition("/")[0] for name in names}
    assert parts == {"nbtrain", f"nbtrain-{nbtrain.__version__}.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_installed_wheel_does_the_main_job(clean_python: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    variables = environment(tmp_path)

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            command, cwd=empty, env=variables, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    try:
        where = run(clean_python, "-c", "import nbtrain; print(nbtrain.__file__)")
        assert Path(where.strip()).is_relative_to(clean_python.parents[1])
        run(clean_python, "-m", "pip", "check")
        answer = json.loads(run(clean_python.with_name("nbtrain"), "demo", "--json"))
    finally:
        stop = "import nbtrain; nbtrain.LocalService(start=False).stop()"
        run(clean_python, "-c", stop)
    assert answer["state"] == "succeeded"
    assert answer["documents"] == 600
    assert 1 < answer["clusters"] < answer["documents"]
    assert sum(row["size"] for row in answer["table"]) <= answer["documents"]
    assert Path(answer["report"]).is_file()
    assert list(empty.iterdir()) == []
