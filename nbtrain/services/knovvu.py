"""Knovvu: text clustering in the vendor's cloud, or at any service that speaks its protocol."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import quote

from ..errors import (
    AuthenticationFailed,
    NotSupported,
    Problem,
    RequestError,
    RunNotFound,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from ..llm import LLMSettings
from ..progress import EpochStats, RunStatus
from ..protocols import knovvu
from ..protocols import knovvu_inference as wire
from ..protocols.knovvu_llm import LLM_PATH, settings_to_json
from ..results import Inference, TrainingResult
from ..tasks import IntentClassification
from ..training import DataFile, TrainingRequest
from .answers import Answer, reading
from .base import Capabilities
from .connection import Connection, Limits
from .http import Http
from .secrets import Secret
from .submission import train
from .texts import listed_texts

__all__ = ["KnovvuService"]


class KnovvuService:
    """The vendor's service, by the calls that its pages document.

    A model has one training at a time, so the run id is the model id. The vendor tells progress
    and stage, but no statistics of iterations, has no call to cancel, and hands out no clusters.

    Calls that only read are repeated when the service is busy or the connection fails. A training
    request is never sent twice; see :class:`nbtrain.errors.SubmitUncertain`.

    Parameters
    ----------
    base_url : str
        Host of the training API and of published models.
    client_id : str
    client_secret : str or Secret
    identity_url : str, optional
        Host that gives access tokens; ``base_url`` if they are the same.
    product_name : str
        The vendor's name of the product that the model is for.
    inference_client_id, inference_client_secret : str, optional
        Of the client that inference is for; without them inference goes without access token, as
        in the vendor's samples.
    limits : Limits, optional
        How long and how much the service may take.
    clock, sleep, chance : callable
        Seconds, rising; waiting; 0 to 1 at random. For tests.
    """

    name = "knovvu"
    capabilities = Capabilities(epochs=False, cancel=False, result=False, random_state=False)

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str | Secret,
        *,
        identity_url: str | None = None,
        product_name: str = "CA",
        inference_client_id: str = "",
        inference_client_secret: str | Secret = "",
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        def http(who: str, secret: str | Secret) -> Http:
            connection = Connection(base_url, identity_url or base_url, who, Secret(secret))
            return Http(connection, limits=limits, clock=clock, sleep=sleep, chance=chance)

        self._http = http(client_id, client_secret)
        self._inference = http(inference_client_id, inference_client_secret)
        self._product_name = product_name

    def __repr__(self) -> str:
        return f"KnovvuService({self._http.connection.base_url!r})"

    # --- training ------------------------------------------------------------------------

    def submit(self, request: TrainingRequest) -> RunStatus:
        """Hand in a request; see :class:`TrainingService`.

        With ``force_train=False`` the vendor takes the trained model into service again.

        Raises
        ------
        SubmitUncertain
            If it can't be told whether the request was accepted.
        """
        model_id = request.model_id
        accepted = train(
            self._http, request, product_name=self._product_name,
            look=lambda: self.status(model_id),
        )  # fmt: skip
        if isinstance(accepted, RunStatus):
            return accepted
        told = {
            "percent": accepted.get("percent", 0),
            "trainingStatus": accepted.get("statusMessage") or "Initialized",
        }
        return knovvu.status_from_progress(model_id, told)

    def status(self, run_id: str) -> RunStatus:
        """Return a snapshot; the vendor publishes a trained model at the first such call.

        The message of a run that succeeded says whether its model is published.
        """
        return knovvu.status_from_progress(run_id, self._progress(run_id))

    def inference_status(self, model_id: str) -> str | None:
        """Return the vendor's word for whether a trained model answers inference.

        Returns
        -------
        str or None
            ``"Pending"`` or ``"Running"``; None before the training is done.
        """
        return knovvu.inference_status(self._progress(model_id))

    def configure_llm(self, settings: LLMSettings) -> None:
        """Say which language model names clusters from now on; the vendor stores its keys.

        Raises
        ------
        NotSupported
            If the settings hold what the vendor has no field for, such as an address.
        """
        body = partial(settings_to_json, settings, product_name=self._product_name)
        secrets = settings.keys.values()
        self._http.post(LLM_PATH, body, repeatable=True, secrets=secrets).check()

    def epochs(self, run_id: str, after: int = 0) -> tuple[EpochStats, ...]:
        """Return nothing: the vendor tells no statistics."""
        return ()

    def result(self, run_id: str) -> TrainingResult:
        """Raise NotSupported."""
        raise NotSupported(
            "Knovvu documents no call that hands out clusters. The local service does."
        )

    def cancel(self, run_id: str) -> RunStatus:
        """Raise NotSupported."""
        raise NotSupported("Knovvu documents no call that cancels a training.")

    def predict(
        self, run_id: str, texts: Iterable[str], top_n: int | None = None
    ) -> list[Inference]:
        """Raise NotSupported: see :meth:`infer`, which needs to know more."""
        raise NotSupported(
            "Knovvu's models are asked by the name of the customer and the kind of model: "
            "service.infer(model_id, texts, tenant=..., kind=...)."
        )

    def retrain(
        self, run_id: str, task: IntentClassification | None = None, data: DataFile | None = None
    ) -> RunStatus:
        """Raise NotSupported."""
        raise NotSupported(
            "Knovvu has no retraining in place. Submit a request with the same model id and all "
            "of the data."
        )

    # --- trained models ------------------------------------------------------------------

    def modules(self, language: str) -> dict[str, bool] | None:
        """Ask which of the modules that a training needs are available.

        The vendor speaks of such a call and documents none; the one asked is the local service's.

        Returns
        -------
        dict of str to bool, or None
            Availability by kind of model; None, not checked, from any service without that call.
        """
        try:
            answer = self._http.get(wire.MODULES_PATH, languageCode=language)
        except ServiceError:
            return None
        found = wire.modules_available(answer.json) if answer.status == 200 else None
        return {str(kind): available for kind, available in found.items()} if found else None

    def ready(self, model_id: str) -> bool:
        """Tell whether a trained model is ready for inference.

        If it is not, it timed out or was never published: submit its request again with
        ``force_train=False``, and ask for its status until it is published.
        """
        answer = _found(self._http.get(wire.ready_path(quote(model_id, safe=""))), model_id).check()
        told = answer.text if answer.json is None else answer.json
        if str(told).strip().lower() not in ("true", "false"):
            raise UnexpectedResponse(f"true or false was expected, and came: {answer.shown}.")
        return wire.ready_from_json(told)

    def infer(
        self,
        model_id: str,
        texts: Iterable[str],
        *,
        tenant: str,
        kind: str = "clustering",
        top_n: int | None = None,
        batch_size: int = 1000,
    ) -> list[Inference]:
        """Label texts with a published model.

        Parameters
        ----------
        model_id : str
        texts : iterable of str
        tenant : str
            The vendor's name of the customer; it stands in the model's address.
        kind : {"clustering", "classification"}
        top_n : int, optional
            Labels wanted per text; all of them by default.
        batch_size : int
            Texts per call.

        Returns
        -------
        list of Inference
            One per text, in their order.

        Raises
        ------
        ServiceUnavailable
            Among other causes, if the model timed out; the message says how to bring it back.
        UnexpectedResponse
            If there aren't as many answers as texts.
        """
        wanted = _checked(texts, tenant, kind, batch_size)
        name = wire.published_name(tenant, model_id)
        path = wire.inference_path(quote(name, safe=""), kind)
        found: list[Inference] = []
        for start in range(0, len(wanted), batch_size):
            part = wire.InferenceRequest(tuple(wanted[start : start + batch_size]), top_n)
            body = partial(wire.inference_request_to_json, part)
            # Not repeated by itself: 503 is how the vendor says that a model timed out.
            answer = _found(self._post_inference(path, body), name)
            if answer.status == 503:
                raise ServiceUnavailable(
                    f"{answer.message} To bring the model back submit its request again with "
                    "force_train=False, which does not train."
                )
            body_read = answer.object()
            with reading("the labels"):
                labels = wire.inferences_from_json(body_read)
                if len(labels) != len(part.texts):
                    raise ValueError(f"{len(labels)} labels for {len(part.texts)} texts")
            found += labels
        return found

    def _post_inference(self, path: str, body: Callable[[], object]) -> Answer:
        try:
            return self._inference.post(path, body)
        except AuthenticationFailed as error:
            if self._inference.connection.client_id:
                raise
            hint = "Give inference_client_id and inference_client_secret."
            raise AuthenticationFailed(f"{error} {hint}") from None

    def _progress(self, model_id: str) -> dict[str, Any]:
        path = knovvu.progress_path(quote(model_id, safe=""))
        return _found(self._http.get(path), model_id).object()


def _found(answer: Answer, name: str) -> Answer:
    if answer.status == 404:
        raise RunNotFound(f"The service knows no model {name!r}.")
    return answer


def _checked(texts: Iterable[str], tenant: str, kind: str, batch_size: int) -> list[str]:
    wanted, problems = listed_texts(texts)
    if not tenant or not isinstance(tenant, str):
        problems.append(Problem("tenant", "is missing", "The vendor tells it to its customers."))
    if kind not in set(wire.ModelKind):
        known = " or ".join(repr(str(kind)) for kind in wire.ModelKind)
        problems.append(Problem("kind", f"is {kind!r}", f"Give {known}."))
    if not isinstance(batch_size, int) or not 1 <= batch_size <= wire.MOST_INPUTS:
        fix = f"Give a whole number from 1 to {wire.MOST_INPUTS:,}."
        problems.append(Problem("batch_size", f"is {batch_size!r}", fix))
    if problems:
        raise RequestError("This can't be labelled as it stands:", problems)
    return wanted
