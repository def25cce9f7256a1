"""When to try again, and when to stop trying."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

__all__ = ["TRANSIENT", "Retry", "retry_after"]

TRANSIENT = frozenset({429, 500, 502, 503, 504})
"""Statuses after which a call that is safe to repeat may well succeed."""

_LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a call that is safe to repeat is tried, and how long is waited in between.

    Parameters
    ----------
    attempts : int
        Tries in all.
    first : float
        Seconds before the second try; each further pause is twice as long. Half of each pause is
        left to chance, so that many clients don't come back at the same moment.
    total : float
        Seconds that all pauses of one call may take together.
    """

    attempts: int = 4
    first: float = 0.25
    total: float = 120.0

    def pause(self, attempt: int, chance: float, told: float | None = None) -> float:
        """Return the seconds to wait after a try.

        Parameters
        ----------
        attempt : int
            Number of the try that failed, from 1 on.
        chance : float
            0 to 1.
        told : float, optional
            Seconds that the service asked for.
        """
        if told is not None:
            return told
        return float(min(_LONGEST_PAUSE, self.first * 2 ** (attempt - 1)) * (0.5 + chance / 2))


def retry_after(header: str, now: float) -> float | None:
    """Read a ``Retry-After`` header: seconds, or a date (RFC 9110, 10.2.3).

    Parameters
    ----------
    header : str
        As it came.
    now : float
        Seconds since 1970.

    Returns
    -------
    float or None
        Seconds, 0 to 60 whatever the service says; None if the header says nothing sensible.

    Examples
    --------
    >>> retry_after("7", 0.0), retry_after("Thu, 01 Jan 1970 00:00:09 GMT", 2.0)
    (7.0, 7.0)
    >>> retry_after("999999999", 0.0), retry_after("-5", 0.0), retry_after("NaN", 0.0)
    (60.0, None, None)
    """
    header = header.strip()
    if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,20})?", header):
        return min(_LONGEST_PAUSE, float(header))
    try:
        date = parsedate_to_datetime(header[:100])
        # A date without a zone is in GMT, as HTTP has no other.
        moment = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(_LONGEST_PAUSE, max(0.0, moment - now))
