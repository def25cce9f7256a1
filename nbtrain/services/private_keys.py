"""Reading an RSA private key, from a file or from text, without ever showing it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AuthenticationFailed
from .secrets import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["hidden", "load_private_key"]

# RS256 must not be used with less (RFC 7518, 3.3).
_LEAST_BITS = 2048
_MOST_BYTES = 100_000
# A text that is longer is a key without its first line rather than a path.
_LONGEST_PATH = 1000
_FIX = "Give a path, or the key itself from its line -----BEGIN PRIVATE KEY----- on."


def hidden(given: str | bytes | os.PathLike[str] | Secret) -> os.PathLike[str] | Secret:
    """Return a key, or the path of one, so that it doesn't show in a traceback.

    Examples
    --------
    >>> hidden("-----BEGIN PRIVATE KEY-----")
    Secret('***')
    """
    if isinstance(given, bytes):
        return Secret(given.decode("latin-1"))
    return given if isinstance(given, os.PathLike) else Secret(given)


def load_private_key(given: os.PathLike[str] | Secret) -> RSAPrivateKey:
    """Load a private key for RS256.

    Parameters
    ----------
    given : path or Secret
        The path of a file that holds the key in PEM form; as a Secret also the key itself.

    Raises
    ------
    AuthenticationFailed
        If there is no such file, or no such key in it.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    held, whence = _read(given)
    try:
        key = load_pem_private_key(held.reveal().encode(), None)
    except TypeError:
        raise AuthenticationFailed(
            f"{whence} is protected by a password. Give it without one: "
            "openssl pkey -in KEY -out PLAIN_KEY"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise AuthenticationFailed(
            f"{whence} is no private key in PEM form, which begins with -----BEGIN PRIVATE KEY-----"
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise AuthenticationFailed(f"{whence} is no RSA key, which RS256 needs.")
    if key.key_size < _LEAST_BITS:
        raise AuthenticationFailed(
            f"{whence} has {key.key_size} bits; RS256 needs {_LEAST_BITS:,} or more."
        )
    return key


def _read(given: os.PathLike[str] | Secret) -> tuple[Secret, str]:
    if isinstance(given, Secret):
        if "-----BEGIN" in given.reveal():
            return given, "The private key"
        if len(given.reveal()) > _LONGEST_PATH or "\n" in given.reveal().strip():
            raise AuthenticationFailed(f"The private key is neither a path nor a key. {_FIX}")
        given = Path(given.reveal())
    path = Path(given).expanduser()
    try:
        with path.open("rb") as file:
            return Secret(file.read(_MOST_BYTES).decode("latin-1")), f"What {path.name} holds"
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "is no path"
        raise AuthenticationFailed(
            f"The private key file {path.name!r} can't be read: {reason}. {_FIX}"
        ) from None
