"""How many clusters, by the rule of sweeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..recommendation import best_count, recommend
from ..sweep_results import Recommendation, SweepFit
from .bags import Array
from .outline import FEWEST_ROWS, outline

__all__ = ["CountChoice", "choose_count"]


@dataclass(frozen=True, slots=True)
class CountChoice:
    """A number of clusters, and why.

    Parameters
    ----------
    n_clusters : int
    recommendation : Recommendation
        Its candidates are of the outline's grid, the choice may lie between two.
    fits : tuple of SweepFit
        The outline, by rising number of clusters.
    """

    n_clusters: int
    recommendation: Recommendation = field(default_factory=Recommendation)
    fits: tuple[SweepFit, ...] = ()


def choose_count(
    rows: Array,
    weights: Array,
    progress: Callable[[float], None] = lambda share: None,
) -> CountChoice:
    """Choose the number of clusters for unit rows, the same at every call.

    It is what :func:`nbtrain.recommendation.recommend` reads from the outline of the rows, see
    :func:`~nbtrain.worker.outline.outline`.

    The rule was tried on 26 sets with 5 to 150 intents, some of them very unbalanced: eight open
    ones, parts of these with few intents, and such where intents have a handful of texts or sizes
    by Zipf's law. On the open ones the choice was off by a factor of 1.14 on the mean and 1.36 at
    worst; on the parts by 1.4 and 2.4, too high where few intents have variants, too low where
    many have a handful of texts.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_dimensions)
        Unit rows.
    weights : ndarray, shape (n_rows,)
    progress : callable
        Is told the share of the work that is done.
    """
    if len(rows) < FEWEST_ROWS:
        progress(1.0)
        return CountChoice(min(2, len(rows)))
    fits = outline(rows, weights, progress)
    recommendation = recommend(fits, len(rows))
    return CountChoice(best_count(recommendation) or fits[0].n_clusters, recommendation, fits)
