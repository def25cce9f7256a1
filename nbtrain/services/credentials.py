"""Knovvu's address and credentials: given, from the environment, or from the system's keyring."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ..errors import AuthenticationFailed
from .knovvu import KnovvuService
from .secrets import Secret
from .system_keyring import keyring_secret

__all__ = ["KnovvuCredentials", "connect_knovvu"]

_VARIABLES = {
    "base_url": "KNOVVU_BASE_URL",
    "identity_url": "KNOVVU_IDENTITY_URL",
    "client_id": "KNOVVU_CLIENT_ID",
    "client_secret": "KNOVVU_CLIENT_SECRET",
}
_KEYRING = "nbtrain-knovvu"


@dataclass(frozen=True, slots=True)
class KnovvuCredentials:
    """What it takes to speak to Knovvu; ``identity_url`` may be empty."""

    base_url: str = ""
    identity_url: str = ""
    client_id: str = ""
    client_secret: Secret = field(default_factory=lambda: Secret(""))

    @classmethod
    def find(
        cls,
        *,
        base_url: str = "",
        identity_url: str = "",
        client_id: str = "",
        client_secret: str | Secret = "",
    ) -> KnovvuCredentials:
        """Fill what is not given from the environment, the secret also from the keyring.

        The variables are ``KNOVVU_BASE_URL``, ``KNOVVU_IDENTITY_URL``, ``KNOVVU_CLIENT_ID`` and
        ``KNOVVU_CLIENT_SECRET``. In the keyring (where the package ``keyring`` is installed) the
        secret lies under the service ``nbtrain-knovvu`` and the client id.
        """
        given = {"base_url": base_url, "identity_url": identity_url, "client_id": client_id}
        found = {
            name: (value or os.environ.get(_VARIABLES[name], "")).strip()
            for name, value in given.items()
        }
        secret = Secret(client_secret)
        if not secret:
            secret = Secret(os.environ.get(_VARIABLES["client_secret"], ""))
        if not secret and found["client_id"]:
            secret = keyring_secret(_KEYRING, found["client_id"])
        return cls(**found, client_secret=secret)

    @property
    def missing(self) -> list[str]:
        """Names of what is needed and not there."""
        values = {
            "base_url": self.base_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        return [name for name, value in values.items() if not value]


def connect_knovvu(
    base_url: str = "",
    client_id: str = "",
    client_secret: str | Secret = "",
    *,
    identity_url: str = "",
    product_name: str = "CA",
) -> KnovvuService:
    """Return Knovvu's service, with what is not given from the environment or the keyring.

    Parameters
    ----------
    base_url, client_id, client_secret, identity_url : str, optional
        As for :class:`KnovvuService`; else ``KNOVVU_BASE_URL``, ``KNOVVU_CLIENT_ID``,
        ``KNOVVU_CLIENT_SECRET`` and ``KNOVVU_IDENTITY_URL`` of the environment, the secret also
        from the keyring's service ``nbtrain-knovvu``.
    product_name : str

    Raises
    ------
    AuthenticationFailed
        If something needed is nowhere to be found; it names all that is missing.

    Examples
    --------
    >>> service = connect_knovvu("https://ai.example.com", "me", "hush")
    >>> service
    KnovvuService('https://ai.example.com')
    """
    found = KnovvuCredentials.find(
        base_url=base_url,
        identity_url=identity_url,
        client_id=client_id,
        client_secret=client_secret,
    )
    if found.missing:
        variables = ", ".join(_VARIABLES[name] for name in found.missing)
        raise AuthenticationFailed(
            f"Knovvu's {', '.join(found.missing)} can't be found: give them, or set {variables}."
        )
    return KnovvuService(
        found.base_url,
        found.client_id,
        found.client_secret,
        identity_url=found.identity_url or None,
        product_name=product_name,
    )
