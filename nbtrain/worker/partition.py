"""Rows divided among centres: what every kind of k-means here is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import scipy.sparse as sp

from .bags import Array
from .merging import Price, cheapest, ward
from .word_vectors import unit_rows

__all__ = [
    "BLOCK",
    "BORDERLINE",
    "Partition",
    "Report",
]

Report = Callable[[Mapping[str, float]], None]
"""Is handed ``objective``, ``moved`` and ``silhouette`` after a step."""

BORDERLINE = 0.1
"""Below this margin a row is borderline: it could as well lie in another cluster."""

BLOCK = 2048
"""So many rows at a time: their similarities to all centres stay in the processor's cache."""

_CACHE_BYTES = 512 * 2**20
_COLUMN_BYTES = 512 * 2**20
# A cosine distance below this is none.
_ROUNDING = 1e-6


class Partition:
    """Unit rows, a cluster for each, and the similarities between rows and centres.

    The similarities lie centre by centre and are kept, where memory allows: after a step only
    those to centres that moved are computed anew, and cluster sums change by the rows that
    changed cluster.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    weights : ndarray, shape (n_rows,)
        How often each row counts.
    capacity : int
        The largest number of clusters that there will be.
    fixed : ndarray of int, optional
        The cluster that a row must keep, or -1.
    kept : bool
        Whether similarities may be kept at all; not by one of many partitions of the same rows.

    Attributes
    ----------
    n_clusters : int
    labels : ndarray of int32, shape (n_rows,)
    own, other : ndarray of float32, shape (n_rows,)
        Cosine to the own centre; to the nearest other one, after a step that judges.
    silhouettes : ndarray of float32, shape (n_rows,)
        Exact cosine silhouette of each row, after a step that judges.
    margins : ndarray of float32, shape (n_rows,)
        How much nearer the own centre is than the nearest other one, as a share of the distance
        to the other, 0 to 1; after a step that judges.
    second : ndarray of int32, shape (n_rows,)
        The nearest other cluster of rows with a margin below :data:`BORDERLINE`, else -1.
    sizes : ndarray, shape (capacity,)
        Weight of each cluster's rows.
    pending : float
        The share of the weight that the next step will move.
    """

    def __init__(
        self,
        rows: Array,
        weights: Array,
        capacity: int,
        fixed: Array | None = None,
        kept: bool = True,
    ) -> None:
        n, d = rows.shape
        self.rows = rows
        self.weights = np.asarray(weights, dtype=np.float32)
        self.total = float(self.weights.sum(dtype=np.float64))
        self.fixed = fixed if fixed is not None and (fixed >= 0).any() else None
        self.n_clusters = 0
        self.labels = np.full(n, -1, np.int32)
        self.own = np.zeros(n, np.float32)
        self.other = np.zeros(n, np.float32)
        self.silhouettes = np.zeros(n, np.float32)
        self.margins = np.ones(n, np.float32)
        self.second = np.full(n, -1, np.int32)
        self.pending = 1.0
        self._centres = np.zeros((capacity, d), np.float32)
        self._sums = np.zeros((capacity, d))
        self.sizes = np.zeros(capacity)
        self._counts = np.zeros(capacity, np.int64)
        self._slices = [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
        self._columns: list[Array] | None = None
        self._work = np.empty((capacity, min(BLOCK, n)), np.float32)
        self._kept: list[Array] | None = None
        if kept and capacity * n * 4 <= _CACHE_BYTES:
            self._kept = [np.empty((capacity, p.stop - p.start), np.float32) for p in self._slices]
        self._moving = np.zeros(0, np.int64)
        self._target = np.zeros(0, np.int64)
        self._found: list[tuple[Array, Array]] = []

    @property
    def centres(self) -> Array:
        """Unit rows, shape (n_clusters, n_dimensions)."""
        return self._centres[: self.n_clusters]

    @property
    def sums(self) -> Array:
        """Weighted sums of the clusters' rows, float64, shape (n_clusters, n_dimensions)."""
        return self._sums[: self.n_clusters]

    @property
    def objective(self) -> float:
        """Weighted mean cosine of a row to its own centre."""
        return float(self.weights @ self.own.astype(np.float64)) / self.total

    @property
    def silhouette(self) -> float:
        """Weighted mean of the silhouettes, after a step that judges."""
        return float(self.weights @ self.silhouettes.astype(np.float64)) / self.total

    def start(self, centres: Array) -> None:
        """Forget all clusters, and begin with these centres (unit rows)."""
        self._centres[: len(centres)] = centres
        self._forget(len(centres))
        self._scan(np.arange(len(centres)))

    def _forget(self, n_clusters: int) -> None:
        self.n_clusters = n_clusters
        self.labels[:] = -1
        for array in (self._sums, self.sizes, self._counts):
            array[:] = 0

    def take_sums(self, labels: Array, sums: Array) -> None:
        """Take clusters whose weighted sums are known; an empty one gets a row.

        Nothing else is up to date then but labels, sums, sizes and centres. ``own`` must hold how
        well the rows fit.
        """
        k = len(sums)
        self._forget(k)
        labels = np.asarray(
            labels if self.fixed is None else np.where(self.fixed >= 0, self.fixed, labels)
        )
        counts = np.bincount(labels, minlength=k)
        if self.fixed is not None or not counts.all():
            self._moving, self._target = np.arange(len(labels)), labels.astype(np.int64)
            self._fill_empty()
            self._move(self._moving, self._target)
            return
        self.labels[:] = labels
        self._sums[:k] = sums
        self._counts[:k] = counts
        self.sizes[:k] = np.bincount(labels, self.weights, k)
        self._centres[:k] = unit_rows(sums.astype(np.float32))

    def take(self, labels: Array) -> None:
        """Take clusters as they are given (0 to k - 1, none empty), and judge them."""
        self.n_clusters = int(labels.max()) + 1
        self._moving, self._target = np.arange(len(self.rows)), np.asarray(labels, dtype=np.int64)
        self._scan(self._move(self._moving, self._target), judge=True)

    def step(self, *, judge: bool = False) -> float:
        """Move the rows that another centre is nearer to, then the centres.

        Parameters
        ----------
        judge : bool
            Whether ``other`` and ``silhouettes`` are wanted.

        Returns
        -------
        float
            The share of the weight that moved.
        """
        moved = self.pending
        self._fill_empty()
        self._scan(self._move(self._moving, self._target), judge)
        return moved

    def settle(self, tolerance: float, max_iter: int, report: Report | None = None) -> None:
        """Step until at most this share of the weight would move, and report each step."""
        while self.pending > tolerance and max_iter > 0:
            moved = self.step(judge=report is not None)
            if report is not None:
                report(self.statistics(moved))
            max_iter -= 1

    def statistics(self, moved: float) -> dict[str, float]:
        """Return what is reported of a step that judged."""
        return {"objective": self.objective, "moved": moved, "silhouette": self.silhouette}

    def judge(self) -> None:
        """Fill in what a step that judges fills in, without a step."""
        self._scan(np.zeros(0, np.int64), judge=True)

    def drop(self, count: int, price: Price = ward) -> None:
        """Dissolve clusters: of the pairs that are cheapest to merge, the smaller one each.

        Clusters are renumbered in their order; the next step moves the rows to where they are
        nearest.
        """
        stay = np.ones(self.n_clusters, dtype=bool)
        stay[cheapest(self.sums, self.sizes[: self.n_clusters], count, price)] = False
        # The last entry is for rows that have no cluster yet.
        number = np.append(np.where(stay, np.cumsum(stay) - 1, -1), -1).astype(np.int32)
        self.labels = number[self.labels]
        left = np.flatnonzero(stay)
        for array in (self._centres, self._sums, self.sizes, self._counts, *(self._kept or ())):
            array[: len(left)] = array[left]
        self.n_clusters = len(left)
        self._scan(np.zeros(0, np.int64))

    def _similar(self, block: int, columns: Array) -> Array:
        """Return a block's similarities, shape (n_clusters, n_rows); these columns are new."""
        if self._columns is None:
            self._columns = _columns_of(self.rows)
        turned, k = self._columns[block], self.n_clusters
        work = self._work[:, : turned.shape[1]]
        if self._kept is None:
            return np.asarray(self.centres @ turned)
        similar = self._kept[block][:k]
        if len(columns) == k:
            np.matmul(self.centres, turned, out=similar)
        elif len(columns):
            part = work[: len(columns)]
            similar[columns] = np.matmul(self._centres[columns], turned, out=part)
        return similar

    def _scan(self, columns: Array, judge: bool = False) -> None:
        """Look at all similarities, and find the rows that are to move."""
        for block in range(len(self._slices)):
            self._look(block, self._similar(block, columns), judge)
        self._decide()

    def _look(self, block: int, similar: Array, judge: bool) -> None:
        part = self._slices[block]
        labels = self.labels[part]
        inside = np.arange(len(labels))
        own = np.where(labels >= 0, similar[labels, inside], np.float32(-np.inf))
        if judge:
            self.judge_rows(part, similar)
            best = np.maximum(own, self.other[part])
        else:
            best = np.maximum.reduce(similar, axis=0)
            self.own[part] = np.where(labels >= 0, own, best)
        away = best > own
        if self.fixed is not None:
            away &= (self.fixed[part] < 0) | (labels < 0)
        rows = np.flatnonzero(away)
        self._found.append((rows + part.start, _nearest(similar, rows, best)))

    def _decide(self) -> None:
        """Put together which rows are to move."""
        self._moving = np.concatenate([rows for rows, _ in self._found])
        self._target = np.concatenate([target for _, target in self._found])
        self._found = []
        if self.fixed is not None:
            fixed = self.fixed[self._moving]
            self._target = np.where(fixed >= 0, fixed, self._target)
        self.pending = float(self.weights[self._moving].sum(dtype=np.float64)) / self.total

    def judge_rows(self, part: slice, similar: Array) -> None:
        """Fill in what a step that judges fills in, for some rows.

        Parameters
        ----------
        part : slice
            At most 2,048 rows, none without a cluster.
        similar : ndarray of float32, shape (n_clusters, n_part)
            Their cosines to the centres.
        """
        labels, k = self.labels[part], self.n_clusters
        own = self.own[part] = similar[labels, np.arange(len(labels))]
        if k == 1:
            self.other[part] = 0.0
            self.silhouettes[part] = 0.0
            self.margins[part] = 1.0
            return
        inside = np.arange(len(labels))
        similar[labels, inside] = -np.inf
        np.maximum.reduce(similar, axis=0, out=self.other[part])
        # The mean distance to a cluster is 1 minus the dot product with its sum over its size.
        norms = np.linalg.norm(self.sums, axis=1).astype(np.float32)
        sizes = self.sizes[:k].astype(np.float32)
        scaled = self._work[:k, : len(labels)]
        np.multiply(similar, np.maximum(norms / sizes, 1e-30)[:, None], out=scaled)
        between = 1.0 - np.maximum.reduce(scaled, axis=0)
        # Only rows that lie between two clusters are asked for the second one.
        margin = (own - self.other[part]) / np.maximum(1.0 - self.other[part], 1e-6)
        self.margins[part] = np.clip(margin, 0.0, 1.0)
        near = np.flatnonzero(margin < BORDERLINE)
        self.second[part] = -1
        self.second[near + part.start] = similar[:, near].argmax(axis=0)
        similar[labels, inside] = own
        size = sizes[labels]
        within = (size - own * norms[labels]) / np.maximum(size - 1.0, 1.0)
        # Of rows at one place both are 0, but for what rounding leaves.
        within, between = np.maximum(within, 0.0), np.maximum(between, 0.0)
        larger = np.maximum(np.maximum(within, between), _ROUNDING)
        self.silhouettes[part] = np.where(size > 1, (between - within) / larger, 0.0)

    def _move(self, rows: Array, target: Array) -> Array:
        """Give rows their new clusters; return the clusters whose centres moved."""
        k = self.n_clusters
        left = np.flatnonzero(self.labels[rows] >= 0)
        old = self.labels[rows[left]]
        weights = self.weights[rows]
        change = np.concatenate([weights, -weights[left]])
        clusters = np.concatenate([target, old])
        places = np.concatenate([np.arange(len(rows)), left])
        # Short integers are sorted in linear time.
        order = np.argsort(clusters.astype(np.uint16 if k <= 2**16 else np.int64), kind="stable")
        ends = np.append(0, np.cumsum(np.bincount(clusters, minlength=k)))
        sums = sp.csr_matrix((change[order], places[order], ends), (k, len(rows)))
        everything = len(rows) == len(self.rows)
        self._sums[:k] += sums @ (self.rows if everything else self.rows[rows])
        self.sizes[:k] += np.bincount(clusters, change, k)
        self._counts[:k] += np.bincount(target, minlength=k) - np.bincount(old, minlength=k)
        self.labels[rows] = target
        moved = np.flatnonzero(np.bincount(clusters, minlength=k))
        self._centres[moved] = unit_rows(self._sums[moved].astype(np.float32))
        return moved

    def _fill_empty(self) -> None:
        """Let each cluster that would be empty have the row that fits its own worst."""
        k = self.n_clusters
        old = self.labels[self._moving]
        after = np.bincount(self._target, minlength=k) - np.bincount(old[old >= 0], minlength=k)
        after += self._counts[:k]
        empty = np.flatnonzero(after == 0)
        if not len(empty):
            return
        labels = self.labels.copy()
        labels[self._moving] = self._target
        candidates = iter(np.argsort(self.own, kind="stable").tolist())
        for cluster in empty.tolist():
            for row in candidates:
                free = self.fixed is None or self.fixed[row] < 0
                if free and after[labels[row]] > 1:
                    after[labels[row]] -= 1
                    labels[row] = cluster
                    break
        self._moving = np.flatnonzero(labels != self.labels)
        self._target = labels[self._moving].astype(np.int64)


def _columns_of(rows: Array) -> list[Array]:
    """Return the rows transposed, in blocks; in memory that order too, unless they are too many.

    A product with few centres then takes half the time.
    """
    turned = rows.nbytes <= _COLUMN_BYTES
    blocks = [rows[start : start + BLOCK].T for start in range(0, len(rows), BLOCK)]
    return [np.ascontiguousarray(block) if turned else block for block in blocks]


def _nearest(similar: Array, rows: Array, best: Array) -> Array:
    """Return for some rows of a block the first cluster that reaches the best similarity."""
    if 4 * len(rows) < similar.shape[1]:
        return np.asarray(similar[:, rows].argmax(axis=0))
    # Along the first axis a comparison and a search are several times faster than argmax.
    cluster, row = np.nonzero(similar == best)
    nearest = np.zeros(similar.shape[1], np.int64)
    nearest[row[::-1]] = cluster[::-1]
    return np.asarray(nearest[rows])
