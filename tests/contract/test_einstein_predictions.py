"""Einstein's predictions and usage over a real socket, and many texts at once at /nbtrain/v1."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from nbtrain.protocols.local import PREFIX
from tests.daemon_process import RunningDaemon, on_linux, start_daemon, wait_until
from tests.einstein_calls import NOUNS, ROWS, make_dataset, message, predict, trained

RESET = re.compile(r"\d{4}-\d\d-01 00:00:00\.0")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home"), max_workers=1, max_pods=2) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


@pytest.fixture(scope="module")
def model_id(daemon: RunningDaemon) -> str:
    with daemon.client() as client:
        return trained(client, make_dataset(client), epochs="20")


@pytest.fixture(scope="module")
def sentiment_id(daemon: RunningDaemon) -> str:
    words = {"positive": ("lovely", "great"), "negative": ("awful", "broken")}
    rows = [
        (f"my {noun} is {word} {ending}", label)
        for label, about in words.items()
        for word in about
        for noun in NOUNS
        for ending in ("today", "again", "indeed")
    ]
    with daemon.client() as client:
        return trained(client, make_dataset(client, rows, type="text-sentiment"), epochs="20")


def test_an_intent(client: httpx.Client, model_id: str) -> None:
    """Section 13: all labels by falling probability, which sum to 1; the sample id comes back."""
    answer = predict(client, model_id, "where is my parcel", sampleId="row 7")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["object"], body["sampleId"]) == ("predictresponse", "row 7")
    entries = body["probabilities"]
    assert {entry["label"] for entry in entries} == set(NOUNS)
    assert entries[0]["label"] == "parcel"
    values = [entry["probability"] for entry in entries]
    assert values == sorted(values, reverse=True)
    assert sum(values) == pytest.approx(1, abs=1e-4)


def test_the_best_of_them(client: httpx.Client, model_id: str) -> None:
    """Section 13: numResults; without sampleId none is answered."""
    body = predict(client, model_id, "where is my parcel", numResults=2).json()
    assert len(body["probabilities"]) == 2
    assert set(body) == {"probabilities", "object"}


@pytest.mark.parametrize("kind", ["multipart", "parts with file names", "url-encoded", "json"])
def test_every_way_to_send_a_document(client: httpx.Client, model_id: str, kind: str) -> None:
    """Sections 2 and 13: multipart as clients differ in it, or JSON."""
    fields = {"document": "where is my card", "modelId": f" {model_id} ", "numResults": "1"}
    match kind:
        case "multipart":
            files = {name: (None, value) for name, value in fields.items()}
            answer = client.post("/v2/language/intent", files=files)
        case "parts with file names":
            named = {name: (name, value) for name, value in fields.items()}
            answer = client.post("/v2/language/intent/", files=named)
        case "url-encoded":
            answer = client.post("/v2/language/intent", data=fields)
        case _:
            answer = client.post("/v2/language/intent", json=fields)
    assert answer.status_code == 200, answer.text
    assert [entry["label"] for entry in answer.json()["probabilities"]] == ["card"]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"document": ""}, "document"),
        ({"document": "  "}, "document"),
        ({"document": "\ud800"}, "document"),
        ({"modelId": ""}, "modelId"),
        ({"numResults": 0}, "numResults"),
        ({"numResults": -1}, "numResults"),
        ({"numResults": "some"}, "numResults"),
        ({"sampleId": "\udfff"}, "sampleId"),
    ],
)
def test_bad_fields(
    client: httpx.Client, model_id: str, fields: dict[str, object], where: str
) -> None:
    """Sections 13 and 14: 400, and nothing is counted."""
    before = used(client)
    text = str(fields.pop("document", "where is my card"))
    body = {"document": text, "modelId": model_id, **fields}
    answer = client.post(
        "/v2/language/intent",
        content=ascii_json(body),
        headers={"Content-Type": "application/json"},
    )
    assert where in message(answer, 400)
    assert used(client) == before


def ascii_json(body: dict[str, object]) -> bytes:
    return json.dumps(body).encode()


def used(client: httpx.Client) -> int:
    return int(client.get("/v2/apiusage").json()["data"][-1]["predictionsUsed"])


def test_sentiment(client: httpx.Client, model_id: str, sentiment_id: str) -> None:
    """Section 13: the same for a model of a text-sentiment data set, and for no other."""
    form = {"document": "my parcel is lovely", "modelId": sentiment_id}
    body = client.post("/v2/language/sentiment", data=form).json()
    assert body["probabilities"][0]["label"] == "positive"
    assert "/v2/language/sentiment" in message(predict(client, sentiment_id, "lovely"), 400)
    wrong = client.post("/v2/language/sentiment", data={**form, "modelId": model_id})
    assert "/v2/language/intent" in message(wrong, 400)


def test_entities_are_a_stub(client: httpx.Client) -> None:
    """Section 13, our choice: none are found."""
    answer = client.post("/v2/language/entities", data={"document": "Anna lives in Rome"})
    assert answer.json() == {"probabilities": [], "object": "predictresponse"}
    message(client.post("/v2/language/entities", data={"modelId": "x"}), 400)


def test_a_text_outside_all_labels(client: httpx.Client) -> None:
    """Section 13: with multilingual-intent-ood the array is empty, with the others it isn't."""
    rows = [(f"{text} number {number}", label) for text, label in ROWS for number in range(3)]
    dataset_id = make_dataset(client, rows)
    careful = trained(client, dataset_id, algorithm="multilingual-intent-ood")
    other = trained(client, dataset_id, algorithm="multilingual-intent")
    strange = "qqq zzz xxx ppp"
    assert predict(client, careful, strange).json()["probabilities"] == []
    assert len(predict(client, other, strange).json()["probabilities"]) == 4
    known = predict(client, careful, "where is my card today").json()["probabilities"]
    assert known[0]["label"] == "card"


