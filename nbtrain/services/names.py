"""Names by a language model: the calls that only the local service has."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import quote

from ..errors import RequestError, ServiceError
from ..llm import LLMSettings
from ..naming import NamePreview, NameRecord, chosen_clusters
from ..protocols import local
from ..protocols.knovvu_llm import LLM_PATH, settings_to_json
from ..protocols.naming import NamesRequest, preview_from_json, record_from_json
from ..results import TrainingResult
from ..tasks import LLM
from .answers import Answer, reading
from .http import Http

__all__ = ["Naming", "send_settings"]

T = TypeVar("T")

_FIRST_POLL, _LAST_POLL = 0.05, 1.0


class Naming(ABC):
    """The part of :class:`LocalService` that is about names."""

    _llm: LLMSettings | None = None
    _stopped: bool

    @abstractmethod
    def result(self, run_id: str) -> TrainingResult:
        """Return the result of a run that succeeded."""

    @abstractmethod
    def _get(self, path: str, **params: object) -> Answer: ...

    @abstractmethod
    def _reach(self, call: Callable[[Http], T]) -> T: ...

    @abstractmethod
    def _connect(self) -> Http: ...

    def configure_llm(self, settings: LLMSettings) -> None:
        """Say which language model names clusters from now on.

        The service keeps the settings in its memory only. This object keeps them, too, and says
        them again to a service that was started anew.

        Raises
        ------
        RequestError
            If this service can't call that model.
        """
        problems = settings.call_problems()
        if problems:
            raise RequestError("These LLM settings can't be used:", problems)
        self._stopped = False
        self._reach(lambda http: send_settings(http, settings))
        self._llm = settings

    def preview_names(
        self, run_id: str, *, clusters: Iterable[int] | None = None, top_n: int | None = None
    ) -> NamePreview:
        """Show the exact prompts for the clusters of a finished run, and what they would cost.

        Nothing is sent to any provider.

        Parameters
        ----------
        run_id : str
            A run id, or a model id for its newest run.
        clusters : iterable of int, optional
            Only these.
        top_n : int, optional
            Only so many, the largest.
        """
        request = self._names_request(run_id, clusters, LLM(top_n=top_n), dry_run=True)
        path = _names_path(run_id)
        answer = self._reach(lambda http: http.post(path, request.to_json, repeatable=True))
        told = answer.object()
        with reading("the preview"):
            return preview_from_json(told)

    def name_clusters(
        self,
        run_id: str,
        *,
        clusters: Iterable[int] | None = None,
        top_n: int | None = None,
        max_tokens: int | None = None,
        max_cost: float | None = None,
    ) -> TrainingResult:
        """Let the language model name and describe clusters of a finished run.

        Returns when that is done; the service keeps the new result. Clusters that got no name
        keep theirs, and a warning of the result says how many and why.

        Parameters
        ----------
        run_id : str
            A run id, or a model id for its newest run.
        clusters : iterable of int, optional
            Only these. They are asked for anew; otherwise known answers are taken again.
        top_n, max_tokens, max_cost : optional
            As in :class:`LLM`.

        Raises
        ------
        RequestError
            If there is no such cluster, or a limit makes no sense.
        RequestRejected
            If no model is configured, or these clusters are being named already.
        ServiceError
            If naming ended without a new result.
        """
        options = LLM(top_n=top_n, max_tokens=max_tokens, max_cost=max_cost)
        request = self._names_request(run_id, clusters, options)
        path = _names_path(run_id)
        # The service has just been found or started: this need not be tried twice.
        self._connect().post(path, request.to_json).object()
        pause = _FIRST_POLL
        while True:
            time.sleep(pause)
            pause = min(2 * pause, _LAST_POLL)
            told = self._get(f"/runs/{quote(run_id, safe='')}/names").object()
            if told.get("state") == "done":
                return self.result(run_id)
            if told.get("state") != "running":
                lost = "The service was started anew meanwhile; what was answered so far is kept."
                raise ServiceError(f"The clusters were not named. {told.get('message') or lost}")

    def name_audit(self, run_id: str) -> list[NameRecord]:
        """Return what was sent for each cluster's name, what it took, and what came of it.

        ``pandas.DataFrame(service.name_audit(run_id))`` is a table of it.
        """
        path = f"/runs/{quote(run_id, safe='')}/names"
        told = self._get(path, audit="true").object()
        with reading("the audit"):
            return [record_from_json(entry) for entry in told["names"]]

    def _names_request(
        self, run_id: str, clusters: Iterable[int] | None, options: LLM, *, dry_run: bool = False
    ) -> NamesRequest:
        wanted = None if clusters is None else list(clusters)
        self._stopped = False
        chosen_clusters(self.result(run_id), wanted, options.top_n)
        problems = options.problems()
        if problems:
            raise RequestError("These clusters can't be named:", problems)
        return NamesRequest(None if wanted is None else tuple(wanted), options, dry_run)


def send_settings(http: Http, settings: LLMSettings) -> None:
    """Store settings in a local service."""

    def body() -> object:
        return settings_to_json(settings, with_own_fields=True)

    http.post(LLM_PATH, body, repeatable=True, secrets=settings.keys.values()).object()


def _names_path(run_id: str) -> str:
    return f"{local.PREFIX}/runs/{quote(run_id, safe='')}/names"
