"""Progress of the whole training out of the progress of its stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from ..progress import EpochStats
from ..protocols.job import Message, Progress

__all__ = ["Reporter", "Stopwatch"]

# How long a stage takes beside the others; measured, and rough.
_COSTS = {
    "reading": 2.0,
    "features": 15.0,
    "training": 40.0,
    "refitting": 25.0,
    "embedding": 45.0,
    "choosing": 25.0,
    "clustering": 25.0,
    "naming": 3.0,
    "saving": 2.0,
}
_NEURAL_COSTS = {"embedding": 200.0, "features": 100.0}
_PAUSE = 0.1


class Reporter:
    """Sends progress that never falls, within a stage at most ten times a second.

    Parameters
    ----------
    send : callable
        Takes each message.
    stages : sequence of str
        Those that will come, in order.
    clock : callable
        Seconds.
    neural : bool
        Whether a neural model is run over the texts, too, which takes longer than all else.

    Examples
    --------
    >>> reporter = Reporter(print, ["embedding", "clustering"], clock=lambda: 0.0)
    >>> reporter.stage("clustering")
    Progress(stage='clustering', fraction=0.6429)
    """

    def __init__(
        self,
        send: Callable[[Message], None],
        stages: Sequence[str],
        clock: Callable[[], float] = monotonic,
        *,
        neural: bool = False,
    ) -> None:
        self._send = send
        self._clock = clock
        self._began = self._last = clock()
        costs = _COSTS | (_NEURAL_COSTS if neural else {})
        total = sum(costs[name] for name in stages)
        self._share = {name: costs[name] / total for name in stages}
        self._stage = ""
        self._base = self._fraction = 0.0
        self._epoch = 0

    def stage(self, name: str) -> None:
        """Begin a stage."""
        names = list(self._share)
        self._stage = name
        self._base = sum(self._share[earlier] for earlier in names[: names.index(name)])
        self._tell(self._base)

    def step(self, share: float) -> None:
        """Say that ``share`` (0 to 1) of the stage is done; passed over if said too often."""
        if self._clock() - self._last >= _PAUSE:
            self._tell(self._base + min(max(share, 0.0), 1.0) * self._share[self._stage])

    def part(self, begin: float, end: float) -> Callable[[float], None]:
        """Return a ``step`` for a part of the stage, from ``begin`` to ``end``."""
        return lambda share: self.step(begin + (end - begin) * share)

    def epoch(
        self, metrics: Mapping[str, float], confusion: tuple[tuple[int, int, int], ...] = ()
    ) -> None:
        """Send one row of the learning curve."""
        self._epoch += 1
        elapsed = round(self._clock() - self._began, 4)
        self._send(EpochStats(self._epoch, dict(metrics), elapsed, confusion))

    def _tell(self, fraction: float) -> None:
        self._fraction = max(self._fraction, fraction)
        self._last = self._clock()
        self._send(Progress(self._stage, round(self._fraction, 4)))


class Stopwatch:
    """Seconds since it was made, and of the parts of a training.

    Examples
    --------
    >>> ticks = iter([0.0, 1.5, 4.0, 4.0])
    >>> watch = Stopwatch(lambda: next(ticks))
    >>> watch.lap("loading")
    >>> watch.lap("training")
    >>> watch.seconds()
    {'seconds_loading': '1.500', 'seconds_training': '2.500', 'seconds_total': '4.000'}
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._began = self._last = clock()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Put the time since the last lap under a name."""
        now = self._clock()
        self._laps[name] = now - self._last
        self._last = now

    def seconds(self) -> dict[str, str]:
        """Return the seconds of each lap and of all, as text."""
        laps = self._laps | {"total": self._clock() - self._began}
        return {f"seconds_{name}": f"{value:.3f}" for name, value in laps.items()}
