"""How an access token is asked for: by client credentials, by a signed assertion, by a refresh."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from ..protocols import knovvu
from ..protocols.einstein_access import (
    TOKEN_PATH,
    TokenForm,
    assertion_claims,
    token_form_to_fields,
)
from .secrets import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["ClientCredentials", "Grant", "JwtBearer", "RefreshToken"]

# Life of an assertion, in seconds: it is used at once, but clocks differ.
_ASSERTION_LIFE = 300


class Grant(Protocol):
    """What a client hands in for an access token."""

    @property
    def path(self) -> str:
        """Path of the token endpoint."""
        ...

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What no error may show, should the service repeat it."""
        ...

    def form(self) -> Callable[[], dict[str, str]]:
        """Get the token request ready; what is returned writes its fields, which hold secrets."""
        ...

    def answered(self, body: Mapping[str, object]) -> None:
        """Take note of what came with a token."""
        ...


class ClientCredentials:
    """The client-credentials grant (RFC 6749, 4.4)."""

    path = knovvu.TOKEN_PATH

    def __init__(self, client_id: str, client_secret: Secret) -> None:
        self._client_id = client_id
        self.secrets: tuple[Secret, ...] = (client_secret,)

    def form(self) -> Callable[[], dict[str, str]]:
        """Get the token request ready."""
        return lambda: {
            "client_id": self._client_id,
            "client_secret": self.secrets[0].reveal(),
            "grant_type": "client_credentials",
        }

    def answered(self, body: Mapping[str, object]) -> None:
        """Do nothing."""


class JwtBearer:
    """The JWT-bearer grant (RFC 7523): an assertion that is signed with a private key.

    Parameters
    ----------
    account : str
        Whose token it is: the claim ``sub``.
    audience : str
        Address of the token endpoint: the claim ``aud``.
    key : RSAPrivateKey
        Its ``repr`` shows nothing of it.
    valid_for : int
        Seconds that the token shall live.
    offline : bool
        Whether to ask for a refresh token, too.
    now : callable
        Seconds since 1970.
    """

    path = TOKEN_PATH

    def __init__(
        self,
        account: str,
        audience: str,
        key: RSAPrivateKey,
        *,
        valid_for: int,
        offline: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._account, self._audience, self._key = account, audience, key
        self._valid_for, self._offline = valid_for, offline
        self._now = now
        self.secrets: tuple[Secret, ...] = ()

    def form(self) -> Callable[[], dict[str, str]]:
        """Get the token request ready: a new assertion each time."""
        import jwt

        claims = assertion_claims(self._account, self._audience, self._now() + _ASSERTION_LIFE)
        assertion = Secret(jwt.encode(claims, self._key, algorithm="RS256"))
        self.secrets = (assertion,)
        return lambda: token_form_to_fields(
            TokenForm(assertion.reveal(), valid_for=self._valid_for, offline=self._offline)
        )

    def answered(self, body: Mapping[str, object]) -> None:
        """Do nothing."""


class RefreshToken:
    """The refresh-token grant (RFC 6749, 6); a new refresh token takes the place of the old one."""

    path = TOKEN_PATH

    def __init__(self, refresh_token: Secret, *, valid_for: int) -> None:
        self.secrets: tuple[Secret, ...] = (refresh_token,)
        self._valid_for = valid_for

    def form(self) -> Callable[[], dict[str, str]]:
        """Get the token request ready."""
        return lambda: token_form_to_fields(
            TokenForm(refresh_token=self.secrets[0].reveal(), valid_for=self._valid_for)
        )

    def answered(self, body: Mapping[str, object]) -> None:
        """Keep the refresh token that came with the access token, if one did."""
        if isinstance(body.get("refresh_token"), str) and body["refresh_token"]:
            self.secrets = (Secret(str(body["refresh_token"])),)
