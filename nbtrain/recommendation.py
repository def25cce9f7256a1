"""Which numbers of clusters to take, and why: one rule, for sweeps and for ``"auto"``."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil, isfinite, log
from statistics import median

from .count_readings import (
    FEWEST,
    SAME,
    FitView,
    agreement_curve,
    factor,
    finest,
    high_end,
    low_end,
    middle,
    nearest,
    read_curves,
)
from .curves import peaks
from .progress import RunState
from .sweep_moves import Split
from .sweep_reasons import advice_for, outside, reason_for, summary_of
from .sweep_results import Candidate, Recommendation, SweepFit

__all__ = ["CLEAR", "FEWEST", "RULE", "best_count", "recommend"]

RULE = (
    "between the elbows of the agreement of clusters with neighbourhoods and of the dispersion "
    "between clusters, and the summit of the agreement, over log k"
)

CLEAR = 0.05
"""Structure beyond chance (:attr:`Recommendation.structure`) below which there is no clear one."""

_MOST = 3
# What a peak of the agreement must stand out by, and reach of the highest value; and by how much a
# count between two peaks must lie below them not to be taken.
_PROMINENT, _HIGH, _VALLEY = 0.03, 0.85, 0.02
_TIE = 0.01
# So far beyond the summit a range should go on, to show that the curve falls there.
_ROOM = 1.2
# Without a test against chance: clusters of shuffled words come back so seldom.
_UNSTABLE = 0.75


def best_count(recommendation: Recommendation) -> int | None:
    """Return the count that the first candidate stands for, though no fit may have just it."""
    first, between = recommendation.n_clusters, middle(recommendation.readings)
    if first is None or between is None:
        return first
    # Farther away than the next fit lies it was not taken.
    return between if factor(between, first) < SAME else first


def recommend(
    fits: Sequence[SweepFit],
    n_texts: int | None = None,
    *,
    outline: Sequence[SweepFit] = (),
    structure: float | None = None,
    splits: Callable[[int, int], Sequence[Split]] | None = None,
    planned: Iterable[int] = (),
) -> Recommendation:
    """Make a short list from the fits of a sweep, finished or not.

    The first is the count between two places: the summit of the agreement with neighbourhoods,
    which tends to be high where groups have variants of their own, and where the curves bend
    (:func:`~nbtrain.count_readings.low_end`), which tends to be low; two parts of three towards the
    summit, over log k. Where that lies in the valley between two peaks, as data of two
    granularities have, it is the nearer peak. Beside it stand a coarser and a finer count, each at
    least a fifth away: another peak, or else these two places; the finer one as texts see the
    summit (:func:`~nbtrain.count_readings.finest`). So each entry moves little when the curves do.
    What the curves are measured by is drawn alike for every seed, which leaves what the seed does
    to the fits. Nine tenths of the texts, drawn anew, are a harder test: of two such lists six
    entries in seven lie within 15 % of each other, and half are the same. Where the agreement isn't
    told, the elbow of the objective over log k is the first.

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
        From :func:`~nbtrain.worker.outline.outline`: the same scores over a wide range. Those that
        failed are of counts that the texts don't allow, and are never pointed to.
    structure : float, optional
        How much better the texts cluster than shuffled ones, if that was measured; below
        :data:`CLEAR` there is no clear structure. Without it, it is told by the stability.
    splits : callable, optional
        From two counts what splits from the one to the other.
    planned : iterable of int
        Counts that are yet to be tried: to these nobody need be pointed.

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
    readings = read_curves(told)
    wanted = _allowed(middle(readings) or readings.get("objective"), ks, outline)
    found = _counts(views, told, readings, wanted)
    if not found:
        return Recommendation(readings=readings, summary=summary_of(None, ks, scored=False))
    clear = _is_clear(views, found[0], structure)
    candidates = []
    reach, tried = (min(told), max(told)), sorted({*ks, *planned})
    up_to = _up_to(tried, wanted, high_end(readings), reach[1])
    for place, k in enumerate(found):
        rules = tuple(name for name, at in readings.items() if at and factor(at, k) < SAME)
        reason = reason_for(
            views, found, place, readings, n_texts, splits, wanted, reach[1], clear=clear
        )
        stability = views[k].score("stability")
        tie = place > 0 and clear and _ties(views[k], views[found[0]])
        candidates.append(Candidate(k, reason, rules, stability, tie))
    return Recommendation(
        candidates=tuple(candidates),
        clear_structure=clear,
        summary=summary_of(
            candidates,
            tried,
            clear=clear,
            wanted=wanted,
            high=high_end(readings),
            reach=reach,
            up_to=up_to,
        ),
        advice="" if clear else advice_for(n_texts),
        readings=readings,
        structure=structure,
        up_to=up_to if clear else None,
    )


