"""HTTP with an access token: the only file that imports httpx."""

from __future__ import annotations

import json
import random
import ssl
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from .._version import __version__
from ..errors import (
    AuthenticationFailed,
    DataError,
    Problem,
    ServiceUnavailable,
    UnexpectedResponse,
)
from .access import Access, GivenToken
from .answers import Answer, gathered, read_answer
from .connection import Connection, Limits
from .grants import ClientCredentials, Grant
from .retries import TRANSIENT, Retry, retry_after
from .secrets import Secret

__all__ = ["Http"]

# Nothing of the call has left this machine.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# Of an error page so many bytes are read; more would not be shown.
_ERROR_BYTES = 256 * 1024
_TOO_LONG = "an answer of more than {:,} bytes"


class Http:
    """Calls to one service. Safe to use from several threads.

    Calls that are safe to repeat are tried several times; others only as long as nothing of them
    was sent, or once more with a new token if the old one was refused. Redirects are not followed.

    Parameters
    ----------
    connection : Connection
    grant : Grant or Secret, optional
        How an access token is had, or the token itself; by default by the client credentials of
        the connection, if it has any.
    transport : httpx.BaseTransport, optional
        For tests.
    retry : Retry
    limits : Limits
    clock, sleep, chance, now : callable
        Seconds, rising; waiting; 0 to 1 at random; seconds since 1970. For tests.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        grant: Grant | Secret | None = None,
        transport: httpx.BaseTransport | None = None,
        retry: Retry | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.connection = connection
        self.sleep = sleep
        self._retry = retry or Retry()
        self._limits = limits or Limits()
        self._clock, self._chance, self._now = clock, chance, now
        headers = {
            "Accept": "application/json",
            # What is unpacked here, within limits.
            "Accept-Encoding": "gzip",
            "User-Agent": f"nbtrain/{__version__}",
        }
        self._client = httpx.Client(
            headers=headers,
            verify=_certificates(),
            transport=transport,
            # A proxy of the environment must not get to see what goes to this very machine.
            trust_env=not connection.loopback,
            follow_redirects=False,
            # A hook, as httpx trips over some addresses even of redirects that it doesn't follow.
            event_hooks={"response": [_refuse_redirect]},
        )
        # Also at the interpreter's end, where nobody calls close.
        weakref.finalize(self, self._client.close)
        if grant is None and connection.client_id:
            grant = ClientCredentials(connection.client_id, connection.client_secret)
        self._grant = grant
        self._access = self._access_by(grant, clock)

    def _access_by(
        self, grant: Grant | Secret | None, clock: Callable[[], float]
    ) -> Access | GivenToken | None:
        if grant is None:
            return None
        if isinstance(grant, Secret):
            return GivenToken(grant)
        return Access(lambda: self.ask_for_token(grant), clock)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def get(self, path: str, **params: Any) -> Answer:
        """Read something."""
        return self._known(self._call("GET", path, repeatable=True, params=params or None))

    def post(
        self,
        path: str,
        body: Callable[[], object] | None = None,
        *,
        repeatable: bool = False,
        wait: float | None = None,
        secrets: Iterable[Secret] = (),
    ) -> Answer:
        """Ask for something to be done.

        Parameters
        ----------
        path : str
        body : callable, optional
            Makes the JSON to be sent. It is made as late as can be, for it may hold secrets.
        repeatable : bool
            Whether it does no harm if the service does it twice.
        wait : float, optional
            Seconds that the answer may take to begin.
        secrets : iterable of Secret
            What the body holds that an error must not show, should the service repeat it.
        """
        arguments: dict[str, Any] = {"secrets": tuple(secrets), "wait": wait}
        if body is not None:
            arguments["content"] = content = _Body(lambda: json.dumps(body()).encode())
            arguments["headers"] = content.headers("application/json")
        return self._known(self._call("POST", path, repeatable=repeatable, **arguments))

    def delete(self, path: str) -> Answer:
        """Ask for something to be deleted; it is sent at most once, as a form is."""
        return self._known(self._call("DELETE", path, repeatable=False))

    def post_form(
        self, path: str, fields: Mapping[str, str], *, repeatable: bool = False
    ) -> Answer:
        """Send a multipart form without files."""
        parts = {name: (None, value) for name, value in fields.items()}
        return self._known(self._call("POST", path, repeatable=repeatable, files=parts))

    def post_files(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Mapping[str, Path],
        *,
        method: str = "POST",
        content_type: str = "application/json",
    ) -> Answer:
        """Send a multipart form; files are streamed from disk.

        It is sent at most once, except that nothing was accepted of what was refused with 401.

        Raises
        ------
        DataError
            If a file can't be read.
        ServiceUnavailable
            Its ``sent`` tells whether the form may have been accepted nevertheless.
        """

        def send(token: Secret | None) -> Answer:
            # Files are opened again for each try.
            with ExitStack() as stack:
                try:
                    parts = {
                        name: (file.name, stack.enter_context(file.open("rb")), content_type)
                        for name, file in files.items()
                    }
                    return self._send(
                        method, self._url(path), token, wait=self._limits.accept,
                        data=dict(fields), files=parts,
                    )  # fmt: skip
                except OSError as error:
                    name = str(error.filename or "data")
                    problem = Problem(name, f"can't be read: {error.strerror or error}")
                    raise DataError("The data can't be sent:", [problem]) from None

        return self._authorised(lambda token: self._again(lambda: send(token), repeatable=False))

    # --- one call ------------------------------------------------------------------------

    def _call(self, method: str, path: str, *, repeatable: bool, **arguments: Any) -> Answer:
        def send(token: Secret | None) -> Answer:
            url = self._url(path)
            return self._again(
                lambda: self._send(method, url, token, **arguments), repeatable=repeatable
            )

        return self._authorised(send)

    def _known(self, answer: Answer) -> Answer:
        if answer.status == 401:
            if self._access is None:
                raise AuthenticationFailed(
                    f"The service wants an access token for this: {answer.message}"
                )
            answer.check()
        return answer

    def _url(self, path: str) -> str:
        return self.connection.base_url.rstrip("/") + path

    def _authorised(self, send: Callable[[Secret | None], Answer]) -> Answer:
        if self._access is None:
            return send(None)
        token = self._access.token()
        answer = send(token)
        if answer.status == 401:
            answer = send(self._access.token(refused=token))
        return answer

    def _again(self, send: Callable[[], Answer], *, repeatable: bool) -> Answer:
        """Send until it works, or it is no use or not safe to go on."""
        waited = 0.0
        for attempt in count(1):
            answer = failure = None
            try:
                answer = send()
            except ServiceUnavailable as error:
                failure = error
            over = attempt >= self._retry.attempts
            if answer is not None and (over or not repeatable or answer.status not in TRANSIENT):
                return answer
            told = None if answer is None else answer.pause
            pause = self._retry.pause(attempt, self._chance(), told)
            over = over or waited + pause > self._retry.total
            if failure is not None and (over or (failure.sent and not repeatable)):
                raise failure
            if answer is not None and over:
                return answer
            self.sleep(pause)
            waited += pause
        raise AssertionError("counting has no end")

    def ask_for_token(self, grant: Grant) -> Answer:
        """Ask for an access token; the answer is not checked."""
        fields = grant.form()
        content = _Body(lambda: urlencode(fields()).encode())
        url = self.connection.identity_url.rstrip("/") + grant.path
        headers = content.headers("application/x-www-form-urlencoded")
        answer = self._again(
            lambda: self._send(
                "POST", url, None, secrets=grant.secrets, content=content, headers=headers
            ),
            repeatable=True,
        )
        if answer.status < 300 and isinstance(answer.json, dict):
            grant.answered(answer.json)
        return answer

    def _send(
        self,
        method: str,
        url: str,
        token: Secret | None,
        *,
        wait: float | None = None,
        secrets: tuple[Secret, ...] = (),
        **arguments: Any,
    ) -> Answer:
        limits = self._limits
        timeout = httpx.Timeout(
            connect=limits.connect,
            read=wait or limits.read,
            write=limits.write,
            pool=limits.connect,
        )
        host = _host(httpx.URL(url))
        # No frame below this one holds a secret in a variable, should one be shown in a traceback.
        request = self._client.build_request(method, url, timeout=timeout, **arguments)
        auth = None if token is None else _Bearer(token)
        try:
            response = self._client.send(request, auth=auth, stream=True)
            try:
                held = (*self._held(), *([] if token is None else [token]))
                return self._read(response, held + secrets)
            finally:
                response.close()
        except _UNSENT as error:
            raise ServiceUnavailable(
                f"The service at {host} can't be reached: {_reason(error)}", sent=False
            ) from None
        except (httpx.HTTPError, ValueError) as error:
            raise ServiceUnavailable(
                f"The service at {host} gave no whole answer: {_reason(error)}", sent=True
            ) from None

    def _held(self) -> tuple[Secret, ...]:
        if self._grant is None or isinstance(self._grant, Secret):
            return ()
        return self._grant.secrets

    def _read(self, response: httpx.Response, secrets: tuple[Secret, ...]) -> Answer:
        status = response.status_code
        size = self._limits.size if status < 300 else _ERROR_BYTES
        body, whole = gathered(self._pieces(response), size)
        if status < 300 and not whole:
            # Half an answer is none, but its status tells something.
            return Answer(status, None, _TOO_LONG.format(size), secrets=secrets)
        pause = retry_after(response.headers.get("retry-after", ""), self._now())
        charset = response.charset_encoding
        return read_answer(status, body, charset=charset, pause=pause, secrets=secrets)

    def _pieces(self, response: httpx.Response) -> Iterator[bytes]:
        # The time-out of httpx is for each piece; one byte at a time could go on for ever.
        end = self._clock() + self._limits.answer
        for piece in response.iter_raw():
            yield piece
            if self._clock() > end:
                raise httpx.ReadTimeout(f"not complete after {self._limits.answer:g} s")


@cache
def _certificates() -> ssl.SSLContext:
    # Once for all clients: it takes a moment, and a few megabytes.
    return httpx.create_ssl_context()


class _Bearer(httpx.Auth):
    """Puts the token in when the request is about to leave."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request


