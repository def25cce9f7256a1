"""How many clusters: where they agree best with what lies together anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..curves import elbow, summit
from .agreement import NeighbourAgreement
from .bags import Array
from .modularity import NeighbourGraph
from .path import descend
from .scores import Scores, score

__all__ = ["RULE", "CountChoice", "choose_count", "choose_n_clusters"]

RULE = "between elbow and summit of the agreement of clusters with neighbourhoods, over log k"

_LARGEST = 300
_GRID = 26
# The summit's say, and the elbow has the rest.
_SUMMIT = 2 / 3
# Readings that differ by less than this factor say the same.
_SAME = 1.2
# Shuffled words had 8 to 11 % borderline rows and modularities of 0.77 to 0.84, sets of many
# intents at most 3 % and at least 0.88.
_BORDERLINE = 0.05
_MODULARITY = 0.875


@dataclass(frozen=True, slots=True)
class CountChoice:
    """A number of clusters, and why.

    Parameters
    ----------
    n_clusters : int
    readings : mapping of str to int or None
        What each rule says, None if it found nothing. ``summit`` and ``elbow`` are of the neighbour
        agreement, the first of its mean over texts, the second of its mean over clusters; the
        choice lies between them. ``objective`` and ``between`` are elbows of these scores.
    near_ties : tuple of int
        Readings that differ from the choice by a factor of 1.2 or more, ascending.
    clear_structure : bool
        False if texts lie between the clusters as those of shuffled words do. A single topic
        with variants of its own may still look clear.
    borderline : float
        Share of borderline rows at the choice.
    modularity : float
        At the choice, as a share of what so many clusters can have at most.
    curve : tuple of Scores
        What was measured on a sample, by rising k.
    agreements : tuple of (float, float)
        Neighbour agreement, mean over texts and over clusters; parallel to ``curve``.
    """

    n_clusters: int
    readings: Mapping[str, int | None]
    near_ties: tuple[int, ...] = ()
    clear_structure: bool = False
    borderline: float = 0.0
    modularity: float = 0.0
    curve: tuple[Scores, ...] = ()
    agreements: tuple[tuple[float, float], ...] = ()


def choose_n_clusters(
    rows: Array,
    weights: Array,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
) -> int:
    """Return the number of clusters that :func:`choose_count` chooses."""
    return choose_count(rows, weights, rng, progress).n_clusters


def choose_count(
    rows: Array,
    weights: Array,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
) -> CountChoice:
    """Choose the number of clusters for unit rows.

    One path on a sample (:func:`~nbtrain.worker.path.descend`) gives a clustering for each k of a
    geometric grid, from 2 to an eighth of the rows, at most 300. The choice lies between two
    places of the :class:`~nbtrain.worker.agreement.NeighbourAgreement`, by a third of their
    ratio below the higher one: its :func:`~nbtrain.curves.summit`, which tends to be high where
    groups have variants of their own, and its :func:`~nbtrain.curves.elbow`, which tends to be
    low. The silhouette, which on short texts often rises to the end of the range, has no say.

    The weights of the two were chosen on 26 sets with 5 to 150 intents, some of them very
    unbalanced: eight open ones, parts of these with few intents, and such where intents have a
    handful of texts or sizes by Zipf's law.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    weights : ndarray, shape (n_rows,)
    rng : numpy.random.Generator
    progress : callable
        Is told the share of the work that is done.
    """
    if len(rows) <= 3:
        progress(1.0)
        return CountChoice(min(2, len(rows)), {})
    largest = min(max(len(rows) // 8, min(8, len(rows) - 1)), _LARGEST)
    grid = sorted({round(k) for k in np.geomspace(2, largest, _GRID)})
    graph: NeighbourGraph | None = None
    agreement: NeighbourAgreement | None = None
    curve: list[Scores] = []
    modularities: list[float] = []
    agreements: list[tuple[float, float]] = []
    for path in descend(rows, weights, grid, rng, progress):
        graph = graph or NeighbourGraph(path.rows, rng)
        agreement = agreement or NeighbourAgreement(path.rows, rng)
        path.judge()
        curve.insert(0, score(path))
        modularities.insert(0, graph.modularity(path.labels, path.n_clusters))
        agreements.insert(0, agreement.of(path.labels))
    return read(curve, modularities, agreements)


def read(
    curve: Sequence[Scores],
    modularities: Sequence[float],
    agreements: Sequence[tuple[float, float]],
) -> CountChoice:
    """Choose from scores by rising k."""
    ks = [scores.n_clusters for scores in curve]
    readings = {
        "summit": summit(ks, [by_text for by_text, _ in agreements]),
        "elbow": elbow(ks, [by_cluster for _, by_cluster in agreements]),
        "objective": elbow(ks, [scores.objective for scores in curve]),
        "between": elbow(ks, [scores.between for scores in curve]),
    }
    high = readings["summit"] or ks[0]
    low = min(readings["elbow"] or high, high)
    chosen = round(high**_SUMMIT * low ** (1.0 - _SUMMIT))
    place = int(np.argmin(np.abs(np.log(np.array(ks) / chosen))))
    borderline = curve[place].borderline
    modularity = modularities[place] / (1.0 - 1.0 / ks[place])
    near_ties = {k for k in readings.values() if k and max(k / chosen, chosen / k) >= _SAME}
    return CountChoice(
        chosen,
        readings,
        tuple(sorted(near_ties)),
        borderline < _BORDERLINE and modularity > _MODULARITY,
        borderline,
        modularity,
        tuple(curve),
        tuple(agreements),
    )
