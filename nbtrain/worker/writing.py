"""Files that appear complete or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

__all__ = ["write_file", "write_json"]


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file and put it into its place, on disk, in one step."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_json(path: Path, data: object) -> None:
    """Write a JSON file in the same way."""
    text = json.dumps(data).encode()
    write_file(path, lambda file: file.write(text))
