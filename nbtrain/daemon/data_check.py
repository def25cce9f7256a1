"""Uploaded data files are read to the last record before their request is answered.

A large one is read by a process of its own: it would keep the service from answering others, and
what has to be remembered of it, such as the ids of its dialogues, grows with it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from ..errors import DataError
from ..files import read_data_file
from ..protocols.data_check import CheckedFile, FileToCheck
from .executor import WorkerProcess

__all__ = ["CheckFailed", "check_data_file"]

_LARGE = 4 * 1024 * 1024
_LOG_FILE = "check.log"
# Of the problems the first few are told in words, but each may quote a key of any length.
_LONGEST_LINE = 64 * 1024 * 1024


class CheckFailed(Exception):
    """The check itself went wrong; the message is one sentence for the user."""


async def check_data_file(path: Path, schema: str) -> CheckedFile:
    """Check a data file.

    Raises
    ------
    DataError
        Listing everything in it that is not of that schema.
    CheckFailed
        If its process can't be started, or dies.
    """
    if (await asyncio.to_thread(path.stat)).st_size < _LARGE:
        data = await asyncio.to_thread(read_data_file, path, schema)
        return CheckedFile(data.documents, data.sha256)
    try:
        process = await WorkerProcess.spawn(
            path.parent, _LOG_FILE, "--check", longest_line=_LONGEST_LINE
        )
    except OSError as error:
        reason = error.strerror or error
        raise CheckFailed(f"The data could not be checked: {reason}.") from error
    try:
        await process.write_line(FileToCheck(path, schema).to_line())
        line = await process.read_line()
    except BaseException:
        process.kill()
        raise
    code = await process.exited(1.0)
    if not line:
        raise CheckFailed(process.obituary(code, "The check of the data"))
    checked = CheckedFile.from_line(line)
    if checked.problems:
        raise DataError("The data file can't be used.", checked.problems)
    return checked
