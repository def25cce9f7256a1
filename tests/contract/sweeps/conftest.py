"""Fixtures of the tests of sweeps: services of every kind, and conversations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import nbtrain
from nbtrain import LocalService
from nbtrain.services.base import TrainingService
from nbtrain.testing import ScriptedService, training_script
from nbtrain.training import DataFile
from tests.contract.sweeps.services import PlainLocalService, knovvu


@pytest.fixture
def plain(service: LocalService) -> PlainLocalService:
    return PlainLocalService(service.home)


@pytest.fixture
def data(conversations: pd.DataFrame, tmp_path: Path) -> DataFile:
    path = tmp_path / "dialogues.json"
    return nbtrain.write_dialogues(
        conversations, path, dialogue_id="dialogue_id", speaker="speaker", text="text"
    )


@pytest.fixture(params=["local", "plain", "knovvu", "scripted"])
def any_service(
    request: pytest.FixtureRequest, service: LocalService, plain: PlainLocalService
) -> TrainingService:
    makers: dict[str, Callable[[], TrainingService]] = {
        "local": lambda: service,
        "plain": lambda: plain,
        "knovvu": lambda: knovvu(service),
        "scripted": lambda: ScriptedService(training_script(2)),
    }
    return makers[request.param]()
