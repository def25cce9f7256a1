"""The short list doesn't hang on which counts were tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import log

import pytest

from nbtrain.progress import RunState
from nbtrain.recommendation import recommend
from nbtrain.sweep_results import Recommendation, SweepFit

GRID = (2, 3, 4, 5, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40, 49, 60, 74, 90, 110, 135, 164, 200)


def rising(k: int) -> float:
    """An agreement that rises up to 100 clusters, ever more slowly, and then falls."""
    return 0.9 - 0.04 * log(100 / k) ** 2


def peaked(k: int) -> float:
    return max(0.9 - 0.3 * abs(log(k / top)) for top in (6, 52))


def fits(agreement: Mapping[int, float]) -> list[SweepFit]:
    return [
        SweepFit(k, scores={"neighbour_agreement": at, "cluster_agreement": at})
        for k, at in agreement.items()
    ]


OUTLINE = fits({k: rising(k) for k in GRID})


def swept(ks: Iterable[int]) -> Recommendation:
    return recommend(fits({k: rising(k) for k in ks}), outline=OUTLINE)


def counts(found: Recommendation) -> list[int]:
    return [candidate.n_clusters for candidate in found.candidates]


def test_ranges_that_hold_the_count_say_the_same() -> None:
    found = [swept(range(2, most)) for most in (100, 130, 200)]
    assert len({counts(one)[0] for one in found}) == 1
    assert all(one.readings == found[0].readings for one in found)
    assert "try" not in found[0].summary
    # Read from the fits alone, the shorter the range, the fewer.
    alone = [recommend(fits({k: rising(k) for k in range(2, most)})) for most in (30, 60, 130)]
    firsts = [counts(one)[0] for one in alone]
    assert firsts == sorted(set(firsts))


def test_a_range_that_ends_too_early_is_told_so() -> None:
    best = counts(swept(range(2, 200)))[0]
    found = swept(range(2, 31))
    assert counts(found)[0] == 30
    summit = found.readings["summit"]
    assert found.up_to is not None
    assert summit is not None
    assert summit < found.up_to <= max(GRID)
    told = f"The texts point to more clusters than were tried, about {best}: try up to about "
    assert found.summary == f"{told}{found.up_to}, too. Of those tried, 30 is nearest."
    # A range that goes so far holds what it points to.
    further = swept(range(2, found.up_to + 1))
    assert (counts(further)[0], further.up_to) == (best, None)
    told = f"about {best} lies between, and 30 is nearest of those tried."
    assert told in found.candidates[0].reason


def test_a_range_that_begins_too_late_is_told_so() -> None:
    found = swept(range(150, 200))
    assert counts(found)[0] == 150
    assert "try fewer than 150, too." in found.summary
    assert "150 is nearest of those tried." in found.candidates[0].reason


def test_counts_far_from_all_that_was_tried_are_not_listed() -> None:
    found = swept(range(40, 90, 2))
    assert all(40 <= k < 90 for k in counts(found))
    summit = found.readings["summit"]
    assert summit is not None
    assert summit > 90
    assert len(set(counts(found))) == len(found.candidates)


def test_peaks_are_placed_by_the_fits() -> None:
    # The outline's grid has no 6 and no 52.
    outline = fits({k: peaked(k) for k in GRID})
    found = recommend(fits({k: peaked(k) for k in range(2, 100)}), outline=outline)
    assert {6, 52} <= set(counts(found))


def test_fits_beyond_the_outline_count() -> None:
    short = [fit for fit in OUTLINE if fit.n_clusters <= 30]
    found = recommend(fits({k: rising(k) for k in range(40, 200, 8)}), outline=short)
    assert found.readings["summit"] == pytest.approx(100, rel=0.15)


def test_a_short_outline_is_passed_over() -> None:
    found = recommend(fits({k: rising(k) for k in range(2, 200)}), outline=OUTLINE[:2])
    assert found == recommend(fits({k: rising(k) for k in range(2, 200)}))


@pytest.mark.parametrize(("coarse", "fine"), [(0.9, 0.9), (0.9, 0.86), (0.86, 0.9)])
def test_a_peak_is_not_said_to_lie_between_the_two_ends(coarse: float, fine: float) -> None:
    def two(k: int) -> float:
        return max(coarse - 0.25 * abs(log(k / 6)), fine - 0.25 * abs(log(k / 90)))

    found = recommend(fits({k: two(k) for k in range(2, 201)}))
    best, *others = found.candidates
    assert best.n_clusters in (6, 90)
    assert f"At {best.n_clusters} the clusters agree better" in best.reason
    assert f"{best.n_clusters} lies between" not in best.reason
    coarser = [str(other.n_clusters) for other in others if other.n_clusters < best.n_clusters]
    told = f"{' or '.join(coarser)} for a coarser view" if coarser else "for a finer view"
    assert "a tie" in found.summary or told in found.summary


@pytest.mark.parametrize("ks", [(2, 3, 150, 200), (10, 20, 150, 200)])
def test_a_gap_in_what_was_tried_is_told(ks: tuple[int, ...]) -> None:
    found = swept(ks)
    best = counts(found)[0]
    wanted = counts(swept(range(2, 200)))[0]
    told = f"about {wanted} lies between, and {best} is nearest of those tried."
    assert told in found.candidates[0].reason
    assert f"The texts point to about {wanted}." in found.summary


def test_an_outline_that_points_into_the_range_asks_for_no_fewer() -> None:
    best = counts(swept(range(2, 200)))[0]
    found = swept(range(best - 1, 200))
    assert counts(found)[0] == best
    assert "try" not in found.summary


def test_counts_that_labelled_intents_rule_out_are_not_pointed_to() -> None:
    wanted = counts(swept(range(2, 200)))[0]
    failed = [
        replace(fit, state=RunState.FAILED, message="too few") if fit.n_clusters < 120 else fit
        for fit in OUTLINE
    ]
    found = recommend(fits({k: rising(k) for k in range(130, 200)}), outline=failed)
    assert counts(found)[0] == 130 > wanted
    assert "fewer" not in found.summary
    told = "labelled intents need more, and 130 is nearest of those tried."
    assert told in found.candidates[0].reason
    # The curves are read as if nothing was ruled out.
    assert found.readings == swept(range(130, 200)).readings


def test_counts_that_are_yet_to_be_tried_are_not_pointed_to() -> None:
    few = fits({k: rising(k) for k in (2, 5, 13, 20)})
    assert "more clusters than were tried" in recommend(few, outline=OUTLINE).summary
    later = recommend(few, outline=OUTLINE, planned=range(2, 31))
    assert later.up_to is not None
    assert later.up_to > 30
    assert "point to" not in recommend(few, outline=OUTLINE, planned=range(2, 200)).summary
    assert counts(later) == counts(recommend(few, outline=OUTLINE))
