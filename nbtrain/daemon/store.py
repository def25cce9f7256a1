"""The state of the service on disk: runs and their epochs, in SQLite.

One process, one connection, one thread. The database is locked for as long as the service lives,
so that two services can't share a state folder; a lock that died with its process is no obstacle.
What a client is told is read from here, so it is on disk by then.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from pathlib import Path

from ..home import DATABASE
from ..progress import EpochStats, RunState, RunStatus

__all__ = ["DATABASE", "Store", "StoreError", "StoreLocked", "StoredRun", "Verdict", "read_epoch"]

_SCRIPTS = ("schema.sql", "schema_2.sql")
"""From one version of the state to the next; an empty file is version 0."""

VERSION = len(_SCRIPTS)


class StoreError(Exception):
    """The state can't be opened; the message is one sentence for the user."""


class StoreLocked(StoreError):
    """Another service holds the state folder."""


class Verdict(Enum):
    """What became of a training request."""

    NEW = "new"
    """A run was added."""
    BUSY = "busy"
    """The model is queued or in training already."""
    TRAINED = "trained"
    """The model was trained before, and is taken into service again."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run as it is on disk; ``fields`` are the form's scalar fields as received.

    ``model_id`` is the wire's. In the status of an Einstein model stands the user's name for it
    instead, which several models may have. Times are seconds since 1970.
    """

    status: RunStatus
    model_id: str
    fields: Mapping[str, str]
    sha256: str
    created: float
    attempts: int
    protocol: str = "knovvu"
    dataset_id: int | None = None
    ordinal: int = 0
    started: float | None = None
    ended: float | None = None


def read_epoch(row: sqlite3.Row) -> EpochStats:
    """Read a row of the table of epochs."""
    cells = tuple((t, p, count) for t, p, count in json.loads(row["confusion"]))
    return EpochStats(row["epoch"], json.loads(row["metrics"]), row["elapsed"], cells)


