"""DataFrame columns -> plain values, with everything that is wrong with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from reprlib import repr as short
from typing import TYPE_CHECKING, Any

from .documents import (
    NOT_ENCODABLE,
    READ_AGAIN,
    Speaker,
    is_encodable,
    is_missing,
    plain_text,
    speaker_of,
    speaker_word,
)
from .errors import Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Columns",
    "column_problem",
    "id_text",
    "in_time",
    "read_columns",
    "read_timestamps",
]

_KEPT_ROWS = 5


@dataclass(slots=True)
class Columns:
    """The columns of one DataFrame as plain lists, one entry a row, and their problems.

    ``errors`` keep the data from being written, ``warnings`` don't. A list is empty when its
    column was not asked for, or could not be read. A speaker is None where the word for it is
    missing or not known, which is an error.
    """

    rows: int = 0
    texts: list[str] = field(default_factory=list)
    dialogue_ids: list[str] = field(default_factory=list)
    speakers: list[Speaker | None] = field(default_factory=list)
    timestamps: list[str | None] = field(default_factory=list)
    intents: list[str | None] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def read_columns(
    df: object,
    *,
    text: str | None,
    dialogue_id: str | None = None,
    speaker: str | None = None,
    timestamp: str | None = None,
    intent: str | None = None,
    speakers: object = None,
) -> Columns:
    """Read the named columns; whatever is wrong ends up in the problems, nothing is raised."""
    import pandas as pd

    columns = Columns()
    if not isinstance(df, pd.DataFrame):
        what = f"is a {type(df).__name__}, not a pandas DataFrame"
        columns.errors.append(Problem("df", what, "Make one: pd.DataFrame({'text': ...})."))
        return columns
    columns.rows = len(df)
    if not columns.rows:
        columns.errors.append(Problem("df", "has no rows", "Was a filter too strict?"))
    if text is None:
        columns.errors.append(Problem("text", "is not named", "Name the column of the texts."))
    values = {
        role: _column(df, role, name, columns.errors)
        for role, name in [
            ("text", text), ("dialogue_id", dialogue_id), ("speaker", speaker),
            ("timestamp", timestamp), ("intent", intent),
        ]
    }  # fmt: skip
    if values["text"] is not None:
        columns.texts = _texts(str(text), values["text"], columns)
    if values["dialogue_id"] is not None:
        columns.dialogue_ids = _ids(str(dialogue_id), values["dialogue_id"], columns)
    if values["speaker"] is not None:
        columns.speakers = _speakers(str(speaker), values["speaker"], speakers, columns)
    if values["timestamp"] is not None:
        columns.timestamps = _timestamps(str(timestamp), values["timestamp"], columns)
    if values["intent"] is not None:
        columns.intents = _intents(str(intent), values["intent"], columns)
    return columns


def _column(df: pd.DataFrame, role: str, name: object, errors: list[Problem]) -> list[Any] | None:
    if name is None:
        return None
    problem = column_problem(df, role, name)
    if problem is not None:
        errors.append(problem)
        return None
    names: list[object] = list(df.columns)
    values: list[Any] = df.iloc[:, names.index(name)].tolist()
    return values


def column_problem(df: pd.DataFrame, role: str, name: Any) -> Problem | None:
    """Tell why a name doesn't stand for one column of a DataFrame; None if it does."""
    if not isinstance(name, Hashable):
        what = f"is a {type(name).__name__} instead of the name of a column"
        return Problem(role, what, "Write the name alone, not df['name'].")
    names: list[object] = list(df.columns)
    found = names.count(name)
    if found == 1:
        return None
    if found > 1:
        what = f"names {name!r}, and {found} columns are called so"
        return Problem(role, what, "Rename them, or drop all but one.")
    near = get_close_matches(str(name), [str(n) for n in names], n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    shown = ", ".join(repr(n) for n in names[:12]) + (", …" if len(names) > 12 else "")
    fix = f"{hint}The columns are: {shown or 'none'}."
    return Problem(role, f"names {name!r}, and there is no such column", fix)


def _rows(problem: tuple[str, str, str], rows: Iterable[int], into: list[Problem]) -> None:
    listed = list(rows)
    if listed:
        into.append(Problem(*problem, rows=tuple(listed[:_KEPT_ROWS]), count=len(listed)))


def _texts(name: str, values: list[Any], columns: Columns) -> list[str]:
    wrong: dict[str, list[int]] = {}
    texts: list[str] = []
    empty: list[int] = []
    for row, value in enumerate(values):
        if isinstance(value, str):
            texts.append(str(value))
            if not value or value.isspace():
                empty.append(row)
        else:
            texts.append("")
            if is_missing(value):
                empty.append(row)
            else:
                wrong.setdefault(type(value).__name__, []).append(row)
    for kind, rows in wrong.items():
        fix = (
            "Decode them first: df[column].str.decode('utf-8')."
            if kind == "bytes"
            else "Make one text of each cell first."
        )
        _rows((name, f"holds {kind} instead of text", fix), rows, columns.errors)
    if values and len(empty) == len(values):
        _rows((name, "has no text at all", "Is it the right column?"), empty, columns.errors)
    else:
        fix = "They count no words and get no cluster."
        _rows((name, "has empty texts", fix), empty, columns.warnings)
    _encodable(name, texts, columns)
    return texts


def _encodable(name: str, texts: Iterable[str | None], columns: Columns) -> list[int]:
    rows = [row for row, text in enumerate(texts) if text and not is_encodable(text)]
    _rows((name, NOT_ENCODABLE, READ_AGAIN), rows, columns.errors)
    return rows


def id_text(value: object) -> str | None:
    """Write an id as text: ``7``, ``7.0`` and ``"7"`` are one id; None where it is none."""
    if isinstance(value, str):
        return str(value) if value and not value.isspace() else None
    if type(value) is int:
        return str(value)
    if is_missing(value) or not isinstance(value, Hashable):
        return None
    if isinstance(value, bytes | tuple | frozenset):
        return None
    return plain_text(value)


def _ids(name: str, values: list[Any], columns: Columns) -> list[str]:
    ids = [id_text(value) for value in values]
    missing = [row for row, value in enumerate(ids) if value is None]
    fix = "Fill them in, or drop the rows."
    _rows((name, "has missing or unusable ids", fix), missing, columns.errors)
    for row in _encodable(name, ids, columns):
        ids[row] = None  # Arrow could not hold it
    return [value or "" for value in ids]


def _speakers(
    name: str, values: list[Any], words: object, columns: Columns
) -> list[Speaker | None]:
    meanings = _meanings(words, columns)
    known: dict[str, Speaker | None] = {}
    speakers: list[Speaker | None] = []
    unknown: list[int] = []
    missing: list[int] = []
    for row, value in enumerate(values):
        word = value if isinstance(value, str) else _word(value)
        if word not in known:
            folded = speaker_word(word)
            known[word] = meanings.get(word) or meanings.get(folded) or speaker_of(folded)
        found = known[word]
        if found is None:
            (unknown if word and not word.isspace() else missing).append(row)
        speakers.append(found)
    _rows(
        (name, "has missing speakers", "Fill them in, or drop the rows."), missing, columns.errors
    )
    if unknown:
        strange = [short(word) for word, found in known.items() if found is None and word.strip()]
        shown = ", ".join(strange[:6]) + (", …" if len(strange) > 6 else "")
        example = "{" + f"{strange[0]}: 'customer'" + "}"
        fix = f"Say what they mean: speakers={example}. Known: {', '.join(Speaker)}."
        _rows((name, f"has speakers that mean nothing here: {shown}", fix), unknown, columns.errors)
    return speakers


def _word(value: object) -> str:
    return "" if is_missing(value) else speaker_word(value)


def _meanings(words: object, columns: Columns) -> dict[str, Speaker]:
    """Return what the user's words mean: as they are written, and as words are compared."""
    if not isinstance(words, Mapping | None):
        what = f"is a {type(words).__name__} instead of a mapping"
        columns.errors.append(Problem("speakers", what, "Write speakers={'Kunde': 'customer'}."))
        return {}
    exact: dict[str, Speaker] = {}
    compared: dict[str, Speaker] = {}
    for word, meaning in words.items() if words is not None else ():
        speaker = speaker_of(meaning)
        if speaker is None:
            what = f"gives {short(word)} the meaning {short(meaning)}"
            columns.errors.append(Problem("speakers", what, f"Known: {', '.join(Speaker)}."))
            continue
        key = _word(word)
        exact[word if isinstance(word, str) else key] = speaker
        compared.setdefault(key, speaker)
    return compared | exact


def _timestamps(name: str, values: list[Any], columns: Columns) -> list[str | None]:
    stamps: list[str | None] = []
    wrong: list[int] = []
    naive: list[int] = []
    for row, value in enumerate(values):
        stamp: str | None = None
        if is_missing(value) or (isinstance(value, str) and not value.strip()):
            pass
        elif isinstance(value, dt.date | str):
            written = value.strip() if isinstance(value, str) else value.isoformat()
            try:
                moment = dt.datetime.fromisoformat(written)
            except ValueError:
                wrong.append(row)
            else:
                stamp = value.isoformat() if isinstance(value, dt.datetime) else moment.isoformat()
                if moment.tzinfo is None:
                    naive.append(row)
        else:
            wrong.append(row)
        stamps.append(stamp)
    fix = "Convert the column first: pd.to_datetime(df[column])."
    _rows((name, "has times that are not ISO 8601", fix), wrong, columns.errors)
    if len(naive) < sum(stamp is not None for stamp in stamps):
        fix = "They count as UTC in the order of turns."
        _rows((name, "has times without a time zone beside others with one", fix), naive,
              columns.warnings)  # fmt: skip
    return stamps


def read_timestamps(df: pd.DataFrame, name: str, errors: list[Problem]) -> list[str | None]:
    """Read a column of times as ISO 8601 text; what is wrong goes into ``errors``."""
    columns = Columns(errors=errors)
    values = _column(df, "timestamp", name, errors)
    return [] if values is None else _timestamps(name, values, columns)


def in_time(rows: Sequence[int], timestamps: Sequence[str | None]) -> list[int]:
    """Sort rows by time; those without stay behind the one that they follow."""
    latest = dt.datetime.min.replace(tzinfo=dt.UTC)
    keys = {}
    for row in rows:
        stamp = timestamps[row]
        if stamp is not None:
            moment = dt.datetime.fromisoformat(stamp)
            latest = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        keys[row] = latest
    return sorted(rows, key=keys.__getitem__)


def _intents(name: str, values: list[Any], columns: Columns) -> list[str | None]:
    # What is no text is wrong, but not empty: it counts as the label that it would be as text.
    to_text: Callable[[Any], str | None] = lambda value: (  # noqa: E731
        None if is_missing(value) else str(value).strip() or None
    )
    wrong = [row for row, v in enumerate(values) if not isinstance(v, str) and not is_missing(v)]
    fix = "Make text of them: df[column].astype(str)."
    _rows((name, "has intents that are not text", fix), wrong, columns.errors)
    intents = [to_text(value) for value in values]
    _encodable(name, intents, columns)
    return intents
