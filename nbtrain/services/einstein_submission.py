"""Handing a training to an Einstein Language service, once and only once.

A data set bears the name of its model and the beginning of the data's hash, so that the same data
are sent once. A training is never sent again when it may have been accepted: a model of that data
set that wasn't there before is it::

    answer                                    what is done
    200 and the like                          accepted
    4xx, and the data set is in training      attached to the training there is
    401                                       sent once more with a new token
    nothing was sent                          sent again, some times
    connection lost, time-out, 5xx,           looked for: there -> attached; not there and the
    a page instead of an answer                 service said no -> that; else SubmitUncertain
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from ..errors import (
    DataError,
    Problem,
    RequestError,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
    SubmitUncertain,
)
from ..progress import RunState, RunStatus
from ..protocols.einstein_datasets import MAX_WORDS, Dataset
from ..protocols.einstein_models import Training
from ..protocols.einstein_wire import language_to_wire
from ..tasks import IntentClassification
from ..training import DataFile, TrainingRequest
from .answers import Answer
from .base import ALREADY_TRAINING
from .einstein_datasets import EinsteinDatasets
from .einstein_models import EinsteinModels, training_of
from .submission import FOUND

__all__ = ["dataset_name", "retrain", "train"]

T = TypeVar("T")

Ask = Callable[[Callable[[EinsteinModels], Any]], Any]

# Pauses before each look, in seconds: a request that was on its way may take a moment to arrive.
_LOOKS = (0.0, 1.0, 2.0, 4.0)


def dataset_name(request: TrainingRequest) -> str:
    """Return the name of the data set that a request is trained from."""
    return f"{request.model_id} {request.data.sha256[:12]}"


def train(
    datasets: EinsteinDatasets,
    models: EinsteinModels,
    request: TrainingRequest,
    sleep: Callable[[float], object],
    ask: Ask | None = None,
) -> RunStatus:
    """Send the data if the service doesn't have them, and train a model from them.

    Parameters
    ----------
    datasets : EinsteinDatasets
    models : EinsteinModels
    request : TrainingRequest
    sleep : callable
    ask : callable, optional
        Makes a call that only reads, where ``models`` may have lost its service meanwhile.

    Returns
    -------
    RunStatus
        Its ``run_id`` is the model's id.

    Raises
    ------
    RequestError
        If it is no intent classification, or has too many words.
    SubmitUncertain
        If it can't be told whether the training was accepted.
    ServiceError
        If it was not.
    """
    task = request.task
    if not isinstance(task, IntentClassification):
        what = f"is {type(task).__name__}, which Einstein does not know"
        fix = "Give IntentClassification(), or train it at another service."
        raise RequestError("This can't be trained there:", [Problem("task", what, fix)])
    models.check(task)
    if request.data.words > MAX_WORDS:
        what = f"holds {request.data.words:,} words; at most {MAX_WORDS:,} can be trained on"
        raise RequestError("This can't be trained there:", [Problem("data", what)])
    dataset_id = _dataset(datasets, request).dataset_id
    before = models.of_dataset(dataset_id)
    if running := _running(before):
        return running
    if not request.force_train:
        for training in before:
            same = training.status.model_id == request.model_id
            if same and training.status.state is RunState.SUCCEEDED:
                return training.status
    known = {training.model_id for training in before}

    def trainings() -> list[Training]:
        return _ask(models, ask, lambda models: models.of_dataset(dataset_id))

    def look() -> Training | None:
        there = trainings()
        return next((training for training in there if training.model_id not in known), None)

    return _once(
        lambda: models.send_train(dataset_id, request.model_id, task),
        look,
        lambda: _running(trainings()),
        sleep,
        request.model_id,
    )


def retrain(
    datasets: EinsteinDatasets,
    models: EinsteinModels,
    model_id: str,
    task: IntentClassification | None,
    data: DataFile | None,
    sleep: Callable[[float], object],
    ask: Ask | None = None,
) -> RunStatus:
    """Add examples to the data set of a model, if there are any, and train the model again.

    Raises
    ------
    DataError
        If the data are not labelled.
    RunNotFound
        If there is no such model.
    SubmitUncertain, ServiceError
        As for :func:`train`.
    """
    if task is not None:
        models.check(task)
    before = models.training(model_id)
    if running := _running([before, *models.of_dataset(before.dataset_id)]):
        return running
    if data is not None:
        datasets.add(before.dataset_id, data)

    def look() -> Training | None:
        now = _ask(models, ask, lambda models: models.training(model_id))
        same = now.status.state.ended and (now.version, now.updated) == version
        return None if same else now

    version = before.version, before.updated
    return _once(
        lambda: models.send_retrain(model_id, task),
        look,
        lambda: _running(_ask(models, ask, lambda models: models.of_dataset(before.dataset_id))),
        sleep,
        before.status.model_id,
    )


def _ask(models: EinsteinModels, ask: Ask | None, call: Callable[[EinsteinModels], T]) -> T:
    found: T = call(models) if ask is None else ask(call)
    return found


def _dataset(datasets: EinsteinDatasets, request: TrainingRequest) -> Dataset:
    name, language = dataset_name(request), language_to_wire(request.language)
    if found := _ready_made(datasets, request):
        return found
    try:
        return datasets.upload(request.data, name, language=language)
    except ServiceUnavailable as error:
        # A data set that is sent twice does no harm; one that arrived is not sent again.
        if error.sent and (found := _ready_made(datasets, request)):
            return found
        raise


def _ready_made(datasets: EinsteinDatasets, request: TrainingRequest) -> Dataset | None:
    """Return a data set that holds just the data of a request."""
    for dataset in datasets.named(dataset_name(request)):
        if dataset.language != language_to_wire(request.language):
            continue
        try:
            dataset = datasets.loaded(dataset.dataset_id)
        except (DataError, RequestRejected):
            continue
        # Others may be there in part only, or hold examples that were added for a retraining.
        more = dataset.examples + dataset.duplicates - request.data.documents
        feedback = isinstance(request.task, IntentClassification) and request.task.with_feedback
        if more == 0 or (feedback and more > 0):
            return dataset
    return None


def _running(trainings: list[Training]) -> RunStatus | None:
    for training in trainings:
        if not training.status.state.ended:
            return replace(training.status, message=ALREADY_TRAINING)
    return None


def _once(
    send: Callable[[], Answer],
    look: Callable[[], Training | None],
    running: Callable[[], RunStatus | None],
    sleep: Callable[[float], object],
    model_id: str,
) -> RunStatus:
    refusal: ServiceError | None = None
    try:
        answer = send()
    except ServiceUnavailable as error:
        if not error.sent:
            raise
        reason = str(error)
    else:
        if 400 <= answer.status < 500 and answer.status != 408:
            # Somebody else may have been quicker; the words of the refusal are not to be relied on.
            if answer.status in (400, 409) and (status := running()):
                return status
            answer.check()
        try:
            return training_of(answer).status
        except ServiceError as error:
            reason = str(error)
            # The service itself says no in JSON; what stands before it may not know.
            told = answer.status == 500 and isinstance(answer.json, dict)
            refusal = error if told or answer.status == 503 else None
    seen = "It is not among the service's trainings so far."
    for pause in _LOOKS if refusal is None else _LOOKS[:1]:
        sleep(pause)
        try:
            training = look()
        except ServiceError as error:
            seen = f"The service could not be asked: {str(error).rstrip('.')}."
            continue
        if training is not None:
            return replace(training.status, message=FOUND)
    if refusal is not None:
        raise refusal
    raise SubmitUncertain(
        f"The training of {model_id!r} was sent, but whether it was accepted is not known. "
        f"{reason} {seen} It was not sent again, so that no two trainings start. Look in a while "
        f"with attach({model_id!r}), and submit again if the training isn't there.",
        model_id,
    )
