"""The vendor's client against the local service, over a real socket: the whole life of a model."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

import nbtrain
from nbtrain import (
    Clustering,
    DataFile,
    KnovvuService,
    LocalService,
    TrainingRequest,
    attach,
    submit,
)
from nbtrain.errors import RequestRejected, RunNotFound
from nbtrain.home import ServiceRecord
from nbtrain.progress import RunState


@pytest.fixture
def vendor_client(service: LocalService) -> KnovvuService:
    service.health()
    record = ServiceRecord.load(service.home)
    assert record is not None
    return KnovvuService(record.url, record.client_id, record.client_secret)


@pytest.fixture
def data(conversations: pd.DataFrame, tmp_path: Path) -> DataFile:
    customers = conversations[conversations["speaker"] == "customer"]
    return nbtrain.write_intents(customers, tmp_path / "texts.json", text="text")


def until_published(client: KnovvuService, model_id: str) -> list[str | None]:
    """Poll as the vendor's page says, until the model is published."""
    seen = [client.inference_status(model_id)]
    end = time.monotonic() + 60
    while seen[-1] != "Running" and time.monotonic() < end:
        time.sleep(0.05)
        seen.append(client.inference_status(model_id))
    return seen


def test_the_life_of_a_model(vendor_client: KnovvuService, data: DataFile) -> None:
    modules = vendor_client.modules("en-US")
    assert modules is not None
    assert modules["clustering"]
    request = TrainingRequest("whole-life", data, Clustering(6))
    assert submit(request, vendor_client).wait().state is RunState.SUCCEEDED
    seen = until_published(vendor_client, "whole-life")
    assert seen[-1] == "Running"
    assert set(seen) <= {"Pending", "Running"}
    assert vendor_client.ready("whole-life")
    assert attach("whole-life", vendor_client).status().message == "The model is published."
    texts = ["where is my parcel", "cancel my order", ""]
    found = vendor_client.infer("whole-life", texts, tenant="local", top_n=2, batch_size=2)
    assert [each.text for each in found] == texts
    assert all(1 <= len(each.predictions) <= 2 for each in found[:2])
    redeployed = vendor_client.submit(
        TrainingRequest("whole-life", data, Clustering(6), force_train=False)
    )
    assert redeployed.state is RunState.SUCCEEDED
    assert until_published(vendor_client, "whole-life")[-1] == "Running"


def test_what_is_not_there(vendor_client: KnovvuService) -> None:
    with pytest.raises(RunNotFound):
        vendor_client.ready("no-such-model")
    with pytest.raises(RunNotFound):
        vendor_client.infer("no-such-model", ["text"], tenant="local")
    assert vendor_client.modules("xx-XX") is None


def test_the_services_own_words_come_through(vendor_client: KnovvuService, data: DataFile) -> None:
    data.path.write_text("[]", encoding="utf-8")
    with pytest.raises(RequestRejected, match="dataFile"):
        vendor_client.submit(TrainingRequest("empty-file", data))
