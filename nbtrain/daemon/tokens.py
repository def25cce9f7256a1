"""Access tokens: one pool of opaque ones in memory, and Knovvu's grant of RFC 6749."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from ..protocols.knovvu import SCOPE
from ..protocols.knovvu_inference import INFERENCE_SCOPE

__all__ = ["LIFETIME", "TokenError", "Tokens"]

LIFETIME = 86_400
"""Seconds for which a token is good: the vendor's one day."""

_MOST = 10_000
_SCOPES = {SCOPE, INFERENCE_SCOPE}


class TokenError(Exception):
    """A refused token request, in the words of RFC 6749 section 5.2.

    Attributes
    ----------
    error : str
        ``invalid_request``, ``invalid_client``, ``unsupported_grant_type`` or ``invalid_scope``.
    basic : bool
        Whether the client used HTTP Basic, which calls for status 401.
    """

    def __init__(self, error: str, description: str, *, basic: bool = False) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description
        self.basic = basic


class Tokens:
    """The one client that is known, and the tokens that it was given.

    Parameters
    ----------
    client_id, client_secret : str
    lifetime : float
        Seconds.
    clock : callable
        Seconds that only grow.

    Examples
    --------
    >>> tokens = Tokens("me", "hush")
    >>> form = "client_id=me&client_secret=hush&grant_type=client_credentials"
    >>> answer = tokens.grant(form)
    >>> answer["token_type"], tokens.is_valid(answer["access_token"]), tokens.is_valid("guess")
    ('Bearer', True, False)
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        lifetime: float = LIFETIME,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._lifetime = lifetime
        self._clock = clock
        self._expiry: dict[bytes, float] = {}

    def grant(self, form: str, authorization: str | None = None) -> dict[str, Any]:
        """Answer a token request of Knovvu's.

        Parameters
        ----------
        form : str
            The URL-encoded body.
        authorization : str, optional
            The header, if HTTP Basic is used instead of ``client_id`` and ``client_secret``.

        Raises
        ------
        TokenError
            If it is refused.
        """
        fields = _read_fields(form)
        basic = authorization is not None
        if authorization is not None:
            if "client_secret" in fields:
                raise TokenError("invalid_request", "Send the client's secret one way, not two.")
            client = _read_basic(authorization)
        else:
            for name in ("client_id", "client_secret"):
                if not fields.get(name):
                    raise TokenError("invalid_request", f"{name} is missing.")
            client = fields["client_id"], fields["client_secret"]
        grant_type = fields.get("grant_type")
        if not grant_type:
            raise TokenError("invalid_request", "grant_type is missing.")
        if not self._knows(*client):
            raise TokenError("invalid_client", "Unknown client id or secret.", basic=basic)
        if grant_type != "client_credentials":
            raise TokenError("unsupported_grant_type", "Only client_credentials is supported.")
        scopes = fields.get("scope", "").split() or [SCOPE]
        if set(scopes) - _SCOPES:
            text = f"The scopes are {SCOPE} and {INFERENCE_SCOPE}."
            raise TokenError("invalid_scope", text)
        return {
            "access_token": self.issue(self._lifetime),
            "expires_in": int(self._lifetime),
            "token_type": "Bearer",
            "scope": " ".join(dict.fromkeys(scopes)),
        }

    def is_valid(self, token: str) -> bool:
        """Tell whether a token was issued here and is still good."""
        # Looked up by hash, so that the time taken says nothing about the tokens.
        expiry = self._expiry.get(_digest(token))
        return expiry is not None and self._clock() < expiry

    def issue(self, lifetime: float) -> str:
        """Make a token that is good for so many seconds, whoever asked for it in whatever way."""
        now = self._clock()
        if len(self._expiry) >= _MOST:
            self._expiry = {key: end for key, end in self._expiry.items() if end > now}
        if len(self._expiry) >= _MOST:
            del self._expiry[min(self._expiry, key=self._expiry.__getitem__)]
        token = secrets.token_urlsafe(32)
        self._expiry[_digest(token)] = now + lifetime
        return token

    def _knows(self, client_id: str, client_secret: str) -> bool:
        right_id = hmac.compare_digest(_digest(client_id), _digest(self._client_id))
        right_secret = hmac.compare_digest(_digest(client_secret), _digest(self._client_secret))
        return right_id and right_secret


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _read_fields(form: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(form, keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise TokenError("invalid_request", "The form has too many fields.") from error
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise TokenError("invalid_request", "A field is sent more than once.")
    return fields


def _read_basic(authorization: str) -> tuple[str, str]:
    scheme, _, value = authorization.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)
        client_id, colon, secret = b64decode(value.strip(), validate=True).decode().partition(":")
        if not colon:
            raise ValueError("no colon")
    except (ValueError, Base64Error) as error:
        text = "The Authorization header is not HTTP Basic."
        raise TokenError("invalid_client", text, basic=True) from error
    return unquote_plus(client_id), unquote_plus(secret)
