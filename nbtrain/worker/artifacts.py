"""What a training leaves behind: the result, and a model that can label new texts. No pickle.

A model is two files: ``model.npz`` holds its arrays, ``model.json`` all else, its kind and the
hash of the arrays among it.
"""

from __future__ import annotations

import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..protocols.job import EVALUATION_FILE, RESULT_FILE
from ..protocols.local import evaluation_to_json, result_to_json
from ..results import TrainingResult
from .bags import Array
from .corpus import file_sha256
from .intent_model import IntentModel
from .models import ClusterModel, Model
from .writing import write_file, write_json

__all__ = ["load_model", "save_model", "save_result"]

_ARRAYS = "model.npz"
_REST = "model.json"
_FORMAT = 5
_KINDS: dict[str, type[Model]] = {kind.kind: kind for kind in (ClusterModel, IntentModel)}


def save_model(folder: Path, model: Model) -> None:
    """Write a model as arrays and JSON."""
    arrays, rest = model.state()
    kept: dict[str, Any] = dict(arrays)
    write_file(folder / _ARRAYS, lambda file: np.savez_compressed(file, **kept))
    about = {"format": _FORMAT, "kind": model.kind, "sha256": file_sha256(folder / _ARRAYS)}
    write_json(folder / _REST, {**about, **rest})


def load_model(folder: Path) -> Model:
    """Read a model that :func:`save_model` wrote.

    Raises
    ------
    OSError
        If there is none, or it can't be read.
    ValueError
        If it is damaged, or was written by a version of another format.
    """
    try:
        rest = json.loads((folder / _REST).read_text(encoding="utf-8"))
        kind = _KINDS.get(str(rest.get("kind")))
        if rest.get("format") == _FORMAT and kind is not None:
            return kind.from_state(_read_arrays(folder / _ARRAYS, rest["sha256"]), rest)
    except (ValueError, BadZipFile, EOFError, KeyError, AttributeError) as error:
        raise ValueError(f"{folder} holds a damaged model; train it again.") from error
    raise ValueError(
        f"{folder} holds a model of another format, {rest.get('format')!r} of kind "
        f"{rest.get('kind')!r}; this version reads format {_FORMAT}. Train it again."
    )


def _read_arrays(path: Path, sha256: str) -> dict[str, Array]:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{path.name} isn't the file that was written with its {_REST}.")
    with np.load(BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def save_result(folder: Path, result: TrainingResult) -> None:
    """Write the result; it appears complete or not at all.

    What it says of a classification is written beside it, too, as a small file.
    """
    if result.evaluation is not None:
        evaluation = evaluation_to_json(result.evaluation)
        about = {
            "evaluation": evaluation,
            "labels": evaluation["labels"],
            "provenance": dict(result.provenance),
        }
        write_json(folder / EVALUATION_FILE, about)
    write_json(folder / RESULT_FILE, result_to_json(result))
