"""Data sets at an Einstein Language service: made, added to, read and deleted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ..documents import DataSchema
from ..errors import DataError, Problem, ServiceUnavailable
from ..files import read_utterances
from ..protocols import einstein_datasets as wire
from ..protocols.einstein_dataset_forms import DATA_FIELD, FeedbackForm, UploadForm
from ..protocols.einstein_datasets import TEXT_INTENT, Dataset, Example
from ..protocols.einstein_files import csv_parts
from ..training import DataFile
from .answers import Answer, reading
from .http import Http

__all__ = ["EinsteinDatasets"]

_FIRST_POLL, _LAST_POLL = 0.05, 2.0
# How long loading may take, in seconds.
_PATIENCE = 900.0
# The service takes 25 MB a file, and recommends no more than 20 for a file that is sent.
_PART_BYTES = 20_000_000
_DATASETS_A_PAGE = 25
_EXAMPLES_A_PAGE = 100
_CONTENT_TYPES = {".csv": "text/csv", ".tsv": "text/tab-separated-values"}


class EinsteinDatasets:
    """The calls about data sets.

    Parameters
    ----------
    http : Http
    part_bytes : int
        Data files are sent in parts of at most so many bytes.
    """

    def __init__(self, http: Http, *, part_bytes: int = _PART_BYTES) -> None:
        self._http = http
        self._part_bytes = part_bytes

    def upload(
        self,
        data: DataFile | str | os.PathLike[str],
        name: str,
        *,
        type: str = TEXT_INTENT,
        language: str = "en_US",
    ) -> Dataset:
        """Make a data set, and wait until it is loaded.

        Parameters
        ----------
        data : DataFile or path
            Labelled texts as :func:`nbtrain.write_intents` writes them; or a file in one of the
            vendor's own formats (CSV without header, TSV, JSON), which is sent as it is.
        name : str
            At most 180 characters.
        type : {"text-intent", "text-sentiment"}
        language : str
            Such as ``"en_US"``.

        Returns
        -------
        Dataset
            Ready to be trained.

        Raises
        ------
        DataError
            If the data are no labelled texts, or the service can't load them.
        ServiceError
            If the service can't be reached or says no.
        """
        fields = UploadForm(type, language, name).fields()
        with TemporaryDirectory(prefix="nbtrain-") as folder:
            parts = self._parts(data, Path(folder))
            dataset = self._send(wire.UPLOAD_PATH, fields, next(parts), "POST")
            return self._add_parts(self.loaded(dataset.dataset_id), parts)

    def add(self, dataset_id: int, data: DataFile | str | os.PathLike[str]) -> Dataset:
        """Add examples to a data set, and wait until they are loaded.

        Texts that it has already under the same label are not added again.
        """
        with TemporaryDirectory(prefix="nbtrain-") as folder:
            return self._add_parts(self.loaded(dataset_id), self._parts(data, Path(folder)))

    def loaded(self, dataset_id: int) -> Dataset:
        """Wait until a data set is loaded, and return it.

        Raises
        ------
        DataError
            If it can't be; the message is the service's reason.
        ServiceUnavailable
            If that takes longer than a quarter of an hour.
        """
        pause, waited = _FIRST_POLL, 0.0
        while True:
            dataset = self.get(dataset_id)
            if dataset.available:
                return dataset
            if dataset.state in (wire.DatasetState.FAILED, wire.DatasetState.DELETED):
                what = dataset.message or f"is {dataset.state}"
                raise DataError("The service can't load the data:", [Problem("data", what)])
            if waited > _PATIENCE:
                raise ServiceUnavailable(
                    f"The service is still loading data set {dataset_id}. Submit again later: "
                    "that goes on with it."
                )
            self._http.sleep(pause)
            waited += pause
            pause = min(2 * pause, _LAST_POLL)

    def get(self, dataset_id: int) -> Dataset:
        """Return a data set; RequestRejected with status 404 if there is none."""
        return _dataset(self._http.get(wire.dataset_path(dataset_id)))

    def all(self) -> list[Dataset]:
        """Return all data sets, by their ids."""
        return list(self._all())

    def named(self, name: str) -> list[Dataset]:
        """Return the data sets of a name, newest first."""
        return [dataset for dataset in self._all() if dataset.name == name][::-1]

    def delete(self, dataset_id: int) -> None:
        """Delete a data set."""
        self._http.delete(wire.dataset_path(dataset_id)).check()

    def examples(
        self, dataset_id: int, *, label_id: int | None = None, source: str = "all"
    ) -> Iterator[Example]:
        """Yield the examples of a data set.

        Parameters
        ----------
        dataset_id : int
        label_id : int, optional
            Only those of this label, from any source.
        source : {"all", "upload", "feedback"}
        """
        path = f"{wire.dataset_path(dataset_id)}/examples"
        params = {"source": source}
        if label_id is not None:
            path, params = f"{wire.EXAMPLES_PATH}/{dataset_id}/label/{label_id}", {}
        for entry in self._pages(path, _EXAMPLES_A_PAGE, **params):
            with reading("the examples"):
                yield Example.from_json(entry)

    def send_feedback(
        self, model_id: str, text: str, expected_label: str, *, name: str | None = None
    ) -> Example:
        """Say which label a text should have had.

        It is learned from in trainings ``with_feedback``.

        Raises
        ------
        RequestRejected
            If there is no such model, or no such label in its data set.
        """
        form = FeedbackForm(model_id, text, expected_label, name)
        answer = self._http.post_form(wire.FEEDBACK_PATH, form.fields()).object()
        with reading("the example"):
            return Example.from_json(answer)

    # --- sending -------------------------------------------------------------------------

    def _add_parts(self, dataset: Dataset, parts: Iterator[Path]) -> Dataset:
        path = f"{wire.dataset_path(dataset.dataset_id)}/upload"
        for part in parts:
            self._send(path, {}, part, "PUT")
            dataset = self.loaded(dataset.dataset_id)
        return dataset

    def _send(self, path: str, fields: dict[str, str], file: Path, method: str) -> Dataset:
        kind = _CONTENT_TYPES.get(file.suffix.lower(), "application/json")
        files = {DATA_FIELD: file}
        return _dataset(
            self._http.post_files(path, fields, files, method=method, content_type=kind)
        )

    def _parts(self, data: DataFile | str | os.PathLike[str], folder: Path) -> Iterator[Path]:
        if isinstance(data, DataFile):
            _check_labelled(data)
            return _csv_parts(data.path, folder, self._part_bytes)
        path = Path(data)
        if not path.is_file():
            raise DataError("These data can't be sent:", [Problem(str(path), "is no file")])
        return iter([path])

    # --- reading -------------------------------------------------------------------------

    def _all(self) -> Iterator[Dataset]:
        for entry in self._pages(wire.DATASETS_PATH, _DATASETS_A_PAGE):
            with reading("the data sets"):
                yield Dataset.from_json(entry)

    def _pages(self, path: str, count: int, **params: str) -> Iterator[dict[str, object]]:
        offset = 0
        while True:
            answer = self._http.get(path, offset=offset, count=count, **params).object()
            with reading("the list"):
                listed = wire.read_list(answer)
            yield from listed
            offset += len(listed)
            if len(listed) < count:
                return


def _dataset(answer: Answer) -> Dataset:
    told = answer.object()
    with reading("the data set"):
        return Dataset.from_json(told)


def _check_labelled(data: DataFile) -> None:
    problem = None
    if data.schema is DataSchema.DIALOGUE:
        problem = Problem("data", "holds dialogues, not labelled texts")
    elif data.schema is DataSchema.INTENT:
        bare = sum(utterance.intent is None for utterance in read_utterances(data.path))
        if bare:
            problem = Problem("data", f"holds {bare:,} texts without intent", "Label or drop them.")
    if problem is not None:
        raise DataError("These data can't be sent:", [problem])


def _csv_parts(path: Path, folder: Path, most: int) -> Iterator[Path]:
    """Write labelled texts as CSV files; each one is gone when the next one is asked for."""
    part = folder / "data.csv"
    for content in csv_parts(read_utterances(path), most):
        part.write_bytes(content)
        yield part
