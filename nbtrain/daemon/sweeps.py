"""The routes of sweeps: ``/nbtrain/v1/sweeps``."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from ..errors import Problem, RequestError
from ..protocols.knovvu import DATA_FILE, FIELDS, SECONDARY_DATA_FILE
from ..protocols.local import status_to_json
from ..protocols.sweep_job import (
    CHOICE_FILE,
    DOCUMENTS_FILE,
    MAP_FILE,
    OUTLINE_FILE,
    PREVIEW_FILE,
    STRUCTURE_FILE,
    fit_files,
    labels_file,
)
from ..protocols.sweeps import (
    LONGEST_FIELD,
    SWEEP_FIELDS,
    SWEEPS_PATH,
    Json,
    SweepForm,
    choice_to_json,
    form_from_fields,
    labels_to_json,
    plan_to_json,
    read_choice_request,
    sweep_problems,
)
from ..sweep_results import Choice
from ..writing import write_atomically
from .inference import json_body
from .storage import StoreThread
from .store import StoredRun
from .supervisor import DATA_FILES, Supervisor
from .sweep_store import add_sweep, find_sweep, model_id_of, sweeps
from .training_parts import data_problems, few_documents, missing_parts
from .upload import Upload, receive_form, sync_folder

__all__ = ["Sweeps"]

_SWEEP = f"{SWEEPS_PATH}/{{id}}"
_KEPT = {*FIELDS.values(), *SWEEP_FIELDS.values()}
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sweeps:
    """Sweeps over numbers of clusters: asked for, followed, cancelled, and what they found."""

    db: StoreThread
    supervisor: Supervisor

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(SWEEPS_PATH, self.add, methods=["POST"]),
            Route(SWEEPS_PATH, self.list, methods=["GET"]),
            Route(_SWEEP, self.sweep, methods=["GET"]),
            Route(f"{_SWEEP}/fits", self.fits, methods=["GET"]),
            Route(f"{_SWEEP}/outline", self.outline, methods=["GET"]),
            Route(f"{_SWEEP}/documents", self.documents, methods=["GET"]),
            Route(f"{_SWEEP}/labels/{{number}}", self.labels, methods=["GET"]),
            Route(f"{_SWEEP}/map", self.map, methods=["GET"]),
            Route(f"{_SWEEP}/cancel", self.cancel, methods=["POST"]),
            Route(f"{_SWEEP}/choice", self.choose, methods=["POST"]),
        ]

    async def add(self, request: Request) -> Response:
        """Take a request for a sweep; when it is answered it is safe on disk."""
        sweep_id = str(uuid4())
        folder = self.supervisor.folder(sweep_id)
        kept = False
        try:
            await asyncio.to_thread(folder.mkdir)
            places = {name: folder / file for name, file in DATA_FILES.items()}
            upload = await receive_form(request, places, longest_value=LONGEST_FIELD)
            run = await self._add(upload, sweep_id, folder)
            kept = True
        finally:
            if not kept:
                shutil.rmtree(folder, ignore_errors=True)
        self.supervisor.wake()
        return JSONResponse(self._to_json(run))

    async def _add(self, upload: Upload, sweep_id: str, folder: Path) -> StoredRun:
        problems = list(upload.problems)
        form: SweepForm | None = None
        try:
            form = form_from_fields(upload.fields)
        except RequestError as error:
            problems += error.problems
        problems += missing_parts(upload)
        found, hashes = await data_problems(upload, partial(_count_problems, form))
        problems += found
        if problems or form is None:
            raise RequestError("Your request is not valid.", problems)
        await asyncio.to_thread(_sync, folder)
        fields = {name: value for name, value in upload.fields.items() if name in _KEPT}
        fields["secondarySha256"] = hashes.get(SECONDARY_DATA_FILE, "")
        return await self.db(
            add_sweep, run_id=sweep_id, fields=fields, sha256=hashes.get(DATA_FILE, "")
        )

    async def list(self, request: Request) -> Response:
        """List all sweeps, newest first."""
        found = await self.db(sweeps)
        return JSONResponse({"sweeps": [_status_json(run) for run in found]})

    async def sweep(self, request: Request) -> Response:
        """Give one sweep's status, and what it was asked for."""
        return JSONResponse(self._to_json(await self._find(request)))

    async def fits(self, request: Request) -> Response:
        """Give the fits above a number."""
        after = request.query_params.get("after", "0")
        if not _is_number(after):
            problem = Problem("after", f"is {after[:40]!r}")
            raise RequestError("after must be a whole number, 0 or more.", [problem])
        folder = await self._folder(request)
        return JSONResponse({"fits": await asyncio.to_thread(_fits, folder, int(after))})

    async def outline(self, request: Request) -> Response:
        """Give the fits of the outline; none before it is drawn."""
        folder = await self._folder(request)
        told = await asyncio.to_thread(_read_json, folder / OUTLINE_FILE)
        return JSONResponse({"fits": told or []})

    async def documents(self, request: Request) -> Response:
        """Give the documents, in the order of the labels."""
        path = await self._folder(request) / DOCUMENTS_FILE
        if not path.is_file():
            raise HTTPException(409, "The sweep has not read its data yet.")
        return FileResponse(path, media_type="application/json")

    async def labels(self, request: Request) -> Response:
        """Give the labels of a fit."""
        number = request.path_params["number"]
        missing = f"There are no labels of a fit {number[:40]}."
        folder = await self._folder(request)
        if not _is_number(number):
            raise HTTPException(404, missing)
        return await _array(labels_file(folder, int(number)), missing)

    async def map(self, request: Request) -> Response:
        """Give the positions of the documents."""
        path = await self._folder(request) / MAP_FILE
        return await _array(path, "This sweep has made no map.")

    async def cancel(self, request: Request) -> Response:
        """Cancel a sweep; when this is answered its process is gone, and its fits stay."""
        found = await self._find(request)
        run = await self.supervisor.cancel(found.status.run_id)
        return JSONResponse(self._to_json(run or found))

    async def choose(self, request: Request) -> Response:
        """Note which number of clusters the user took, and why."""
        folder = await self._folder(request)
        n_clusters, reason = read_choice_request(await json_body(request))
        if n_clusters not in await asyncio.to_thread(_counts, folder):
            problem = Problem("n_clusters", f"is {n_clusters:,}, of which there is no fit")
            raise RequestError("Your request is not valid.", [problem])
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        told = choice_to_json(Choice(n_clusters, reason, now))
        await asyncio.to_thread(_write_choice, folder / CHOICE_FILE, told)
        return JSONResponse(told)

    async def _find(self, request: Request) -> StoredRun:
        sweep_id = request.path_params["id"]
        run = await self.db(find_sweep, sweep_id)
        if run is None:
            raise HTTPException(404, f"There is no sweep with the ID {sweep_id}.")
        return run

    async def _folder(self, request: Request) -> Path:
        return self.supervisor.folder((await self._find(request)).status.run_id)

    def _to_json(self, run: StoredRun) -> Json:
        form = form_from_fields(run.fields)
        folder = self.supervisor.folder(run.status.run_id)
        secondary = form.secondary_schema
        return _status_json(run) | {
            "plan": plan_to_json(form.plan),
            "language": form.language,
            "schema": form.schema.value,
            "secondary_schema": secondary.value if secondary else None,
            "turns": form.task.turns,
            "unit": form.task.unit,
            "data": str(folder / DATA_FILES[DATA_FILE]),
            "secondary_data": str(folder / DATA_FILES[SECONDARY_DATA_FILE]) if secondary else None,
            "choice": _read_json(folder / CHOICE_FILE),
            "preview": _read_json(folder / PREVIEW_FILE) or [],
            "structure": _read_json(folder / STRUCTURE_FILE),
        }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _status_json(run: StoredRun) -> Json:
    created = datetime.fromtimestamp(run.created, UTC).isoformat(timespec="milliseconds")
    status = replace(run.status, model_id=model_id_of(run))
    return {**status_to_json(status), "created": created}


def _count_problems(form: SweepForm | None, documents: int) -> list[Problem]:
    few = few_documents(form.task if form is not None else None, documents)
    if few or form is None:
        return few
    by_document = form.task.unit == "dialogue"
    return sweep_problems(form.plan, documents if by_document else None)


def _fits(folder: Path, after: int) -> list[Json]:
    found: list[Json] = []
    for number, fit in fit_files(folder, after):
        found.append({"number": number, **fit})
        if len(found) == _MOST_AT_ONCE:
            break
    return found


def _counts(folder: Path) -> set[int]:
    return {fit["n_clusters"] for _, fit in fit_files(folder) if fit["state"] == "succeeded"}


def _write_choice(path: Path, choice: Json) -> None:
    with write_atomically(path) as file:
        file.write(json.dumps(choice).encode())
    sync_folder(path.parent)


async def _array(path: Path, missing: str) -> Response:
    read: Callable[[], bytes] = path.read_bytes
    try:
        data = await asyncio.to_thread(read)
    except FileNotFoundError:
        raise HTTPException(404, missing) from None
    return JSONResponse(labels_to_json(data))


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _sync(folder: Path) -> None:
    sync_folder(folder)
    sync_folder(folder.parent)
