"""The routes that no vendor has: ``/nbtrain/v1``."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from .._version import __version__
from ..errors import Problem, RequestError
from ..progress import RunState
from ..protocols.job import RESULT_FILE
from ..protocols.knovvu_inference import (
    OUT_OF_DOMAIN,
    InferenceRequest,
    inference_request_to_json,
)
from ..protocols.local import (
    PREFIX,
    Json,
    epoch_to_json,
    read_predictions_request,
    status_to_json,
)
from .inference import json_body, result_of
from .model_store import EINSTEIN, find_model
from .pods import PodFailed, Pods, PodUnavailable
from .storage import StoreThread
from .store import Store, StoredRun
from .supervisor import Supervisor
from .sweep_store import SWEEP

__all__ = ["Local"]

_RUN = f"{PREFIX}/runs/{{id}}"


@dataclass(frozen=True, slots=True)
class Local:
    """Health, runs, epochs, results, cancelling, predictions for many texts at once.

    ``{id}`` is a run id, a model id, or the name of an Einstein model.
    """

    db: StoreThread
    supervisor: Supervisor
    pods: Pods

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(f"{PREFIX}/health", self.health, methods=["GET"]),
            Route(f"{PREFIX}/runs", self.runs, methods=["GET"]),
            Route(_RUN, self.run, methods=["GET"]),
            Route(f"{_RUN}/epochs", self.epochs, methods=["GET"]),
            Route(f"{_RUN}/result", self.result, methods=["GET"]),
            Route(f"{_RUN}/cancel", self.cancel, methods=["POST"]),
            Route(f"{_RUN}/predictions", self.predictions, methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        """Say who is there."""
        active = await self.db(Store.active_runs)
        return JSONResponse({"version": __version__, "pid": os.getpid(), "active_runs": active})

    async def runs(self, request: Request) -> Response:
        """List all runs, newest first."""
        runs = [run for run in await self.db(Store.runs) if run.protocol != SWEEP]
        return JSONResponse({"runs": [_to_json(run) for run in runs]})

    async def run(self, request: Request) -> Response:
        """Give one run's status."""
        return JSONResponse(_to_json(await self._find(request)))

    async def epochs(self, request: Request) -> Response:
        """Give one run's epochs above a number."""
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= 9):
            problem = Problem("after", f"is {after[:40]!r}")
            raise RequestError("after must be a whole number, 0 or more.", [problem])
        run = await self._find(request)
        epochs = await self.db(Store.epochs, run.status.run_id, int(after))
        return JSONResponse({"epochs": [epoch_to_json(stats) for stats in epochs]})

    async def result(self, request: Request) -> Response:
        """Give the result of a run that succeeded."""
        status = _succeeded(await self._find(request)).status
        path = self.supervisor.folder(status.run_id) / RESULT_FILE
        if not path.is_file():
            raise HTTPException(410, "The result file of this run is not there any more.")
        return FileResponse(path, media_type="application/json")

    async def cancel(self, request: Request) -> Response:
        """Cancel a run; when this is answered its process is gone."""
        found = await self._find(request)
        run = await self.supervisor.cancel(found.status.run_id)
        if run is None:
            raise _unknown(request)
        return JSONResponse(_to_json(run))

    async def predictions(self, request: Request) -> Response:
        """Let the model of a run that succeeded label texts.

        The answer is that of inference, and says which texts are out of domain, too. Until a model
        that is trained again has succeeded, it answers by what it was before.
        """
        run = await self._find(request)
        if run.protocol == EINSTEIN and run.status.state is not RunState.SUCCEEDED:
            model = await self.db(find_model, run.model_id)
            run = model.trained if model is not None and model.trained is not None else run
        run = _succeeded(run)
        texts, top_n = read_predictions_request(await json_body(request))
        wanted = InferenceRequest(tuple(texts), top_n)
        asked = inference_request_to_json(wanted) | {OUT_OF_DOMAIN: True}
        line = await asyncio.to_thread(json.dumps, asked)
        try:
            entries = await self.pods.answer(run, line, len(texts))
        except PodUnavailable as error:
            raise HTTPException(503, str(error)) from error
        except PodFailed as error:
            raise HTTPException(500, str(error)) from error
        return result_of(entries)

    async def _find(self, request: Request) -> StoredRun:
        run = await self.db(Store.find, request.path_params["id"])
        if run is None or run.protocol == SWEEP:
            raise _unknown(request)
        return run


def _succeeded(run: StoredRun) -> StoredRun:
    status = run.status
    if not status.state.ended:
        raise HTTPException(409, f"The run is still {status.state.value}; wait for its end.")
    if status.state is not RunState.SUCCEEDED:
        raise HTTPException(410, status.message or f"The run was {status.state.value}.")
    return run


def _unknown(request: Request) -> HTTPException:
    return HTTPException(404, f"There is no run or model with the ID {request.path_params['id']}.")


def _to_json(run: StoredRun) -> Json:
    created = datetime.fromtimestamp(run.created, UTC).isoformat(timespec="milliseconds")
    data = {**status_to_json(run.status), "created": created, "protocol": run.protocol}
    return data | ({"einstein_model_id": run.model_id} if run.protocol == EINSTEIN else {})
