"""Fixtures of the tests against the scripted vendor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import nbtrain
from nbtrain import DataFile, KnovvuService
from nbtrain.services.connection import Limits
from nbtrain.testing import FakeClock

from .vendor import Vendor


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """A stand-in for the vendor, at a real address."""
    with Vendor() as vendor:
        yield vendor


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the client, by which nobody waits."""
    return FakeClock()


@pytest.fixture
def client(vendor: Vendor, clock: FakeClock) -> KnovvuService:
    """The vendor's client; it reads answers up to 100,000 bytes."""
    return make_client(vendor, clock, Limits(size=100_000))


@pytest.fixture
def hasty_client(vendor: Vendor, clock: FakeClock) -> KnovvuService:
    """A client that waits for half a second only."""
    return make_client(vendor, clock, Limits(read=0.5, accept=0.5, answer=0.5))


def make_client(vendor: Vendor, clock: FakeClock, limits: Limits) -> KnovvuService:
    """Return a client whose clock also tells the time that really passes."""
    start = time.monotonic()
    return KnovvuService(
        vendor.url,
        "trainer",
        vendor.clients["trainer"],
        limits=limits,
        clock=lambda: clock() + time.monotonic() - start,
        sleep=clock.sleep,
        chance=lambda: 1.0,
    )


@pytest.fixture
def sentences(tmp_path: Path) -> DataFile:
    """A small data file."""
    df = pd.DataFrame({"text": ["where is my card", "my card is lost", "cancel my order"]})
    return nbtrain.write_intents(df, tmp_path / "sentences.json", text="text")
