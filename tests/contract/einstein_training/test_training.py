"""Einstein's trainings over a real socket. Sections are those of the protocol reference."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.daemon_process import RunningDaemon, on_linux, thaw, wait_until
from tests.einstein_calls import (
    NOUNS,
    ROWS,
    begun,
    hold,
    make_dataset,
    message,
    noise,
    retrain,
    status,
    train,
    trained,
    wait_for,
)

MODEL_ID = re.compile("[A-Z2-7]{26}")


CLOCK = re.compile(r"\d\d:\d\d:\d\d:\d{3}")


DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")


def test_a_training_from_its_first_to_its_last_answer(client: httpx.Client) -> None:
    """Sections 9 and 11: every field of the training object, while queued and at the end."""
    dataset_id = make_dataset(client)
    params = '{"trainSplitRatio": "0.7", "withFeedback": false, "note": [1]}'
    first = begun(train(client, dataset_id, trainParams=params, epochs="40"))
    model_id = first["modelId"]
    assert MODEL_ID.fullmatch(model_id)
    assert DATE.fullmatch(first.pop("createdAt"))
    assert DATE.fullmatch(first.pop("updatedAt"))
    assert first == {
        "datasetId": dataset_id,
        "datasetVersionId": 0,
        "name": "Topics",
        "status": "QUEUED",
        "progress": 0,
        "learningRate": 0,
        "epochs": 0,
        "queuePosition": 1,
        "modelId": model_id,
        "modelType": "text-intent",
        "algorithm": "multilingual-intent",
        "language": "en_US",
        "trainParams": {"trainSplitRatio": "0.7", "withFeedback": False, "note": [1]},
        "trainStats": None,
        "object": "training",
    }
    last = wait_for(client, model_id)
    stats = last.pop("trainStats")
    assert last["datasetVersionId"] > 0
    told = ("status", "progress", "epochs", "earlyStopping", "lastEpochDone", "trainParams")
    assert {name: last[name] for name in told} == {
        "status": "SUCCEEDED",
        "progress": 1,
        "epochs": 40,
        "earlyStopping": stats["earlyStopping"],
        "lastEpochDone": stats["lastEpochDone"],
        "trainParams": first["trainParams"],
    }
    assert "queuePosition" not in last
    assert "failureMsg" not in last
    for name in ("totalTime", "trainingTime", "datasetLoadTime", "modelSaveTime"):
        assert CLOCK.fullmatch(stats.pop(name))
    assert isinstance(stats.pop("earlyStopping"), bool)
    assert 1 <= stats.pop("lastEpochDone") <= 40
    assert stats == {
        "labels": 4,
        "examples": 80,
        "trainSplitSize": 56,
        "testSplitSize": 24,
        "transforms": None,
        "preProcessStats": None,
        "postProcessStats": None,
    }


def test_the_test_share_is_rounded_up_in_each_label(client: httpx.Client) -> None:
    """Section 11: label sizes 26, 44, 24, 30, 26 at 0.8 give 118 and 32."""
    sizes = (26, 44, 24, 30, 26)
    rows = [
        (f"word{label} number{number} of{label}", f"label{label}")
        for label, size in enumerate(sizes)
        for number in range(size)
    ]
    model_id = trained(client, make_dataset(client, rows), epochs="2")
    stats = status(client, model_id)["trainStats"]
    assert (stats["trainSplitSize"], stats["testSplitSize"]) == (118, 32)
    assert stats["examples"] == 150


def test_epochs_the_service_decides_are_1000_on_the_wire(client: httpx.Client) -> None:
    """Sections 9 and 11: 1000 was chosen; early stopping ends it, and says so."""
    last = status(client, trained(client, make_dataset(client)))
    assert last["epochs"] == 1000
    assert last["trainStats"]["earlyStopping"] is True
    assert last["trainStats"]["lastEpochDone"] < 1000
    assert last["trainParams"] is None


@pytest.mark.parametrize("algorithm", ["intent", "multilingual-intent", "multilingual-intent-ood"])
def test_the_algorithm_asked_for_is_echoed(client: httpx.Client, algorithm: str) -> None:
    """Section 9: all three are accepted."""
    model_id = trained(client, make_dataset(client), algorithm=algorithm, epochs="3")
    assert status(client, model_id)["algorithm"] == algorithm


def test_sentiment_has_no_algorithm(client: httpx.Client) -> None:
    """Sections 9 and 11: algorithm is only for text-intent."""
    rows = [(text.replace("my", word), word) for text, _ in ROWS for word in ("good", "awful")]
    dataset_id = make_dataset(client, rows, type="text-sentiment")
    assert "algorithm" in message(train(client, dataset_id, algorithm="intent"), 400)
    training = status(client, trained(client, dataset_id, epochs="3"))
    assert "algorithm" not in training
    assert training["modelType"] == "text-sentiment"


def test_parameters_as_file_parts_with_padded_values(client: httpx.Client) -> None:
    """Section 2, multipart trap: a part with a file name is a plain parameter all the same."""
    dataset_id = make_dataset(client)
    fields = {
        "datasetId": f" {dataset_id} \r\n",
        "name": " Topics ",
        "epochs": "2 ",
        "learningRate": " 0.0001",
        "trainParams": ' {"trainSplitRatio": 0.6} ',
    }
    files = {name: (name, value.encode(), "text/plain") for name, value in fields.items()}
    training = begun(client.post("/v2/language/train/ ", files=files))
    assert (training["name"], training["learningRate"]) == ("Topics", 0)
    training = wait_for(client, training["modelId"])
    assert (training["epochs"], training["trainStats"]["testSplitSize"]) == (2, 32)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 181}, "name"),
        ({"datasetId": ""}, "datasetId"),
        ({"datasetId": "seven"}, "datasetId"),
        ({"epochs": "0"}, "epochs"),
        ({"epochs": "1001"}, "epochs"),
        ({"epochs": "many"}, "epochs"),
        ({"algorithm": "guess"}, "algorithm"),
        ({"learningRate": "fast"}, "learningRate"),
        ({"trainParams": "{"}, "trainParams"),
        ({"trainParams": "[1]"}, "trainParams"),
        ({"trainParams": '{"x": NaN}'}, "trainParams"),
        ({"trainParams": r'{"x": "\ud800"}'}, "trainParams"),
        ({"trainParams": '{"trainSplitRatio": 1}'}, "trainSplitRatio"),
        ({"trainParams": '{"trainSplitRatio": "0"}'}, "trainSplitRatio"),
        ({"trainParams": '{"trainSplitRatio": true}'}, "trainSplitRatio"),
        ({"trainParams": '{"trainSplitRatio": "half"}'}, "trainSplitRatio"),
        ({"trainParams": '{"withFeedback": "perhaps"}'}, "withFeedback"),
        ({"trainParams": '{"withGlobalDatasetId": "x"}'}, "withGlobalDatasetId"),
        ({"trainParams": '{"withGlobalDatasetId": 999}'}, "999"),
        ({"trainParams": '{"randomState": 4294967296}'}, "randomState"),
    ],
)
def test_bad_parameters(client: httpx.Client, fields: dict[str, str], where: str) -> None:
    """Sections 9 and 14: 400, and the message names the parameter."""
    dataset_id = make_dataset(client)
    assert where in message(train(client, dataset_id, **fields), 400)
    assert client.get(f"/v2/language/datasets/{dataset_id}/models").json()["data"] == []


def test_datasets_that_cannot_be_trained(client: httpx.Client) -> None:
    """Section 9: 404 for one that is missing or deleted, 400 with fewer than two labels."""
    assert "999" in message(train(client, 999), 404)
    one_label = make_dataset(client, [("where is it", "card"), ("lost it", "card")])
    assert "at least 2" in message(train(client, one_label), 400)
    deleted = make_dataset(client)
    assert client.delete(f"/v2/language/datasets/{deleted}").status_code == 200
    message(train(client, deleted), 404)


def test_more_than_three_million_words(client: httpx.Client) -> None:
    """Sections 5 and 9: the data set is loaded, but a training of it is refused."""
    long = " ".join(["a"] * 60_000)
    rows = [(f"{number} {long}", NOUNS[number % 2]) for number in range(50)]
    dataset_id = make_dataset(client, rows)
    text = message(train(client, dataset_id), 400)
    assert text == "The dataset has more than 3,000,000 words."


def test_too_few_examples_for_a_test_set(client: httpx.Client) -> None:
    """Section 9: a FAILED training, whose failureMsg explains it."""
    dataset_id = make_dataset(client, [("where is it", "card"), ("lost it", "parcel")])
    training = wait_for(client, begun(train(client, dataset_id))["modelId"])
    assert training["status"] == "FAILED"
    assert "few examples" in training["failureMsg"]
    assert training["trainStats"]["labels"] == 2
    assert training["trainStats"]["lastEpochDone"] == 0
    listed = client.get(f"/v2/language/datasets/{dataset_id}/models").json()["data"]
    assert listed[0]["failureMsg"] == training["failureMsg"]


@on_linux
def test_the_queue(daemon: RunningDaemon, client: httpx.Client) -> None:
    """Section 11: queuePosition only while QUEUED, 1 is first; the same at /nbtrain/v1."""
    running = begun(train(client, make_dataset(client)))["modelId"]
    worker = hold(daemon)
    ahead, *waiting = [begun(train(client, make_dataset(client)))["modelId"] for _ in range(3)]
    assert [status(client, model_id)["queuePosition"] for model_id in waiting] == [2, 3]
    # Section 7.5, our choice: a model in the queue can be deleted.
    assert client.delete(f"/v2/language/models/{ahead}").status_code == 200
    message(client.get(f"/v2/language/train/{ahead}"), 404)
    assert [status(client, model_id)["queuePosition"] for model_id in waiting] == [1, 2]
    assert [daemon.status(model_id)["queue_position"] for model_id in waiting] == [1, 2]
    now = status(client, running)
    assert (now["status"], now["epochs"]) == ("RUNNING", 1000)
    assert now["trainStats"] is None
    assert "queuePosition" not in now
    assert "earlyStopping" not in now
    assert now["progress"] >= 0.01
    assert message(client.get(f"/v2/language/models/{waiting[0]}/lc"), 404)
    thaw(worker)
    for model_id in (running, *waiting):
        assert wait_for(client, model_id)["status"] == "SUCCEEDED"


@on_linux
def test_one_training_of_a_data_set_at_a_time(daemon: RunningDaemon, client: httpx.Client) -> None:
    """Section 9: another one is refused while the first is queued or running; so is deletion."""
    dataset_id = make_dataset(client)
    model_id = begun(train(client, dataset_id))["modelId"]
    worker = hold(daemon)
    busy = "A training is already in progress for this dataset."
    assert message(train(client, dataset_id, name="Other"), 400) == busy
    assert message(retrain(client, model_id), 400) == busy
    message(client.delete(f"/v2/language/datasets/{dataset_id}"), 400)
    thaw(worker)
    wait_for(client, model_id)
    with ThreadPoolExecutor(6) as threads:
        asked = [
            *(threads.submit(train, client, dataset_id, epochs="2") for _ in range(3)),
            *(threads.submit(retrain, client, model_id, epochs="2") for _ in range(3)),
        ]
        answers = [future.result() for future in asked]
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    assert {message(answer, 400) for answer in answers if answer.status_code == 400} == {busy}
    [accepted] = [answer.json() for answer in answers if answer.status_code == 200]
    assert wait_for(client, accepted["modelId"])["status"] == "SUCCEEDED"


def test_another_dataset_is_added(client: httpx.Client) -> None:
    """Section 9, withGlobalDatasetId; our choice: any other data set of the same type."""
    other = make_dataset(client, [(f"cancel the {text}", "cancel") for text, _ in ROWS[:10]])
    params = json.dumps({"withGlobalDatasetId": other, "trainSplitRatio": 0.8})
    model_id = trained(client, make_dataset(client), trainParams=params, epochs="3")
    stats = status(client, model_id)["trainStats"]
    assert (stats["labels"], stats["examples"]) == (5, 90)


def test_the_same_seed_gives_the_same_model(client: httpx.Client) -> None:
    """Our own key of trainParams, randomState."""
    dataset_id = make_dataset(client, noise(120))
    found = []
    for seed in (1, 1, 2):
        params = json.dumps({"randomState": seed})
        model_id = trained(client, dataset_id, trainParams=params, epochs="4")
        entry = client.get(f"/v2/language/models/{model_id}/lc").json()["data"][-1]
        found.append(entry["metricsData"])
    assert found[0] == found[1]
    assert found[0]["testLoss"] != found[2]["testLoss"]


def test_progress_never_goes_back_and_epochs_come_once(client: httpx.Client) -> None:
    """Sections 11 and 12: as a client sees it that polls."""
    dataset_id = make_dataset(client, noise(400))
    model_id = begun(train(client, dataset_id, epochs="60"))["modelId"]
    progress, epochs = [], [0]

    def ended() -> bool:
        training = status(client, model_id)
        progress.append(training["progress"])
        page = client.get(f"/v2/language/models/{model_id}/lc", params={"offset": epochs[-1]})
        if page.status_code == 200:
            epochs.extend(entry["epoch"] for entry in page.json()["data"])
        done = training["status"] not in ("QUEUED", "RUNNING")
        assert training["status"] != "FAILED", training
        return done and len(epochs) > training["trainStats"]["lastEpochDone"]

    wait_until(ended)
    assert progress == sorted(progress)
    assert progress[-1] == 1
    assert epochs == list(range(len(epochs)))


def test_an_unknown_model(client: httpx.Client) -> None:
    """Section 11, our choice: 404."""
    for path in ("train", "models"):
        assert "B" * 26 in message(client.get(f"/v2/language/{path}/{'B' * 26}"), 404)
