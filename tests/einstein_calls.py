"""Einstein's calls as tests make them: data sets, trainings, and waiting for their end."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

import httpx

from tests.daemon_process import RunningDaemon, freeze, wait_until

Json = dict[str, Any]
Rows = Iterable[tuple[str, str]]

NOUNS = ("card", "parcel", "password", "invoice")
ROWS = tuple(
    (f"{verb} my {noun} {ending}", noun)
    for noun in NOUNS
    for verb in ("where is", "please replace", "I lost", "who has")
    for ending in ("today", "again", "please", "since Monday", "for me")
)
"""80 texts of 4 labels."""


def noise(count: int, labels: int = 8) -> list[tuple[str, str]]:
    """Make texts whose labels can't be learned, so that training goes on for a while."""
    source = random.Random(3)
    words = ["".join(source.choices("abcdefghiklmnoprstuv", k=6)) for _ in range(600)]
    return [
        (" ".join(source.choices(words, k=6)), f"label-{number % labels}")
        for number in range(count)
    ]


def csv(rows: Rows) -> bytes:
    """Write rows as the vendor's CSV."""
    return "".join(f'"{text}",{label}\n' for text, label in rows).encode()


def make_dataset(client: httpx.Client, rows: Rows = ROWS, **fields: str) -> int:
    """Upload a data set; return its id."""
    answer = client.post(
        "/v2/language/datasets/upload/sync",
        data={"type": "text-intent", **fields},
        files={"data": ("rows.csv", csv(rows))},
    )
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def train(client: httpx.Client, dataset_id: int, **fields: str) -> httpx.Response:
    """Ask for a training."""
    form = {"datasetId": str(dataset_id), "name": "Topics", **fields}
    return client.post("/v2/language/train", files={n: (None, v) for n, v in form.items()})


def retrain(client: httpx.Client, model_id: str, **fields: str) -> httpx.Response:
    """Ask for a retraining."""
    form = {"modelId": model_id, **fields}
    return client.post("/v2/language/retrain", files={n: (None, v) for n, v in form.items()})


def begun(answer: httpx.Response) -> Json:
    """Return the training object of a training that was accepted."""
    assert answer.status_code == 200, answer.text
    training: Json = answer.json()
    return training


def status(client: httpx.Client, model_id: str) -> Json:
    """Return the training object of a model."""
    return begun(client.get(f"/v2/language/train/{model_id}"))


def wait_for(client: httpx.Client, model_id: str, *wanted: str) -> Json:
    """Wait until a training has a status; by default until it has ended."""
    wanted = wanted or ("SUCCEEDED", "FAILED", "KILLED")

    def reached() -> Json | None:
        training = status(client, model_id)
        return training if training["status"] in wanted else None

    return wait_until(reached)


def trained(client: httpx.Client, dataset_id: int, **fields: str) -> str:
    """Train a model to its end; return its id."""
    model_id = begun(train(client, dataset_id, **fields))["modelId"]
    training = wait_for(client, model_id)
    assert training["status"] == "SUCCEEDED", training
    return str(model_id)


def predict(client: httpx.Client, model_id: str, text: str, **fields: object) -> httpx.Response:
    """Ask for the intents of a text."""
    body = {"document": text, "modelId": model_id, **fields}
    return client.post("/v2/language/intent", json=body)


def message(answer: httpx.Response, status: int) -> str:
    """Check the form of an error; return its message."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"message"}
    return str(body["message"])


def hold(daemon: RunningDaemon, when: Callable[[], object] = lambda: True) -> int:
    """Wait until a training process is there, and something more; freeze it."""
    wait_until(lambda: daemon.worker_pids() and when())
    [worker] = daemon.worker_pids()
    freeze(worker)
    return worker
