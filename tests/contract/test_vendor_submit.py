"""A training request is never sent twice, whatever becomes of its answer."""

from __future__ import annotations

import gzip
import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import nbtrain
from nbtrain import LLM, Clustering, DataFile, KnovvuService, TrainingRequest, attach
from nbtrain.documents import DataSchema
from nbtrain.errors import (
    AuthenticationFailed,
    DataError,
    RequestError,
    RequestRejected,
    ServiceUnavailable,
    SubmitUncertain,
    UnexpectedResponse,
)
from nbtrain.progress import RunState
from nbtrain.services.base import ALREADY_TRAINING
from nbtrain.services.submission import FOUND
from nbtrain.testing import FakeClock

from .vendor import Quirk, Training, Vendor

STILL = "The training is still in progress for the same model ID: topics"
PAGE = "<html><head><title>504 Gateway Time-out</title></head></html>"


@pytest.fixture
def request_(sentences: DataFile) -> TrainingRequest:
    return TrainingRequest("topics", sentences)


# What may happen to the answer of a request that the vendor has accepted.
LOST = {
    "no answer": Quirk(act=True, cut=-1),
    "cut answer": Quirk(act=True, cut=20),
    "time-out": Quirk(act=True, pause=0.9),
    "502": Quirk(act=True, status=502, body="<html><title>502 Bad Gateway</title>"),
    "504": Quirk(act=True, status=504, body=PAGE),
    "408": Quirk(act=True, status=408, body=""),
    "500 page": Quirk(act=True, status=500, body=PAGE),
    "524": Quirk(act=True, status=524, body="<html><title>A timeout occurred</title>"),
    "503": Quirk(act=True, status=503, body="upstream connect error or disconnect/reset"),
    "page": Quirk(act=True, status=200, body="<!doctype html><title>Please wait</title>"),
    "broken gzip": Quirk(act=True, status=200, body=b"\x1f\x8b\x08 broken"),
    "answer in drops": Quirk(act=True, drip=0.05),
}


@pytest.mark.parametrize("quirk", LOST.values(), ids=LOST)
def test_a_training_whose_answer_is_lost_is_found(
    hasty_client: KnovvuService, vendor: Vendor, request_: TrainingRequest, quirk: Quirk
) -> None:
    vendor.script("train", quirk)
    status = hasty_client.submit(request_)
    assert (status.run_id, status.state, status.message) == ("topics", RunState.RUNNING, FOUND)
    assert vendor.count("train") == 1
    assert len(vendor.trainings) == 1


@pytest.mark.parametrize("quirk", LOST.values(), ids=LOST)
def test_what_is_not_found_is_not_sent_again(
    hasty_client: KnovvuService, vendor: Vendor, request_: TrainingRequest, clock: FakeClock,
    quirk: Quirk,
) -> None:  # fmt: skip
    vendor.script("train", Quirk(**(vars(quirk) | {"act": False})))
    if quirk.status == 503:
        with pytest.raises(ServiceUnavailable, match="upstream"):
            hasty_client.submit(request_)
    elif quirk.drip or quirk.cut == 20:
        assert hasty_client.submit(request_).state is RunState.QUEUED  # an empty answer is whole
        return
    else:
        with pytest.raises(SubmitUncertain, match=r"attach\('topics'\)") as caught:
            hasty_client.submit(request_)
        assert caught.value.model_id == "topics"
        assert "knows no training of this model so far" in str(caught.value)
        assert clock.now == 7.0
    assert vendor.count("train") == 1
    assert vendor.trainings == []


def test_a_request_that_arrives_late_is_found(
    client: KnovvuService, vendor: Vendor, request_: TrainingRequest
) -> None:
    vendor.script("train", Quirk(act=True, cut=-1))
    vendor.script("progress", Quirk(status=404), Quirk(status=404))
    assert client.submit(request_).message == FOUND
    assert len(vendor.trainings) == 1


