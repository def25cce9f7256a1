"""Fixtures of the tests of Einstein's trainings: a service that trains one model at a time."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.daemon_process import RunningDaemon, start_daemon


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home"), max_workers=1) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client
