"""What the daemon tells a process that sweeps, and the files that the two share.

Each fit is two files in the folder of the sweep: its labels, and then, as the sign that it is
whole, its scores and clusters. They are numbered in the order in which they were made, without
gaps, and appear complete or not at all; so a sweep that was killed goes on with the next number,
and the daemon needs no other word of a fit than its file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..documents import DataSchema
from ..sweep_plans import SweepPlan
from ..tasks import Clustering
from .job import CacheFolder
from .sweeps import plan_from_json, plan_to_json

__all__ = [
    "CHOICE_FILE",
    "DOCUMENTS_FILE",
    "FIRST_FILE",
    "MAP_FILE",
    "OUTLINE_FILE",
    "PREVIEW_FILE",
    "STRUCTURE_FILE",
    "SweepJob",
    "fit_file",
    "fit_files",
    "labels_file",
]

DOCUMENTS_FILE = "documents.json"
CHOICE_FILE = "choice.json"
STRUCTURE_FILE = "structure.json"
"""How much better the texts cluster than the same words in random order, or null; once known."""
PREVIEW_FILE = "preview.json"
"""A few fits of a sample with no more than their agreement, before the first real ones."""
OUTLINE_FILE = "outline.json"
"""Fits over all counts that the texts bear, with scores of samples, from which the list is read."""
FIRST_FILE = "first.npy"
"""In the folder of a training: the labels of the sweep's fit at which it begins, if it does."""
MAP_FILE = "map.npy"
"""Places of the documents on a plane, float32 of shape (n_documents, 2), NaN for those that it
leaves out; if the sweep made a map."""


def fit_file(folder: Path, number: int) -> Path:
    """Return the place of a fit's scores and clusters; numbers begin at 1."""
    return folder / f"fit-{number:05d}.json"


def labels_file(folder: Path, number: int) -> Path:
    """Return the place of a fit's labels: int16 or int32, one a document."""
    return folder / f"fit-{number:05d}.npy"


def fit_files(folder: Path, after: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and content of the fits above a number that are whole."""
    number = after + 1
    while (path := fit_file(folder, number)).is_file():
        yield number, json.loads(path.read_text(encoding="utf-8"))
        number += 1


@dataclass(frozen=True, slots=True)
class SweepJob:
    """One sweep, as told to a worker.

    ``earlier`` are the folders of sweeps of the same data and options, newest first; what they
    have found is taken over. ``started`` is in seconds since 1970.
    """

    run_id: str
    folder: Path
    data: Path
    schema: DataSchema
    language: str
    plan: SweepPlan
    task: Clustering = field(default_factory=Clustering)
    secondary_data: Path | None = None
    earlier: tuple[Path, ...] = ()
    started: float = 0.0
    cache: CacheFolder | None = None

    def to_line(self) -> str:
        """Write the job as one line."""
        return json.dumps(
            {
                "kind": "sweep",
                "run_id": self.run_id,
                "folder": str(self.folder),
                "data": str(self.data),
                "schema": self.schema.value,
                "language": self.language,
                "plan": plan_to_json(self.plan),
                "turns": self.task.turns,
                "unit": self.task.unit,
                "secondary_data": str(self.secondary_data) if self.secondary_data else None,
                "earlier": [str(folder) for folder in self.earlier],
                "started": self.started,
                "cache": self.cache.to_json() if self.cache else None,
            }
        )

    @classmethod
    def from_line(cls, line: str) -> SweepJob | None:
        """Read a job; None if the line holds one of another kind."""
        data = json.loads(line)
        if data.get("kind") != "sweep":
            return None
        secondary = data["secondary_data"]
        return cls(
            run_id=data["run_id"],
            folder=Path(data["folder"]),
            data=Path(data["data"]),
            schema=DataSchema(data["schema"]),
            language=data["language"],
            plan=plan_from_json(data["plan"]),
            task=Clustering(turns=data["turns"], unit=data["unit"]),
            secondary_data=Path(secondary) if secondary else None,
            earlier=tuple(Path(folder) for folder in data["earlier"]),
            started=data["started"],
            cache=CacheFolder.from_json(data["cache"]) if data["cache"] else None,
        )
