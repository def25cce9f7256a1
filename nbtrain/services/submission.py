"""Handing in a training request, once and only once.

A training costs, and the vendor has no call that cancels one. So a request is never sent again
when it may have been accepted; the service is asked what became of it instead::

    answer                                    what is done
    200 and the like                          accepted
    202, or "still in progress" in any form   attached to the training there is
    401                                       sent once more with a new token
    nothing was sent                          sent again, some times
    connection lost, time-out, 502, 504,      asked for progress: in training -> attached;
    a page in HTML instead of an answer         else SubmitUncertain
    503                                       asked for progress: in training -> attached;
                                                else ServiceUnavailable
    anything else                             raised as what it is
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import (
    RequestRejected,
    RunNotFound,
    ServiceError,
    ServiceUnavailable,
    SubmitUncertain,
)
from ..progress import RunState, RunStatus
from ..protocols import knovvu
from ..training import TrainingRequest
from .answers import Answer
from .base import ALREADY_TRAINING
from .http import Http

__all__ = ["FOUND", "train"]

FOUND = "The answer to the request was lost; this is the training found under its model id."

# Pauses before each look, in seconds: a request that was on its way may take a moment to arrive.
_LOOKS = (0.0, 1.0, 2.0, 4.0)


def train(
    http: Http,
    request: TrainingRequest,
    *,
    product_name: str,
    look: Callable[[], RunStatus],
    with_random_state: bool = False,
    more: Mapping[str, str] | None = None,
) -> dict[str, Any] | RunStatus:
    """Send a training request.

    Parameters
    ----------
    http : Http
    request : TrainingRequest
    product_name : str
        The vendor's name of the product that the model is for.
    look : callable
        Asks the service for the status of the newest training of the model.
    with_random_state : bool
        Whether the service knows the fields that are ours.
    more : mapping of str to str, optional
        Fields beside those of the request.

    Returns
    -------
    dict or RunStatus
        The experiment object of a training that was accepted, empty if the service sent none; or
        the status of a training of this model that is there already, and that this is now.

    Raises
    ------
    SubmitUncertain
        If it can't be told whether the request was accepted.
    ServiceError
        If it was not.
    """
    fields = knovvu.form_fields(
        request, product_name=product_name, with_random_state=with_random_state
    )
    fields |= more or {}
    files = {knovvu.DATA_FILE: request.data.path}
    if request.secondary_data is not None:
        files[knovvu.SECONDARY_DATA_FILE] = request.secondary_data.path
    try:
        answer = http.post_files(knovvu.TRAIN_PATH, fields, files)
    except ServiceUnavailable as error:
        if not error.sent:
            raise
        return _find(http, request, look, str(error))
    refused = _refusal(answer)
    if knovvu.is_still_training(400 if refused else answer.status, answer.text):
        return _attach(request.model_id, look)
    if refused:
        raise RequestRejected(answer.message, answer.status, knovvu.error_problems(answer.json))
    if _is_ambiguous(answer):
        return _find(http, request, look, f"{answer.message} (HTTP {answer.status}).")
    if answer.status == 503 and (running := _running(look)):
        return replace(running, message=FOUND)
    answer.check()
    if isinstance(answer.json, dict):
        return answer.json
    if knovvu.is_html(answer.text):
        return _find(http, request, look, f"The service answered with {answer.shown}.")
    return {}


def _is_ambiguous(answer: Answer) -> bool:
    """Tell whether a failure may hide a request that was accepted.

    So may every fault of a server or of what stands before it, unless the service itself says in
    its own form what was wrong. 503 is a service that took nothing in.
    """
    body = answer.json
    told = isinstance(body, dict) and isinstance(body.get("error"), dict)
    fault = answer.status == 408 or (answer.status >= 500 and answer.status != 503)
    return fault and not (told and answer.status not in (502, 504))


def _refusal(answer: Answer) -> bool:
    """Tell whether a success is none: some servers wrap an error in status 200."""
    body = answer.json
    return answer.status < 300 and isinstance(body, dict) and bool(body.get("error"))


def _attach(model_id: str, look: Callable[[], RunStatus]) -> RunStatus:
    # The service has just said that it is in training; whatever looking brings can only add to it.
    try:
        status = look()
    except (ServiceError, RunNotFound):
        status = RunStatus(model_id, model_id, RunState.RUNNING, "training")
    return replace(status, message=ALREADY_TRAINING)


def _running(look: Callable[[], RunStatus]) -> RunStatus | None:
    try:
        status = look()
    except (ServiceError, RunNotFound):
        return None
    return None if status.state.ended else status


def _find(
    http: Http, request: TrainingRequest, look: Callable[[], RunStatus], reason: str
) -> RunStatus:
    seen = ""
    for pause in _LOOKS:
        http.sleep(pause)
        try:
            status = look()
        except RunNotFound:
            seen = "The service knows no training of this model so far."
            continue
        except ServiceError as error:
            seen = f"The service could not be asked: {str(error).rstrip('.')}."
            continue
        if not status.state.ended:
            return replace(status, message=FOUND)
        seen = (
            f"The newest training of this model that the service tells of has {status.state}; it "
            "may well be an earlier one."
        )
    model_id = request.model_id
    raise SubmitUncertain(
        f"The training request for {model_id!r} was sent, but whether it was accepted is not "
        f"known. {reason} {seen} It was not sent again, so that no two trainings start. Look in a "
        f"while with attach({model_id!r}), and submit again if the training isn't there.",
        model_id,
    )
