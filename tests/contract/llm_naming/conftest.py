"""Fixtures of the tests of naming: a service, a language model's server, data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import nbtrain
from nbtrain import LocalService
from nbtrain.training import DataFile
from tests.llm_server import LLMServer, good, llm_server


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    """A service of its own: settings would name the clusters of other tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
            patch.delenv(name, raising=False)
        service = LocalService(tmp_path_factory.mktemp("home"))
        service.health()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def model() -> Iterator[LLMServer]:
    with llm_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _good(model: LLMServer) -> None:
    model.script = good
    model.asked.clear()
    model.spent = 0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataFile:
    df = nbtrain.samples.conversations(120, n_intents=6)
    path = tmp_path_factory.mktemp("data") / "dialogues.json"
    return nbtrain.write_dialogues(
        df, path, dialogue_id="dialogue_id", speaker="speaker", text="text"
    )
