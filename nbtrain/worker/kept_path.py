"""A path over the number of clusters that is kept on disk, for a sweep that is interrupted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from .bags import Array
from .sweep import sweep_path
from .writing import write_file

__all__ = ["kept_path"]


def kept_path(
    path: Path,
    rows: Array,
    weights: Array,
    ks: Sequence[int],
    seed: int,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[int, Array]:
    """Return the centres for each number of clusters, and in the same order at every call.

    Parameters
    ----------
    path : Path
        Where they are kept: read if they are there, written otherwise.
    rows, weights, ks, progress
        As for :func:`~nbtrain.worker.sweep.sweep`. What is there already counts, not ``ks``.
    seed : int

    Returns
    -------
    dict of int to ndarray
    """
    found = _read(path, rows.shape[1])
    if found is not None:
        return found
    ordered = sweep_path(rows, weights, ks, np.random.default_rng(seed), progress)
    centres = np.concatenate(list(ordered.values()))
    write_file(path, lambda file: np.savez(file, ks=np.array(list(ordered)), centres=centres))
    return ordered


def _read(path: Path, width: int) -> dict[int, Array] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            ks, centres = file["ks"], file["centres"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    if centres.shape != (int(ks.sum()), width):
        return None
    ends = np.cumsum(ks)
    return {int(k): centres[end - k : end] for k, end in zip(ks, ends, strict=True)}
