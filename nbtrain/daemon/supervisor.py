"""The queue of runs: starts training processes, and folds what they say into the store."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from ..errors import NbtrainError
from ..progress import RunState
from ..protocols.job import RESULT_FILE, CacheFolder, Done, Failed
from ..protocols.sweep_job import DOCUMENTS_FILE as SWEPT_FILE
from .batches import Batch, in_batches
from .executor import WorkerProcess
from .jobs import DATA_FILES, Jobs, NamingOf, no_naming
from .storage import STORAGE_ERRORS, StoreThread
from .store import Store, StoredRun
from .sweep_store import SWEEP
from .upload import sync_folder

__all__ = ["DATA_FILES", "MAX_ATTEMPTS", "Prepare", "Supervisor"]

Prepare = Callable[[StoredRun, Path], Awaitable[None]]

MAX_ATTEMPTS = 3
"""How often a training is started that a dying service interrupts."""

CANCEL_GRACE = 1.0

_RETRY_SECONDS = 1.0
_EXIT_GRACE = 5.0

log = logging.getLogger("nbtrain.daemon")


@dataclass(slots=True)
class _Training:
    """A run that has, or is about to get, a process."""

    run_id: str
    task: asyncio.Task[None] | None = None
    worker: WorkerProcess | None = None
    preparing: bool = False
    cancelled: bool = False

    def cancel(self) -> None:
        """Ask the process to exit; make it exit when it doesn't."""
        self.cancelled = True
        if self.worker is not None:
            self.worker.ask_to_exit()
            asyncio.get_running_loop().call_later(CANCEL_GRACE, self.worker.kill)


async def _nothing(run: StoredRun, folder: Path) -> None:
    """Do nothing: the data of Knovvu's runs come with the request."""


