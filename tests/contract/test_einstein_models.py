"""Einstein's models over a real socket: lists, metrics, learning curve, deletion."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nbtrain.daemon.einstein.models import curve_body
from nbtrain.evaluation import ConfusionMatrix
from nbtrain.progress import EpochStats
from tests.daemon_process import RunningDaemon, on_linux, start_daemon, wait_until
from tests.einstein_calls import (
    NOUNS,
    ROWS,
    Json,
    begun,
    hold,
    make_dataset,
    message,
    noise,
    predict,
    retrain,
    status,
    train,
    trained,
    wait_for,
)

HARD = [(f"{text} {number}", label) for number, (text, label) in enumerate(noise(240, 4))]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def daemon(home: Path) -> Iterator[RunningDaemon]:
    with start_daemon(home, max_workers=1) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


@pytest.fixture(scope="module")
def hard_model(daemon: RunningDaemon) -> str:
    """A model of texts that can't be told apart well, trained for 60 epochs at most."""
    with daemon.client() as client:
        return trained(client, make_dataset(client, HARD), epochs="60")


def curve(client: httpx.Client, model_id: str, **page: int) -> list[Json]:
    answer = client.get(f"/v2/language/models/{model_id}/lc", params=page)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["object"] == "list"
    entries: list[Json] = body["data"]
    return entries


def test_metrics(client: httpx.Client, hard_model: str) -> None:
    """Section 12: every field, and that they agree with each other."""
    metrics = client.get(f"/v2/language/models/{hard_model}").json()
    assert metrics.pop("createdAt") == status(client, hard_model)["createdAt"]
    data = metrics.pop("metricsData")
    assert metrics == {
        "id": hard_model,
        "algorithm": "multilingual-intent",
        "language": "en_US",
        "object": "metrics",
    }
    assert data["labels"] == [f"label-{number}" for number in range(4)]
    rows = data["confusionMatrix"]
    assert [sum(row) for row in rows] == [12, 12, 12, 12]
    cells = tuple((t, p, n) for t, row in enumerate(rows) for p, n in enumerate(row) if n)
    matrix = ConfusionMatrix(tuple(data["labels"]), cells)
    for name in ("f1", "precision", "recall"):
        assert data[name] == pytest.approx(getattr(matrix, name))
    assert data["macroF1"] == pytest.approx(matrix.macro_f1)
    assert data["testAccuracy"] == pytest.approx(matrix.accuracy, abs=1e-4)
    assert 0 <= data["trainingAccuracy"] <= 1
    assert data["testLoss"] > 0
    assert data["trainingLoss"] > 0
    assert set(data["threshold"]) == set(data["labels"])
    assert all(0 <= value <= 1 for value in data["threshold"].values())
    columns = data["precisionRecallCurve"]
    assert set(columns) == {"f1", "recall", "precision", "threshold"}
    assert len({len(column) for column in columns.values()}) == 1
    assert columns["threshold"] == sorted(columns["threshold"])


def test_the_learning_curve(client: httpx.Client, hard_model: str) -> None:
    """Section 12: epochs count from 1; pages of 25, a count above that acts as 25."""
    stats = status(client, hard_model)["trainStats"]
    whole = [entry for offset in (0, 25, 50) for entry in curve(client, hard_model, offset=offset)]
    assert [entry["epoch"] for entry in whole] == list(range(1, stats["lastEpochDone"] + 1))
    assert curve(client, hard_model) == whole[:25]
    assert curve(client, hard_model, count=1000) == whole[:25]
    assert curve(client, hard_model, offset=2, count=3) == whole[2:5]
    assert curve(client, hard_model, offset=1000) == []
    assert curve(client, hard_model, count=0) == []
    for entry in whole:
        assert set(entry) == {"epoch", "epochResults", "metricsData", "object"}
        assert (entry["epochResults"], entry["object"]) == ([], "learningcurve")
        data = entry["metricsData"]
        assert set(data) == {
            "labels",
            "f1",
            "precision",
            "recall",
            "macroF1",
            "confusionMatrix",
            "testAccuracy",
            "trainingAccuracy",
            "testLoss",
            "trainingLoss",
        }
        assert sum(map(sum, data["confusionMatrix"])) == stats["testSplitSize"]
        assert data["macroF1"] == pytest.approx(sum(data["f1"]) / 4)
    metrics = client.get(f"/v2/language/models/{hard_model}").json()["metricsData"]
    last = whole[-1]["metricsData"]
    assert {name: metrics[name] for name in last} == last, "metrics are of the last epoch"


def test_a_page_with_very_many_labels(tmp_path: Path) -> None:
    """Section 12: 25 matrices of 150 by 150, of which one at a time is in memory."""
    summary = {"labels": [f"label {number}" for number in range(150)], "examples": 300}
    (tmp_path / "labels.json").write_text(json.dumps(summary), encoding="utf-8")
    epochs = [EpochStats(n, {}, confusion=((0, 1, n),)) for n in range(1, 26)]
    tracemalloc.start()
    try:
        body = curve_body(tmp_path, epochs)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(body)
    listed = json.loads(body)
    assert listed["object"] == "list"
    assert [entry["epoch"] for entry in listed["data"]] == list(range(1, 26))
    assert listed["data"][24]["metricsData"]["confusionMatrix"][0][:3] == [0, 25, 0]


