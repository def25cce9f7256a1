"""How many clusters? Try a range of counts, and find a sweep again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from .errors import RunNotFound
from .files import check_unchanged
from .runs import default_service
from .services.base import SweepingService, TrainingService
from .sweep_handle import Sweep
from .sweep_plans import ORDERS, make_plan
from .sweep_runs import RunSweeps
from .training import TrainingRequest

__all__ = ["Sweep", "attach_sweep", "sweep"]


def sweep(
    request: TrainingRequest,
    n_clusters: Any,
    *,
    random_state: Any = 0,
    embedder: Any = None,
    service: TrainingService | None = None,
    budget_seconds: float | None = None,
    budget_fits: int | None = None,
    order: str = ORDERS[0],
    max_runs_at_once: int = 1,
) -> Sweep:
    """Try several numbers of clusters.

    Parameters
    ----------
    request : TrainingRequest
        What would be trained. Its task is a :class:`Clustering`, whose number of clusters doesn't
        count; clusters are named by key words.
    n_clusters : iterable of int
        Such as ``range(2, 31)``.
    random_state : int or sequence of int
        Each seed makes fits of its own, of the same vectors and measured by the same samples.
    embedder : str, path, None, or a sequence of these
        See :class:`Clustering`; by default that of the request.
    service : TrainingService, optional
        By default the local service, which shares most of the work between the fits. Elsewhere
        each fit is a run with a model id of its own (``"support-k12"``), one after the other.
    budget_seconds : float, optional
        The sweep ends with the fits that are there when so many seconds were worked.
    budget_fits : int, optional
        At most so many fits.
    order : {"coarse to fine", "rising", "as given"}
        In which the numbers of clusters are tried. From coarse to fine a useful picture stands
        after the first few.
    max_runs_at_once : int
        Where each fit is a run, so many are in progress at most.

    Returns
    -------
    Sweep
        At once. Fits that an earlier sweep of the same data made are taken over.

    Raises
    ------
    RequestError
        Listing everything that is wrong.
    DataError
        If a data file is gone, or isn't what it was when the request was made.
    ServiceError
        If the service can't be reached or says no.

    Examples
    --------
    >>> from nbtrain.documents import Utterance
    >>> from nbtrain.files import write_intent_file
    >>> from nbtrain.testing import ScriptedService, training_script
    >>> texts = [Utterance(text) for text in ("my card", "a fee", "the fee", "lost card")]
    >>> data = write_intent_file(texts, getfixture("tmp_path") / "texts.json")
    >>> service = ScriptedService(training_script(epochs=2))
    >>> found = sweep(TrainingRequest("topics", data), [2, 3], service=service)
    >>> found.wait(timeout=30).state.value
    'succeeded'
    >>> found.frame()["n_clusters"].tolist(), service.requests[0].model_id
    ([2, 3], 'topics-k2')
    """
    plan = make_plan(
        request,
        n_clusters,
        random_state=random_state,
        embedder=embedder,
        budget_seconds=budget_seconds,
        budget_fits=budget_fits,
        order=order,
        max_runs_at_once=max_runs_at_once,
    )
    # A service may work in another folder, and fits are found again by these very words.
    plan = replace(plan, embedders=tuple(_located(embedder) for embedder in plan.embedders))
    check_unchanged(request.data, request.secondary_data)
    service = service if service is not None else default_service()
    host = _host(service)
    status = host.begin_sweep(request, plan)
    return Sweep(status.run_id, service, host, (request, plan))


def attach_sweep(sweep_id: str, service: TrainingService | None = None) -> Sweep:
    """Get hold of a sweep again, be it in progress or ended long ago.

    One that is so many runs, and was interrupted, goes on by this.

    Parameters
    ----------
    sweep_id : str
        Or, at the local service, a model id: then its newest sweep.
    service : TrainingService, optional
        Where it was begun; by default the local service.

    Raises
    ------
    RunNotFound
        If there is no such sweep.
    RequestError
        If it is so many runs, and another kernel is at it.
    """
    if not isinstance(sweep_id, str) or not sweep_id:
        raise RunNotFound(f"{sweep_id!r} is no sweep's id.")
    service = service if service is not None else default_service()
    host = _host(service)
    return Sweep(host.sweep_status(sweep_id).run_id, service, host)


def _located(embedder: str | None) -> str | None:
    """Give the embedder's place in full, if it is one."""
    place = Path(embedder or "").expanduser()
    return str(place.absolute()) if embedder is not None and place.exists() else embedder


def _host(service: TrainingService) -> SweepingService:
    if service.capabilities.sweep and isinstance(service, SweepingService):
        return service
    return RunSweeps(service)
