"""What a training process is told to do, from what is in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..documents import DataSchema
from ..protocols.einstein_training import read_options
from ..protocols.job import CacheFolder, Job
from ..protocols.knovvu import DATA_FILE, SECONDARY_DATA_FILE, TrainingForm, read_form
from ..protocols.naming import Naming
from ..protocols.sweep_job import SweepJob
from ..protocols.sweeps import form_from_fields
from ..tasks import Clustering
from .model_store import EINSTEIN
from .store import StoredRun
from .sweep_store import SWEEP, earlier_sweeps

__all__ = ["DATA_FILES", "Jobs", "NamingOf", "no_naming"]

NamingOf = Callable[..., Naming | None]
"""Says how a product's clusters are named; see :meth:`LLMStore.naming`."""

DATA_FILES = {DATA_FILE: "data.json", SECONDARY_DATA_FILE: "secondary.json"}
"""The data files' names in the folder of a run, by form field."""


def no_naming(*product: object, asked: bool) -> None:
    """Name all clusters by key words."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """Makes the jobs of runs.

    Parameters
    ----------
    runs_folder : Path
        Holds one folder per run.
    naming : callable
    cache : CacheFolder or None
        Where workers keep features for later runs.
    """

    runs_folder: Path
    naming: NamingOf
    cache: CacheFolder | None

    def folder(self, run_id: str) -> Path:
        """Return the folder of a run."""
        return self.runs_folder / run_id

    def job_of(self, run: StoredRun) -> Job | SweepJob:
        """Return what a process that works on a run is told."""
        folder = self.folder(run.status.run_id)
        if run.protocol == SWEEP:
            return self._sweep_job(run, folder)
        if run.protocol == EINSTEIN:
            return Job(
                run_id=run.status.run_id,
                model_id=run.status.model_id,
                folder=folder,
                data=folder / DATA_FILES[DATA_FILE],
                schema=DataSchema.UTTERANCE,
                language=run.fields["language"],
                task=read_options(run.fields).task(run.fields["algorithm"]),
                cache=self.cache,
            )
        form = read_form(run.fields)
        secondary = folder / DATA_FILES[SECONDARY_DATA_FILE]
        return Job(
            run_id=run.status.run_id,
            model_id=form.model_id,
            folder=folder,
            data=folder / DATA_FILES[DATA_FILE],
            schema=form.schema,
            language=form.language,
            task=form.task,
            secondary_data=secondary if form.secondary_schema is not None else None,
            naming=self.naming(form.product_name, form.naming, asked=_asks(form)),
            cache=self.cache,
        )

    def _sweep_job(self, run: StoredRun, folder: Path) -> SweepJob:
        form = form_from_fields(run.fields)
        secondary = folder / DATA_FILES[SECONDARY_DATA_FILE]
        return SweepJob(
            run_id=run.status.run_id,
            folder=folder,
            data=folder / DATA_FILES[DATA_FILE],
            schema=form.schema,
            language=form.language,
            plan=form.plan,
            task=form.task,
            secondary_data=secondary if form.secondary_schema is not None else None,
            earlier=tuple(self.folder(run_id) for run_id in earlier_sweeps(run)),
            started=run.started or run.created,
            cache=self.cache,
        )


def _asks(form: TrainingForm) -> bool:
    return isinstance(form.task, Clustering) and form.task.llm is not None
