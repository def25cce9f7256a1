"""Progress in the vendor's spelling, there and back, and whatever a service may tell of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nbtrain import (
    RunState,
    RunStatus,
)
from nbtrain.protocols import knovvu
from nbtrain.protocols.knovvu import TrainingStatus

from .test_protocols_knovvu import GOOD


def status(state: RunState, stage: str = "", fraction: float = 0.5) -> RunStatus:
    return RunStatus("r", "m", state, stage, fraction)


@pytest.mark.parametrize(
    ("given_", "word"),
    [
        (status(RunState.QUEUED), "Initialized"),
        (status(RunState.RUNNING, "starting"), "PendingTraining"),
        (status(RunState.RUNNING, "reading"), "DataProcessing"),
        (status(RunState.RUNNING, "clustering"), "Training"),
        (status(RunState.RUNNING, "anything else"), "Training"),
        (status(RunState.RUNNING, "naming"), "Trained"),
        (status(RunState.RUNNING, "saving"), "ModelUploading"),
        (status(RunState.SUCCEEDED), "Completed"),
        (status(RunState.FAILED), "Failed"),
        (status(RunState.CANCELLED), "Failed"),
    ],
)
def test_where_a_run_stands(given_: RunStatus, word: str) -> None:
    assert knovvu.training_status(given_) == word
    told = knovvu.progress_to_json(given_, None)
    assert told["trainingStatus"] == word
    read = knovvu.status_from_progress("m", told)
    cancelled = given_.state is RunState.CANCELLED
    assert read.state == (RunState.FAILED if cancelled else given_.state)


@pytest.mark.parametrize("word", TrainingStatus)
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title, lambda word: f" {word} "])
def test_stages_are_read_whatever_their_case(word: TrainingStatus, change: Any) -> None:
    exact = knovvu.status_from_progress("m", {"percent": 40, "trainingStatus": word.value})
    read = knovvu.status_from_progress("m", {"percent": 40, "trainingStatus": change(word.value)})
    assert read == exact
    assert exact.stage == word.stage
    ends = {
        "Completed": RunState.SUCCEEDED,
        "Failed": RunState.FAILED,
        "Initialized": RunState.QUEUED,
    }
    assert exact.state == ends.get(word, RunState.RUNNING)


def test_stages_are_numbered_in_their_order() -> None:
    assert [stage.number for stage in TrainingStatus] == list(range(10))
    assert TrainingStatus.COMPLETED.number == 8


@pytest.mark.parametrize("word", ["Publishing", "", None, 7, ["Training"]])
def test_an_unknown_stage_is_running_until_all_is_done(word: Any) -> None:
    read = knovvu.status_from_progress("m", {"percent": 99, "trainingStatus": word})
    assert read.state is RunState.RUNNING
    assert read.stage
    read = knovvu.status_from_progress("m", {"percent": 100, "trainingStatus": word})
    assert read.state is RunState.SUCCEEDED


@pytest.mark.parametrize(
    ("percent", "fraction"),
    [
        (0, 0.0), (40, 0.4), (40.5, 0.405), ("40", 0.4), (" 40.0 ", 0.4), (100, 1.0), (250, 1.0),
        (-5, 0.0), (None, 0.0), ("NaN", 0.0), (float("nan"), 0.0), (float("inf"), 0.0),
        ("soon", 0.0), ("", 0.0), (True, 0.0), ([40], 0.0), ({}, 0.0), (10**400, 0.0),
    ],
    ids=lambda value: repr(value)[:12],
)  # fmt: skip
def test_percent_of_any_kind(percent: Any, fraction: float) -> None:
    read = knovvu.status_from_progress("m", {"percent": percent, "trainingStatus": "Training"})
    assert read.fraction == pytest.approx(fraction)
    assert read.state is RunState.RUNNING
    assert read.elapsed is None


def test_an_empty_answer_is_a_run_of_which_nothing_is_known() -> None:
    assert knovvu.status_from_progress("m", {}).state is RunState.RUNNING


@pytest.mark.parametrize("percent", range(100))
def test_whole_percent_survive(percent: int) -> None:
    running = status(RunState.RUNNING, "clustering", percent / 100)
    told = json.loads(json.dumps(knovvu.progress_to_json(running, None)))
    assert told == {"percent": percent, "trainingStatus": "Training", "inferenceStatus": None}
    assert knovvu.status_from_progress("m", told).fraction == percent / 100


def test_a_hundred_percent_only_when_all_is_done() -> None:
    assert knovvu.percent(status(RunState.RUNNING, "saving", 1.0)) == 99
    assert knovvu.percent(status(RunState.FAILED, "", 1.0)) == 99
    assert knovvu.percent(status(RunState.SUCCEEDED, "", 0.3)) == 100


def test_a_failure_has_a_reason() -> None:
    assert knovvu.status_from_progress("m", {"trainingStatus": "failed"}).message


def test_the_experiment_has_what_clients_read() -> None:
    told = knovvu.experiment(
        status(RunState.RUNNING, "clustering"),
        product_name="CA",
        fields=GOOD,
        ids={"project": "p", "module_version": "v", "dataset": "d"},
        creation_time="2024-05-02T09:31:00+00:00",
    )
    assert json.loads(json.dumps(told)) == told
    assert (told["name"], told["status"], told["statusMessage"], told["percent"]) == (
        "m", 5, "Training", 50,
    )  # fmt: skip
    assert told["experimentDatasetMappings"][0]["datasetId"] == "d"
