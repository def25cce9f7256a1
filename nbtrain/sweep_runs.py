"""Sweeps at services that know only runs: so many runs, each of a model of its own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary

from .documents import DataSchema
from .errors import (
    NotSupported,
    Problem,
    RequestError,
    RunNotFinished,
    RunNotFound,
    UnexpectedResponse,
)
from .files import check_unchanged, read_dialogues, read_utterances
from .progress import RunState, RunStatus
from .results import TrainingResult
from .services.base import TrainingService
from .sweep_driver import SweepDriver, already_swept
from .sweep_journal import Journal, journal_path
from .sweep_plans import SweepPlan
from .sweep_results import Choice, SweepDocuments, SweepFit
from .tasks import Clustering
from .training import DataFile, TrainingRequest
from .turns import documents_of

__all__ = ["RunSweeps", "is_driven_here"]

_SHOWN = 200

# One driver for each journal, whoever asks for it.
_drivers: WeakValueDictionary[Path, SweepDriver] = WeakValueDictionary()
_drivers_lock = RLock()


def is_driven_here(journal: Path) -> bool:
    """Tell whether this kernel is at the sweep of a journal."""
    with _drivers_lock:
        driver = _drivers.get(journal)
    return driver is not None and driver.alive


class RunSweeps:
    """Carries out sweeps by ordinary runs; see :class:`~nbtrain.services.base.SweepingService`.

    A sweep's id is the path of its journal, which lies beside the data file. A sweep that was
    interrupted goes on when it is next asked for.

    Parameters
    ----------
    service : TrainingService
    clock, now : callable
        Seconds, rising; seconds since 1970.
    """

    def __init__(
        self,
        service: TrainingService,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._service = service
        self._clock, self._now = clock, now
        self._kept: dict[str, SweepDriver] = {}
        self._results: dict[str, TrainingResult] = {}

    def begin_sweep(self, request: TrainingRequest, plan: SweepPlan) -> RunStatus:
        """Begin a sweep; what earlier ones of this request found is taken over.

        Raises
        ------
        RequestError
            If a sweep of this model is under way, or the service can't do what is asked.
        DataError
            If the journal can't be written.
        """
        self._check(request, plan)
        path = journal_path(request.data.path, request.model_id)
        with _drivers_lock:
            driver = _drivers.get(path)
            if driver is not None and driver.alive:
                raise already_swept(request.model_id, "in this kernel")
            journal = Journal(path, self._service.name, request, plan, self._now())
            try:
                before = Journal.load(path)
            except RunNotFound:
                before = None
            if before is not None and before.goes_with(request, self._service.name):
                journal = replace(before, request=request, started=self._now())
                journal.follow(plan)
            return self._drive(journal).status()

    def _check(self, request: TrainingRequest, plan: SweepPlan) -> None:
        can, name = self._service.capabilities, self._service.name
        problems = []
        if not can.clustering:
            problems.append(Problem("service", f"{name} makes no clusters"))
        if not can.random_state and plan.random_states != (0,):
            fix = "Leave random_state out."
            problems.append(Problem("random_state", f"is given, but {name} takes no seed", fix))
        if not can.embedder and any(plan.embedders):
            fix = "Leave embedder out."
            problems.append(Problem("embedder", f"is given, but {name} takes none", fix))
        task, plain = request.task, Clustering()
        for part in () if can.turns else ("turns", "unit"):
            if (value := getattr(task, part)) != getattr(plain, part):
                what = f"is {value!r}, but {name} can't choose turns"
                problems.append(Problem(f"request.task.{part}", what, "The local service does."))
        if problems:
            raise RequestError("This can't be swept there:", problems)

    def _drive(self, journal: Journal) -> SweepDriver:
        driver = SweepDriver(self._service, journal, clock=self._clock, now=self._now)
        driver.start()
        _drivers[journal.path] = self._kept[str(journal.path)] = driver
        return driver

    def _driver(self, sweep_id: str) -> SweepDriver:
        # A sweep that a newer one of its model came after stays what it was.
        if (kept := self._kept.get(sweep_id)) is not None:
            return kept
        path = Path(sweep_id)
        with _drivers_lock:
            driver = _drivers.get(path)
            if driver is None:
                journal = Journal.load(path)
                if journal.service != self._service.name:
                    raise RunNotFound(f"{sweep_id} is of the service {journal.service!r}.")
                if not journal.state.ended and journal.waiting():
                    check_unchanged(journal.request.data, journal.request.secondary_data)
                driver = self._drive(journal)
            self._kept[sweep_id] = driver
            return driver

    def sweep_status(self, sweep_id: str) -> RunStatus:
        """Return a snapshot; one that was interrupted goes on by this."""
        return self._driver(sweep_id).status()

    def sweep_request(self, sweep_id: str) -> tuple[TrainingRequest, SweepPlan]:
        """Return what was asked for."""
        journal = self._driver(sweep_id).journal
        return journal.request, journal.plan

    def sweep_fits(self, sweep_id: str, after: int = 0) -> tuple[SweepFit, ...]:
        """Return the fits that ended, after number ``after``."""
        return self._driver(sweep_id).fits()[after:]

    def sweep_documents(self, sweep_id: str) -> SweepDocuments:
        """Return the documents that the first result tells of."""
        request = self._driver(sweep_id).journal.request
        assert isinstance(request.task, Clustering)
        return _documents(request.data, request.task, self._document_ids(sweep_id))

    def _document_ids(self, sweep_id: str) -> tuple[str, ...]:
        for fit in self._driver(sweep_id).fits():
            if fit.state is RunState.SUCCEEDED:
                return self._result(fit).document_ids
        raise RunNotFinished("No run of this sweep has ended yet.")

    def sweep_labels(self, sweep_id: str, number: int) -> Any:
        """Return the labels of a fit, in the order of the documents."""
        import numpy as np

        fit = self._driver(sweep_id).fits()[number - 1]
        labels, ids = self._result(fit).labels, self._document_ids(sweep_id)
        if labels.keys() != set(ids):
            raise UnexpectedResponse(
                f"The result of run {fit.run_id} tells of other documents than the first one does."
            )
        return np.array([labels[document] for document in ids], dtype=np.int32)

    def _result(self, fit: SweepFit) -> TrainingResult:
        if not self._service.capabilities.result:
            raise NotSupported(
                f"{self._service.name} hands out no clusters. The local service does."
            )
        if fit.run_id not in self._results:
            self._results[fit.run_id] = self._service.result(fit.run_id)
        return self._results[fit.run_id]

    def sweep_positions(self, sweep_id: str) -> Any:
        """Return None: runs tell no positions."""
        return None

    def cancel_sweep(self, sweep_id: str) -> RunStatus:
        """Stop a sweep, and the runs that are in progress if the service can."""
        return self._driver(sweep_id).cancel()

    def choose_in_sweep(self, sweep_id: str, n_clusters: int, reason: str) -> Choice:
        """Note the user's choice in the journal."""
        made = datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="milliseconds")
        choice = Choice(n_clusters, reason, made)
        self._driver(sweep_id).choose(choice)
        return choice

    def train_fit(self, sweep_id: str, number: int, request: TrainingRequest) -> RunStatus:
        """Hand in the training anew: a run can't begin at another one's clusters."""
        return self._service.submit(request)

    def sweep_preview(self, sweep_id: str) -> tuple[SweepFit, ...]:
        """Tell nothing: no service makes any."""
        return ()

    def sweep_outline(self, sweep_id: str) -> tuple[SweepFit, ...]:
        """Tell nothing: no service makes any."""
        return ()

    def sweep_structure(self, sweep_id: str) -> None:
        """Tell nothing: no service says so of its runs."""

    def sweep_choice(self, sweep_id: str) -> Choice | None:
        """Return the choice that was noted last."""
        return self._driver(sweep_id).journal.choice


def _documents(data: DataFile, task: Clustering, ids: tuple[str, ...]) -> SweepDocuments:
    """Say what a reader is shown of each document, and how often it came."""
    if data.schema is not DataSchema.DIALOGUE:
        counts = Counter(utterance.text for utterance in read_utterances(data.path))
        return SweepDocuments(ids, ids, tuple(counts.get(text, 1) for text in ids))
    shown = {
        document: _cut(" / ".join(texts))
        for dialogue in read_dialogues(data.path)
        for document, texts in documents_of(dialogue, task.turns, task.unit)
    }
    texts = tuple(shown.get(document, document) for document in ids)
    return SweepDocuments(ids, texts, (1,) * len(ids))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
