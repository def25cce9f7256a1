"""How far clusters are what lies together anyway."""

from __future__ import annotations

import numpy as np

from .bags import Array

__all__ = ["NeighbourAgreement"]

_ROWS = 2500


class NeighbourAgreement:
    """Each row of a sample, and all others by nearness.

    A row in a cluster of s rows is asked for its s - 1 nearest others: which share of them lies in
    the cluster? Beyond what chance would give, (share - chance) / (1 - chance), the mean over all
    rows is the *neighbour agreement* of a clustering, 1 at best. The neighbourhoods are as large as
    the clusters, so clusterings into few and into many can be compared, and large clusters beside
    small ones do no harm. Over the number of clusters the agreement rises as long as clusters hold
    several groups, and is level or falls when groups are cut.

    It is R-precision (Manning, Raghavan and Schütze 2008, *Introduction to Information Retrieval*,
    section 8.4) of the rows' rankings, with the cluster as what is relevant.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows, at least two.
    rng : numpy.random.Generator
        Draws 2,500 of them, if there are more.

    Examples
    --------
    >>> rows = np.array([[1, 0], [0.99, 0.14], [0, 1], [0.14, 0.99]], np.float32)
    >>> agreement = NeighbourAgreement(rows, np.random.default_rng(0))
    >>> agreement.of(np.array([0, 0, 1, 1]))[0], round(agreement.of(np.array([0, 1, 0, 1]))[0], 2)
    (1.0, -0.5)
    """

    def __init__(self, rows: Array, rng: np.random.Generator) -> None:
        self.sample = np.arange(len(rows))
        if len(rows) > _ROWS:
            self.sample = np.sort(rng.choice(len(rows), _ROWS, replace=False))
        few = rows[self.sample]
        cosines = few @ few.T
        np.fill_diagonal(cosines, np.inf)
        # The row itself comes first, and is left out.
        nearest = np.argsort(-cosines, axis=1, kind="stable")[:, 1:]
        self._nearest = nearest.astype(np.int16)

    def of(self, labels: Array) -> tuple[float, float]:
        """Return the agreement of clusters of all rows: mean over rows, and over clusters.

        A row that is alone in its cluster has none.
        """
        _, own = np.unique(labels[self.sample], return_inverse=True)
        sizes = np.bincount(own)
        asked = sizes[own] - 1
        of_cluster = own.astype(np.int16)
        hits = np.zeros(len(own))
        # Cluster by cluster, as a small one needs few neighbours of its rows.
        for cluster, rows in enumerate(np.split(np.argsort(own), np.cumsum(sizes)[:-1])):
            near = self._nearest[rows, : len(rows) - 1]
            hits[rows] = (of_cluster[near] == cluster).sum(axis=1)
        share = hits / np.maximum(asked, 1)
        chance = asked / max(len(own) - 1, 1)
        beyond = (share - chance) / np.maximum(1.0 - chance, 1e-9)
        beyond[(asked == 0) | (asked == len(own) - 1)] = 0.0
        by_cluster = np.bincount(own, beyond) / sizes
        return float(beyond.mean()), float(by_cluster.mean())
