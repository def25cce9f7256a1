"""Einstein Language: intent models in the vendor's cloud, or wherever its calls are spoken."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from ..documents import DataSchema
from ..errors import (
    AuthenticationFailed,
    NotSupported,
    RequestRejected,
    RunCancelled,
    RunFailed,
    RunNotFinished,
    RunNotFound,
    UnexpectedResponse,
)
from ..evaluation import Evaluation
from ..progress import EpochStats, RunState, RunStatus
from ..protocols.einstein_access import HOSTED_URL, MOST_SECONDS, TOKEN_PATH
from ..protocols.einstein_datasets import TEXT_SENTIMENT
from ..protocols.einstein_models import Training
from ..results import Cluster, Inference, TrainingResult
from ..tasks import IntentClassification
from ..training import DataFile, TrainingRequest
from . import einstein_submission
from .base import Capabilities
from .connection import Connection, Limits
from .einstein_datasets import EinsteinDatasets
from .einstein_models import EinsteinModels
from .grants import Grant, JwtBearer, RefreshToken
from .http import Http
from .private_keys import hidden, load_private_key
from .secrets import Secret
from .texts import checked_texts

__all__ = ["EinsteinService"]

_MODEL_ID = re.compile("[A-Z2-7]{26}")
# The models that the vendor has trained: whether they tell sentiments.
_BUILT_IN = {"CommunitySentiment": True, "GlobalIntentModel": False}


class EinsteinService:
    """The vendor's service, by the calls that its pages document.

    A run is the newest training of a model, so the run id is the model's id. A model is trained
    from a data set; the one of a request is sent once, and taken again by later requests with the
    same model id and data.

    Calls that only read are repeated when the service is busy or the connection fails. A training
    is never sent twice; see :class:`nbtrain.errors.SubmitUncertain`.

    Parameters
    ----------
    base_url : str
        Where the service is.
    account : str
        E-mail address or id of the account.
    private_key : str, bytes, path or Secret
        The account's RSA key: PEM text, or the path of a file.
    access_token, refresh_token : str or Secret, optional
        In place of account and key.
    valid_for : int
        Seconds that an access token shall live; it is renewed in time.
    limits : Limits, optional
        How long and how much the service may take.
    clock, sleep, chance, now : callable
        Seconds, rising; waiting; 0 to 1 at random; seconds since 1970. For tests.

    Attributes
    ----------
    datasets : EinsteinDatasets
        The calls about data sets and feedback, as they are.
    models : EinsteinModels
        The calls about trainings and models, as they are.
    """

    name = "einstein"
    capabilities = Capabilities(
        epochs=True,
        cancel=True,
        result=True,
        random_state=False,
        clustering=False,
        predict=True,
        retrain=True,
    )

    def __init__(
        self,
        base_url: str = HOSTED_URL,
        account: str = "",
        private_key: str | bytes | os.PathLike[str] | Secret = "",
        *,
        access_token: str | Secret = "",
        refresh_token: str | Secret = "",
        valid_for: int = 3600,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._base_url = base_url
        private_key = hidden(private_key)
        access_token, refresh_token = Secret(access_token), Secret(refresh_token)
        connection = Connection(base_url, base_url, "", Secret(""))
        valid_for = max(1, min(int(valid_for), MOST_SECONDS))
        self._offline: Grant | None = None
        grant: Grant | Secret
        if access_token:
            grant = access_token
        elif refresh_token:
            grant = RefreshToken(refresh_token, valid_for=valid_for)
        elif account and private_key:
            key, audience = load_private_key(private_key), base_url.rstrip("/") + TOKEN_PATH
            grant = JwtBearer(account, audience, key, valid_for=valid_for, now=now)
            self._offline = JwtBearer(
                account, audience, key, valid_for=valid_for, offline=True, now=now
            )
        else:
            raise AuthenticationFailed("Give an account and its private key, or a token.")
        self._http = Http(
            connection,
            grant=grant,
            limits=limits,
            clock=clock,
            sleep=sleep,
            chance=chance,
            now=now,
        )
        self._cancelled: dict[str, RunStatus] = {}
        self._known: set[str] = set()
        self.datasets = EinsteinDatasets(self._http)
        self.models = EinsteinModels(self._http)

    def __repr__(self) -> str:
        return f"EinsteinService({self._base_url!r})"

    def refresh_token(self) -> Secret:
        """Ask for a refresh token, by which a program without the key gets access tokens.

        Raises
        ------
        NotSupported
            If this object has no key.
        """
        if self._offline is None:
            raise NotSupported("A refresh token is given for an account and its private key only.")
        answer = self._http.ask_for_token(self._offline).check()
        token = answer.json.get("refresh_token") if isinstance(answer.json, dict) else None
        if not isinstance(token, str) or not token:
            raise UnexpectedResponse("The answer of the token call holds no refresh token.")
        return Secret(token)

    # --- training ------------------------------------------------------------------------

    def submit(self, request: TrainingRequest) -> RunStatus:
        """Hand in a request; see :class:`TrainingService`.

        If its data set is in training already, that run is returned. With ``force_train=False`` a
        model of this name and data that was trained before is taken.

        Raises
        ------
        SubmitUncertain
            If it can't be told whether the request was accepted.
        """
        return self._began(
            einstein_submission.train(self.datasets, self.models, request, self._http.sleep)
        )

    def retrain(
        self, run_id: str, task: IntentClassification | None = None, data: DataFile | None = None
    ) -> RunStatus:
        """Train a model again, in place; see :class:`TrainingService`."""
        model_id = self._model_id(run_id)
        return self._began(
            einstein_submission.retrain(
                self.datasets, self.models, model_id, task, data, self._http.sleep
            )
        )

    def status(self, run_id: str) -> RunStatus:
        """Return a snapshot, by the model's id or (the newest of that name) by its name."""
        if run_id in self._cancelled:
            return self._cancelled[run_id]
        status = self.models.training(self._model_id(run_id)).status
        self._known.add(status.run_id)
        return status

    def epochs(self, run_id: str, after: int = 0) -> tuple[EpochStats, ...]:
        """Return the epochs after number ``after``; none before the service tells any."""
        found = self.models.epochs(self._model_id(run_id), after)
        if not found and run_id not in self._known:
            self.status(run_id)  # which raises if there is no such model
        return found

    def result(self, run_id: str) -> TrainingResult:
        """Return what the service tells of a trained model.

        That is its evaluation and the sizes of its labels; there are no labels of single texts,
        for which :func:`nbtrain.predict` is there.

        Raises
        ------
        RunNotFinished, RunFailed, RunCancelled
            If there is none.
        """
        status = self.status(run_id)
        if status.state is not RunState.SUCCEEDED:
            kinds = {RunState.FAILED: RunFailed, RunState.CANCELLED: RunCancelled}
            kind = kinds.get(status.state, RunNotFinished)
            raise kind(status.message or f"The run is {status.state.value}.")
        training = self.models.training(status.run_id)
        evaluation = self._evaluation(training)
        epochs = {stats.epoch: stats for stats in self.models.epochs(training.model_id)}
        if not evaluation.best_epoch and epochs:
            losses = {n: s.metrics.get("test_loss", float("inf")) for n, s in epochs.items()}
            best_epoch = min(losses, key=lambda n: losses[n])
            evaluation = replace(evaluation, best_epoch=best_epoch)
            # The metrics are of the last epoch, or else know of texts outside all labels.
            cells, size = epochs[best_epoch].confusion, len(evaluation.confusion.labels)
            if cells and not any(size in cell[:2] for cell in evaluation.confusion.cells):
                confusion = replace(evaluation.confusion, cells=cells)
                evaluation = replace(evaluation, confusion=confusion)
        metrics = {
            "accuracy": evaluation.confusion.accuracy,
            "macro_f1": evaluation.confusion.macro_f1,
        }
        best = epochs.get(evaluation.best_epoch)
        if best is not None and "test_loss" in best.metrics:
            metrics["loss"] = best.metrics["test_loss"]
        return TrainingResult(
            run_id=training.model_id,
            model_id=status.model_id,
            schema=DataSchema.UTTERANCE,
            clusters=self._labels(training),
            document_ids=(),
            cluster_ids=(),
            confidences=(),
            metrics=metrics,
            warnings=(
                "This service hands out no labels of the texts that were trained on: "
                "nbtrain.predict labels them.",
            ),
            provenance={
                "service": self._base_url,
                "algorithm": training.algorithm,
                "language": training.language,
                "dataset": str(training.dataset_id),
                "epochs": str(evaluation.last_epoch),
            },
            evaluation=evaluation,
        )

    def cancel(self, run_id: str) -> RunStatus:
        """Stop a run, by deleting its model: the service has no other way.

        Raises
        ------
        NotSupported
            If the model is being trained *again*: the one that answers now would be deleted, too.
        """
        status = self.status(run_id)
        if status.state.ended:
            return status
        if self._is_trained(status.run_id):
            raise NotSupported(
                f"Model {status.run_id} is being trained again; only deleting it, with the model "
                "that answers now, would stop that: service.models.delete(model_id)."
            )
        self.models.delete(status.run_id)
        cancelled = replace(status, state=RunState.CANCELLED, stage="cancelled")
        self._cancelled[status.run_id] = cancelled
        return cancelled

    def predict(
        self, run_id: str, texts: Iterable[str], top_n: int | None = None
    ) -> list[Inference]:
        """Label texts with a trained model; also with ``CommunitySentiment``, the vendor's own.

        Every text is a call, of which the service counts so many a month. A text that comes
        several times is asked for once.
        """
        wanted = checked_texts(texts, top_n)
        model_id, sentiment = run_id, _BUILT_IN.get(run_id)
        if sentiment is None:
            training = self.models.training(self._model_id(run_id))
            model_id, sentiment = training.model_id, training.type == TEXT_SENTIMENT
        return self.models.predict(model_id, wanted, top_n=top_n, sentiment=sentiment)

    # --- what the calls are made of ------------------------------------------------------

    def _began(self, status: RunStatus) -> RunStatus:
        self._cancelled.pop(status.run_id, None)
        self._known.add(status.run_id)
        return status

    def _model_id(self, run_id: str) -> str:
        if _MODEL_ID.fullmatch(run_id):
            return run_id
        datasets = self.datasets.all()
        likely = [d for d in datasets if d.name.rpartition(" ")[0] == run_id]
        found = [
            training
            for dataset in likely or datasets
            for training in self.models.of_dataset(dataset.dataset_id)
            if training.status.model_id == run_id
        ]
        if not found:
            raise RunNotFound(f"The service knows no model {run_id!r}.")
        return max(found, key=lambda training: training.created).model_id

    def _is_trained(self, model_id: str) -> bool:
        try:
            self.models.evaluation(model_id)
        except RequestRejected as error:
            if error.status == 404:
                return False
            raise
        return True

    def _evaluation(self, training: Training) -> Evaluation:
        return self.models.evaluation(training.model_id, training)

    def _labels(self, training: Training) -> tuple[Cluster, ...]:
        try:
            labels = self.datasets.get(training.dataset_id).labels
        except RequestRejected:
            return ()  # the data set was deleted
        by_size = sorted(labels, key=lambda label: (-label.examples, label.label_id))
        return tuple(
            Cluster(place, label.name, label.examples) for place, label in enumerate(by_size)
        )
