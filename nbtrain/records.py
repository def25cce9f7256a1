"""JSON records -> documents: a streaming reader, and the rules that a record must keep."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from reprlib import repr as short
from typing import Any

from .documents import (
    NOT_ENCODABLE,
    READ_AGAIN,
    Dialogue,
    Speaker,
    Turn,
    Utterance,
    is_encodable,
    speaker_of,
)
from .errors import DataError, Problem

__all__ = ["Records", "dialogues_from_records", "utterances_from_records"]

_CHUNK = 1 << 20
_RECORD_LIMIT = 64 << 20
_LISTED = 20
_GAP = re.compile(r"[ \t\n\r]*")
# JSONDecodeError points this near the end of a text that is cut off, at most: "-Infinity".
_CUT = 10


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


class Records:
    """The records of a JSON file: the items of an array, or one object a line.

    Reads a little at a time, so that memory holds one record, not the file.

    Parameters
    ----------
    path : Path
        A UTF-8 file, with or without a byte-order mark.
    on_bytes : callable, optional
        Is handed every chunk of bytes that is read.
    """

    def __init__(self, path: Path, on_bytes: Callable[[bytes], object] | None = None) -> None:
        self.path = path
        self._on_bytes = on_bytes

    def error(self, what: str, fix: str = "") -> DataError:
        """Make the error that the file as a whole is no good."""
        return DataError("The data file can't be used.", [Problem(self.path.name, what, fix)])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        try:
            file = self.path.open("rb")
        except (OSError, ValueError) as error:  # the latter for a name with a NUL
            raise self._unreadable(error) from error
        with file:
            chunks = iter(lambda: file.read(_CHUNK), b"")
            try:
                yield from self._parse(self._decode(chunks))
            except OSError as error:
                raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> DataError:
        return self.error(f"can't be read: {getattr(error, 'strerror', None) or error}")

    def _decode(self, chunks: Iterator[bytes]) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        try:
            for chunk in chunks:
                if self._on_bytes is not None:
                    self._on_bytes(chunk)
                yield decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise self.error("is not UTF-8 text", "Save it as UTF-8.") from error

    def _parse(self, texts: Iterator[str]) -> Iterator[dict[str, Any]]:
        decoder = json.JSONDecoder(parse_constant=_refuse)
        buffer, position, count, more = "", 0, 0, True
        opened = closed = False
        comma = True  # whether a record may come next
        while True:
            gap = _GAP.match(buffer, position)
            position = gap.end() if gap else position
            if position == len(buffer) and more:
                piece = next(texts, None)
                more = piece is not None
                buffer, position = piece or "", 0
                continue
            if position == len(buffer):
                break
            if closed:
                raise self.error("goes on after the end of its array")
            sign = buffer[position]
            if not opened and count == 0 and sign == "[":
                opened, position = True, position + 1
                continue
            if opened and sign == "]" and not (comma and count):
                closed, position = True, position + 1
                continue
            if opened and sign == "," and not comma:
                comma, position = True, position + 1
                continue
            if opened and not comma:
                raise self.error(f"is not valid JSON: a comma is missing before record {count}")
            try:
                record, position = decoder.raw_decode(buffer, position)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos >= len(buffer) - _CUT
                if cut and more:
                    if len(buffer) - position > _RECORD_LIMIT:
                        most = f"{_RECORD_LIMIT >> 20} million characters"
                        raise self.error(
                            f"holds more than {most} in record {count}, or lacks an end there"
                        ) from None
                    buffer, position, more = self._lengthen(buffer[position:], texts)
                    continue
                raise self.error(f"is not valid JSON at record {count}: {error.msg}") from None
            except (RecursionError, ValueError) as error:
                raise self.error(f"is not usable JSON at record {count}: {error}") from None
            if not isinstance(record, dict):
                raise self.error(f"holds {short(record)} as record {count} instead of an object")
            count, comma = count + 1, False
            yield {key.lower(): value for key, value in record.items()}
        if opened and not closed:
            raise self.error("ends in the middle of its array")
        if not opened and count == 0:
            raise self.error("is empty")

    @staticmethod
    def _lengthen(rest: str, texts: Iterator[str]) -> tuple[str, int, bool]:
        # Doubling keeps a long record from being parsed again for every chunk.
        parts, length = [rest], 0
        while length <= len(rest):
            piece = next(texts, None)
            if piece is None:
                return "".join(parts), 0, False
            parts.append(piece)
            length += len(piece)
        return "".join(parts), 0, True


class _Problems:
    """Collects what is wrong with records: the first few in words, the rest as a number."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._listed: list[Problem] = []
        self._count = 0

    def add(self, where: str, what: str, fix: str = "") -> None:
        self._count += 1
        if self._count <= _LISTED:
            self._listed.append(Problem(where, what, fix))

    def raise_any(self) -> None:
        if not self._count:
            return
        if self._count > _LISTED:
            more = Problem(self._records.path.name, f"has {self._count - _LISTED:,} problems more")
            self._listed.append(more)
        raise DataError("The data file can't be used.", self._listed)


