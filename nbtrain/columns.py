"""DataFrame columns -> plain values, with everything that is wrong with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from .documents import Speaker, is_missing, speaker_of
from .errors import Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Columns", "read_columns"]

_KEPT_ROWS = 5


@dataclass(slots=True)
class Columns:
    """The columns of one DataFrame as plain lists, one entry a row, and their problems.

    ``errors`` keep the data from being written, ``warnings`` don't. A list is empty when its
    column was not asked for, or could not be read.
    """

    rows: int = 0
    texts: list[str] = field(default_factory=list)
    dialogue_ids: list[str] = field(default_factory=list)
    speakers: list[Speaker] = field(default_factory=list)
    timestamps: list[str | None] = field(default_factory=list)
    intents: list[str | None] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def read_columns(
    df: pd.DataFrame,
    *,
    text: str,
    dialogue_id: str | None = None,
    speaker: str | None = None,
    timestamp: str | None = None,
    intent: str | None = None,
    speakers: Mapping[Any, str] | None = None,
) -> Columns:
    """Read the named columns; whatever is wrong ends up in the problems, nothing is raised."""
    columns = Columns()
    if not hasattr(df, "columns") or not hasattr(df, "iloc"):
        what = f"is a {type(df).__name__}, not a pandas DataFrame"
        columns.errors.append(Problem("df", what, "Wrap it: pd.DataFrame(...)."))
        return columns
    columns.rows = len(df)
    if not columns.rows:
        columns.errors.append(Problem("df", "has no rows", "Was a filter too strict?"))
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
        columns.speakers = _speakers(str(speaker), values["speaker"], speakers or {}, columns)
    if values["timestamp"] is not None:
        columns.timestamps = _timestamps(str(timestamp), values["timestamp"], columns)
    if values["intent"] is not None:
        columns.intents = _intents(str(intent), values["intent"], columns)
    return columns


def _column(
    df: pd.DataFrame, role: str, name: str | None, errors: list[Problem]
) -> list[Any] | None:
    if name is None:
        return None
    names = list(df.columns)
    found = names.count(name)
    if found == 1:
        values: list[Any] = df[name].tolist()
        return values
    if found > 1:
        errors.append(Problem(role, f"names {name!r}, and {found} columns are called so"))
        return None
    near = get_close_matches(str(name), [str(n) for n in names], n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    shown = ", ".join(repr(n) for n in names[:12]) + (", …" if len(names) > 12 else "")
    fix = f"{hint}The columns are: {shown or 'none'}."
    errors.append(Problem(role, f"names {name!r}, and there is no such column", fix))
    return None


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
    return texts


def id_text(value: object) -> str | None:
    """Write an id as text: ``7``, ``7.0`` and ``"7"`` are one id; None where it is none."""
    if isinstance(value, str):
        return value if value.strip() else None
    if is_missing(value) or isinstance(value, bytes | list | dict | set | tuple):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _ids(name: str, values: list[Any], columns: Columns) -> list[str]:
    ids = [id_text(value) for value in values]
    missing = [row for row, value in enumerate(ids) if value is None]
    fix = "Fill them in, or drop the rows."
    _rows((name, "has missing or unusable ids", fix), missing, columns.errors)
    return [value or "" for value in ids]


def _speakers(
    name: str, values: list[Any], words: Mapping[Any, str], columns: Columns
) -> list[Speaker]:
    known: dict[Any, Speaker | None] = {}
    speakers: list[Speaker] = []
    unknown: list[int] = []
    for row, value in enumerate(values):
        key = value if isinstance(value, str | int) else str(value)
        if key not in known:
            known[key] = speaker_of(words.get(key, key))
        found = known[key]
        if found is None:
            unknown.append(row)
        speakers.append(found or Speaker.SYSTEM)
    if unknown:
        strange = [repr(key) for key, found in known.items() if found is None]
        shown = ", ".join(strange[:6]) + (", …" if len(strange) > 6 else "")
        example = "{" + f"{strange[0]}: 'customer'" + "}"
        fix = f"Say what they mean: speakers={example}. Known: {', '.join(Speaker)}."
        _rows((name, f"has speakers that mean nothing here: {shown}", fix), unknown, columns.errors)
    return speakers


def _timestamps(name: str, values: list[Any], columns: Columns) -> list[str | None]:
    stamps: list[str | None] = []
    wrong: list[int] = []
    for row, value in enumerate(values):
        stamp: str | None = None
        if isinstance(value, dt.datetime) and not is_missing(value):
            stamp = value.isoformat()
        elif isinstance(value, str) and value.strip():
            try:
                stamp = dt.datetime.fromisoformat(value.strip()).isoformat()
            except ValueError:
                wrong.append(row)
        elif not is_missing(value) and value != "":
            wrong.append(row)
        stamps.append(stamp)
    fix = "Convert the column first: pd.to_datetime(df[column])."
    _rows((name, "has times that are not ISO 8601", fix), wrong, columns.errors)
    return stamps


def _intents(name: str, values: list[Any], columns: Columns) -> list[str | None]:
    to_text: Callable[[Any], str | None] = lambda value: (  # noqa: E731
        str(value).strip() or None if isinstance(value, str) else None
    )
    wrong = [row for row, v in enumerate(values) if not isinstance(v, str) and not is_missing(v)]
    fix = "Make text of them: df[column].astype(str)."
    _rows((name, "has intents that are not text", fix), wrong, columns.errors)
    return [to_text(value) for value in values]
