"""What a sweep of many runs has done so far, in a small file beside its data.

It holds what was asked for, what runs and what was found: enough to go on after the kernel has
died. There is no secret in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .documents import DataSchema
from .errors import RunNotFound
from .progress import RunState
from .protocols.sweeps import (
    choice_from_json,
    choice_to_json,
    fit_from_json,
    fit_to_json,
    plan_from_json,
    plan_to_json,
)
from .sweep_plans import SweepPlan
from .sweep_results import Choice, SweepFit
from .tasks import Clustering
from .training import MODEL_ID_MAX, DataFile, TrainingRequest
from .writing import write_atomically

__all__ = ["Journal", "RunningFit", "derived_model_id", "journal_path"]

_FORMAT = 1


@dataclass(slots=True)
class RunningFit:
    """A fit whose run was handed in, or is about to be: then ``run_id`` is empty."""

    fit: SweepFit
    model_id: str
    run_id: str = ""
    fraction: float = 0.0


@dataclass(slots=True)
class Journal:
    """The state of one sweep.

    Parameters
    ----------
    path : Path
    service : str
        The name of the kind of service.
    request : TrainingRequest
    plan : SweepPlan
    started : float
        Seconds since 1970.
    worked : float
        Seconds that were worked on it so far.
    state : RunState
    message : str
    fits : list of SweepFit
        Those that ended, in that order.
    running : list of RunningFit
    others : list of SweepFit
        Found by earlier sweeps of the same data, and not in this plan.
    choice : Choice or None
    """

    path: Path
    service: str
    request: TrainingRequest
    plan: SweepPlan
    started: float
    worked: float = 0.0
    state: RunState = RunState.RUNNING
    message: str = ""
    fits: list[SweepFit] = field(default_factory=list)
    running: list[RunningFit] = field(default_factory=list)
    others: list[SweepFit] = field(default_factory=list)
    choice: Choice | None = None

    def waiting(self) -> list[SweepFit]:
        """Return the fits of the plan that nothing was done for yet."""
        known = {fit.key for fit in self.fits} | {entry.fit.key for entry in self.running}
        return [fit for fit in self.plan.fits() if fit.key not in known]

    def goes_with(self, request: TrainingRequest, service: str) -> bool:
        """Tell whether what is here was found for such a request, but for its counts and seeds."""
        return (self.service, _asked(self.request)) == (service, _asked(request))

    def follow(self, plan: SweepPlan) -> None:
        """Take up a new plan, with what was found for earlier ones."""
        wanted = {fit.key for fit in plan.fits()}
        found = [f for f in (*self.fits, *self.others) if f.state is RunState.SUCCEEDED]
        self.fits = [fit for fit in found if fit.key in wanted]
        self.others = [fit for fit in found if fit.key not in wanted]
        self.running = [entry for entry in self.running if entry.fit.key in wanted]
        self.plan, self.state, self.message, self.worked = plan, RunState.RUNNING, "", 0.0
        if self.choice is not None and self.choice.n_clusters not in plan.n_clusters:
            self.choice = None

    def save(self) -> None:
        """Write the file; it appears complete or not at all."""
        data = {
            "format": _FORMAT,
            "service": self.service,
            "request": _request_to_json(self.request),
            "plan": plan_to_json(self.plan),
            "started": self.started,
            "worked": round(self.worked, 3),
            "state": self.state.value,
            "message": self.message,
            "fits": [fit_to_json(fit) for fit in self.fits],
            "running": [
                {
                    "fit": fit_to_json(entry.fit),
                    "model_id": entry.model_id,
                    "run_id": entry.run_id,
                    "fraction": entry.fraction,
                }
                for entry in self.running
            ],
            "others": [fit_to_json(fit) for fit in self.others],
            "choice": choice_to_json(self.choice) if self.choice else None,
        }
        with write_atomically(self.path, "journal of the sweep") as file:
            file.write(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))

    @classmethod
    def load(cls, path: Path) -> Journal:
        """Read a file.

        Raises
        ------
        RunNotFound
            If there is none, or it can't be read.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["format"] != _FORMAT:
                raise ValueError(f"its format is {data['format']!r}")
            return cls(
                path=path,
                service=data["service"],
                request=_request_from_json(data["request"], path.parent),
                plan=plan_from_json(data["plan"]),
                started=data["started"],
                worked=data["worked"],
                state=RunState(data["state"]),
                message=data["message"],
                fits=[fit_from_json(entry) for entry in data["fits"]],
                running=[
                    RunningFit(
                        fit_from_json(entry["fit"]),
                        entry["model_id"],
                        entry["run_id"],
                        entry["fraction"],
                    )
                    for entry in data["running"]
                ],
                others=[fit_from_json(entry) for entry in data["others"]],
                choice=choice_from_json(data["choice"]) if data["choice"] else None,
            )
        except OSError as error:
            why = error.strerror or str(error)
            raise RunNotFound(f"There is no sweep at {path}: {why}.") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunNotFound(f"{path} is no journal of a sweep: {error}.") from None


