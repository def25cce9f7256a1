"""Which numbers of clusters to take, and why: one rule, for sweeps and for ``"auto"``."""

from __future__ import annotations

from collections.abc import Sequence

from .sweep_results import Recommendation, SweepFit

__all__ = ["recommend"]


def recommend(fits: Sequence[SweepFit], n_texts: int | None = None) -> Recommendation:
    """Make a short list from the fits of a sweep, finished or not.

    Parameters
    ----------
    fits : sequence of SweepFit
        In any order. Fits that failed or have no scores are passed over; of several seeds the
        median of each score counts.
    n_texts : int, optional
        Number of documents, for what is said of sizes.
    """
    return Recommendation()
