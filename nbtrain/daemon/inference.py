"""Knovvu's routes about trained models: modules, readiness, inference."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import Problem, RequestError
from ..protocols.knovvu import error_envelope, unquote
from ..protocols.knovvu_inference import (
    MODULES_PATH,
    ModelKind,
    inference_path,
    inference_request_to_json,
    modules_to_json,
    published_name,
    read_inference_request,
    ready_path,
)
from ..training import CLASSIFICATION_LANGUAGES, LANGUAGES
from .pods import PodFailed, Pods, PodUnavailable
from .storage import StoreThread
from .store import Store, StoredRun

__all__ = ["TENANT", "Inference", "json_body", "result_of"]

TENANT = "local"

_NEEDED = ("numpy", "scipy")
_LANGUAGES = {
    ModelKind.CLUSTERING: frozenset(LANGUAGES),
    ModelKind.CLASSIFICATION: frozenset(CLASSIFICATION_LANGUAGES),
}
_KNOWN_LANGUAGES = frozenset().union(*_LANGUAGES.values())


@dataclass(frozen=True, slots=True)
class Inference:
    """What models need, whether they answer, and their answers.

    Parameters
    ----------
    db : StoreThread
    pods : Pods
    tenant : str
        The first part of the name under which models are published.
    """

    db: StoreThread
    pods: Pods
    tenant: str = TENANT

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(MODULES_PATH, self.modules, methods=["GET"]),
            Route(ready_path("{model_id}"), self.ready, methods=["GET"]),
            Route(inference_path("{published}", "{kind}"), self.infer, methods=["POST"]),
        ]

    async def modules(self, request: Request) -> Response:
        """Say whether all is there that training in a language needs."""
        language = unquote(request.query_params.get("languageCode", ""))
        if language and language not in _KNOWN_LANGUAGES:
            fix = f"Known: {', '.join(sorted(_KNOWN_LANGUAGES))}."
            problem = Problem("languageCode", f"is {language[:40]!r}", fix)
            raise RequestError("Your request is not valid.", [problem])
        kinds = [kind for kind in _LANGUAGES if not language or language in _LANGUAGES[kind]]
        installed = all(find_spec(name) is not None for name in _NEEDED)
        return JSONResponse(modules_to_json(dict.fromkeys(kinds, installed)))

    async def ready(self, request: Request) -> Response:
        """Say whether a model's pod answers."""
        model_id = request.path_params["model_id"]
        if await self.db(Store.newest_of_model, model_id) is None:
            raise HTTPException(404, f"There is no model with the ID {model_id}.")
        return JSONResponse(self.pods.is_ready(model_id))

    async def infer(self, request: Request) -> Response:
        """Let a published model label texts."""
        run = await self._find(request)
        wanted = read_inference_request(await json_body(request), _KNOWN_LANGUAGES)
        line = await asyncio.to_thread(json.dumps, inference_request_to_json(wanted))
        try:
            entries = await self.pods.infer(run.model_id, line, len(wanted.texts))
        except PodUnavailable as error:
            return JSONResponse(error_envelope(str(error)), 503)
        except PodFailed as error:
            return JSONResponse(error_envelope(str(error)), 500)
        return result_of(entries)

    async def _find(self, request: Request) -> StoredRun:
        published, kind = request.path_params["published"], request.path_params["kind"]
        prefix = published_name(self.tenant, "")
        run = None
        if published.startswith(prefix):
            run = await self.db(Store.newest_of_model, published.removeprefix(prefix))
        if run is None:
            text = f"No model is published as {published}; the name is {prefix} and the model ID."
            raise HTTPException(404, text)
        known = self.pods.kind(run)
        if kind != known:
            path = inference_path(published, known)
            raise HTTPException(404, f"{published} is no model for {kind}; it answers at {path}.")
        return run


def result_of(entries: Iterable[bytes]) -> Response:
    """Put the lines of a pod together to the answer of an inference, without reading them."""
    body = b'{"result": [' + b", ".join(entry.rstrip() for entry in entries) + b"]}"
    return Response(body, media_type="application/json")


async def json_body(request: Request) -> object:
    """Read the body of a request as JSON.

    Raises
    ------
    HTTPException
        If the content type is another one.
    RequestError
        If it is none.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise HTTPException(415, "Send the request as application/json.")
    body = await request.body()
    try:
        data: object = await asyncio.to_thread(json.loads, body)
    except (ValueError, RecursionError) as error:
        problem = Problem("body", "is not valid JSON")
        raise RequestError("Your request is not valid.", [problem]) from error
    return data
