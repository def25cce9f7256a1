"""Knovvu's routes: token, training request, progress."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .._version import __version__
from ..errors import Problem, RequestError
from ..progress import EpochStats
from ..protocols.knovvu import (
    DATA_FILE,
    FIELDS,
    OLD_TRAIN_PATH,
    TOKEN_PATH,
    TRAIN_PATH,
    Json,
    TrainingForm,
    error_envelope,
    experiment,
    progress_path,
    progress_to_json,
    read_form,
    still_training_message,
    unquote,
)
from ..protocols.knovvu_inference import inference_path, published_name
from ..protocols.sweep_job import FIRST_FILE, fit_files, labels_file
from ..tasks import Clustering
from ..writing import write_atomically
from .inference import TENANT
from .pods import Pods, model_kind
from .storage import StoreThread
from .store import Store, StoredRun, Verdict
from .supervisor import DATA_FILES, Supervisor
from .sweep_store import find_sweep
from .tokens import TokenError, Tokens
from .training_parts import data_problems, few_documents, missing_parts
from .upload import Upload, receive_form, sync_folder

__all__ = ["Knovvu"]

_PROGRESS = progress_path("{model_id}")
_OLD_PROGRESS = _PROGRESS.replace(
    TRAIN_PATH.removesuffix("/train"), OLD_TRAIN_PATH.removesuffix("/train")
)
# The old paths are deprecated from 2025-01-01; a date in this header is written as RFC 9745 says.
_DEPRECATED = b"@1735689600"
_IDS = uuid5(NAMESPACE_URL, "nbtrain")


@dataclass(frozen=True, slots=True)
class Knovvu:
    """The vendor's calls, answered from the store."""

    tokens: Tokens
    db: StoreThread
    supervisor: Supervisor
    pods: Pods
    tenant: str = TENANT

    def routes(self) -> list[Route]:
        """Return the routes, the deprecated paths among them."""
        old = [Middleware(_Deprecated)]
        return [
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            Route(TRAIN_PATH, self.train, methods=["POST"]),
            Route(OLD_TRAIN_PATH, self.train, methods=["POST"], middleware=old),
            Route(_PROGRESS, self.progress, methods=["GET"]),
            Route(_OLD_PROGRESS, self.progress, methods=["GET"], middleware=old),
        ]

    async def token(self, request: Request) -> Response:
        """Give out an access token."""
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if content_type != "application/x-www-form-urlencoded":
                text = "Send the fields as application/x-www-form-urlencoded."
                raise TokenError("invalid_request", text)
            form = (await request.body()).decode("utf-8", "replace")
            answer = self.tokens.grant(form, request.headers.get("authorization"))
        except TokenError as error:
            if error.basic:
                headers["WWW-Authenticate"] = 'Basic realm="nbtrain"'
            body = {"error": error.error, "error_description": error.description}
            return JSONResponse(body, 401 if error.basic else 400, headers)
        return JSONResponse(answer, headers=headers)

    async def progress(self, request: Request) -> Response:
        """Say how far the newest training of a model is; asking publishes a trained model."""
        model_id = request.path_params["model_id"]
        run = await self.db(Store.newest_of_model, model_id)
        if run is None:
            raise HTTPException(404, f"There is no model with the ID {model_id}.")
        return JSONResponse(progress_to_json(run.status, self.pods.poll(run)))

    async def train(self, request: Request) -> Response:
        """Take a training request; when it is answered with 200 it is safe on disk."""
        run_id = str(uuid4())
        folder = self.supervisor.folder(run_id)
        kept = False
        try:
            await asyncio.to_thread(folder.mkdir)
            places = {name: folder / file for name, file in DATA_FILES.items()}
            upload = await receive_form(request, places)
            verdict, run = await self._decide(upload, run_id, folder)
            kept = verdict is Verdict.NEW
        finally:
            if not kept:
                shutil.rmtree(folder, ignore_errors=True)
        if verdict is Verdict.BUSY:
            message = still_training_message(run.status.model_id)
            return JSONResponse(error_envelope(message), 202)
        if verdict is Verdict.TRAINED:
            self.pods.redeploy(run)
        self.supervisor.wake()
        epochs = await self.db(Store.epochs, run.status.run_id)
        name = published_name(self.tenant, run.status.model_id)
        path = inference_path(name, model_kind(run))
        endpoints = (
            [str(request.url.replace(path=path, query=""))] if verdict is Verdict.TRAINED else []
        )
        return JSONResponse(_experiment(run, endpoints, epochs))

    async def _decide(self, upload: Upload, run_id: str, folder: Path) -> tuple[Verdict, StoredRun]:
        problems = list(upload.problems)
        form: TrainingForm | None = None
        try:
            form = read_form(upload.fields)
        except RequestError as error:
            problems += error.problems
        problems += missing_parts(upload)
        if form is not None and not problems:
            # Before the data are looked at, which may take a while.
            verdict, run = await self.db(Store.submit, form.model_id, force_train=form.force_train)
            if run is not None:
                return verdict, run
        found, hashes = await data_problems(upload, partial(_count_problems, form))
        problems += found
        if form is not None and form.sweep_fit is not None and not problems:
            problems += await self._take_first(form, hashes.get(DATA_FILE, ""), folder)
        if problems or form is None:
            raise RequestError("Your request is not valid.", problems)
        await asyncio.to_thread(_sync, folder)
        fields = {name: upload.fields[name] for name in FIELDS.values() if name in upload.fields}
        verdict, run = await self.db(
            Store.submit,
            form.model_id,
            force_train=form.force_train,
            run_id=run_id,
            fields=fields,
            sha256=hashes.get(DATA_FILE, ""),
        )
        assert run is not None
        return verdict, run

    async def _take_first(self, form: TrainingForm, sha256: str, folder: Path) -> list[Problem]:
        """Put the labels of a sweep's fit, at which training is to begin, into its folder."""
        assert form.sweep_fit is not None
        sweep_id, number = form.sweep_fit
        sweep = await self.db(find_sweep, sweep_id)
        source = self.supervisor.folder(sweep_id)
        n_clusters = form.task.n_clusters if isinstance(form.task, Clustering) else None
        if sweep is None or sweep.sha256 != sha256:
            return [Problem("sweepFit", "names no sweep of these data")]
        if await asyncio.to_thread(_fit_count, source, number) != n_clusters:
            return [Problem("sweepFit", "names no fit of so many clusters")]
        await asyncio.to_thread(_copy_synced, labels_file(source, number), folder / FIRST_FILE)
        return []


