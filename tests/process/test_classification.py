"""Intent classification through client, wire and local service, and the trained model's answers."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from nbtrain import (
    Clustering,
    DataFile,
    IntentClassification,
    KnovvuService,
    LocalService,
    Run,
    TrainingRequest,
    TrainingService,
    label,
    predict,
    samples,
    submit,
    write_intents,
)
from nbtrain.errors import NotSupported, RequestError, ServiceUnavailable
from nbtrain.home import ServiceRecord
from nbtrain.progress import History, RunState
from nbtrain.protocols.knovvu import TOKEN_PATH, TRAIN_PATH
from nbtrain.results import TrainingResult
from nbtrain.services.answers import Answer
from nbtrain.services.einstein_models import EinsteinModels

from ..daemon_process import wait_until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the local service is tested on POSIX")


@pytest.fixture
def vendor_client(service: LocalService) -> KnovvuService:
    """The vendor's client, pointed at the local service."""
    service.health()
    record = ServiceRecord.load(service.home)
    assert record is not None
    return KnovvuService(record.url, record.client_id, record.client_secret)


def utterances(df: pd.DataFrame, path: Path) -> DataFile:
    return write_intents(df, path, text="text", intent="intent", schema="utterance")


def trained(
    service: TrainingService, model_id: str, df: pd.DataFrame, path: Path
) -> tuple[Run, TrainingResult]:
    run = submit(TrainingRequest(model_id, utterances(df, path), IntentClassification()), service)
    return run, run.result(timeout=240)


def accuracy(run: Run, df: pd.DataFrame) -> float:
    told = predict(df, run, text="text", intent="told")
    return float((told["told"] == told["intent"]).mean())


def test_a_model_learns_and_answers(service: LocalService, tmp_path: Path) -> None:
    df = samples.sentences(900)
    known, new = df[:700], df[700:]
    run, result = trained(service, "classes", known, tmp_path / "u.json")
    assert {cluster.name for cluster in result.clusters} == set(known["intent"])
    rows = label(known, result)
    assert (rows["cluster_name"] == rows["intent"]).mean() > 0.98
    epochs = service.epochs(run.run_id)
    metrics = {"train_loss", "test_loss", "train_accuracy", "test_accuracy", "macro_f1"}
    assert set(epochs[0].metrics) == metrics
    assert [stats.epoch for stats in epochs] == list(range(1, len(epochs) + 1))
    evaluation = result.evaluation
    assert evaluation is not None
    assert evaluation.confusion.cells == epochs[evaluation.best_epoch - 1].confusion
    assert result.metrics["accuracy"] == pytest.approx(evaluation.confusion.accuracy)
    assert accuracy(run, new) > 0.85


def test_a_model_learns_more_in_place(service: LocalService, tmp_path: Path) -> None:
    df = samples.sentences(500, n_intents=6)
    run, result = trained(service, "learns-more", df[:300], tmp_path / "u.json")
    extra = pd.DataFrame({"text": [f"my cat number {n} meows" for n in range(30)]})
    extra["intent"] = "cats"
    more = write_intents(extra, tmp_path / "more.json", text="text", intent="intent")
    again = run.retrain(IntentClassification(random_state=3), more)
    assert again.run_id != run.run_id
    assert again.model_id == "learns-more"
    # Until it is trained again it answers as before.
    assert accuracy(run, df[300:]) > 0.8
    assert again.result(timeout=120).documents == result.documents + 30
    assert again.predict(["my cat number 7 meows"])[0].predictions[0].label == "cats"
    assert service.result(run.run_id) == result


def test_a_service_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    service = LocalService(tmp_path / "home")
    try:
        data = utterances(samples.sentences(2500), tmp_path / "u.json")
        run = submit(TrainingRequest("killed", data, IntentClassification(60)), service)
        history = History()
        pids: set[object] = set()
        for update in run.watch(0.05, timeout=240):
            history.add(update)
            if not pids and history.last_epoch >= 2:
                pids.add(service.health()["pid"])
                os.kill(int(str(service.health()["pid"])), signal.SIGKILL)
        assert history.status is not None
        assert history.status.state is RunState.SUCCEEDED, history.status.message
        assert service.health()["pid"] not in pids, "the run ended before the kill"
        whole = run.history().epochs
        assert [stats.epoch for stats in whole] == list(range(1, len(whole) + 1))
        assert [s.metrics for s in whole] == [s.metrics for s in history.epochs]
        again = run.retrain(IntentClassification(1000))
        with pytest.warns(UserWarning, match="was not taken"):
            busy = submit(TrainingRequest("killed", data, IntentClassification()), service)
        assert busy.run_id == again.run_id
        assert again.cancel().state is RunState.CANCELLED
        assert run.predict(["where is my card"])[0].predictions
    finally:
        service.stop()