def test_an_older_training_is_not_taken_for_this_one(
    client: KnovvuService, vendor: Vendor, request_: TrainingRequest
) -> None:
    vendor.trainings.append(Training({"modelId": "topics"}, {}, stage=8))
    vendor.script("train", Quirk(cut=-1))
    with pytest.raises(SubmitUncertain, match="has succeeded; it may well be an earlier one"):
        client.submit(request_)
    assert len(vendor.trainings) == 1
    assert vendor.count("train") == 1


def test_a_vendor_that_is_gone_is_not_asked_twice_to_train(
    client: KnovvuService, vendor: Vendor, request_: TrainingRequest
) -> None:
    vendor.script("train", Quirk(act=True, cut=-1))
    vendor.script("progress", *[Quirk(status=503, body="closed for today")] * 99)
    with pytest.raises(SubmitUncertain, match=r"asked: closed for today[^.]*\. It was not"):
        client.submit(request_)
    assert vendor.count("train") == 1


@pytest.mark.parametrize(
    "quirk",
    [
        Quirk(status=202, body=""),
        Quirk(status=202, body={"name": "topics", "statusMessage": "Training"}),
        Quirk(status=202, body=PAGE),
        Quirk(status=400, body={"error": {"message": STILL}}),
        Quirk(status=403, body={"error": {"code": "x", "message": STILL, "details": None}}),
        Quirk(status=401, body={"error": {"message": STILL}}),
        Quirk(status=409, body=STILL),
        Quirk(status=500, body={"result": {"error": {"inner": {"message": STILL.upper()}}}}),
        Quirk(status=502, body={"message": STILL}),
        Quirk(status=503, body=f"<html><p>{STILL}"),
        Quirk(status=200, body={"success": False, "error": {"message": STILL}}),
        Quirk(status=422, body=gzip.compress(json.dumps({"error": STILL}).encode())),
    ],
)
@pytest.mark.parametrize("progress", [True, False])
def test_a_model_in_training_is_attached_to(
    client: KnovvuService, vendor: Vendor, request_: TrainingRequest, quirk: Quirk, progress: bool
) -> None:
    vendor.trainings.append(Training({"modelId": "topics"}, {}, stage=3))
    vendor.script("train", quirk, quirk)
    if not progress:
        vendor.script("progress", *[Quirk(status=503)] * 4)
    first = client.submit(request_)
    assert first.message == ALREADY_TRAINING
    assert first.fraction == (0.5 if progress else 0.0)
    run = attach(first.run_id, client)
    assert [update.status.state for update in run.watch(0.0)][-1] is RunState.SUCCEEDED
    assert len(vendor.trainings) == 1


def test_two_submits_are_one_training(
    client: KnovvuService, vendor: Vendor, request_: TrainingRequest
) -> None:
    assert client.submit(request_).message == ""
    assert client.submit(request_).message == ALREADY_TRAINING
    assert len(vendor.trainings) == 1


