"""Intent classification through client, wire and local service, and the trained model's answers."""

from __future__ import annotations

import csv
import gzip
import json
import os
import time
from pathlib import Path

import httpx
import pandas as pd
import pytest

from nbtrain import (
    IntentClassification,
    KnovvuService,
    LocalService,
    TrainingRequest,
    label,
    samples,
    submit,
    write_intents,
)
from nbtrain.home import ServiceRecord
from nbtrain.protocols.knovvu import TOKEN_PATH, TRAIN_PATH
from nbtrain.results import TrainingResult

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the local service is tested on POSIX")


@pytest.fixture
def vendor_client(service: LocalService) -> KnovvuService:
    """The vendor's client, pointed at the local service."""
    service.health()
    record = ServiceRecord.load(service.home)
    assert record is not None
    return KnovvuService(record.url, record.client_id, record.client_secret)


def trained(service: LocalService, model_id: str, df: pd.DataFrame, path: Path) -> TrainingResult:
    data = write_intents(df, path, text="text", intent="intent", schema="utterance")
    request = TrainingRequest(model_id, data, IntentClassification())
    run = submit(request, service)
    result = run.result(timeout=120)
    epochs = service.epochs(run.run_id)
    assert set(epochs[0].metrics) >= {"train_loss", "test_loss", "train_accuracy", "test_accuracy"}
    assert result.metrics["accuracy"] in [stats.metrics["test_accuracy"] for stats in epochs]
    return result


def labels(client: KnovvuService, model_id: str, texts: list[str]) -> list[str]:
    deadline = time.monotonic() + 60
    while client.inference_status(model_id) != "Running":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    told = client.infer(model_id, texts, tenant="local", kind="classification", top_n=1)
    return [inference.predictions[0].label for inference in told]


def test_a_model_learns_and_answers(
    service: LocalService, vendor_client: KnovvuService, tmp_path: Path
) -> None:
    df = samples.sentences(900)
    known, new = df[:700], df[700:]
    result = trained(service, "classes", known, tmp_path / "u.json")
    assert {cluster.name for cluster in result.clusters} == set(known["intent"])
    rows = label(known, result)
    assert (rows["cluster_name"] == rows["intent"]).mean() > 0.98
    told = labels(vendor_client, "classes", new["text"].tolist())
    right = [one == true for one, true in zip(told, new["intent"], strict=True)]
    assert sum(right) / len(right) > 0.85


def test_banking77(
    shared_data: Path, service: LocalService, vendor_client: KnovvuService, tmp_path: Path
) -> None:
    with gzip.open(shared_data / "banking77.csv.gz", "rt", encoding="utf-8", newline="") as file:
        df = pd.DataFrame(csv.DictReader(file))
    trained(service, "banking77-classes", df[df["split"] == "train"], tmp_path / "u.json")
    test = df[df["split"] == "test"]
    told = labels(vendor_client, "banking77-classes", test["text"].tolist())
    right = [one == true for one, true in zip(told, test["intent"], strict=True)]
    assert sum(right) / len(right) >= 0.9


def test_every_bad_record_is_in_the_answer(service: LocalService) -> None:
    service.health()
    record = ServiceRecord.load(service.home)
    assert record is not None
    bad = [{"Label": "a", "Text": "one"}, {"Text": "two"}, {"Label": "a", "Text": ""}]
    fields = {
        "modelId": "bad", "productName": "CA", "languageCode": "lv-LV", "dataSchema": "utterance",
    }  # fmt: skip
    with httpx.Client(base_url=record.url, timeout=30, verify=False) as client:
        form = {
            "client_id": record.client_id, "client_secret": record.client_secret,
            "grant_type": "client_credentials",
        }  # fmt: skip
        token = client.post(TOKEN_PATH, data=form).json()["access_token"]
        answer = client.post(
            TRAIN_PATH,
            data=fields,
            files={"dataFile": ("data.json", json.dumps(bad).encode())},
            headers={"Authorization": f"Bearer {token}"},
        )
    assert answer.status_code == 400
    told = [entry["message"] for entry in answer.json()["error"]["validationErrors"]]
    assert told == [
        "dataFile: record 1 has no Label.",
        "dataFile: record 2 has an empty Text.",
        "dataFile: holds only one label, 'a'. Classification needs at least 2.",
    ]
