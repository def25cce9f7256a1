"""Inference, readiness and modules over the wire, as the vendor documents them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from nbtrain.protocols.knovvu import TRAIN_PATH, progress_path
from nbtrain.protocols.knovvu_inference import (
    MODULES_PATH,
    MOST_INPUTS,
    inference_path,
    inferences_from_json,
    ready_path,
)
from tests.daemon_process import FIELDS, RunningDaemon, start_daemon, wait_until

Json = dict[str, Any]

PATH = inference_path("local-answers", "clustering")
LABELLED = [
    {"Label": label, "Text": f"{words} {n}"}
    for n in range(20)
    for label, words in (("refund", "I want my money back"), ("delivery", "where is my parcel"))
]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        running.train(modelId="answers")
        running.wait_for("answers")
        running.publish("answers")
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


def members_of(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details", "validationErrors"}
    return [member for entry in error["validationErrors"] for member in entry["members"]]


# --- answers ---------------------------------------------------------------------------------


def test_the_vendors_sample_request(client: httpx.Client) -> None:
    body = {
        "inputs": [{"text": "Where is my PARCEL?"}, {"text": "I lost my password"}],
        "batchSize": 1,
        "topN": 1,
        "textNormalizationConfiguration": {
            "language": "en-US",
            "lowerCase": True,
            "spellCorrection": False,
            "stemming": False,
            "removeStopwords": False,
            "removePunctuation": False,
        },
    }
    answer = client.post(PATH, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    first, second = answer.json()["result"]
    assert set(first) == {
        "text", "normalizedText", "topPrediction", "topConfidence", "predictions",
    }  # fmt: skip
    assert (first["text"], first["normalizedText"]) == (
        "Where is my PARCEL?",
        "where is my parcel?",
    )
    assert [set(prediction) for prediction in first["predictions"]] == [
        {"label", "confidence", "clusterId"}
    ]
    assert first["topPrediction"] != second["topPrediction"]
    assert 0 < first["topConfidence"] <= 1


def test_only_our_own_route_tells_what_is_out_of_domain(client: httpx.Client) -> None:
    texts = ["where is my parcel", "Яблоки зелёные"]
    own = client.post("/nbtrain/v1/runs/answers/predictions", json={"texts": texts})
    assert [entry["outOfDomain"] for entry in own.json()["result"]] == [False, True]
    body = {"inputs": [{"text": text} for text in texts], "outOfDomain": True}
    vendor = client.post(PATH, json=body).json()["result"]
    assert all("outOfDomain" not in entry for entry in vendor)
    assert [entry["predictions"] for entry in vendor] == [
        entry["predictions"] for entry in own.json()["result"]
    ]


@pytest.mark.parametrize("top_n", [1, 3, 4, 99, 10**30, None])
def test_top_n_cuts(client: httpx.Client, top_n: int | None) -> None:
    answer = client.post(PATH, json={"inputs": [{"text": "my parcel"}], "topN": top_n})
    [entry] = answer.json()["result"]
    assert len(entry["predictions"]) == min(top_n or 4, 4)


def test_batch_size_changes_nothing(client: httpx.Client) -> None:
    body: Json = {"inputs": [{"text": f"my parcel {n}"} for n in range(10)]}
    answers = [
        client.post(PATH, json={**body, "batchSize": size}).content for size in (None, 1, 3, 100)
    ]
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    ("how", "language", "text", "seen"),
    [
        ({}, "en-US", "Where's MY card?", "Where's MY card?"),
        ({"lowerCase": True}, "en-US", "IN İzmir", "in izmir"),
        ({"lowerCase": True}, "tr-TR", "ISPARTA'DA İPTAL", "ısparta'da iptal"),
        ({"removePunctuation": True}, "en-US", "Don't! (ever) - go", "Don't ever go"),
        ({"removeStopwords": True}, "en-US", "where is my parcel", "parcel"),
        ({"removeStopwords": True}, "en-US", "where is my", "where is my"),
        ({"stemming": True, "spellCorrection": True}, "en-US", "parcles", "parcles"),
    ],
)
def test_normalization(
    client: httpx.Client, how: Json, language: str, text: str, seen: str
) -> None:
    body = {
        "inputs": [{"text": text}],
        "textNormalizationConfiguration": {**how, "language": language},
    }
    answer = client.post(PATH, json=body)
    assert answer.json()["result"][0]["normalizedText"] == seen


def test_what_is_removed_plays_no_part(client: httpx.Client) -> None:
    def confidences(text: str, **how: bool) -> list[float]:
        body = {"inputs": [{"text": text}], "textNormalizationConfiguration": how}
        [entry] = client.post(PATH, json=body).json()["result"]
        return [prediction["confidence"] for prediction in entry["predictions"]]

    assert confidences("who has my parcel") != confidences("parcel")
    assert confidences("who has my parcel", removeStopwords=True) == confidences("parcel")


@pytest.mark.parametrize(
    "text", ["", " ", "?!", "\0", "👩‍👩‍👧", "\ud83d", "a\u2028b\nc\r", "x" * 300_000, "ş" * 1000]
)
def test_strange_texts_are_answered(client: httpx.Client, text: str) -> None:
    content = json.dumps({"inputs": [{"text": text}, {"text": "my parcel"}]}).encode()
    answer = client.post(PATH, content=content, headers={"Content-Type": "application/json"})
    first, second = json.loads(answer.content)["result"]
    assert (first["text"], second["text"]) == (text, "my parcel")
    assert len(inferences_from_json(json.loads(answer.content))) == 2


def test_many_texts(client: httpx.Client) -> None:
    texts = [f"where is parcel {n}" for n in range(MOST_INPUTS)]
    answer = client.post(PATH, json={"inputs": [{"text": text} for text in texts], "topN": 1})
    assert [entry["text"] for entry in answer.json()["result"]] == texts


def test_unknown_fields_are_passed_over(client: httpx.Client) -> None:
    settings = {"provider": "OpenAi", "OPENAI_API_KEY": "not-to-be-kept"}
    body = {"inputs": [{"text": "my parcel", "id": 7}], "providerSettings": settings}
    answer = client.post(PATH, json=body)
    assert answer.status_code == 200
    assert "not-to-be-kept" not in answer.text


def test_classification(daemon: RunningDaemon, client: httpx.Client) -> None:
    fields = {**FIELDS, "modelId": "classes", "dataSchema": "utterance"}
    del fields["numClusters"]
    files = {"dataFile": ("data.json", json.dumps(LABELLED).encode())}
    answer = client.post(TRAIN_PATH, data=fields, files=files)
    assert answer.status_code == 200, answer.text
    assert daemon.wait_for("classes")["state"] == "succeeded"
    daemon.publish("classes")
    path = inference_path("local-classes", "classification")
    texts = ["please give me my money back", "my parcel, where is it"]
    answer = client.post(path, json={"inputs": [{"text": text} for text in texts]})
    assert answer.status_code == 200, answer.text
    entries = answer.json()["result"]
    assert [entry["topPrediction"] for entry in entries] == ["refund", "delivery"]
    assert all(set(each) == {"label", "confidence"} for each in entries[0]["predictions"])
    wrong = client.post(inference_path("local-classes", "clustering"), json={})
    assert wrong.status_code == 404
    assert path in wrong.json()["error"]["message"]


# --- refusals --------------------------------------------------------------------------------


def test_every_bad_field_is_named(client: httpx.Client) -> None:
    body = {
        "inputs": [{"text": 3}, "text", {}, {"text": "good"}, None],
        "batchSize": 0,
        "topN": "two",
        "textNormalizationConfiguration": {
            "language": "en-GB", "lowerCase": "yes", "stemming": 1,
        },
    }  # fmt: skip
    answer = client.post(PATH, json=body)
    assert members_of(answer) == [
        "inputs[0].text",
        "inputs[1]",
        "inputs[2].text",
        "inputs[4]",
        "topN",
        "batchSize",
        "textNormalizationConfiguration.lowerCase",
        "textNormalizationConfiguration.stemming",
        "textNormalizationConfiguration.language",
    ]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff\xfe", "body"),
        (b"[" * 100_000, "body"),
        (b"9" * 5000, "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b'"text"', "body"),
        (b"{}", "inputs"),
        (b'{"inputs": null}', "inputs"),
        (b'{"inputs": []}', "inputs"),
        (b'{"inputs": {"text": "x"}}', "inputs"),
        (b'{"inputs": [{"text": "x"}], "topN": true}', "topN"),
        (b'{"inputs": [{"text": "x"}], "topN": 1.5}', "topN"),
        (b'{"inputs": [{"text": "x"}], "topN": NaN}', "topN"),
        (b'{"inputs": [{"text": "x"}], "batchSize": -1}', "batchSize"),
        (
            b'{"inputs": [{"text": "x"}], "textNormalizationConfiguration": []}',
            "textNormalizationConfiguration",
        ),
    ],
)
def test_bad_bodies(client: httpx.Client, body: bytes, where: str) -> None:
    answer = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert members_of(answer) == [where]


def test_too_many_texts_and_too_many_mistakes(client: httpx.Client) -> None:
    inputs = [{"text": "x"}] * (MOST_INPUTS + 1)
    assert members_of(client.post(PATH, json={"inputs": inputs})) == ["inputs"]
    answer = client.post(PATH, json={"inputs": [{}] * 5000})
    assert len(members_of(answer)) == 21
    assert "4,980" in answer.text


def test_a_body_above_the_limit(client: httpx.Client) -> None:
    answer = client.post(PATH, json={"inputs": [{"text": "x" * 5_000_000}]})
    assert answer.status_code == 413
    assert answer.json()["error"]["message"].endswith(".")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_content_types(client: httpx.Client, content_type: str) -> None:
    body = b'{"inputs": [{"text": "x"}]}'
    answer = client.post(PATH, content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "path",
    [
        inference_path("local-nobody", "clustering"),
        inference_path("local-", "clustering"),
        inference_path("answers", "clustering"),
        inference_path("acme-answers", "clustering"),
        inference_path("local-answers", "classification"),
        inference_path("local-answers", "poetry"),
    ],
)
def test_what_is_not_published(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"inputs": [{"text": "x"}]})
    assert answer.status_code == 404
    assert "publish" in answer.text or "answers at" in answer.text


# --- tokens and tenants ----------------------------------------------------------------------


def test_inference_needs_no_token_but_no_wrong_one(daemon: RunningDaemon) -> None:
    body = {"inputs": [{"text": "my parcel"}]}
    assert httpx.post(daemon.url + PATH, json=body).status_code == 200
    wrong = httpx.post(daemon.url + PATH, json=body, headers={"Authorization": "Bearer guess"})
    assert wrong.status_code == 401
    foreign = httpx.post(daemon.url + PATH, json=body, headers={"Host": "evil.example"})
    assert foreign.status_code == 403
    for path in (ready_path("answers"), MODULES_PATH, "/published/../nbtrain/v1/health"):
        assert httpx.get(daemon.url + path).status_code == 401


def test_a_token_may_be_demanded_and_the_tenant_named(daemon: RunningDaemon) -> None:
    home = daemon.home.with_name("strict")
    home.mkdir()
    with start_daemon(home, "--token-for-inference", tenant="acme") as strict:
        strict.train(modelId="answers")
        strict.wait_for("answers")
        strict.publish("answers")
        path = inference_path("acme-answers", "clustering")
        body = {"inputs": [{"text": "my parcel"}]}
        assert httpx.post(strict.url + path, json=body).status_code == 401
        with strict.client() as client:
            assert client.post(path, json=body).status_code == 200
            assert client.post(PATH, json=body).status_code == 404


# --- readiness and modules -------------------------------------------------------------------


def test_readiness(daemon: RunningDaemon, client: httpx.Client) -> None:
    answer = client.get(ready_path("answers"))
    assert (answer.status_code, answer.text) == (200, "true")
    daemon.train(modelId="not-ready")
    assert client.get(ready_path("not-ready")).text == "false"
    daemon.wait_for("not-ready")
    assert client.get(ready_path("not-ready")).text == "false"
    client.get(progress_path("not-ready"))
    wait_until(lambda: client.get(ready_path("not-ready")).text == "true")
    assert client.get(ready_path("nobody")).status_code == 404


def test_modules(client: httpx.Client) -> None:
    both = {
        "available": True,
        "modules": [
            {"name": "cluster", "available": True},
            {"name": "classification", "available": True},
        ],
    }
    assert client.get(MODULES_PATH).json() == both
    assert client.get(MODULES_PATH, params={"languageCode": '"tr-TR"'}).json() == both
    latvian = client.get(MODULES_PATH, params={"languageCode": "lv-LV"}).json()
    assert [module["name"] for module in latvian["modules"]] == ["classification"]
    answer = client.get(MODULES_PATH, params={"languageCode": "en-GB"})
    assert members_of(answer) == ["languageCode"]
