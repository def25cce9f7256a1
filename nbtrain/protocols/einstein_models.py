"""Einstein's training object and model object, both directions, no I/O."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from ..progress import RunState, RunStatus
from .einstein_datasets import TEXT_INTENT
from .einstein_training import TRAIN_PATH
from .einstein_wire import (
    LANGUAGE_PATH,
    Json,
    date_from_json,
    date_to_json,
    language_from_wire,
    language_to_wire,
)

__all__ = [
    "AUTOMATIC_EPOCHS",
    "MODELS_PAGE",
    "TrainStats",
    "Training",
    "clock_from_seconds",
    "model_path",
    "model_to_json",
    "models_path",
    "seconds_from_clock",
    "training_from_json",
    "training_path",
    "training_to_json",
]


AUTOMATIC_EPOCHS = 1000
"""What is said of a training whose epochs the service decides."""

MODELS_PAGE = 100

_LEAST_PROGRESS = 0.01
_MOST_PROGRESS = 0.99
_STATUS = {
    RunState.QUEUED: "QUEUED",
    RunState.RUNNING: "RUNNING",
    RunState.SUCCEEDED: "SUCCEEDED",
    RunState.FAILED: "FAILED",
    RunState.CANCELLED: "KILLED",
}
_STATES = {word: state for state, word in _STATUS.items()} | {
    "FAILED_WITH_RETRIES": RunState.FAILED
}
_STAGES = {
    RunState.QUEUED: "queued",
    RunState.RUNNING: "training",
    RunState.SUCCEEDED: "done",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "cancelled",
}
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d)[:.](\d{1,3})")


def training_path(model_id: str) -> str:
    """Path of the status of a training."""
    return f"{TRAIN_PATH}/{model_id}"


def model_path(model_id: str) -> str:
    """Path of a model: its metrics, and its deletion."""
    return f"{LANGUAGE_PATH}/models/{model_id}"


def models_path(dataset_id: int | str) -> str:
    """Path of the models of a data set."""
    return f"{LANGUAGE_PATH}/datasets/{dataset_id}/models"


def clock_from_seconds(seconds: float) -> str:
    """Write a duration as the vendor does.

    Examples
    --------
    >>> clock_from_seconds(130.004)
    '00:02:10:004'
    """
    rest, thousandths = divmod(round(max(0.0, seconds) * 1000), 1000)
    minutes, second = divmod(rest, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}:{thousandths:03}"


def seconds_from_clock(text: object) -> float | None:
    """Read a duration; None if it is none.

    Examples
    --------
    >>> seconds_from_clock("00:02:10:004")
    130.004
    """
    match = _CLOCK.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        return None
    hours, minutes, seconds = (int(part) for part in match.group(1, 2, 3))
    return (hours * 60 + minutes) * 60 + seconds + int(match[4].ljust(3, "0")) / 1000


@dataclass(frozen=True, slots=True)
class TrainStats:
    """What is known at the end of a training; times in seconds."""

    labels: int = 0
    examples: int = 0
    total_time: float = 0.0
    training_time: float = 0.0
    loading_time: float = 0.0
    saving_time: float = 0.0
    early_stopping: bool = False
    last_epoch: int = 0
    train_size: int = 0
    test_size: int = 0


@dataclass(frozen=True, slots=True)
class Training:
    """A training of a model, the newest one.

    Parameters
    ----------
    status : RunStatus
        In our vocabulary; its ``model_id`` is the user's name for the model. Read from the wire,
        its ``run_id`` is the model's id, too.
    model_id : str
        26 characters.
    dataset_id : int
    version : int
        A number for the data as they were trained on; 0 while queued.
    type : str
        ``text-intent`` or ``text-sentiment``.
    language : str
        With a hyphen.
    algorithm : str
        Empty for ``text-sentiment``.
    epochs : int
        The most that may be trained; 0 while queued.
    created, updated : float
        Seconds since 1970.
    train_params : dict or None
        As sent.
    stats : TrainStats or None
        None until the training has succeeded or failed.
    """

    status: RunStatus
    model_id: str
    dataset_id: int
    version: int = 0
    type: str = TEXT_INTENT
    language: str = "en-US"
    algorithm: str = ""
    epochs: int = 0
    created: float = 0.0
    updated: float = 0.0
    train_params: Json | None = None
    stats: TrainStats | None = None


def training_to_json(training: Training) -> Json:
    """Write a training object.

    ``earlyStopping`` and ``lastEpochDone`` stand at the top, too, once the training has ended.
    """
    status, stats = training.status, training.stats
    data = _common(training) | {
        "epochs": training.epochs,
        "learningRate": 0,
        "trainParams": training.train_params,
        "trainStats": _stats_to_json(stats) if stats else None,
        "object": "training",
    }
    if status.queue_position is not None:
        data["queuePosition"] = status.queue_position
    if stats is not None:
        data |= {"earlyStopping": stats.early_stopping, "lastEpochDone": stats.last_epoch}
    return data


def model_to_json(training: Training) -> Json:
    """Write a model object, a part of the training object."""
    return _common(training) | {"object": "model"}


def _common(training: Training) -> Json:
    status = training.status
    data = {
        "datasetId": training.dataset_id,
        "datasetVersionId": training.version,
        "name": status.model_id,
        "status": _STATUS[status.state],
        "progress": _progress(status),
        "createdAt": date_to_json(training.created),
        "updatedAt": date_to_json(training.updated),
        "modelId": training.model_id,
        "modelType": training.type,
        "language": language_to_wire(training.language),
    }
    if training.algorithm:
        data["algorithm"] = training.algorithm
    if status.state is RunState.FAILED:
        data["failureMsg"] = status.message
    return data


def _progress(status: RunStatus) -> float:
    if status.state is RunState.SUCCEEDED:
        return 1
    if status.elapsed is None:  # it has never begun
        return 0
    return min(_MOST_PROGRESS, max(_LEAST_PROGRESS, round(status.fraction, 4)))


def _stats_to_json(stats: TrainStats) -> Json:
    return {
        "labels": stats.labels,
        "examples": stats.examples,
        "totalTime": clock_from_seconds(stats.total_time),
        "trainingTime": clock_from_seconds(stats.training_time),
        "datasetLoadTime": clock_from_seconds(stats.loading_time),
        "modelSaveTime": clock_from_seconds(stats.saving_time),
        "earlyStopping": stats.early_stopping,
        "lastEpochDone": stats.last_epoch,
        "trainSplitSize": stats.train_size,
        "testSplitSize": stats.test_size,
        "transforms": None,
        "preProcessStats": None,
        "postProcessStats": None,
    }


def training_from_json(data: Json) -> Training:
    """Read a training object or a model object.

    A status that is not known counts as running, unless all of the work is done. The vendor
    doesn't tell how long a training has been running, so ``elapsed`` is None until its end.

    Raises
    ------
    ValueError
        If it is none.
    """
    model_id = data.get("modelId") if isinstance(data, dict) else None
    if not isinstance(model_id, str) or not model_id:
        raise ValueError("the answer holds no modelId")
    progress = _float(data.get("progress"))
    word = str(data.get("status") or "").strip().upper()
    unknown = RunState.SUCCEEDED if progress >= 1 else RunState.RUNNING
    state = _STATES.get(word, unknown)
    stats = _stats_from_json(data)
    position = data.get("queuePosition")
    queued = state is RunState.QUEUED and position is not None
    status = RunStatus(
        run_id=model_id,
        model_id=str(data.get("name") or model_id),
        state=state,
        stage=_STAGES[state] if word in _STATES else word.lower()[:60] or "unknown",
        fraction=1.0 if state is RunState.SUCCEEDED else min(1.0, max(0.0, progress)),
        message=str(data.get("failureMsg") or ""),
        elapsed=stats.total_time if stats and state.ended else None,
        queue_position=max(1, int(_float(position))) if queued else None,
    )
    params = data.get("trainParams")
    return Training(
        status=status,
        model_id=model_id,
        dataset_id=int(_float(data.get("datasetId"))),
        version=int(_float(data.get("datasetVersionId"))),
        type=str(data.get("modelType") or TEXT_INTENT),
        language=language_from_wire(str(data.get("language") or "en_US")),
        algorithm=str(data.get("algorithm") or ""),
        epochs=int(_float(data.get("epochs"))),
        created=date_from_json(data.get("createdAt")) or 0.0,
        updated=date_from_json(data.get("updatedAt")) or 0.0,
        train_params=params if isinstance(params, dict) else None,
        stats=stats,
    )


def _stats_from_json(data: Json) -> TrainStats | None:
    told: Any = data.get("trainStats")
    if not isinstance(told, dict):
        return None
    stopped = told.get("earlyStopping", data.get("earlyStopping"))
    last = told.get("lastEpochDone", data.get("lastEpochDone"))
    return TrainStats(
        labels=int(_float(told.get("labels"))),
        examples=int(_float(told.get("examples"))),
        total_time=seconds_from_clock(told.get("totalTime")) or 0.0,
        training_time=seconds_from_clock(told.get("trainingTime")) or 0.0,
        loading_time=seconds_from_clock(told.get("datasetLoadTime")) or 0.0,
        saving_time=seconds_from_clock(told.get("modelSaveTime")) or 0.0,
        early_stopping=stopped is True or str(stopped).lower() == "true",
        last_epoch=int(_float(last)),
        train_size=int(_float(told.get("trainSplitSize"))),
        test_size=int(_float(told.get("testSplitSize"))),
    )


def _float(value: object) -> float:
    """Read a number that may have come as text; what is none counts as 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0.0
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return 0.0
    return number if math.isfinite(number) else 0.0