def test_usage_and_headers(client: httpx.Client, model_id: str) -> None:
    """Section 13: predictions are counted by month, and every answer carries the headers."""
    before = used(client)
    answer = predict(client, model_id, "where is my card")
    assert used(client) == before + 1
    assert answer.headers["X-RateLimit-Limit"] == "2147483647"
    remaining = int(answer.headers["X-RateLimit-Remaining"])
    assert remaining == 2147483647 - before - 1
    assert RESET.fullmatch(answer.headers["X-RateLimit-Reset"])
    usage = client.get("/v2/apiusage").json()
    assert usage["object"] == "list"
    item = usage["data"][-1]
    assert item == {
        "id": item["id"],
        "organizationId": "local",
        "startsAt": item["startsAt"],
        "endsAt": item["endsAt"],
        "planData": [{"plan": "STARTER", "amount": 1, "source": "SALESFORCE"}],
        "licenseId": "local",
        "predictionsUsed": before + 1,
        "predictionsRemaining": remaining,
        "predictionsMax": 2147483647,
        "object": "apiusage",
    }
    assert re.fullmatch(r"\d{4}-\d\d-01T00:00:00\.000Z", item["startsAt"])
    assert item["startsAt"] < item["endsAt"]
    ends = answer.headers["X-RateLimit-Reset"].replace(" ", "T").replace(".0", ".000Z")
    assert item["endsAt"] == ends


def test_the_limit_of_the_month(tmp_path: Path) -> None:
    """Section 13: 429 with message and object, also for many at once; a restart keeps the count."""
    with start_daemon(tmp_path, prediction_limit=5) as daemon, daemon.client() as client:
        model_id = trained(client, make_dataset(client), epochs="5")
        with ThreadPoolExecutor(8) as threads:
            asked = [threads.submit(predict, client, model_id, "my card") for _ in range(8)]
            answers = [future.result() for future in asked]
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 3
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert set(refused.json()) == {"message", "object"}
        assert refused.headers["X-RateLimit-Limit"] == "5"
        assert refused.headers["X-RateLimit-Remaining"] == "0"
    with start_daemon(tmp_path, prediction_limit=5) as daemon, daemon.client() as client:
        assert predict(client, model_id, "my card").status_code == 429
        item = client.get("/v2/apiusage").json()["data"][-1]
        told = [item[f"predictions{name}"] for name in ("Used", "Remaining", "Max")]
        assert told == [5, 0, 5]


