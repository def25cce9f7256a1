"""Fixtures that several kinds of test share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nbtrain.worker.__main__ import limit_threads

# Before numpy is loaded: with more threads the small products of these tests take several times
# as long, and results are those of the worker's process.
limit_threads()

import pandas as pd  # noqa: E402
import pytest  # noqa: E402

import nbtrain  # noqa: E402
from nbtrain import LocalService  # noqa: E402

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
