"""The scores of a sweep's fits by their public names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from ..sweep_results import SCORES
from .agreement import NeighbourAgreement
from .bags import Array
from .corpus import Corpus
from .distinct import Rows
from .embedders import SEED
from .naming import WordCounts
from .predictability import Predictability
from .stability import Stability
from .sweep import SweepFit

__all__ = ["FitScores", "ScoredFit"]


@dataclass(frozen=True, slots=True)
class ScoredFit:
    """Scores of a fit, and the stability of each of its clusters, NaN where there is none."""

    scores: dict[str, float]
    stability: Array


class FitScores:
    """Scores fits of the same rows; what they share is computed once.

    The samples that are looked at, and the clusterings of other texts, have a seed of their own
    (:data:`~nbtrain.worker.embedders.SEED`): they are what fits are measured by, and the same for
    fits of every seed.

    Parameters
    ----------
    corpus : Corpus
    rows : Rows
        What the corpus's entries became.
    words : WordCounts
        Of the corpus's entries.
    ks : sequence of int
        All numbers of clusters that fits of the sweep may have, made already or not, so that a
        sweep that was interrupted scores as it would have otherwise.
    progress : callable
        Is told the share of the common work that is done.
    """

    def __init__(
        self,
        corpus: Corpus,
        rows: Rows,
        words: WordCounts,
        ks: Sequence[int],
        progress: Callable[[float], None] = lambda share: None,
    ) -> None:
        rng = np.random.default_rng(SEED)
        weights = np.array([entry.weight for entry in corpus.entries], dtype=np.float64)
        self._row_of = rows.row_of
        self._agreement = NeighbourAgreement(rows.vectors, rng)
        self._predictability = Predictability(words.holds, weights, rng)
        self._stability = Stability(
            rows.vectors, rows.weights, ks, rng, fixed=rows.fixed, progress=progress
        )

    def of(self, fit: SweepFit) -> ScoredFit:
        """Score a fit."""
        k = len(fit.centres)
        scores: dict[str, float] = {
            name: float(value) for name, value in asdict(fit.scores).items() if name in SCORES
        }
        agreement = self._agreement.of(fit.labels)
        scores["neighbour_agreement"], scores["cluster_agreement"] = agreement
        scores["stability"], each = self._stability.of(fit.labels, k)
        scores["predictability"] = self._predictability.of(fit.labels[self._row_of], k)
        told = {name: scores[name] for name in SCORES if math.isfinite(scores.get(name, math.nan))}
        return ScoredFit(told, each)
