"""The scores of a sweep's fits by their public names."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from ..sweep_results import SCORES
from .bags import Array
from .distinct import Rows
from .modularity import NeighbourGraph
from .sweep import SweepFit

__all__ = ["FitScores", "ScoredFit"]


@dataclass(frozen=True, slots=True)
class ScoredFit:
    """Scores of a fit, and of each of its clusters the stability, where it is measured."""

    scores: dict[str, float]
    stability: Array | None = None


class FitScores:
    """Scores fits of the same rows; what they share is computed once.

    Parameters
    ----------
    rows : Rows
    seed : int
        Draws the sample whose neighbourhoods are looked at.
    stability : callable, optional
        Is handed a fit, and returns its agreement with clusterings of other samples, and that of
        each of its clusters.
    predictability : callable, optional
        Is handed labels of the rows, and returns how well they are told from the words.
    """

    def __init__(
        self,
        rows: Rows,
        seed: int,
        *,
        stability: Callable[[SweepFit], tuple[float, Array]] | None = None,
        predictability: Callable[[Array], float] | None = None,
    ) -> None:
        rng = np.random.default_rng(seed)
        self._graph = NeighbourGraph(rows.vectors, rng, weights=rows.weights)
        self._stability = stability
        self._predictability = predictability

    def of(self, fit: SweepFit) -> ScoredFit:
        """Score a fit."""
        scores: dict[str, float] = {
            name: float(value) for name, value in asdict(fit.scores).items() if name in SCORES
        }
        scores["modularity"] = self._graph.modularity(fit.labels, len(fit.centres))
        each = None
        if self._stability is not None:
            scores["stability"], each = self._stability(fit)
        if self._predictability is not None:
            scores["predictability"] = self._predictability(fit.labels)
        told = {name: scores[name] for name in SCORES if math.isfinite(scores.get(name, math.nan))}
        return ScoredFit(told, each)
