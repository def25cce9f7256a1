"""The web application: routes put together, and every error in the form of its protocol."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ..errors import Problem, RequestError
from ..protocols import einstein_access
from ..protocols.einstein_predictions import UNLIMITED
from ..protocols.knovvu import error_envelope
from .data_check import CheckFailed
from .einstein.assertions import Assertions
from .einstein.built_in_models import BuiltInModels
from .einstein.datasets import EinsteinDatasets
from .einstein.examples import EinsteinExamples
from .einstein.forms import EinsteinError
from .einstein.loading import Loading
from .einstein.models import EinsteinModels
from .einstein.predictions import EinsteinPredictions
from .einstein.tokens import EinsteinTokens
from .einstein.training import EinsteinTraining
from .einstein.usage import EinsteinUsage
from .einstein.vision import vision_routes
from .guard import Guard
from .inference import Inference
from .knovvu import Knovvu
from .llm import LanguageModels
from .llm_settings import LLMStore
from .local import Local
from .namer import Namer
from .pods import Pods
from .storage import StoreThread, storage_trouble
from .supervisor import Supervisor
from .sweeps import Sweeps
from .tokens import Tokens

__all__ = ["make_app"]

log = logging.getLogger("nbtrain.daemon")


def make_app(
    tokens: Tokens,
    db: StoreThread,
    supervisor: Supervisor,
    pods: Pods,
    llm: LLMStore,
    namer: Namer,
    assertions: Assertions,
    loading: Loading,
    *,
    tenant: str,
    max_upload: int,
    token_for_inference: bool,
    prediction_limit: int = UNLIMITED,
) -> Guard:
    """Put the application together."""
    built_in = BuiltInModels(db, supervisor)
    app = Starlette(
        routes=[
            *Knovvu(tokens, db, supervisor, pods, tenant).routes(),
            *Inference(db, pods, tenant).routes(),
            *Local(db, supervisor, pods).routes(),
            *Sweeps(db, supervisor).routes(),
            *LanguageModels(db, supervisor, pods, llm, namer).routes(),
            *EinsteinTokens(tokens, assertions).routes(),
            *EinsteinDatasets(db, loading).routes(),
            *EinsteinExamples(db).routes(),
            *EinsteinTraining(db, supervisor).routes(),
            *EinsteinModels(db, supervisor, pods).routes(),
            *EinsteinPredictions(db, pods, prediction_limit, built_in).routes(),
            *EinsteinUsage(db, prediction_limit).routes(),
            *vision_routes(),
        ],
        exception_handlers={
            HTTPException: _http_error,
            EinsteinError: _einstein_error,
            RequestError: _bad_request,
            CheckFailed: _check_failed,
            ClientDisconnect: _gone,
            OSError: _storage_error,
            sqlite3.Error: _storage_error,
            Exception: _mistake,
        },
    )
    app.router.redirect_slashes = False
    return Guard(app, tokens, max_upload=max_upload, token_for_inference=token_for_inference)


def _answer(
    request: Request,
    status: int,
    message: str,
    problems: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    if einstein_access.is_einstein(request.url.path):
        # Einstein knows neither 413 nor 415: all that is wrong with a request is 400.
        status = 400 if status in (413, 415) else status
        return JSONResponse(einstein_access.error_body(message, problems), status, headers)
    return JSONResponse(error_envelope(message, problems), status, headers)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = error.detail
    if message == HTTPStatus(error.status_code).phrase:
        message = {
            404: f"There is nothing at {request.url.path}.",
            405: f"{request.method} is not possible at {request.url.path}.",
        }.get(error.status_code, message)
    return _answer(request, error.status_code, message, headers=error.headers)


async def _einstein_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, EinsteinError)
    return _answer(request, error.status, error.message, headers=error.headers)


async def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return _answer(request, 400, error.summary, error.problems)


async def _check_failed(request: Request, error: Exception) -> Response:
    return _answer(request, 500, str(error))


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)


async def _storage_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError | sqlite3.Error)
    log.error("state folder: %s", error)
    status, message = storage_trouble(error)
    return _answer(request, status, message)


async def _mistake(request: Request, error: Exception) -> Response:
    text = "The service made a mistake; its log in the state folder says more."
    # The server hangs up after a mistake; a client that kept the connection would be cut off.
    return _answer(request, 500, text, headers={"Connection": "close"})
