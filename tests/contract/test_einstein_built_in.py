"""The vendor's pre-built models by name (section 13): trained here from texts of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from nbtrain.daemon.einstein import built_in_models
from nbtrain.daemon.einstein.built_in_models import BuiltInModels
from nbtrain.daemon.einstein.forms import EinsteinError
from nbtrain.daemon.model_store import StoredModel
from nbtrain.daemon.storage import StoreThread
from nbtrain.daemon.store import DATABASE, Store
from nbtrain.daemon.supervisor import Supervisor
from nbtrain.progress import RunState
from tests.daemon_process import RunningDaemon, start_daemon

SENTIMENT, INTENT = "CommunitySentiment", "GlobalIntentModel"
PATHS = {SENTIMENT: "/v2/language/sentiment", INTENT: "/v2/language/intent"}
# None of these is among the texts that the models learn from.
TEXTS = {
    SENTIMENT: {
        "I love your lovely staff": "positive",
        "What a terrible day, I am angry": "negative",
        "The train to the coast leaves at ten": "neutral",
    },
    INTENT: {
        "My bill is wrong, I was charged two times": "Billing",
        "I want to cancel what I ordered this morning": "Order Change",
        "I forgot the password of my account": "Password Help",
        "Could you send me a price list and an offer": "Sales",
        "Where is my parcel, when will it be delivered": "Shipping",
        "The app crashes with an error message": "Technical Support",
    },
}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


def predict(client: httpx.Client, model_id: str, text: str) -> list[tuple[str, float]]:
    body = {"modelId": model_id, "document": text}
    answer = client.post(PATHS[model_id], json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["object"] == "predictresponse"
    return [(each["label"], each["probability"]) for each in answer.json()["probabilities"]]


@pytest.mark.parametrize("model_id", [SENTIMENT, INTENT])
def test_13_they_answer_when_they_are_asked_first(client: httpx.Client, model_id: str) -> None:
    labels = set(TEXTS[model_id].values())
    for text, expected in TEXTS[model_id].items():
        found = predict(client, model_id, text)
        assert {label for label, _ in found} == labels
        assert found[0][0] == expected
        assert sum(probability for _, probability in found) == pytest.approx(1.0, abs=1e-3)


def test_13_asked_by_many_at_once_they_are_trained_once(client: httpx.Client) -> None:
    client.delete(f"/v2/language/models/{INTENT}")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: predict(client, INTENT, "Reset my password"), range(8)))
    assert all(answer == answers[0] for answer in answers)
    runs = client.get("/nbtrain/v1/runs").json()["runs"]
    assert len([run for run in runs if run["model_id"] == INTENT]) == 1


def test_they_are_models_like_others(client: httpx.Client) -> None:
    predict(client, SENTIMENT, "Thank you")
    status = client.get(f"/v2/language/train/{SENTIMENT}").json()
    assert (status["status"], status["modelType"]) == ("SUCCEEDED", "text-sentiment")
    assert "algorithm" not in status
    metrics = client.get(f"/v2/language/models/{SENTIMENT}").json()["metricsData"]
    assert metrics["labels"] == ["positive", "negative", "neutral"]
    curve = client.get(f"/v2/language/models/{SENTIMENT}/lc").json()["data"]
    assert [each["epoch"] for each in curve] == list(range(1, len(curve) + 1))
    assert curve[0]["metricsData"]["labels"] == metrics["labels"]


def test_they_cannot_be_retrained(client: httpx.Client) -> None:
    predict(client, SENTIMENT, "Thank you")
    answer = client.post("/v2/language/retrain", data={"modelId": SENTIMENT})
    assert answer.status_code == 400
    assert "comes with the service" in answer.json()["message"]


def test_deleted_they_come_again(client: httpx.Client) -> None:
    before = predict(client, INTENT, "Where is my parcel")
    assert client.delete(f"/v2/language/models/{INTENT}").status_code == 200
    assert client.get(f"/v2/language/models/{INTENT}").status_code == 404
    assert predict(client, INTENT, "Where is my parcel") == before


def test_the_wrong_call_for_a_model(client: httpx.Client) -> None:
    body = {"modelId": SENTIMENT, "document": "Thank you"}
    answer = client.post(PATHS[INTENT], json=body)
    assert answer.status_code == 400
    assert PATHS[SENTIMENT] in answer.json()["message"]


def test_another_version_trains_them_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Section 13: what an earlier version left may be of a form that can't be read any more."""
    store = Store(tmp_path / DATABASE)
    db = StoreThread(store)
    built_in = BuiltInModels(db, Supervisor(db, tmp_path, max_workers=1), patience=0)

    async def ask() -> StoredModel | None:
        return await built_in(INTENT)

    def train() -> StoredModel | None:
        with pytest.raises(EinsteinError, match="is being trained"):
            asyncio.run(ask())
        store.end(store.runs()[0].status.run_id, RunState.SUCCEEDED)
        return asyncio.run(ask())

    first = train()
    assert first == asyncio.run(ask())
    monkeypatch.setattr(built_in_models, "__version__", "9.0")
    second = train()
    assert first is not None
    assert second is not None
    assert second.newest.status.run_id != first.newest.status.run_id
    db.close()
