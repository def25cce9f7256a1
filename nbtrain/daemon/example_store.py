"""Examples of data sets on disk: pages of them, all of them for a training, and feedback."""

from __future__ import annotations

import sqlite3

from ..documents import Utterance
from ..protocols.einstein_datasets import Example, Label
from .dataset_store import digest_of
from .store import Store

__all__ = [
    "add_feedback",
    "examples",
    "examples_after",
    "last_example",
    "newest_with_label",
]

_SELECT = (
    "SELECT e.*, d.type, l.name AS label, l.examples FROM examples AS e "
    "JOIN datasets AS d USING (dataset_id) JOIN labels AS l USING (dataset_id, label_id) "
    "WHERE dataset_id = :dataset_id "
)


def examples(
    store: Store,
    dataset_id: int,
    offset: int,
    count: int,
    *,
    label_id: int | None = None,
    source: str | None = None,
) -> list[Example]:
    """Return a part of a data set's examples, in the order in which they came.

    ``source`` is ``upload`` or ``feedback``; None for both.
    """
    query = _SELECT
    if label_id is not None:
        query += "AND label_id = :label_id "
    if source is not None:
        query += "AND source = :source "
    rows = store.connection.execute(
        query + "ORDER BY example_id LIMIT :count OFFSET :offset",
        {
            "dataset_id": dataset_id,
            "label_id": label_id,
            "source": source,
            "count": count,
            "offset": offset,
        },
    ).fetchall()
    return list(map(_example, rows))


def _example(row: sqlite3.Row) -> Example:
    return Example(
        row["example_id"],
        row["name"] or row["type"],
        row["text"],
        Label(row["label_id"], row["dataset_id"], row["label"], row["examples"]),
        row["created"],
    )


def newest_with_label(store: Store, label_id: int) -> int | None:
    """Return the newest data set that can be used and has a label of this id."""
    row = store.connection.execute(
        "SELECT max(dataset_id) FROM labels JOIN datasets USING (dataset_id) "
        "WHERE label_id = ? AND state = 'ready'",
        (label_id,),
    ).fetchone()
    return row[0] if row else None


def last_example(store: Store, dataset_id: int) -> int:
    """Return the id of a data set's newest example; 0 if it has none."""
    query = "SELECT coalesce(max(example_id), 0) FROM examples WHERE dataset_id = ?"
    return int(store.connection.execute(query, (dataset_id,)).fetchone()[0])


def examples_after(
    store: Store, dataset_id: int, after: int, until: int, most: int, *, with_feedback: bool
) -> tuple[int, list[Utterance]]:
    """Return the next examples of a data set, and the id of the last of them.

    Parameters
    ----------
    after, until : int
        Ids of examples: above the one, and at most the other.
    most : int
        How many.
    with_feedback : bool
        Whether feedback is among them.
    """
    sources = ("upload", "feedback") if with_feedback else ("upload", "upload")
    rows = store.connection.execute(
        "SELECT e.example_id, e.text, l.name FROM examples AS e "
        "JOIN labels AS l USING (dataset_id, label_id) "
        "WHERE dataset_id = ? AND example_id > ? AND example_id <= ? AND source IN (?, ?) "
        "ORDER BY example_id LIMIT ?",
        (dataset_id, after, until, *sources, most),
    ).fetchall()
    last = rows[-1]["example_id"] if rows else until
    return last, [Utterance(row["text"], row["name"]) for row in rows]


def add_feedback(
    store: Store, dataset_id: int, label_id: int, text: str, name: str | None
) -> Example | None:
    """Add a corrected text; one that is an example with that label already stays as it is.

    None if the data set isn't available.
    """
    known = {"dataset_id": dataset_id, "label_id": label_id, "digest": digest_of(text)}
    with store.transaction():
        ready = store.connection.execute(
            "UPDATE datasets SET updated = ? WHERE dataset_id = ? AND state = 'ready'",
            (store.clock(), dataset_id),
        )
        if not ready.rowcount:
            return None
        added = store.connection.execute(
            "INSERT INTO examples (dataset_id, label_id, source, name, text, digest, created) "
            "VALUES (:dataset_id, :label_id, 'feedback', :name, :text, :digest, :now) "
            "ON CONFLICT (dataset_id, label_id, digest) DO NOTHING",
            {**known, "name": name or "", "text": text, "now": store.clock()},
        )
        if added.rowcount:
            store.connection.execute(
                "UPDATE labels SET examples = examples + 1 "
                "WHERE dataset_id = :dataset_id AND label_id = :label_id",
                known,
            )
            store.connection.execute(
                "UPDATE datasets SET words = words + ?, bytes = bytes + ? WHERE dataset_id = ?",
                (len(text.split()), len(text.encode()), dataset_id),
            )
        row = store.connection.execute(
            _SELECT + "AND label_id = :label_id AND digest = :digest", known
        ).fetchone()
        return _example(row)
