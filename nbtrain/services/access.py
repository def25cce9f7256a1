"""The access token of a service: fetched when it is needed, renewed in time."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from threading import Lock

from ..errors import AuthenticationFailed, ServiceUnavailable, UnexpectedResponse
from .answers import Answer
from .secrets import Secret

__all__ = ["Access", "GivenToken"]

# A token is renewed this long before it expires, in seconds, or at half its life if that is less.
_MARGIN = 60.0
# The life of a token that comes without one, in seconds.
_LIFE = 300.0
# What else there is in a token can't stand in a header; httpx would show it when it says so.
_TOKEN = re.compile(r"[!-~]+")


class Access:
    """An access token that is fetched when it is needed. For several threads.

    Parameters
    ----------
    fetch : callable
        Asks for a token, and returns the answer.
    clock : callable
        Seconds, rising.
    """

    def __init__(self, fetch: Callable[[], Answer], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._token = Secret("")
        self._renew_at = 0.0

    def token(self, refused: Secret | None = None) -> Secret:
        """Return a token that is good.

        Parameters
        ----------
        refused : Secret, optional
            A token that the service has just refused; if it is still the one in use it is
            renewed, whatever its life was said to be.

        Raises
        ------
        AuthenticationFailed
            If the credentials are refused.
        ServiceUnavailable
            If no answer could be had.
        UnexpectedResponse
            If the answer holds no token.
        """
        with self._lock:
            if not self._token or refused is self._token or self._clock() >= self._renew_at:
                self._renew()
            return self._token

    def _renew(self) -> None:
        try:
            answer = self._fetch()
            if 400 <= answer.status < 500 and answer.status not in (404, 429):
                raise AuthenticationFailed(f"No access token was given: {answer.message}")
            answer.check()
        except ServiceUnavailable as error:
            # Whatever was to be done with the token has not been sent.
            raise ServiceUnavailable(f"No access token could be had. {error}") from None
        # Of this answer nothing may be shown, not even if it makes no sense.
        self._token, life = _read(answer)
        if not self._token:
            raise UnexpectedResponse("The answer of the token endpoint holds no access token.")
        self._renew_at = self._clock() + max(life - _MARGIN, life / 2)


class GivenToken:
    """An access token that somebody else fetched, and that can't be renewed here.

    Raises
    ------
    AuthenticationFailed
        If it is none. Spaces and line ends around it don't matter.
    """

    def __init__(self, token: Secret) -> None:
        self._token = Secret(token.reveal().strip())
        if not _TOKEN.fullmatch(self._token.reveal()):
            raise AuthenticationFailed(
                "The access token holds a space, a line end or another sign that no token has."
            )

    def token(self, refused: Secret | None = None) -> Secret:
        """Return the token; AuthenticationFailed if it was refused."""
        if refused is not None:
            raise AuthenticationFailed(
                "The service refused the access token; it may have expired. Give a new one."
            )
        return self._token


def _read(answer: Answer) -> tuple[Secret, float]:
    body = answer.json if isinstance(answer.json, dict) else {}
    token = body.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        token = ""
    return Secret(token), _seconds(body.get("expires_in"))


def _seconds(life: object) -> float:
    if not isinstance(life, int | float | str) or isinstance(life, bool):
        return _LIFE
    try:
        seconds = float(life)
    except (ValueError, OverflowError):
        return _LIFE
    return seconds if math.isfinite(seconds) and seconds >= 0 else _LIFE
