"""The routes about language models: the vendor's settings call, and names of a run's clusters."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..documents import DataSchema
from ..errors import Problem, RequestError
from ..naming import preview
from ..progress import RunState
from ..protocols.job import RESULT_FILE
from ..protocols.knovvu import DATA_FILE, SECONDARY_DATA_FILE, read_form
from ..protocols.knovvu_llm import LLM_PATH, masked, settings_from_json, settings_to_json
from ..protocols.local import PREFIX
from ..protocols.naming import NAMES_FILE, NamesRequest, Naming, NamingJob, preview_to_json
from .llm_settings import LLMStore
from .namer import Namer
from .pods import Pods
from .storage import StoreThread
from .store import Store, StoredRun
from .supervisor import DATA_FILES, Supervisor
from .sweep_store import SWEEP

__all__ = ["LanguageModels"]

_NAMES = f"{PREFIX}/runs/{{id}}/names"


@dataclass(frozen=True, slots=True)
class LanguageModels:
    """Settings, previews, naming again, the audit. ``{id}`` is a run id or a model id."""

    db: StoreThread
    supervisor: Supervisor
    pods: Pods
    settings: LLMStore
    namer: Namer

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(LLM_PATH, self.configure, methods=["POST"]),
            Route(_NAMES, self.names, methods=["GET"]),
            Route(_NAMES, self.name, methods=["POST"]),
        ]

    async def configure(self, request: Request) -> Response:
        """Store settings; the answer hides every key."""
        product, settings = settings_from_json(await _json(request))
        body = settings_to_json(settings, product_name=product, with_own_fields=True)
        answer = JSONResponse(masked(body), headers={"Cache-Control": "no-store"})
        self.settings.put(product, settings)
        return answer

    async def names(self, request: Request) -> Response:
        """Say how naming goes; with ``audit=true`` what was sent for each name, and its outcome."""
        run = await self._find(request)
        state = self.namer.state(run.status.run_id)
        answer: dict[str, Any] = {"state": "idle", "fraction": 0.0, "message": ""}
        if state is not None:
            answer = asdict(state)
        if request.query_params.get("audit", "").lower() == "true":
            path = self.supervisor.folder(run.status.run_id) / NAMES_FILE
            answer |= await asyncio.to_thread(_audit, path)
        return JSONResponse(answer)

    async def name(self, request: Request) -> Response:
        """Name clusters again, or with ``dry_run`` only show what would be asked."""
        asked = NamesRequest.from_json(await _json(request))
        run = await self._find(request)
        job = self._job(run, asked)
        if asked.dry_run:
            try:
                prompts = await self.namer.preview(job)
            except ValueError as error:
                raise HTTPException(400, str(error)) from None
            return JSONResponse(preview_to_json(preview(prompts, job.naming.settings)))
        settings = job.naming.settings
        if settings is None:
            text = "No LLM provider is configured for this service; send its settings first."
            raise HTTPException(409, text)
        if asked.options.max_cost is not None and settings.cost(0, 0) is None:
            what = "can't be kept to without prices in the LLM settings"
            raise RequestError("Your request is not valid.", [Problem("max_cost", what)])
        if not self.namer.start(run.status.run_id, job, lambda: self.pods.renew(run)):
            raise HTTPException(409, "The clusters of this run are being named already.")
        return JSONResponse({"state": "running", "fraction": 0.0, "message": ""}, 202)

    def _job(self, run: StoredRun, asked: NamesRequest) -> NamingJob:
        form = read_form(run.fields)
        folder = self.supervisor.folder(run.status.run_id)
        if not (folder / RESULT_FILE).is_file():
            raise HTTPException(410, "The result file of this run is not there any more.")
        naming = self.settings.naming(form.product_name, asked.options, asked=True)
        labelled = None
        if form.secondary_schema is not None:
            labelled = folder / DATA_FILES[SECONDARY_DATA_FILE]
        elif form.schema is DataSchema.INTENT:
            labelled = folder / DATA_FILES[DATA_FILE]
        return NamingJob(
            folder=folder,
            language=form.language,
            naming=naming or Naming(None, asked.options),
            clusters=asked.clusters,
            dry_run=asked.dry_run,
            labelled=labelled,
            keep_names=form.schema is DataSchema.UTTERANCE,
        )

    async def _find(self, request: Request) -> StoredRun:
        run_id = request.path_params["id"]
        run = await self.db(Store.find, run_id)
        if run is None or run.protocol == SWEEP:
            raise HTTPException(404, f"There is no run or model with the ID {run_id}.")
        state = run.status.state
        if not state.ended:
            raise HTTPException(409, f"The run is still {state.value}; wait for its end.")
        if state is not RunState.SUCCEEDED:
            raise HTTPException(410, run.status.message or f"The run was {state.value}.")
        return run


async def _json(request: Request) -> object:
    try:
        data: object = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        problem = Problem("body", "is not valid JSON")
        raise RequestError("Your request is not valid.", [problem]) from error
    return data


def _audit(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {"names": []}
    return {"names": found["names"]}
