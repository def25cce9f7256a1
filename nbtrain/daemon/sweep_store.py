"""The part of the state that is about sweeps: runs that leave many fits and no model."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..protocols.knovvu_form import unquote
from .store import Store, StoredRun

__all__ = ["SWEEP", "add_sweep", "earlier_sweeps", "find_sweep", "model_id_of", "sweeps"]

SWEEP = "sweep"
"""The protocol of these runs."""

_EARLIER = "earlier"
# Sweeps that agree in these, and in the data, have fits in common.
_SAME = (
    "dataSchema", "secondaryDataSchema", "languageCode", "turns", "unit", "secondarySha256",
)  # fmt: skip


def add_sweep(store: Store, *, run_id: str, fields: Mapping[str, str], sha256: str) -> StoredRun:
    """Add a sweep, which finds what earlier ones of the same data have found.

    Parameters
    ----------
    store : Store
    run_id : str
    fields : mapping of str to str
        Those of the form, and ``secondarySha256``.
    sha256 : str
        Of the data file.
    """
    with store.transaction():
        rows = store.connection.execute(
            "SELECT * FROM runs WHERE protocol = ? AND sha256 = ? ORDER BY ordinal DESC",
            (SWEEP, sha256),
        ).fetchall()
        earlier = [
            run.status.run_id
            for run in map(store.read_run, rows)
            if all(run.fields.get(name) == fields.get(name) for name in _SAME)
        ]
        store.connection.execute(
            "INSERT INTO runs (run_id, ordinal, model_id, protocol, fields, sha256, state, stage, "
            "created) VALUES (?, (SELECT coalesce(max(ordinal), 0) + 1 FROM runs), ?, ?, ?, ?, "
            "'queued', 'queued', ?)",
            (
                run_id,
                # No model's: a sweep keeps no training from being started.
                f"{SWEEP}:{run_id}",
                SWEEP,
                json.dumps({**fields, _EARLIER: json.dumps(earlier)}),
                sha256,
                store.clock(),
            ),
        )
    run = find_sweep(store, run_id)
    assert run is not None
    return run


def find_sweep(store: Store, sweep_or_model_id: str) -> StoredRun | None:
    """Return a sweep, or the newest one of a model id; None if there is none."""
    row = store.connection.execute(
        "SELECT * FROM runs WHERE run_id = ? AND protocol = ?", (sweep_or_model_id, SWEEP)
    ).fetchone()
    if row:
        return store.read_run(row)
    of_model = (run for run in sweeps(store) if model_id_of(run) == sweep_or_model_id)
    return next(of_model, None)


def model_id_of(run: StoredRun) -> str:
    """Return the model id that a sweep was asked for."""
    return unquote(run.fields["modelId"])


def sweeps(store: Store) -> list[StoredRun]:
    """Return all sweeps, newest first."""
    query = "SELECT * FROM runs WHERE protocol = ? ORDER BY ordinal DESC"
    return [store.read_run(row) for row in store.connection.execute(query, (SWEEP,))]


def earlier_sweeps(run: StoredRun) -> list[str]:
    """Return the ids of the sweeps whose fits a sweep may take over, newest first."""
    found = json.loads(run.fields.get(_EARLIER, "[]"))
    return [str(run_id) for run_id in found]
