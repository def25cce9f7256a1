"""Getting into Einstein Language: paths, the token call, and what an error looks like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import Problem

__all__ = ["FILE_BYTES", "HOSTED_URL", "INVALID_SCHEME", "INVALID_TOKEN", "PREFIX"]
__all__ += ["TOKENS_PATH", "TOKEN_PATH", "error_body", "is_einstein"]

Json = dict[str, Any]

HOSTED_URL = "https://api.einstein.ai"
"""Where the vendor's service is, or was."""

PREFIX = "/v2"
TOKEN_PATH = f"{PREFIX}/oauth2/token"
TOKENS_PATH = f"{PREFIX}/oauth2/tokens"

FILE_BYTES = 25_000_000
"""Bytes in a data file: the vendor's 25 MB."""

INVALID_SCHEME = "Invalid authentication scheme"
INVALID_TOKEN = "Invalid access token"  # noqa: S105


def error_body(message: str, problems: Iterable[Problem] = ()) -> Json:
    """Write the body of an error answer.

    Examples
    --------
    >>> error_body("Your request is not valid.", [Problem("epochs", "is 0", "Give 1 to 1000.")])
    {'message': 'Your request is not valid. epochs: is 0. Give 1 to 1000.'}
    """
    return {"message": " ".join([message, *map(str, problems)])}


def is_einstein(path: str) -> bool:
    """Tell whether a path belongs to this protocol.

    Examples
    --------
    >>> is_einstein("/v2/apiusage"), is_einstein("/connect/token")
    (True, False)
    """
    return path == PREFIX or path.startswith(f"{PREFIX}/")
