"""How a run is going: its state, its statistics, and their history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["EpochStats", "History", "RunState", "RunStatus", "Update"]


class RunState(StrEnum):
    """Where a run stands.

    ::

        QUEUED ──> RUNNING ──> SUCCEEDED
           │          ├──────> FAILED
           └──────────┴──────> CANCELLED
    """

    QUEUED = "queued"
    """Accepted and kept safe; training has not begun."""
    RUNNING = "running"
    """A training process works on it."""
    SUCCEEDED = "succeeded"
    """The result is there."""
    FAILED = "failed"
    """Ended without a result; the status message says why."""
    CANCELLED = "cancelled"
    """Ended because the user asked for it; no process works on it any more."""

    @property
    def ended(self) -> bool:
        """Whether the state is final."""
        return self not in (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A snapshot of one run.

    Parameters
    ----------
    run_id : str
        What :func:`nbtrain.attach` takes.
    model_id : str
        The user's name for the model.
    state : RunState
    stage : str
        What is being done, in words: ``"clustering"``.
    fraction : float
        Share of the work that is done, 0 to 1; never falls.
    message : str
        One sentence more, such as the reason of a failure; may be empty.
    elapsed : float or None
        Seconds since training began, as the service sees them; None while queued, or when the
        service doesn't tell.
    queue_position : int or None
        While queued: how many runs start before it, itself counted, if the service tells.
    """

    run_id: str
    model_id: str
    state: RunState
    stage: str = ""
    fraction: float = 0.0
    message: str = ""
    elapsed: float | None = None
    queue_position: int | None = None

    @property
    def remaining(self) -> float | None:
        """Seconds still to go if the rest goes as fast as the part that is done, else None."""
        if self.state is not RunState.RUNNING or self.elapsed is None or self.fraction < 0.02:
            return None
        return self.elapsed * (1.0 - self.fraction) / self.fraction


@dataclass(frozen=True, slots=True)
class EpochStats:
    """One row of the learning curve.

    Parameters
    ----------
    epoch : int
        1-based, without gaps. An epoch is one pass over all texts; in clustering also one over a
        sample of them, with more clusters, as long as these are being merged.
    metrics : mapping of str to float
        Value by name. Clustering reports ``objective`` (mean cosine similarity of a text to its
        centre, -1 to 1, higher is better), ``moved`` (share of texts that changed cluster, 0 to
        1) and ``silhouette`` (-1 to 1). Classification reports ``train_loss`` and ``test_loss``
        (mean log loss, 0 or more, lower is better), ``train_accuracy``, ``test_accuracy`` and
        ``macro_f1`` (0 to 1); the test is on texts held out of the training.
    elapsed : float
        Seconds since training began.
    confusion : tuple of (int, int, int)
        Cells of the :class:`ConfusionMatrix` of the held-out texts, of a classification whose
        service tells them.
    """

    epoch: int
    metrics: Mapping[str, float]
    elapsed: float = 0.0
    confusion: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """What :meth:`nbtrain.Run.watch` yields: a snapshot, and the epochs new since the last one."""

    status: RunStatus
    epochs: tuple[EpochStats, ...] = ()


@dataclass(slots=True)
class History:
    """All that a chart of one run needs: a fold over its updates.

    Examples
    --------
    >>> history = History()
    >>> status = RunStatus("r1", "demo", RunState.RUNNING, "clustering", 0.5, elapsed=2.0)
    >>> epochs = (EpochStats(1, {"objective": 0.4}), EpochStats(2, {"objective": 0.5}))
    >>> history.add(Update(status, epochs))
    >>> history.metric("objective"), history.status.fraction
    ([0.4, 0.5], 0.5)
    """

    status: RunStatus | None = None
    epochs: list[EpochStats] = field(default_factory=list)
    progress: list[tuple[float, float]] = field(default_factory=list)
    """``elapsed`` and ``fraction`` of every status that told both, from (0, 0) on."""

    @property
    def last_epoch(self) -> int:
        """Number of the newest epoch, 0 before the first."""
        return self.epochs[-1].epoch if self.epochs else 0

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of all metrics seen, in order of first appearance."""
        return tuple(dict.fromkeys(name for stats in self.epochs for name in stats.metrics))

    def metric(self, name: str) -> list[float | None]:
        """Values of one metric, one per epoch; None where an epoch doesn't have it."""
        return [stats.metrics.get(name) for stats in self.epochs]

    def add(self, update: Update) -> None:
        """Take in an update; epochs that are known already are passed over."""
        self.status = update.status
        elapsed, fraction = update.status.elapsed, update.status.fraction
        if elapsed is not None:
            if not self.progress:
                self.progress.append((0.0, 0.0))
            if (elapsed, fraction) > self.progress[-1]:
                self.progress.append((elapsed, fraction))
        for stats in update.epochs:
            if stats.epoch > self.last_epoch:
                self.epochs.append(stats)
