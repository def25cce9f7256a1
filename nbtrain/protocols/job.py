"""What the daemon and a training process say to each other, one JSON object a line.

The daemon writes one :class:`Job` to the worker's standard input and keeps the pipe open; at
end-of-file the worker exits, so that no training outlives its service. The worker answers on
standard output with :class:`Progress`, :class:`~nbtrain.progress.EpochStats`, for a preview of
names with :class:`~nbtrain.name_prompts.NamePrompt`, and at the very end one of :class:`Done` and
:class:`Failed`. The result itself is a file in the run's folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..documents import DataSchema
from ..name_prompts import NamePrompt
from ..progress import EpochStats
from ..tasks import LLM, Clustering, IntentClassification
from .local import epoch_from_json, epoch_to_json
from .naming import Naming, prompt_from_json, prompt_to_json

__all__ = [
    "EVALUATION_FILE",
    "RESULT_FILE",
    "Done",
    "Failed",
    "Job",
    "Message",
    "Progress",
    "read_message",
    "write_message",
]

RESULT_FILE = "result.json"
EVALUATION_FILE = "evaluation.json"
"""Of a classification: its evaluation and provenance, without the labels of all texts."""


@dataclass(frozen=True, slots=True)
class Job:
    """One training, as told to a worker.

    ``folder`` is the run's own; the worker writes :data:`RESULT_FILE` there. ``data`` is a JSON
    file of ``schema``; ``secondary_data`` one of labelled intents. ``naming`` may hold keys: the
    line goes into the worker's standard input and nowhere else.
    """

    run_id: str
    model_id: str
    folder: Path
    data: Path
    schema: DataSchema
    language: str
    task: Clustering | IntentClassification
    secondary_data: Path | None = None
    naming: Naming | None = None

    def to_line(self) -> str:
        """Write the job as one line."""
        return json.dumps(
            {
                "run_id": self.run_id,
                "model_id": self.model_id,
                "folder": str(self.folder),
                "data": str(self.data),
                "schema": self.schema.value,
                "language": self.language,
                "task": _task_to_json(self.task),
                "secondary_data": str(self.secondary_data) if self.secondary_data else None,
                "naming": self.naming.to_json() if self.naming else None,
            }
        )

    @classmethod
    def from_line(cls, line: str) -> Job:
        """Read a job."""
        data = json.loads(line)
        secondary = data["secondary_data"]
        return cls(
            run_id=data["run_id"],
            model_id=data["model_id"],
            folder=Path(data["folder"]),
            data=Path(data["data"]),
            schema=DataSchema(data["schema"]),
            language=data["language"],
            task=_task_from_json(data["task"]),
            secondary_data=Path(secondary) if secondary else None,
            naming=Naming.from_json(data["naming"]) if data["naming"] else None,
        )


def _task_to_json(task: Clustering | IntentClassification) -> dict[str, Any]:
    if isinstance(task, IntentClassification):
        return {"kind": "classification", **asdict(task)}
    return {
        "kind": "clustering",
        "n_clusters": task.n_clusters,
        "llm": asdict(task.llm) if task.llm else None,
        "random_state": task.random_state,
        "embedder": task.embedder,
        "turns": task.turns,
        "unit": task.unit,
    }


def _task_from_json(data: dict[str, Any]) -> Clustering | IntentClassification:
    if data["kind"] == "classification":
        return IntentClassification(**{k: v for k, v in data.items() if k != "kind"})
    llm = LLM(**data["llm"]) if data["llm"] else None
    named = {name: data[name] for name in ("embedder", "turns", "unit")}
    return Clustering(data["n_clusters"], llm, data["random_state"], **named)


@dataclass(frozen=True, slots=True)
class Progress:
    """The training has come this far; ``fraction`` 0 to 1 never falls."""

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Done:
    """The result file is complete; ``message`` is what the user should know of it, if anything."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """No result; ``message`` is for the user."""

    message: str


Message = Progress | EpochStats | NamePrompt | Done | Failed


def write_message(message: Message) -> str:
    """Write a message as one line, without the line end."""
    data: dict[str, Any]
    match message:
        case Progress(stage, fraction):
            data = {"kind": "progress", "stage": stage, "fraction": fraction}
        case EpochStats():
            data = {"kind": "epoch", **epoch_to_json(message)}
        case NamePrompt():
            data = {"kind": "prompt", **prompt_to_json(message)}
        case Done(text):
            data = {"kind": "done", "message": text}
        case Failed(text):
            data = {"kind": "failed", "message": text}
    return json.dumps(data)


def read_message(line: str) -> Message:
    """Read a message.

    Raises
    ------
    ValueError
        If the line is none.
    """
    data = json.loads(line)
    try:
        match data["kind"]:
            case "progress":
                return Progress(data["stage"], data["fraction"])
            case "epoch":
                return epoch_from_json(data)
            case "prompt":
                return prompt_from_json(data)
            case "done":
                return Done(data.get("message", ""))
            case "failed":
                return Failed(data["message"])
            case kind:
                raise ValueError(f"unknown kind of message: {kind!r}")
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a message: {line[:200]!r}") from error
