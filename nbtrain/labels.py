"""Result -> labelled DataFrame: each row gets the cluster of its document."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from .columns import column_problem, id_text, in_time, read_timestamps
from .documents import DataSchema
from .errors import DataError, Problem
from .results import TrainingResult
from .turns import fingerprint, turn_id

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["label"]

_UNLABELLED = "The rows can't be labelled:"
# Dialogues by which the column of the texts is found, and rows that a problem names.
_TRIED, _NAMED = 20, 5


def label(
    df: pd.DataFrame,
    result: TrainingResult,
    *,
    by: str | None = None,
    column: str = "cluster",
    timestamp: str | None = None,
) -> pd.DataFrame:
    """Add the cluster of its document to every row.

    All rows of a dialogue get its cluster; where each turn is a document (``unit="utterance"``)
    each row gets its own turn's.

    Parameters
    ----------
    df : DataFrame
        The data that was trained on, or any other that holds the same dialogues or sentences.
    result : TrainingResult
        What the run handed back.
    by : str, optional
        The column that tells the document: the dialogue id, or the sentence itself. By default
        the column whose values are the result's documents is found.
    column : str
        Name of the new column of cluster ids; the names of the clusters go into
        ``f"{column}_name"``. Columns of these names are replaced in the copy.
    timestamp : str, optional
        Where each turn is a document: the column by which :func:`write_dialogues` sorted turns.

    Returns
    -------
    DataFrame
        A copy: same rows, same order, same index. Rows of no document (an empty text, a turn
        that was not clustered) hold ``<NA>``.

    Raises
    ------
    DataError
        If no column, or not the one named, holds the documents of the result; or if several
        might, and ``by`` doesn't say which. Where each turn is a document, also if the rows of a
        dialogue aren't all of its turns in their order, as their numbers would be wrong.
    """
    import pandas as pd

    labels = result.labels
    by_turn = result.unit == "utterance"
    known: Mapping[str, Any] = result.fingerprints if by_turn else labels
    to_key = id_text if result.schema is DataSchema.DIALOGUE else _text_key
    if not isinstance(cast(object, df), pd.DataFrame):
        raise _unlabelled("df", f"is a {type(df).__name__}, not a pandas DataFrame")
    if not labels and result.clusters:
        fix = "Ask the model: nbtrain.predict(df, run, text='column')."
        raise _unlabelled("result", "holds no labels of single texts", fix)
    if by is None:
        place = _find_column(df, known, to_key)
    elif problem := column_problem(df, "by", by):
        raise DataError(_UNLABELLED, [problem])
    else:
        place = list(df.columns).index(by)
    keys = [to_key(value) for value in df.iloc[:, place].tolist()] if len(df) else []
    lost = sum(key is not None and key not in known for key in keys)
    if lost and lost == sum(key is not None for key in keys):
        what = "holds none of the documents that were trained on"
        raise _unlabelled(str(df.columns[place]), what)
    if lost:
        warnings.warn(
            f"{lost:,} of {len(df):,} rows belong to no document of this run; they get <NA>.",
            stacklevel=2,
        )
    documents = _documents_of_rows(df, keys, result.fingerprints, timestamp) if by_turn else keys
    found = [None if document is None else labels.get(document) for document in documents]
    names = [None if f is None else result.clusters[f].name for f in found]
    labelled = df.copy()
    values = [pd.NA if f is None else f for f in found]
    labelled[_key(df, column)] = pd.array(values, dtype="Int64")
    labelled[_key(df, f"{column}_name")] = pd.array(names, dtype="string")
    return labelled


def _key(df: pd.DataFrame, column: str) -> Any:
    levels = df.columns.nlevels
    return column if levels == 1 else (column, *[""] * (levels - 1))


def _text_key(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _find_column(
    df: pd.DataFrame, known: Mapping[str, Any], to_key: Callable[[object], str | None]
) -> int:
    """Return the place of the column that holds the documents, if there is no doubt."""
    hits = {}
    for place in range(df.shape[1]):
        found = known.keys() & {to_key(value) for value in df.iloc[:, place].tolist()}
        if found:
            hits[place] = len(found)
    if not hits and len(df):
        what = "has no column that holds the documents of this run"
        raise _unlabelled("df", what, "Name it: by='column'.")
    # Of a part of the data, a column of small numbers may hold as many "ids" as the true one.
    complete = [place for place, count in hits.items() if count == len(known)]
    likely = complete or list(hits)
    if len(likely) > 1:
        columns = [[to_key(value) for value in df.iloc[:, place].tolist()] for place in likely]
        if any(column != columns[0] for column in columns):
            shown = ", ".join(repr(df.columns[place]) for place in likely[:6])
            what = f"has several columns that may hold the documents of this run: {shown}"
            raise _unlabelled("df", what, "Say which one: by='column'.")
    return next(iter(likely), 0)


def _documents_of_rows(
    df: pd.DataFrame,
    dialogue_ids: Sequence[str | None],
    fingerprints: Mapping[str, str],
    timestamp: str | None,
) -> list[str | None]:
    """Return the document that each row is as a turn, sure that it is that very turn."""
    problems: list[Problem] = []
    timestamps = read_timestamps(df, timestamp, problems) if timestamp is not None else []
    if problems:
        raise DataError(_UNLABELLED, problems)
    turns: dict[str, list[int]] = {}
    for row, dialogue_id in enumerate(dialogue_ids):
        if dialogue_id is not None and dialogue_id in fingerprints:
            turns.setdefault(dialogue_id, []).append(row)
    if timestamps:
        turns = {dialogue_id: in_time(rows, timestamps) for dialogue_id, rows in turns.items()}
    texts = _texts_of_turns(df, turns, fingerprints) if turns else []
    documents: list[str | None] = [None] * len(dialogue_ids)
    others: list[int] = []
    for dialogue_id, rows in turns.items():
        if fingerprint(texts[row] for row in rows) != fingerprints[dialogue_id]:
            others.append(min(rows))
        for number, row in enumerate(rows):
            documents[row] = turn_id(dialogue_id, number)
    if others:
        what = f"has {len(others):,} dialogues whose rows are not the turns that were trained on"
        rows_named = tuple(others[:_NAMED])
        problem = Problem("df", what, _ALL_TURNS, rows=rows_named, count=len(others))
        raise DataError(_UNLABELLED, [problem])
    return documents


def _texts_of_turns(
    df: pd.DataFrame, turns: Mapping[str, Sequence[int]], fingerprints: Mapping[str, str]
) -> list[str]:
    """Return the column whose texts are those of the turns, as it was written."""
    tried = dict(islice(turns.items(), _TRIED))
    hits = []
    for place in range(df.shape[1]):
        column = df.iloc[:, place]
        said = {
            dialogue_id: fingerprint(map(_said, column.iloc[list(rows)].tolist()))
            for dialogue_id, rows in tried.items()
        }
        hits.append(sum(fingerprints[dialogue_id] == told for dialogue_id, told in said.items()))
    if not any(hits):
        what = "has no column that holds the turns that were trained on"
        raise _unlabelled("df", what, _ALL_TURNS)
    return [_said(value) for value in df.iloc[:, hits.index(max(hits))].tolist()]


_ALL_TURNS = (
    "Give all rows of each dialogue, in the order in which they were written; name the column that "
    "they were sorted by: timestamp='column'."
)


def _said(value: object) -> str:
    return value if isinstance(value, str) else ""


def _unlabelled(where: str, what: str, fix: str = "") -> DataError:
    return DataError(_UNLABELLED, [Problem(where, what, fix)])
