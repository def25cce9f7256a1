"""The local service's calls."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TypeVar
from urllib.parse import quote

from ..errors import (
    AuthenticationFailed,
    NotSupported,
    RequestRejected,
    RunCancelled,
    RunFailed,
    RunNotFinished,
    RunNotFound,
    ServiceUnavailable,
)
from ..home import DATABASE, ServiceRecord, state_folder
from ..progress import EpochStats, RunState, RunStatus
from ..protocols import local
from ..protocols.knovvu_form import FIELDS
from ..protocols.knovvu_inference import inferences_from_json
from ..results import Inference, TrainingResult
from ..tasks import Clustering, IntentClassification
from ..training import DataFile, TrainingRequest
from . import einstein_submission
from .answers import Answer, reading
from .base import Capabilities
from .einstein_datasets import EinsteinDatasets
from .einstein_models import EinsteinModels
from .http import Http
from .local_process import LocalProcess, client_of
from .names import Naming, send_settings
from .submission import train
from .sweeps import Sweeping
from .texts import checked_texts

__all__ = ["LocalService"]

T = TypeVar("T")
Task = TypeVar("Task", bound=Clustering | IntentClassification)

# A model that nobody has asked yet has to be loaded first: seconds for the answer to begin.
_PREDICT_SECONDS = 120.0
# Texts, and characters in them, that go into one call.
_BATCH_TEXTS, _BATCH_SIGNS = 2000, 500_000


class LocalService(Naming, Sweeping):
    """The service that trains on this machine, in a process of its own.

    It is started by the first call that needs it, is found again by other notebooks of the same
    user, outlives the kernel, and leaves by itself when it has had nothing to do for a while.

    Parameters
    ----------
    home : path, optional
        Its state folder; by default ``NBTRAIN_HOME``, else the place for a user's application data.
    start : bool
        Whether to start it if none runs.
    idle_exit : float
        A service started here leaves after so many seconds without runs and calls.

    Examples
    --------
    >>> LocalService(getfixture("tmp_path")).running
    False
    """

    name = "local"
    capabilities = Capabilities(
        epochs=True,
        cancel=True,
        result=True,
        random_state=True,
        naming=True,
        predict=True,
        retrain=True,
        sweep=True,
        embedder=True,
        turns=True,
    )

    def __init__(
        self,
        home: str | os.PathLike[str] | None = None,
        *,
        start: bool = True,
        idle_exit: float = 1800.0,
    ) -> None:
        self.home = state_folder(home)
        self._process = LocalProcess(self.home, idle_exit)
        self._start = start
        self._lock = RLock()
        self._stopped = False
        self._http: Http | None = None

    def __repr__(self) -> str:
        return f"LocalService({str(self.home)!r})"

    # --- runs ----------------------------------------------------------------------------

    def submit(self, request: TrainingRequest) -> RunStatus:
        """Hand in a request; see :class:`TrainingService`."""
        # A call that is safe to repeat comes first: it finds, starts or finds again the service,
        # so that the one that is not safe needn't be tried twice.
        self._stopped = False
        request = replace(request, task=_located(request.task))
        self.health()
        if isinstance(request.task, IntentClassification):
            http = self._connect()
            begun = einstein_submission.train(
                EinsteinDatasets(http), EinsteinModels(http, ours=True), request, http.sleep,
                self._ask_models,
            )  # fmt: skip
            return self._began(begun)
        return self._train(request, {})

    def train_fit(self, sweep_id: str, number: int, request: TrainingRequest) -> RunStatus:
        """Hand in a clustering that begins at the clusters of a sweep's fit."""
        self._stopped = False
        self.health()
        request = replace(request, task=_located(request.task))
        return self._train(request, {FIELDS["sweep_fit"]: f"{sweep_id}/{number}"})

    def _train(self, request: TrainingRequest, more: dict[str, str]) -> RunStatus:
        accepted = train(
            self._connect(), request, product_name="CA", with_random_state=True, more=more,
            look=lambda: self.status(request.model_id),
        )  # fmt: skip
        if isinstance(accepted, RunStatus):
            return accepted
        with reading("the experiment"):
            run_id = str(accepted["id"])
        return self.status(run_id)

    def retrain(
        self, run_id: str, task: IntentClassification | None = None, data: DataFile | None = None
    ) -> RunStatus:
        """Train an intent model again, in place; see :class:`TrainingService`."""
        self._stopped = False
        task = task and _located(task)
        told = self._get(f"/runs/{quote(run_id, safe='')}").object()
        model_id = told.get("einstein_model_id")
        if not isinstance(model_id, str):
            raise NotSupported(
                f"Run {run_id} is no intent model that can be trained again in place: submit a "
                "request with the same model id."
            )
        http = self._connect()
        datasets, models = EinsteinDatasets(http), EinsteinModels(http, ours=True)
        return self._began(
            einstein_submission.retrain(
                datasets, models, model_id, task, data, http.sleep, self._ask_models
            )
        )

    def _ask_models(self, call: Callable[[EinsteinModels], T]) -> T:
        return self._reach(lambda http: call(EinsteinModels(http, ours=True)))

    def _began(self, begun: RunStatus) -> RunStatus:
        # What the vendor's call tells is known under the model's id; a run has one of its own.
        status = self.status(begun.run_id)
        return replace(status, message=begun.message) if begun.message else status

    def predict(
        self, run_id: str, texts: Iterable[str], top_n: int | None = None
    ) -> list[Inference]:
        """Label texts with a trained model, of clusters or of intents.

        Parameters
        ----------
        run_id : str
            A run id, or a model id for its newest run.
        texts : iterable of str
        top_n : int, optional
            Labels wanted per text; all of them by default.
        """
        wanted = checked_texts(texts, top_n)
        path = f"{local.PREFIX}/runs/{quote(run_id, safe='')}/predictions"
        found: list[Inference] = []
        for batch in _batches([text for text in wanted if text.strip()]):
            body = partial(dict[str, object], texts=batch, top_n=top_n)
            ask = partial(_ask, path=path, body=body)
            answer = _found(self._reach(ask)).object()
            with reading("the labels"):
                labels = inferences_from_json(answer)
                if len(labels) != len(batch):
                    raise ValueError(f"{len(labels)} labels for {len(batch)} texts")
            found += labels
        # What is blank says nothing, and is not asked for.
        told = iter(found)
        return [next(told) if text.strip() else Inference(text, text, ()) for text in wanted]

    def status(self, run_id: str) -> RunStatus:
        """Return a snapshot of a run, by run id or (its newest run) by model id."""
        return _status(self._get(f"/runs/{quote(run_id, safe='')}"))

    def runs(self) -> list[RunStatus]:
        """Return all runs that the service remembers, newest first."""
        answer = self._get("/runs").object()
        with reading("the runs"):
            return [local.status_from_json(entry) for entry in answer["runs"]]

    def epochs(self, run_id: str, after: int = 0) -> tuple[EpochStats, ...]:
        """Return the epochs of a run after number ``after``, in order."""
        answer = self._get(f"/runs/{quote(run_id, safe='')}/epochs", after=after)
        listed = answer.object()
        with reading("the epochs"):
            return tuple(local.epoch_from_json(entry) for entry in listed["epochs"])

    def result(self, run_id: str) -> TrainingResult:
        """Return the result of a run that succeeded.

        Raises
        ------
        RunNotFinished, RunFailed, RunCancelled
            If there is none.
        """
        try:
            answer = self._get(f"/runs/{quote(run_id, safe='')}/result").object()
        except RequestRejected as error:
            status = self.status(run_id)
            kinds = {RunState.FAILED: RunFailed, RunState.CANCELLED: RunCancelled}
            if status.state is RunState.SUCCEEDED:
                raise
            kind = kinds.get(status.state, RunNotFinished)
            raise kind(status.message or error.message) from None
        with reading("the result"):
            return local.result_from_json(answer)

    def cancel(self, run_id: str) -> RunStatus:
        """Stop a run; returns once its process is gone."""
        path = f"{local.PREFIX}/runs/{quote(run_id, safe='')}/cancel"
        return _status(_found(self._reach(lambda http: http.post(path))))

    # --- the service itself --------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether a service answers; none is started for it."""
        return self._process.find() is not None

    @property
    def used(self) -> bool:
        """Whether anything was ever done in this state folder; no service is started for it."""
        return (self.home / DATABASE).exists()

    @property
    def url(self) -> str:
        """Address of the service, which is started if need be."""
        return self._connect().connection.base_url

    def health(self) -> dict[str, object]:
        """Return the service's version, process id and number of active runs."""
        return self._get("/health").object()

    def stop(self) -> None:
        """End the service's process, if one runs. Its unfinished runs go on at the next start.

        This object starts it again only when something is submitted, so that a monitor that is
        still watching doesn't. Others start it again when they need it, as a monitor of a run that
        was submitted by another object soon does: stop it by ``run.service``.

        Raises
        ------
        ServiceError
            If the process does not end.
        """
        self._stopped = True
        self._process.stop()

    def _get(self, path: str, **params: object) -> Answer:
        return _found(self._reach(lambda http: http.get(local.PREFIX + path, **params)))

    def _reach(self, call: Callable[[Http], T]) -> T:
        # The service may have been killed or restarted (new address, new credentials) meanwhile.
        # Only calls that may safely be repeated come here.
        http = self._connect()
        try:
            return call(http)
        except (ServiceUnavailable, AuthenticationFailed):
            self._forget(http)
            return call(self._connect())

    def _connect(self) -> Http:
        with self._lock:
            if self._http is None:
                http = client_of(self._record())
                if self._llm is not None:
                    send_settings(http, self._llm)
                self._http = http
            return self._http

    def _forget(self, failed: Http | None) -> None:
        # Another thread may have connected anew meanwhile, and yet another may still be using the
        # old client: it is left to its finalizer.
        with self._lock:
            if self._http is failed:
                self._http = None

    def _record(self) -> ServiceRecord:
        record = self._process.find()
        if record is not None:
            return record
        if not self._start or self._stopped:
            raise ServiceUnavailable(
                f"No local service runs on {self.home}. Start one with 'nbtrain serve'."
            )
        return self._process.start()


def _located(task: Task) -> Task:
    """Give the embedder's place in full, as the service runs in another folder."""
    place = Path(task.embedder or "").expanduser()
    if task.embedder is None or not place.exists():
        return task
    return replace(task, embedder=str(place.absolute()))


def _ask(http: Http, path: str, body: Callable[[], object]) -> Answer:
    return http.post(path, body, repeatable=True, wait=_PREDICT_SECONDS)


def _batches(texts: list[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    signs = 0
    for text in texts:
        if batch and (len(batch) == _BATCH_TEXTS or signs + len(text) > _BATCH_SIGNS):
            yield batch
            batch, signs = [], 0
        batch.append(text)
        signs += len(text)
    if batch:
        yield batch


def _status(answer: Answer) -> RunStatus:
    told = answer.object()
    with reading("the status"):
        return local.status_from_json(told)


def _found(answer: Answer) -> Answer:
    if answer.status == 404:
        raise RunNotFound(answer.message)
    return answer
