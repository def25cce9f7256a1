"""The thread that hands in the runs of a sweep, a few at a time, and follows them."""

from __future__ import annotations

import contextvars
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from .errors import (
    AuthenticationFailed,
    DataError,
    NbtrainError,
    NotSupported,
    Problem,
    RequestError,
    RunNotFound,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from .file_lock import FileLock
from .progress import RunState, RunStatus
from .results import TrainingResult
from .services.base import TrainingService
from .sweep_journal import Journal, RunningFit, derived_model_id
from .sweep_results import SCORES, Choice, FitCluster, SweepFit
from .tasks import Clustering
from .training import TrainingRequest

__all__ = ["SweepDriver", "already_swept"]

_PATIENCE = 60.0
_FIRST_PAUSE, _LAST_PAUSE = 0.05, 2.0
_CANCEL_SECONDS = 1.5
_EXAMPLES = 3

_UNREACHABLE = (ServiceUnavailable, UnexpectedResponse)


class SweepDriver:
    """Carries out one sweep.

    Parameters
    ----------
    service : TrainingService
    journal : Journal
        Kept up to date on disk.
    clock, now : callable
        Seconds, rising; seconds since 1970.
    """

    def __init__(
        self,
        service: TrainingService,
        journal: Journal,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.journal = journal
        self._service = service
        self._clock, self._now = clock, now
        self._lock = threading.RLock()
        self._file_lock = FileLock(journal.path)
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._unreachable_since: float | None = None
        self._last_look = clock()
        self._fraction = 0.0

    @property
    def alive(self) -> bool:
        """Whether the thread is at work; what has just ended is waited for."""
        if self._thread is not None and self.journal.state.ended:
            self._thread.join(_CANCEL_SECONDS)
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin, or go on, unless the sweep has ended.

        Raises
        ------
        RequestError
            If another kernel is at it.
        DataError
            If the journal can't be written.
        """
        if self.journal.state.ended:
            return
        if not self._file_lock.acquire():
            raise already_swept(self.journal.request.model_id, "in another kernel")
        try:
            self.journal.save()
        except BaseException:
            self._file_lock.release()
            raise
        run = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._run,), name="nbtrain-sweep", daemon=True
        )
        self._thread.start()

    def status(self) -> RunStatus:
        """Say where the sweep stands."""
        with self._lock:
            journal = self.journal
            wanted = sum(1 for _ in journal.plan.fits())
            done = len(journal.fits) + sum(entry.fraction for entry in journal.running)
            ended = journal.state.ended
            whole = journal.state is RunState.SUCCEEDED
            self._fraction = max(self._fraction, min(done / max(wanted, 1), 1.0))
            return RunStatus(
                run_id=str(journal.path),
                model_id=journal.request.model_id,
                state=journal.state,
                stage="done" if ended else f"{len(journal.fits):,} of {wanted:,} fits",
                fraction=1.0 if whole else self._fraction,
                message=journal.message,
                elapsed=journal.worked,
            )

    def fits(self) -> tuple[SweepFit, ...]:
        """Return the fits that ended, in that order."""
        with self._lock:
            return tuple(self.journal.fits)

    def choose(self, choice: Choice) -> None:
        """Note a choice, on disk.

        Raises
        ------
        RequestError
            If a newer sweep has taken the journal over.
        """
        with self._lock:
            if newer_journal(self.journal):
                fix = "Choose in that one, or find it by attach_sweep."
                problem = Problem("sweep", "was followed by a newer sweep of its model", fix)
                raise RequestError("This choice can't be noted:", [problem])
            self.journal.choice = choice
            self.journal.save()

    def cancel(self) -> RunStatus:
        """Stop: no run is handed in any more, and those in progress are cancelled if possible."""
        self._cancelled.set()
        if self._thread is not None:
            self._thread.join(_CANCEL_SECONDS)
        with self._lock:
            if not self.journal.state.ended:  # the thread waits for an answer, and will see it
                self._end(RunState.CANCELLED, "Cancelled.")
        return self.status()

    # --- in the thread -------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._find_lost()
            pause = _FIRST_PAUSE
            while not self._cancelled.is_set():
                if self._look() | self._hand_in():
                    pause = _FIRST_PAUSE
                if not self.journal.running and not self._may_hand_in():
                    self._conclude()
                    return
                self._cancelled.wait(pause)
                pause = min(2 * pause, _LAST_PAUSE)
            self._cancel_runs()
            self._end(RunState.CANCELLED, "Cancelled.")
        except NbtrainError as error:
            text = f"{error} What was found stays; sweep again to go on."
            self._end(RunState.FAILED, text)
        except Exception as error:
            kind = type(error).__name__
            self._end(RunState.FAILED, f"The sweep stopped on an unexpected error, {kind}: {error}")
        finally:
            self._file_lock.release()

    def _find_lost(self) -> None:
        """Look for runs that were being handed in when an earlier kernel died."""
        for entry in list(self.journal.running):
            if entry.run_id:
                continue
            try:
                status = self._service.status(entry.model_id)
            except (RunNotFound, ServiceError):
                status = None
            with self._lock:
                if status is not None and not status.state.ended:
                    entry.run_id = status.run_id
                else:
                    self.journal.running.remove(entry)
                self._save()

    def _look(self) -> bool:
        """Look at all runs in progress; tell whether one has ended."""
        any_ended = False
        for entry in list(self.journal.running):
            try:
                status = self._service.status(entry.run_id)
                found = self._ended(entry, status) if status.state.ended else None
            except _UNREACHABLE as error:
                self._be_patient(error)
                continue
            except RunNotFound as error:
                found = self._failed(entry.fit, str(error), entry.run_id)
            else:
                self._unreachable_since = None
                entry.fraction = max(entry.fraction, status.fraction)
            if found is not None:
                any_ended = True
                self._add(entry, found)
        with self._lock:
            self._tick()
        return any_ended

    def _hand_in(self) -> bool:
        """Hand in as many runs as may be; tell whether one was."""
        any_new = False
        most = self.journal.plan.max_runs_at_once
        while self._may_hand_in() and len(self.journal.running) < most:
            fit = self.journal.waiting()[0]
            model_id = derived_model_id(self.journal.request.model_id, fit)
            entry = RunningFit(fit, model_id)
            with self._lock:
                self.journal.running.append(entry)
                self._save()
            try:
                status = self._service.submit(self._request(fit, model_id))
            except (*_UNREACHABLE, AuthenticationFailed) as error:
                with self._lock:
                    self.journal.running.remove(entry)
                if isinstance(error, AuthenticationFailed):
                    raise
                self._be_patient(error)
                return any_new
            except NbtrainError as error:
                self._add(entry, self._failed(fit, str(error)))
                continue
            self._unreachable_since = None
            any_new = True
            with self._lock:
                entry.run_id = status.run_id
                self._save()
        return any_new

    def _request(self, fit: SweepFit, model_id: str) -> TrainingRequest:
        request = self.journal.request
        assert isinstance(request.task, Clustering)
        task = replace(
            request.task,
            n_clusters=fit.n_clusters,
            llm=None,
            random_state=fit.random_state,
            embedder=fit.options.get("embedder"),
        )
        return replace(request, model_id=model_id, task=task, force_train=True)

    def _may_hand_in(self) -> bool:
        seconds = self.journal.plan.budget_seconds
        over = seconds is not None and self.journal.worked >= seconds
        return not over and not self._cancelled.is_set() and bool(self.journal.waiting())

    def _conclude(self) -> None:
        """End the sweep when nothing is left to do, with what there is to say of it."""
        fits = self.journal.fits
        lost = [fit for fit in fits if fit.state is not RunState.SUCCEEDED]
        told = [self.journal.plan.cut_short(len(fits))]
        state = RunState.SUCCEEDED
        if lost and len(lost) == len(fits):
            state = RunState.FAILED
            told.append(f"Not one fit could be made; of the first: {lost[0].message}")
        elif lost:
            told.append(f"{len(lost):,} of the fits failed.")
        self._end(state, " ".join(filter(None, told)))

    def _be_patient(self, error: ServiceError) -> None:
        now = self._clock()
        self._unreachable_since = since = self._unreachable_since or now
        if now - since > _PATIENCE:
            raise error

    def _ended(self, entry: RunningFit, status: RunStatus) -> SweepFit:
        fit = replace(entry.fit, run_id=entry.run_id, elapsed=self._elapsed())
        if status.state is not RunState.SUCCEEDED:
            text = status.message or f"The run was {status.state.value}."
            return replace(fit, state=status.state, message=text)
        can, untold = self._service.capabilities, ""
        if can.result:
            try:
                return with_result(fit, self._service.result(entry.run_id))
            except _UNREACHABLE:
                raise
            except NbtrainError as error:
                untold = f"Its clusters can't be had: {error}"
        epochs = self._service.epochs(entry.run_id) if can.epochs else ()
        return replace(fit, message=untold, scores=_scores(epochs[-1].metrics) if epochs else {})

    def _failed(self, fit: SweepFit, message: str, run_id: str = "") -> SweepFit:
        return replace(
            fit, state=RunState.FAILED, message=message, run_id=run_id, elapsed=self._elapsed()
        )

    def _elapsed(self) -> float:
        return round(max(0.0, self._now() - self.journal.started), 3)

    def _cancel_runs(self) -> None:
        for entry in list(self.journal.running):
            try:
                status = self._service.cancel(entry.run_id)
            except (NotSupported, *_UNREACHABLE) as error:
                # It stays among those in progress, so that sweeping again finds it.
                self.journal.message = f"Run {entry.run_id} could not be cancelled: {error}"
                continue
            except NbtrainError as error:
                found = self._failed(entry.fit, str(error), entry.run_id)
            else:
                try:
                    found = self._ended(entry, status)
                except NbtrainError as error:
                    # It was quicker than the call, but what it found can't be had just now.
                    found = self._failed(entry.fit, str(error), entry.run_id)
            self._add(entry, found)

    def _add(self, entry: RunningFit, fit: SweepFit) -> None:
        with self._lock:
            self.journal.running.remove(entry)
            self.journal.fits.append(fit)
            self._save()

    def _end(self, state: RunState, message: str) -> None:
        with self._lock:
            if self.journal.state.ended:
                return
            self.journal.state = state
            self.journal.message = " ".join(filter(None, [message, self.journal.message]))
            try:
                self._save()
            except DataError as error:
                # Who watches shall see it; there is nobody else to tell.
                self.journal.message += f" {error}"

    def _tick(self) -> None:
        now = self._clock()
        self.journal.worked += max(0.0, now - self._last_look)
        self._last_look = now

    def _save(self) -> None:
        self._tick()
        self.journal.save()


def newer_journal(journal: Journal) -> bool:
    """Tell whether what is on disk is of a sweep that began later."""
    try:
        return Journal.load(journal.path).started > journal.started
    except RunNotFound:
        return False


def already_swept(model_id: str, where: str) -> RequestError:
    """Make the error that a sweep can't begin because another one of its model is under way."""
    fix = "Wait for it, cancel it there, or take another model id."
    problem = Problem("model_id", f"{model_id!r} is being swept over already, {where}", fix)
    return RequestError("This sweep was not begun:", [problem])


def with_result(fit: SweepFit, result: TrainingResult) -> SweepFit:
    """Return a fit with the clusters and scores that a run's result tells."""
    sizes = [cluster.size for cluster in result.clusters if cluster.size]
    total = sum(sizes)
    scores = _scores(result.metrics)
    if total:
        shares = [size / total for size in sizes]
        entropy = -sum(share * math.log(share) for share in shares)
        scores["balance"] = math.exp(entropy) / max(result.n_clusters, 1)
        scores["smallest"] = min(cluster.size for cluster in result.clusters) / total
        scores["largest"] = max(shares)
    clusters = tuple(
        FitCluster(
            cluster.cluster_id,
            cluster.name,
            cluster.size,
            cluster.keywords,
            cluster.examples[:_EXAMPLES],
        )
        for cluster in result.clusters
    )
    return replace(fit, scores=scores, clusters=clusters)


def _scores(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: float(metrics[name]) for name in SCORES if name in metrics}
