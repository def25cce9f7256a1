"""Einstein's training calls: train, retrain, status."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...protocols.einstein_datasets import MAX_WORDS, TEXT_INTENT
from ...protocols.einstein_models import (
    Training,
    training_path,
    training_to_json,
)
from ...protocols.einstein_training import (
    BUSY,
    DEFAULT_ALGORITHM,
    RETRAIN_PATH,
    TOO_MANY_WORDS,
    TRAIN_PATH,
    TrainOptions,
    read_retrain,
    read_train,
)
from ...protocols.einstein_wire import id_of_bytes, language_from_wire
from ..model_store import (
    DatasetUnavailable,
    StoredModel,
    Trainable,
    add_training,
    find_model,
    trainable,
)
from ..storage import StoreThread
from ..supervisor import Supervisor
from .descriptions import stats_of, training_of
from .forms import EinsteinError, read_fields

__all__ = ["EinsteinTraining", "no_model"]

_OPTIONS = ("epochs", "trainParams")
_NOT_READY = "The dataset is not available for training, try again once it is ready."


@dataclass(frozen=True, slots=True)
class EinsteinTraining:
    """Trainings: of a new model, of one that keeps its id, and how far they are."""

    db: StoreThread
    supervisor: Supervisor

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(TRAIN_PATH, self.train, methods=["POST"]),
            Route(RETRAIN_PATH, self.retrain, methods=["POST"]),
            Route(training_path("{model_id}"), self.status, methods=["GET"]),
        ]

    async def train(self, request: Request) -> Response:
        """Train a new model; when it is answered with 200 it is safe on disk."""
        fields = (await read_fields(request)).fields
        form = read_train(fields)
        data = await self.db(trainable, form.dataset_id)
        if data is None:
            raise EinsteinError(404, f"There is no dataset with the ID {form.dataset_id}.")
        await self._check(data, form.options)
        algorithm = _algorithm(data.type, form.options.algorithm, DEFAULT_ALGORITHM)
        model_id = id_of_bytes(secrets.token_bytes(16))
        kept = _kept(fields, data.type, language_from_wire(data.language), algorithm)
        return await self._add(model_id, form.name, form.dataset_id, kept)

    async def retrain(self, request: Request) -> Response:
        """Train a model anew from what its data set is now."""
        fields = (await read_fields(request)).fields
        form = read_retrain(fields)
        model = await self.db(find_model, form.model_id)
        if model is None:
            raise no_model(form.model_id)
        run = model.newest
        if run.dataset_id is None:
            raise EinsteinError(400, "This model comes with the service; it can't be retrained.")
        if not run.status.state.ended:
            raise EinsteinError(400, BUSY)
        data = await self.db(trainable, run.dataset_id)
        if data is None:
            raise EinsteinError(400, "The dataset of this model was deleted.")
        await self._check(data, form.options)
        known = run.fields
        algorithm = _algorithm(known["type"], form.options.algorithm, known["algorithm"])
        kept = _kept(fields, known["type"], known["language"], algorithm)
        return await self._add(form.model_id, run.status.model_id, run.dataset_id, kept)

    async def status(self, request: Request) -> Response:
        """Say how far the newest training of a model is."""
        model_id = request.path_params["model_id"]
        model = await self.db(find_model, model_id)
        if model is None:
            raise no_model(model_id)
        return JSONResponse(training_to_json(await self._describe(model)))

    async def _describe(self, model: StoredModel) -> Training:
        run = model.newest
        folder = self.supervisor.folder(run.status.run_id)
        return replace(training_of(model), stats=await stats_of(self.db, run, folder))

    async def _add(
        self, model_id: str, name: str, dataset_id: int, fields: Mapping[str, str]
    ) -> Response:
        try:
            model = await self.db(
                add_training,
                run_id=str(uuid4()),
                model_id=model_id,
                name=name,
                dataset_id=dataset_id,
                fields=fields,
            )
        except DatasetUnavailable:
            raise EinsteinError(400, _NOT_READY) from None
        if model is None:
            raise EinsteinError(400, BUSY)
        answer = training_to_json(training_of(model))
        self.supervisor.wake()
        return JSONResponse(answer)

    async def _check(self, data: Trainable, options: TrainOptions) -> None:
        parts = [data]
        if options.global_dataset_id is not None:
            other = await self.db(trainable, options.global_dataset_id)
            if other is None or other.type != data.type:
                text = f"There is no dataset {options.global_dataset_id} of this type to add."
                raise EinsteinError(400, text)
            parts.append(other)
        if any(part.state != "ready" for part in parts):
            raise EinsteinError(400, _NOT_READY)
        labels = len(frozenset().union(*(part.labels for part in parts)))
        if labels < 2:
            text = f"The dataset has {labels} labels with examples; training needs at least 2."
            raise EinsteinError(400, text)
        if sum(part.words for part in parts) > MAX_WORDS:
            raise EinsteinError(400, TOO_MANY_WORDS)


def no_model(model_id: str) -> EinsteinError:
    """Make the error that a model is unknown."""
    return EinsteinError(404, f"There is no model with the ID {model_id[:80]}.")


def _algorithm(dataset_type: str, asked: str, otherwise: str) -> str:
    if dataset_type == TEXT_INTENT:
        return asked or otherwise
    if asked:
        raise EinsteinError(400, f"algorithm is only for datasets of the type {TEXT_INTENT}.")
    return ""


def _kept(
    fields: Mapping[str, str], dataset_type: str, language: str, algorithm: str
) -> dict[str, str]:
    """Return what is kept of a form, and of what its data set was."""
    kept = {name: fields[name] for name in _OPTIONS if fields.get(name)}
    return kept | {"type": dataset_type, "language": language, "algorithm": algorithm}
