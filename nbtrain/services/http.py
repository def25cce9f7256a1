"""HTTP with an access token: the only file that imports httpx."""

from __future__ import annotations

import json
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import httpx

from ..errors import (
    AuthenticationFailed,
    RequestRejected,
    ServiceUnavailable,
    UnexpectedResponse,
)
from ..protocols import knovvu
from .secrets import Secret

__all__ = ["Answer", "Connection", "Http"]

# A token is renewed this long before it expires, in seconds, or at half its life if that is less.
_MARGIN = 60.0
_TIMEOUT = httpx.Timeout(30.0, connect=5.0, write=300.0)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a service answers, and as whom to speak to it."""

    base_url: str
    identity_url: str
    client_id: str
    client_secret: Secret


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, its JSON (None when it is none), and its text."""

    status: int
    json: Any
    text: str

    @property
    def message(self) -> str:
        """What the service says went wrong."""
        return knovvu.error_message(self.json, self.text)

    def object(self) -> dict[str, Any]:
        """Return the JSON object of a success; raise what fits otherwise."""
        if self.status >= 300:
            raise RequestRejected(self.message, self.status, knovvu.error_problems(self.json))
        if not isinstance(self.json, dict):
            raise UnexpectedResponse(
                f"A JSON object was expected, and came: {self.text.strip()[:200]!r}."
            )
        return self.json


class Http:
    """Calls to one service. Safe to use from several threads.

    Parameters
    ----------
    connection : Connection
    transport : httpx.BaseTransport, optional
        For tests.
    clock : callable
        Seconds, rising; for tests.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.connection = connection
        loopback = httpx.URL(connection.base_url).host in ("127.0.0.1", "localhost", "::1")
        # A proxy of the environment must not get to see what goes to this very machine.
        self._client = httpx.Client(
            timeout=_TIMEOUT, transport=transport, trust_env=not loopback, follow_redirects=False
        )
        # Also at the interpreter's end, where nobody calls close.
        weakref.finalize(self, self._client.close)
        self._clock = clock
        self._lock = Lock()
        self._token = Secret("")
        self._renew_at = 0.0

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def get(self, path: str, **params: Any) -> Answer:
        """Read something."""
        return self._call("GET", path, params=params or None)

    def post(self, path: str) -> Answer:
        """Ask for something to be done."""
        return self._call("POST", path)

    def post_files(self, path: str, fields: Mapping[str, str], files: Mapping[str, Path]) -> Answer:
        """Send a multipart form; files are streamed from disk."""
        with ExitStack() as stack:
            parts = {
                name: (file.name, stack.enter_context(file.open("rb")), "application/json")
                for name, file in files.items()
            }
            self._authorise()
            return self._call("POST", path, data=dict(fields), files=parts)

    def _call(self, method: str, path: str, **arguments: Any) -> Answer:
        answer = self._send(method, path, arguments)
        # Files are consumed by the first try, and were sent with a token that was just checked.
        if answer.status == 401 and "files" not in arguments:
            self._renew_at = 0.0
            answer = self._send(method, path, arguments)
        if answer.status in (401, 403):
            raise AuthenticationFailed(f"The service refused the credentials: {answer.message}")
        return answer

    def _send(self, method: str, path: str, arguments: dict[str, Any]) -> Answer:
        token = self._authorise()
        url = self.connection.base_url.rstrip("/") + path
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        return self._request(method, url, headers=headers, **arguments)

    def _request(self, method: str, url: str, **arguments: Any) -> Answer:
        try:
            response = self._client.request(method, url, **arguments)
        except httpx.HTTPError as error:
            host = httpx.URL(url).netloc.decode()
            reason = str(error) or type(error).__name__
            raise ServiceUnavailable(f"The service at {host} can't be reached: {reason}") from None
        try:
            body = response.json()
        except (json.JSONDecodeError, UnicodeDecodeError):
            body = None
        return Answer(response.status_code, body, response.text)

    def _authorise(self) -> Secret:
        with self._lock:
            if self._clock() >= self._renew_at:
                self._renew()
            return self._token

    def _renew(self) -> None:
        connection = self.connection
        url = connection.identity_url.rstrip("/") + knovvu.TOKEN_PATH
        form = {
            "client_id": connection.client_id,
            "client_secret": connection.client_secret.reveal(),
            "grant_type": "client_credentials",
        }
        answer = self._request("POST", url, data=form)
        if answer.status >= 400:
            raise AuthenticationFailed(f"No access token was given: {answer.message}")
        body = answer.object()
        token, life = body.get("access_token"), body.get("expires_in")
        if not isinstance(token, str) or not token:
            raise UnexpectedResponse("The token answer holds no access token.")
        seconds = float(life) if isinstance(life, int | float) else 300.0
        self._token = Secret(token)
        self._renew_at = self._clock() + max(seconds - _MARGIN, seconds / 2)
