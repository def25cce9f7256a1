"""What Knovvu says when it says no: the envelope of an error answer, both directions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from unicodedata import category

from ..errors import Problem

__all__ = [
    "error_envelope",
    "error_message",
    "error_problems",
    "is_html",
    "is_still_training",
    "still_training_message",
]

Json = dict[str, Any]

# Lengths in characters of what is shown: of a message, and of a text that is none.
_MESSAGE_MAX = 1000
_TEXT_MAX = 300
_PROBLEMS_MAX = 100
_PAGE_MAX = 16_000


def still_training_message(model_id: str) -> str:
    """Return the vendor's words (v1.70) for a model that is in training already."""
    return f"The training is still in progress for the same model ID: {model_id}"


def is_still_training(status_code: int, message: str) -> bool:
    """Tell whether an answer to a training request means that the model is in training already.

    ``message`` may be the answer's message or its whole text, whatever envelopes are round it.
    """
    if status_code == 202:
        return True
    return status_code >= 300 and "still in progress for the same model" in message.lower()


def error_envelope(message: str, problems: Iterable[Problem] = ()) -> Json:
    """Write the body of an error answer."""
    listed = [{"message": str(problem), "members": [problem.where]} for problem in problems]
    return {
        "error": {"code": None, "message": message, "details": None, "validationErrors": listed}
    }


def error_message(body: object, text: str) -> str:
    """Find the message in an error answer, whatever its form; cleaned, and cut if it is long.

    Of a page in HTML it is the title, else its first words.

    Examples
    --------
    >>> error_message({"error": {"message": "No such model."}}, "")
    'No such model.'
    >>> error_message(None, "<html><title>502 Bad Gateway</title><body><h1>Sorry</h1></body>")
    '502 Bad Gateway'
    """
    if isinstance(body, dict):
        error = body.get("error")
        inner = error.get("message") if isinstance(error, dict) else None
        several = body.get("errors")
        first = several[0] if isinstance(several, list) and several else None
        for candidate in (inner, body.get("message"), body.get("error_description"), error, first):
            if isinstance(candidate, str) and (message := _clean(candidate, _MESSAGE_MAX)):
                return message
    if is_html(text):
        text = _words(text)
    return _clean(text, _TEXT_MAX) or "The service gave no reason."


def error_problems(body: object) -> list[Problem]:
    """Find the per-field problems in an error answer; an empty list when there are none."""
    error = body.get("error") if isinstance(body, dict) else None
    listed = error.get("validationErrors") if isinstance(error, dict) else None
    problems = []
    for entry in listed[:_PROBLEMS_MAX] if isinstance(listed, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("message"), str):
            members = entry.get("members")
            named = members if isinstance(members, list) else [members] if members else []
            where = _clean(", ".join(map(str, named)), _TEXT_MAX) or "request"
            what = _clean(entry["message"], _MESSAGE_MAX).removeprefix(f"{where}: ")
            problems.append(Problem(where, what))
    return problems


def is_html(text: str) -> bool:
    """Tell whether a text is a page in HTML, such as a gateway sends in a service's place."""
    return re.match(r"\s*<(!doctype|html|head|body|title|center|h1|p)\b", text, re.I) is not None


def _words(page: str) -> str:
    page = page[:_PAGE_MAX]
    title = re.search(r"<title[^>]*>([^<]+)", page, re.I)
    if title and title.group(1).strip():
        return unescape(title.group(1))
    page = re.sub(
        r"<(script|style)\b.*?(</\1[^>]*>?|$)|<!--.*?(-->|$)", " ", page, flags=re.I | re.S
    )
    return unescape(re.sub(r"<[^>]*>?", " ", page))


def _clean(text: str, length: int) -> str:
    """Put a text on one line, without characters that steer a terminal, and cut it."""
    # White space first, as line breaks count as control characters.
    spaced = " ".join(text[: 4 * length].split())
    kept = "".join(char for char in spaced if category(char) not in ("Cc", "Cf", "Cs"))
    return kept if len(kept) <= length else kept[: length - 1] + "…"
