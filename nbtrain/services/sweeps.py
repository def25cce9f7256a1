"""Sweeps over numbers of clusters: the calls that only the local service has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import quote

from ..documents import DataSchema
from ..errors import RequestRejected, RunNotFinished
from ..files import read_data_file
from ..progress import RunStatus
from ..protocols import local
from ..protocols.knovvu import DATA_FILE, SECONDARY_DATA_FILE
from ..protocols.sweeps import (
    SWEEPS_PATH,
    choice_from_json,
    documents_from_json,
    fit_from_json,
    labels_from_json,
    plan_from_json,
    sweep_fields,
)
from ..sweep_plans import SweepPlan
from ..sweep_results import Choice, SweepDocuments, SweepFit
from ..tasks import Clustering
from ..training import DataFile, TrainingRequest
from .answers import Answer, reading
from .http import Http

__all__ = ["Sweeping"]

T = TypeVar("T")


class Sweeping(ABC):
    """The part of :class:`LocalService` that is about sweeps; see :class:`SweepingService`."""

    _stopped: bool

    @abstractmethod
    def health(self) -> dict[str, object]:
        """Say who is there; the service is started if need be."""

    @abstractmethod
    def _get(self, path: str, **params: object) -> Answer: ...

    @abstractmethod
    def _reach(self, call: Callable[[Http], T]) -> T: ...

    @abstractmethod
    def _connect(self) -> Http: ...

    def begin_sweep(self, request: TrainingRequest, plan: SweepPlan) -> RunStatus:
        """Begin a sweep; returns at once. Fits that earlier sweeps of the data made come first.

        Raises
        ------
        ServiceError
            If the service can't be reached or says no.
        """
        self._stopped = False
        self.health()
        fields = sweep_fields(request, plan)
        files = {DATA_FILE: request.data.path}
        if request.secondary_data is not None:
            files[SECONDARY_DATA_FILE] = request.secondary_data.path
        # The service has just been found or started: this need not be tried twice.
        return _status(self._connect().post_files(SWEEPS_PATH, fields, files))

    def sweep_status(self, sweep_id: str) -> RunStatus:
        """Return a snapshot of a sweep."""
        return _status(self._sweep(sweep_id))

    def sweeps(self) -> list[RunStatus]:
        """Return all sweeps that the service remembers, newest first."""
        told = self._get("/sweeps").object()
        with reading("the sweeps"):
            return [local.status_from_json(entry) for entry in told["sweeps"]]

    def sweep_request(self, sweep_id: str) -> tuple[TrainingRequest, SweepPlan]:
        """Return what was asked for; the data are the service's own copies.

        Raises
        ------
        DataError
            If these are gone.
        """
        told = self._sweep(sweep_id).object()
        with reading("the sweep"):
            plan = plan_from_json(told["plan"])
            data = read_data_file(told["data"], told["schema"])
            secondary: DataFile | None = None
            if told["secondary_schema"] is not None:
                secondary = read_data_file(told["secondary_data"], DataSchema.INTENT)
            task = Clustering(
                random_state=plan.random_states[0], embedder=plan.embedders[0],
                turns=told["turns"], unit=told["unit"],
            )  # fmt: skip
            model_id, language = told["model_id"], told["language"]
            return TrainingRequest(model_id, data, task, language, secondary), plan

    def sweep_fits(self, sweep_id: str, after: int = 0) -> tuple[SweepFit, ...]:
        """Return the fits after number ``after``, in order."""
        fits: list[SweepFit] = []
        while True:
            told = self._sweep(sweep_id, "/fits", after=after + len(fits)).object()
            with reading("the fits"):
                more = [fit_from_json(entry) for entry in told["fits"]]
            fits += more
            if not more:
                return tuple(fits)

    def sweep_documents(self, sweep_id: str) -> SweepDocuments:
        """Return the documents, in the order of the labels."""
        try:
            told = self._sweep(sweep_id, "/documents").object()
        except RequestRejected as error:
            if error.status != 409:
                raise
            raise RunNotFinished(error.message) from None
        with reading("the documents"):
            return documents_from_json(told)

    def sweep_labels(self, sweep_id: str, number: int) -> Any:
        """Return the cluster of each document in a fit, ndarray of shape (n_documents,)."""
        told = self._sweep(sweep_id, f"/labels/{number}").object()
        with reading("the labels"):
            return _array(told)

    def sweep_positions(self, sweep_id: str) -> Any:
        """Return the places of the documents, ndarray of shape (n_documents, 2), or None."""
        path = f"{SWEEPS_PATH}/{quote(sweep_id, safe='')}/map"
        answer = self._reach(lambda http: http.get(path))
        if answer.status == 404:
            return None
        told = answer.object()
        with reading("the map"):
            return _array(told)

    def cancel_sweep(self, sweep_id: str) -> RunStatus:
        """Stop a sweep; returns once its process is gone. Its fits stay."""
        path = f"{SWEEPS_PATH}/{quote(sweep_id, safe='')}/cancel"
        self._sweep(sweep_id)
        return _status(self._reach(lambda http: http.post(path)))

    def choose_in_sweep(self, sweep_id: str, n_clusters: int, reason: str) -> Choice:
        """Note the user's choice in the folder of the sweep."""
        path = f"{SWEEPS_PATH}/{quote(sweep_id, safe='')}/choice"
        body = partial(dict[str, object], n_clusters=n_clusters, reason=reason)
        self._sweep(sweep_id)
        told = self._reach(lambda http: http.post(path, body, repeatable=True)).object()
        with reading("the choice"):
            return choice_from_json(told)

    def sweep_choice(self, sweep_id: str) -> Choice | None:
        """Return the choice that was noted last."""
        told = self._sweep(sweep_id).object()
        with reading("the choice"):
            return None if told["choice"] is None else choice_from_json(told["choice"])

    def sweep_preview(self, sweep_id: str) -> tuple[SweepFit, ...]:
        """Return a few fits of a sample, without labels, that come before the first real ones."""
        told = self._sweep(sweep_id).object()
        with reading("the preview"):
            return tuple(fit_from_json(entry) for entry in told["preview"])

    def sweep_outline(self, sweep_id: str) -> tuple[SweepFit, ...]:
        """Return fits over all counts that the texts bear, without labels; empty until known."""
        told = self._sweep(sweep_id, "/outline").object()
        with reading("the outline"):
            return tuple(fit_from_json(entry) for entry in told["fits"])

    def sweep_structure(self, sweep_id: str) -> float | None:
        """Return how much better the texts cluster than by chance; None if it isn't known."""
        told = self._sweep(sweep_id).object()
        with reading("the structure"):
            return None if told["structure"] is None else float(told["structure"])

    def _sweep(self, sweep_id: str, more: str = "", **params: object) -> Answer:
        return self._get(f"/sweeps/{quote(sweep_id, safe='')}{more}", **params)


def _status(answer: Answer) -> RunStatus:
    told = answer.object()
    with reading("the status"):
        return local.status_from_json(told)


def _array(told: dict[str, Any]) -> Any:
    import numpy as np

    return np.load(BytesIO(labels_from_json(told)), allow_pickle=False)