def utterances_from_records(records: Records, *, all_labelled: bool = False) -> Iterator[Utterance]:
    """Turn labelled records into utterances; see :func:`nbtrain.files.read_utterances`."""
    problems = _Problems(records)
    labels: set[str] = set()
    for number, record in enumerate(records):
        text, label = record.get("text"), record.get("label")
        if not isinstance(text, str):
            problems.add(f"record {number}", _no_text("Text", text))
        elif label is not None and not isinstance(label, str):
            problems.add(f"record {number}", _no_text("Label", label))
        elif not is_encodable(text + (label or "")):
            problems.add(f"record {number}", NOT_ENCODABLE, READ_AGAIN)
        elif all_labelled and not ((label or "").strip() and text.strip()):
            key, value = ("Text", text) if (label or "").strip() else ("Label", label)
            problems.add(f"record {number}", _no_text(key, value))
        else:
            labels.add((label or "").strip())
            yield Utterance(text, label or None)
    if all_labelled and len(labels) == 1:
        what = f"holds only one label, {short(labels.pop())}"
        problems.add(records.path.name, what, "Classification needs at least 2.")
    problems.raise_any()


def dialogues_from_records(records: Records) -> Iterator[Dialogue]:
    """Turn records into dialogues; see :func:`nbtrain.files.read_dialogues`."""
    problems = _Problems(records)
    seen: set[str] = set()
    flat: dict[str, list[tuple[float, Turn]]] = {}
    for number, record in enumerate(records):
        where = f"record {number}"
        dialogue_id = record.get("dialogueid")
        if isinstance(dialogue_id, int) and not isinstance(dialogue_id, bool):
            dialogue_id = str(dialogue_id)
        if not isinstance(dialogue_id, str) or not dialogue_id.strip():
            problems.add(where, _no_text("dialogueId", dialogue_id), "Give each dialogue an id.")
            continue
        if not is_encodable(dialogue_id):
            problems.add(where, NOT_ENCODABLE, READ_AGAIN)
            continue
        if "turns" not in record:
            turns_so_far = flat.setdefault(dialogue_id, [])
            index = record.get("turnindex")
            index = len(turns_so_far) if index is None else index
            if not isinstance(index, int | float) or isinstance(index, bool):
                problems.add(where, _no_text("TurnIndex", index), "Give a number, or leave it out.")
                continue
            turn = _turn(record, where, problems)
            if turn is not None:
                turns_so_far.append((index, turn))
            continue
        if dialogue_id in seen:
            problems.add(where, f"has the dialogueId {dialogue_id!r} of an earlier record")
        seen.add(dialogue_id)
        listed = record["turns"]
        if not isinstance(listed, list) or not listed:
            problems.add(where, "has no turns", "Give at least one turn.")
            continue
        turns = [
            _turn(_lower(turn), f"{where}, turn {place}", problems)
            for place, turn in enumerate(listed)
        ]
        yield Dialogue(dialogue_id, tuple(turn for turn in turns if turn is not None))
    for dialogue_id, placed in flat.items():
        if dialogue_id in seen:
            problems.add(f"dialogue {dialogue_id!r}", "is given both nested and flat")
        placed.sort(key=lambda pair: pair[0])
        yield Dialogue(dialogue_id, tuple(turn for _, turn in placed))
    problems.raise_any()


def _turn(record: dict[str, Any] | None, where: str, problems: _Problems) -> Turn | None:
    if record is None:
        problems.add(where, "is no object")
        return None
    text, timestamp = record.get("text"), record.get("timestamp")
    speaker = speaker_of(record.get("speaker"))
    if speaker is None:
        known = ", ".join(Speaker)
        what = f"has the speaker {short(record.get('speaker'))}"
        problems.add(where, what, f"Known: {known}.")
    if not isinstance(text, str):
        problems.add(where, _no_text("text", text))
    elif not is_encodable(text):
        problems.add(where, NOT_ENCODABLE, READ_AGAIN)
    if timestamp is not None and not isinstance(timestamp, str):
        problems.add(where, _no_text("timestamp", timestamp))
        return None
    return Turn(speaker, text, timestamp) if speaker and isinstance(text, str) else None


def _lower(record: object) -> dict[str, Any] | None:
    if not isinstance(record, dict):
        return None
    return {str(key).lower(): value for key, value in record.items()}


def _no_text(key: str, value: object) -> str:
    if value is None:
        return f"has no {key}"
    if isinstance(value, str) and not value.strip():
        return f"has an empty {key}"
    return f"has the {type(value).__name__} {short(value)} as {key}"
