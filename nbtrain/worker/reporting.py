"""Progress of the whole training out of the progress of its stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from time import monotonic

from ..progress import EpochStats
from ..protocols.job import Message, Progress

__all__ = ["Reporter", "Stopwatch"]

_PAUSE = 0.1


class Reporter:
    """Sends progress that never falls, within a stage at most ten times a second.

    Parameters
    ----------
    send : callable
        Takes each message.
    times : mapping of str to float
        The stages that will come, in order, and how long each is likely to take.
    clock : callable
        Seconds.

    Examples
    --------
    >>> times = {"embedding": 6.0, "clustering": 2.0}
    >>> reporter = Reporter(print, times, clock=lambda: 0.0)
    >>> reporter.stage("clustering")
    Progress(stage='clustering', fraction=0.75)
    """

    def __init__(
        self,
        send: Callable[[Message], None],
        times: Mapping[str, float],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._send = send
        self._clock = clock
        self._began = self._last = clock()
        self._stage = ""
        self._base = self._fraction = 0.0
        self._epoch = 0
        self.expect(times)

    def expect(self, times: Mapping[str, float]) -> None:
        """Think better of how long the stages take; the fraction waits rather than falls."""
        self._times = dict(times)
        total = max(sum(times.values()), 1e-9)
        self._share = {name: time / total for name, time in times.items()}

    def stage(self, name: str) -> None:
        """Begin a stage."""
        self._stage = name
        self._base = self._begin(name)
        self._tell(self._base)

    def step(self, share: float) -> None:
        """Say that ``share`` (0 to 1) of the stage is done; passed over if said too often."""
        if self._clock() - self._last >= _PAUSE:
            self._tell(self._base + min(max(share, 0.0), 1.0) * self._share[self._stage])

    def part(self, begin: float, end: float) -> Callable[[float], None]:
        """Return a ``step`` for a part of the stage, from ``begin`` to ``end``."""
        return lambda share: self.step(begin + (end - begin) * share)

    def parts(self, times: Sequence[float]) -> list[Callable[[float], None]]:
        """Return a ``step`` for each part of the stage, by how long each is likely to take.

        Their sum is what is thought of the stage from now on.
        """
        self.expect({**self._times, self._stage: sum(times)})
        self._base = self._begin(self._stage)
        total = max(sum(times), 1e-9)
        ends = [sum(times[:place]) / total for place in range(len(times) + 1)]
        return [self.part(begin, end) for begin, end in pairwise(ends)]

    def epoch(
        self, metrics: Mapping[str, float], confusion: tuple[tuple[int, int, int], ...] = ()
    ) -> None:
        """Send one row of the learning curve."""
        self._epoch += 1
        elapsed = round(self._clock() - self._began, 4)
        self._send(EpochStats(self._epoch, dict(metrics), elapsed, confusion))

    def _begin(self, name: str) -> float:
        names = list(self._share)
        return sum(self._share[earlier] for earlier in names[: names.index(name)])

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
