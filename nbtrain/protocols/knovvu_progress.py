"""Knovvu's stages, its progress answer and its experiment object, both directions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from ..progress import EpochStats, RunState, RunStatus

__all__ = [
    "TrainingStatus",
    "experiment",
    "inference_status",
    "percent",
    "progress_to_json",
    "status_from_progress",
    "training_status",
]

Json = dict[str, Any]


class TrainingStatus(StrEnum):
    """The vendor's stages, in their order; a stage's number is its place."""

    INITIALIZED = "Initialized"
    PENDING_TRAINING = "PendingTraining"
    DATASET_UPLOADING = "DatasetUploading"
    DATA_PROCESSING = "DataProcessing"
    TRAINING_STARTED = "TrainingStarted"
    TRAINING = "Training"
    TRAINED = "Trained"
    MODEL_UPLOADING = "ModelUploading"
    COMPLETED = "Completed"
    FAILED = "Failed"

    @property
    def number(self) -> int:
        """The number that goes with it in an experiment object."""
        return list(TrainingStatus).index(self)

    @property
    def stage(self) -> str:
        """The stage in plain words."""
        return _STAGE_WORDS[self]


_STAGE_WORDS = {
    TrainingStatus.INITIALIZED: "queued",
    TrainingStatus.PENDING_TRAINING: "starting",
    TrainingStatus.DATASET_UPLOADING: "uploading data",
    TrainingStatus.DATA_PROCESSING: "reading data",
    TrainingStatus.TRAINING_STARTED: "training",
    TrainingStatus.TRAINING: "training",
    TrainingStatus.TRAINED: "trained",
    TrainingStatus.MODEL_UPLOADING: "saving",
    TrainingStatus.COMPLETED: "done",
    TrainingStatus.FAILED: "failed",
}

_STATES = {
    TrainingStatus.INITIALIZED: RunState.QUEUED,
    TrainingStatus.COMPLETED: RunState.SUCCEEDED,
    TrainingStatus.FAILED: RunState.FAILED,
}

# What the vendor says of a trained model, and what it means.
_PUBLISHED = {
    "Pending": "The model is being published.",
    "Running": "The model is published.",
}
_WORD_MAX = 60

# The worker's stages that have a name of their own on the wire; all others are Training.
_WIRE_STAGES = {
    "starting": TrainingStatus.PENDING_TRAINING,
    "reading": TrainingStatus.DATA_PROCESSING,
    "naming": TrainingStatus.TRAINED,
    "saving": TrainingStatus.MODEL_UPLOADING,
}


def training_status(status: RunStatus) -> TrainingStatus:
    """Return the vendor's word for where a run stands; a cancelled run counts as failed."""
    match status.state:
        case RunState.QUEUED:
            return TrainingStatus.INITIALIZED
        case RunState.SUCCEEDED:
            return TrainingStatus.COMPLETED
        case RunState.FAILED | RunState.CANCELLED:
            return TrainingStatus.FAILED
        case RunState.RUNNING:
            return _WIRE_STAGES.get(status.stage, TrainingStatus.TRAINING)


def experiment(
    status: RunStatus,
    *,
    product_name: str,
    fields: Mapping[str, str],
    ids: Mapping[str, str],
    creation_time: str,
    endpoints: Iterable[str] = (),
    epochs: Iterable[EpochStats] = (),
) -> Json:
    """Write the experiment object that answers a training request.

    ``ids`` holds UUIDs by the names ``project``, ``module_version`` and ``dataset``;
    ``endpoints`` the addresses where the model is published.
    """
    stage = training_status(status)
    return {
        "id": status.run_id,
        "name": status.model_id,
        "description": product_name,
        "status": stage.number,
        "statusMessage": stage.value,
        "percent": percent(status),
        "trainingParams": dict(fields),
        "endpoints": list(endpoints),
        "documentationPath": None,
        "projectId": ids["project"],
        "moduleVersionId": ids["module_version"],
        "experimentMetrics": [
            {"name": name, "value": value, "step": stats.epoch}
            for stats in epochs
            for name, value in stats.metrics.items()
        ],
        "experimentDatasetMappings": [
            {"datasetColumn": None, "experimentId": status.run_id, "datasetId": ids["dataset"]}
        ],
        "creationTime": creation_time,
    }


def percent(status: RunStatus) -> int:
    """Progress as the vendor gives it: whole percent, 100 only when all is done."""
    if status.state is RunState.SUCCEEDED:
        return 100
    # 0.29 * 100 is a little less than 29.
    return min(99, int(status.fraction * 100 + 1e-9))


def progress_to_json(status: RunStatus, inference_status: str | None) -> Json:
    """Write the answer of the progress call."""
    return {
        "percent": percent(status),
        "trainingStatus": training_status(status).value,
        "inferenceStatus": inference_status,
    }


def status_from_progress(model_id: str, data: Json) -> RunStatus:
    """Read the answer of the progress call.

    Names are compared without case; a stage that is not known counts as running, unless all of
    the work is done. A percent that is no number counts as 0. The vendor tells no times, so
    ``elapsed`` is None. Of a trained model the message says whether it is published.
    """
    told = _folded(data)
    fraction = _fraction(told.get("percent"))
    word = str(told.get("trainingstatus") or "").strip()[:_WORD_MAX]
    known = {stage.value.lower(): stage for stage in TrainingStatus}.get(word.lower())
    if known is None:
        state = RunState.SUCCEEDED if fraction == 1.0 else RunState.RUNNING
        stage = word or "unknown"
    else:
        state, stage = _STATES.get(known, RunState.RUNNING), known.stage
    message = ""
    if state is RunState.SUCCEEDED:
        fraction = 1.0
        message = _PUBLISHED.get(inference_status(data) or "", "")
    elif state is RunState.FAILED:
        message = "The service reported a failure in training."
    return RunStatus(model_id, model_id, state, stage, fraction, message)


def inference_status(data: Json) -> str | None:
    """Read from the progress answer whether the trained model answers inference.

    Returns
    -------
    str or None
        ``"Pending"``, ``"Running"``, or a word that is not known, as it came; None before the
        training is done.

    Examples
    --------
    >>> inference_status({"percent": 100, "trainingStatus": "completed", "inferenceStatus": "running"})
    'Running'
    """  # noqa: E501
    word = _folded(data).get("inferencestatus")
    if not isinstance(word, str) or word.strip().lower() in ("", "null", "none"):
        return None
    word = word.strip()[:_WORD_MAX]
    return {known.lower(): known for known in _PUBLISHED}.get(word.lower(), word)


def _folded(data: Json) -> Json:
    return {str(name).strip().lower(): value for name, value in data.items()}


def _fraction(percent: object) -> float:
    if not isinstance(percent, int | float | str) or isinstance(percent, bool):
        return 0.0
    if isinstance(percent, str):
        percent = percent.strip().removesuffix("%").replace(",", ".")
    try:
        share = float(percent) / 100
    except (ValueError, OverflowError):
        return 0.0
    return min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
