"""The part of the state that is about Einstein's models: their trainings, and their use."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from ..progress import EpochStats
from ..protocols.einstein_datasets import Deletion
from ..protocols.einstein_predictions import month_of
from .dataset_store import add_deletion
from .store import Store, StoredRun, read_epoch

__all__ = [
    "EINSTEIN",
    "DatasetUnavailable",
    "StoredModel",
    "Trainable",
    "add_training",
    "delete_model",
    "epochs_page",
    "find_model",
    "last_epoch",
    "models_of_dataset",
    "trainable",
    "usage",
    "use_prediction",
    "withdraw_prediction",
]

EINSTEIN = "einstein"
"""The protocol of these runs."""


class DatasetUnavailable(Exception):
    """A data set was deleted, or something is being added to it."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model: its newest training, and the newest one that succeeded, by which it answers.

    ``created`` is when it was trained first, in seconds since 1970.
    """

    newest: StoredRun
    trained: StoredRun | None
    created: float


@dataclass(frozen=True, slots=True)
class Trainable:
    """What decides whether a data set can be trained; ``labels`` are those with examples."""

    state: str
    type: str
    language: str
    words: int
    labels: frozenset[str]


def find_model(store: Store, model_id: str) -> StoredModel | None:
    """Return a model by its 26 characters."""
    row = store.connection.execute(
        "SELECT max(ordinal) AS newest, min(created) AS created, "
        "max(CASE WHEN state = 'succeeded' THEN ordinal END) AS trained "
        "FROM runs WHERE model_id = ? AND protocol = ?",
        (model_id, EINSTEIN),
    ).fetchone()
    return _model(store, row)


def models_of_dataset(
    store: Store, dataset_id: int, offset: int, count: int
) -> list[StoredModel] | None:
    """Return a page of the models of a data set, oldest first; None if there is no such set."""
    if trainable(store, dataset_id) is None:
        return None
    rows = store.connection.execute(
        "SELECT max(ordinal) AS newest, min(created) AS created, "
        "max(CASE WHEN state = 'succeeded' THEN ordinal END) AS trained "
        "FROM runs WHERE dataset_id = ? AND protocol = ? "
        "GROUP BY model_id ORDER BY min(ordinal) LIMIT ? OFFSET ?",
        (dataset_id, EINSTEIN, count, offset),
    ).fetchall()
    return [model for row in rows if (model := _model(store, row)) is not None]


def _model(store: Store, row: sqlite3.Row) -> StoredModel | None:
    newest = _run(store, row["newest"])
    if newest is None:
        return None
    return StoredModel(newest, _run(store, row["trained"]), row["created"])


def _run(store: Store, ordinal: int | None) -> StoredRun | None:
    query = "SELECT * FROM runs WHERE ordinal = ?"
    row = store.connection.execute(query, (ordinal,)).fetchone()
    return store.read_run(row) if row else None


# --- training --------------------------------------------------------------------------------


def trainable(store: Store, dataset_id: int) -> Trainable | None:
    """Look at a data set; None if there is none, or it was deleted."""
    row = store.connection.execute(
        "SELECT state, type, language, words FROM datasets "
        "WHERE dataset_id = ? AND state != 'deleted'",
        (dataset_id,),
    ).fetchone()
    if row is None:
        return None
    query = "SELECT name FROM labels WHERE dataset_id = ? AND examples > 0"
    labels = store.connection.execute(query, (dataset_id,)).fetchall()
    return Trainable(**row, labels=frozenset(label["name"] for label in labels))


def add_training(
    store: Store,
    *,
    run_id: str,
    model_id: str,
    name: str,
    dataset_id: int | None,
    fields: Mapping[str, str],
) -> StoredModel | None:
    """Add a training of a new model, or of one that is there; None if its data are in training.

    Parameters
    ----------
    run_id, model_id, name : str
    dataset_id : int or None
        None if the data lie in the folder of the run already.
    fields : mapping of str to str
        Those of the form, and what was known of the data set.

    Raises
    ------
    DatasetUnavailable
        If the data set can't be used any more.
    """
    with store.transaction():
        if dataset_id is not None:
            data = trainable(store, dataset_id)
            if data is None or data.state != "ready":
                raise DatasetUnavailable
        busy = store.connection.execute(
            "SELECT 1 FROM runs WHERE state IN ('queued', 'running') "
            "AND (model_id = ? OR dataset_id = ?)",
            (model_id, dataset_id),
        ).fetchone()
        if busy:
            return None
        store.connection.execute(
            "INSERT INTO runs (run_id, ordinal, model_id, fields, sha256, state, stage, created, "
            "protocol, name, dataset_id) "
            "VALUES (?, (SELECT coalesce(max(ordinal), 0) + 1 FROM runs), ?, ?, '', "
            "'queued', 'queued', ?, ?, ?, ?)",
            (
                run_id,
                model_id,
                json.dumps(dict(fields)),
                store.clock(),
                EINSTEIN,
                name,
                dataset_id,
            ),
        )
        return find_model(store, model_id)


def delete_model(store: Store, model_id: str) -> tuple[list[str], Deletion] | None:
    """Delete a model; return the ids of its runs. None if it isn't there, or not idle."""
    with store.transaction():
        query = "SELECT run_id, state FROM runs WHERE model_id = ? AND protocol = ?"
        rows = store.connection.execute(query, (model_id, EINSTEIN)).fetchall()
        if not rows or any(row["state"] in ("queued", "running") for row in rows):
            return None
        for row in rows:
            store.connection.execute("DELETE FROM epochs WHERE run_id = ?", (row["run_id"],))
            store.connection.execute("DELETE FROM runs WHERE run_id = ?", (row["run_id"],))
        return [str(row["run_id"]) for row in rows], add_deletion(store, "MODEL", model_id)


