"""Assertions: the signed JWTs that Einstein's clients get their tokens with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...protocols.einstein_access import is_audience
from .forms import EinsteinError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

__all__ = ["Assertions", "KeyUnreadable", "read_public_key"]

# What PyJWT lets through of numbers without end, brackets without end and wrong types.
_ODD = (OverflowError, RecursionError, TypeError, ValueError)


class KeyUnreadable(Exception):
    """A file is no public RSA key."""


def read_public_key(path: Path) -> RSAPublicKey:
    """Read an RSA key from a PEM file that holds a public key or a certificate.

    Raises
    ------
    KeyUnreadable
        If there is none; the message says what to do about it.
    """
    # Loaded here, for it takes a tenth of a second that most services don't need.
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        pem = path.read_bytes()
    except OSError as error:
        raise KeyUnreadable(f"{path} can't be read: {error.strerror}.") from error
    if b"PRIVATE KEY-----" in pem:
        raise KeyUnreadable(
            f"{path} is a private key, which the service must not have. Give it the public one: "
            "openssl rsa -in PRIVATE_KEY -pubout -out PUBLIC_KEY."
        )
    try:
        if b"-----BEGIN CERTIFICATE-----" in pem:
            key: Any = load_pem_x509_certificate(pem).public_key()
        else:
            key = load_pem_public_key(pem)
    except ValueError as error:
        raise KeyUnreadable(f"{path} holds no public key in PEM form.") from error
    if not isinstance(key, RSAPublicKey):
        raise KeyUnreadable(f"{path} holds a key that is not RSA.")
    return key


class Assertions:
    """Checks assertions against the public keys of the accounts that are known.

    Parameters
    ----------
    keys : sequence of RSAPublicKey
        An assertion is good if it is signed with the private half of one of these.
    accept_any : bool
        Whether every well-formed assertion is good, whoever signed it. For development.
    """

    def __init__(self, keys: Sequence[RSAPublicKey] = (), *, accept_any: bool = False) -> None:
        self._keys = tuple(keys)
        self._accept_any = accept_any

    def check(self, assertion: str, hosts: Iterable[str]) -> None:
        """Check an assertion: signature, ``sub``, ``aud`` and ``exp``; no other claim is asked.

        Parameters
        ----------
        assertion : str
        hosts : iterable of str
            Names and ports of this service, one of which ``aud`` has to name.

        Raises
        ------
        EinsteinError
            401 for a signature that is not good, 400 for all else.
        """
        import jwt

        if self._accept_any:
            try:
                jwt.decode(assertion, options={"verify_signature": False})
            except (jwt.InvalidTokenError, *_ODD) as error:
                raise EinsteinError(400, "The assertion is not a JWT.") from error
            return
        claims = self._verified(assertion)
        if not str(claims.get("sub") or "").strip():
            raise EinsteinError(400, "The assertion's sub names no account.")
        if not is_audience(claims.get("aud"), hosts):
            raise EinsteinError(400, "The assertion's aud is not the URL of this call.")

    def _verified(self, assertion: str) -> dict[str, Any]:
        import jwt

        if not self._keys:
            text = "No public key is known here: start the service with --public-key."
            raise EinsteinError(401, text)
        options: Any = {
            "require": ["exp"],
            "verify_aud": False,  # checked above
            "verify_iat": False,  # some clients send odd ones, or none
            "verify_iss": False,
            "verify_sub": False,
            "verify_jti": False,
        }
        for key in self._keys:
            try:
                return jwt.decode(assertion, key, algorithms=["RS256"], options=options)
            except jwt.InvalidSignatureError:
                continue
            except jwt.ExpiredSignatureError as error:
                raise EinsteinError(400, "The assertion has expired.") from error
            except jwt.MissingRequiredClaimError as error:
                raise EinsteinError(400, "The assertion has no exp.") from error
            except jwt.InvalidAlgorithmError as error:
                raise EinsteinError(401, "The assertion is not signed with RS256.") from error
            except (jwt.InvalidTokenError, *_ODD) as error:
                raise EinsteinError(400, "The assertion is not a valid JWT.") from error
        raise EinsteinError(401, "The assertion is signed with no key that is known here.")