class _Body:
    """A body that is written when it is sent."""

    def __init__(self, write: Callable[[], bytes]) -> None:
        self._write = write

    def __iter__(self) -> Iterator[bytes]:
        yield self._write()

    def headers(self, content_type: str) -> dict[str, str]:
        return {"Content-Type": content_type, "Content-Length": str(len(self._write()))}


def _host(url: httpx.URL) -> str:
    return url.netloc.decode("ascii", "replace")


def _reason(error: httpx.HTTPError | ValueError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return str(error).replace("timed out", "") or "it took too long"
    return str(error)[:300] or type(error).__name__


def _refuse_redirect(response: httpx.Response) -> None:
    if not 300 <= response.status_code < 400:
        return
    here = response.request.url
    said = f"The service at {_host(here)} redirects (HTTP {response.status_code})"
    try:
        target = here.join(response.headers.get("location", ""))
    except httpx.InvalidURL:
        target = here
    there = f"{target.scheme}://{_host(target)}"[:200]
    if there == f"{here.scheme}://{_host(here)}":
        raise UnexpectedResponse(f"{said}, which is not followed. Check the service's address.")
    raise UnexpectedResponse(
        f"{said} to {there}, which is not followed: credentials must not go to another host. If "
        "that is the service, give it as the address."
    )
