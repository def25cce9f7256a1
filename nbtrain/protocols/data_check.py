"""What the daemon and the process that checks a large data file say to each other, a line each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import Problem

__all__ = ["CheckedFile", "FileToCheck"]


@dataclass(frozen=True, slots=True)
class FileToCheck:
    """A data file, and the schema that it should be of."""

    path: Path
    schema: str

    def to_line(self) -> str:
        """Write it as one line."""
        return json.dumps({"path": str(self.path), "schema": self.schema})

    @classmethod
    def from_line(cls, line: str) -> FileToCheck:
        """Read it."""
        data = json.loads(line)
        return cls(Path(data["path"]), data["schema"])


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What a data file holds: documents with text, and whatever is wrong with it.

    Examples
    --------
    >>> checked = CheckedFile(0, "", (Problem("data.json", "is empty"),))
    >>> CheckedFile.from_line(checked.to_line()) == checked
    True
    """

    documents: int
    sha256: str
    problems: tuple[Problem, ...] = ()

    def to_line(self) -> str:
        """Write it as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_line(cls, line: str | bytes) -> CheckedFile:
        """Read it."""
        data = json.loads(line)
        problems = tuple(
            Problem(**{**problem, "rows": tuple(problem["rows"])}) for problem in data["problems"]
        )
        return cls(data["documents"], data["sha256"], problems)
