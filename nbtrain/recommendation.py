"""Which numbers of clusters to take, and why: one rule, for sweeps and for ``"auto"``."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import exp, isfinite, log
from statistics import median

from .curves import elbow, peaks, summit
from .progress import RunState
from .sweep_moves import Split
from .sweep_reasons import FEWEST, FitView, advice_for, reason_for, summary_of
from .sweep_results import Candidate, Recommendation, SweepFit

__all__ = ["CLEAR", "FEWEST", "RULE", "best_count", "recommend"]

RULE = "between elbow and summit of the agreement of clusters with neighbourhoods, over log k"

CLEAR = 0.05
"""Structure beyond chance (:attr:`Recommendation.structure`) below which there is no clear one."""

# The summit's say, and the elbow has the rest.
_SUMMIT = 2 / 3
_MOST = 3
# Counts that differ by less than this factor say the same.
_SAME = 1.2
# An elbow farther below than this is where the curve begins to bend, no count to take.
_FAR = 2.2
# What a peak of the agreement must stand out by, and reach of the highest value; and by how much a
# count between two peaks must lie below them not to be taken.
_PROMINENT, _HIGH, _VALLEY = 0.03, 0.85, 0.02
_TIE = 0.01
# Without a test against chance: clusters of shuffled words come back so seldom.
_UNSTABLE = 0.75


def best_count(recommendation: Recommendation) -> int | None:
    """Return the count that the first candidate stands for, though no fit may have just it."""
    first, high = recommendation.n_clusters, recommendation.readings.get("summit")
    if first is None or high is None:
        return first
    between = _between(recommendation.readings.get("elbow"), high)
    # Farther away than the next fit lies it was not taken.
    return between if _factor(between, first) < _SAME else first


def _between(elbow_at: int | None, summit_at: int) -> int:
    """Return the count two thirds of the way from elbow to summit, over log k."""
    low = min(elbow_at or summit_at, summit_at)
    return round(exp(_SUMMIT * log(summit_at) + (1.0 - _SUMMIT) * log(low)))


def recommend(
    fits: Sequence[SweepFit],
    n_texts: int | None = None,
    *,
    outline: Sequence[SweepFit] = (),
    structure: float | None = None,
    splits: Callable[[int, int], Sequence[Split]] | None = None,
) -> Recommendation:
    """Make a short list from the fits of a sweep, finished or not.

    The first is the count between two places of the neighbour agreement: its summit, which tends
    to be high where groups have variants of their own, and its elbow, which tends to be low; two
    parts of three towards the summit, over log k. Where that lies in the valley between two peaks,
    as data of two granularities have, it is the nearer peak. Beside it stand a coarser and a finer
    count, if there are such: another peak, the elbow of the agreement or else of the dispersion
    between clusters, the summit; and if there are not, the next best. Where the agreement isn't
    told, the elbow of the objective over log k takes its place.

    Where a curve bends depends on how far it is drawn. So it is read from an outline over all
    counts that the texts bear, if there is one; the short list holds those of the fits that are
    nearest to what it says, and where it points beyond them the summary says so.

    Parameters
    ----------
    fits : sequence of SweepFit
        In any order. Fits that failed or have no scores are passed over; of several seeds the
        median of each score counts; of several options the first.
    n_texts : int, optional
        Number of documents, for what is said of sizes.
    outline : sequence of SweepFit
        From :func:`~nbtrain.worker.outline.outline`: the same scores over a wide range.
    structure : float, optional
        How much better the texts cluster than shuffled ones, if that was measured; below
        :data:`CLEAR` there is no clear structure. Without it, it is told by the stability.
    splits : callable, optional
        From two counts what splits from the one to the other.

    Examples
    --------
    >>> agreement = {2: 0.2, 4: 0.5, 8: 0.9, 16: 0.85, 32: 0.7}
    >>> fits = [
    ...     SweepFit(k, scores={"neighbour_agreement": at, "cluster_agreement": at})
    ...     for k, at in agreement.items()
    ... ]
    >>> recommend(fits).n_clusters
    8
    """
    views = _by_count(fits)
    ks = list(views)
    if len(ks) < FEWEST:
        return Recommendation(summary=summary_of(None, ks))
    told = _widest(views, outline)
    readings = _readings(told)
    found = _counts(views, told, readings)
    if not found:
        return Recommendation(readings=readings, summary=summary_of(None, ks, scored=False))
    clear = _is_clear(views, found[0], structure)
    candidates, wanted = [], _wanted(readings)
    for place, k in enumerate(found):
        rules = tuple(name for name, at in readings.items() if at and _factor(at, k) < _SAME)
        reason = reason_for(views, found, place, readings, n_texts, splits, wanted)
        stability = views[k].score("stability")
        tie = place > 0 and clear and _ties(views[k], views[found[0]])
        candidates.append(Candidate(k, reason, rules, stability, tie))
    return Recommendation(
        candidates=tuple(candidates),
        clear_structure=clear,
        summary=summary_of(candidates, ks, clear=clear, wanted=wanted, most=max(told)),
        advice="" if clear else advice_for(n_texts),
        readings=readings,
        structure=structure,
    )


def _by_count(fits: Sequence[SweepFit]) -> dict[int, FitView]:
    """Put the fits of one choice of the options together, by rising number of clusters."""
    told = [fit for fit in fits if fit.state is RunState.SUCCEEDED and fit.scores]
    if not told:
        return {}
    first = dict(told[0].options)
    groups: dict[int, list[SweepFit]] = {}
    for fit in sorted(told, key=lambda fit: fit.key):
        if dict(fit.options) == first:
            groups.setdefault(fit.n_clusters, []).append(fit)
    return {k: FitView(own[0], _medians(own)) for k, own in sorted(groups.items())}


def _widest(views: Mapping[int, FitView], outline: Sequence[SweepFit]) -> Mapping[int, FitView]:
    """Return what curves are read from: the outline, and beyond its end the fits themselves."""
    told = _by_count(outline)
    if len(told) < FEWEST:
        return views
    return told | {k: view for k, view in views.items() if k > max(told)}


def _wanted(readings: Mapping[str, int | None]) -> int | None:
    """Return the count that the curves point to, though no fit may be near it."""
    high = readings.get("summit")
    return readings.get("objective") if high is None else _between(readings.get("elbow"), high)


def _medians(fits: Sequence[SweepFit]) -> dict[str, float]:
    names = dict.fromkeys(name for fit in fits for name in fit.scores)
    values = {
        name: [fit.scores[name] for fit in fits if isfinite(fit.scores.get(name, float("nan")))]
        for name in names
    }
    return {name: median(own) for name, own in values.items() if own}


def _curve(views: Mapping[int, FitView], name: str) -> tuple[list[int], list[float]]:
    points = [(k, value) for k, view in views.items() if (value := view.score(name)) is not None]
    return [k for k, _ in points], [value for _, value in points]


def _readings(views: Mapping[int, FitView]) -> dict[str, int | None]:
    """Return what each rule says by itself; rules without their scores are left out."""
    readings: dict[str, int | None] = {}
    rules: dict[str, tuple[str, Callable[[list[int], list[float]], int | None]]] = {
        "summit": ("neighbour_agreement", summit),
        "elbow": ("cluster_agreement", elbow),
        "objective": ("objective", elbow),
        "between": ("between", elbow),
        "silhouette": ("silhouette", _highest),
    }
    for rule, (score, read) in rules.items():
        ks, values = _curve(views, score)
        if len(ks) >= FEWEST:
            readings[rule] = read(ks, values)
    return readings


def _highest(ks: list[int], values: list[float]) -> int:
    return ks[values.index(max(values))]


def _counts(
    views: Mapping[int, FitView],
    told: Mapping[int, FitView],
    readings: Mapping[str, int | None],
) -> list[int]:
    """Return the counts of the short list, best first, each one that was fitted."""
    ks, high = list(views), readings.get("summit")
    wanted = _wanted(readings)
    if high is None or wanted is None:
        said = [wanted, readings.get("between"), readings.get("silhouette")]
        return _apart(_nearest(ks, k) for k in said if k)
    agreement = _curve(told, "neighbour_agreement")
    tops = _tops(views, *agreement)
    best = _nearest(ks, wanted)
    lower, higher = [k for k in tops if k < best], [k for k in tops if k > best]
    if lower and higher:
        sides = _at(lower[-1], *agreement), _at(higher[0], *agreement)
        if _at(best, *agreement) < min(sides) - _VALLEY:
            # Between two granularities lies none.
            best = min(lower[-1], higher[0], key=lambda k: _factor(k, best))
    coarser = [k for k in reversed(tops) if k < best]
    if (bend := readings.get("elbow")) and _factor(bend, best) < _FAR:
        coarser.append(bend)
    coarser += [k for name in ("between", "objective", "elbow") if (k := readings.get(name))]
    finer = [k for k in tops if k > best] + [high]
    chosen = [best]
    chosen += [k for k in coarser if k < best and _fitted(ks, k, best)][:1]
    chosen += [k for k in finer if k > best and _fitted(ks, k, best)][:1]
    if len(chosen) == 1:
        near = [k for k in ks if _SAME <= _factor(k, best) <= _FAR]
        chosen += sorted(near, key=lambda k: -_at(k, *agreement))[:1]
    return _apart(_nearest(ks, k) for k in chosen)


def _fitted(ks: Sequence[int], k: int, best: int) -> bool:
    """Say whether a count, or one that says the same, was fitted, and says other than the best."""
    nearest = _nearest(ks, k)
    return _factor(nearest, k) < _SAME <= min(_factor(nearest, best), _factor(k, best))


def _tops(views: Mapping[int, FitView], ks: list[int], agreement: list[float]) -> list[int]:
    """Return the counts at which the curve peaks, as exactly as the fits tell, by rising count."""
    found = []
    for k in peaks(ks, agreement, _PROMINENT):
        place = ks.index(k)
        if agreement[place] < _HIGH * max(agreement):
            continue
        low, high = ks[place - 1], ks[place + 1]
        around = [own for own in views if low < own < high]
        if around:
            values = {own: views[own].score("neighbour_agreement") or 0.0 for own in around}
            found.append(max(around, key=lambda own: (values[own], -_factor(own, k))))
    return found


def _at(k: int, ks: Sequence[int], values: Sequence[float]) -> float:
    """Return the height of a curve at a count, between two of its own if need be."""
    place = min(max(bisect_left(ks, k), 1), len(ks) - 1)
    low, high = ks[place - 1], ks[place]
    share = min(max(log(k / low) / log(high / low), 0.0), 1.0)
    return (1.0 - share) * values[place - 1] + share * values[place]


def _apart(counts: Iterable[int]) -> list[int]:
    found: list[int] = []
    for k in counts:
        if all(_factor(k, other) >= _SAME for other in found):
            found.append(k)
    return found[:_MOST]


def _nearest(ks: Sequence[int], wanted: int) -> int:
    return min(ks, key=lambda k: (_factor(k, wanted), k))


def _factor(a: float, b: float) -> float:
    return max(a / b, b / a)


def _ties(view: FitView, first: FitView) -> bool:
    """Tell whether nothing that was measured puts a fit behind the first one."""
    names = ("neighbour_agreement", "stability")
    pairs = [(view.score(name), first.score(name)) for name in names]
    told = [(own, other) for own, other in pairs if own is not None and other is not None]
    return bool(told) and all(own >= other - _TIE for own, other in told)


def _is_clear(views: Mapping[int, FitView], best: int, structure: float | None) -> bool:
    if structure is not None:
        return structure >= CLEAR
    stability = views[best].score("stability")
    return stability is None or stability >= _UNSTABLE
