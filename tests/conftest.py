"""Fixtures that several kinds of test share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import nbtrain
from nbtrain import LocalService

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    """One real local service for all tests that don't stop or kill it."""
    service = LocalService(tmp_path_factory.mktemp("home"))
    yield service
    service.stop()


@pytest.fixture(scope="session")
def conversations() -> pd.DataFrame:
    """A few bundled conversations."""
    return nbtrain.samples.conversations(120, n_intents=8)


@pytest.fixture
def shared_data() -> Path:
    """The folder of public data sets; skips where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the public data sets are not at {SHARED_DATA.parent.name}/data")
    return SHARED_DATA
