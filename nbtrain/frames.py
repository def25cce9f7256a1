"""DataFrame -> data file; result -> labelled DataFrame."""

from __future__ import annotations

import datetime as dt
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

from .columns import Columns, column_problem, id_text, read_columns
from .documents import DataSchema, Dialogue, Speaker, Turn, Utterance
from .errors import DataError, Problem
from .files import write_dialogue_file, write_intent_file
from .results import TrainingResult
from .training import DataFile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cluster_table", "label", "label_problems", "write_dialogues", "write_intents"]


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
    for role, name in (("dialogue_id", dialogue_id), ("speaker", speaker)):
        if cast(object, name) is None:
            columns.errors.append(Problem(role, "is not named", "Dialogues need that column."))
    _raise_any(columns)
    return write_dialogue_file(dialogues(columns), path)


def write_intents(
    df: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    text: str,
    intent: str | None = None,
    schema: Literal["intent", "utterance"] = "intent",
) -> DataFile:
    """Write sentences, labelled or not, as an intent or utterance JSON file.

    Both files look alike. As ``intent`` it goes into clustering: rows with an intent are known
    intents, each of which keeps a cluster of its name, the others are free. If all rows have one,
    there is nothing left to find, and the local service clusters them without a look at their
    intents; so it does if ``intent`` is not named. As ``utterance`` the file goes into intent
    classification, and every row needs an intent.

    Parameters
    ----------
    df : DataFrame
        One row a sentence; rows with neither text nor intent are left out, with schema ``intent``
        all rows without text.
    path : path
        The file; replaced if it exists, and never left half-written.
    text : str
        Name of the column that holds the sentences.
    intent : str, optional
        Name of the column that holds their intents; an empty one means that it is not known.
    schema : {"intent", "utterance"}
        What the file is for.

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
    >>> df = pd.DataFrame({"said": ["lost card", "hi there"], "label": ["card_lost", "greeting"]})
    >>> path = getfixture("tmp_path") / "labelled.json"
    >>> file = write_intents(df, path, text="said", intent="label", schema="utterance")
    >>> file.documents, file.schema.value
    (2, 'utterance')
    """
    columns = read_columns(df, text=text, intent=intent)
    if cast(object, schema) not in ("intent", "utterance"):
        columns.errors.append(Problem("schema", f"is {schema!r}", "Known: intent, utterance."))
    if schema == "utterance":
        columns.errors += label_problems(columns, text, intent)
    _raise_any(columns)
    intents = columns.intents or [None] * columns.rows
    file = write_intent_file(
        (Utterance(t, i) for t, i in zip(columns.texts, intents, strict=True) if t.strip()), path
    )
    return replace(file, schema=DataSchema(schema))


def label_problems(columns: Columns, text: str, intent: str | None) -> list[Problem]:
    """List what keeps rows from being learned from."""
    if intent is None:
        return [Problem("intent", "is not named", "Name the column of the labels.")]
    if len(columns.texts) != columns.rows or len(columns.intents) != columns.rows:
        return []  # these columns have problems of their own
    pairs = [
        (bool(said.strip()), bool((label or "").strip()))
        for said, label in zip(columns.texts, columns.intents, strict=True)
    ]
    bare = [row for row, pair in enumerate(pairs) if pair == (True, False)]
    mute = [row for row, pair in enumerate(pairs) if pair == (False, True)]
    problems = []
    if bare:
        fix = "Label or drop these rows."
        problems.append(Problem(intent, "is empty", fix, tuple(bare[:5]), len(bare)))
    if mute:
        what, fix = "is empty where there is a label", "Drop these rows."
        problems.append(Problem(text, what, fix, tuple(mute[:5]), len(mute)))
    labels = {(label or "").strip() for label in columns.intents} - {""}
    if len(labels) < 2 and columns.rows:
        what = "holds only one label" if labels else "holds no labels"
        problems.append(Problem(intent, what, "Classification needs at least 2."))
    return problems


def _raise_any(columns: Columns) -> None:
    if columns.errors:
        raise DataError("These data can't be written:", columns.errors)


def dialogues(columns: Columns) -> Iterator[Dialogue]:
    """Gather rows into dialogues, in order of first appearance."""
    gathered: dict[str, list[int]] = {}
    for row, dialogue_id in enumerate(columns.dialogue_ids):
        gathered.setdefault(dialogue_id, []).append(row)
    # Turns are made when their dialogue's turn comes, so that few are alive at a time.
    speakers = cast("list[Speaker]", columns.speakers)
    texts, timestamps = columns.texts, columns.timestamps
    for dialogue_id, rows in gathered.items():
        if timestamps:
            said = _in_time([Turn(speakers[row], texts[row], timestamps[row]) for row in rows])
        else:
            said = [Turn(speakers[row], texts[row]) for row in rows]
        yield Dialogue(dialogue_id, tuple(said))