class Supervisor:
    """Trains what is in the store, at most ``max_workers`` runs at a time, oldest first.

    Parameters
    ----------
    db : StoreThread
    runs_folder : Path
        Holds one folder per run.
    max_workers : int
    naming : callable, optional
        Says how a product's clusters are named; see :meth:`LLMStore.naming`. By default by key
        words.
    prepare : callable, optional
        Is handed a run that starts, and its folder, to put its data there.
    cache : CacheFolder, optional
        Where workers keep features for later runs.

    Attributes
    ----------
    last_end : float
        When a training ended last, by ``time.monotonic``.
    """

    def __init__(
        self,
        db: StoreThread,
        runs_folder: Path,
        *,
        max_workers: int,
        naming: NamingOf = no_naming,
        prepare: Prepare = _nothing,
        cache: CacheFolder | None = None,
    ) -> None:
        self._db = db
        self._jobs = Jobs(runs_folder, naming, cache)
        self._prepare = prepare
        self._max_workers = max_workers
        self._trainings: dict[str, _Training] = {}
        self._wake = asyncio.Event()
        self._scheduler: asyncio.Task[None] | None = None
        self._stopping = False
        self.last_end = time.monotonic()

    def folder(self, run_id: str) -> Path:
        """Return the folder of a run."""
        return self._jobs.folder(run_id)

    async def start(self) -> None:
        """Take up what an earlier service left, and begin to train."""
        await self._db(Store.recover, MAX_ATTEMPTS)
        known = {run.status.run_id for run in await self._db(Store.runs)}
        await asyncio.to_thread(_remove_half_made, self._jobs.runs_folder, known)
        self._scheduler = asyncio.create_task(self._schedule())

    async def stop(self) -> None:
        """End all training processes; their runs start again with the next service."""
        self._stopping = True
        if self._scheduler is not None:
            self._scheduler.cancel()
        for training in self._trainings.values():
            if training.worker is not None:
                training.worker.kill()
            elif training.preparing and training.task is not None:
                training.task.cancel()
        tasks = [t.task for t in self._trainings.values() if t.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=1.5)

    def wake(self) -> None:
        """Look for runs to start: one was added, or one has ended."""
        self._wake.set()

    async def cancel(self, run_or_model_id: str) -> StoredRun | None:
        """Cancel a run; when this returns, no process works on it any more.

        Returns
        -------
        StoredRun or None
            The run as it is now, unchanged if it had ended before; None if there is none.
        """
        run = await self._db(Store.find, run_or_model_id)
        while run is not None and not run.status.state.ended:
            run_id = run.status.run_id
            if run_id not in self._trainings:
                await self._db(Store.end, run_id, RunState.CANCELLED, "Cancelled.")
            # Looked up again: it may have been started while the store was busy.
            training = self._trainings.get(run_id)
            if training is not None and training.task is not None:
                training.cancel()
                await asyncio.wait([training.task])
            run = await self._db(Store.find, run_id)
        return run

    async def _schedule(self) -> None:
        while True:
            self._wake.clear()
            try:
                while len(self._trainings) < self._max_workers:
                    run_id = await self._db(Store.next_waiting, tuple(self._trainings))
                    if run_id is None:
                        break
                    training = _Training(run_id)
                    self._trainings[run_id] = training
                    training.task = asyncio.create_task(self._train(training))
            except STORAGE_ERRORS:
                log.exception("the queue can't be read")
                asyncio.get_running_loop().call_later(_RETRY_SECONDS, self.wake)
            await self._wake.wait()

    async def _train(self, training: _Training) -> None:
        try:
            begun = await self._db(Store.begin, training.run_id)
            if begun is not None:
                await self._train_run(training, *begun)
        except STORAGE_ERRORS:
            log.exception("run %s can't be started; it is tried again", training.run_id)
            await asyncio.sleep(_RETRY_SECONDS)
        except Exception as error:
            log.exception("run %s can't be trained", training.run_id)
            message = f"The service made a mistake ({type(error).__name__}); see its log."
            await self._end(training, RunState.FAILED, message, Batch())
        finally:
            if training.worker is not None:
                training.worker.kill()
            del self._trainings[training.run_id]
            self.last_end = time.monotonic()
            self.wake()

    async def _train_run(self, training: _Training, run: StoredRun, elapsed_before: float) -> None:
        try:
            await self._prepare_run(training, run)
            training.worker = worker = await WorkerProcess.start(self._jobs.job_of(run))
        except NbtrainError as error:
            await self._end(training, RunState.FAILED, str(error), Batch())
            return
        except OSError as error:
            text = f"No training process could be started: {error.strerror or error}."
            await self._end(training, RunState.FAILED, text, Batch())
            return
        if self._stopping:
            worker.kill()
        elif training.cancelled:
            training.cancel()
        batch = await self._listen(training.run_id, worker, elapsed_before)
        worker.ask_to_exit()
        code = await worker.exited(_EXIT_GRACE)
        match batch.final:
            case Done(text):
                folder = self.folder(training.run_id)
                whole = SWEPT_FILE if run.protocol == SWEEP else RESULT_FILE
                problem = await asyncio.to_thread(_keep_result, folder, whole)
                state, text = (RunState.FAILED, problem) if problem else (RunState.SUCCEEDED, text)
            case Failed(reason):
                state, text = RunState.FAILED, reason
            case None if training.cancelled:
                state, text = RunState.CANCELLED, "Cancelled."
            case None if self._stopping:
                with suppress(*STORAGE_ERRORS):
                    await self._db(Store.release, training.run_id)
                return
            case None:
                state, text = RunState.FAILED, worker.obituary(code)
        await self._end(training, state, text, batch)

    async def _prepare_run(self, training: _Training, run: StoredRun) -> None:
        training.preparing = True
        try:
            await self._prepare(run, self.folder(training.run_id))
        except asyncio.CancelledError:  # the service is stopped
            with suppress(*STORAGE_ERRORS):
                await self._db(Store.release, training.run_id)
            raise
        finally:
            training.preparing = False

    async def _listen(self, run_id: str, worker: WorkerProcess, elapsed_before: float) -> Batch:
        """Keep what a process says, until its last word; return what is not kept yet."""
        batch = Batch()
        async for messages in in_batches(worker.messages()):
            for message in messages:
                batch.add(message, elapsed_before)
            if batch.final is None:
                with suppress(*STORAGE_ERRORS):  # then it is tried again with the next ones
                    record = (run_id, batch.stage, batch.fraction, batch.epochs)
                    await self._db(Store.record, *record)
                    batch.epochs = []
        return batch

    async def _end(self, training: _Training, state: RunState, message: str, batch: Batch) -> None:
        """Write the end down, as often as it takes: an end that is lost can't be made up."""
        done = state is RunState.SUCCEEDED
        log.info("run %s: %s", training.run_id, state.value)
        while True:
            try:
                await self._db(
                    Store.end,
                    training.run_id,
                    state,
                    message,
                    stage="done" if done else batch.stage,
                    fraction=1.0 if done else batch.fraction,
                    epochs=batch.epochs,
                )
                return
            except STORAGE_ERRORS:
                log.exception("the end of run %s can't be written", training.run_id)
            if self._stopping:
                return
            await asyncio.sleep(_RETRY_SECONDS)


def _keep_result(folder: Path, name: str) -> str:
    """Make the result durable; return what is wrong with it, if anything."""
    try:
        with (folder / name).open("r+b") as file:
            os.fsync(file.fileno())
        sync_folder(folder)
    except FileNotFoundError:
        return "The training process said that it was done, but left no result."
    except OSError as error:
        return f"The result can't be kept: {error.strerror or error}."
    return ""


def _remove_half_made(runs_folder: Path, known: set[str]) -> None:
    """Remove folders of uploads that never became a run; leave alone what isn't ours."""
    for folder in runs_folder.iterdir():
        with suppress(ValueError):
            if str(UUID(folder.name)) == folder.name and folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
