"""The data of a training: a data set as it is when the training starts, written once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...documents import Utterance
from ...errors import RunFailed
from ...files import write_intent_file
from ...protocols.einstein_training import read_options
from ...protocols.knovvu import DATA_FILE
from ...writing import write_atomically
from ..example_store import examples_after, last_example
from ..model_store import EINSTEIN, trainable
from ..storage import StoreThread
from ..store import StoredRun
from ..supervisor import DATA_FILES

__all__ = ["DataSummary", "prepare_training", "read_summary", "write_training_data"]

_SUMMARY = "labels.json"
_BATCH = 2000
_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class DataSummary:
    """The labels of what is trained on, in order of first appearance, and how many examples."""

    labels: tuple[str, ...] = ()
    examples: int = 0


async def prepare_training(db: StoreThread, run: StoredRun, folder: Path) -> None:
    """Write the examples that a training learns from into its folder, unless they are there.

    Raises
    ------
    RunFailed
        If a data set is gone.
    OSError
        If they can't be written.
    """
    path = folder / DATA_FILES[DATA_FILE]
    if run.protocol != EINSTEIN or path.exists():
        return
    options = read_options(run.fields)
    parts = []
    for dataset_id in (run.dataset_id, options.global_dataset_id):
        if dataset_id is not None:
            await _wait_until_ready(db, dataset_id)
            parts.append((dataset_id, await db(last_example, dataset_id)))
    loop = asyncio.get_running_loop()

    def rows() -> Iterator[Utterance]:
        for dataset_id, until in parts:
            after = 0
            while after < until:
                call = db(
                    examples_after,
                    dataset_id,
                    after,
                    until,
                    _BATCH,
                    with_feedback=options.with_feedback,
                )
                after, batch = asyncio.run_coroutine_threadsafe(call, loop).result()
                yield from batch
            # One that was deleted meanwhile has lost examples that weren't read yet.
            look = db(trainable, dataset_id)
            if asyncio.run_coroutine_threadsafe(look, loop).result() is None:
                raise _gone(dataset_id)

    await asyncio.to_thread(write_training_data, rows(), folder)


def write_training_data(examples: Iterable[Utterance], folder: Path) -> None:
    """Write examples into the folder of a run, and beside them what :func:`read_summary` reads.

    Raises
    ------
    DataError
        If they can't be written.
    """
    labels: dict[str, None] = {}
    count = 0

    def counted() -> Iterator[Utterance]:
        nonlocal count
        for utterance in examples:
            labels[utterance.intent or ""] = None
            count += 1
            yield utterance

    folder.mkdir(exist_ok=True)
    path = folder / DATA_FILES[DATA_FILE]
    half_made = path.with_name(f"{path.name}.part")
    write_intent_file(counted(), half_made)
    summary = {"labels": list(labels), "examples": count}
    with write_atomically(folder / _SUMMARY, "summary") as file:
        file.write(json.dumps(summary).encode())
    half_made.replace(path)


async def _wait_until_ready(db: StoreThread, dataset_id: int) -> None:
    """Wait while a file is being added to a data set: half of it makes no sense."""
    while True:
        data = await db(trainable, dataset_id)
        if data is None:
            raise _gone(dataset_id)
        if data.state != "uploading":
            return
        await asyncio.sleep(_PAUSE)


def _gone(dataset_id: int) -> RunFailed:
    return RunFailed(f"There is no dataset {dataset_id} any more.")


def read_summary(folder: Path) -> DataSummary:
    """Read what is known of a training's data; nothing if they aren't written yet."""
    try:
        data = json.loads((folder / _SUMMARY).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return DataSummary()
    return DataSummary(tuple(data["labels"]), data["examples"])
