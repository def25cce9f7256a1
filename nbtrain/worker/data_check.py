"""The check of a large data file, away from the service: it may take a while, and memory."""

from __future__ import annotations

from ..errors import DataError
from ..files import read_data_file
from ..protocols.data_check import CheckedFile, FileToCheck

__all__ = ["check"]


def check(file: FileToCheck) -> CheckedFile:
    """Read a data file to its end."""
    try:
        data = read_data_file(file.path, file.schema)
    except DataError as error:
        return CheckedFile(0, "", error.problems)
    return CheckedFile(data.documents, data.sha256)
