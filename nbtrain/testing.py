"""For tests, ours and yours: a service that follows a script, and a clock turned by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .errors import RunFailed, RunNotFinished, RunNotFound, ServiceError
from .progress import EpochStats, RunState, RunStatus, Update
from .results import Inference, Prediction, TrainingResult
from .services.base import Capabilities
from .services.texts import checked_texts
from .tasks import IntentClassification
from .training import DataFile, TrainingRequest

__all__ = ["FakeClock", "ScriptedService", "training_script"]


class FakeClock:
    """A clock that stands still until somebody sleeps.

    Examples
    --------
    >>> clock = FakeClock()
    >>> clock.sleep(2.5)
    >>> clock()
    2.5
    """

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time, in seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass, at once."""
        self.now += seconds


@dataclass(slots=True)
class ScriptedService:
    """A service whose run follows a script: every look at its status moves one step on.

    Parameters
    ----------
    script : sequence of Update or ServiceError
        What the looks show; an error is raised instead. The last step stays for ever.
    outcome : TrainingResult, optional
        What :meth:`result` hands back once the run succeeded.
    predictions : mapping of str to sequence of Prediction
        What :meth:`predict` says of a text; all others are out of domain.

    Attributes
    ----------
    requests : list of TrainingRequest
        What was submitted.
    retrainings : list of (IntentClassification or None, DataFile or None)
        What was to be trained again.

    Examples
    --------
    >>> from nbtrain.runs import attach
    >>> clock = FakeClock()
    >>> service = ScriptedService(training_script(epochs=3))
    >>> run = attach("r1", service)
    >>> run.history().last_epoch
    2
    """

    script: Sequence[Update | ServiceError]
    outcome: TrainingResult | None = None
    run_id: str = "r1"
    name: str = "scripted"
    capabilities: Capabilities = field(
        default=Capabilities(
            epochs=True,
            cancel=True,
            result=True,
            random_state=True,
            predict=True,
            retrain=True,
            embedder=True,
            turns=True,
        )
    )
    requests: list[TrainingRequest] = field(default_factory=list)
    predictions: Mapping[str, Sequence[Prediction]] = field(default_factory=dict)
    retrainings: list[tuple[IntentClassification | None, DataFile | None]] = field(
        default_factory=list
    )
    _step: int = -1
    _cancelled: bool = False

    def submit(self, request: TrainingRequest) -> RunStatus:
        """Take note of the request, and begin the script."""
        self.requests.append(request)
        self._step, self._cancelled = -1, False
        return RunStatus(self.run_id, request.model_id, RunState.QUEUED, "queued")

    def status(self, run_id: str) -> RunStatus:
        """Move one step on, and show it."""
        self._check(run_id)
        self._step = min(self._step + 1, len(self.script) - 1)
        step = self.script[self._step]
        if isinstance(step, ServiceError):
            raise step
        if self._cancelled and not step.status.state.ended:
            return replace(step.status, state=RunState.CANCELLED)
        return step.status

    def epochs(self, run_id: str, after: int = 0) -> tuple[EpochStats, ...]:
        """Show the epochs of all steps so far."""
        self._check(run_id)
        shown: Iterable[Update | ServiceError] = self.script[: self._step + 1]
        return tuple(
            stats
            for step in shown
            if isinstance(step, Update)
            for stats in step.epochs
            if stats.epoch > after
        )

    def result(self, run_id: str) -> TrainingResult:
        """Hand back the outcome."""
        self._check(run_id)
        step = self.script[max(self._step, 0)]
        state = step.status.state if isinstance(step, Update) else RunState.RUNNING
        if not state.ended:
            raise RunNotFinished(f"Run {run_id} has not ended.")
        if state is not RunState.SUCCEEDED or self.outcome is None:
            raise RunFailed(f"Run {run_id} has no result.")
        return self.outcome

    def cancel(self, run_id: str) -> RunStatus:
        """End the run."""
        self._check(run_id)
        self._cancelled = True
        return self.status(run_id)

    def predict(
        self, run_id: str, texts: Iterable[str], top_n: int | None = None
    ) -> list[Inference]:
        """Say what the script says of each text."""
        self._check(run_id)
        return [
            Inference(
                text,
                text,
                tuple(self.predictions.get(text, ()))[:top_n],
                text not in self.predictions,
            )
            for text in checked_texts(texts, top_n)
        ]

    def retrain(
        self, run_id: str, task: IntentClassification | None = None, data: DataFile | None = None
    ) -> RunStatus:
        """Take note of the call, and begin the script."""
        self._check(run_id)
        self.retrainings.append((task, data))
        self._step, self._cancelled = -1, False
        models = (step.status.model_id for step in self.script if isinstance(step, Update))
        return RunStatus(self.run_id, next(models, ""), RunState.QUEUED, "queued")

    def _check(self, run_id: str) -> None:
        if run_id != self.run_id:
            raise RunNotFound(f"No run {run_id!r}.")


def training_script(
    epochs: int = 5, *, state: RunState = RunState.SUCCEEDED, run_id: str = "r1"
) -> list[Update]:
    """Write the script of an ordinary clustering run, one epoch a step.

    Examples
    --------
    >>> [update.status.state.value for update in training_script(2)]
    ['running', 'running', 'succeeded']
    """
    steps = []
    for epoch in range(1, epochs + 1):
        share = epoch / (epochs + 1)
        status = RunStatus(
            run_id, "demo", RunState.RUNNING, "clustering", share, elapsed=float(epoch)
        )
        metrics = {
            "objective": 0.5 - 0.4 / epoch,
            "moved": 1.0 / epoch,
            "silhouette": 0.2 - 0.1 / epoch,
        }
        steps.append(Update(status, (EpochStats(epoch, metrics, float(epoch)),)))
    ended = RunStatus(run_id, "demo", state, "done", 1.0, elapsed=float(epochs + 1))
    return [*steps, Update(ended)]