def _allowed(wanted: int | None, ks: Sequence[int], outline: Sequence[SweepFit]) -> int | None:
    """Return the count that is wanted, or the first that labelled intents allow if that is more."""
    failed = [fit.n_clusters for fit in outline if fit.state is RunState.FAILED]
    possible = [fit.n_clusters for fit in outline if fit.state is RunState.SUCCEEDED]
    if not wanted or not possible or wanted >= min(possible):
        return wanted
    # As exactly as the fits tell.
    below = max((k for k in failed if k < min(possible)), default=0)
    return max(wanted, min(k for k in (*ks, *possible) if k > below))


def _up_to(ks: Sequence[int], wanted: int | None, high: int | None, most: int) -> int | None:
    """Return a round end for a range that holds what the curves point to, if that lies beyond."""
    if wanted is None or wanted <= ks[-1] or not outside(ks, wanted):
        return None
    return min(10 * ceil(_ROOM * max(wanted, high or 0) / 10), most)


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
    # Counts that labelled intents rule out belong to the curves all the same.
    told = _by_count([replace(fit, state=RunState.SUCCEEDED) for fit in outline])
    if len(told) < FEWEST:
        return views
    return told | {k: view for k, view in views.items() if k > max(told)}


def _medians(fits: Sequence[SweepFit]) -> dict[str, float]:
    names = dict.fromkeys(name for fit in fits for name in fit.scores)
    values = {
        name: [fit.scores[name] for fit in fits if isfinite(fit.scores.get(name, float("nan")))]
        for name in names
    }
    return {name: median(own) for name, own in values.items() if own}


def _counts(
    views: Mapping[int, FitView],
    told: Mapping[int, FitView],
    readings: Mapping[str, int | None],
    wanted: int | None,
) -> list[int]:
    """Return the counts of the short list, best first, each one that was fitted."""
    ks = list(views)
    low, high = low_end(readings), high_end(readings)
    if low is None or high is None or wanted is None:
        said = [readings.get(name) for name in ("objective", "between", "silhouette")]
        return _apart(nearest(ks, k) for k in said if k)
    agreement = agreement_curve(told)
    tops = _tops(views, *agreement)
    best = nearest(ks, wanted)
    lower, higher = [k for k in tops if k < best], [k for k in tops if k > best]
    if lower and higher:
        sides = _at(lower[-1], *agreement), _at(higher[0], *agreement)
        if _at(best, *agreement) < min(sides) - _VALLEY:
            # Between two granularities lies none.
            best = min(lower[-1], higher[0], key=lambda k: factor(k, best))
    coarser = [k for k in ks if k * SAME <= best]
    finer = [k for k in ks if k >= best * SAME]
    others = [k for k in reversed(coarser) if k in tops][:1] + [k for k in finer if k in tops][:1]
    # Peaks come first, and where one is on a side, that side is told.
    if coarser and not any(k < best for k in others):
        others.append(nearest(coarser, low))
    if finer and not any(k > best for k in others):
        others.append(nearest(finer, max(finest(told) or high, high)))
    return [best, *others]


def _tops(views: Mapping[int, FitView], ks: list[int], agreement: list[float]) -> list[int]:
    """Return the counts at which the curve peaks, as exactly as the fits tell, by rising count."""
    found = []
    for k in peaks(ks, agreement, _PROMINENT):
        place = ks.index(k)
        if agreement[place] < _HIGH * max(agreement):
            continue
        low, high = ks[place - 1], ks[place + 1]
        around = {own: view.agreement() or 0.0 for own, view in views.items() if low < own < high}
        if around:
            near, highest = nearest(list(around), k), max(around, key=lambda own: around[own])
            found.append(highest if around[highest] > around[near] + _TIE else near)
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
        if all(factor(k, other) >= SAME for other in found):
            found.append(k)
    return found[:_MOST]


def _ties(view: FitView, first: FitView) -> bool:
    """Tell whether nothing that was measured puts a fit behind the first one."""
    pairs = [
        (view.agreement(), first.agreement()),
        (view.score("stability"), first.score("stability")),
    ]
    told = [(own, other) for own, other in pairs if own is not None and other is not None]
    return bool(told) and all(own >= other - _TIE for own, other in told)


def _is_clear(views: Mapping[int, FitView], best: int, structure: float | None) -> bool:
    if structure is not None:
        return structure >= CLEAR
    stability = views[best].score("stability")
    return stability is None or stability >= _UNSTABLE
