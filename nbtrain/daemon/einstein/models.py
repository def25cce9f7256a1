"""Einstein's calls about models: the list, metrics, learning curve, deletion."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...progress import EpochStats, RunState
from ...protocols.einstein_dataset_forms import identifier
from ...protocols.einstein_metrics import CURVE_PAGE, curve_path, curve_to_json, metrics_to_json
from ...protocols.einstein_models import MODELS_PAGE, model_path, model_to_json, models_path
from ...protocols.einstein_wire import list_to_json, read_page
from ..model_store import StoredModel, delete_model, epochs_page, find_model, models_of_dataset
from ..pods import Pods
from ..storage import StoreThread
from ..store import StoredRun
from ..supervisor import Supervisor
from .descriptions import final_epoch, read_evaluation, training_of
from .forms import EinsteinError
from .training import no_model
from .training_data import read_summary

__all__ = ["EinsteinModels", "curve_body"]


@dataclass(frozen=True, slots=True)
class EinsteinModels:
    """What is known of models that are trained, or in training."""

    db: StoreThread
    supervisor: Supervisor
    pods: Pods

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(models_path("{dataset_id}"), self.of_dataset, methods=["GET"]),
            Route(model_path("{model_id}"), self.metrics, methods=["GET"]),
            Route(model_path("{model_id}"), self.delete, methods=["DELETE"]),
            Route(curve_path("{model_id}"), self.curve, methods=["GET"]),
        ]

    async def of_dataset(self, request: Request) -> Response:
        """List the models of a data set."""
        dataset_id = identifier("datasetId", request.path_params["dataset_id"])
        offset, count = read_page(request.query_params, most=MODELS_PAGE)
        models = await self.db(models_of_dataset, dataset_id, offset, count)
        if models is None:
            raise EinsteinError(404, f"There is no dataset with the ID {dataset_id}.")
        return JSONResponse(list_to_json(model_to_json(training_of(model)) for model in models))

    async def metrics(self, request: Request) -> Response:
        """Say how good a model is that answers; one in retraining still is the old one."""
        model = await self._find(request)
        run = model.trained
        if run is None:
            raise EinsteinError(404, "There are no metrics of this model: it isn't trained.")
        told = await asyncio.to_thread(read_evaluation, self._folder(run))
        if told is None:
            raise EinsteinError(404, "The metrics of this model are not there any more.")
        data = await asyncio.to_thread(
            metrics_to_json,
            run.model_id,
            created=model.created,
            algorithm=run.fields["algorithm"],
            language=run.fields["language"],
            evaluation=told.evaluation,
            last=await final_epoch(self.db, run, told.evaluation),
        )
        return JSONResponse(data)

    async def curve(self, request: Request) -> Response:
        """Tell the epochs of the newest training, as far as they are done."""
        offset, count = read_page(request.query_params, most=CURVE_PAGE)
        run = (await self._find(request)).newest
        if run.status.state is RunState.QUEUED:
            raise EinsteinError(404, "There is no learning curve yet: the training is queued.")
        epochs = await self.db(epochs_page, run.status.run_id, offset, count)
        body = await asyncio.to_thread(curve_body, self._folder(run), epochs)
        return Response(body, media_type="application/json")

    async def delete(self, request: Request) -> Response:
        """Delete a model; a training of it is stopped before."""
        model = await self._find(request)
        deleted = None
        while deleted is None:
            await self.supervisor.cancel(model.newest.status.run_id)
            deleted = await self.db(delete_model, model.newest.model_id)
            if deleted is None:  # it was retrained meanwhile
                model = await self._find(request)
        run_ids, deletion = deleted
        for run_id in run_ids:
            self.pods.forget(run_id)
            folder = self.supervisor.folder(run_id)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return JSONResponse(deletion.to_json())

    async def _find(self, request: Request) -> StoredModel:
        model_id = request.path_params["model_id"]
        model = await self.db(find_model, model_id)
        if model is None:
            raise no_model(model_id)
        return model

    def _folder(self, run: StoredRun) -> Path:
        return self.supervisor.folder(run.status.run_id)


def curve_body(folder: Path, epochs: list[EpochStats]) -> bytes:
    """Write a page of a run's learning curve as JSON, an epoch at a time.

    With a thousand labels a matrix has a million cells: those of a whole page would fill the
    memory, and written in one go they would keep all other calls waiting for seconds.
    """
    labels = read_summary(folder).labels
    entries = (JSONResponse(curve_to_json(stats, labels)).body for stats in epochs)
    return b'{"object":"list","data":[' + b",".join(map(bytes, entries)) + b"]}"
