"""JSON as it is, and JSON as vendors' pages print it: with comments, and commas missing.

The samples on Knovvu's own pages are no valid JSON (a ``//`` comment in the token answer, no commas
in the progress answer). Should a service ever send what its pages show, that is understood; proper
JSON never comes this way.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["read_json"]

# Longer texts are not mended: what is meant here are answers of a few lines.
_MENDED_MAX = 64 * 1024
# Strings, comments and marks before bare words; no alternative can scan the same text twice.
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*")
      | (?P<skipped>\s+ | //[^\n]* | /\*(?:.*?\*/|.*))
      | (?P<mark>[{}\[\]:,])
      | (?P<word>[^\s{}\[\]:,"/]+)""",
    re.VERBOSE | re.DOTALL,
)


def read_json(text: str) -> Any:
    """Read JSON, and objects and arrays with comments or with missing or trailing commas.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> read_json('{"percent": 100 "trainingStatus": "Completed", // done')
    Traceback (most recent call last):
        ...
    ValueError: no JSON
    >>> read_json('{"percent": 100 "trainingStatus": "Completed", } // done')
    {'percent': 100, 'trainingStatus': 'Completed'}
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if len(text) > _MENDED_MAX or not text.lstrip().startswith(("{", "[", "/")):
        raise ValueError("no JSON")
    try:
        read = json.loads(_mended(text), strict=False)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    if not isinstance(read, dict | list):
        raise ValueError("no JSON")
    return read


def _mended(text: str) -> str:
    """Leave out comments and trailing commas, and put commas between values that have none."""
    kept: list[str] = []
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise ValueError("no JSON")
        place = token.end()
        if token.lastgroup == "skipped":
            continue
        written = token.group()
        if written in "}]" and kept[-1:] == [","] and kept[-2] not in "{[:,":
            kept.pop()
        elif kept and written not in "}]:," and kept[-1] not in "{[:,":
            kept.append(",")
        kept.append(written)
    return "".join(kept)
