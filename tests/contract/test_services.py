"""What every service keeps to: the same scenarios over a real socket, and by script."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pandas as pd
import pytest

import nbtrain
from nbtrain import (
    Clustering,
    EinsteinService,
    IntentClassification,
    KnovvuService,
    LocalService,
    TrainingRequest,
    attach,
    submit,
)
from nbtrain.errors import (
    AuthenticationFailed,
    DataError,
    NotSupported,
    RequestError,
    RequestRejected,
    RunCancelled,
    RunNotFinished,
    RunNotFound,
    ServiceUnavailable,
)
from nbtrain.home import ServiceRecord
from nbtrain.progress import History, RunState
from nbtrain.protocols.knovvu import TOKEN_PATH
from nbtrain.services.base import TrainingService
from nbtrain.testing import ScriptedService, training_script
from nbtrain.training import DataFile

COLUMNS = {"dialogue_id": "dialogue_id", "speaker": "speaker", "text": "text"}


@pytest.fixture
def data(conversations: pd.DataFrame, tmp_path: Path) -> DataFile:
    path = tmp_path / "dialogues.json"
    return nbtrain.write_dialogues(
        conversations, path, dialogue_id="dialogue_id", speaker="speaker", text="text"
    )


@pytest.fixture(scope="session")
def long_data(tmp_path_factory: pytest.TempPathFactory) -> DataFile:
    """Enough to train on for some seconds."""
    df = nbtrain.samples.sentences(20_000)
    path = tmp_path_factory.mktemp("data") / "sentences.json"
    return nbtrain.write_intents(df, path, text="text")


def knovvu(service: LocalService) -> KnovvuService:
    record = ServiceRecord.load(service.home)
    assert record is not None
    return KnovvuService(record.url, record.client_id, record.client_secret)


def einstein(service: LocalService) -> EinsteinService:
    record = ServiceRecord.load(service.home)
    assert record is not None
    form = {
        "client_id": record.client_id, "client_secret": record.client_secret,
        "grant_type": "client_credentials",
    }  # fmt: skip
    answer = httpx.post(record.url + TOKEN_PATH, data=form, verify=False).raise_for_status()
    return EinsteinService(record.url, access_token=answer.json()["access_token"])


@pytest.fixture
def labelled(tmp_path: Path) -> DataFile:
    df = nbtrain.samples.sentences(150, n_intents=4)
    path = tmp_path / "labelled.json"
    return nbtrain.write_intents(df, path, text="text", intent="intent", schema="utterance")


@pytest.fixture(params=["local", "knovvu", "einstein", "scripted"])
def any_service(request: pytest.FixtureRequest, service: LocalService) -> TrainingService:
    service.health()
    makers: dict[str, Callable[[], TrainingService]] = {
        "local": lambda: service,
        "knovvu": lambda: knovvu(service),
        "einstein": lambda: einstein(service),
        "scripted": lambda: ScriptedService(training_script(4)),
    }
    return makers[request.param]()


@pytest.mark.parametrize("kind", ["clusters", "intents"])
def test_a_run_goes_from_submit_to_success(
    any_service: TrainingService, data: DataFile, labelled: DataFile, kind: str
) -> None:
    name = any_service.name
    if kind == "clusters" and not any_service.capabilities.clustering:
        with pytest.raises(RequestError, match="task"):
            submit(TrainingRequest("no-clusters", data, Clustering(6)), any_service)
        return
    request = (
        TrainingRequest(f"contract-{name}", data, Clustering(6))
        if kind == "clusters"
        else TrainingRequest(f"intents-{name}", labelled, IntentClassification(8))
    )
    run = submit(request, any_service)
    assert run.model_id == request.model_id
    history = History()
    fractions = []
    for update in run.watch(interval=0.05):
        history.add(update)
        fractions.append(update.status.fraction)
    assert history.status is not None
    assert history.status.state is RunState.SUCCEEDED, history.status.message
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    numbers = [stats.epoch for stats in history.epochs]
    assert numbers == list(range(1, len(numbers) + 1))
    assert bool(numbers) == any_service.capabilities.epochs
    if any_service.capabilities.predict:
        told = run.predict(["Where is my delivery?", "I want to return it"], top_n=1)
        assert [inference.text for inference in told][1] == "I want to return it"
        assert all(len(inference.predictions) <= 1 for inference in told)
        blank, other, empty = run.predict([" ", "I want to return it", ""])
        assert (blank.text, blank.predictions, empty.predictions) == (" ", (), ())
        assert {inference.out_of_domain for inference in told} <= {True, False, None}
        if any_service.name == "local" and kind == "clusters":
            [away] = run.predict(["Яблоки зелёные"])
            assert away.out_of_domain
            assert away.predictions
        assert other.predictions[:1] == told[1].predictions
    if kind == "intents" and any_service.capabilities.retrain:
        again = run.retrain(IntentClassification(4))
        assert again.wait(timeout=120).state is RunState.SUCCEEDED


def test_unknown_runs_are_not_found(any_service: TrainingService) -> None:
    with pytest.raises(RunNotFound):
        attach("no-such-run", any_service)


def test_the_result_holds_every_dialogue(service: LocalService, data: DataFile) -> None:
    run = submit(TrainingRequest("whole-result", data, Clustering(6)), service)
    result = run.result()
    assert result.n_clusters == 6
    assert len(result.document_ids) == data.documents == 120
    assert set(result.cluster_ids) == set(range(6))
    assert [cluster.size for cluster in result.clusters] == sorted(
        (result.cluster_ids.count(i) for i in range(6)), reverse=True
    )
    assert service.result(run.run_id) == result
    assert attach("whole-result", service).run_id == run.run_id
    assert run.run_id in {status.run_id for status in service.runs()}


def test_the_same_seed_gives_the_same_clusters(service: LocalService, data: DataFile) -> None:
    def labels(seed: int) -> dict[str, int]:
        task = Clustering(8, random_state=seed)
        return submit(TrainingRequest(f"seed-{seed}", data, task), service).result().labels

    assert labels(3) == labels(3)


def test_a_model_in_training_is_attached_to(service: LocalService, long_data: DataFile) -> None:
    request = TrainingRequest("twice", long_data, Clustering(60))
    first = submit(request, service)
    with pytest.warns(UserWarning, match="was not taken"):
        second = submit(request, service)
    with pytest.warns(UserWarning, match="was not taken"):
        vendor = submit(request, knovvu(service))
    assert second.run_id == first.run_id
    assert "already" in second.first_status.message
    assert "already" in vendor.first_status.message
    first.cancel()


def test_cancel_ends_a_run_for_good(service: LocalService, long_data: DataFile) -> None:
    run = submit(TrainingRequest("cancelled", long_data, Clustering(60)), service)
    for update in run.watch(0.05):
        if update.status.state is RunState.RUNNING:
            break
    with pytest.raises(RunNotFinished):
        service.result(run.run_id)
    assert run.cancel().state is RunState.CANCELLED
    assert run.wait().state is RunState.CANCELLED
    with pytest.raises(RunCancelled):
        run.result()
    with pytest.raises(RunCancelled):
        service.result(run.run_id)


def test_not_forcing_training_takes_the_trained_model(
    service: LocalService, data: DataFile
) -> None:
    trained = submit(TrainingRequest("kept", data, Clustering(5)), service)
    trained.wait()
    again = submit(TrainingRequest("kept", data, Clustering(5), force_train=False), service)
    assert again.run_id == trained.run_id
    anew = submit(TrainingRequest("kept", data, Clustering(5)), service)
    assert anew.run_id != trained.run_id


def test_labelled_intents_go_with_dialogues(
    service: LocalService, data: DataFile, conversations: pd.DataFrame, tmp_path: Path
) -> None:
    customers = conversations[conversations["speaker"] == "customer"].groupby("dialogue_id").nth(1)
    customers = pd.DataFrame(customers)
    known = customers[customers["intent"].isin(sorted(customers["intent"].unique())[:3])]
    intents = nbtrain.write_intents(known, tmp_path / "i.json", text="text", intent="intent")
    request = TrainingRequest("semi", data, Clustering(8), secondary_data=intents)
    result = submit(request, service).result()
    names = {cluster.name for cluster in result.clusters}
    assert set(known["intent"]) <= names
    assert result.n_clusters == 8


def test_the_services_refusal_lists_the_fields(service: LocalService, data: DataFile) -> None:
    content = b'[{"dialogueId": "a", "turns": []}]'
    data.path.write_bytes(content)
    changed = replace(data, sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(RequestRejected) as caught:
        submit(TrainingRequest("refused", changed, Clustering(6)), service)
    assert caught.value.status == 400
    assert any("dataFile" in problem.where for problem in caught.value.problems)


def test_data_that_changed_or_went_are_not_sent(service: LocalService, data: DataFile) -> None:
    request = TrainingRequest("stale", data, Clustering(6))
    data.path.write_text("[]")
    with pytest.raises(DataError, match="was changed"):
        submit(request, service)
    data.path.unlink()
    with pytest.raises(DataError, match="can't be read"):
        submit(request, service)


def test_wrong_credentials_are_refused(service: LocalService) -> None:
    wrong = KnovvuService(service.url, "somebody", "hunter2")
    with pytest.raises(AuthenticationFailed) as caught:
        wrong.status("any")
    assert "hunter2" not in f"{caught.value!r} {wrong!r}"


def test_a_service_that_is_not_there_is_unavailable(tmp_path: Path, data: DataFile) -> None:
    with pytest.raises(ServiceUnavailable, match="nbtrain serve"):
        LocalService(tmp_path / "home", start=False).health()
    gone = KnovvuService("http://127.0.0.1:9", "id", "secret")
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:9"):
        submit(TrainingRequest("gone", data), gone)


def test_what_the_vendor_cannot_do_is_said(service: LocalService) -> None:
    vendor = knovvu(service)
    assert vendor.epochs("any") == ()
    with pytest.raises(NotSupported):
        vendor.result("any")
    with pytest.raises(NotSupported):
        vendor.cancel("any")