class Store:
    """Runs and epochs.

    Parameters
    ----------
    path : Path
        The database, made if it isn't there.
    clock : callable
        Seconds since 1970.

    Attributes
    ----------
    connection : sqlite3.Connection
        For modules that keep more than runs here; each statement is its own transaction.
    clock : callable
        As given.

    Raises
    ------
    StoreLocked
        If another process has it open.
    StoreError
        If it can't be opened, or was written by a later version.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.connection = sqlite3.connect(
            path, timeout=0, isolation_level=None, check_same_thread=False
        )
        self.connection.row_factory = sqlite3.Row
        try:
            # Exclusive before the first access in WAL mode, which then needs no shared memory.
            self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA foreign_keys = ON")
            with self.transaction():
                version = self.connection.execute("PRAGMA user_version").fetchone()[0]
                for script in _SCRIPTS[version:]:
                    self._execute(script)
        except sqlite3.Error as error:
            self.connection.close()
            code = getattr(error, "sqlite_errorcode", None)
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreLocked(f"{path} is in use by another service.") from error
            raise StoreError(f"{path} can't be opened: {error}.") from error
        if version > VERSION:
            self.connection.close()
            raise StoreError(f"{path} was written by a later version of nbtrain.")

    def _execute(self, name: str) -> None:
        script = files(__package__).joinpath(name).read_text(encoding="utf-8")
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                self.connection.execute(statement)
                statement = ""

    def close(self) -> None:
        """Close the database and give up the lock."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that is in the block, or none of it."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    # --- reading ---------------------------------------------------------------------------

    def find(self, run_or_model_id: str) -> StoredRun | None:
        """Return a run by its id, else the newest run of the model of that id or name."""
        row = self.connection.execute(
            "SELECT * FROM runs WHERE run_id = :id OR model_id = :id OR name = :id "
            "ORDER BY run_id = :id DESC, ordinal DESC LIMIT 1",
            {"id": run_or_model_id or None},
        ).fetchone()
        return self.read_run(row) if row else None

    def newest_of_model(self, model_id: str, protocol: str = "knovvu") -> StoredRun | None:
        """Return the newest run of a model that speaks a protocol."""
        row = self.connection.execute(
            "SELECT * FROM runs WHERE model_id = ? AND protocol = ? ORDER BY ordinal DESC LIMIT 1",
            (model_id, protocol),
        ).fetchone()
        return self.read_run(row) if row else None

    def runs(self) -> list[StoredRun]:
        """Return all runs, newest first."""
        return [
            self.read_run(row)
            for row in self.connection.execute("SELECT * FROM runs ORDER BY ordinal DESC")
        ]

    def epochs(self, run_id: str, after: int = 0) -> list[EpochStats]:
        """Return the epochs of a run above a number, in order."""
        rows = self.connection.execute(
            "SELECT * FROM epochs WHERE run_id = ? AND epoch > ? ORDER BY epoch", (run_id, after)
        )
        return [read_epoch(row) for row in rows]

    def active_runs(self) -> int:
        """Count the runs that are queued or running."""
        query = "SELECT count(*) FROM runs WHERE state IN ('queued', 'running')"
        return int(self.connection.execute(query).fetchone()[0])

    def next_waiting(self, besides: Collection[str]) -> str | None:
        """Return the run to be started next: one that was interrupted, else the oldest queued."""
        for row in self.connection.execute(
            "SELECT run_id FROM runs WHERE state IN ('queued', 'running') "
            "ORDER BY state = 'queued', ordinal"
        ):
            if row["run_id"] not in besides:
                return str(row["run_id"])
        return None

    def read_run(self, row: sqlite3.Row) -> StoredRun:
        """Read a row of the table of runs."""
        state = RunState(row["state"])
        elapsed = None
        if state is not RunState.QUEUED and row["started"] is not None:
            end = row["ended"] if row["ended"] is not None else self.clock()
            elapsed = max(0.0, end - row["started"])
        return StoredRun(
            status=RunStatus(
                run_id=row["run_id"],
                model_id=row["name"] or row["model_id"],
                state=state,
                stage=row["stage"],
                fraction=row["fraction"],
                message=row["message"],
                elapsed=elapsed,
                queue_position=self._queue_position(row, state),
            ),
            model_id=row["model_id"],
            fields=json.loads(row["fields"]),
            sha256=row["sha256"],
            created=row["created"],
            attempts=row["attempts"],
            protocol=row["protocol"],
            dataset_id=row["dataset_id"],
            ordinal=row["ordinal"],
            started=row["started"],
            ended=row["ended"],
        )

    def _queue_position(self, row: sqlite3.Row, state: RunState) -> int | None:
        if state is not RunState.QUEUED:
            return None
        query = "SELECT count(*) FROM runs WHERE state = 'queued' AND ordinal <= ?"
        return int(self.connection.execute(query, (row["ordinal"],)).fetchone()[0])

    # --- training requests -----------------------------------------------------------------

    def submit(
        self,
        model_id: str,
        *,
        force_train: bool,
        run_id: str | None = None,
        fields: Mapping[str, str] | None = None,
        sha256: str = "",
    ) -> tuple[Verdict, StoredRun | None]:
        """Decide on a training request, and add its run if it is to be trained.

        Without a ``run_id`` nothing is added: the verdict NEW then comes without a run. So a
        request can be answered before its data are looked at.
        """
        with self.transaction():
            newest = self.newest_of_model(model_id)
            if newest and not newest.status.state.ended:
                return Verdict.BUSY, newest
            if not force_train:
                row = self.connection.execute(
                    "SELECT run_id FROM runs WHERE model_id = ? AND state = 'succeeded' "
                    "ORDER BY ordinal DESC LIMIT 1",
                    (model_id,),
                ).fetchone()
                if row:
                    self.connection.execute(
                        "UPDATE runs SET ordinal = (SELECT max(ordinal) + 1 FROM runs) "
                        "WHERE run_id = ?",
                        (row["run_id"],),
                    )
                    return Verdict.TRAINED, self.find(row["run_id"])
            if run_id is None:
                return Verdict.NEW, None
            self.connection.execute(
                "INSERT INTO runs "
                "(run_id, ordinal, model_id, fields, sha256, state, stage, created) "
                "VALUES (?, (SELECT coalesce(max(ordinal), 0) + 1 FROM runs), ?, ?, ?, "
                "'queued', 'queued', ?)",
                (run_id, model_id, json.dumps(dict(fields or {})), sha256, self.clock()),
            )
            return Verdict.NEW, self.find(run_id)

    # --- training --------------------------------------------------------------------------

    def begin(self, run_id: str) -> tuple[StoredRun, float] | None:
        """Note that a training process starts; None if the run has ended meanwhile.

        The number is how many seconds of ``elapsed`` went by before this attempt.
        """
        now = self.clock()
        with self.transaction():
            begun = self.connection.execute(
                "UPDATE runs SET state = 'running', stage = 'starting', attempts = attempts + 1, "
                "started = coalesce(started, ?) "
                "WHERE run_id = ? AND state IN ('queued', 'running')",
                (now, run_id),
            )
            row = self.connection.execute(
                "SELECT * FROM runs WHERE run_id = ?", (run_id,)
            ).fetchone()
        return (self.read_run(row), max(0.0, now - row["started"])) if begun.rowcount else None

    def record(
        self, run_id: str, stage: str | None, fraction: float, epochs: Iterable[EpochStats]
    ) -> None:
        """Add what a training process reported; epochs that are known already are passed over."""
        with self.transaction():
            self._record(run_id, stage, fraction, epochs)

    def _record(
        self, run_id: str, stage: str | None, fraction: float, epochs: Iterable[EpochStats]
    ) -> None:
        self.connection.execute(
            "UPDATE runs SET stage = coalesce(?, stage), fraction = max(fraction, ?) "
            "WHERE run_id = ? AND state = 'running'",
            (stage, fraction, run_id),
        )
        self.connection.executemany(
            "INSERT OR IGNORE INTO epochs (run_id, epoch, elapsed, metrics, confusion) "
            "VALUES (?, ?, ?, ?, ?)",
            [
                (run_id, e.epoch, e.elapsed, json.dumps(dict(e.metrics)), json.dumps(e.confusion))
                for e in epochs
            ],
        )

    def end(
        self,
        run_id: str,
        state: RunState,
        message: str = "",
        *,
        stage: str | None = None,
        fraction: float = 0.0,
        epochs: Iterable[EpochStats] = (),
    ) -> None:
        """Add the last report of a run and end it; one that has ended stays as it is."""
        with self.transaction():
            self._record(run_id, stage, fraction, epochs)
            self.connection.execute(
                "UPDATE runs SET state = ?, message = ?, ended = ? "
                "WHERE run_id = ? AND state IN ('queued', 'running')",
                (state.value, message, self.clock(), run_id),
            )

    def release(self, run_id: str) -> None:
        """Note that the service stops a training in order, which doesn't count as an attempt."""
        self.connection.execute(
            "UPDATE runs SET attempts = attempts - 1, stage = 'waiting to start again' "
            "WHERE run_id = ? AND state = 'running'",
            (run_id,),
        )

    def recover(self, max_attempts: int) -> None:
        """Take up what an earlier service left: give up the runs that were tried too often."""
        message = (
            f"The service stopped {max_attempts} times in the middle of this training, "
            "so it was given up. Perhaps memory ran out."
        )
        with self.transaction():
            self.connection.execute(
                "UPDATE runs SET state = 'failed', message = ?, ended = ? "
                "WHERE state = 'running' AND attempts >= ?",
                (message, self.clock(), max_attempts),
            )
            self.connection.execute(
                "UPDATE runs SET stage = 'waiting to start again' WHERE state = 'running'"
            )
