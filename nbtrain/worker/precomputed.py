"""A matrix of vectors that the user has made, in an embedder's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..documents import DataSchema
from ..errors import RunFailed
from ..files import read_dialogues, read_utterances
from ..protocols.job import Job
from ..tasks import Clustering
from ..turns import documents_of
from .bags import Array
from .corpus import file_sha256
from .word_vectors import unit_rows

__all__ = ["PrecomputedEmbedder"]

Passages = Sequence[Sequence[str]]


def _quiet(share: float) -> None:
    pass


class PrecomputedEmbedder:
    """Looks up the vectors of a job's documents.

    Parameters
    ----------
    path : Path
        A file of numpy's ``.npy`` format, of numbers, shape (n_records, n_dimensions): a row for
        each record of the job's data file, in its order, then for each of its labelled texts.
        Where each turn is a document: for each chosen turn that has text, in place of records.
    job : Job

    Raises
    ------
    RunFailed
        If the file can't be used.
    """

    def __init__(self, path: Path, job: Job) -> None:
        self.name = f"precomputed: {path.name}"
        matrix = _read(path)
        self._rows: dict[tuple[str, ...], int] = {}
        n_records = 0
        for passages in _records(job):
            # Of equal documents the first one's vector counts.
            self._rows.setdefault(passages, n_records)
            n_records += 1
        if len(matrix) != n_records:
            what = "the data file and of its labelled texts" if job.secondary_data else "it"
            by_turn = isinstance(job.task, Clustering) and job.task.unit == "utterance"
            record = "chosen turn with text" if by_turn else "record"
            raise RunFailed(
                f"The matrix {path.name} has {len(matrix):,} rows, but the data file holds "
                f"{n_records:,} documents. Give one row for each {record} of {what}, in the same "
                "order."
            )
        self._matrix = matrix
        self._about = {"precomputed": path.name, "sha256": file_sha256(path)}

    def fit(
        self,
        texts: Passages,
        progress: Callable[[float], None] = _quiet,
        labels: Array | None = None,
    ) -> None:
        """Learn nothing."""

    def transform(self, texts: Passages, progress: Callable[[float], None] = _quiet) -> Array:
        """Return the rows of documents, at unit length; of unknown ones RunFailed is raised."""
        try:
            places = [self._rows[tuple(passages)] for passages in texts]
        except KeyError:
            raise _no_new_texts(str(self._about["precomputed"])) from None
        return unit_rows(np.asarray(self._matrix[places], np.float32))

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the file's name and hash; the vectors themselves aren't kept."""
        return {}, dict(self._about)

    @classmethod
    def from_state(cls, rest: dict[str, Any]) -> PrecomputedEmbedder:
        """Raise RunFailed: there are no vectors of new texts."""
        raise _no_new_texts(str(rest["precomputed"]))


def _no_new_texts(name: str) -> RunFailed:
    return RunFailed(
        f"This model was trained on the vectors in {name}, and of new texts it has none. To label "
        "new texts, train without embedder or with a neural one."
    )


def _records(job: Job) -> Iterator[tuple[str, ...]]:
    if job.schema is DataSchema.DIALOGUE:
        task = job.task if isinstance(job.task, Clustering) else Clustering()
        for dialogue in read_dialogues(job.data):
            documents = documents_of(dialogue, task.turns, task.unit)
            if not documents and task.unit == "dialogue":
                yield ()
            yield from (texts for _, texts in documents)
    else:
        for utterance in read_utterances(job.data, all_labelled=job.schema is DataSchema.UTTERANCE):
            yield (utterance.text,)
    if job.secondary_data is not None:
        for utterance in read_utterances(job.secondary_data):
            yield (utterance.text,)


def _read(path: Path) -> Array:
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        why = error.strerror or "it is damaged"
        raise RunFailed(f"The matrix {path} can't be read: {why}.") from error
    except (ValueError, EOFError) as error:
        raise RunFailed(
            f"The matrix {path} is no .npy file of numbers. Write one with numpy.save."
        ) from error
    if not isinstance(matrix, np.ndarray) or matrix.ndim != 2 or matrix.dtype.kind not in "fiu":
        shape = getattr(matrix, "shape", "none")
        kind = getattr(matrix, "dtype", type(matrix).__name__)
        raise RunFailed(
            f"The matrix {path.name} has the shape {shape} and the type {kind}. Give numbers of "
            "the shape (documents, dimensions)."
        )
    if not matrix.shape[1] or not np.isfinite(matrix).all():
        raise RunFailed(f"The matrix {path.name} holds values that are no finite numbers, or none.")
    return matrix
