"""Data sets on disk: made, filled from files, deleted. Functions for :class:`StoreThread`.

``await db(find_dataset, 1000001)`` calls one of them in the store's thread.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ..documents import Utterance
from ..protocols.einstein_dataset_forms import UploadForm
from ..protocols.einstein_datasets import Dataset, DatasetState, Deletion, Label
from ..protocols.einstein_wire import id_of_bytes
from .store import Store

__all__ = [
    "DatasetInTraining",
    "PendingUpload",
    "add_dataset",
    "add_deletion",
    "add_examples",
    "begin_addition",
    "count_bytes",
    "datasets",
    "delete_dataset",
    "digest_of",
    "end_upload",
    "find_dataset",
    "find_deletion",
    "mark_checked",
    "pending_uploads",
    "purge",
]


class DatasetInTraining(Exception):
    """A data set can't be deleted: a model is queued for it, or in training."""


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """A file of a data set that is not read to its end.

    ``is_first`` tells whether it makes the data set or adds to it; ``is_checked`` whether it was
    read once and found good; its first ``rows_done`` rows are examples by now.
    """

    upload_id: str
    dataset_id: int
    file_name: str
    is_first: bool
    is_checked: bool = False
    rows_done: int = 0


# --- data sets ---------------------------------------------------------------------------------


def find_dataset(store: Store, dataset_id: int) -> Dataset | None:
    """Return a data set; None if there is none of that id, or none any more."""
    row = store.connection.execute(
        "SELECT * FROM datasets WHERE dataset_id = ? AND state <> 'deleted'", (dataset_id,)
    ).fetchone()
    return _dataset(store, row) if row else None


def datasets(store: Store, offset: int, count: int) -> list[Dataset]:
    """Return a part of the list of all data sets, in order of their ids."""
    rows = store.connection.execute(
        "SELECT * FROM datasets WHERE state <> 'deleted' ORDER BY dataset_id LIMIT ? OFFSET ?",
        (count, offset),
    ).fetchall()
    return [_dataset(store, row) for row in rows]


def _labels(store: Store, dataset_id: int) -> tuple[Label, ...]:
    rows = store.connection.execute(
        "SELECT * FROM labels WHERE dataset_id = ? ORDER BY label_id", (dataset_id,)
    )
    return tuple(Label(row["label_id"], dataset_id, row["name"], row["examples"]) for row in rows)


def count_bytes(store: Store, dataset_id: int) -> int:
    """Return the bytes of all texts of a data set."""
    row = store.connection.execute(
        "SELECT bytes FROM datasets WHERE dataset_id = ?", (dataset_id,)
    ).fetchone()
    return row["bytes"] if row else 0


def _dataset(store: Store, row: sqlite3.Row) -> Dataset:
    dataset_id, state = row["dataset_id"], DatasetState(row["state"])
    # What is known of a first file before its end would look like the whole.
    shown = state is DatasetState.READY or (
        state is DatasetState.UPLOADING and not _is_first(store, dataset_id)
    )
    return Dataset(
        dataset_id=dataset_id,
        name=row["name"],
        type=row["type"],
        language=row["language"],
        state=state,
        message=row["message"],
        labels=_labels(store, dataset_id) if shown else (),
        duplicates=row["duplicates"] if shown else 0,
        created=row["created"],
        updated=row["updated"],
    )


def _is_first(store: Store, dataset_id: int) -> bool:
    query = "SELECT is_first FROM uploads WHERE dataset_id = ?"
    row = store.connection.execute(query, (dataset_id,)).fetchone()
    return bool(row and row["is_first"])


# --- files -------------------------------------------------------------------------------------


def add_dataset(
    store: Store, form: UploadForm, name: str, upload_id: str, file_name: str
) -> tuple[Dataset, PendingUpload]:
    """Add a data set whose file has come, and is to be read."""
    now = store.clock()
    with store.transaction():
        cursor = store.connection.execute(
            "INSERT INTO datasets (name, type, language, state, created, updated) "
            "VALUES (?, ?, ?, 'uploading', ?, ?)",
            (name, form.type, form.language, now, now),
        )
        assert cursor.lastrowid is not None
        upload = PendingUpload(upload_id, cursor.lastrowid, file_name, is_first=True)
        _add_upload(store, upload)
        dataset = find_dataset(store, upload.dataset_id)
        assert dataset is not None
    return dataset, upload


