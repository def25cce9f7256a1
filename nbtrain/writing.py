"""Files that appear complete or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from .errors import DataError, Problem

__all__ = ["not_written", "write_atomically"]


@contextmanager
def write_atomically(path: str | os.PathLike[str], what: str = "file") -> Iterator[BinaryIO]:
    """Open a new file that takes its place when the block ends well, and vanishes otherwise.

    A link is followed: what it points to is replaced. What is no file (a folder, a device, a pipe)
    is refused.

    Parameters
    ----------
    path : path
        The file; replaced if it exists.
    what : str
        What it is, for the error: ``"data file"``.

    Raises
    ------
    DataError
        If it can't be written there.
    """
    try:
        path = Path(path)
    except TypeError:
        raise not_written(what, repr(path), "is no place for a file") from None
    if not path.name or "\0" in str(path):
        raise not_written(what, str(path), "is no place for a file")
    target = Path(os.path.realpath(path))
    # Of one length whatever the name, and of one writer whoever else writes there. It keeps the
    # endings, by which some writers choose the form.
    ending = "".join(target.suffixes)[-20:]
    partial = target.with_name(f".{secrets.token_hex(8)}.part{ending}")
    try:
        if path.exists() and not path.is_file():
            raise not_written(what, str(path), "is no place for a file")
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        fix = "Make that folder first." if not target.parent.exists() else ""
        reason = f"can't be written: {error.strerror or error}"
        raise not_written(what, str(path), reason, fix) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def not_written(what: str, where: str, reason: str, fix: str = "") -> DataError:
    """Make the error that a file was not written."""
    return DataError(f"The {what} was not written.", [Problem(where, reason, fix)])
