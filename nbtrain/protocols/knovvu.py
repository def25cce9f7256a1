"""Knovvu's training protocol: the vocabulary in the vendor's spelling, both directions, no I/O.

Sources: the vendor's pages "ML text clustering: send training request", "ML training access
token" and "Check training & inference status". Where they are silent the choice is ours; the
README of the daemon lists those choices. This file has the paths; form, progress and errors each
have a file of their own, and are to be had from here as well.
"""

from __future__ import annotations

from .knovvu_errors import (
    Json,
    error_envelope,
    error_message,
    error_problems,
    is_html,
    is_still_training,
    still_training_message,
)
from .knovvu_form import (
    DATA_FILE,
    FIELDS,
    SECONDARY_DATA_FILE,
    TrainingForm,
    form_fields,
    read_form,
    unquote,
)
from .knovvu_progress import (
    TrainingStatus,
    experiment,
    inference_status,
    percent,
    progress_to_json,
    status_from_progress,
    training_status,
)

__all__ = [
    "DATA_FILE",
    "FIELDS",
    "OLD_TRAIN_PATH",
    "SCOPE",
    "SECONDARY_DATA_FILE",
    "TOKEN_PATH",
    "TRAIN_PATH",
    "Json",
    "TrainingForm",
    "TrainingStatus",
    "error_envelope",
    "error_message",
    "error_problems",
    "experiment",
    "form_fields",
    "inference_status",
    "is_html",
    "is_still_training",
    "percent",
    "progress_path",
    "progress_to_json",
    "read_form",
    "status_from_progress",
    "still_training_message",
    "training_status",
    "unquote",
]

TOKEN_PATH = "/connect/token"  # noqa: S105
SCOPE = "SestekAI_External"
TRAIN_PATH = "/sestekai-api/api/external/trainings/train"
OLD_TRAIN_PATH = "/sestekai-api/api/app/external-trainings/train"


def progress_path(model_id: str) -> str:
    """Path of the progress call of a model."""
    return f"/sestekai-api/api/external/trainings/{model_id}/progress"
