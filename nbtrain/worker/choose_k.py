"""How many clusters: three readings of the curves over their number, and the median of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .bags import Array
from .modularity import NeighbourGraph
from .path import descend
from .scores import Scores, score

__all__ = ["RULE", "CountChoice", "choose_count", "choose_n_clusters", "elbow", "summit"]

RULE = (
    "median of the elbows of objective and dispersion between clusters over log k, and the summit "
    "of modularity"
)

_LARGEST = 300
_GRID = 26
_NEAR_TOP = 0.8
# A curve this little above its chord, in shares of its rise, is straight.
_FLAT = 0.02
_SUMMIT = 0.03
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
        What each rule says, None if it found nothing: ``objective``, ``between``, ``modularity``.
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
    modularities : tuple of float
        Parallel to ``curve``.
    """

    n_clusters: int
    readings: Mapping[str, int | None]
    near_ties: tuple[int, ...] = ()
    clear_structure: bool = False
    borderline: float = 0.0
    modularity: float = 0.0
    curve: tuple[Scores, ...] = ()
    modularities: tuple[float, ...] = ()


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

    One path on a sample (:func:`~nbtrain.worker.path.descend`) gives scores for a geometric grid
    of k, from 2 to an eighth of the rows, at most 300. Each of three readings may find nothing:
    the :func:`elbow` over log k of the objective and of the dispersion between clusters, and the
    :func:`summit` of modularity on a neighbour graph. The first tends to be low, the last high;
    the median is robust against one that broke. The silhouette, which on short texts often rises
    to the end of the range, has no say.

    On eight open sets with 16 to 150 intents the choice was off by a factor of 1.15 (geometric
    mean, three seeds) and 1.52 at worst. Parts of these sets with few intents got up to 2.9 times
    as many clusters, as intents have variants; sets where most intents had a handful of texts got
    down to a third, about the number of the frequent ones.

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
    curve: list[Scores] = []
    modularities: list[float] = []
    for path in descend(rows, weights, grid, rng, progress):
        graph = graph or NeighbourGraph(path.rows, rng)
        path.judge()
        curve.insert(0, score(path))
        modularities.insert(0, graph.modularity(path.labels, path.n_clusters))
    return read(curve, modularities)


def read(curve: Sequence[Scores], modularities: Sequence[float]) -> CountChoice:
    """Choose from scores by rising k."""
    ks = [scores.n_clusters for scores in curve]
    readings = {
        "objective": elbow(ks, [scores.objective for scores in curve]),
        "between": elbow(ks, [scores.between for scores in curve]),
        "modularity": summit(ks, modularities),
    }
    found = [k for k in readings.values() if k is not None]
    chosen = round(float(np.exp(np.median(np.log(found)))))
    place = int(np.argmin(np.abs(np.log(np.array(ks) / chosen))))
    borderline = curve[place].borderline
    modularity = modularities[place] / (1.0 - 1.0 / ks[place])
    near_ties = {k for k in found if max(k / chosen, chosen / k) >= _SAME}
    return CountChoice(
        chosen,
        readings,
        tuple(sorted(near_ties)),
        len(found) == len(readings) and borderline < _BORDERLINE and modularity > _MODULARITY,
        borderline,
        modularity,
        tuple(curve),
        tuple(modularities),
    )


def elbow(ks: Sequence[int], values: Sequence[float], *, log: bool = True) -> int | None:
    """Return where a rising curve stands highest above its chord; None if it nowhere does.

    The rule of Satopää et al. (2011), "Finding a kneedle in a haystack". A noisy curve has a flat
    top, so the place is the geometric mean of all k within four fifths of the greatest height,
    weighted by what they have above that.

    Parameters
    ----------
    ks : sequence of int
        Rising.
    values : sequence of float
        Higher is better.
    log : bool
        Whether the curve is drawn over log k or over k.

    Examples
    --------
    >>> elbow([2, 4, 8, 16, 32], [0.1, 0.5, 0.9, 0.92, 0.94])
    8
    >>> elbow([2, 4, 8, 16], [0.1, 0.2, 0.4, 0.8]) is None
    True
    """
    logs = np.log(np.asarray(ks, dtype=float))
    x = logs if log else np.asarray(ks, dtype=float)
    y = np.maximum.accumulate(np.asarray(values, dtype=float))
    if len(ks) < 3 or y[-1] - y[0] < 1e-9:
        return int(ks[0])
    height = (y - y[0]) / (y[-1] - y[0]) - (x - x[0]) / (x[-1] - x[0])
    if height.max() < _FLAT:
        return None
    above = np.maximum(height - _NEAR_TOP * height.max(), 0.0)
    return round(float(np.exp(above @ logs / above.sum())))


def summit(ks: Sequence[int], values: Sequence[float]) -> int:
    """Return where a curve is highest.

    A summit is flat: the place is the geometric mean of all k within three hundredths of the rise
    from the first value, weighted by what they have above that.

    Examples
    --------
    >>> summit([2, 4, 8, 16], [0.1, 0.5, 0.9, 0.2])
    8
    """
    y = np.asarray(values, dtype=float)
    rise = float(y.max() - y[0])
    if rise < 1e-9:
        return int(ks[0])
    above = np.maximum(y - (y.max() - _SUMMIT * rise), 0.0)
    return round(float(np.exp(above @ np.log(np.asarray(ks, dtype=float)) / above.sum())))
