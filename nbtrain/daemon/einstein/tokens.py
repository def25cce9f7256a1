"""Einstein's token calls: a token for an assertion or a refresh token, and revocation."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...protocols.einstein_access import (
    TOKEN_PATH,
    TOKENS_PATH,
    TokenAnswer,
    read_token_form,
    token_answer_to_json,
)
from ..tokens import Tokens
from .assertions import Assertions
from .forms import EinsteinError, read_fields

__all__ = ["EinsteinTokens"]

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class EinsteinTokens:
    """The token calls.

    Refresh tokens are good until they are revoked or the service ends.

    Parameters
    ----------
    tokens : Tokens
        The pool that access tokens go to.
    assertions : Assertions
    """

    tokens: Tokens
    assertions: Assertions
    _refresh: dict[bytes, None] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            Route(f"{TOKENS_PATH}/{{token}}", self.revoke, methods=["DELETE"]),
        ]

    async def token(self, request: Request) -> Response:
        """Give out an access token."""
        form = read_token_form((await read_fields(request, any_type=True)).fields)
        refresh = ""
        if form.refresh_token:
            if _digest(form.refresh_token) not in self._refresh:
                raise EinsteinError(401, "The refresh token is unknown, or was revoked.")
        else:
            await asyncio.to_thread(self.assertions.check, form.assertion, _hosts(request))
            if form.offline:
                refresh = self._issue_refresh()
        answer = TokenAnswer(self.tokens.issue(form.valid_for), form.valid_for, refresh)
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        return JSONResponse(token_answer_to_json(answer), headers=headers)

    async def revoke(self, request: Request) -> Response:
        """Forget a refresh token; access tokens got with it are good until they run out."""
        token = request.path_params["token"]
        if _digest(token) in self._refresh:
            del self._refresh[_digest(token)]
            return Response(status_code=204)
        if self.tokens.is_valid(token):
            raise EinsteinError(400, "An access token can't be revoked; it runs out by itself.")
        raise EinsteinError(404, "There is no such refresh token.")

    def _issue_refresh(self) -> str:
        if len(self._refresh) >= _MOST:
            del self._refresh[next(iter(self._refresh))]
        token = secrets.token_urlsafe(32)
        self._refresh[_digest(token)] = None
        return token


def _digest(token: str) -> bytes:
    # Kept and looked up by hash, so that the time taken says nothing about the tokens.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _hosts(request: Request) -> list[str]:
    """Return the names by which this service may be called, all of the loopback interface."""
    ports = {request.url.port or 80}
    if (server := request.scope.get("server")) is not None:
        ports.add(server[1])
    hosts = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]") for port in ports]
    return [*hosts, *(host.removesuffix(":80") for host in hosts if host.endswith(":80"))]
