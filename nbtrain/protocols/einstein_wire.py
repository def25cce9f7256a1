"""What all of Einstein Language's calls share: paths, dates, ids, pages; no I/O."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..errors import Problem, RequestError

__all__ = [
    "LANGUAGE_PATH",
    "Json",
    "date_from_json",
    "date_to_json",
    "id_of_bytes",
    "language_from_wire",
    "language_to_wire",
    "list_to_json",
    "read_page",
]

Json = dict[str, Any]

LANGUAGE_PATH = "/v2/language"

_ZONE = re.compile(r"([+-]\d\d):?(\d\d)$")


def date_to_json(seconds: float) -> str:
    """Write a time (seconds since 1970) as the vendor does.

    Examples
    --------
    >>> date_to_json(1585794802.5)
    '2020-04-02T02:33:22.500+0000'
    """
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def date_from_json(text: object) -> float | None:
    """Read a time as seconds since 1970; None if it is none.

    Examples
    --------
    >>> date_from_json("2020-04-02T02:33:22.500+0000"), date_from_json("2017-04-01T00:00:00.000Z")
    (1585794802.5, 1491004800.0)
    """
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(_ZONE.sub(r"\1:\2", text.strip()))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def id_of_bytes(random: bytes) -> str:
    """Write 16 random bytes as the id of a model or of a deletion: 26 characters A-Z and 2-7.

    Examples
    --------
    >>> id_of_bytes(bytes(16))
    'AAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return b32encode(random).decode("ascii").rstrip("=")


def language_to_wire(code: str) -> str:
    """Write a language code with an underscore, as the vendor does: ``en_US``."""
    return code.replace("-", "_")


def language_from_wire(code: str) -> str:
    """Write a language code with a hyphen, as nbtrain does: ``en-US``."""
    return code.replace("_", "-")


def list_to_json(data: Iterable[Json]) -> Json:
    """Write a list."""
    return {"object": "list", "data": list(data)}


def read_page(
    query: Mapping[str, str], *, most: int, default: int | None = None
) -> tuple[int, int]:
    """Read ``offset`` and ``count`` of a query; a count above ``most`` acts as ``most``.

    Raises
    ------
    RequestError
        If one is no whole number, 0 or more.

    Examples
    --------
    >>> read_page({"offset": "25", "count": "1000"}, most=25), read_page({}, most=100)
    ((25, 25), (0, 100))
    """
    problems: list[Problem] = []

    def number(name: str, otherwise: int) -> int:
        text = query.get(name, "").strip()
        if not text:
            return otherwise
        if text.isascii() and text.isdigit():
            return min(int(text[:18]), 2**53)
        problems.append(Problem(name, f"is {text[:40]!r}", "Send a whole number, 0 or more."))
        return otherwise

    page = number("offset", 0), min(number("count", most if default is None else default), most)
    if problems:
        raise RequestError("The page is not valid.", problems)
    return page
