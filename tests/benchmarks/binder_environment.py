"""Build Binder's environment by hand, run the demo notebook in it, and measure memory.

    .venv/bin/python -m tests.benchmarks.binder_environment [--python PYTHON3.12]

Takes some minutes and 700 MB of disk, in a temporary folder. Binder's base image holds older
Jupyter packages, as repo2docker lists them; they are installed first, then what ``binder/`` asks
for. The notebook runs beside an idle JupyterLab server. Memory is the proportional set size of
every process concerned: server, kernel, local service, worker, and nbconvert, which Binder doesn't
run. Ends with an error if the packages don't fit together, the notebook fails, or memory reaches
1 GB.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 1000  # MB
BASE = {  # in conda's spelling
    "ipykernel": "ipykernel",
    "ipywidgets": "ipywidgets",
    "jupyter-offlinenotebook": "jupyter-offlinenotebook",
    "jupyter-resource-usage": "jupyter-resource-usage",
    "jupyterhub-base": "jupyterhub",
    "jupyterlab": "jupyterlab",
    "notebook": "notebook",
}


def base_packages(python: str) -> list[str]:
    """Read the Jupyter packages of Binder's base image from repo2docker."""
    name = f"buildpacks/conda/environment.py-{python}-linux-64.lock"
    text = files("repo2docker").joinpath(name).read_text(encoding="utf-8")
    found = dict(re.findall(r"/(?:noarch|linux-64)/([\w.-]+?)-(\d[\w.]*)-[^-/\s]+$", text, re.M))
    found |= dict(re.findall(r"/([a-z_-]+?)-(\d[\w.]*)-[^/\s]*?\.conda", text))
    return [f"{ours}=={found[theirs]}" for theirs, ours in BASE.items()]


class Memory(threading.Thread):
    """Watch the processes that carry a mark in their environment."""

    def __init__(self, mark: str) -> None:
        super().__init__(daemon=True)
        self._mark = mark.encode()
        self._done = threading.Event()
        self.peak: Counter[str] = Counter()

    def run(self) -> None:
        while not self._done.wait(0.1):
            now = self.sample()
            if now.total() > self.peak.total():
                self.peak = now

    def sample(self) -> Counter[str]:
        """Return megabytes by kind of process."""
        found: Counter[str] = Counter()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark not in (process / "environ").read_bytes():
                    continue
                command = (process / "cmdline").read_bytes().decode().split("\0")
                rollup = (process / "smaps_rollup").read_text()
            except OSError:  # it has ended
                continue
            size = re.search(r"^Pss:\s+(\d+)", rollup, re.M)
            found[kind(command)] += int(size[1]) // 1024 if size else 0
        return found

    def stop(self) -> None:
        self._done.set()
        self.join()


def kind(command: list[str]) -> str:
    """Name a process by the module that it runs."""
    modules = ("nbtrain.daemon", "nbtrain.worker", "ipykernel_launcher", "nbconvert", "jupyterlab")
    return next((name for name in modules if name in command), "other")


def main() -> int:
    """Build, run, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    version = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    parser.add_argument("--python", default=shutil.which(f"python{version}"))
    python = parser.parse_args().python
    if python is None:
        parser.error(f"python{version} is not on the path; name it with --python")
    with tempfile.TemporaryDirectory() as name:
        try:
            return measure(Path(name), python, version)
        except subprocess.CalledProcessError as error:
            sys.exit(str(error))


def measure(folder: Path, python: str, version: str) -> int:
    repo, prefix, home = folder / "repo", folder / "venv", folder / "state"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for path in filter(None, listed.stdout.split("\0")):
        if (ROOT / path).exists():
            (repo / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, repo / path)
    left_out = ("PYTHON", "VIRTUAL_ENV", "JUPYTER")
    variables = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    variables |= {
        "NB_PYTHON_PREFIX": str(prefix),
        "NBTRAIN_HOME": str(home),
        "PATH": os.pathsep.join([str(prefix / "bin"), os.environ["PATH"]]),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
    }

    def run(*command: str) -> float:
        began = time.monotonic()
        subprocess.run(command, cwd=repo, env=variables, check=True)
        return time.monotonic() - began

    run(python, "-m", "venv", str(prefix))
    base = base_packages(version)
    print("Base image:", ", ".join(base), flush=True)
    run("pip", "install", "-q", *base)
    seconds = run("pip", "install", "-q", "-r", "binder/requirements.txt")
    print(f"Requirements installed in {seconds:.0f} s", flush=True)
    run("./binder/postBuild")

    server = subprocess.Popen(
        [
            "./binder/start",
            "python",
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--port=0",
        ],
        cwd=repo,
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    memory = Memory(str(home))
    memory.start()
    executed = folder / "executed.ipynb"
    try:
        seconds = run(
            *("./binder/start", "python", "-m", "nbconvert", "--to", "notebook", "--execute"),
            *("notebooks/demo.ipynb", "--output", str(executed)),
        )
    finally:
        memory.stop()
        run("python", "-c", "import nbtrain; nbtrain.LocalService(start=False).stop()")
        server.terminate()
        server.wait()
    total = memory.peak.total()
    print(f"Notebook ran in {seconds:.0f} s; peak {total} MB (limit {LIMIT}):")
    for process, size in memory.peak.most_common():
        print(f"  {process:20} {size:5} MB")
    return 0 if {"nbtrain.daemon", "jupyterlab"} <= memory.peak.keys() and total < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
