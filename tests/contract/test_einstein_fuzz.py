"""Whatever comes in at Einstein's calls, the answer is JSON, and no mistake of the service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.daemon_process import RunningDaemon, start_daemon

POSTS = [
    "/v2/oauth2/token",
    "/v2/language/train",
    "/v2/language/retrain",
    "/v2/language/feedback",
    "/v2/language/intent",
    "/v2/language/sentiment",
    "/v2/language/entities",
    "/v2/language/datasets/upload",
    "/v2/language/datasets/upload/sync",
]
GETS = [
    "/v2/language/datasets/{}",
    "/v2/language/datasets/{}/examples",
    "/v2/language/datasets/{}/models",
    "/v2/language/examples/{}",
    "/v2/language/examples/{}/label/{}",
    "/v2/language/models/{}",
    "/v2/language/models/{}/lc",
    "/v2/language/train/{}",
    "/v2/language/deletion/{}",
]
NAMES = st.sampled_from(
    [
        *("grant_type", "assertion", "refresh_token", "scope", "valid_for"),
        *("datasetId", "modelId", "name", "algorithm", "epochs", "learningRate", "trainParams"),
        *("document", "expectedLabel", "numResults", "sampleId"),
        *("data", "path", "type", "language"),
    ]
)
PARTS = [
    *("0", "1", "-1", "1.5", "1e999", "NaN", "null", "true", "1000001", "9" * 30, "\0", " "),
    *("{}", "[]", "{", '{"trainSplitRatio": {}}', '{"withGlobalDatasetId": 1e308}', "[" * 3000),
    *("text-intent", "text-sentiment", "CommunitySentiment", "en_US", "a,b\nc,d", "é,\ud800"),
    *("refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer", "a.b.c", "offline"),
]
VALUES = st.one_of(st.sampled_from(PARTS), st.text(max_size=40))
FIELDS = st.dictionaries(NAMES, VALUES, max_size=6)
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


def check(answer: httpx.Response) -> None:
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code != 200:
        assert isinstance(answer.json()["message"], str)


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@FEW
@given(path=st.sampled_from(POSTS), fields=FIELDS, named=st.booleans())
def test_multipart_bodies(
    client: httpx.Client, path: str, fields: dict[str, str], named: bool
) -> None:
    files = {name: (name if named else None, utf8(value)) for name, value in fields.items()}
    check(client.post(path, files=files))


@FEW
@given(path=st.sampled_from(POSTS), fields=FIELDS, kind=st.sampled_from(["form", "json"]))
def test_other_bodies(client: httpx.Client, path: str, fields: dict[str, str], kind: str) -> None:
    if kind == "json":
        data = json.dumps({"numResults": [None], "sampleId": {"a": 1e308}} | fields)
        check(client.post(path, content=data, headers={"Content-Type": "application/json"}))
        return
    body = b"&".join(
        f"{name}=".encode() + quote(utf8(value)).encode() for name, value in fields.items()
    )
    header = {"Content-Type": "application/x-www-form-urlencoded"}
    check(client.post(path, content=body, headers=header))


@FEW
@given(
    path=st.sampled_from(POSTS),
    body=st.lists(
        st.sampled_from(
            [
                *(
                    b"--x",
                    b"--x--",
                    b"\r\n",
                    b"\n",
                    b" ",
                    b'Content-Disposition: form-data; name="',
                ),
                *(b'data"', b"; filename*=utf-8''%ff", b"; filename=", b"\r\n\r\n", b"\0", b"\xff"),
                b"Content-Type: text/plain",
            ]
        ),
        max_size=20,
    ),
    boundary=st.sampled_from(["x", '"x"', "", "y" * 80, '"']),
)
def test_broken_multipart_bodies(
    client: httpx.Client, path: str, body: list[bytes], boundary: str
) -> None:
    header = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    check(client.post(path, content=b"".join(body), headers=header))


@FEW
@given(
    path=st.sampled_from(GETS),
    part=VALUES,
    query=st.dictionaries(
        st.sampled_from(["offset", "count", "source", "labelId", "global"]), VALUES, max_size=3
    ),
    method=st.sampled_from(["GET", "DELETE"]),
)
def test_paths_and_queries(
    client: httpx.Client, path: str, part: str, query: dict[str, str], method: str
) -> None:
    escaped = quote(utf8(part), safe="")
    asked = "&".join(f"{name}={quote(utf8(value))}" for name, value in query.items())
    check(client.request(method, f"{path.format(escaped, escaped)}?{asked}"))
