"""The JSON forms of a data set file: labels with their texts, and labelled records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from reprlib import repr as short

from ..errors import DataError, Problem
from ..records import Records

__all__ = ["labelled_texts"]

_GAP = re.compile(r"[ \t\n\r]*")
_BY_LABEL = ("intents", "sentiments")

Row = tuple[str, object, object]


def labelled_texts(path: Path) -> Iterator[Row]:
    """Read where it stands, text and label of each example; neither is checked.

    Parameters
    ----------
    path : Path
        Either ``{"intents": {label: [text, ...]}}`` (or ``sentiments``), where a label may come
        more than once, or objects with ``text`` and ``label``, as an array or one a line.

    Raises
    ------
    DataError
        If it is no such JSON.
    """
    walk = _Walk(path, _text(path))
    if walk.sign() != "{" or walk.find(("text", "label", *_BY_LABEL)) not in _BY_LABEL:
        del walk
        for number, record in enumerate(Records(path), 1):
            yield f"record {number:,}", record.get("text"), record.get("label")
        return
    yield from walk.texts_by_label()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _error(path, "is not UTF-8 text", "Save it as UTF-8.") from error


def _error(path: Path, what: str, fix: str = "") -> DataError:
    return DataError("The data file can't be used.", [Problem(path.name, what, fix)])


class _Walk:
    """Goes through JSON a value at a time: a large object would take several times its size."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._place = 0
        self._decoder = json.JSONDecoder()

    def error(self, what: str) -> DataError:
        """Make the error that the file is no good."""
        return _error(self._path, what)

    def sign(self) -> str:
        """Return the next character that is no space; empty at the end."""
        gap = _GAP.match(self._text, self._place)
        assert gap is not None
        self._place = gap.end()
        return self._text[self._place : self._place + 1]

    def take(self, signs: str) -> str:
        """Take one of these characters."""
        sign = self.sign()
        if not sign:
            raise self.error("is not valid JSON: it ends too early")
        if sign not in signs:
            line = self._text.count("\n", 0, self._place) + 1
            wanted = " or ".join(repr(sign) for sign in signs)
            raise self.error(f"is not valid JSON in line {line:,}: {wanted} is missing")
        self._place += 1
        return sign

    def value(self) -> object:
        """Take the next value."""
        self.sign()
        try:
            value, self._place = self._decoder.raw_decode(self._text, self._place)
        except json.JSONDecodeError as error:
            raise self.error(f"is not valid JSON in line {error.lineno:,}: {error.msg}") from None
        except (RecursionError, ValueError) as error:
            raise self.error(f"is not usable JSON: {error}") from None
        found: object = value
        return found

    def keys(self) -> Iterator[str]:
        """Take an object: its keys, one by one, whose values are to be taken meanwhile."""
        self.take("{")
        if self.sign() == "}":
            self.take("}")
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise self.error(f"is not valid JSON: {short(key)} is no key")
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def find(self, names: tuple[str, ...]) -> str:
        """Go to the value of the first of these keys of an object."""
        for key in self.keys():
            if key.lower() in names:
                return key.lower()
            self.value()
        fix = "Either 'intents', or 'text' and 'label' of each record, is needed."
        raise _error(self._path, "is an object without intents", fix)

    def texts_by_label(self) -> Iterator[Row]:
        """Take an object of labels with an array of texts each, and the rest of the outer one."""
        if self.sign() != "{":
            raise self.error("has intents that are no object of labels")
        for label in self.keys():
            if self.sign() != "[":
                what = f"has {short(self.value())} instead of an array of texts"
                raise self.error(f"{what}, of the label {short(label)}")
            self.take("[")
            if self.sign() == "]":
                self.take("]")
                continue
            number = 1
            while True:
                yield f"text {number:,} of the label {short(label)}", self.value(), label
                number += 1
                if self.take(",]") == "]":
                    break
        while self.take(",}") == ",":
            self.value()
            self.take(":")
            self.value()
        if self.sign():
            raise self.error("goes on after the end of its object")
