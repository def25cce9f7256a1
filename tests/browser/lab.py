"""A real JupyterLab server, and the few steps by which a test drives it in a browser."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

START_SECONDS = 60

SETTINGS = {
    # A pop-up that covers the page's corner, and asks the internet.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Cells out of sight stay on the page, where tests can find them.
    "notebook-extension/tracker": {"windowingMode": "none"},
}
OPENED = """() => {
  const widget = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  return Boolean(widget && widget.context && widget.sessionContext);
}"""
# JupyterLab says "Idle" too early; the kernel's own answer is what counts.
READY = """async () => {
  const widget = window.jupyterapp.shell.currentWidget;
  await widget.context.ready;
  await widget.sessionContext.ready;
  await widget.sessionContext.session.kernel.info;
}"""


@dataclass(frozen=True)
class Lab:
    """A JupyterLab server and its notebook folder."""

    url: str
    token: str
    folder: Path

    def open(self, page: Page, notebook: str) -> None:
        """Open a notebook alone on a page, and wait for its kernel."""
        page.goto(f"{self.url}doc/tree/{notebook}?reset&token={self.token}")
        wait_ready(page)


def wait_ready(page: Page) -> None:
    """Wait until the notebook on the page and its kernel answer."""
    page.wait_for_function(OPENED, timeout=60_000)
    page.evaluate(READY)


def command(page: Page, name: str, arguments: dict[str, Any] | None = None) -> None:
    """Run a command of JupyterLab, and wait for it."""
    page.evaluate(
        "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args) }",
        [name, arguments or {}],
    )


def start(page: Page, name: str) -> None:
    """Run a command of JupyterLab without waiting for it."""
    page.evaluate("name => { window.jupyterapp.commands.execute(name) }", name)


def append_and_run(page: Page, source: str) -> None:
    """Add a cell at the end and run it, without waiting for it."""
    page.evaluate(
        """async source => {
          const notebook = window.jupyterapp.shell.currentWidget.content;
          notebook.activeCellIndex = notebook.widgets.length - 1;
          await window.jupyterapp.commands.execute('notebook:insert-cell-below');
          notebook.activeCell.model.sharedModel.setSource(source);
          window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        source,
    )


def last_output(page: Page) -> str:
    """Return the text of the last code cell's outputs."""
    return page.locator(".jp-CodeCell").last.locator(".jp-OutputArea").first.inner_text()


def last_cell_runs(page: Page) -> bool:
    """Tell whether the last cell is being executed."""
    return "[*]" in page.locator(".jp-CodeCell").last.locator(".jp-InputPrompt").inner_text()


@contextmanager
def jupyter_lab(folder: Path, state: Path) -> Iterator[Lab]:
    """Run a JupyterLab server that knows nothing of the user's settings."""
    token = secrets.token_hex(16)
    runtime = state / "runtime"
    settings = state / "settings"
    for plugin, values in SETTINGS.items():
        file = settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    environment = {
        **os.environ,
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "IPYTHONDIR": str(state / "ipython"),
        "NBTRAIN_HOME": str(state / "nbtrain"),
    }
    line = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.port=0"]
    line += [f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={token}"]
    line += ["--LabApp.expose_app_in_browser=True", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        line.append("--allow-root")
    with (state / "jupyter.log").open("wb") as log:
        process = subprocess.Popen(line, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield Lab(_address(runtime, process, state / "jupyter.log"), token, folder)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(runtime: Path, process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            try:
                record = json.loads(file.read_text())
                address = f"{record['url']}api/status?token={record['token']}"
                with urllib.request.urlopen(address, timeout=5):
                    return str(record["url"])
            except (OSError, ValueError):
                pass
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