@pytest.mark.parametrize("page", ["offset=-1", "count=x", "offset=1.5"])
def test_a_page_that_is_none(client: httpx.Client, hard_model: str, page: str) -> None:
    """Section 2, paging; our choice: 400."""
    message(client.get(f"/v2/language/models/{hard_model}/lc?{page}"), 400)
    dataset_id = status(client, hard_model)["datasetId"]
    message(client.get(f"/v2/language/datasets/{dataset_id}/models?{page}"), 400)


def test_labels_without_test_examples(client: httpx.Client) -> None:
    """Section 12: f1, precision and recall are 0, and the row is."""
    rows = [*ROWS, ("a lonely text about a loan", "loan")]
    model_id = trained(client, make_dataset(client, rows), epochs="5")
    data = client.get(f"/v2/language/models/{model_id}").json()["metricsData"]
    assert data["labels"] == [*NOUNS, "loan"]
    assert [data[name][4] for name in ("f1", "precision", "recall")] == [0, 0, 0]
    assert sum(data["confusionMatrix"][4]) == 0


def test_the_models_of_a_data_set(client: httpx.Client) -> None:
    """Section 11: a part of the training object; empty list if there are none."""
    dataset_id = make_dataset(client)
    path = f"/v2/language/datasets/{dataset_id}/models"
    assert client.get(path).json() == {"object": "list", "data": []}
    ids = [trained(client, dataset_id, name=name, epochs="2") for name in ("a", "b", "c")]
    listed = client.get(path).json()["data"]
    assert [(model["modelId"], model["name"]) for model in listed] == list(
        zip(ids, "abc", strict=True)
    )
    page = client.get(path, params={"offset": 1, "count": 1}).json()["data"]
    assert page == listed[1:2]
    training = status(client, ids[0])
    names = {
        "algorithm",
        "createdAt",
        "datasetId",
        "datasetVersionId",
        "language",
        "modelId",
        "modelType",
        "name",
        "progress",
        "status",
        "updatedAt",
    }
    assert listed[0] == {name: training[name] for name in names} | {"object": "model"}
    message(client.get("/v2/language/datasets/999/models"), 404)
    message(client.get("/v2/language/datasets/x/models"), 400)


@on_linux
def test_before_the_training_has_succeeded(daemon: RunningDaemon, client: httpx.Client) -> None:
    """Section 12, our choice: metrics 404; the curve has the epochs done so far."""
    dataset_id = make_dataset(client, noise(3000, 40))
    model_id = begun(train(client, dataset_id, epochs="1000"))["modelId"]

    def some() -> bool:
        answer = client.get(f"/v2/language/models/{model_id}/lc")
        return answer.status_code == 200 and len(answer.json()["data"]) >= 2

    wait_until(some)
    hold(daemon)
    message(client.get(f"/v2/language/models/{model_id}"), 404)
    assert "running" in message(predict(client, model_id, "x"), 400)
    entries = curve(client, model_id)
    assert [entry["epoch"] for entry in entries] == list(range(1, len(entries) + 1))
    assert len(entries[0]["metricsData"]["labels"]) == 40
    assert len(entries[0]["metricsData"]["confusionMatrix"]) == 40
    assert status(client, model_id)["status"] == "RUNNING"
    # Section 7.5, our choice: deleting a model in training stops it.
    deletion = client.delete(f"/v2/language/models/{model_id}")
    assert deletion.status_code == 200
    assert daemon.worker_pids() == []
    message(client.get(f"/v2/language/train/{model_id}"), 404)


def test_deleting_a_model(client: httpx.Client, home: Path) -> None:
    """Section 7.5: 200 with a deletion object, all is gone, and the old status call says so."""
    dataset_id = make_dataset(client)
    model_id = trained(client, dataset_id, epochs="2")
    begun(retrain(client, model_id, epochs="2"))
    wait_for(client, model_id)
    assert predict(client, model_id, "where is my card").status_code == 200
    folders = set((home / "runs").iterdir())
    answer = client.delete(f"/v2/language/models/{model_id}/")
    assert answer.status_code == 200
    deletion = answer.json()
    told = ("type", "status", "progress", "object", "deletedObjectId")
    assert [deletion[name] for name in told] == ["MODEL", "SUCCEEDED", 1, "deletion", model_id]
    assert client.get(f"/v2/language/deletion/{deletion['id']}").json() == deletion
    for method, path in (
        ("GET", f"train/{model_id}"),
        ("GET", f"models/{model_id}"),
        ("GET", f"models/{model_id}/lc"),
        ("DELETE", f"models/{model_id}"),
    ):
        message(client.request(method, f"/v2/language/{path}"), 404)
    message(retrain(client, model_id), 404)
    message(predict(client, model_id, "where is my card"), 404)
    assert client.get(f"/v2/language/datasets/{dataset_id}/models").json()["data"] == []
    assert len(folders - set((home / "runs").iterdir())) == 2
