"""The short list of counts, and its reasons."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp, log

import pytest

from nbtrain.progress import RunState
from nbtrain.recommendation import recommend
from nbtrain.sweep_moves import Part, Split
from nbtrain.sweep_results import FitCluster, Recommendation, SweepFit

KS = tuple(range(2, 61))


def hill(k: int, *tops: int) -> float:
    """An agreement that is highest at some counts and falls off by ratio."""
    return max(0.95 - 0.3 * min(abs(log(k / top)), 2.0) for top in tops)


def fits(agreement: Mapping[int, float], **others: float) -> list[SweepFit]:
    return [
        SweepFit(k, scores={"neighbour_agreement": at, "cluster_agreement": at, **others})
        for k, at in agreement.items()
    ]


def counts(found: Recommendation) -> list[int]:
    return [candidate.n_clusters for candidate in found.candidates]


def test_one_summit_is_recommended_with_the_next_best() -> None:
    found = recommend(fits({k: hill(k, 12) for k in KS}))
    assert 11 <= counts(found)[0] <= 12
    assert 2 <= len(found.candidates) <= 3
    assert found.clear_structure
    assert "come" not in found.candidates[0].reason
    assert found.advice == ""


@pytest.mark.parametrize("tops", [(4, 30), (6, 24), (3, 50)])
def test_two_granularities_are_both_in_the_list(tops: tuple[int, int]) -> None:
    found = recommend(fits({k: hill(k, *tops) for k in KS}))
    assert set(tops) <= set(counts(found))
    assert found.candidates[1].tie
    assert "tie" in found.summary


def test_a_plateau_gives_the_count_between_and_both_its_ends() -> None:
    curve = {k: min(0.2 + 0.25 * log(k), 0.9) - 0.0005 * k for k in KS}
    best, *others = counts(recommend(fits(curve)))
    assert 12 <= best <= 25
    assert all(max(best / k, k / best) >= 1.2 for k in others)


def test_order_seeds_and_failed_fits_make_no_difference() -> None:
    curve = {k: hill(k, 9) for k in KS}
    plain = fits(curve)
    mixed = [*plain, *(SweepFit(f.n_clusters, 1, scores=f.scores) for f in plain)]
    mixed += [SweepFit(70, state=RunState.FAILED, message="too many"), SweepFit(80)]
    random.Random(0).shuffle(mixed)
    assert counts(recommend(mixed)) == counts(recommend(plain))


def test_of_several_seeds_the_median_counts() -> None:
    good, odd = {k: hill(k, 9) for k in KS}, {k: hill(k, 40) for k in KS}
    seeds = [(good, 0), (odd, 1), (good, 2)]
    mixed = [SweepFit(f.n_clusters, s, scores=f.scores) for c, s in seeds for f in fits(c)]
    assert counts(recommend(mixed))[0] == counts(recommend(fits(good)))[0]


def test_only_counts_that_were_fitted_are_recommended() -> None:
    ks = [2, 5, 10, 15, 20, 25, 30]
    found = recommend(fits({k: hill(k, 12) for k in ks}))
    assert set(counts(found)) <= set(ks)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_too_few_fits_recommend_nothing_and_say_so(n: int) -> None:
    found = recommend(fits({k: hill(k, 12) for k in KS[:n]}))
    assert found.candidates == ()
    assert found.n_clusters is None
    assert "too few" in found.summary


def test_a_service_without_scores_gets_a_sentence() -> None:
    silent = [SweepFit(k, scores={"moved": 0.0}) for k in KS]
    assert "tells no scores" in recommend(silent).summary


def test_the_objective_alone_has_an_elbow() -> None:
    curve = {k: min(log(k) / log(12), 1.0) + 0.02 * log(k) for k in KS}
    told = [SweepFit(k, scores={"objective": at}) for k, at in curve.items()]
    assert 10 <= counts(recommend(told))[0] <= 15


def test_no_more_than_chance_is_said_plainly_with_what_would_help() -> None:
    curve = fits({k: hill(k, 12) for k in KS})
    found = recommend(curve, 200, structure=0.01)
    assert not found.clear_structure
    assert "no clear structure" in found.summary
    assert "more texts than 200" in found.advice
    assert "tells more groups apart" not in found.candidates[0].reason
    assert not any(candidate.tie for candidate in found.candidates)
    assert recommend(curve, 200, structure=0.2).clear_structure


def test_without_that_test_what_never_comes_back_is_not_clear() -> None:
    curve = {k: hill(k, 12) for k in KS}
    assert not recommend(fits(curve, stability=0.5)).clear_structure
    assert recommend(fits(curve, stability=0.95)).clear_structure


def named(k: int, stability: Sequence[float]) -> SweepFit:
    clusters = tuple(
        FitCluster(place, f"topic {place}", 10, stability=stability[place % len(stability)])
        for place in range(k)
    )
    at = hill(k, 12)
    scores = {"neighbour_agreement": at, "cluster_agreement": at, "smallest": 0.002}
    return SweepFit(k, scores=scores, clusters=clusters)


def test_reasons_name_what_splits_and_what_is_in_doubt() -> None:
    asked: list[tuple[int, int]] = []

    def splits(few: int, many: int) -> list[Split]:
        asked.append((few, many))
        card = FitCluster(0, "card problems", 90)
        parts = [Part(FitCluster(1, "lost", 50, stability=0.9), 0.6)]
        parts.append(Part(FitCluster(2, "declined", 40, stability=0.95), 0.4))
        return [Split(few, many, card, tuple(parts))]

    told = [named(k, (0.9, 0.5, 0.97)) for k in KS]
    found = recommend(told, 1000, splits=splits)
    best = found.candidates[0]
    assert asked
    assert "in doubt are “topic 1”, “topic 4” and 2 more" in best.reason
    assert "the smallest cluster holds 2 texts" in best.reason.lower()
    others = " ".join(candidate.reason for candidate in found.candidates[1:])
    assert "“card problems” into “lost” and “declined” (both stable)" in others


def test_one_and_none_that_come_back_are_told_in_good_english() -> None:
    def reason(comes_back: int) -> str:
        told = []
        for k in KS:
            stability = [0.9] * comes_back + [0.5] * (k - comes_back)
            told.append(named(k, stability))
        return recommend(told, 1000).candidates[0].reason

    assert "1 of 12 clusters comes back" in reason(1)
    assert "None of the 12 clusters comes back" in reason(0)
    assert "2 of 12 clusters come back" in reason(2)


def test_what_is_kept_together_is_told_as_what_the_best_one_splits() -> None:
    def splits(few: int, many: int) -> list[Split]:
        whole = FitCluster(0, "it's late", 9)
        parts = tuple(Part(FitCluster(i, name, 3), 1 / 3) for i, name in enumerate("abc"))
        return [Split(few, many, whole, parts)]

    curve = {2: 0.2, 3: 0.4, 4: 0.6, 5: 0.62, 6: 0.64, 8: 0.66, 11: 0.7, 12: 0.72, 20: 0.5}
    found = recommend(fits(curve), splits=splits)
    best = found.n_clusters
    coarser = next(one for one in found.candidates if one.n_clusters < (best or 0))
    words = f"Coarser: keeps together what {best} splits: “it's late” into “a”, “b” and “c”"
    assert coarser.reason.startswith(words)
    assert str(splits(2, 3)[0]) == ("3 splits “it's late” into “a” (33%), “b” (33%) and “c” (33%)")


def test_the_end_of_the_range_is_pointed_out() -> None:
    rising = {k: 0.2 + 0.15 * log(k) for k in range(2, 21)}
    found = recommend(fits(rising))
    assert "try more than 20" in found.summary
    # What lies beyond nobody has seen.
    assert not any("groups are cut" in candidate.reason for candidate in found.candidates)
    falling = {k: 0.9 - 0.01 * k for k in range(10, 30)}
    assert "try fewer than 10" in recommend(fits(falling)).summary


def test_coarser_and_finer_are_told_apart() -> None:
    agreement = {k: 0.9 - 0.3 * log(k / 20) ** 2 / log(20) for k in range(2, 61)}
    # Without the stability, the finer one would be as good.
    told = fits(agreement)
    found = recommend([
        replace(fit, scores={**fit.scores, "stability": 1.0 - fit.n_clusters / 99}) for fit in told
    ])  # fmt: skip
    best, *others = counts(found)
    [coarser] = [k for k in others if k < best]
    [finer] = [k for k in others if k > best]
    assert found.summary == (
        f"{best} clusters; or {coarser} for a coarser view, {finer} for a finer one."
    )


def test_noise_on_the_curve_hardly_moves_the_choice() -> None:
    rng = random.Random(0)
    found = [
        counts(recommend(fits({k: hill(k, 12) + rng.gauss(0, 0.008) for k in KS})))[0]
        for _ in range(20)
    ]
    middle = exp(sum(map(log, found)) / len(found))
    assert all(max(k / middle, middle / k) < 1.25 for k in found)
