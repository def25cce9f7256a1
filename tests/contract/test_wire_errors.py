"""Every error answer has the documented envelope and names what is bad; nothing is left behind."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

import nbtrain
from nbtrain.protocols.knovvu import TOKEN_PATH, TRAIN_PATH
from nbtrain.protocols.knovvu_llm import LLM_PATH
from tests.daemon_process import FIELDS, SENTENCES, RunningDaemon, intents, start_daemon

LIMIT = 9_000_000
README = Path(nbtrain.__file__).parent / "daemon" / "README.md"
# The README names every route there is; a test holds it to that.
# Einstein's errors have a form of their own.
ROUTES = [
    (method, path)
    for method, path in re.findall(
        r"^\| `(GET|POST) (/[^`?]*)", README.read_text(encoding="utf-8"), re.MULTILINE
    )
    if not path.startswith("/v2/")
]
PATHS = sorted({re.sub(r"\{[^}]*\}", "x", path) for _, path in ROUTES})


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[RunningDaemon]:
    home = tmp_path_factory.mktemp("home")
    env = {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")}
    with start_daemon(home, env=env, max_upload=LIMIT) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


def envelope(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Check the form of an error answer; its error."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "details", "validationErrors"}
    assert error["message"].endswith((".", "!"))
    for entry in error["validationErrors"]:
        assert set(entry) == {"message", "members"}
        assert entry["message"]
        assert entry["members"]
        assert all(member in entry["message"] for member in entry["members"])
    return error


def members_of(error: dict[str, Any]) -> list[str]:
    return [member for entry in error["validationErrors"] for member in entry["members"]]


def test_the_routes_are_found() -> None:
    assert {TOKEN_PATH, TRAIN_PATH} < set(PATHS)
    assert len(PATHS) > 10


@pytest.mark.parametrize("path", PATHS)
def test_errors_of_every_route(daemon: RunningDaemon, client: httpx.Client, path: str) -> None:
    envelope(client.request("PATCH", path), 405)
    envelope(client.get(f"{path}/"), 404)
    envelope(client.get(path, headers={"Host": "evil.example"}), 403)
    header = {"Authorization": "Bearer guess"}
    if path != TOKEN_PATH:
        answer = httpx.get(daemon.url + path, headers=header)
        envelope(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    large = client.post(path, content=b"x" * (LIMIT + 1))
    envelope(large, 413)


@pytest.mark.parametrize(("method", "path"), [(m, p) for m, p in ROUTES if "{" in p])
def test_unknown_models_and_runs(client: httpx.Client, method: str, path: str) -> None:
    body = b'{"inputs": [{"text": "x"}]}'
    unknown = re.sub(r"\{[^}]*\}", "nobody", path)
    answer = client.request(
        method, unknown, content=body, headers={"Content-Type": "application/json"}
    )
    assert "nobody" in envelope(answer, 404)["message"]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "dataFile"),
        (b"\n \t", "dataFile"),
        (b"[]", "dataFile"),
        (b"{}", "dataFile"),
        (b"null", "dataFile"),
        (b"Text,Label\none,two\n", "dataFile"),
        (b"PK\x03\x04\x00\x00", "dataFile"),
        (b'[{"Text": "one"}, {"Text": "two"}', "dataFile"),
        (b'[{"Text": "one"}, {"Text": "two"}]]', "dataFile"),
        (b'[{"Text": "one"} {"Text": "two"}]', "dataFile"),
        (b'[{"Text": NaN}, {"Text": "two"}]', "dataFile"),
        (b'[{"Text": "one"}, ["two"]]', "dataFile"),
        (b'[{"Text": "one"}, {"Text": {"a": 1}}]', "dataFile"),
        (b'[{"Texts": "one"}, {"Texts": "two"}]', "dataFile"),
        (b'[{"dialogueId": "a", "turns": [{"speaker": "customer", "text": "x"}]}]', "dataFile"),
        (b'[{"Text": "\xff"}, {"Text": "two"}]', "dataFile"),
        ('[{"Text": "one"}, {"Text": "two"}]'.encode("utf-16"), "dataFile"),
        (b"[" * 100_000, "dataFile"),
        (b'[{"Text": "' + b"x" * 5_000_000 + b'"}', "dataFile"),
        (intents(SENTENCES * 1000)[:-1], "dataFile"),
        (intents(SENTENCES * 1000) + b"[", "dataFile"),
        (intents(["one"] * 200_000), "numClusters"),
    ],
    ids=range(22),
)
def test_bad_files_leave_nothing_behind(
    daemon: RunningDaemon, client: httpx.Client, temporary: Path, data: bytes, where: str
) -> None:
    fields = {**FIELDS, "modelId": "bad-file"}
    if where == "numClusters":
        fields["numClusters"] = "200001"
    answer = client.post(TRAIN_PATH, data=fields, files={"dataFile": ("data.json", data)})
    error = envelope(answer, 400)
    assert set(members_of(error)) == {where}
    assert str(daemon.home) not in answer.text
    assert list((daemon.home / "runs").iterdir()) == []
    assert list(temporary.iterdir()) == []
    secondary = {
        "dataFile": (
            "data.json",
            b'[{"dialogueId": "a", "turns": [{"speaker": "bot", "text": "x"}]}, '
            b'{"dialogueId": "b", "turns": [{"speaker": "bot", "text": "y"}]}]',
        ),
        "secondaryDataFile": ("data.json", data),
    }
    fields |= {"dataSchema": "dialogue", "secondaryDataSchema": "intent", "numClusters": "0"}
    if where == "dataFile":
        answer = client.post(TRAIN_PATH, data=fields, files=secondary)
        assert set(members_of(envelope(answer, 400))) == {"secondaryDataFile"}
        assert list((daemon.home / "runs").iterdir()) == []


def test_an_oversized_file_leaves_nothing_behind(
    daemon: RunningDaemon, client: httpx.Client, temporary: Path
) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--limit\r\nContent-Disposition: form-data; name="dataFile"\r\n\r\n'
        for _ in range(LIMIT // 100_000 + 1):
            yield b"x" * 100_000

    header = {"Content-Type": "multipart/form-data; boundary=limit"}
    error = envelope(client.post(TRAIN_PATH, content=endless(), headers=header), 413)
    assert f"{LIMIT:,}" in error["message"]
    assert list((daemon.home / "runs").iterdir()) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"HELO there\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  # begins like TLS
    ],
)
def test_what_is_no_http(daemon: RunningDaemon, request_bytes: bytes) -> None:
    address = urlsplit(daemon.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(request_bytes)
        with connection.makefile("rb") as file:
            head, _, body = file.read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/json" in head.lower()
    assert json.loads(body)["error"]["message"] == "The request is not valid HTTP."


def test_every_bad_field_and_file_at_once(client: httpx.Client) -> None:
    fields = {
        "modelId": "Bad_", "languageCode": "xx", "dataSchema": "tables", "numClusters": "many",
        "llm": "other", "forceTrain": "perhaps", "secondaryDataSchema": "dialogue",
    }  # fmt: skip
    parts = {name: (None, value) for name, value in fields.items()}
    answer = client.post(TRAIN_PATH, files=parts)
    assert set(members_of(envelope(answer, 400))) == {
        *fields, "productName", "dataFile", "secondaryDataFile",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"inputPrice": 10**400}, "inputPrice"),
        ({"productName": "\ud800m"}, "productName"),
        ({"productName": "x" * 201}, "productName"),
    ],
)
def test_odd_values_in_llm_settings(
    client: httpx.Client, change: dict[str, Any], member: str
) -> None:
    body = {
        "productName": "CA", "moduleName": "cluster", "model": "m", "inputPrice": 1,
        "outputPrice": 1, "providerSettings": {"provider": "OpenAi", "OPENAI_API_KEY": "k"},
    }  # fmt: skip
    headers = {"Content-Type": "application/json"}
    answer = client.post(LLM_PATH, content=json.dumps(body | change), headers=headers)
    assert member in members_of(envelope(answer, 400))


def test_settings_that_are_no_json(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post(LLM_PATH, content="{not json", headers=headers)
    assert members_of(envelope(answer, 400)) == ["body"]


def test_nothing_was_trained_or_logged_of_all_this(daemon: RunningDaemon) -> None:
    assert daemon.active_runs() == 0
    log = (daemon.home / "daemon.log").read_text()
    assert "Traceback" not in log
    assert json.dumps("one") not in log
