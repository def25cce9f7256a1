"""The routes that no vendor has: ``/nbtrain/v1``."""

from __future__ import annotations

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
from ..protocols.local import PREFIX, Json, epoch_to_json, status_to_json
from .storage import StoreThread
from .store import Store, StoredRun
from .supervisor import Supervisor

__all__ = ["Local"]

_RUN = f"{PREFIX}/runs/{{id}}"


@dataclass(frozen=True, slots=True)
class Local:
    """Health, runs, epochs, results, cancelling. ``{id}`` is a run id or a model id."""

    db: StoreThread
    supervisor: Supervisor

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(f"{PREFIX}/health", self.health, methods=["GET"]),
            Route(f"{PREFIX}/runs", self.runs, methods=["GET"]),
            Route(_RUN, self.run, methods=["GET"]),
            Route(f"{_RUN}/epochs", self.epochs, methods=["GET"]),
            Route(f"{_RUN}/result", self.result, methods=["GET"]),
            Route(f"{_RUN}/cancel", self.cancel, methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        """Say who is there."""
        active = await self.db(Store.active_runs)
        return JSONResponse({"version": __version__, "pid": os.getpid(), "active_runs": active})

    async def runs(self, request: Request) -> Response:
        """List all runs, newest first."""
        return JSONResponse({"runs": [_to_json(run) for run in await self.db(Store.runs)]})

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
        status = (await self._find(request)).status
        if not status.state.ended:
            raise HTTPException(409, f"The run is still {status.state.value}; wait for its end.")
        if status.state is not RunState.SUCCEEDED:
            reason = status.message or f"The run was {status.state.value}."
            raise HTTPException(410, reason)
        path = self.supervisor.folder(status.run_id) / RESULT_FILE
        if not path.is_file():
            raise HTTPException(410, "The result file of this run is not there any more.")
        return FileResponse(path, media_type="application/json")

    async def cancel(self, request: Request) -> Response:
        """Cancel a run; when this is answered its process is gone."""
        run = await self.supervisor.cancel(request.path_params["id"])
        if run is None:
            raise _unknown(request)
        return JSONResponse(_to_json(run))

    async def _find(self, request: Request) -> StoredRun:
        run = await self.db(Store.find, request.path_params["id"])
        if run is None:
            raise _unknown(request)
        return run


def _unknown(request: Request) -> HTTPException:
    return HTTPException(404, f"There is no run or model with the ID {request.path_params['id']}.")


def _to_json(run: StoredRun) -> Json:
    created = datetime.fromtimestamp(run.created, UTC).isoformat(timespec="milliseconds")
    return {**status_to_json(run.status), "created": created}
