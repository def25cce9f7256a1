"""Runs: hand in a request, watch it, get its result; also after the kernel was restarted."""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .documents import DataSchema
from .errors import (
    Problem,
    RequestError,
    RunCancelled,
    RunFailed,
    RunNotFound,
)
from .files import check_unchanged
from .looking import look_until_ended
from .progress import History, RunState, RunStatus, Update
from .results import Inference, TrainingResult
from .services.base import ALREADY_TRAINING, TrainingService
from .tasks import IntentClassification
from .training import DataFile, TrainingRequest

__all__ = ["Run", "attach", "handed_in", "submit"]


class Run:
    """One training, wherever it happens. Made by :func:`submit` and :func:`attach`.

    ``await run`` waits for its end without blocking the event loop.

    Attributes
    ----------
    run_id : str
        What :func:`attach` takes.
    model_id : str
        The user's name for the model.
    service : TrainingService
        Where it happens.
    """

    def __init__(
        self,
        first: RunStatus,
        service: TrainingService,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.run_id = first.run_id
        self.model_id = first.model_id
        self.service = service
        self.first_status = first
        self._clock = clock
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"<Run {self.run_id} of model {self.model_id!r} on {self.service!r}>"

    def __await__(self) -> Generator[Any, None, RunStatus]:
        return asyncio.to_thread(self.wait).__await__()

    def status(self) -> RunStatus:
        """Ask the service where the run stands."""
        return self.service.status(self.run_id)

    def history(self) -> History:
        """Ask the service for the status and all epochs so far."""
        # Status first: epochs that come in between are then only early, never lost.
        history = History()
        status = self.status()
        history.add(Update(status, self.service.epochs(self.run_id)))
        return history

    def watch(
        self, interval: float = 0.25, *, after: int = 0, timeout: float | None = None
    ) -> Iterator[Update]:
        """Follow the run until it ends; the last update has an ended state and all epochs.

        Parameters
        ----------
        interval : float
            Seconds between two looks.
        after : int
            Number of the last epoch that is known already.
        timeout : float, optional
            Seconds after which to give up; by default never.

        Yields
        ------
        Update
            At every look, whether or not anything is new.

        Raises
        ------
        ServiceUnavailable, UnexpectedResponse
            If the service can't be reached or answers no sense for a minute; the run may go on
            nevertheless.
        WaitTimeout
            If it takes longer than ``timeout``; the run goes on.
        """
        status, known = self.first_status, after

        def look() -> Update:
            nonlocal status, known
            # Status before epochs: the other order could miss the last ones.
            status = self.status()
            epochs = self.service.epochs(self.run_id, known)
            known = epochs[-1].epoch if epochs else known
            return Update(status, epochs)

        def late() -> str:
            return (
                f"Run {self.run_id} is still {status.state} ({status.fraction:.0%}) after "
                f"{timeout:g} s; it goes on."
            )

        return look_until_ended(
            look, interval=interval, timeout=timeout, late=late,
            clock=self._clock, sleep=self._sleep,
        )  # fmt: skip

    def wait(self, timeout: float | None = None) -> RunStatus:
        """Wait until the run has ended, however it ended.

        Parameters
        ----------
        timeout : float, optional
            Seconds; by default as long as it takes.

        Raises
        ------
        WaitTimeout
            If it takes longer; the run goes on.
        """
        status = self.first_status
        for update in self.watch(timeout=timeout):
            status = update.status
        return status

    def result(self, timeout: float | None = None) -> TrainingResult:
        """Wait for the run's end and return its result.

        Raises
        ------
        RunFailed, RunCancelled
            If it ended without one; the message says why.
        WaitTimeout
            If it takes longer than ``timeout`` seconds; the run goes on.
        """
        status = self.wait(timeout)
        if status.state is RunState.FAILED:
            raise RunFailed(f"Run {self.run_id} failed: {status.message}")
        if status.state is RunState.CANCELLED:
            raise RunCancelled(f"Run {self.run_id} was cancelled.")
        return self.service.result(self.run_id)

    def cancel(self) -> RunStatus:
        """Stop the run; returns once no process works on it any more."""
        return self.service.cancel(self.run_id)

    def predict(self, texts: Iterable[str], top_n: int | None = None) -> list[Inference]:
        """Label texts with the trained model; :func:`nbtrain.predict` does it for a DataFrame.

        Parameters
        ----------
        texts : iterable of str
        top_n : int, optional
            Labels wanted per text; all of them by default.

        Returns
        -------
        list of Inference
            One per text, in their order; without predictions where a text has none of the labels,
            or is blank.

        Raises
        ------
        NotSupported
            If the service can't.
        ServiceError
            If the model isn't trained, or does not answer.
        """
        return self.service.predict(self.run_id, texts, top_n)

    def retrain(
        self, task: IntentClassification | None = None, data: DataFile | None = None
    ) -> Run:
        """Train the intent model again and in place: it keeps its id.

        Until the new run has succeeded the model answers as before.

        Parameters
        ----------
        task : IntentClassification, optional
            By default what the service does if it isn't told anything; out-of-domain detection
            stays as it is.
        data : DataFile, optional
            Labelled examples to be added to those that it was trained on; one label will do.

        Returns
        -------
        Run
            At once. If it is in training already, that run, and a warning: nothing was added.

        Raises
        ------
        NotSupported
            If the service can't.
        RequestError
            If the task or the data are none.
        DataError
            If the data file is gone, or isn't what it was when it was written.
        ServiceError
            If the service can't be reached or says no.
        """
        _check_retraining(task, data)
        check_unchanged(data)
        first = self.service.retrain(self.run_id, task, data)
        if first.message == ALREADY_TRAINING:
            warnings.warn(
                f"Model {self.model_id!r} is in training already. This is that run; nothing was "
                "added, and it may do something else.",
                stacklevel=2,
            )
        return Run(first, self.service, clock=self._clock, sleep=self._sleep)


def _check_retraining(task: object, data: object) -> None:
    problems = []
    if isinstance(task, IntentClassification):
        problems += task.problems()
    elif task is not None:
        what = f"is a {type(task).__name__}"
        problems.append(Problem("task", what, "Give IntentClassification() or None."))
    if data is not None and not isinstance(data, DataFile):
        what = f"is a {type(data).__name__}"
        problems.append(Problem("data", what, "Make one with write_intents."))
    elif isinstance(data, DataFile) and data.schema is DataSchema.DIALOGUE:
        what = "holds dialogues, not labelled texts"
        problems.append(Problem("data", what, "Make one with write_intents."))
    if problems:
        raise RequestError("This can't be trained again as it stands:", problems)


def submit(request: TrainingRequest, service: TrainingService | None = None) -> Run:
    """Hand in a training request.

    Parameters
    ----------
    request : TrainingRequest
    service : TrainingService, optional
        Where to train; by default the local service, which is started if need be.

    Returns
    -------
    Run
        At once; training goes on in the service. If the model is in training already (an intent
        model of the local service or Einstein: from these very data), that run, and a warning: the
        request was not taken then.

    Raises
    ------
    RequestError
        If it is no training request.
    DataError
        If a data file is gone, or isn't what it was when the request was made.
    ServiceError
        If the service can't be reached or says no.
    """
    given: object = request
    if not isinstance(given, TrainingRequest):
        problem = Problem("request", f"is a {type(given).__name__}", "Make one.")
        raise RequestError("Nothing was submitted:", [problem])
    check_unchanged(request.data, request.secondary_data)
    service = service if service is not None else default_service()
    return handed_in(service.submit(request), service)


def handed_in(first: RunStatus, service: TrainingService) -> Run:
    """Return the run of a request by its first status; warn if it was there before."""
    if first.message == ALREADY_TRAINING:
        warnings.warn(
            f"Model {first.model_id!r} is in training already. This is that run; the request "
            "was not taken, and may ask for something else.",
            stacklevel=3,
        )
    return Run(first, service)


def attach(run_id: str, service: TrainingService | None = None) -> Run:
    """Get hold of a run again, be it in progress or ended long ago.

    Parameters
    ----------
    run_id : str
        Of the run; or a model id, for the newest run of that model.
    service : TrainingService, optional
        Where it was submitted; by default the local service.

    Raises
    ------
    RunNotFound
        If the service doesn't know it.
    """
    if not isinstance(run_id, str) or not run_id:
        raise RunNotFound(f"{run_id!r} is no run id.")
    service = service if service is not None else default_service()
    return Run(service.status(run_id), service)


def default_service() -> TrainingService:
    """Return the local service of this user and state folder, the same object at every call."""
    from .home import state_folder

    return _local_service(state_folder())


@cache
def _local_service(home: Path) -> TrainingService:
    from .services.local import LocalService

    return LocalService(home)
