"""``nbtrain lab``: JupyterLab on a copy of the demo notebook."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from ..errors import ServiceUnavailable
from ..home import state_folder

__all__ = ["lab"]

_PACKAGE = Path(__file__).parents[1]


def lab(arguments: argparse.Namespace) -> int:
    """Start JupyterLab. The copy is made once, so that changes to it stay."""
    if find_spec("jupyterlab") is None:
        raise ServiceUnavailable("JupyterLab is not installed: pip install 'nbtrain[lab]'")
    folder = state_folder() / "notebooks"
    folder.mkdir(exist_ok=True)
    for source in sorted(_notebooks().glob("*.ipynb")):
        if not (folder / source.name).exists():
            shutil.copy(source, folder)
    command = [sys.executable, "-m", "jupyterlab", str(folder / "demo.ipynb")]
    command.append(f"--ServerApp.root_dir={folder}")
    # So that the printed address leads there, too, where no browser opens.
    command.append("--LabApp.default_url=/lab/tree/demo.ipynb")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return subprocess.call([*command, *arguments.others])  # noqa: S603


def _notebooks() -> Path:
    # In a wheel they lie in the package, in a checkout beside it.
    packaged = _PACKAGE / "notebooks"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "notebooks"
