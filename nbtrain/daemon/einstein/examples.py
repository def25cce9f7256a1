"""Examples: pages of them by data set or by label, and feedback."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...errors import Problem, RequestError
from ...protocols.einstein_dataset_forms import (
    identifier,
    read_feedback_form,
    read_label_query,
)
from ...protocols.einstein_datasets import EXAMPLES_PATH, FEEDBACK_PATH, Dataset, dataset_path
from ...protocols.einstein_wire import list_to_json, read_page
from ..example_store import (
    add_feedback,
    examples,
    newest_with_label,
)
from ..storage import StoreThread
from ..store import Store
from .datasets import find_ready
from .forms import EinsteinError, read_fields

__all__ = ["EinsteinExamples"]

_MOST = 100
_SOURCES = {"all": None, "upload": "upload", "feedback": "feedback"}


@dataclass(frozen=True, slots=True)
class EinsteinExamples:
    """The calls about single examples."""

    db: StoreThread

    def routes(self) -> list[Route]:
        """Return the routes: by label there are a new path, an old one, and a very old one."""
        by_label = f"{EXAMPLES_PATH}/{{dataset_id}}/label/{{label_id}}"
        return [
            Route(f"{dataset_path('{dataset_id}')}/examples", self.of_dataset, methods=["GET"]),
            Route(by_label, self.of_label, methods=["GET"]),
            Route(EXAMPLES_PATH, self.of_label_alone, methods=["GET"]),
            Route(f"{EXAMPLES_PATH}/{{label_id}}", self.of_label_alone, methods=["GET"]),
            Route(FEEDBACK_PATH, self.feedback, methods=["POST"]),
        ]

    async def of_dataset(self, request: Request) -> Response:
        """List a data set's examples: all, uploads, or feedback."""
        source = request.query_params.get("source", "").strip().lower() or "all"
        if source not in _SOURCES:
            problem = Problem("source", f"is {source[:40]!r}", f"Known: {', '.join(_SOURCES)}.")
            raise RequestError("The request is not valid.", [problem])
        dataset_id = identifier("datasetId", request.path_params["dataset_id"])
        dataset = await find_ready(self.db, dataset_id)
        return await self._page(request, dataset, None, _SOURCES[source])

    async def of_label(self, request: Request) -> Response:
        """List the examples of a label of a data set."""
        dataset_id = identifier("datasetId", request.path_params["dataset_id"])
        label_id = identifier("labelId", request.path_params["label_id"])
        return await self._page(request, await find_ready(self.db, dataset_id), label_id)

    async def of_label_alone(self, request: Request) -> Response:
        """List the examples of a label; where no data set is named, of the newest that has it."""
        query = dict(request.query_params) | {
            "labelId": request.path_params.get("label_id")
            or request.query_params.get("labelId", "")
        }
        label_id, dataset_id = read_label_query(query)
        if dataset_id is None:
            dataset_id = await self.db(newest_with_label, label_id)
        if dataset_id is None:
            raise _unknown_label(label_id)
        return await self._page(request, await find_ready(self.db, dataset_id), label_id)

    async def _page(
        self, request: Request, dataset: Dataset, label_id: int | None, source: str | None = None
    ) -> Response:
        offset, count = read_page(request.query_params, most=_MOST)
        if label_id is not None and label_id >= len(dataset.labels):
            raise _unknown_label(label_id)
        found = await self.db(
            examples, dataset.dataset_id, offset, count, label_id=label_id, source=source
        )
        return JSONResponse(list_to_json(example.to_json() for example in found))

    async def feedback(self, request: Request) -> Response:
        """Take a text that a model labelled wrongly, with its right label."""
        form = read_feedback_form((await read_fields(request)).fields)
        run = await self.db(Store.newest_of_model, form.model_id, "einstein")
        if run is None or run.dataset_id is None:
            raise EinsteinError(404, f"There is no model with the ID {form.model_id[:40]}.")
        dataset = await find_ready(self.db, run.dataset_id)
        label_id = next(
            (label.label_id for label in dataset.labels if label.name == form.expected_label), None
        )
        if label_id is None:
            what = f"is {form.expected_label!r}, which is no label of the dataset"
            raise RequestError("The feedback can't be used.", [Problem("expectedLabel", what)])
        if "\0" in form.document:
            problem = Problem("document", "has a NUL character")
            raise RequestError("The feedback can't be used.", [problem])
        added = await self.db(add_feedback, dataset.dataset_id, label_id, form.document, form.name)
        if added is None:
            await find_ready(self.db, dataset.dataset_id)
            raise EinsteinError(400, "The dataset was not available; try again.")
        return JSONResponse(added.to_json())


def _unknown_label(label_id: int) -> EinsteinError:
    return EinsteinError(404, f"There is no label with the ID {label_id}.")
