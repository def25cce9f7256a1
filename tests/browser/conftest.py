"""Fixtures of the browser tests: a JupyterLab server, and a page that tolerates no error."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from nbtrain import LocalService

from .lab import Lab, jupyter_lab

BROWSERS = ("chromium", "google-chrome", "google-chrome-stable", "chrome")
expect.set_options(timeout=30_000)

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

# What JupyterLab itself prints, and we can't help.
NOT_OURS = (
    "Connection lost",
    "Could not restore the debugger state",
    "WebSocket connection to",
    "Kernel: connected",
    # After a restart of the kernel its widgets are gone, which is what one test is about.
    "widget model not found",
)


# JupyterLab itself now and then takes a node out twice, where rows of a form come and go quickly.
# Our own scripts are loaded from blob addresses, and are not excused.
TAKEN_OUT_TWICE = "The node to be removed is not a child of this node"


# Not for the session: playwright keeps an event loop running, in which other tests would find
# themselves.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    named = os.environ.get("NBTRAIN_TEST_BROWSER")
    program = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        reason = f"no browser found (looked for {', '.join(BROWSERS)})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    state = tmp_path_factory.mktemp("jupyter")
    with jupyter_lab(tmp_path_factory.mktemp("notebooks"), state) as lab:
        yield lab
    LocalService(state / "nbtrain", start=False).stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in NOT_OURS):
            faults.append(message.text)

    def failed(error: Error) -> None:
        stack = error.stack or ""
        if any(text in str(error) for text in NOT_OURS):
            return
        if TAKEN_OUT_TWICE in str(error) and "blob:" not in stack:
            return
        faults.append(f"{error}\n{stack}")

    page.on("console", heard)
    page.on("pageerror", failed)
    yield page
    context.close()
    assert faults == [], "the page reported errors"


@pytest.fixture
def picture(page: Page) -> Callable[..., None]:
    """Takes a screenshot if NBTRAIN_SCREENSHOTS names a folder to look at them in."""
    folder = os.environ.get("NBTRAIN_SCREENSHOTS")

    def take(name: str, part: Locator | None = None) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.wait_for_timeout(1_500)  # for what follows a new theme or another width
            (part or page).screenshot(path=Path(folder) / f"{name}.png")

    return take
