"""A model's answer made into a name and a description, or turned down. It is only ever text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ..naming import NameOutcome
from ..redaction import plain_line, redact

__all__ = ["read_answer", "unique_name"]

# A little more than was asked for is taken; much more is a sign that something else spoke.
_WORDS_IN_NAME = 8
_NAME_LENGTH = 60
_WORDS_IN_DESCRIPTION = 50
_DESCRIPTION_LENGTH = 400

_MOST_BRACES = 50
_TAG = re.compile(r"<[^<>]*>")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_MARKDOWN = re.compile(r"[`*_#~|\\{}<>]+")
_PLACEHOLDER = re.compile(r"\[(?:email|link|iban|card|phone|code|number)\]")
_EDGES = " \t.,;:!?'\"“”„«»‘’()[]=+-–—@/%&$^"
# A name that is an apology; in other languages than English they are too long to be a name.
_APOLOGY = re.compile(
    r"(?:i['’]?m |i am )?(?:very )?(?:sorry|unable)\b|i (?:can(?:['’]t|not)|won['’]t)\b|as an ai\b",
    re.IGNORECASE,
)


def read_answer(text: str) -> tuple[str, str] | NameOutcome:
    r"""Return name and description, or why the answer is not used.

    Markup, control and invisible characters, addresses and numbers of persons are taken out.

    Examples
    --------
    >>> read_answer('Sure! {"name": "**Lost** card", "description": "Cards\\nlost abroad."}')
    ('Lost card', 'Cards lost abroad.')
    >>> read_answer("I can't help with that.")
    <NameOutcome.NOT_JSON: 'not json'>
    """
    if not text.strip():
        return NameOutcome.EMPTY
    answer = next(_objects(text.rpartition("</think>")[2]), None)
    if answer is None:
        return NameOutcome.NOT_JSON
    said, described = answer.get("name"), answer.get("description")
    name = _clean(said).strip(_EDGES) if isinstance(said, str) else ""
    description = _clean(described).lstrip("=+-@ ") if isinstance(described, str) else ""
    if not any(char.isalpha() for char in name):
        return NameOutcome.EMPTY
    if _APOLOGY.match(name):
        return NameOutcome.REFUSED
    if len(name) > _NAME_LENGTH or len(name.split()) > _WORDS_IN_NAME:
        return NameOutcome.TOO_LONG
    if len(description) > _DESCRIPTION_LENGTH or len(description.split()) > _WORDS_IN_DESCRIPTION:
        return NameOutcome.TOO_LONG
    return name, description


def unique_name(name: str, keywords: Sequence[str], taken: Collection[str]) -> str:
    """Return the name, with a key word or a number behind it if it is taken.

    Examples
    --------
    >>> unique_name("Lost card", ["card", "abroad"], {"lost card"})
    'Lost card (abroad)'
    """
    known = name.casefold()
    if known not in taken:
        return name
    for word in keywords:
        longer = f"{name} ({word})"
        if word.casefold() not in known and longer.casefold() not in taken:
            return longer
    number = 2
    while f"{known} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects with a name in a text that may hold more than JSON."""
    decoder = json.JSONDecoder(strict=False)
    start = text.find("{")
    for _ in range(_MOST_BRACES):
        if start < 0:
            return
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and "name" in value:
            yield value
        start = text.find("{", start + 1)


def _clean(text: str) -> str:
    text = plain_line(html.unescape(text[:5000]))
    text = _MARKDOWN_LINK.sub(r"\1", _TAG.sub(" ", text))
    text = _PLACEHOLDER.sub(" ", redact(text))
    return " ".join(_MARKDOWN.sub(" ", text).split())
