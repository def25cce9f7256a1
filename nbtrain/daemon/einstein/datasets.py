"""Data sets: made from files, listed, added to, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...errors import RequestError
from ...protocols.einstein_dataset_forms import (
    DATA_FIELD,
    NOT_YET_AVAILABLE,
    check_data_field,
    dataset_name,
    identifier,
    read_upload_form,
)
from ...protocols.einstein_datasets import (
    DATASETS_PATH,
    DELETION_PATH,
    SYNC_UPLOAD_PATH,
    UPLOAD_PATH,
    Dataset,
    dataset_path,
)
from ...protocols.einstein_wire import list_to_json, read_page
from ..dataset_store import (
    DatasetInTraining,
    PendingUpload,
    add_dataset,
    begin_addition,
    datasets,
    delete_dataset,
    find_dataset,
    find_deletion,
)
from ..storage import StoreThread
from ..upload import Upload
from .forms import EinsteinError, read_fields
from .loading import Loading

__all__ = ["EinsteinDatasets", "find_ready"]

_DATASET = dataset_path("{dataset_id}")
_MOST = 25


async def find_ready(db: StoreThread, dataset_id: int) -> Dataset:
    """Return a data set that can be used.

    Raises
    ------
    EinsteinError
        404 if there is none of that id, 400 if it isn't available.
    """
    dataset = await db(find_dataset, dataset_id)
    if dataset is None:
        raise unknown(dataset_id)
    if not dataset.available:
        raise EinsteinError(400, f"The dataset {dataset_id} is not available: {dataset.status}")
    return dataset


def unknown(dataset_id: int) -> EinsteinError:
    """Make the error that there is no such data set."""
    return EinsteinError(404, f"There is no dataset with the ID {dataset_id}.")


@dataclass(frozen=True, slots=True)
class _Received:
    """A file that came with a form; it is removed unless ``kept`` is set."""

    upload_id: str
    form: Upload
    kept: asyncio.Event

    @property
    def file_name(self) -> str:
        return self.form.names.get(DATA_FIELD, "")


@dataclass(frozen=True, slots=True)
class EinsteinDatasets:
    """The calls about data sets as wholes, and about what was deleted."""

    db: StoreThread
    loading: Loading

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(UPLOAD_PATH, self.create, methods=["POST"]),
            Route(SYNC_UPLOAD_PATH, self.create_now, methods=["POST"]),
            Route(DATASETS_PATH, self.list, methods=["GET"]),
            Route(_DATASET, self.get, methods=["GET"]),
            Route(_DATASET, self.delete, methods=["DELETE"]),
            Route(f"{_DATASET}/upload", self.add, methods=["PUT"]),
            Route(f"{DELETION_PATH}/{{deletion_id}}", self.deletion, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        """Take a new data set; its file is safe on disk, and is read after the answer."""
        dataset, upload = await self._create(request)
        self.loading.load(upload)
        return JSONResponse(dataset.to_json())

    async def create_now(self, request: Request) -> Response:
        """Take a new data set, and answer when its file is read; of a bad one nothing stays."""
        dataset, upload = await self._create(request)
        failure = await asyncio.shield(self.loading.load(upload))
        if failure:
            await self.db(delete_dataset, dataset.dataset_id)
            self.loading.clear_away()
            raise failure
        return await self._answer(dataset.dataset_id)

    async def _create(self, request: Request) -> tuple[Dataset, PendingUpload]:
        async with self._receive(request) as received:
            form = read_upload_form(received.form.fields)
            name = form.name or dataset_name(received.file_name)
            dataset, upload = await self.db(
                add_dataset, form, name, received.upload_id, received.file_name
            )
            received.kept.set()
        return dataset, upload

    async def add(self, request: Request) -> Response:
        """Add examples, and answer when they are in; a bad file changes nothing."""
        dataset_id = _dataset_id(request)
        async with self._receive(request) as received:
            dataset = await self.db(find_dataset, dataset_id)
            if dataset is None:
                raise unknown(dataset_id)
            upload = await self.db(
                begin_addition, dataset_id, received.upload_id, received.file_name
            )
            if upload is None:
                raise EinsteinError(400, NOT_YET_AVAILABLE)
            received.kept.set()
        failure = await asyncio.shield(self.loading.load(upload))
        if failure:
            raise failure
        return await self._answer(dataset_id)

    @asynccontextmanager
    async def _receive(self, request: Request) -> AsyncIterator[_Received]:
        """Receive a form with a file."""
        upload_id, folder = await asyncio.to_thread(self.loading.new_folder)
        kept = asyncio.Event()
        try:
            form = await read_fields(request, {DATA_FIELD: folder / DATA_FIELD})
            _check_file(form, folder / DATA_FIELD)
            await self.loading.keep(upload_id)
            yield _Received(upload_id, form, kept)
        finally:
            if not kept.is_set():
                self.loading.drop(upload_id)

    async def list(self, request: Request) -> Response:
        """List the data sets; the vendor's global ones are not there."""
        offset, count = read_page(request.query_params, most=_MOST)
        if request.query_params.get("global", "").strip().lower() == "true":
            return JSONResponse(list_to_json([]))
        found = await self.db(datasets, offset, count)
        return JSONResponse(list_to_json(dataset.to_json() for dataset in found))

    async def get(self, request: Request) -> Response:
        """Give one data set, whatever its state."""
        return await self._answer(_dataset_id(request))

    async def delete(self, request: Request) -> Response:
        """Delete a data set; its models stay."""
        dataset_id = _dataset_id(request)
        try:
            deletion = await self.db(delete_dataset, dataset_id)
        except DatasetInTraining:
            text = "A training is in progress for this dataset; it can't be deleted now."
            raise EinsteinError(400, text) from None
        if deletion is None:
            raise unknown(dataset_id)
        self.loading.clear_away()
        return JSONResponse(deletion.to_json())

    async def deletion(self, request: Request) -> Response:
        """Say that something is deleted."""
        deletion_id = request.path_params["deletion_id"].strip()
        deletion = await self.db(find_deletion, deletion_id)
        if deletion is None:
            raise EinsteinError(404, f"There is no deletion with the ID {deletion_id}.")
        return JSONResponse(deletion.to_json())

    async def _answer(self, dataset_id: int) -> Response:
        dataset = await self.db(find_dataset, dataset_id)
        if dataset is None:
            raise unknown(dataset_id)
        return JSONResponse(dataset.to_json())


def _dataset_id(request: Request) -> int:
    return identifier("datasetId", request.path_params["dataset_id"])


def _check_file(form: Upload, path: Path) -> None:
    what = [problem.what for problem in form.problems if problem.where == DATA_FIELD]
    twice = any("more than once" in text for text in what)
    check_data_field(form.fields, has_data=path.exists(), twice=twice)
    if form.problems:
        raise RequestError("The dataset can't be uploaded.", form.problems)
