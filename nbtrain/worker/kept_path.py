"""A path over the number of clusters that is kept on disk, and its fits refined on all rows.

The same as :func:`~nbtrain.worker.sweep.sweep` in two halves: what took long is there again after
an interruption, and each fit comes out as it would have without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from .bags import Array
from .partition import Partition, begin_together, columns_of, step_together
from .path import descend
from .scores import score
from .seeding import known_and_new, raised
from .sweep import SweepFit
from .writing import write_file

__all__ = ["kept_path", "refine"]

_SAMPLE = 2000
_SURPLUS = 1.5
_GROUP = 8
_GROUP_CENTRES = 256


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
    weights = np.asarray(weights, dtype=np.float32)
    rng = np.random.default_rng(seed)
    met: dict[int, Array] = {}
    for partition in descend(rows, weights, ks, rng, progress, n_rows=_SAMPLE, surplus=_SURPLUS):
        met[partition.n_clusters] = partition.centres.copy()
    ordered = {k: met[k] for k in ks}
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


def refine(
    rows: Array,
    weights: Array,
    path: Mapping[int, Array],
    wanted: set[int],
    seed: int,
    fixed: Array | None = None,
) -> Iterator[SweepFit]:
    """Take one of Lloyd's iterations over all rows from each of a path's centres.

    Several numbers of clusters share a pass over the rows, always the same ones; those that nobody
    wants any more are left out, a whole pass at a time.

    Parameters
    ----------
    rows, weights, fixed
        As for :func:`~nbtrain.worker.sweep.sweep`.
    path : mapping of int to ndarray
    wanted : set of int
    seed : int

    Yields
    ------
    SweepFit
        In the path's order.
    """
    weights = np.asarray(weights, dtype=np.float32)
    known = fixed is not None and bool((fixed >= 0).any())
    heavy = weights if fixed is None else raised(weights, fixed)
    columns = columns_of(rows)
    for group in _groups(list(path)):
        if not wanted.intersection(group):
            continue
        centres = [path[k] for k in group]
        if known and fixed is not None:
            centres = [
                known_and_new(rows, weights, fixed, own, np.random.default_rng([seed, len(own)]))
                for own in centres
            ]
        partitions = [Partition(rows, heavy, k, fixed, columns) for k in group]
        begin_together(partitions, centres)
        step_together(partitions, judge=True)
        for k, partition in zip(group, partitions, strict=True):
            if k in wanted:
                yield SweepFit(score(partition), partition.labels, partition.centres)


def _groups(ks: Sequence[int]) -> Iterator[list[int]]:
    group: list[int] = []
    for k in ks:
        if group and (len(group) == _GROUP or sum(group) + k > _GROUP_CENTRES):
            yield group
            group = []
        group.append(k)
    if group:
        yield group
