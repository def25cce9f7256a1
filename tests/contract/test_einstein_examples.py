"""Examples of Einstein's data sets, and feedback. Sections are those of the protocol reference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nbtrain.protocols.einstein_datasets import (
    EXAMPLES_PATH,
    FEEDBACK_PATH,
    SYNC_UPLOAD_PATH,
    Example,
    dataset_path,
)
from nbtrain.protocols.einstein_wire import LANGUAGE_PATH
from tests.daemon_process import RunningDaemon, freeze, start_daemon, thaw, wait_until

TEXTS = {
    "billing": [f"why is my bill {word}" for word in ("so high", "late", "empty", "in euros")],
    "login": [f"I can't log in {word}" for word in ("today", "again", "here", "at work", "now")],
}
ROWS = [(text, label) for label, texts in TEXTS.items() for text in texts]
CSV = "".join(f"{text},{label}\n" for text, label in ROWS).encode()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


@pytest.fixture
def dataset(client: httpx.Client) -> Iterator[int]:
    """A data set of two labels; deleted in the end, where that is possible."""
    dataset_id = make(client)
    yield dataset_id
    client.delete(dataset_path(dataset_id))


def make(client: httpx.Client, data: bytes = CSV, kind: str = "text-intent") -> int:
    files = {"data": ("mail.csv", data), "type": (None, kind.encode())}
    answer = client.post(SYNC_UPLOAD_PATH, files=files)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"object", "data"}
    assert body["object"] == "list"
    data: list[dict[str, Any]] = body["data"]
    return data


def texts(answer: httpx.Response) -> list[str]:
    return [item["location"] for item in items(answer)]


def test_examples_of_a_data_set(client: httpx.Client, dataset: int) -> None:
    """Section 7.4: every field; name is the type, location the text, label with its count."""
    found = items(client.get(f"{dataset_path(dataset)}/examples"))
    assert [(item["location"], item["label"]["name"]) for item in found] == ROWS
    first = found[0]
    assert first == {
        "id": first["id"],
        "name": "text-intent",
        "location": "why is my bill so high",
        "createdAt": first["createdAt"],
        "label": {"id": 0, "datasetId": dataset, "name": "billing", "numExamples": 4},
        "object": "example",
    }
    assert isinstance(first["id"], int)
    assert Example.from_json(first).to_json() == first


def test_pages(client: httpx.Client) -> None:
    """Section 3: count 100 by default and at most."""
    dataset = make(client, b"".join(b"text %d,label %d\n" % (n, n % 3) for n in range(250)))
    path = f"{dataset_path(dataset)}/examples"
    pages = [texts(client.get(path, params={"offset": offset})) for offset in (0, 100, 200, 300)]
    assert [len(page) for page in pages] == [100, 100, 50, 0]
    assert [text for page in pages for text in page] == [f"text {n}" for n in range(250)]
    assert len(items(client.get(path, params={"count": 1000}))) == 100
    assert texts(client.get(path, params={"offset": 3, "count": 2})) == ["text 3", "text 4"]
    by_label = f"{EXAMPLES_PATH}/{dataset}/label/2"
    assert texts(client.get(by_label, params={"offset": 1, "count": 2})) == ["text 5", "text 8"]
    client.delete(dataset_path(dataset))


def test_all_paths_by_label(client: httpx.Client, dataset: int) -> None:
    """Sections 3, 6 and 7.4: the new path, the old ones, with a trailing slash, too."""
    newest = {"labelId": 1, "datasetId": dataset}
    for answer in (
        client.get(f"{EXAMPLES_PATH}/{dataset}/label/1"),
        client.get(f"{EXAMPLES_PATH}/{dataset}/label/1/"),
        client.get(EXAMPLES_PATH, params=newest),
        client.get(EXAMPLES_PATH, params={"labelId": 1}),
        client.get(f"{EXAMPLES_PATH}/", params={"labelId": 1}),
        client.get(f"{EXAMPLES_PATH}/1"),
    ):
        assert texts(answer) == TEXTS["login"]


def test_a_label_id_alone_means_the_newest_data_set_that_has_it(client: httpx.Client) -> None:
    """Section 6, our choice."""
    older = make(client, b"a,x\nb,y\nc,z\n")
    newer = make(client, b"d,x\ne,y\n")
    assert texts(client.get(EXAMPLES_PATH, params={"labelId": 1})) == ["e"]
    assert texts(client.get(EXAMPLES_PATH, params={"labelId": 2})) == ["c"]
    both = {"labelId": 1, "datasetId": older}
    assert texts(client.get(EXAMPLES_PATH, params=both)) == ["b"]
    for dataset in (older, newer):
        client.delete(dataset_path(dataset))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{EXAMPLES_PATH}?labelId=77", 404),
        (EXAMPLES_PATH, 400),
        (f"{EXAMPLES_PATH}?labelId=billing", 400),
        (f"{EXAMPLES_PATH}/99/label/0", 404),
        (f"{dataset_path(99)}/examples", 404),
    ],
)
def test_what_is_not_there(client: httpx.Client, path: str, status: int) -> None:
    """Section 14, our choice: always a message."""
    answer = client.get(path)
    assert answer.status_code == status
    assert set(answer.json()) == {"message"}


def test_odd_queries(client: httpx.Client, dataset: int) -> None:
    path = f"{dataset_path(dataset)}/examples"
    assert "source: " in client.get(path, params={"source": "web"}).json()["message"]
    assert client.get(path, params={"count": "many"}).status_code == 400
    answer = client.get(f"{EXAMPLES_PATH}/{dataset}/label/7")
    assert answer.status_code == 404


def train(client: httpx.Client, dataset: int, **fields: str) -> str:
    form = {"datasetId": str(dataset), "name": "Topics", **fields}
    answer = client.post(f"{LANGUAGE_PATH}/train", files={k: (None, v) for k, v in form.items()})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["modelId"])


def give(client: httpx.Client, model: str, **fields: str) -> httpx.Response:
    form = {"modelId": model, "document": "my bill?", "expectedLabel": "billing", **fields}
    return client.post(FEEDBACK_PATH, files={name: (None, text) for name, text in form.items()})


def test_feedback(client: httpx.Client) -> None:
    """Section 8: an example object; listed by source; one that is known stays one."""
    dataset = make(client)
    model = train(client, dataset)
    answer = give(client, model, name="from a chat")
    assert answer.status_code == 200, answer.text
    example = answer.json()
    assert example == {
        "id": example["id"],
        "name": "from a chat",
        "location": "my bill?",
        "createdAt": example["createdAt"],
        "label": {"id": 0, "datasetId": dataset, "name": "billing", "numExamples": 5},
        "object": "example",
    }
    assert give(client, model).json()["id"] == example["id"]
    assert (
        give(client, model, document="I can't log in today", expectedLabel="login").json()["id"]
        < (example["id"])
    )
    path = f"{dataset_path(dataset)}/examples"
    assert items(client.get(path, params={"source": "feedback"})) == [example]
    assert len(items(client.get(path, params={"source": "upload"}))) == 9
    assert len(items(client.get(path, params={"source": "all"}))) == 10
    assert "my bill?" in texts(client.get(f"{EXAMPLES_PATH}/{dataset}/label/0"))
    assert client.get(dataset_path(dataset)).json()["totalExamples"] == 10


def test_feedback_that_is_uploaded_later_is_an_upload(client: httpx.Client) -> None:
    """Section 8: else a training without feedback would leave an uploaded text out."""
    dataset = make(client)
    give(client, train(client, dataset))
    again = {"data": ("more.csv", b"my bill?,billing\n")}
    body = client.put(f"{dataset_path(dataset)}/upload", files=again).json()
    assert (body["totalExamples"], body["numOfDuplicates"]) == (10, 0)
    path = f"{dataset_path(dataset)}/examples"
    assert items(client.get(path, params={"source": "feedback"})) == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"expectedLabel": "weather"}, "expectedLabel: is 'weather'"),
        ({"expectedLabel": "Billing"}, "expectedLabel: is 'Billing'"),
        ({"document": "  "}, "document: is required"),
        ({"expectedLabel": ""}, "expectedLabel: is required"),
        ({"name": "n" * 181}, "name: has 181 characters"),
    ],
)
def test_bad_feedback(client: httpx.Client, fields: dict[str, str], named: str) -> None:
    """Section 8, our choice: 400, also for a label that the data set doesn't have."""
    dataset = make(client)
    model = train(client, dataset)
    answer = give(client, model, **fields)
    assert answer.status_code == 400
    assert named in answer.json()["message"]
    assert client.get(dataset_path(dataset)).json()["totalExamples"] == 9


def test_feedback_to_a_model_that_is_not_there(client: httpx.Client) -> None:
    answer = give(client, "A" * 26)
    assert answer.status_code == 404
    assert give(client, "").status_code == 400


def test_a_data_set_in_training_is_not_deleted(tmp_path: Path) -> None:
    """Section 7.5, our choice: 400 while a training is queued or running."""
    with start_daemon(tmp_path, max_workers=1) as daemon, daemon.client() as client:
        running, waiting = make(client), make(client)
        model = train(client, running)
        worker = wait_until(daemon.worker_pids)[0]
        freeze(worker)
        try:
            train(client, waiting)
            for dataset in (running, waiting):
                answer = client.delete(dataset_path(dataset))
                assert answer.status_code == 400
                assert "in progress" in answer.json()["message"]
                assert client.get(dataset_path(dataset)).json()["available"]
        finally:
            thaw(worker)
        daemon.wait_for(model)
        assert client.delete(dataset_path(running)).status_code == 200
        assert give(client, model).status_code == 404