def journal_path(data: Path, model_id: str) -> Path:
    """Return where the journal of a model's sweeps over a data file lies: beside that file."""
    return data.absolute().with_name(f"{data.stem}.{model_id}.sweep.json")


def derived_model_id(model_id: str, fit: SweepFit) -> str:
    """Name the model of one fit: a valid id, of its own for each fit.

    Examples
    --------
    >>> derived_model_id("support", SweepFit(12, 1))
    'support-k12-s1'
    >>> derived_model_id("support", SweepFit(12))
    'support-k12'
    """
    ending = f"-k{fit.n_clusters}"
    if fit.random_state:
        ending += f"-s{fit.random_state}"
    if fit.options:
        ending += f"-{_short_hash(json.dumps(dict(fit.options), sort_keys=True))}"
    if len(model_id) + len(ending) > MODEL_ID_MAX:
        mark = f"-{_short_hash(model_id)}"
        model_id = model_id[: MODEL_ID_MAX - len(ending) - len(mark)].rstrip("-") + mark
    return model_id + ending


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]


def _asked(request: TrainingRequest) -> tuple[object, ...]:
    files: Iterable[DataFile | None] = (request.data, request.secondary_data)
    hashes = tuple(None if file is None else (file.sha256, file.schema) for file in files)
    task = request.task
    turns = (task.turns, task.unit) if isinstance(task, Clustering) else None
    return request.model_id, request.language, hashes, turns


def _request_to_json(request: TrainingRequest) -> dict[str, Any]:
    task = request.task
    assert isinstance(task, Clustering)
    return {
        "model_id": request.model_id,
        "language": request.language,
        "data": _file_to_json(request.data),
        "secondary_data": _file_to_json(request.secondary_data),
        "turns": task.turns,
        "unit": task.unit,
    }


def _request_from_json(data: dict[str, Any], folder: Path) -> TrainingRequest:
    main = _file_from_json(data["data"], folder)
    assert main is not None
    secondary = _file_from_json(data["secondary_data"], folder)
    task = Clustering(turns=data["turns"], unit=data["unit"])
    return TrainingRequest(data["model_id"], main, task, data["language"], secondary)


def _file_to_json(file: DataFile | None) -> dict[str, Any] | None:
    if file is None:
        return None
    return {
        "path": str(file.path.absolute()),
        "schema": file.schema.value,
        "documents": file.documents,
        "words": file.words,
        "sha256": file.sha256,
    }


def _file_from_json(data: dict[str, Any] | None, folder: Path) -> DataFile | None:
    if data is None:
        return None
    file = DataFile(
        Path(data["path"]),
        DataSchema(data["schema"]),
        data["documents"],
        data["words"],
        data["sha256"],
    )
    # A folder that was moved as a whole still holds both.
    moved = folder / file.path.name
    return file if file.path.exists() or not moved.exists() else replace(file, path=moved)
