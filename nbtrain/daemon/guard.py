"""What stands before every route: who may ask, from where, and how much may be sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..protocols import einstein_access as einstein
from ..protocols.knovvu import OLD_TRAIN_PATH, TOKEN_PATH, TRAIN_PATH, error_envelope
from ..protocols.local import PREFIX
from ..protocols.sweeps import SWEEPS_PATH
from .tokens import Tokens

__all__ = ["Guard"]

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SMALL_BODY = 64 * 1024
_TEXTS_BODY = 4 * 1024 * 1024
_EINSTEIN_BODY = 2 * 1024 * 1024
# Larger than a file may be: a client that has sent all gets to read why it is refused.
_EINSTEIN_UPLOAD = 2 * einstein.FILE_BYTES
_PUBLISHED = "/published/"


class Guard:
    """ASGI middleware: loopback Host and Origin only, bearer token, limited body.

    The Host rule stops a web page that points its own name at 127.0.0.1 (DNS rebinding), the
    Origin rule stops scripts of foreign pages. Only the token endpoints do without a token, and
    Knovvu's inference, as the vendor's samples of it carry none; a wrong one is refused there, too.
    The paths of Einstein Language lose needless slashes and spaces, which some clients send.

    Parameters
    ----------
    app : ASGIApp
    tokens : Tokens
    max_upload : int
        Bytes in the body of a request to train or to sweep; other bodies are small.
    token_for_inference : bool
        Whether inference wants a token.
    clock : callable
        Seconds that only grow.

    Attributes
    ----------
    app : ASGIApp
        What stands behind it.
    in_flight : int
        Requests being answered.
    last_request : float
        When one was answered last, by the clock.
    """

    def __init__(
        self,
        app: ASGIApp,
        tokens: Tokens,
        *,
        max_upload: int,
        token_for_inference: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self._tokens = tokens
        self._max_upload = max_upload
        self._token_for_inference = token_for_inference
        self._clock = clock
        self.in_flight = 0
        self.last_request = clock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = einstein.normal_path(scope["path"])
        if einstein.is_einstein(path):
            scope = {**scope, "path": path}
        headers = Headers(scope=scope)
        limit = self._limit(scope["path"])
        refusal = self._refusal(scope, headers, limit)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        self.in_flight += 1
        try:
            await self.app(scope, _Body(receive, limit).receive, send)
        finally:
            self.in_flight -= 1
            self.last_request = self._clock()

    def _refusal(self, scope: Scope, headers: Headers, limit: int) -> JSONResponse | None:
        path = scope["path"]
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not _is_loopback(f"//{hosts[0]}"):
            text = "The Host header must name this machine: 127.0.0.1 or localhost."
            return _answer(path, 403, text)
        if not all(map(_is_loopback, headers.getlist("origin"))):
            return _answer(path, 403, "Requests of web pages from other hosts are refused.")
        if self._wants_token(path, headers):
            scheme, _, token = headers.get("authorization", "").strip().partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                text = f"Get a token at {TOKEN_PATH} first."
                return _answer(path, 401, text, einstein.INVALID_SCHEME, "Bearer")
            if not self._tokens.is_valid(token.strip()):
                text = "The access token is unknown or has expired."
                challenge = 'Bearer error="invalid_token"'
                return _answer(path, 401, text, einstein.INVALID_TOKEN, challenge)
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > limit:
            return _answer(path, 400 if einstein.is_einstein(path) else 413, _too_large(limit))
        return None

    def _limit(self, path: str) -> int:
        if path in (TRAIN_PATH, OLD_TRAIN_PATH, SWEEPS_PATH):
            return self._max_upload
        if einstein.is_einstein(path):
            is_upload = path.endswith(("/upload", "/upload/sync"))
            return _EINSTEIN_UPLOAD if is_upload else _EINSTEIN_BODY
        takes_texts = path.startswith(_PUBLISHED) or (
            path.startswith(f"{PREFIX}/runs/") and path.endswith("/predictions")
        )
        return _TEXTS_BODY if takes_texts else _SMALL_BODY

    def _wants_token(self, path: str, headers: Headers) -> bool:
        if path in (TOKEN_PATH, einstein.TOKEN_PATH):
            return False
        free = path.startswith(_PUBLISHED) and not self._token_for_inference
        return not free or "authorization" in headers


def _answer(
    path: str,
    status: int,
    message: str,
    einstein_message: str | None = None,
    challenge: str | None = None,
) -> JSONResponse:
    headers = {"WWW-Authenticate": challenge} if challenge else None
    if einstein.is_einstein(path):
        return JSONResponse(einstein.error_body(einstein_message or message), status, headers)
    return JSONResponse(error_envelope(message), status, headers)


def _too_large(limit: int) -> str:
    return f"The request is larger than the limit of {limit:,} bytes."


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False


class _Body:
    """The body of one request, counted as it comes in."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._size = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise HTTPException(413, _too_large(self._limit))
        return message
