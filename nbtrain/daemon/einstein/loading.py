"""Files of data sets on their way into the store, and deleted data sets on their way out of it.

A file is kept until its last row is an example, and what is in is noted with each batch of rows:
a service that is killed goes on where it was. First it is read to its end, so that a bad one
changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from ...documents import Utterance
from ...errors import DataError
from ...protocols.einstein_dataset_forms import DATA_FIELD
from ...protocols.einstein_datasets import MAX_DATASET_BYTES
from ...protocols.einstein_files import read_examples
from ..dataset_store import (
    PendingUpload,
    add_examples,
    count_bytes,
    end_upload,
    mark_checked,
    pending_uploads,
    purge,
)
from ..storage import STORAGE_ERRORS, StoreThread, storage_trouble
from ..upload import sync_folder
from .forms import EinsteinError

__all__ = ["Loading"]

_AT_ONCE = 2
_ROWS = 1000  # some 20 ms of the store's thread
_PURGED = 500
_RETRY_SECONDS = 1.0

log = logging.getLogger("nbtrain.daemon")


class Loading:
    """Reads the files of data sets, at most two at a time.

    Parameters
    ----------
    db : StoreThread
    folder : Path
        Holds one folder per file; made if it isn't there.
    """

    def __init__(self, db: StoreThread, folder: Path) -> None:
        self._db = db
        self._folder = folder
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[EinsteinError | None]] = set()
        self._purge: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up what an earlier service left."""
        self._folder.mkdir(exist_ok=True)
        uploads = await self._db(pending_uploads)
        known = {upload.upload_id for upload in uploads}
        await asyncio.to_thread(_remove_unknown, self._folder, known)
        for upload in uploads:
            self.load(upload)
        self.clear_away()

    async def stop(self) -> None:
        """Stop where it is; the next service goes on from there."""
        tasks = [*self._tasks, *([self._purge] if self._purge else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.5)

    @property
    def busy(self) -> bool:
        """Whether a file is being read."""
        return bool(self._tasks)

    def new_folder(self) -> tuple[str, Path]:
        """Make the folder of a file that is about to come; return its id, too."""
        upload_id = str(uuid4())
        folder = self._folder / upload_id
        folder.mkdir()
        return upload_id, folder

    async def keep(self, upload_id: str) -> None:
        """Make a file that has come durable."""
        await asyncio.to_thread(_sync, self._folder / upload_id)

    def drop(self, upload_id: str) -> None:
        """Remove a file."""
        shutil.rmtree(self._folder / upload_id, ignore_errors=True)

    def load(self, upload: PendingUpload) -> asyncio.Task[EinsteinError | None]:
        """Begin to read a file; the task's result is why it can't be loaded, if so."""
        task = asyncio.create_task(self._load(upload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def clear_away(self) -> None:
        """Begin to remove what was deleted, a little at a time."""
        if self._purge is None or self._purge.done():
            self._purge = asyncio.create_task(self._clear_away())

    async def _clear_away(self) -> None:
        try:
            while await self._db(purge, _PURGED):  # others' calls come in between
                pass
        except STORAGE_ERRORS:
            log.exception("a deleted data set can't be cleared away")

    async def _load(self, upload: PendingUpload) -> EinsteinError | None:
        failure = None
        async with self._turn:
            try:
                reason = await self._checked(upload)
                if reason:
                    failure = EinsteinError(400, reason)
                else:
                    await self._fill(upload)
            except STORAGE_ERRORS as error:
                log.exception("the file of data set %s can't be loaded", upload.dataset_id)
                failure = EinsteinError(*storage_trouble(error))
            except Exception as error:
                log.exception("the file of data set %s can't be loaded", upload.dataset_id)
                text = f"The service made a mistake ({type(error).__name__}); see its log."
                failure = EinsteinError(500, text)
            if failure is not None:  # it also makes room on a full disk
                await asyncio.to_thread(self.drop, upload.upload_id)
            await self._end(upload.upload_id, failure.message if failure else "")
            await asyncio.to_thread(self.drop, upload.upload_id)
        return failure

    async def _end(self, upload_id: str, failure: str) -> None:
        """Write the end down, as often as it takes: else the data set would wait for ever."""
        while True:
            try:
                await self._db(end_upload, upload_id, failure)
                return
            except STORAGE_ERRORS:
                log.exception("the end of upload %s can't be written", upload_id)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _checked(self, upload: PendingUpload) -> str:
        if not self._path(upload).exists():
            return f"{DATA_FIELD}: was given up, as the disk was full."
        if upload.is_checked:
            return ""
        room = MAX_DATASET_BYTES - await self._db(count_bytes, upload.dataset_id)
        rows = self._rows(upload)
        try:
            while batch := await _next(rows):
                room -= sum(len(row.text.encode()) for row in batch)
        except DataError as error:
            return " ".join(map(str, error.problems))
        if room < 0:
            return f"{DATA_FIELD}: makes the dataset larger than {MAX_DATASET_BYTES:,} bytes."
        await self._db(mark_checked, upload.upload_id)
        return ""

    async def _fill(self, upload: PendingUpload) -> None:
        rows = self._rows(upload)
        left = upload.rows_done
        while left and (batch := await _next(rows, left)):
            left -= len(batch)
        while batch := await _next(rows):
            if not await self._db(add_examples, upload.upload_id, batch):
                return

    def _rows(self, upload: PendingUpload) -> Iterator[Utterance]:
        return read_examples(self._path(upload), upload.file_name)

    def _path(self, upload: PendingUpload) -> Path:
        return self._folder / upload.upload_id / DATA_FIELD


async def _next(rows: Iterator[Utterance], most: int = _ROWS) -> list[Utterance]:
    """Read some rows in a thread: few, so that a service that is told to stop does."""
    return await asyncio.to_thread(lambda: list(islice(rows, min(most, _ROWS))))


def _sync(folder: Path) -> None:
    sync_folder(folder)
    sync_folder(folder.parent)


def _remove_unknown(uploads: Path, known: set[str]) -> None:
    """Remove files that never became part of a data set; leave alone what isn't ours."""
    for folder in uploads.iterdir():
        with suppress(ValueError):
            if str(UUID(folder.name)) == folder.name and folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
