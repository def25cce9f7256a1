"""What a sweep leaves in its folder, and what it finds there and in those of earlier ones."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from .. import __version__
from ..errors import RunFailed
from ..progress import RunState
from ..protocols.sweep_job import (
    DOCUMENTS_FILE,
    MAP_FILE,
    OUTLINE_FILE,
    PREVIEW_FILE,
    STRUCTURE_FILE,
    SweepJob,
    fit_file,
    fit_files,
    labels_file,
)
from ..protocols.sweeps import documents_to_json, fit_from_json, fit_to_json
from ..sweep_results import SweepDocuments, SweepFit
from .bags import Array
from .corpus import Corpus
from .sweep_features import embedder_sha256
from .writing import write_file, write_json

__all__ = ["SweepFiles"]

_ABOUT_MAP = "map.json"
_ABOUT_OUTLINE = "about-outline.json"
_EMBEDDERS = "embedders.json"

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
        self._embedders = {name: embedder_sha256(name) for name in job.plan.embedders}
        self._rows: dict[str | None, dict[str, Any]] = {}
        self._merges: Callable[[int], bool] = lambda n_free: True
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

    @property
    def map(self) -> Path:
        """The place of the documents' places on a plane."""
        return self._job.folder / MAP_FILE

    @property
    def structure(self) -> Path:
        """The place of how much structure there is beyond chance."""
        return self._job.folder / STRUCTURE_FILE

    @property
    def outline(self) -> Path:
        """The place of the fits over all counts that the texts bear."""
        return self._job.folder / OUTLINE_FILE

    def stages_done(self) -> set[str]:
        """Return the stages of which nothing is left to do."""
        there = {"comparing": self.structure, "outlining": self.outline, "mapping": self.map}
        return {stage for stage, path in there.items() if path.exists()}

    def write_outline(self, fits: Iterable[SweepFit], embedder: str | None) -> None:
        """Write the outline, and by which vectors it was drawn."""
        about = {"embedder": embedder, **self._made_by(embedder)}
        write_json(self._job.folder / _ABOUT_OUTLINE, about)
        write_json(self.outline, [fit_to_json(fit) for fit in fits])

    def write_preview(self, fits: Iterable[SweepFit]) -> None:
        """Write the first picture."""
        write_json(self._job.folder / PREVIEW_FILE, [fit_to_json(fit) for fit in fits])

    def write_structure(self, value: float | None) -> None:
        """Note how much structure there is beyond chance."""
        write_json(self.structure, value)

    def check_embedders(self, needed: set[str | None]) -> None:
        """Note what the embedders read when the sweep begins; see that it is so when it goes on.

        Raises
        ------
        RunFailed
            If one that is still needed reads something else by now: fits of the two would not go
            together.
        """
        path = self._job.folder / _EMBEDDERS
        now = {name or "": known for name, known in self._embedders.items()}
        if not path.exists():
            write_json(path, now)
            return
        began = json.loads(path.read_text(encoding="utf-8"))
        for name in filter(None, sorted(name or "" for name in needed)):
            # One that can't be read says so of itself, fit by fit.
            if None not in (began.get(name), now[name]) and began[name] != now[name]:
                raise RunFailed(
                    f"{name} is not what it was when this sweep began, so that its fits would not "
                    "go together. Those that are there stay; sweep again for what it holds now."
                )

    def note_rows(self, embedder: str | None, n_free: int, *, merged: bool) -> None:
        """Note which rows an embedder's vectors became.

        Parameters
        ----------
        embedder : str or None
        n_free : int
            How many unlabelled rows there are if equal ones are merged.
        merged : bool
            Whether they were.
        """
        self._rows[embedder] = {"n_free": n_free, "merged": merged}

    def take_over(self, wanted: list[SweepFit], merges: Callable[[int], bool]) -> None:
        """Copy what earlier sweeps of the same data have found of the fits that are wanted.

        In the order in which they are wanted, whatever the order of the earlier ones was.

        Parameters
        ----------
        wanted : list of SweepFit
        merges : callable
            Says whether this sweep merges equal rows where that leaves so many unlabelled ones: an
            earlier one that did otherwise clustered other rows.
        """
        self._merges = merges
        missing = {fit.key for fit in wanted} - self.found
        there: dict[Key, tuple[SweepFit, Path, int, dict[str, Any]]] = {}
        for folder in self._job.earlier:
            self._take_over_structure(folder)
            self._take_over_file(folder, self.map, _ABOUT_MAP)
            self._take_over_file(folder, self.outline, _ABOUT_OUTLINE)
            for number, data in fit_files(folder):
                fit = fit_from_json(data)
                if fit.key not in missing or fit.state is not RunState.SUCCEEDED:
                    continue
                if not self._made_alike(data, fit.options.get("embedder")):
                    continue
                if labels_file(folder, number).is_file():
                    missing.discard(fit.key)
                    there[fit.key] = fit, folder, number, data["rows"]
        for key in [fit.key for fit in wanted if fit.key in there]:
            fit, folder, number, rows = there[key]
            with suppress(OSError):
                npy = labels_file(folder, number).read_bytes()
                self._write(fit, npy, taken_over=True, rows=rows)

    def add(self, fit: SweepFit, labels: Array | None = None) -> None:
        """Keep a fit, and its labels if it has any."""
        self.computed += 1
        npy = BytesIO()
        if labels is not None:
            np.save(npy, labels, allow_pickle=False)
        self._write(fit, npy.getvalue(), taken_over=False)

    def _take_over_structure(self, folder: Path) -> None:
        first = next(fit_files(folder), None)
        if not self.structure.exists() and first and first[1]["version"] == __version__:
            with suppress(OSError):
                write_file(self._job.folder / PREVIEW_FILE, partial(_copy, folder / PREVIEW_FILE))
                write_file(self.structure, partial(_copy, folder / STRUCTURE_FILE))

    def _take_over_file(self, folder: Path, path: Path, about: str) -> None:
        """Copy what an earlier sweep made of the vectors of the first embedder, and what of."""
        if path.exists():
            return
        first = self._job.plan.embedders[0]
        with suppress(OSError, ValueError):
            told = json.loads((folder / about).read_text(encoding="utf-8"))
            if told["embedder"] == first and self._made_alike(told, first):
                write_json(self._job.folder / about, told)
                write_file(path, partial(_copy, folder / path.name))

    def _made_alike(self, about: Mapping[str, Any], embedder: str | None) -> bool:
        """Say whether an earlier sweep used this version, what the embedder is now, these rows."""
        known = self._embedders[embedder]
        same = known is not None and about.get("embedder_sha256") == known
        rows = about.get("rows")
        if not same or about["version"] != __version__ or not rows:
            return False
        return self._merges(rows["n_free"]) is rows["merged"]

    def _made_by(self, embedder: str | None) -> dict[str, Any]:
        return {
            "version": __version__,
            "embedder_sha256": self._embedders[embedder],
            "rows": self._rows.get(embedder),
        }

    def begin_map(self, embedder: str | None) -> None:
        """Note by which vectors the map is made that is written next."""
        about = {"embedder": embedder, **self._made_by(embedder)}
        write_json(self._job.folder / _ABOUT_MAP, about)

    def _write(
        self,
        fit: SweepFit,
        npy: bytes,
        *,
        taken_over: bool,
        rows: dict[str, Any] | None = None,
    ) -> None:
        number = self._last + 1
        if npy:
            write_file(labels_file(self._job.folder, number), lambda file: file.write(npy))
        told = fit_to_json(fit) | {
            "elapsed": round(max(0.0, self._now() - self._job.started), 3),
            "worked": round(self.worked, 3),
            "taken_over": taken_over,
            **self._made_by(fit.options.get("embedder")),
            **({"rows": rows} if rows else {}),
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

    def widest_labels(self, embedder: str | None, n_first: int) -> Array | None:
        """Return the labels of the documents in one of the first fits.

        The one with most clusters of those by this embedder, the earliest if there are several;
        None if there is none.
        """
        most, widest = 0, 0
        for number, data in islice(fit_files(self._job.folder), n_first):
            fit = fit_from_json(data)
            own = fit.state is RunState.SUCCEEDED and fit.options.get("embedder") == embedder
            if own and fit.n_clusters > most:
                most, widest = fit.n_clusters, number
        if not most:
            return None
        return np.asarray(np.load(labels_file(self._job.folder, widest), allow_pickle=False))

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

    def remove_paths(self) -> None:
        """Forget centres that no fit wants any more."""
        for path in self._job.folder.glob("path-*.npz"):
            path.unlink(missing_ok=True)


def _copy(path: Path, file: BinaryIO) -> None:
    file.write(path.read_bytes())
