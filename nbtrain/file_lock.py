"""A lock between processes: whoever holds it works on a file, and others see that somebody does."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["FileLock"]


class FileLock:
    """A lock that belongs to a file, and is gone with the process that holds it.

    It is a hidden file beside the other one, locked by the operating system, as the other one is
    replaced whenever it is written. Where the file system knows no locks, none is held.

    Parameters
    ----------
    path : Path
        The file that is worked on; need not exist.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "journal.json"
    >>> mine, other = FileLock(path), FileLock(path)
    >>> mine.acquire(), other.acquire()
    (True, False)
    >>> mine.release()
    >>> other.acquire(), other.release()
    (True, None)
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f".{path.name}.lock")
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock; False, at once, if another has it."""
        while True:
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError:
                # Nor can anything else be written there; who writes will say so.
                return True
            if not _lock(descriptor):
                os.close(descriptor)
                return False
            self._descriptor = descriptor
            with suppress(OSError):
                if os.path.samestat(os.fstat(descriptor), self._path.stat()):
                    return True
            # The last holder has just removed it.
            self.release()

    def release(self) -> None:
        """Give the lock back; nothing happens if it is not held."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        with suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), self._path.stat()):
                self._path.unlink()
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import errno
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in (errno.EAGAIN, errno.EACCES)
        return True
