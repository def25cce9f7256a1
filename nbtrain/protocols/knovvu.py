"""Knovvu's training protocol: the vocabulary in the vendor's spelling, both directions, no I/O.

Sources: the vendor's pages "ML text clustering: send training request", "ML training access
token" and "Check training & inference status". Where they are silent the choice is ours; the
README of the daemon lists those choices.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from ..documents import DataSchema
from ..errors import Problem, RequestError
from ..progress import RunState, RunStatus
from ..training import LLM, Clustering, TrainingRequest, language_problems, model_id_problems

__all__ = [
    "DATA_FILE",
    "SCOPE",
    "SECONDARY_DATA_FILE",
    "TOKEN_PATH",
    "TRAIN_PATH",
    "TrainingForm",
    "TrainingStatus",
    "error_envelope",
    "error_message",
    "error_problems",
    "experiment",
    "form_fields",
    "is_still_training",
    "progress_path",
    "progress_to_json",
    "read_form",
    "status_from_progress",
    "still_training_message",
]

Json = dict[str, Any]

TOKEN_PATH = "/connect/token"  # noqa: S105
SCOPE = "SestekAI_External"
TRAIN_PATH = "/sestekai-api/api/external/trainings/train"
OLD_TRAIN_PATH = "/sestekai-api/api/app/external-trainings/train"
DATA_FILE = "dataFile"
SECONDARY_DATA_FILE = "secondaryDataFile"

# The vendor's field for each name of ours, for messages in either spelling.
FIELDS: Mapping[str, str] = {
    "model_id": "modelId",
    "language": "languageCode",
    "data": DATA_FILE,
    "schema": "dataSchema",
    "secondary_data": SECONDARY_DATA_FILE,
    "secondary_schema": "secondaryDataSchema",
    "n_clusters": "numClusters",
    "llm": "llm",
    "llm.provider": "llm",
    "force_train": "forceTrain",
    "random_state": "randomState",
    "product_name": "productName",
}


def progress_path(model_id: str) -> str:
    """Path of the progress call of a model."""
    return f"/sestekai-api/api/external/trainings/{model_id}/progress"


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


# --- submitting ------------------------------------------------------------------------------


def form_fields(
    request: TrainingRequest, *, product_name: str = "CA", with_random_state: bool = False
) -> dict[str, str]:
    """Write the scalar form fields of a training request; the files are separate parts.

    ``with_random_state`` adds the seed, a field that only the local service knows.
    """
    task = request.task
    fields = {
        "modelId": request.model_id,
        "productName": product_name,
        "languageCode": request.language,
        "dataSchema": request.data.schema.value,
        "numClusters": "0" if task.n_clusters == "auto" else str(task.n_clusters),
        "forceTrain": "true" if request.force_train else "false",
    }
    if task.llm is not None:
        fields["llm"] = task.llm.provider
    if request.secondary_data is not None:
        fields["secondaryDataSchema"] = request.secondary_data.schema.value
    if with_random_state:
        fields["randomState"] = str(task.random_state)
    return fields


@dataclass(frozen=True, slots=True)
class TrainingForm:
    """The scalar fields of a training request, read from the wire and checked."""

    model_id: str
    product_name: str
    language: str
    schema: DataSchema
    secondary_schema: DataSchema | None
    task: Clustering
    force_train: bool


def unquote(value: str) -> str:
    """Trim a value and strip one pair of double quotes, which the vendor's samples send."""
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1].strip()
    return value


def read_form(fields: Mapping[str, str]) -> TrainingForm:
    """Read the scalar fields of a training request.

    Parameters
    ----------
    fields : mapping of str to str
        By wire name, as received.

    Raises
    ------
    RequestError
        Listing every bad field, by wire name.
    """
    values = {name: unquote(value) for name, value in fields.items()}
    problems: list[Problem] = []
    for name in ("modelId", "productName", "languageCode", "dataSchema"):
        if not values.get(name):
            problems.append(Problem(name, "is required"))
    model_id, language = values.get("modelId", ""), values.get("languageCode", "")
    if model_id:
        problems += _renamed(model_id_problems(model_id))
    if language:
        problems += _renamed(language_problems(language))
    schema = _read_schema("dataSchema", values, problems)
    secondary_schema = _read_schema("secondaryDataSchema", values, problems)
    if secondary_schema is not None and (schema, secondary_schema) != (
        DataSchema.DIALOGUE,
        DataSchema.INTENT,
    ):
        what = "goes only with dataSchema 'dialogue', and must be 'intent'"
        problems.append(Problem("secondaryDataSchema", what))
    count = _read_number("numClusters", values, problems, default=0)
    random_state = _read_number("randomState", values, problems, default=0)
    force_train = values.get("forceTrain", "").lower() or "true"
    if force_train not in ("true", "false"):
        problems.append(Problem("forceTrain", f"is {force_train!r}", "Send true or false."))
    n_clusters: int | Literal["auto"] = count or "auto"
    llm = values.get("llm", "")
    task = Clustering(n_clusters, LLM(llm) if llm else None, random_state)
    problems += _renamed(task.problems())
    if problems:
        raise RequestError("Your request is not valid.", problems)
    assert schema is not None
    return TrainingForm(
        model_id=model_id,
        product_name=values["productName"],
        language=language,
        schema=schema,
        secondary_schema=secondary_schema,
        task=task,
        force_train=force_train == "true",
    )


