"""Einstein's address and credentials: given, from the environment, or from the system's keyring."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ..errors import AuthenticationFailed
from ..protocols.einstein_access import HOSTED_URL
from .einstein import EinsteinService
from .private_keys import hidden
from .secrets import Secret
from .system_keyring import keyring_secret

__all__ = ["EinsteinCredentials", "connect_einstein"]

_KEYRING = "nbtrain-einstein"


@dataclass(frozen=True, slots=True)
class EinsteinCredentials:
    """What it takes to speak to Einstein: an account and its key, or a token of either kind."""

    base_url: str = HOSTED_URL
    account: str = ""
    private_key: os.PathLike[str] | Secret = field(default_factory=lambda: Secret(""))
    access_token: Secret = field(default_factory=lambda: Secret(""))
    refresh_token: Secret = field(default_factory=lambda: Secret(""))

    @classmethod
    def find(
        cls,
        *,
        base_url: str = "",
        account: str = "",
        private_key: str | bytes | os.PathLike[str] | Secret = "",
        access_token: str | Secret = "",
        refresh_token: str | Secret = "",
    ) -> EinsteinCredentials:
        """Fill what is not given from the environment, the key also from the keyring.

        The variables are ``EINSTEIN_BASE_URL``, ``EINSTEIN_ACCOUNT``,
        ``EINSTEIN_PRIVATE_KEY_FILE``, ``EINSTEIN_ACCESS_TOKEN`` and ``EINSTEIN_REFRESH_TOKEN``;
        the tokens of the environment count only if neither token nor key is given. In the keyring
        (where the package ``keyring`` is installed) the key lies in PEM form under the service
        ``nbtrain-einstein`` and the account.
        """
        private_key = hidden(private_key)
        tokens = {"access_token": Secret(access_token), "refresh_token": Secret(refresh_token)}
        if not private_key and not any(tokens.values()):
            for name in tokens:
                tokens[name] = Secret(os.environ.get(f"EINSTEIN_{name.upper()}", "").strip())
        account = (account or os.environ.get("EINSTEIN_ACCOUNT", "")).strip()
        if not private_key and not any(tokens.values()):
            private_key = Secret(os.environ.get("EINSTEIN_PRIVATE_KEY_FILE", "").strip())
            if not private_key and account:
                private_key = keyring_secret(_KEYRING, account)
        base_url = (base_url or os.environ.get("EINSTEIN_BASE_URL", "")).strip() or HOSTED_URL
        return cls(base_url, account, private_key, **tokens)

    @property
    def missing(self) -> list[str]:
        """Names of what is needed and not there."""
        if self.access_token or self.refresh_token:
            return []
        values = {"account": self.account, "private_key": self.private_key}
        return [name for name, value in values.items() if not value]


def connect_einstein(
    base_url: str = "",
    account: str = "",
    private_key: str | bytes | os.PathLike[str] | Secret = "",
    *,
    access_token: str | Secret = "",
    refresh_token: str | Secret = "",
    valid_for: int = 3600,
) -> EinsteinService:
    """Return Einstein's service, with what is not given from the environment or the keyring.

    Parameters
    ----------
    base_url : str, optional
        Where the service is; else ``EINSTEIN_BASE_URL``, else the vendor's own address.
    account : str, optional
        E-mail address or id of the account; else ``EINSTEIN_ACCOUNT``.
    private_key : str, bytes, path or Secret, optional
        The account's RSA key, as PEM text or as the path of its file; else the path
        ``EINSTEIN_PRIVATE_KEY_FILE``, else the keyring's service ``nbtrain-einstein``.
    access_token, refresh_token : str or Secret, optional
        In place of account and key; else ``EINSTEIN_ACCESS_TOKEN`` and ``EINSTEIN_REFRESH_TOKEN``.
    valid_for : int
        Seconds that an access token shall live; it is renewed in time.

    Raises
    ------
    AuthenticationFailed
        If something needed is nowhere to be found, or the key is none.

    Examples
    --------
    >>> connect_einstein("https://ai.example.com", access_token="hush")
    EinsteinService('https://ai.example.com')
    """
    private_key = hidden(private_key)
    access_token, refresh_token = Secret(access_token), Secret(refresh_token)
    found = EinsteinCredentials.find(
        base_url=base_url,
        account=account,
        private_key=private_key,
        access_token=access_token,
        refresh_token=refresh_token,
    )
    if found.missing:
        variables = {"account": "EINSTEIN_ACCOUNT", "private_key": "EINSTEIN_PRIVATE_KEY_FILE"}
        raise AuthenticationFailed(
            f"Einstein's {', '.join(found.missing)} can't be found: give them, or set "
            f"{', '.join(variables[name] for name in found.missing)}."
        )
    return EinsteinService(
        found.base_url,
        found.account,
        found.private_key,
        access_token=found.access_token,
        refresh_token=found.refresh_token,
        valid_for=valid_for,
    )