def begin_addition(
    store: Store, dataset_id: int, upload_id: str, file_name: str
) -> PendingUpload | None:
    """Take a data set out of use while a file is added to it; None if it isn't available."""
    with store.transaction():
        changed = store.connection.execute(
            "UPDATE datasets SET state = 'uploading' WHERE dataset_id = ? AND state = 'ready'",
            (dataset_id,),
        )
        if not changed.rowcount:
            return None
        upload = PendingUpload(upload_id, dataset_id, file_name, is_first=False)
        _add_upload(store, upload)
    return upload


def _add_upload(store: Store, upload: PendingUpload) -> None:
    store.connection.execute(
        "INSERT INTO uploads (upload_id, dataset_id, file_name, is_first) VALUES (?, ?, ?, ?)",
        (upload.upload_id, upload.dataset_id, upload.file_name, upload.is_first),
    )


def pending_uploads(store: Store) -> list[PendingUpload]:
    """Return the files that an earlier service didn't come to the end of."""
    return [
        PendingUpload(
            row["upload_id"],
            row["dataset_id"],
            row["file_name"],
            bool(row["is_first"]),
            bool(row["is_checked"]),
            row["rows_done"],
        )
        for row in store.connection.execute("SELECT * FROM uploads ORDER BY dataset_id")
    ]


def mark_checked(store: Store, upload_id: str) -> None:
    """Note that a file was read to its end, and is good."""
    query = "UPDATE uploads SET is_checked = 1 WHERE upload_id = ?"
    store.connection.execute(query, (upload_id,))


def add_examples(store: Store, upload_id: str, rows: Sequence[Utterance]) -> bool:
    """Make examples of the next rows of a file; False if the data set was deleted meanwhile."""
    with store.transaction():
        upload = store.connection.execute(
            "SELECT dataset_id FROM uploads WHERE upload_id = ?", (upload_id,)
        ).fetchone()
        if upload is None:
            return False
        dataset_id = upload["dataset_id"]
        _Filling(store, dataset_id).add(rows)
        store.connection.execute(
            "UPDATE uploads SET rows_done = rows_done + ? WHERE upload_id = ?",
            (len(rows), upload_id),
        )
    return True


class _Filling:
    """Adds a batch of rows to a data set, and to its counts."""

    def __init__(self, store: Store, dataset_id: int) -> None:
        self._db = store.connection
        self._now = store.clock()
        self._dataset_id = dataset_id
        self._ids: dict[str, int] = {}
        query = "SELECT coalesce(max(label_id) + 1, 0) FROM labels WHERE dataset_id = ?"
        self._next_id = self._db.execute(query, (dataset_id,)).fetchone()[0]

    def add(self, rows: Sequence[Utterance]) -> None:
        duplicates = words = size = 0
        added: dict[int, int] = {}
        for text, label in rows:
            assert label is not None
            label_id = self._label_id(label)
            if self._insert(label_id, text):
                added[label_id] = added.get(label_id, 0) + 1
                words += len(text.split())
                size += len(text.encode())
            elif not self._take_over(label_id, text):
                duplicates += 1
        self._db.executemany(
            "UPDATE labels SET examples = examples + ? WHERE dataset_id = ? AND label_id = ?",
            [(count, self._dataset_id, label_id) for label_id, count in added.items()],
        )
        self._db.execute(
            "UPDATE datasets SET duplicates = duplicates + ?, words = words + ?, "
            "bytes = bytes + ? WHERE dataset_id = ?",
            (duplicates, words, size, self._dataset_id),
        )

    def _label_id(self, name: str) -> int:
        if name not in self._ids:
            label_id = _find_label(self._db, self._dataset_id, name)
            if label_id is None:
                label_id, self._next_id = self._next_id, self._next_id + 1
                self._db.execute(
                    "INSERT INTO labels (dataset_id, label_id, name) VALUES (?, ?, ?)",
                    (self._dataset_id, label_id, name),
                )
            self._ids[name] = label_id
        return self._ids[name]

    def _insert(self, label_id: int, text: str) -> bool:
        return bool(
            self._db.execute(
                "INSERT INTO examples (dataset_id, label_id, source, name, text, digest, created) "
                "VALUES (?, ?, 'upload', '', ?, ?, ?) "
                "ON CONFLICT (dataset_id, label_id, digest) DO NOTHING",
                (self._dataset_id, label_id, text, digest_of(text), self._now),
            ).rowcount
        )

    def _take_over(self, label_id: int, text: str) -> bool:
        """Make an upload of what was feedback; else it would be left out of most trainings."""
        return bool(
            self._db.execute(
                "UPDATE examples SET source = 'upload' WHERE dataset_id = ? AND label_id = ? "
                "AND digest = ? AND source = 'feedback'",
                (self._dataset_id, label_id, digest_of(text)),
            ).rowcount
        )


