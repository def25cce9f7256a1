"""What the curves of a sweep say together."""

from __future__ import annotations

from math import log

import pytest

from nbtrain.count_readings import FitView, finest, high_end, low_end, middle, read_curves
from nbtrain.sweep_results import SweepFit

KS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48)


def views(by_text: int, by_cluster: int, bend: int) -> dict[int, FitView]:
    """Agreements with summits of their own, and a dispersion that bends."""
    found = {}
    for k in KS:
        scores = {
            "neighbour_agreement": 0.9 - 0.2 * abs(log(k / by_text)),
            "cluster_agreement": 0.9 - 0.2 * abs(log(k / by_cluster)),
            "between": min(log(k), log(bend)) + 0.1 * log(k),
        }
        found[k] = FitView(SweepFit(k, scores=scores), scores)
    return found


def test_texts_and_clusters_count_alike() -> None:
    readings = read_curves(views(24, 8, 8))
    assert 10 <= (high_end(readings) or 0) <= 19
    assert (finest(views(24, 8, 8)) or 0) >= 20


def test_the_low_end_lies_between_both_elbows_and_never_above_the_summit() -> None:
    readings = read_curves(views(24, 24, 6))
    elbows = [readings["elbow"] or 0, readings["between"] or 0]
    assert min(elbows) <= (low_end(readings) or 0) <= max(elbows)
    assert low_end({"summit": 6, "elbow": 12, "between": 20}) == 6


def test_the_middle_is_two_thirds_of_the_way_over_log_k() -> None:
    assert middle({"summit": 64, "elbow": 8, "between": 8}) == 32
    assert middle({"summit": 20, "elbow": None, "between": None}) == 20


@pytest.mark.parametrize("readings", [{}, {"objective": 7, "between": 9}])
def test_without_an_agreement_there_is_no_middle(readings: dict[str, int | None]) -> None:
    assert middle(readings) is None