def epochs_page(store: Store, run_id: str, offset: int, count: int) -> list[EpochStats]:
    """Return a page of the epochs of a run, in order."""
    rows = store.connection.execute(
        "SELECT * FROM epochs WHERE run_id = ? ORDER BY epoch LIMIT ? OFFSET ?",
        (run_id, count, offset),
    )
    return [read_epoch(row) for row in rows]


def last_epoch(store: Store, run_id: str) -> int:
    """Return the number of the newest epoch of a run, 0 before the first."""
    query = "SELECT coalesce(max(epoch), 0) FROM epochs WHERE run_id = ?"
    return int(store.connection.execute(query, (run_id,)).fetchone()[0])


# --- use -------------------------------------------------------------------------------------


def use_prediction(store: Store, limit: int) -> tuple[str, int, bool]:
    """Count a prediction, unless the limit of the month is reached.

    Returns
    -------
    str, int, bool
        The month, how many were made in it by now, and whether this one was counted.
    """
    month = month_of(store.clock())
    with store.transaction():
        store.connection.execute("INSERT OR IGNORE INTO predictions VALUES (?, 0)", (month,))
        counted = store.connection.execute(
            "UPDATE predictions SET used = used + 1 WHERE month = ? AND used < ?", (month, limit)
        ).rowcount
        row = store.connection.execute(
            "SELECT used FROM predictions WHERE month = ?", (month,)
        ).fetchone()
    return month, int(row["used"]), bool(counted)


def withdraw_prediction(store: Store, month: str) -> None:
    """Take back one that was counted, and then not made."""
    query = "UPDATE predictions SET used = max(0, used - 1) WHERE month = ?"
    store.connection.execute(query, (month,))


def usage(store: Store) -> list[tuple[str, int]]:
    """Return the predictions by month, oldest first, this month always among them."""
    rows = store.connection.execute("SELECT month, used FROM predictions")
    used = {str(row["month"]): int(row["used"]) for row in rows}
    return sorted(({month_of(store.clock()): 0} | used).items())