def test_a_service_that_is_killed_before_it_answers_is_started_again_and_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = LocalService(tmp_path / "home")
    send = EinsteinModels.send_train

    def answer_lost(models: EinsteinModels, *arguments: Any) -> Answer:
        send(models, *arguments)
        os.kill(int(str(service.health()["pid"])), signal.SIGKILL)
        raise ServiceUnavailable("The connection was cut.", sent=True)

    try:
        monkeypatch.setattr(EinsteinModels, "send_train", answer_lost)
        data = utterances(samples.sentences(200, n_intents=4), tmp_path / "u.json")
        run = submit(TrainingRequest("unheard", data, IntentClassification(5)), service)
        assert run.wait(timeout=120).state is RunState.SUCCEEDED
        assert [status.run_id for status in service.runs()] == [run.run_id]
    finally:
        service.stop()


def test_the_same_seed_gives_the_same_model(service: LocalService, tmp_path: Path) -> None:
    data = utterances(samples.sentences(300, n_intents=5), tmp_path / "u.json")

    def metrics(seed: int) -> list[object]:
        task = IntentClassification(6, seed)
        run = submit(TrainingRequest("seeded", data, task), service)
        run.result(timeout=120)
        return [(dict(stats.metrics), stats.confusion) for stats in service.epochs(run.run_id)]

    assert metrics(3) == metrics(3)
    assert metrics(3) != metrics(4)


def test_knovvus_form_trains_and_answers_too(
    service: LocalService, vendor_client: KnovvuService, tmp_path: Path
) -> None:
    df = samples.sentences(500, n_intents=6)
    data = utterances(df[:400], tmp_path / "u.json")
    run = submit(TrainingRequest("by-knovvu", data, IntentClassification()), vendor_client)
    assert run.wait(timeout=120).state is RunState.SUCCEEDED
    wait_until(lambda: vendor_client.inference_status("by-knovvu") == "Running")
    texts = df[400:]["text"].tolist()
    kind = "classification"
    told = vendor_client.infer("by-knovvu", texts, tenant="local", kind=kind, top_n=1)
    labels = [inference.predictions[0].label for inference in told]
    right = [one == true for one, true in zip(labels, df[400:]["intent"], strict=True)]
    assert sum(right) / len(right) > 0.85
    with pytest.raises(NotSupported, match="infer"):
        run.predict(texts)
    with pytest.raises(NotSupported, match="same model id"):
        run.retrain()


def test_what_knovvus_form_has_no_field_for_is_not_sent(
    vendor_client: KnovvuService, tmp_path: Path
) -> None:
    data = utterances(samples.sentences(50, n_intents=3), tmp_path / "u.json")
    task = IntentClassification(train_share=0.7, out_of_domain=True, with_feedback=True)
    with pytest.raises(RequestError) as caught:
        submit(TrainingRequest("odd", data, task), vendor_client)
    assert [problem.where for problem in caught.value.problems] == [
        "train_share", "out_of_domain", "with_feedback",
    ]  # fmt: skip


def test_clusters_label_new_texts_too(service: LocalService, tmp_path: Path) -> None:
    df = samples.sentences(300, n_intents=4)
    data = write_intents(df, tmp_path / "s.json", text="text")
    run = submit(TrainingRequest("cluster-labels", data, Clustering(4)), service)
    result = run.result(timeout=120)
    told = predict(df, run, text="text", intent="cluster")
    ours = label(df, result)
    assert (told["cluster"] == ours["cluster_name"]).mean() > 0.95
    assert told["confidence"].between(0, 1).all()
    many = run.predict(["where is my card"] * 2500, top_n=2)
    assert [len(inference.predictions) for inference in many] == [2] * 2500
    with pytest.raises(NotSupported, match="no intent model"):
        run.retrain()


def test_banking77(shared_data: Path, service: LocalService, tmp_path: Path) -> None:
    with gzip.open(shared_data / "banking77.csv.gz", "rt", encoding="utf-8", newline="") as file:
        df = pd.DataFrame(csv.DictReader(file))
    train = df[df["split"] == "train"]
    run, _ = trained(service, "banking77-classes", train, tmp_path / "u.json")
    assert accuracy(run, df[df["split"] == "test"]) >= 0.9


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
