"""Binder reads what is meant for it, and its two scripts do what they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Binder runs on Linux")


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """Let repo2docker look at the project; without a build it prints what it would do."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_repo2docker_takes_the_python_we_name(dockerfile: str) -> None:
    assert "Building conda environment for python=3.12\n" in dockerfile
    assert "Python version unspecified" not in dockerfile


@pytest.mark.parametrize(
    "line",
    [
        'RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r "binder/requirements.txt"',
        "RUN ./binder/postBuild",
        'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"',
    ],
)
def test_repo2docker_uses_the_file(dockerfile: str, line: str) -> None:
    assert line in dockerfile.splitlines()


def test_the_whole_repository_is_there_before_the_requirements(dockerfile: str) -> None:
    # The requirements name the repository itself.
    copied = dockerfile.index(" src/ ${REPO_DIR}/\n")
    assert copied < dockerfile.index('pip install --no-cache-dir -r "binder/requirements.txt"')


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_scripts_may_be_run(name: str) -> None:
    assert os.access(ROOT / "binder" / name, os.X_OK)


def test_post_build_puts_the_settings_where_jupyterlab_reads_them(tmp_path: Path) -> None:
    bin_folder = str(Path(sys.executable).parent)
    variables = {
        **os.environ,
        "NB_PYTHON_PREFIX": str(tmp_path),
        "PATH": os.pathsep.join([bin_folder, os.environ["PATH"]]),
    }
    done = subprocess.run(
        ["./binder/postBuild"], cwd=ROOT, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = tmp_path / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    overrides = json.loads(written.read_text(encoding="utf-8"))
    assert len(overrides) == 2
    schemas = Path(sysconfig.get_path("data")) / "share" / "jupyter" / "lab" / "schemas"
    for plugin, settings in overrides.items():
        extension, _, name = plugin.partition(":")
        schema = json.loads((schemas / extension / f"{name}.json").read_text(encoding="utf-8"))
        for key, value in settings.items():
            known: dict[str, Any] = schema["properties"][key]
            assert value in [choice["const"] for choice in known["oneOf"]]


def test_start_hands_over_with_one_thread() -> None:
    code = "import os, sys; print(os.environ['OMP_NUM_THREADS'], *sys.argv[1:])"
    command = ["./binder/start", sys.executable, "-c", code, "a b", "c"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "1 a b c\n"
