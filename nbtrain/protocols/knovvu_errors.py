"""What Knovvu says when it says no: the envelope of an error answer, both directions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import Problem

__all__ = [
    "error_envelope",
    "error_message",
    "error_problems",
    "is_still_training",
    "still_training_message",
]

Json = dict[str, Any]


def still_training_message(model_id: str) -> str:
    """Return the vendor's words (v1.70) for a model that is in training already."""
    return f"The training is still in progress for the same model ID: {model_id}"


def is_still_training(status_code: int, message: str) -> bool:
    """Tell whether an answer to a training request means that the model is in training already."""
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
    """Find the message in an error answer, whatever its form."""
    if isinstance(body, dict):
        error = body.get("error")
        inner = error.get("message") if isinstance(error, dict) else None
        for candidate in (inner, body.get("message"), body.get("error_description"), error):
            if isinstance(candidate, str) and candidate.strip():
                return candidate.strip()
    return text.strip()[:300] or "The service gave no reason."


def error_problems(body: object) -> list[Problem]:
    """Find the per-field problems in an error answer; an empty list when there are none."""
    error = body.get("error") if isinstance(body, dict) else None
    listed = error.get("validationErrors") if isinstance(error, dict) else None
    problems = []
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("message"), str):
            members = entry.get("members")
            named = members if isinstance(members, list) else [members] if members else []
            where = ", ".join(map(str, named)) or "request"
            what = str(entry["message"]).removeprefix(f"{where}: ")
            problems.append(Problem(where, what))
    return problems