def test_a_limit_of_none_at_all(tmp_path: Path) -> None:
    """Section 13: the first prediction of a month is one above it, too."""
    with start_daemon(tmp_path, prediction_limit=0) as daemon, daemon.client() as client:
        answer = client.post("/v2/language/entities", data={"document": "Anna lives in Rome"})
        assert answer.status_code == 429
        assert used(client) == 0


@on_linux
def test_a_model_that_died_is_started_again(
    daemon: RunningDaemon, client: httpx.Client, model_id: str
) -> None:
    """Section 13: whatever becomes of the process that answers."""
    assert predict(client, model_id, "my card").status_code == 200
    for pid in daemon.pod_pids():
        os.kill(pid, signal.SIGKILL)
    assert predict(client, model_id, "my card").status_code == 200


def test_more_models_than_processes(client: httpx.Client, model_id: str, sentiment_id: str) -> None:
    """Section 13: at most two are loaded here, all answer."""
    third = trained(client, make_dataset(client), epochs="2")

    def ask(number: int) -> int:
        if number % 3 == 0:
            form = {"document": "lovely", "modelId": sentiment_id}
            return client.post("/v2/language/sentiment", data=form).status_code
        return predict(client, third if number % 3 == 1 else model_id, "my card").status_code

    with ThreadPoolExecutor(3) as threads:
        assert set(threads.map(ask, range(9))) == {200}


# --- many texts at once ----------------------------------------------------------------------


def test_many_texts(client: httpx.Client, model_id: str) -> None:
    """``/nbtrain/v1``: in the order of the texts, not counted as predictions."""
    texts = [f"where is my {noun}" for noun in NOUNS] * 200
    before = used(client)
    answer = client.post(f"{PREFIX}/runs/{model_id}/predictions", json={"texts": texts, "top_n": 1})
    assert answer.status_code == 200, answer.text
    found = answer.json()["result"]
    assert [entry["text"] for entry in found] == texts
    assert [entry["topPrediction"] for entry in found] == list(NOUNS) * 200
    assert {len(entry["predictions"]) for entry in found} == {1}
    assert used(client) == before


def test_many_texts_by_clusters(daemon: RunningDaemon, client: httpx.Client) -> None:
    """The same for a clustering, whose model nobody has published."""
    run_id = daemon.train(modelId="topics").json()["id"]
    daemon.wait_for(run_id)
    for name in (run_id, "topics"):
        answer = client.post(f"{PREFIX}/runs/{name}/predictions", json={"texts": ["my parcel"]})
        [entry] = answer.json()["result"]
        assert len(entry["predictions"]) == 4
        assert entry["predictions"][0]["clusterId"] in range(4)
    assert daemon.infer("topics", "my parcel").status_code == 503  # Knovvu's rules stay


@pytest.mark.parametrize(
    "body",
    [
        {"texts": []},
        {"texts": "where is my card"},
        {"texts": [1]},
        {"texts": ["a"] * 10_001},
        {"texts": ["a"], "top_n": 0},
        {"texts": ["a"], "top_n": "2"},
        {},
        [],
    ],
)
def test_bad_requests_for_many_texts(client: httpx.Client, model_id: str, body: object) -> None:
    """400, listing what is wrong."""
    answer = client.post(f"{PREFIX}/runs/{model_id}/predictions", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["validationErrors"]


def test_many_texts_of_a_run_without_model(daemon: RunningDaemon, client: httpx.Client) -> None:
    """404 for an unknown run, 410 for one that failed."""
    body = {"texts": ["a"]}
    assert client.post(f"{PREFIX}/runs/none/predictions", json=body).status_code == 404
    dataset_id = make_dataset(client, [("where is it", "card"), ("lost it", "parcel")])
    form = {"datasetId": str(dataset_id), "name": "hopeless"}
    model_id = client.post("/v2/language/train", data=form).json()["modelId"]
    wait_until(lambda: daemon.status(model_id)["state"] == "failed" or None)
    path = f"{PREFIX}/runs/hopeless/predictions"
    assert client.post(path, json=body).status_code == 410
