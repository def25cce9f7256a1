"""The service's README names every route, option and exit code there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

import nbtrain
from nbtrain.daemon.app import make_app
from nbtrain.daemon.einstein.assertions import Assertions
from nbtrain.daemon.einstein.loading import Loading
from nbtrain.daemon.inference import TENANT
from nbtrain.daemon.llm_settings import LLMStore
from nbtrain.daemon.namer import Namer
from nbtrain.daemon.pods import Pods
from nbtrain.daemon.storage import StoreThread
from nbtrain.daemon.store import Store
from nbtrain.daemon.supervisor import Supervisor
from nbtrain.daemon.tokens import Tokens
from nbtrain.protocols.einstein_access import VISION_PREFIX


@pytest.fixture(scope="module")
def readme() -> str:
    return (Path(nbtrain.__file__).parent / "daemon" / "README.md").read_text(encoding="utf-8")


def test_every_route_and_no_other(readme: str, tmp_path: Path) -> None:
    db = StoreThread(Store(tmp_path / "state.sqlite"))
    supervisor = Supervisor(db, tmp_path, max_workers=1)
    pods = Pods(supervisor.folder)
    guard = make_app(
        Tokens("id", "secret"),
        db,
        supervisor,
        pods,
        LLMStore(tmp_path / "names.sqlite"),
        Namer(),
        Assertions(),
        Loading(db, tmp_path),
        tenant=TENANT,
        max_upload=1,
        token_for_inference=False,
    )
    assert isinstance(guard.app, Starlette)
    routes = [route for route in guard.app.routes if isinstance(route, Route)]
    db.close()
    served = {
        (method, route.path)
        for route in routes
        for method in (route.methods or set()) - {"HEAD"}
        if not route.path.startswith(VISION_PREFIX)
    }
    told = set(
        re.findall(r"^\| `(GET|POST|PUT|DELETE) (/[^`?]*)(?:\?[^`]*)?` \|", readme, re.MULTILINE)
    )
    assert told == served


def test_every_option_and_no_other(readme: str) -> None:
    command = [sys.executable, "-m", "nbtrain.daemon", "--help"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    offered = set(re.findall(r"^\s+(--[a-z-]+)", text, re.MULTILINE))
    assert offered == set(re.findall(r"^\| `(--[a-z-]+)", readme, re.MULTILINE))
