"""What a training leaves behind: the result, and a model that can label new texts. No pickle."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..protocols.job import RESULT_FILE
from ..protocols.local import result_to_json
from ..results import TrainingResult
from .bags import Array
from .features import LexicalEmbedder

__all__ = ["Model", "load_model", "save_model", "save_result"]

_ARRAYS = "model.npz"
_REST = "model.json"
_FORMAT = 1


@dataclass(slots=True)
class Model:
    """A trained clustering.

    Parameters
    ----------
    embedder : LexicalEmbedder
    centres : ndarray of float32, shape (n_clusters, n_dimensions)
    names : tuple of str
        Of the clusters.
    """

    embedder: LexicalEmbedder
    centres: Array
    names: tuple[str, ...]

    def predict(self, texts: Sequence[str]) -> Array:
        """Return the cluster id of each text."""
        rows = self.embedder.transform([(text,) for text in texts])
        return np.asarray((rows @ self.centres.T).argmax(axis=1))


def save_model(folder: Path, model: Model) -> None:
    """Write a model as arrays and JSON."""
    arrays, rest = model.embedder.state()
    rest |= {"format": _FORMAT, "method": model.embedder.name, "names": list(model.names)}
    # Half precision moves a cosine by less than 0.001 and halves the file.
    kept: dict[str, Any] = {name: array.astype(np.float16) for name, array in arrays.items()}
    kept["centres"] = model.centres
    _write(folder / _ARRAYS, lambda file: np.savez_compressed(file, **kept))
    _write(folder / _REST, lambda file: file.write(json.dumps(rest).encode()))


def load_model(folder: Path) -> Model:
    """Read a model that :func:`save_model` wrote.

    Raises
    ------
    ValueError
        If it was written by a version of another format.
    """
    rest = json.loads((folder / _REST).read_text(encoding="utf-8"))
    if rest.get("format") != _FORMAT:
        raise ValueError(f"{folder} holds a model of format {rest.get('format')!r}")
    with np.load(folder / _ARRAYS, allow_pickle=False) as file:
        arrays = {name: file[name].astype(np.float32) for name in file.files}
    centres = arrays.pop("centres")
    return Model(LexicalEmbedder.from_state(arrays, rest), centres, tuple(rest["names"]))


def save_result(folder: Path, result: TrainingResult) -> None:
    """Write the result; it appears complete or not at all."""
    data = json.dumps(result_to_json(result)).encode()
    _write(folder / RESULT_FILE, lambda file: file.write(data))


def _write(path: Path, write: Callable[[BinaryIO], object]) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
