"""Calls whose answer is lost or refused are looked for, and never made twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbtrain import (
    EinsteinService,
    TrainingRequest,
    submit,
)
from nbtrain.errors import (
    RequestRejected,
    ServiceUnavailable,
    SubmitUncertain,
)
from nbtrain.services.base import ALREADY_TRAINING
from nbtrain.services.submission import FOUND
from nbtrain.testing import FakeClock
from tests.contract.einstein_vendor import Einstein
from tests.contract.vendor import Quirk

# What may happen to the answer of a training that was accepted.
PAGE = "<html><head><title>504 Gateway Time-out</title></head></html>"


LOST = {
    "no answer": Quirk(act=True, cut=-1),
    "cut answer": Quirk(act=True, cut=20),
    "time-out": Quirk(act=True, pause=0.9),
    "502": Quirk(act=True, status=502, body=PAGE),
    "504": Quirk(act=True, status=504, body={"message": "Endpoint request timed out"}),
    "408": Quirk(act=True, status=408, body=""),
    "500 empty": Quirk(act=True, status=500, body=""),
    "500 told": Quirk(act=True, status=500, body={"message": "oh"}),
    "503": Quirk(act=True, status=503, body="upstream connect error"),
    "page": Quirk(act=True, status=200, body="<!doctype html><title>Please wait</title>"),
}


@pytest.mark.parametrize("quirk", LOST.values(), ids=LOST)
def test_a_training_whose_answer_is_lost_is_found(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, quirk: Quirk
) -> None:
    einstein.script("train", quirk)
    status = client.submit(request_)
    assert (status.run_id, status.message) == (next(iter(einstein.models)), FOUND)
    assert einstein.count("train") == len(einstein.started) == 1


@pytest.mark.parametrize("quirk", LOST.values(), ids=LOST)
def test_what_is_not_found_is_not_sent_again(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, quirk: Quirk,
    clock: FakeClock,
) -> None:  # fmt: skip
    submit(request_, client).wait()  # an older model, that must not be taken for this one
    before = clock.now
    body = b"" if quirk.body is None else quirk.body
    einstein.script("train", replace(quirk, act=False, body=body))
    if quirk.status == 503:
        with pytest.raises(ServiceUnavailable, match="upstream"):
            client.submit(request_)
    elif isinstance(quirk.body, dict) and quirk.status == 500:
        with pytest.raises(RequestRejected, match="oh"):
            client.submit(request_)
    else:
        with pytest.raises(SubmitUncertain, match=r"attach\('topics'\)"):
            client.submit(request_)
        # The looks, and perhaps a retry of one on the connection that was cut.
        assert 7.0 <= clock.now - before < 8.0
    assert (einstein.count("train"), len(einstein.started)) == (2, 1)


def test_a_refusal_is_said_as_it_is(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    said = {"message": "The dataset has more than 3,000,000 words."}
    einstein.script("train", Quirk(status=400, body=said))
    with pytest.raises(RequestRejected, match="more than 3,000,000 words"):
        client.submit(request_)


def test_somebody_else_was_quicker(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    """9: the words of the refusal are not to be relied on (14)."""

    def start_another(call: object) -> dict[str, str]:
        fields = {"datasetId": "1000001", "name": "by-somebody"}
        from tests.contract.einstein_vendor import Model

        einstein.models["N" * 26] = Model("N" * 26, 1_000_001, fields)
        return {"message": "Nein"}

    einstein.script("train", Quirk(status=400, body=start_another))
    status = client.submit(request_)
    assert (status.run_id, status.message) == ("N" * 26, ALREADY_TRAINING)


def test_an_upload_whose_answer_is_lost_is_found(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    einstein.script("upload", Quirk(act=True, cut=-1))
    client.submit(request_)
    assert (len(einstein.data), len(einstein.started)) == (1, 1)
    assert einstein.count("upload") == 1


@pytest.mark.parametrize("quirk", [Quirk(cut=-1), Quirk(status=503)])
def test_an_upload_that_did_not_arrive_is_not_trained(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, quirk: Quirk
) -> None:
    einstein.script("upload", quirk)
    with pytest.raises(ServiceUnavailable):
        client.submit(request_)
    assert einstein.started == []
    client.submit(request_)
    assert len(einstein.started) == 1


@pytest.mark.parametrize("quirk", LOST.values(), ids=LOST)
def test_a_retraining_whose_answer_is_lost_is_found(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, quirk: Quirk
) -> None:
    run = submit(request_, client)
    run.wait()
    einstein.script("retrain", quirk)
    assert client.retrain(run.run_id).message == FOUND
    assert einstein.count("retrain") == 1


def test_a_retraining_that_did_not_arrive_is_uncertain(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    run = submit(request_, client)
    run.wait()
    einstein.script("retrain", Quirk(cut=-1))
    with pytest.raises(SubmitUncertain):
        client.retrain(run.run_id)
    assert len(einstein.started) == 1
