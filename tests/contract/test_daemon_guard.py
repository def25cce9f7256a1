"""Who may ask, from where, how much; and errors in the vendor's envelope, whatever happens."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from nbtrain.protocols.knovvu import TOKEN_PATH, TRAIN_PATH, progress_path
from nbtrain.protocols.local import PREFIX
from tests.daemon_process import FIELDS, SENTENCES, RunningDaemon, intents, start_daemon

HEALTH = f"{PREFIX}/health"
LIMIT = 200_000

ROUTES = [
    ("POST", TRAIN_PATH),
    ("GET", progress_path("support-topics")),
    ("GET", HEALTH),
    ("GET", f"{PREFIX}/runs"),
    ("GET", f"{PREFIX}/runs/x"),
    ("GET", f"{PREFIX}/runs/x/epochs"),
    ("GET", f"{PREFIX}/runs/x/result"),
    ("POST", f"{PREFIX}/runs/x/cancel"),
    ("GET", "/nothing/here"),
    ("GET", "/"),
]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home"), max_upload=LIMIT) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


def message_of(answer: httpx.Response) -> str:
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details", "validationErrors"}
    assert error["message"].endswith(".")
    return str(error["message"])


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_without_a_token(daemon: RunningDaemon, method: str, path: str) -> None:
    answer = httpx.request(method, daemon.url + path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "token" in message_of(answer)


@pytest.mark.parametrize("header", ["Bearer guess", "Basic bWU6aHVzaA==", "Bearer"])
def test_no_route_with_a_wrong_token(daemon: RunningDaemon, header: str) -> None:
    answer = httpx.get(daemon.url + HEALTH, headers={"Authorization": header})
    assert answer.status_code == 401
    message_of(answer)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.168.0.7", "", "[::1"]
)
def test_foreign_hosts_are_refused(client: httpx.Client, host: str) -> None:
    answer = client.get(HEALTH, headers={"Host": host})
    assert answer.status_code == 403
    assert "Host" in message_of(answer)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "127.0.0.1:80", "[::1]:8080"])
def test_loopback_hosts_are_welcome(client: httpx.Client, host: str) -> None:
    assert client.get(HEALTH, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "file://"]
)
def test_pages_of_other_hosts_are_refused(client: httpx.Client, origin: str) -> None:
    assert client.get(HEALTH, headers={"Origin": origin}).status_code == 403
    answer = client.post(TOKEN_PATH, data={}, headers={"Origin": origin})
    assert answer.status_code == 403
    message_of(answer)


@pytest.mark.parametrize("origin", ["http://localhost:8888", "http://127.0.0.1"])
def test_pages_of_this_machine_are_welcome(client: httpx.Client, origin: str) -> None:
    assert client.get(HEALTH, headers={"Origin": origin}).status_code == 200


def test_only_loopback_is_listened_on(daemon: RunningDaemon) -> None:
    port = urlsplit(daemon.url).port
    assert port is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; finds out the machine's own address
        except OSError:
            pytest.skip("this machine has no other address than loopback")
        address = probe.getsockname()[0]
    if address.startswith("127."):
        pytest.skip("this machine has no other address than loopback")
    with pytest.raises(OSError, match=r"refused|timed out"):
        socket.create_connection((address, port), timeout=2).close()


def test_unknown_paths(client: httpx.Client) -> None:
    for path in ("/", "/nothing", f"{PREFIX}/", f"{HEALTH}/", "/sestekai-api/api/external/x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert path in message_of(answer)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", TOKEN_PATH, "POST"),
        ("PUT", TRAIN_PATH, "POST"),
        ("DELETE", HEALTH, "GET, HEAD"),
        ("GET", f"{PREFIX}/runs/x/cancel", "POST"),
    ],
)
def test_wrong_methods(client: httpx.Client, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == set(allowed.split(", "))
    assert method in message_of(answer)


def test_a_training_request_above_the_limit(client: httpx.Client) -> None:
    files = {"dataFile": ("data.json", intents(SENTENCES * 200))}
    answer = client.post(TRAIN_PATH, data=FIELDS, files=files)
    assert answer.status_code == 413
    assert f"{LIMIT:,}" in message_of(answer)


def test_a_large_request_without_a_length(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="dataFile"\r\n\r\n'
        for _ in range(200):
            yield b"x" * 10_000

    header = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.post(TRAIN_PATH, content=endless(), headers=header)
    assert answer.status_code == 413
    message_of(answer)


def test_other_requests_have_a_small_limit(client: httpx.Client) -> None:
    answer = client.post(TOKEN_PATH, data={"client_id": "x" * 70_000})
    assert answer.status_code == 413


def test_an_early_refusal_reaches_a_client_that_sends_everything_first(
    daemon: RunningDaemon,
) -> None:
    host = urlsplit(daemon.url).netloc
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("POST", TRAIN_PATH, body=b"x" * 30_000_000)  # no token
    answer = connection.getresponse()
    assert answer.status == 401
    assert b"token" in answer.read()
    connection.close()


def test_nothing_is_left_of_refused_requests(daemon: RunningDaemon) -> None:
    assert daemon.process.poll() is None
    assert list((daemon.home / "runs").iterdir()) == []
