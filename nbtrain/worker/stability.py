"""Which clusters come back when other texts are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..sweep_moves import adjusted_rand_index
from .bags import Array
from .path import descend
from .seeding import known_and_new

__all__ = ["Stability"]

_ROUNDS = 3
_SAMPLE = 2000
_JUDGED = 4000


class Stability:
    """Clusterings of other samples of the same rows, to compare fits with.

    Half of the rows are drawn anew in each round, at most 2,000 or 20 a cluster; one path over k
    clusters them with a seed of its own (:func:`~nbtrain.worker.path.descend`), and a sample of all
    rows, the same in every round, goes to the nearest of its centres. A fit is compared with these:
    as a whole by the adjusted Rand index (Hubert and Arabie 1985), and cluster by cluster by the
    Jaccard coefficient with the cluster that is most like it (Hennig 2007, "Cluster-wise assessment
    of cluster stability"). Where clusters are known beforehand,
    each round knows of them by the fixed rows that were drawn, and no other row is fixed.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    weights : ndarray, shape (n_rows,)
    ks : sequence of int
        Numbers of clusters that fits will have; those that half of the rows don't allow are left
        out.
    rng : numpy.random.Generator
    fixed : ndarray of int, shape (n_rows,), optional
        The cluster that a row must keep, or -1, as for :func:`~nbtrain.worker.sweep.sweep`.
    n_rounds : int
    progress : callable
        Is told the share of the work that is done.

    Attributes
    ----------
    judged : ndarray of int
        The rows by which fits are compared, rising; of 4,000 or fewer all.
    """

    def __init__(
        self,
        rows: Array,
        weights: Array,
        ks: Sequence[int],
        rng: np.random.Generator,
        *,
        fixed: Array | None = None,
        n_rounds: int = _ROUNDS,
        progress: Callable[[float], None] = lambda share: None,
    ) -> None:
        n = len(rows)
        self.judged = np.sort(rng.permutation(n)[:_JUDGED])
        self._weights = np.asarray(weights, dtype=np.float64)[self.judged]
        self._labels: dict[int, list[Array]] = {}
        half = max(n // 2, min(n, 2))
        fixed = np.full(n, -1) if fixed is None else np.asarray(fixed)
        known, of_each = np.unique(fixed, return_index=True)
        n_known = int(fixed.max(initial=-1)) + 1
        possible = [k for k in set(ks) if n_known <= k <= half]
        few = rows[self.judged]
        for done in range(n_rounds if possible else 0):
            # Of each known cluster at least one row.
            part = np.union1d(rng.permutation(n)[:half], of_each[known >= 0])
            drawn = np.full(n, -1)
            drawn[part] = fixed[part]
            kept = drawn[self.judged]

            def step(share: float, done: int = done) -> None:
                progress((done + share) / n_rounds)

            for path in descend(
                rows[part], weights[part], possible, rng, step, n_rows=_SAMPLE, surplus=1.5
            ):
                centres = path.centres
                if n_known:
                    own = np.asarray(weights[part], dtype=np.float32)
                    centres = known_and_new(rows[part], own, fixed[part], centres, rng)
                nearest = (few @ centres.T).argmax(axis=1)
                nearest = np.where(kept >= 0, kept, nearest)
                self._labels.setdefault(path.n_clusters, []).append(nearest.astype(np.int32))
        progress(1.0)

    def labels(self, n_clusters: int) -> list[Array]:
        """Return the cluster of each judged row in each round, none if half of the rows are few."""
        return self._labels.get(n_clusters, [])

    def of(self, labels: Array, n_clusters: int) -> tuple[float, Array]:
        """Say how stable a fit is.

        Parameters
        ----------
        labels : ndarray of int, shape (n_rows,)
        n_clusters : int

        Returns
        -------
        whole : float
            Mean adjusted Rand index; NaN if nothing can be compared.
        each : ndarray of float64, shape (n_clusters,)
            Mean Jaccard coefficient of each cluster, 0 to 1; NaN where nothing can be compared.
        """
        own = labels[self.judged].astype(np.int64)
        whole, each = [], []
        for other in self.labels(n_clusters):
            pairs = np.bincount(own * n_clusters + other, self._weights, n_clusters**2)
            table = pairs.reshape(n_clusters, n_clusters)
            whole.append(adjusted_rand_index(table))
            each.append(_jaccard(table))
        if not whole:
            return float("nan"), np.full(n_clusters, np.nan)
        return float(np.mean(whole)), np.mean(each, axis=0)


def _jaccard(table: Array) -> Array:
    first, second = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    best = (table / np.maximum(first + second - table, 1e-300)).max(axis=1)
    return np.where(first[:, 0] > 0, best, np.nan)
