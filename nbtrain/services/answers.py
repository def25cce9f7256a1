"""What a service answered: read from bytes, whatever they are, and turned into errors."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from json import dumps
from typing import Any
from urllib.parse import quote, quote_plus

from ..errors import (
    AuthenticationFailed,
    NbtrainError,
    RequestRejected,
    ServiceUnavailable,
    UnexpectedResponse,
)
from ..protocols import knovvu
from ..protocols.lenient_json import read_json
from .secrets import Secret

__all__ = ["Answer", "gathered", "read_answer", "reading"]

# Of what a service sends where JSON is expected so much is shown, in characters.
_SHOWN = 200
_SHORTEST_SECRET = 6
_ONE_BYTE_CHARSETS = ("windows-1254", "iso-8859-9", "windows-1252", "iso-8859-1")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. Neither its ``repr`` nor its errors show a secret.

    Parameters
    ----------
    status : int
        HTTP status.
    json : object
        Its JSON; None when it is none.
    text : str
        Its body as text.
    pause : float or None
        Seconds after which the service wants to be asked again, if it says so.
    secrets : tuple of Secret
        What must not be shown, should the service repeat it.
    """

    status: int
    json: Any = field(repr=False)
    text: str = field(repr=False)
    pause: float | None = None
    secrets: tuple[Secret, ...] = ()

    @property
    def message(self) -> str:
        """What the service says went wrong."""
        return knovvu.error_message(self.json, self.text)

    def check(self) -> Answer:
        """Return this answer if it is a success; raise what fits otherwise."""
        if self.status < 300:
            return self
        if self.status == 401:
            raise AuthenticationFailed(f"The service refused the credentials: {self.message}")
        if self.status == 403:
            raise AuthenticationFailed(f"The service does not allow this: {self.message}")
        if self.status in (429, 502, 503, 504):
            later = "" if self.pause is None else f" It asks to come back in {self.pause:.0f} s."
            raise ServiceUnavailable(f"{self.message} (HTTP {self.status}){later}", sent=True)
        raise RequestRejected(self.message, self.status, knovvu.error_problems(self.json))

    def object(self) -> dict[str, Any]:
        """Return the JSON object of a success; raise what fits otherwise."""
        self.check()
        if not isinstance(self.json, dict):
            raise UnexpectedResponse(f"A JSON object was expected, and came: {self.shown}.")
        return self.json

    @property
    def shown(self) -> str:
        """The beginning of the body, fit to be shown."""
        if not self.text.strip():
            return "nothing"
        if knovvu.is_html(self.text):
            return f"a page titled {knovvu.error_message(None, self.text)!r}"
        return repr(_scrubbed(self.text[: 50 * _SHOWN], self.secrets).strip()[:_SHOWN])


def gathered(chunks: Iterable[bytes], limit: int) -> tuple[bytes, bool]:
    """Put the pieces of a body together, and unpack it if it is in gzip.

    Returns
    -------
    body : bytes
        At most ``limit`` of them.
    whole : bool
        Whether that is all.

    Raises
    ------
    ValueError
        If what is in gzip is broken.
    """
    packed = bytearray()
    for chunk in chunks:
        packed += chunk
        if len(packed) > limit:
            break
    # By its first bytes, for headers tell it wrong at times; no JSON and no page begins so.
    if packed[:2] != b"\x1f\x8b":
        return bytes(packed[:limit]), len(packed) <= limit
    unpacker = zlib.decompressobj(wbits=31)
    try:
        # The length is limited here, too: a small body may unpack to a very large one.
        body = unpacker.decompress(packed, limit + 1)
    except zlib.error as error:
        raise ValueError(f"broken gzip: {error}") from None
    if len(body) <= limit and len(packed) <= limit and not unpacker.eof:
        raise ValueError("broken gzip: it ends too early")
    return body[:limit], len(body) <= limit


def read_answer(
    status: int,
    body: bytes,
    *,
    charset: str | None = None,
    pause: float | None = None,
    secrets: Iterable[Secret] = (),
) -> Answer:
    """Read the body of an answer: text in any encoding, JSON whatever its content type."""
    kept = tuple(secrets)
    text = _decoded(body, charset)
    if status >= 300:
        text = _scrubbed(text, kept)
    try:
        json = read_json(text)
    except ValueError:
        json = None
    return Answer(status, json, text, pause, kept)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn the failure to read an answer into an error that says what was missing.

    Examples
    --------
    >>> with reading("the status"):
    ...     {"stage": "naming"}["state"]
    Traceback (most recent call last):
        ...
    nbtrain.errors.UnexpectedResponse: The service's answer with the status lacks 'state'.
    """
    try:
        yield
    except NbtrainError:
        raise
    except KeyError as error:
        missing = error.args[0] if error.args else "a field"
        raise UnexpectedResponse(f"The service's answer with {what} lacks {missing!r}.") from None
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise UnexpectedResponse(
            f"The service's answer with {what} can't be read: {str(error)[:_SHOWN]}."
        ) from None


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Only charsets that can read any byte, so that this can't fail either.
        named = (charset or "").lower().strip()
        known = named if named in _ONE_BYTE_CHARSETS else "utf-8"
        return body.decode(known, "replace")


def _scrubbed(text: str, secrets: Iterable[Secret]) -> str:
    for secret in secrets:
        value = secret.reveal()
        if len(value) >= _SHORTEST_SECRET:
            in_json, in_page = dumps(value)[1:-1], escape(value)
            for form in {value, quote(value, safe=""), quote_plus(value), in_json, in_page}:
                text = text.replace(form, "***")
    return text
