"""All numbers of clusters of a range: one path on a sample, and each refined on all texts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .bags import Array
from .partition import BLOCK, Partition
from .path import descend
from .scores import Scores, score
from .seeding import known_and_new, raised

__all__ = ["PATH_SHARE", "SweepFit", "refine", "sweep", "sweep_path"]

PATH_SHARE = 0.3
"""About the share of the time that the path takes."""

_SAMPLE = 2000
_SURPLUS = 1.5
# So many k, and centres, share a pass over the rows.
_GROUP = 8
_GROUP_CENTRES = 256


@dataclass(slots=True)
class SweepFit:
    """One number of clusters.

    Parameters
    ----------
    scores : Scores
        Exact, over all rows.
    labels : ndarray of int32, shape (n_rows,)
    centres : ndarray of float32, shape (n_clusters, n_dimensions)
        Unit rows; handed to :func:`~nbtrain.worker.clustering.spherical_kmeans` as ``first``, they
        let a training of this number of clusters begin here.
    """

    scores: Scores
    labels: Array
    centres: Array


def sweep(
    rows: Array,
    weights: Array,
    ks: Sequence[int],
    rng: np.random.Generator,
    *,
    fixed: Array | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Iterator[SweepFit]:
    """Cluster rows into each of several numbers of clusters.

    The centres come from one path over k on a sample (:func:`~nbtrain.worker.path.descend`); then
    each k takes one of Lloyd's iterations over all rows, after which its scores are exact.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Distinct rows of unit length.
    weights : ndarray, shape (n_rows,)
        How many documents each row stands for.
    ks : sequence of int
        From 1 to ``n_rows``. The fits come in this order, such as that of
        :func:`~nbtrain.sweep_plans.coarse_to_fine`.
    rng : numpy.random.Generator
    fixed : ndarray of int, optional
        The cluster that a row must keep, or -1, as for
        :func:`~nbtrain.worker.clustering.spherical_kmeans`; every k is at least their number.
    progress : callable
        Is told the share of the work that is done.

    Yields
    ------
    SweepFit
        As soon as it is ready.
    """
    path = sweep_path(rows, weights, ks, rng, lambda share: progress(PATH_SHARE * share))
    seed = int(rng.integers(2**32))
    done, whole = 0.0, float(sum(k + 20 for k in ks))
    for fit in refine(rows, weights, path, set(ks), seed, fixed):
        done += len(fit.centres) + 20
        yield fit
        progress(PATH_SHARE + (1.0 - PATH_SHARE) * done / whole)


def sweep_path(
    rows: Array,
    weights: Array,
    ks: Sequence[int],
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[int, Array]:
    """Return the centres for each number of clusters that one path on a sample finds.

    Parameters
    ----------
    rows, weights, ks, rng, progress
        As for :func:`sweep`.

    Returns
    -------
    dict of int to ndarray of float32, shape (n_clusters, n_dimensions)
        In the order of ``ks``.
    """
    weights = np.asarray(weights, dtype=np.float32)
    found: dict[int, Array] = {}
    for path in descend(rows, weights, ks, rng, progress, n_rows=_SAMPLE, surplus=_SURPLUS):
        found[path.n_clusters] = path.centres.copy()
    return {k: found[k] for k in ks}


def refine(
    rows: Array,
    weights: Array,
    path: Mapping[int, Array],
    wanted: Collection[int],
    seed: int,
    fixed: Array | None = None,
) -> Iterator[SweepFit]:
    """Take one of Lloyd's iterations over all rows from each of a path's centres.

    Several numbers of clusters share a pass over the rows, always the same ones, so that each fit
    comes out alike whichever are wanted.

    Parameters
    ----------
    rows, weights, fixed
        As for :func:`sweep`.
    path : mapping of int to ndarray
        From :func:`sweep_path`.
    wanted : collection of int
    seed : int

    Yields
    ------
    SweepFit
        In the path's order.
    """
    weights = np.asarray(weights, dtype=np.float32)
    known = fixed is not None and bool((fixed >= 0).any())
    heavy = weights if fixed is None else raised(weights, fixed)
    for group in _groups(list(path)):
        if not any(k in wanted for k in group):
            continue
        centres = [path[k] for k in group]
        if known and fixed is not None:
            centres = [
                known_and_new(rows, weights, fixed, own, np.random.default_rng([seed, len(own)]))
                for own in centres
            ]
        partitions = [Partition(rows, heavy, k, fixed, kept=False) for k in group]
        _assign(partitions, centres)
        if not known:
            _judge(partitions)
        for k, partition in zip(group, partitions, strict=True):
            if k in wanted:
                judged = _weighed_anew(partition, weights) if known else partition
                yield SweepFit(score(judged), partition.labels, partition.centres)


def _assign(partitions: Sequence[Partition], centres: Sequence[Array]) -> None:
    """Give the rows of each partition to the nearest of its centres, in one pass over the rows.

    One large product takes far less time than several small ones, and a row that is in the
    processor's cache is added to the sums of all its clusters at once.
    """
    rows, weights = partitions[0].rows, partitions[0].weights
    stacked, n = np.vstack(centres), len(partitions)
    ends = np.cumsum([len(own) for own in centres])
    labels = np.empty((len(rows), n), np.int32)
    sums = np.zeros(stacked.shape)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        part = slice(start, start + len(block))
        # With the similarities of a row side by side argmax is several times faster.
        similar = block @ stacked.T
        for place, (partition, end) in enumerate(zip(partitions, ends.tolist(), strict=True)):
            begin = end - len(centres[place])
            nearest = similar[:, begin:end].argmax(axis=1)
            labels[part, place] = nearest
            partition.own[part] = similar[np.arange(len(block)), begin + nearest]
        clusters = labels[part] + np.append(0, ends[:-1]).astype(np.int32)
        counts = np.arange(0, n * len(block) + 1, n)
        belongs = (np.repeat(weights[part], n), clusters.ravel(), counts)
        sums += sp.csc_matrix(belongs, (len(stacked), len(block))) @ block
    for place, (partition, end) in enumerate(zip(partitions, ends.tolist(), strict=True)):
        partition.take_sums(labels[:, place], sums[end - len(centres[place]) : end])


def _judge(partitions: Sequence[Partition]) -> None:
    """Judge several partitions of the same rows, in one pass over these."""
    rows = partitions[0].rows
    stacked = np.vstack([partition.centres for partition in partitions])
    ends = np.cumsum([partition.n_clusters for partition in partitions]).tolist()
    work = np.empty((len(stacked), BLOCK), np.float32)
    for start in range(0, len(rows), BLOCK):
        part = slice(start, min(start + BLOCK, len(rows)))
        similar = np.matmul(stacked, rows[part].T, out=work[:, : part.stop - start])
        for partition, end in zip(partitions, ends, strict=True):
            partition.judge_rows(part, similar[end - partition.n_clusters : end])


def _weighed_anew(partition: Partition, weights: Array) -> Partition:
    """Return the same clusters, judged with weights of which none are raised."""
    judged = Partition(partition.rows, weights, partition.n_clusters, kept=False)
    judged.take(partition.labels)
    return judged


def _groups(ks: Sequence[int]) -> Iterator[list[int]]:
    """Cut the numbers of clusters into runs that are worth one pass over the rows together."""
    group: list[int] = []
    for k in ks:
        if group and (len(group) == _GROUP or sum(group) + k > _GROUP_CENTRES):
            yield group
            group = []
        group.append(k)
    if group:
        yield group