def _count_problems(form: TrainingForm | None, documents: int) -> list[Problem]:
    if few := few_documents(form.task if form is not None else None, documents):
        return few
    found = form.task.problems(documents) if form is not None else []
    return [replace(problem, where=FIELDS[problem.where]) for problem in found]


def _fit_count(folder: Path, number: int) -> int | None:
    found = next(fit_files(folder, number - 1), None) if number else None
    return found[1]["n_clusters"] if found and found[1]["state"] == "succeeded" else None


def _copy_synced(source: Path, target: Path) -> None:
    with write_atomically(target) as file:
        file.write(source.read_bytes())


def _sync(folder: Path) -> None:
    sync_folder(folder)
    sync_folder(folder.parent)


def _experiment(run: StoredRun, endpoints: list[str], epochs: list[EpochStats]) -> Json:
    fields: Mapping[str, str] = {name: unquote(value) for name, value in run.fields.items()}
    return experiment(
        run.status,
        product_name=fields["productName"],
        fields=fields,
        ids={
            "project": _uuid("project", fields["productName"]),
            "module_version": _uuid("cluster", __version__),
            "dataset": _uuid("dataset", run.sha256),
        },
        creation_time=datetime.fromtimestamp(run.created, UTC).isoformat(),
        endpoints=endpoints,
        epochs=epochs,
    )


def _uuid(kind: str, name: str) -> str:
    return str(uuid5(_IDS, f"{kind}/{name}"))


class _Deprecated:
    """Marks the answers of the old paths."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"deprecation", _DEPRECATED)]
            await send(message)

        await self._app(scope, receive, send_marked)
