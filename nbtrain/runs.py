"""Runs: hand in a request, watch it, get its result; also after the kernel was restarted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .errors import (
    RunCancelled,
    RunFailed,
    ServiceUnavailable,
    UnexpectedResponse,
    WaitTimeout,
)
from .progress import History, RunState, RunStatus, Update
from .results import TrainingResult
from .services.base import TrainingService
from .training import TrainingRequest

__all__ = ["Run", "attach", "submit"]

# How long watching puts up with a service that can't be reached, in seconds.
_PATIENCE = 60.0


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

    def watch(self, interval: float = 0.25, *, after: int = 0) -> Iterator[Update]:
        """Follow the run until it ends; the last update has an ended state and all epochs.

        Parameters
        ----------
        interval : float
            Seconds between two looks.
        after : int
            Number of the last epoch that is known already.

        Yields
        ------
        Update
            At every look, whether or not anything is new.

        Raises
        ------
        ServiceUnavailable, UnexpectedResponse
            If the service can't be reached or answers no sense for a minute; the run may go on
            nevertheless.
        """
        unreachable_since: float | None = None
        while True:
            try:
                # Status before epochs: the other order could miss the last ones.
                status = self.status()
                epochs = self.service.epochs(self.run_id, after)
            except (ServiceUnavailable, UnexpectedResponse):
                now = self._clock()
                unreachable_since = now if unreachable_since is None else unreachable_since
                if now - unreachable_since > _PATIENCE:
                    raise
            else:
                unreachable_since = None
                after = epochs[-1].epoch if epochs else after
                yield Update(status, epochs)
                if status.state.ended:
                    return
            self._sleep(interval)

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
        start = self._clock()
        for update in self.watch():
            if update.status.state.ended:
                return update.status
            if timeout is not None and self._clock() - start > timeout:
                share = update.status.fraction
                raise WaitTimeout(
                    f"Run {self.run_id} is still {update.status.state} ({share:.0%}) after "
                    f"{timeout:g} s; it goes on."
                )
        raise AssertionError("watching ends with an ended run")

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
        At once; training goes on in the service. If the model is in training already, that run.

    Raises
    ------
    ServiceError
        If the service can't be reached or says no.
    """
    service = service if service is not None else default_service()
    return Run(service.submit(request), service)


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
