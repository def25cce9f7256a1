"""DataFrame -> data file; result -> labelled DataFrame."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .columns import Columns, id_text, read_columns
from .documents import DataSchema, Dialogue, Turn, Utterance
from .errors import DataError, Problem
from .files import write_dialogue_file, write_intent_file
from .results import TrainingResult
from .training import DataFile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cluster_table", "label", "write_dialogues", "write_intents"]


def write_dialogues(
    df: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    dialogue_id: str,
    speaker: str,
    text: str,
    timestamp: str | None = None,
    speakers: Mapping[Any, str] | None = None,
) -> DataFile:
    """Write conversations as a dialogue JSON file.

    Parameters
    ----------
    df : DataFrame
        One row a turn. Rows of a dialogue needn't be neighbours; their order is kept, unless
        ``timestamp`` is given.
    path : path
        The file; replaced if it exists, and never left half-written.
    dialogue_id, speaker, text : str
        Names of the columns. An empty text stays an empty turn.
    timestamp : str, optional
        Name of a column of ISO 8601 text or datetimes; turns of a dialogue are sorted by it, turns
        without a time staying behind the one they follow.
    speakers : mapping, optional
        What the data's own words for speakers mean, where they are not understood already:
        ``{"Kunde": "customer"}``.

    Returns
    -------
    DataFile
        Ready for a :class:`TrainingRequest`.

    Raises
    ------
    DataError
        Listing every problem of the data; no file is written then.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"conv": [1, 1], "who": ["user", "agent"], "said": ["Hi there", "Hello"]})
    >>> path = getfixture("tmp_path") / "dialogues.json"
    >>> file = write_dialogues(df, path, dialogue_id="conv", speaker="who", text="said")
    >>> file.documents, file.words
    (1, 3)
    """
    columns = read_columns(
        df, text=text, dialogue_id=dialogue_id, speaker=speaker, timestamp=timestamp,
        speakers=speakers,
    )  # fmt: skip
    _raise_any(columns)
    return write_dialogue_file(dialogues(columns), path)


def write_intents(
    df: pd.DataFrame, path: str | os.PathLike[str], *, text: str, intent: str | None = None
) -> DataFile:
    """Write sentences, labelled or not, as an intent JSON file.

    Parameters
    ----------
    df : DataFrame
        One row a sentence; rows without text are left out.
    path : path
        The file; replaced if it exists, and never left half-written.
    text : str
        Name of the column that holds the sentences.
    intent : str, optional
        Name of the column that holds their intents; an empty one means that it is not known.

    Returns
    -------
    DataFile
        Ready for a :class:`TrainingRequest`.

    Raises
    ------
    DataError
        Listing every problem of the data; no file is written then.
    """
    columns = read_columns(df, text=text, intent=intent)
    _raise_any(columns)
    intents = columns.intents or [None] * columns.rows
    return write_intent_file(
        (Utterance(t, i) for t, i in zip(columns.texts, intents, strict=True) if t.strip()), path
    )


def _raise_any(columns: Columns) -> None:
    if columns.errors:
        raise DataError("These data can't be written:", columns.errors)


def dialogues(columns: Columns) -> Iterator[Dialogue]:
    """Gather rows into dialogues, in order of first appearance."""
    timestamps = columns.timestamps or [None] * columns.rows
    gathered: dict[str, list[Turn]] = {}
    turns = map(Turn, columns.speakers, columns.texts, timestamps)
    for dialogue_id, turn in zip(columns.dialogue_ids, turns, strict=True):
        gathered.setdefault(dialogue_id, []).append(turn)
    for dialogue_id, said in gathered.items():
        yield Dialogue(dialogue_id, tuple(_in_time(said) if columns.timestamps else said))


def _in_time(turns: list[Turn]) -> list[Turn]:
    import datetime as dt

    latest = dt.datetime.min.replace(tzinfo=dt.UTC)
    keys = []
    for turn in turns:
        if turn.timestamp is not None:
            moment = dt.datetime.fromisoformat(turn.timestamp)
            latest = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        keys.append(latest)
    return [turns[place] for place in sorted(range(len(turns)), key=keys.__getitem__)]


def label(
    df: pd.DataFrame, result: TrainingResult, *, by: str | None = None, column: str = "cluster"
) -> pd.DataFrame:
    """Add the cluster of its document to every row.

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

    Returns
    -------
    DataFrame
        A copy: same rows, same order, same index. Rows of no document (an empty text) hold
        ``<NA>``.

    Raises
    ------
    DataError
        If no column, or not the one named, holds the documents of the result.
    """
    import pandas as pd

    labels = result.labels
    to_key = id_text if result.schema is DataSchema.DIALOGUE else _text_key
    name = by if by is not None else _find_column(df, labels, to_key)
    if name not in df.columns:
        problem = Problem("by", f"names {name!r}, and there is no such column")
        raise DataError("The rows can't be labelled:", [problem])
    keys = [to_key(value) for value in df[name].tolist()]
    found = [None if key is None else labels.get(key) for key in keys]
    lost = sum(key is not None and f is None for key, f in zip(keys, found, strict=True))
    if lost == len(keys) and lost:
        problem = Problem(str(name), "holds none of the documents that were trained on")
        raise DataError("The rows can't be labelled:", [problem])
    if lost:
        warnings.warn(
            f"{lost:,} of {len(df):,} rows belong to no document of this run; they get <NA>.",
            stacklevel=2,
        )
    names = [None if f is None else result.clusters[f].name for f in found]
    return df.assign(
        **{
            column: pd.array([pd.NA if f is None else f for f in found], dtype="Int64"),
            f"{column}_name": pd.array(names, dtype="string"),
        }
    )


def cluster_table(result: TrainingResult) -> pd.DataFrame:
    """Show the clusters of a result as a table.

    Parameters
    ----------
    result : TrainingResult

    Returns
    -------
    DataFrame
        One row a cluster, by falling size, indexed by cluster id: ``name``, ``size``, ``share``
        (of all documents, 0 to 1), ``keywords``, ``example`` (the most central text).
    """
    import pandas as pd

    documents = max(1, len(result.document_ids))
    return pd.DataFrame(
        {
            "name": [cluster.name for cluster in result.clusters],
            "size": [cluster.size for cluster in result.clusters],
            "share": [cluster.size / documents for cluster in result.clusters],
            "keywords": [", ".join(cluster.keywords) for cluster in result.clusters],
            "example": [next(iter(cluster.examples), "") for cluster in result.clusters],
        },
        index=pd.Index([cluster.cluster_id for cluster in result.clusters], name="cluster"),
    )


def _text_key(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _find_column(df: pd.DataFrame, labels: Mapping[str, int], to_key: Any) -> Any:
    hits = {}
    for place, name in enumerate(df.columns):
        keys = {to_key(value) for value in df.iloc[:, place].tolist()}
        hits[name] = len(keys & labels.keys())
    best = max(hits, key=lambda name: hits[name], default=None)
    if best is None or hits[best] == 0:
        problem = Problem("df", "has no column that holds the documents of this run",
                          "Name it: by='column'.")  # fmt: skip
        raise DataError("The rows can't be labelled:", [problem])
    return best
