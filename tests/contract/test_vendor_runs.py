"""Runs at the vendor, from submit to a published model, whatever its answers look like."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from nbtrain import DataFile, KnovvuService, Run, RunStatus, TrainingRequest, attach, submit
from nbtrain.errors import RunNotFound, UnexpectedResponse
from nbtrain.progress import RunState

from .vendor import STAGES, Quirk, Vendor


def request(data: DataFile, **more: Any) -> TrainingRequest:
    return TrainingRequest("topics", data, **more)


def last(run: Run) -> RunStatus:
    """Watch a run to its end, without pauses."""
    return list(run.watch(0.0))[-1].status


def test_a_run_from_submit_to_a_published_model(
    client: KnovvuService, vendor: Vendor, sentences: DataFile
) -> None:
    run = submit(request(sentences), client)
    assert (run.run_id, run.first_status.state) == ("topics", RunState.QUEUED)
    fractions = [update.status.fraction for update in run.watch(0.0)]
    assert fractions == sorted(fractions)
    assert len(fractions) == len(STAGES) - 1
    assert run.status().state is RunState.SUCCEEDED
    assert len(vendor.trainings) == 1
    assert vendor.trainings[0].fields == {
        "modelId": "topics", "productName": "CA", "languageCode": "en-US", "dataSchema": "intent",
        "numClusters": "0", "forceTrain": "true",
    }  # fmt: skip
    assert vendor.trainings[0].files == {"dataFile": sentences.path.read_bytes()}
    # Only the paths that are not deprecated.
    assert all("/api/app/" not in call.path for call in vendor.calls)


def test_publishing_shows_in_the_status(
    client: KnovvuService, vendor: Vendor, sentences: DataFile
) -> None:
    run = submit(request(sentences), client)
    done = last(run)
    assert done.message == ""
    assert client.inference_status("topics") == "Pending"
    assert not done.message
    assert client.status("topics").message == "The model is published."
    assert client.inference_status("topics") == "Running"


def test_an_old_run_is_found_again(
    client: KnovvuService, vendor: Vendor, sentences: DataFile
) -> None:
    submit(request(sentences), client)
    assert last(attach("topics", client)).state is RunState.SUCCEEDED
    with pytest.raises(RunNotFound, match="other"):
        attach("other", client)


def test_a_trained_model_is_taken_into_service_again(
    client: KnovvuService, vendor: Vendor, sentences: DataFile
) -> None:
    last(submit(request(sentences), client))
    again = submit(request(sentences, force_train=False), client)
    assert again.first_status.state is RunState.SUCCEEDED
    assert last(again).state is RunState.SUCCEEDED
    assert len(vendor.trainings) == 1


PAGE = "<!doctype html><title>Login</title><body>Please log in</body>"
DONE = {"percent": 100, "trainingStatus": "Completed", "inferenceStatus": None}
RUNNING = (RunState.RUNNING, 0.4)


@pytest.mark.parametrize(
    ("quirk", "expected"),
    [
        # As the vendor's page prints it.
        (Quirk(body='{\n"percent": 40\n"trainingStatus": "Training"\n"inferenceStatus": null\n}'),
         RUNNING),
        (Quirk(body='{"percent": 40, // of 100\n "trainingStatus": "Training",}'), RUNNING),
        (Quirk(body={"percent": 100, "trainingStatus": "completed"}), (RunState.SUCCEEDED, 1.0)),
        (Quirk(body={"percent": 40, "trainingStatus": "FAILED"}), (RunState.FAILED, 0.4)),
        (Quirk(body={"percent": 40, "trainingStatus": "Queued for GPU"}), RUNNING),
        (Quirk(body={"percent": 100, "trainingStatus": "Archived"}), (RunState.SUCCEEDED, 1.0)),
        (Quirk(body={"percent": "40 %", "trainingStatus": "training"}), RUNNING),
        (Quirk(body={"Percent": 40, "TrainingStatus": "Training"}), RUNNING),
        (Quirk(body={}), (RunState.RUNNING, 0.0)),
        (Quirk(body={"trainingStatus": "Completed"}), (RunState.SUCCEEDED, 1.0)),
        (Quirk(body='{"percent": NaN, "trainingStatus": "Training"}'), (RunState.RUNNING, 0.0)),
        (Quirk(body=b"\xef\xbb\xbf" + json.dumps(DONE).encode()), (RunState.SUCCEEDED, 1.0)),
        (Quirk(body=b'{"percent": 40, "trainingStatus": "Training", "x": "\xff\xfe"}'), RUNNING),
        (Quirk(body=DONE, headers={"Content-Type": "text/html"}), (RunState.SUCCEEDED, 1.0)),
        (Quirk(body=DONE, headers={"Content-Type": "application/json; charset=nonsense"}),
         (RunState.SUCCEEDED, 1.0)),
        (Quirk(body=gzip.compress(json.dumps(DONE).encode()), headers={"Content-Encoding": "gzip"}),
         (RunState.SUCCEEDED, 1.0)),
        (Quirk(body=gzip.compress(json.dumps(DONE).encode())), (RunState.SUCCEEDED, 1.0)),
        (Quirk(body=DONE, headers={"Content-Encoding": "gzip"}), (RunState.SUCCEEDED, 1.0)),
        (Quirk(body=DONE, drip=0.001), (RunState.SUCCEEDED, 1.0)),
    ],
)  # fmt: skip
def test_odd_answers_are_understood(
    client: KnovvuService, vendor: Vendor, quirk: Quirk, expected: tuple[RunState, float]
) -> None:
    vendor.script("progress", quirk)
    status = client.status("topics")
    assert (status.state, status.fraction) == expected


@pytest.mark.parametrize(
    ("quirk", "said"),
    [
        (Quirk(body=""), "came: nothing"),
        (Quirk(body="  \n"), "came: nothing"),
        (Quirk(body=PAGE), "a page titled 'Login'"),
        (Quirk(body="[1, 2]"), r"'\[1, 2\]'"),
        (Quirk(body='{"percent": 40, "trainingStatus"'), "percent"),
        (Quirk(status=204), "came: nothing"),
        (Quirk(body="[" * 90_000), "came"),
        (Quirk(body=b"\xff\xfe\x00"), "came"),
        (Quirk(body="x" * 200_000), "more than 100,000 bytes"),
        (Quirk(body=gzip.compress(b" " * 50_000_000)), "more than 100,000 bytes"),
    ],
)
def test_what_makes_no_sense_is_said(
    client: KnovvuService, vendor: Vendor, quirk: Quirk, said: str
) -> None:
    vendor.script("progress", quirk)
    with pytest.raises(UnexpectedResponse, match=said) as caught:
        client.status("topics")
    assert len(str(caught.value)) < 400
    assert vendor.count("progress") == 1


def test_a_page_in_mid_run_does_not_end_the_watching(
    client: KnovvuService, vendor: Vendor, sentences: DataFile
) -> None:
    run = submit(request(sentences), client)
    vendor.script("progress", Quirk(body=PAGE), Quirk(body=""), *[Quirk(status=503)] * 9)
    assert last(run).state is RunState.SUCCEEDED
