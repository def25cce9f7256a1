"""Checks of what is to be labelled, the same for all services."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import Problem, RequestError

__all__ = ["checked_texts", "listed_texts"]


def checked_texts(texts: Iterable[str], top_n: int | None = None) -> list[str]:
    """Return the texts as a list.

    Raises
    ------
    RequestError
        If they are no texts, or ``top_n`` is no number above 0.

    Examples
    --------
    >>> checked_texts(["where is my card"], top_n=1)
    ['where is my card']
    """
    wanted, problems = listed_texts(texts)
    if top_n is not None and (type(top_n) is not int or top_n < 1):
        fix = "Give a whole number, 1 or more, or None."
        problems.append(Problem("top_n", f"is {top_n!r}", fix))
    if problems:
        raise RequestError("This can't be labelled as it stands:", problems)
    return wanted


def listed_texts(texts: Iterable[str]) -> tuple[list[str], list[Problem]]:
    """Return the texts as a list, and what is wrong with them."""
    given: object = texts
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        what = "is one text" if isinstance(given, str) else f"is a {type(given).__name__}"
        return [], [Problem("texts", what, "Give a list of texts.")]
    wanted = list(texts)
    rows = tuple(row for row, text in enumerate(wanted) if not isinstance(text, str))
    wrong = Problem("texts", "holds what is no text", "", rows[:5], len(rows))
    return wanted, [wrong] if rows else []
