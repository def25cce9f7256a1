"""Progress of the whole training out of the progress of its stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from ..progress import EpochStats
from ..protocols.job import Message, Progress

__all__ = ["Reporter"]

# Where each stage begins, as a share of the whole; measured, and rough.
_BEGINS = {
    "reading": 0.0,
    "embedding": 0.05,
    "choosing": 0.45,
    "clustering": 0.75,
    "naming": 0.93,
    "saving": 0.98,
}
_PAUSE = 0.1


class Reporter:
    """Sends progress that never falls, at most ten times a second within a stage.

    Parameters
    ----------
    send : callable
        Takes each message.
    clock : callable
        Seconds, for the pauses and for the epochs' elapsed time.

    Examples
    --------
    >>> sent = []
    >>> reporter = Reporter(sent.append, clock=lambda: 0.0)
    >>> reporter.stage("embedding")
    >>> reporter.step(0.5)
    >>> sent[0]
    Progress(stage='embedding', fraction=0.05)
    """

    def __init__(
        self, send: Callable[[Message], None], clock: Callable[[], float] = monotonic
    ) -> None:
        self._send = send
        self._clock = clock
        self._began = clock()
        self._last = self._began
        self._stage = ""
        self._from = self._to = 0.0
        self._fraction = 0.0
        self._epoch = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the reporter was made."""
        return self._clock() - self._began

    def stage(self, name: str) -> None:
        """Begin a stage."""
        begins = [*_BEGINS.values(), 1.0]
        place = list(_BEGINS).index(name)
        # A stage that was left out gives its time to the one before it.
        self._stage, self._from, self._to = name, begins[place], begins[place + 1]
        self._tell(self._from)

    def widen(self, until: str) -> None:
        """Let the stage that goes on take the time of those up to ``until``, which are left out."""
        self._to = _BEGINS[until]

    def step(self, share: float) -> None:
        """Say that ``share`` (0 to 1) of the stage is done; passed over if said too often."""
        if self._clock() - self._last >= _PAUSE:
            self._tell(self._from + min(max(share, 0.0), 1.0) * (self._to - self._from))

    def epoch(self, metrics: Mapping[str, float]) -> None:
        """Send one row of the learning curve."""
        self._epoch += 1
        self._send(EpochStats(self._epoch, dict(metrics), round(self.elapsed, 4)))

    def _tell(self, fraction: float) -> None:
        self._fraction = max(self._fraction, fraction)
        self._last = self._clock()
        self._send(Progress(self._stage, round(self._fraction, 4)))
