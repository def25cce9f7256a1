"""Fixtures of the tests of Einstein's client: a stand-in for the vendor, data, a request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbtrain import (
    DataFile,
    EinsteinService,
    IntentClassification,
    TrainingRequest,
)
from nbtrain.services.connection import Limits
from nbtrain.testing import FakeClock
from tests.contract.einstein_client.rows import ROWS, write
from tests.contract.einstein_vendor import Einstein, private_key


@pytest.fixture
def einstein() -> Iterator[Einstein]:
    with Einstein() as einstein:
        yield einstein


@pytest.fixture
def client(einstein: Einstein, clock: FakeClock) -> EinsteinService:
    return make(einstein, clock, Limits(read=0.5, accept=0.5, answer=0.5))


def make(einstein: Einstein, clock: FakeClock, limits: Limits | None = None) -> EinsteinService:
    start = time.monotonic()
    return EinsteinService(
        einstein.url,
        "me@example.com",
        private_key(),
        limits=limits,
        clock=lambda: clock() + time.monotonic() - start,
        sleep=clock.sleep,
        chance=lambda: 1.0,
    )


@pytest.fixture
def labelled(tmp_path: Path) -> DataFile:
    return write(tmp_path / "labelled.json", ROWS)


@pytest.fixture
def request_(labelled: DataFile) -> TrainingRequest:
    return TrainingRequest("topics", labelled, IntentClassification())