def _find_label(db: sqlite3.Connection, dataset_id: int, name: str) -> int | None:
    """Return the id of a label of a data set."""
    row = db.execute(
        "SELECT label_id FROM labels WHERE dataset_id = ? AND name = ?", (dataset_id, name)
    ).fetchone()
    return row["label_id"] if row else None


def digest_of(text: str) -> bytes:
    """Return what a text is found by."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def end_upload(store: Store, upload_id: str, failure: str = "") -> None:
    """Note that a file is dealt with; a failure is that of the data set if it was its first."""
    with store.transaction():
        row = store.connection.execute(
            "SELECT dataset_id, is_first FROM uploads WHERE upload_id = ?", (upload_id,)
        ).fetchone()
        if row is None:
            return
        store.connection.execute("DELETE FROM uploads WHERE upload_id = ?", (upload_id,))
        failed = failure and row["is_first"]
        store.connection.execute(
            "UPDATE datasets SET state = ?, message = ?, updated = ? "
            "WHERE dataset_id = ? AND state = 'uploading'",
            (
                "failed" if failed else "ready",
                failure if failed else "",
                store.clock(),
                row["dataset_id"],
            ),
        )


# --- deletion ----------------------------------------------------------------------------------


def delete_dataset(store: Store, dataset_id: int) -> Deletion | None:
    """Delete a data set; nobody sees it from now on, and :func:`purge` clears it away.

    Raises
    ------
    DatasetInTraining
        If it is in use.
    """
    with store.transaction():
        if store.connection.execute(
            "SELECT 1 FROM runs WHERE dataset_id = ? AND state IN ('queued', 'running')",
            (dataset_id,),
        ).fetchone():
            raise DatasetInTraining
        changed = store.connection.execute(
            "UPDATE datasets SET state = 'deleted' WHERE dataset_id = ? AND state <> 'deleted'",
            (dataset_id,),
        )
        if not changed.rowcount:
            return None
        store.connection.execute("DELETE FROM uploads WHERE dataset_id = ?", (dataset_id,))
        return add_deletion(store, "DATASET", str(dataset_id))


def add_deletion(store: Store, kind: str, deleted_id: str) -> Deletion:
    """Note that a ``DATASET`` or a ``MODEL`` was deleted."""
    deletion = Deletion(id_of_bytes(secrets.token_bytes(16)), kind, deleted_id)
    store.connection.execute(
        "INSERT INTO deletions (deletion_id, type, object_id, created) VALUES (?, ?, ?, ?)",
        (deletion.deletion_id, kind, deleted_id, store.clock()),
    )
    return deletion


def find_deletion(store: Store, deletion_id: str) -> Deletion | None:
    """Return a deletion by its id."""
    row = store.connection.execute(
        "SELECT * FROM deletions WHERE deletion_id = ?", (deletion_id,)
    ).fetchone()
    return Deletion(row["deletion_id"], row["type"], row["object_id"]) if row else None


def purge(store: Store, most: int) -> bool:
    """Clear away a part of what was deleted; False if nothing is left of it."""
    with store.transaction():
        row = store.connection.execute(
            "SELECT dataset_id FROM datasets WHERE state = 'deleted' LIMIT 1"
        ).fetchone()
        if row is None:
            return False
        dataset_id = row["dataset_id"]
        cleared = store.connection.execute(
            "DELETE FROM examples WHERE example_id IN "
            "(SELECT example_id FROM examples WHERE dataset_id = ? LIMIT ?)",
            (dataset_id, most),
        )
        if cleared.rowcount < most:
            store.connection.execute("DELETE FROM labels WHERE dataset_id = ?", (dataset_id,))
            store.connection.execute("DELETE FROM datasets WHERE dataset_id = ?", (dataset_id,))
    return True
