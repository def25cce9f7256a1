"""From the event loop to the store: one thread, and what a full disk means over HTTP."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from .store import Store

__all__ = ["STORAGE_ERRORS", "StoreThread", "storage_trouble"]

P = ParamSpec("P")
T = TypeVar("T")

STORAGE_ERRORS = (OSError, sqlite3.Error)

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StoreThread:
    """Runs the store's methods one after the other in a thread of their own.

    ``await db(Store.find, run_id)`` keeps the event loop free while the disk is written to.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def __call__(
        self, method: Callable[Concatenate[Store, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a method of the store."""
        call = partial(method, self._store, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def close(self) -> None:
        """Wait for the last call, and close the store."""
        self._thread.shutdown(wait=True)
        self._store.close()


def storage_trouble(error: OSError | sqlite3.Error) -> tuple[int, str]:
    """Return the HTTP status and the sentence for an error of the state folder."""
    if isinstance(error, sqlite3.Error):
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        reason = str(error)
    else:
        full = error.errno in _NO_SPACE
        reason = error.strerror or str(error)
    if full:
        return 507, f"The disk of the service's state folder is full ({reason})."
    return 500, f"The service can't write to its state folder ({reason})."
