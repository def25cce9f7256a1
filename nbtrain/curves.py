"""Where a curve over the number of clusters bends, and where it is highest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import exp, log

__all__ = ["elbow", "peaks", "summit"]

_NEAR_TOP = 0.8
# A curve this little above its chord, in shares of its rise, is straight.
_FLAT = 0.02


def elbow(ks: Sequence[int], values: Sequence[float], *, over_log: bool = True) -> int | None:
    """Return where a rising curve stands highest above its chord; None if it nowhere does.

    The rule of Satopää et al. (2011), "Finding a kneedle in a haystack". A noisy curve has a flat
    top, so the place is the geometric mean of all k within four fifths of the greatest height,
    weighted by what they have above that, and by the part of the axis that they stand for.

    Parameters
    ----------
    ks : sequence of int
        Rising.
    values : sequence of float
        Higher is better.
    over_log : bool
        Whether the curve is drawn over log k or over k.

    Examples
    --------
    >>> elbow([2, 4, 8, 16, 32], [0.1, 0.5, 0.9, 0.92, 0.94])
    8
    >>> elbow([2, 4, 8, 16], [0.1, 0.2, 0.4, 0.8]) is None
    True
    """
    logs = [log(k) for k in ks]
    x = logs if over_log else [float(k) for k in ks]
    y = list(accumulate(values, max))
    rise = y[-1] - y[0]
    if len(ks) < 3 or rise < 1e-9:
        return ks[0]
    heights = [
        (at - y[0]) / rise - (place - x[0]) / (x[-1] - x[0]) for place, at in zip(x, y, strict=True)
    ]
    top = max(heights)
    if top < _FLAT:
        return None
    above = [max(height - _NEAR_TOP * top, 0.0) for height in heights]
    return _middle(logs, [width * part for width, part in zip(_widths(logs), above, strict=True)])


def summit(ks: Sequence[int], values: Sequence[float], softness: float = 0.02) -> int:
    """Return where a curve is highest.

    A summit may be flat, and noise makes one place of it the highest. So the place is the
    geometric mean of all k, each weighted by the part of the axis that it stands for, and by
    ``exp(-gap / softness)`` with its gap to the highest value.

    Parameters
    ----------
    ks : sequence of int
        Rising.
    values : sequence of float
        Higher is better.
    softness : float
        In the unit of the values.

    Examples
    --------
    >>> summit([2, 4, 8, 16], [0.1, 0.5, 0.9, 0.2])
    8
    >>> summit([2, 4, 8, 16, 32], [0.1, 0.9, 0.9, 0.9, 0.1])
    8
    """
    logs = [log(k) for k in ks]
    if len(ks) < 2:
        return ks[0]
    highest = max(values)
    weights = [
        width * exp((value - highest) / softness)
        for width, value in zip(_widths(logs), values, strict=True)
    ]
    return _middle(logs, weights)


def peaks(ks: Sequence[int], values: Sequence[float], prominence: float) -> list[int]:
    """Return where a curve is higher than all round; its two ends are no such places.

    Parameters
    ----------
    ks : sequence of int
        Rising.
    values : sequence of float
    prominence : float
        By so much the curve must fall on either side before it gets higher than there, or ends.

    Returns
    -------
    list of int
        Rising.

    Examples
    --------
    >>> peaks([2, 4, 8, 16, 32], [0.1, 0.6, 0.4, 0.9, 0.2], 0.05)
    [4, 16]
    """
    found = []
    for place in range(1, len(ks) - 1):
        top = values[place]
        falls = []
        for side in (values[place - 1 :: -1], values[place + 1 :]):
            lowest = top
            for value in side:
                if value > top:
                    break
                lowest = min(lowest, value)
            falls.append(top - lowest)
        # Of equal neighbours the first one counts.
        if min(falls) >= prominence and values[place - 1] < top:
            found.append(ks[place])
    return found


def _widths(logs: Sequence[float]) -> list[float]:
    """Return the part of the axis that each place stands for."""
    ends = [logs[0], *((a + b) / 2 for a, b in pairwise(logs)), logs[-1]]
    return [high - low for low, high in pairwise(ends)]


def _middle(logs: Sequence[float], weights: Sequence[float]) -> int:
    total = sum(weights)
    return round(exp(sum(x * weight for x, weight in zip(logs, weights, strict=True)) / total))
