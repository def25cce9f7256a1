"""Bends and summits of curves over the number of clusters."""

from __future__ import annotations

import numpy as np

from nbtrain.curves import elbow, summit


def test_elbow_of_a_flat_and_of_a_straight_curve() -> None:
    assert elbow([2, 4, 8, 16], [0.5, 0.5, 0.5, 0.5]) == 2
    assert elbow([2, 4, 8, 16], [0.1, 0.12, 0.2, 0.9]) is None
    assert elbow([2, 8, 14, 20], [0.1, 0.2, 0.3, 0.4], over_log=False) is None


def test_elbow_bears_noise() -> None:
    ks = [2, 3, 5, 8, 12, 20, 32, 50, 80]
    curve = np.minimum(np.log(ks) / np.log(12), 1.0) + 0.02 * np.log(ks)
    noise = 0.01 * np.random.default_rng(0).standard_normal((20, len(ks)))
    found = [elbow(ks, (curve + row).tolist()) for row in noise]
    assert all(place is not None and 9 <= place <= 16 for place in found)


def test_summit_of_a_curve_and_of_none() -> None:
    assert summit([2, 4, 8, 16], [0.1, 0.5, 0.3, 0.4]) == 4
    assert summit([2, 4, 8, 16], [0.5, 0.5, 0.5, 0.5]) == 6
    assert summit([2, 4, 8, 16], [0.1, 0.9, 0.9, 0.1]) == 6
    assert summit([7], [0.3]) == 7


def test_summit_doesnt_mind_how_densely_the_axis_is_covered() -> None:
    coarse = [2, 4, 8, 16, 32]
    dense = [2, 4, *range(8, 17), 32]

    def hill(k: int) -> float:
        return 0.9 - 0.01 * abs(float(np.log(k / 8.0)))

    assert abs(summit(coarse, list(map(hill, coarse))) - summit(dense, list(map(hill, dense)))) <= 2
