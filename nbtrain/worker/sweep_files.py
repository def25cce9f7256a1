"""What a sweep leaves in its folder, and what it finds there and in those of earlier ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np

from .. import __version__
from ..progress import RunState
from ..protocols.sweep_job import (
    DOCUMENTS_FILE,
    SweepJob,
    fit_file,
    fit_files,
    labels_file,
)
from ..protocols.sweeps import documents_to_json, fit_from_json, fit_to_json
from ..sweep_results import SweepDocuments, SweepFit
from .bags import Array
from .corpus import Corpus
from .writing import write_file, write_json

__all__ = ["SweepFiles"]

Key = tuple[int, int, tuple[tuple[str, str], ...]]


class SweepFiles:
    """The folder of a sweep.

    Parameters
    ----------
    job : SweepJob
    clock, now : callable
        Seconds, rising; seconds since 1970.

    Attributes
    ----------
    found : set
        The keys of the fits that are there.
    computed : int
        How many of them were made by this sweep, not taken over.
    """

    def __init__(
        self,
        job: SweepJob,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._job = job
        self._clock, self._now = clock, now
        self._began = clock()
        self._worked_before = 0.0
        self._last = 0
        self.computed = 0
        self.found: set[Key] = set()
        for number, data in fit_files(job.folder):
            self.found.add(fit_from_json(data).key)
            self._last = number
            self.computed += not data["taken_over"]
            self._worked_before = data["worked"]

    @property
    def worked(self) -> float:
        """Seconds of work so far, those before interruptions included."""
        return self._worked_before + self._clock() - self._began

    def path(self, embedder: int, seed: int) -> Path:
        """Return the place of the centres from which the fits of one seed begin."""
        return self._job.folder / f"path-{embedder}-{seed}.npz"

    def take_over(self, wanted: list[SweepFit]) -> None:
        """Copy what earlier sweeps of the same data have found of the fits that are wanted."""
        missing = {fit.key for fit in wanted} - self.found
        for folder in self._job.earlier:
            for number, data in fit_files(folder):
                fit = fit_from_json(data)
                usable = fit.state is RunState.SUCCEEDED and data["version"] == __version__
                if not usable or fit.key not in missing:
                    continue
                try:
                    labels = labels_file(folder, number).read_bytes()
                except OSError:
                    continue
                missing.discard(fit.key)
                self._write(fit, labels, taken_over=True)

    def add(self, fit: SweepFit, labels: Array | None = None) -> None:
        """Keep a fit, and its labels if it has any."""
        self.computed += 1
        npy = BytesIO()
        if labels is not None:
            np.save(npy, labels, allow_pickle=False)
        self._write(fit, npy.getvalue(), taken_over=False)

    def _write(self, fit: SweepFit, npy: bytes, *, taken_over: bool) -> None:
        number = self._last + 1
        if npy:
            write_file(labels_file(self._job.folder, number), lambda file: file.write(npy))
        told = fit_to_json(fit) | {
            "elapsed": round(max(0.0, self._now() - self._job.started), 3),
            "worked": round(self.worked, 3),
            "taken_over": taken_over,
            "version": __version__,
        }
        write_json(fit_file(self._job.folder, number), told)
        self._last = number
        self.found.add(fit.key)

    def write_documents(self, corpus: Corpus) -> None:
        """Write what the labels are of, unless it is there."""
        path = self._job.folder / DOCUMENTS_FILE
        if path.exists():
            return
        ids = tuple(corpus.document_ids)
        by_itself = all(len(text) < 200 for text in ids) and self._job.schema != "dialogue"
        texts = tuple(corpus.entries[entry].shown for entry in corpus.entry_of)
        documents = SweepDocuments(ids, ids if by_itself else texts, tuple(corpus.occurrences))
        write_json(path, documents_to_json(documents))

    def successes(self) -> int:
        """Count the fits that have labels."""
        fits = (fit_from_json(data) for _, data in fit_files(self._job.folder))
        return sum(fit.state is RunState.SUCCEEDED for fit in fits)

    def first_failure(self) -> str:
        """Return the message of the first fit that failed; empty if none did."""
        for _, data in fit_files(self._job.folder):
            if data["state"] == RunState.FAILED:
                return str(data["message"])
        return ""

    def remove_path(self, path: Path) -> None:
        """Forget centres that no fit wants any more."""
        path.unlink(missing_ok=True)
