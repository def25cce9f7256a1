"""What Einstein Language answers to calls that are not good. Numbers are sections."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from nbtrain.protocols.einstein_access import (
    TOKEN_PATH,
    TOKENS_PATH,
)
from tests.contract.test_einstein_access import DATASETS, message_of
from tests.daemon_process import RunningDaemon, start_daemon

ROUTES = [
    ("DELETE", f"{TOKENS_PATH}/x"),
    ("GET", "/v2/apiusage"),
    ("GET", "/v2/language/deletion/x"),
    ("GET", "/v2/language/examples"),
    ("GET", "/v2/language/models/x"),
    ("GET", "/v2/language/train/x"),
    ("GET", "/v2/nothing"),
    ("GET", "/v2/vision/datasets"),
    ("GET", DATASETS),
    ("POST", "/v2/language/entities"),
    ("POST", "/v2/language/feedback"),
    ("POST", "/v2/language/intent"),
    ("POST", "/v2/language/retrain"),
    ("POST", "/v2/language/sentiment"),
    ("POST", "/v2/language/train"),
    ("POST", f"{DATASETS}/upload"),
    ("PUT", f"{DATASETS}/1000001/upload"),
]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_14_no_route_without_a_token(daemon: RunningDaemon, method: str, path: str) -> None:
    answer = httpx.request(method, daemon.url + path)
    assert answer.status_code == 401
    assert message_of(answer) == "Invalid authentication scheme"
    answer = httpx.request(method, daemon.url + path, headers={"Authorization": "Bearer guess"})
    assert answer.status_code == 401
    assert message_of(answer) == "Invalid access token"


@pytest.mark.parametrize("header", ["Basic bWU6aHVzaA==", "Bearer", "Token x", "x"])
def test_14_authorization_that_is_not_well_formed(daemon: RunningDaemon, header: str) -> None:
    answer = httpx.get(daemon.url + DATASETS, headers={"Authorization": header})
    assert answer.status_code == 401
    assert message_of(answer) == "Invalid authentication scheme"


def test_3_vision_is_not_here(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        for method, path in [
            ("GET", "/v2/vision/datasets"),
            ("POST", "/v2/vision/train/"),
            ("DELETE", "/v2/vision/models/X"),
            ("GET", "/v2/vision"),
        ]:
            answer = client.request(method, path)
            assert answer.status_code == 404
            assert "Einstein Language only" in message_of(answer)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_3_every_call_is_there(daemon: RunningDaemon, method: str, path: str) -> None:
    if path.startswith("/v2/nothing") or "vision" in path:
        return
    with daemon.client() as client:
        answer = client.request(method, path)
        assert answer.status_code in (200, 400, 404)
        assert "There is nothing at" not in answer.text


def test_2_json_is_for_predictions_only(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        for path in ("/v2/language/train", "/v2/language/feedback", f"{DATASETS}/upload"):
            answer = client.post(path, json={"type": "text-intent"})
            assert answer.status_code == 400
            assert "multipart/form-data" in message_of(answer)
        for content_type in ("text/csv", "application/xml", "multipart/mixed; boundary=x"):
            answer = client.post(
                "/v2/language/intent", content=b"x", headers={"Content-Type": content_type}
            )
            assert answer.status_code == 400
            message_of(answer)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b'"text"',
        b'{"document": "\\ud800", "modelId": "CommunitySentiment"}',
        b'{"document": "x", "modelId": "y", "sampleId": "\\udc00"}',
        b'{"document": "\xff"}',
        b'{"numResults": ' + b"9" * 5000 + b"}",
        b'{"document": {"a": 1}, "modelId": []}',
    ],
)
def test_13_odd_json(daemon: RunningDaemon, body: bytes) -> None:
    with daemon.client() as client:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer = client.post("/v2/language/sentiment", content=body, headers=headers)
        assert answer.status_code in (400, 404), answer.text
        message_of(answer)


def test_14_errors_are_always_json(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        nothing = client.get("/v2/nothing")
        assert (nothing.status_code, "/v2/nothing" in message_of(nothing)) == (404, True)
        method = client.put(TOKEN_PATH)
        assert (method.status_code, "PUT" in message_of(method)) == (405, True)
        host = client.get("/v2/apiusage", headers={"Host": "evil.example"})
        assert (host.status_code, "Host" in message_of(host)) == (403, True)
        origin = client.get("/v2/apiusage", headers={"Origin": "https://evil.example"})
        assert (origin.status_code, bool(message_of(origin))) == (403, True)
        large = client.post(TOKEN_PATH, content=b"x" * 2_100_000)
        assert (large.status_code, "limit" in message_of(large)) == (400, True)
        fields = client.post(TOKEN_PATH, content="&".join(["a=1"] * 500))
        assert (fields.status_code, bool(message_of(fields))) == (400, True)
        latin = client.post(TOKEN_PATH, content=b"grant_type=\xff")
        assert (latin.status_code, bool(message_of(latin))) == (400, True)
        broken = client.post(
            TOKEN_PATH, content=b"nonsense", headers={"Content-Type": "multipart/form-data"}
        )
        assert (broken.status_code, "boundary" in message_of(broken)) == (400, True)
