"""The one polling loop: looking again and again at what a service works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from .errors import ServiceUnavailable, UnexpectedResponse, WaitTimeout
from .progress import RunStatus

__all__ = ["look_until_ended"]

# How long watching puts up with a service that can't be reached, in seconds.
_PATIENCE = 60.0


class _Look(Protocol):
    @property
    def status(self) -> RunStatus: ...


Look = TypeVar("Look", bound=_Look)


def look_until_ended(
    look: Callable[[], Look],
    *,
    interval: float,
    timeout: float | None,
    late: Callable[[], str],
    clock: Callable[[], float],
    sleep: Callable[[float], object],
) -> Iterator[Look]:
    """Look until the status has ended; the last look is yielded, too.

    Parameters
    ----------
    look : callable
        Asks the service. It must ask for the status before anything else: in the other order what
        comes in between would be missed.
    interval : float
        Seconds between two looks.
    timeout : float or None
        Seconds after which to give up; None for never.
    late : callable
        Says what is given up on.
    clock, sleep : callable

    Raises
    ------
    ServiceUnavailable, UnexpectedResponse
        If the service can't be reached or answers no sense for a minute.
    WaitTimeout
        If it takes longer than ``timeout``.
    """
    start = clock()
    unreachable_since: float | None = None
    while True:
        try:
            seen = look()
        except (ServiceUnavailable, UnexpectedResponse):
            now = clock()
            unreachable_since = now if unreachable_since is None else unreachable_since
            if now - unreachable_since > _PATIENCE:
                raise
        else:
            unreachable_since = None
            yield seen
            if seen.status.state.ended:
                return
        if timeout is not None and clock() - start > timeout:
            raise WaitTimeout(late())
        sleep(interval)
