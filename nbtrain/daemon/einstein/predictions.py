"""Einstein's prediction calls: intent, sentiment, and named entities, of which it finds none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...protocols.einstein_datasets import TEXT_INTENT, TEXT_SENTIMENT
from ...protocols.einstein_predictions import (
    ENTITIES_PATH,
    INTENT_PATH,
    SENTIMENT_PATH,
    UNLIMITED,
    PredictForm,
    prediction_to_json,
    rate_headers,
    read_predict,
)
from ...protocols.einstein_wire import Json
from ...protocols.knovvu_inference import (
    InferenceRequest,
    inference_request_to_json,
    inferences_from_json,
)
from ...results import Prediction
from ..model_store import StoredModel, find_model, use_prediction, withdraw_prediction
from ..pods import PodFailed, Pods, PodUnavailable
from ..storage import StoreThread
from ..store import StoredRun
from .forms import EinsteinError, read_fields
from .training import no_model

__all__ = ["EinsteinPredictions"]

_PATHS = {TEXT_INTENT: INTENT_PATH, TEXT_SENTIMENT: SENTIMENT_PATH}


async def _none(model_id: str) -> StoredModel | None:
    """Find no model that comes with the service."""
    return None


@dataclass(frozen=True, slots=True)
class EinsteinPredictions:
    """What models say of a text.

    Parameters
    ----------
    db : StoreThread
    pods : Pods
    limit : int
        Predictions in a calendar month.
    built_in : callable, optional
        Returns the model of an id that comes with the service, trained; None if there is none.
    """

    db: StoreThread
    pods: Pods
    limit: int = UNLIMITED
    built_in: Callable[[str], Awaitable[StoredModel | None]] = _none

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(INTENT_PATH, self.intent, methods=["POST"]),
            Route(SENTIMENT_PATH, self.sentiment, methods=["POST"]),
            Route(ENTITIES_PATH, self.entities, methods=["POST"]),
        ]

    async def intent(self, request: Request) -> Response:
        """Tell the intents of a text."""
        return await self._predict(request, TEXT_INTENT)

    async def sentiment(self, request: Request) -> Response:
        """Tell the sentiment of a text."""
        return await self._predict(request, TEXT_SENTIMENT)

    async def entities(self, request: Request) -> Response:
        """Tell no entities: the vendor's answer is not known."""
        form = read_predict((await _fields(request)), with_model=False)
        return await self._counted(form, self._no_entities)

    async def _predict(self, request: Request, kind: str) -> Response:
        form = read_predict(await _fields(request))
        run = await self._trained(form.model_id, kind)

        async def predict() -> tuple[Prediction, ...]:
            return await self._ask(run, form)

        return await self._counted(form, predict)

    async def _trained(self, model_id: str, kind: str) -> StoredRun:
        model = await self.built_in(model_id) or await self.db(find_model, model_id)
        if model is None:
            raise no_model(model_id)
        run = model.trained
        if run is None:
            state = model.newest.status.state.value
            raise EinsteinError(400, f"This model can't be used: its training is {state}.")
        if run.fields["type"] != kind:
            right = run.fields["type"]
            text = f"This is a {right} model; it answers at {_PATHS.get(right, INTENT_PATH)}."
            raise EinsteinError(400, text)
        return run

    async def _ask(self, run: StoredRun, form: PredictForm) -> tuple[Prediction, ...]:
        wanted = InferenceRequest((form.document,), form.num_results)
        line = await asyncio.to_thread(json.dumps, inference_request_to_json(wanted))
        [entry] = await self.pods.answer(run, line, 1)
        [inference] = inferences_from_json({"result": [json.loads(entry)]})
        return inference.predictions

    async def _no_entities(self) -> tuple[Prediction, ...]:
        return ()

    async def _counted(
        self, form: PredictForm, predict: Callable[[], Awaitable[tuple[Prediction, ...]]]
    ) -> Response:
        """Count a prediction before it is made, so that the limit holds for many at once."""
        month, used, counted = await self.db(use_prediction, self.limit)
        headers = rate_headers(month, used, self.limit)
        if not counted:
            text = f"The {self.limit:,} predictions of this month are used up."
            return JSONResponse({"message": text, "object": "error"}, 429, headers)
        done = False
        try:
            found = await predict()
            done = True
        except PodUnavailable as error:
            raise EinsteinError(503, str(error)) from error
        except PodFailed as error:
            raise EinsteinError(500, str(error)) from error
        finally:
            if not done:
                await self.db(withdraw_prediction, month)
        body = await asyncio.to_thread(prediction_to_json, found, form.sample_id)
        return JSONResponse(body, headers=headers)


async def _fields(request: Request) -> Json:
    return (await read_fields(request, allow_json=True)).fields