def _renamed(problems: Iterable[Problem]) -> list[Problem]:
    return [
        Problem(FIELDS[p.where], p.what, p.fix.replace("'auto'", "0"), p.rows, p.count)
        for p in problems
    ]


def _read_schema(
    name: str, values: Mapping[str, str], problems: list[Problem]
) -> DataSchema | None:
    value = values.get(name, "").lower()
    if not value:
        return None
    try:
        return DataSchema(value)
    except ValueError:
        known = ", ".join(schema.value for schema in DataSchema)
        problems.append(Problem(name, f"is {value!r}", f"Known: {known}."))
        return None


def _read_number(
    name: str, values: Mapping[str, str], problems: list[Problem], *, default: int
) -> int:
    value = values.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 10):
        problems.append(Problem(name, f"is {value!r}", "Send a whole number, 0 or more."))
        return default
    return int(value)


# --- answering -------------------------------------------------------------------------------


def experiment(
    status: RunStatus,
    *,
    product_name: str,
    fields: Mapping[str, str],
    ids: Mapping[str, str],
    creation_time: str,
) -> Json:
    """Write the experiment object that answers a training request.

    ``ids`` holds UUIDs by the names ``project``, ``module_version`` and ``dataset``.
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
        "endpoints": [],
        "documentationPath": None,
        "projectId": ids["project"],
        "moduleVersionId": ids["module_version"],
        "experimentMetrics": [],
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
    ``elapsed`` is None.
    """
    fraction = _fraction(data.get("percent"))
    word = str(data.get("trainingStatus") or "").strip()
    known = {stage.value.lower(): stage for stage in TrainingStatus}.get(word.lower())
    if known is None:
        state = RunState.SUCCEEDED if fraction == 1.0 else RunState.RUNNING
        stage = word or "unknown"
    else:
        state, stage = _STATES.get(known, RunState.RUNNING), known.stage
    if state is RunState.SUCCEEDED:
        fraction = 1.0
    message = "The service reported a failure in training." if state is RunState.FAILED else ""
    return RunStatus(model_id, model_id, state, stage, fraction, message)


def _fraction(percent: object) -> float:
    if not isinstance(percent, int | float | str) or isinstance(percent, bool):
        return 0.0
    try:
        share = float(percent) / 100
    except (ValueError, OverflowError):
        return 0.0
    return min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0


# --- errors ----------------------------------------------------------------------------------


def still_training_message(model_id: str) -> str:
    """Return the vendor's words (v1.70) for a model that is in training already."""
    return f"The training is still in progress for the same model ID: {model_id}"


def is_still_training(status_code: int, message: str) -> bool:
    """Tell whether an answer to a training request means that the model is in training already."""
    if status_code == 202:
        return True
    return status_code >= 300 and "still in progress for the same model" in message.lower()


def error_envelope(message: str, problems: Iterable[Problem] = ()) -> Json:
    """Write the body of an error answer."""
    listed = [{"message": str(problem), "members": [problem.where]} for problem in problems]
    return {
        "error": {"code": None, "message": message, "details": None, "validationErrors": listed}
    }


def error_message(body: object, text: str) -> str:
    """Find the message in an error answer, whatever its form."""
    if isinstance(body, dict):
        error = body.get("error")
        inner = error.get("message") if isinstance(error, dict) else None
        for candidate in (inner, body.get("message"), body.get("error_description"), error):
            if isinstance(candidate, str) and candidate.strip():
                return candidate.strip()
    return text.strip()[:300] or "The service gave no reason."


def error_problems(body: object) -> list[Problem]:
    """Find the per-field problems in an error answer; an empty list when there are none."""
    error = body.get("error") if isinstance(body, dict) else None
    listed = error.get("validationErrors") if isinstance(error, dict) else None
    problems = []
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("message"), str):
            members = entry.get("members")
            named = members if isinstance(members, list) else [members] if members else []
            where = ", ".join(map(str, named)) or "request"
            what = str(entry["message"]).removeprefix(f"{where}: ")
            problems.append(Problem(where, what))
    return problems