@pytest.mark.parametrize(
    ("quirk", "error", "said"),
    [
        (Quirk(status=400, body={"error": {"message": "Not valid.", "validationErrors": [
            {"message": "bad", "members": ["modelId"]}]}}), RequestRejected, "modelId: bad"),
        (Quirk(status=200, body={"error": {"message": "No licence."}}), RequestRejected, "licence"),
        (Quirk(status=413, reads=False, body="too large"), RequestRejected, "too large"),
        (Quirk(status=500, body={"error": {"message": "Oops"}}), RequestRejected, "Oops"),
        (Quirk(status=403, body={"error": {"message": "No right."}}), AuthenticationFailed, "righ"),
        (Quirk(status=429, headers={"Retry-After": "7"}), ServiceUnavailable, "come back in 7 s"),
        (Quirk(status=301, headers={"Location": "https://new.example.com:8443/x"}),
         UnexpectedResponse, "https://new.example.com:8443,"),
        (Quirk(status=307, headers={"Location": "/other"}), UnexpectedResponse, "Check the serv"),
        (Quirk(status=302), UnexpectedResponse, "Check the serv"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_at_once(
    client: KnovvuService, vendor: Vendor, request_: TrainingRequest, quirk: Quirk,
    error: type[Exception], said: str,
) -> None:  # fmt: skip
    with request_.data.path.open("ab") as file:
        file.write(b" " * 3_000_000)
    vendor.script("train", quirk)
    with pytest.raises(error, match=said):
        client.submit(request_)
    assert vendor.count("train") == 1
    assert vendor.trainings == []


def test_what_the_vendor_has_no_field_for_is_refused_before_anything_is_sent(
    client: KnovvuService, vendor: Vendor, tmp_path: Path
) -> None:
    turns = pd.DataFrame({"id": [1, 2], "who": ["user", "user"], "said": ["card lost", "a fee"]})
    data = nbtrain.write_dialogues(
        turns, tmp_path / "d.json", dialogue_id="id", speaker="who", text="said"
    )
    task = Clustering(2, turns="all", unit="utterance", embedder="org/model")
    with pytest.raises(RequestError) as caught:
        client.submit(TrainingRequest("m", data, task))
    assert [problem.where for problem in caught.value.problems] == ["turns", "unit", "embedder"]
    assert vendor.count("train") == 0


@pytest.mark.parametrize(
    ("body", "state"),
    [("", RunState.QUEUED), ("ok", RunState.QUEUED), ({}, RunState.QUEUED),
     ("null", RunState.QUEUED), ({"name": "topics"}, RunState.QUEUED),
     ({"statusMessage": None}, RunState.QUEUED),
     ({"statusMessage": "pendingtraining", "percent": "3"}, RunState.RUNNING),
     ("x" * 200_000, RunState.QUEUED)],
)  # fmt: skip
def test_an_odd_success_is_a_success(
    client: KnovvuService, vendor: Vendor, request_: TrainingRequest, body: Any, state: RunState
) -> None:
    vendor.script("train", Quirk(status=200, act=True, body=body))
    assert client.submit(request_).state is state
    assert len(vendor.trainings) == 1


def test_nothing_sent_may_be_sent_again(
    vendor: Vendor, clock: FakeClock, request_: TrainingRequest
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}"
    client = KnovvuService(
        closed, "trainer", vendor.clients["trainer"], identity_url=vendor.url,
        clock=clock, sleep=clock.sleep, chance=lambda: 1.0,
    )  # fmt: skip
    with pytest.raises(ServiceUnavailable, match="can't be reached") as caught:
        client.submit(request_)
    assert not caught.value.sent
    assert clock.now == 0.25 + 0.5 + 1.0


@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_cannot_be_read(
    client: KnovvuService, vendor: Vendor, request_: TrainingRequest, gone: bool
) -> None:
    request_.data.path.unlink()
    if not gone:
        request_.data.path.mkdir()
    with pytest.raises(DataError, match=r"sentences\.json"):
        client.submit(request_)
    assert vendor.count("train") == 0


def test_both_files_are_sent_and_no_value_is_quoted(
    client: KnovvuService, vendor: Vendor, sentences: DataFile, tmp_path: Path
) -> None:
    dialogues = replace(sentences, schema=DataSchema.DIALOGUE)
    task = Clustering(2, LLM())
    client.submit(TrainingRequest("topics", dialogues, task, "tr-TR", sentences, False))
    sent = vendor.trainings[0]
    assert sent.fields == {
        "modelId": "topics", "productName": "CA", "languageCode": "tr-TR", "numClusters": "2",
        "dataSchema": "dialogue", "secondaryDataSchema": "intent", "llm": "openai",
        "forceTrain": "false",
    }  # fmt: skip
    assert set(sent.files) == {"dataFile", "secondaryDataFile"}
