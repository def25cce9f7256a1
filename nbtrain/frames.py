"""DataFrame -> data file; result -> table of clusters."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

from .columns import Columns, in_time, read_columns
from .documents import DataSchema, Dialogue, Speaker, Turn, Utterance
from .errors import DataError, Problem
from .files import write_dialogue_file, write_intent_file
from .results import TrainingResult
from .training import DataFile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cluster_table", "label_problems", "write_dialogues", "write_intents"]


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
            rows = in_time(rows, timestamps)
            said = [Turn(speakers[row], texts[row], timestamps[row]) for row in rows]
        else:
            said = [Turn(speakers[row], texts[row]) for row in rows]
        yield Dialogue(dialogue_id, tuple(said))


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
