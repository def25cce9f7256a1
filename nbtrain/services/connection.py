"""Where a service answers, as whom to speak to it, and how long to listen."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import Problem, RequestError
from .secrets import Secret

__all__ = ["Connection", "Limits"]

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a service answers, and as whom to speak to it.

    Parameters
    ----------
    base_url, identity_url : str
        Addresses of the service and of its token endpoint.
    client_id : str
        Empty if calls go without an access token.
    client_secret : Secret

    Raises
    ------
    RequestError
        If an address is none, or holds a user name, a query or a fragment: addresses are logged.
    """

    base_url: str
    identity_url: str
    client_id: str
    client_secret: Secret

    def __post_init__(self) -> None:
        problems = [
            Problem(name, what, "Give one like 'https://ai.example.com'.")
            for name in ("base_url", "identity_url")
            if (what := _address_problem(getattr(self, name)))
        ]
        if problems:
            raise RequestError("No service can be at this address:", problems)

    @property
    def loopback(self) -> bool:
        """Whether the service is on this very machine."""
        return urlsplit(self.base_url).hostname in _LOOPBACK


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much a service may take: seconds, and bytes.

    Parameters
    ----------
    connect, read, write : float
        For a connection to be made, for the next piece to come, and for one to go.
    accept : float
        For the answer to an upload to begin: the service may check the data before it answers.
    answer : float
        For a whole answer, from its first byte on.
    size : int
        Of an answer, unpacked.
    """

    connect: float = 10.0
    read: float = 30.0
    write: float = 300.0
    accept: float = 300.0
    answer: float = 120.0
    size: int = 256 * 1024 * 1024


def _address_problem(address: object) -> str:
    if not isinstance(address, str):
        return f"is a {type(address).__name__}, not text"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
        host.encode("ascii" if ":" in host else "idna")
    except ValueError:  # which UnicodeError is, too
        return "is no address"
    if parts.username is not None or parts.query or parts.fragment:
        return "holds a user name, a query or a fragment"
    if parts.scheme not in ("http", "https") or not host or not address.isprintable():
        return f"is {address[:100]!r}"
    if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        return "would carry the secret unencrypted: use https"
    return "has a space in it" if " " in address else ""