def _in_time(turns: list[Turn]) -> list[Turn]:
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
        If no column, or not the one named, holds the documents of the result; or if several
        might, and ``by`` doesn't say which.
    """
    import pandas as pd

    labels = result.labels
    to_key = id_text if result.schema is DataSchema.DIALOGUE else _text_key
    if not isinstance(cast(object, df), pd.DataFrame):
        raise _unlabelled("df", f"is a {type(df).__name__}, not a pandas DataFrame")
    if not labels and result.clusters:
        fix = "Ask the model: nbtrain.predict(df, run, text='column')."
        raise _unlabelled("result", "holds no labels of single texts", fix)
    if by is None:
        place = _find_column(df, labels, to_key)
    elif problem := column_problem(df, "by", by):
        raise DataError(_UNLABELLED, [problem])
    else:
        place = list(df.columns).index(by)
    keys = [to_key(value) for value in df.iloc[:, place].tolist()] if len(df) else []
    found = [None if key is None else labels.get(key) for key in keys]
    lost = sum(key is not None and f is None for key, f in zip(keys, found, strict=True))
    if lost and lost == sum(key is not None for key in keys):
        what = "holds none of the documents that were trained on"
        raise _unlabelled(str(df.columns[place]), what)
    if lost:
        warnings.warn(
            f"{lost:,} of {len(df):,} rows belong to no document of this run; they get <NA>.",
            stacklevel=2,
        )
    names = [None if f is None else result.clusters[f].name for f in found]
    labelled = df.copy()
    values = [pd.NA if f is None else f for f in found]
    labelled[_key(df, column)] = pd.array(values, dtype="Int64")
    labelled[_key(df, f"{column}_name")] = pd.array(names, dtype="string")
    return labelled


def _key(df: pd.DataFrame, column: str) -> Any:
    levels = df.columns.nlevels
    return column if levels == 1 else (column, *[""] * (levels - 1))


def cluster_table(result: TrainingResult) -> pd.DataFrame:
    """Show the clusters of a result as a table.

    Parameters
    ----------
    result : TrainingResult

    Returns
    -------
    DataFrame
        One row a cluster, by falling size, indexed by cluster id: ``name``, ``size``, ``share``
        (of all documents, 0 to 1), ``keywords``, ``example`` (the most central text),
        ``description`` if a language model wrote any, and ``overlaps`` if clusters share
        borderline documents: the three clusters that it shares most with, and how many.
    """
    import pandas as pd

    documents = max(1, result.documents)
    table = pd.DataFrame(
        {
            "name": [cluster.name for cluster in result.clusters],
            "size": [cluster.size for cluster in result.clusters],
            "share": [cluster.size / documents for cluster in result.clusters],
            "keywords": [", ".join(cluster.keywords) for cluster in result.clusters],
            "example": [next(iter(cluster.examples), "") for cluster in result.clusters],
        },
        index=pd.Index([cluster.cluster_id for cluster in result.clusters], name="cluster"),
    )
    described = [cluster.description for cluster in result.clusters]
    if any(described):
        table.insert(1, "description", described)
    if result.overlaps:
        table["overlaps"] = [_shared(result, each.cluster_id) for each in result.clusters]
    return table


def _shared(result: TrainingResult, cluster_id: int) -> str:
    """Name the clusters that one shares most documents with."""
    told = []
    for overlap in result.overlaps_of(cluster_id)[:3]:
        other = overlap.second if overlap.first == cluster_id else overlap.first
        told.append(f"{result.clusters[other].name} ({overlap.documents:,})")
    return "; ".join(told)


def _text_key(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _find_column(
    df: pd.DataFrame, labels: Mapping[str, int], to_key: Callable[[object], str | None]
) -> int:
    """Return the place of the column that holds the documents, if there is no doubt."""
    hits = {}
    for place in range(df.shape[1]):
        found = labels.keys() & {to_key(value) for value in df.iloc[:, place].tolist()}
        if found:
            hits[place] = len(found)
    if not hits and len(df):
        what = "has no column that holds the documents of this run"
        raise _unlabelled("df", what, "Name it: by='column'.")
    # Of a part of the data, a column of small numbers may hold as many "ids" as the true one.
    complete = [place for place, count in hits.items() if count == len(labels)]
    likely = complete or list(hits)
    if len(likely) > 1:
        columns = [[to_key(value) for value in df.iloc[:, place].tolist()] for place in likely]
        if any(column != columns[0] for column in columns):
            shown = ", ".join(repr(df.columns[place]) for place in likely[:6])
            what = f"has several columns that may hold the documents of this run: {shown}"
            raise _unlabelled("df", what, "Say which one: by='column'.")
    return next(iter(likely), 0)


_UNLABELLED = "The rows can't be labelled:"


def _unlabelled(where: str, what: str, fix: str = "") -> DataError:
    return DataError(_UNLABELLED, [Problem(where, what, fix)])
