"""What the curves of a sweep say about the number of clusters, each by itself and all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from .curves import elbow, summit
from .sweep_results import SweepFit

__all__ = [
    "FEWEST",
    "SAME",
    "FitView",
    "agreement_curve",
    "factor",
    "finest",
    "high_end",
    "low_end",
    "middle",
    "nearest",
    "read_curves",
]

FEWEST = 4
"""Numbers of clusters from which on there is a short list."""

SAME = 1.2
"""Counts that differ by less than this factor say the same, and don't stand side by side."""

# The high end's say, and the low end has the rest.
_HIGH = 2 / 3

Curve = tuple[list[int], list[float]]


@dataclass(frozen=True, slots=True)
class FitView:
    """A fit, and its scores over all seeds."""

    fit: SweepFit
    scores: Mapping[str, float]

    def score(self, name: str) -> float | None:
        """Return a score, None if the service doesn't tell it."""
        return self.scores.get(name)

    def agreement(self) -> float | None:
        """Return how far clusters agree with neighbourhoods, texts and clusters counting alike.

        The mean over texts hears the large clusters, and the mean over clusters the small ones. The
        first rises on where groups have variants of their own, the second falls early where sizes
        are very unequal.
        """
        told = [self.score(name) for name in ("neighbour_agreement", "cluster_agreement")]
        known = [at for at in told if at is not None]
        return sum(known) / len(known) if known else None


def agreement_curve(views: Mapping[int, FitView]) -> Curve:
    """Return the numbers of clusters that tell an agreement, and the agreement at each."""
    return _curve(views, FitView.agreement)


def read_curves(views: Mapping[int, FitView]) -> dict[str, int | None]:
    """Return what each rule says by itself; rules without their scores are left out."""
    readings: dict[str, int | None] = {}
    agreement = agreement_curve(views)
    rules: dict[str, tuple[Curve, Callable[[list[int], list[float]], int | None]]] = {
        "summit": (agreement, summit),
        "elbow": (_score_curve(views, "cluster_agreement"), elbow),
        "between": (_score_curve(views, "between"), elbow),
        "objective": (_score_curve(views, "objective"), elbow),
        "silhouette": (_score_curve(views, "silhouette"), _highest),
    }
    for rule, ((ks, values), read) in rules.items():
        if len(ks) >= FEWEST:
            readings[rule] = read(ks, values)
    return readings


def high_end(readings: Mapping[str, int | None]) -> int | None:
    """Return the summit of the agreement: with more clusters groups are cut."""
    return readings.get("summit")


def finest(views: Mapping[int, FitView]) -> int | None:
    """Return the summit of the agreement as texts see it, which hardly hears small clusters.

    Where sizes are very unequal, or intents have a handful of texts, it is nearer than
    :func:`high_end`.
    """
    ks, agreement = _score_curve(views, "neighbour_agreement")
    return summit(ks, agreement) if ks else None


def low_end(readings: Mapping[str, int | None]) -> int | None:
    """Return up to where each cluster more tells groups apart: where the curves bend.

    The geometric mean of two elbows, of the agreement and of the dispersion between clusters. The
    first knows where groups end, but hangs on a few places of a noisy curve; the second hardly
    moves with seed and texts. None without an agreement.
    """
    high = high_end(readings)
    bends = [k for name in ("elbow", "between") if (k := readings.get(name))]
    if high is None or not bends:
        return high
    return min(round(exp(sum(map(log, bends)) / len(bends))), high)


def middle(readings: Mapping[str, int | None]) -> int | None:
    """Return the count two thirds of the way from the low end to the high one, over log k."""
    low, high = low_end(readings), high_end(readings)
    if low is None or high is None:
        return None
    return round(exp(_HIGH * log(high) + (1.0 - _HIGH) * log(low)))


def factor(a: float, b: float) -> float:
    """Return by which factor the larger of two counts is above the other."""
    return max(a / b, b / a)


def nearest(ks: Sequence[int], wanted: int) -> int:
    """Return the count that differs least from another one, by ratio."""
    return min(ks, key=lambda k: (factor(k, wanted), k))


def _curve(views: Mapping[int, FitView], told: Callable[[FitView], float | None]) -> Curve:
    points = [(k, value) for k, view in views.items() if (value := told(view)) is not None]
    return [k for k, _ in points], [value for _, value in points]


def _score_curve(views: Mapping[int, FitView], name: str) -> Curve:
    return _curve(views, lambda view: view.score(name))


def _highest(ks: list[int], values: list[float]) -> int:
    return ks[values.index(max(values))]
