"""Einstein Language's calls as clients of all kinds write them, against ``nbtrain serve``.

Numbers are sections of the reference.
"""

from __future__ import annotations

import base64
import csv
import http.client
import importlib
import io
import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.contract.einstein_openapi import description
from tests.daemon_process import SENTENCES, RunningDaemon, environment, stop, wait_until

Json = dict[str, Any]

NOUNS = ("credit card", "parcel", "password", "invoice")
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# What the vendor's own code for Apex sends.
BOUNDARY = "1ff13444ed8140c7a32fc4e6451aa76d"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("einstein")


@pytest.fixture(scope="module")
def key(folder: Path) -> rsa.RSAPrivateKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    (folder / "public.pem").write_bytes(key.public_key().public_bytes(*form))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "private.pem").write_bytes(private)
    return key


@pytest.fixture(scope="module")
def service(folder: Path, key: rsa.RSAPrivateKey) -> Iterator[RunningDaemon]:
    """``nbtrain serve``, with a public key."""
    command = [sys.executable, "-m", "nbtrain", "serve", "--print-credentials"]
    command += ["--home", str(folder / "home"), "--public-key", str(folder / "public.pem")]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment()
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield RunningDaemon(**json.loads(line), process=process, home=folder / "home")
    finally:
        stop(process)


@pytest.fixture(scope="module")
def token(service: RunningDaemon, key: rsa.RSAPrivateKey) -> str:
    """A token got with an assertion signed by a key pair."""
    url = f"{service.url}/v2/oauth2/token"
    claims = {"sub": "me@example.org", "aud": url, "exp": int(time.time()) + 60}
    form = {
        "grant_type": JWT_GRANT,
        "assertion": jwt.encode(claims, key, algorithm="RS256"),
        "valid_for": "3600",
    }
    answer = requests.post(url, data=form, timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@pytest.fixture(scope="module")
def session(token: str) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        session.headers["Cache-Control"] = "no-cache"
        yield session


@pytest.fixture(scope="module")
def weather(folder: Path) -> Path:
    """A labelled file without a header row."""
    path = folder / "weather.csv"
    text = io.StringIO()
    rows = [(text, noun) for text in SENTENCES for noun in NOUNS if noun in text]
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


def wait_for_training(service: RunningDaemon, token: str, model_id: str) -> Json:
    url = f"{service.url}/v2/language/train/{model_id}"
    headers = {"Authorization": f"Bearer {token}"}
    before = 0.0

    def ended() -> Json | None:
        nonlocal before
        status: Json = requests.get(url, headers=headers, timeout=30).json()
        assert status["progress"] >= before, str(status)
        before = status["progress"]
        return status if status["status"] not in ("QUEUED", "RUNNING") else None

    status = wait_until(ended)
    assert status["status"] == "SUCCEEDED", status
    return status


@pytest.fixture(scope="module")
def dataset(service: RunningDaemon, session: requests.Session, weather: Path) -> int:
    """A data set, made by ``requests`` with ``files=`` for everything."""
    files: Any = {
        "type": ("type", "text-intent"),
        "name": (None, "Weather"),
        "language": ("language", "en_US", "text/plain; charset=UTF-8"),
        "data": ("weather.csv", weather.read_bytes(), "text/csv"),
    }
    url = f"{service.url}/v2/language/datasets/upload/sync"
    answer = session.post(url, files=files)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["name"], body["available"], body["totalExamples"]) == ("Weather", True, 80)
    return int(body["id"])


@pytest.fixture(scope="module")
def model(service: RunningDaemon, session: requests.Session, token: str, dataset: int) -> str:
    """A trained model, its parameters sent as files by ``requests``."""
    files: Any = {
        "datasetId": ("datasetId", str(dataset), "application/octet-stream"),
        "name": ("name", "Weather model"),
        "epochs": ("epochs", "5"),
        "trainParams": ("trainParams", '{"trainSplitRatio": "0.7"}', "application/json"),
    }
    answer = session.post(f"{service.url}/v2/language/train", files=files)
    assert answer.status_code == 200, answer.text
    model_id = str(answer.json()["modelId"])
    assert wait_for_training(service, token, model_id)["trainParams"] == {"trainSplitRatio": "0.7"}
    return model_id


# --- requests --------------------------------------------------------------------------------


def test_2_plain_parameters_as_files(
    service: RunningDaemon, session: requests.Session, model: str
) -> None:
    # A bare text in files= gets the field's name as its file name.
    files = {"modelId": model, "document": "where is my parcel today", "numResults": "2"}
    answer = session.post(f"{service.url}/v2/language/intent", files=files)
    assert answer.status_code == 200, answer.text
    found = answer.json()["probabilities"]
    assert [len(found), found[0]["label"]] == [2, "parcel"]
    again = session.post(f"{service.url}/v2/language/intent", data=files)
    assert again.json() == answer.json()
    as_json = session.post(f"{service.url}/v2/language/intent", json={**files, "numResults": 2})
    assert as_json.json() == answer.json()


@pytest.mark.parametrize("ending", ["/", "%20", "/%20", "//", "%20/"])
def test_2_slashes_and_spaces_in_a_path(
    service: RunningDaemon, session: requests.Session, model: str, dataset: int, ending: str
) -> None:
    for path in (
        "datasets",
        f"datasets/{dataset}",
        f"datasets/{dataset}/examples",
        f"train/{model}",
        f"models/{model}/lc",
    ):
        url = f"{service.url}/v2/language/{path}"
        plain, decorated = session.get(url), session.get(url + ending)
        assert (plain.status_code, decorated.status_code) == (200, 200)
        assert plain.json() == decorated.json()
        doubled = session.get(
            f"{service.url}//v2//language/{path}{ending}?count=100%20&offset=%200"
        )
        assert doubled.json() == plain.json()


@pytest.mark.parametrize("chunked", [False, True])
def test_5_a_file_that_is_too_large(
    service: RunningDaemon, session: requests.Session, chunked: bool
) -> None:
    url = f"{service.url}/v2/language/datasets/upload"
    row = b"where is my parcel today,parcel\n"
    data = row * (26_000_000 // len(row))
    files: Any = {"type": (None, "text-intent"), "data": ("large.csv", data)}
    request = session.prepare_request(requests.Request("POST", url, files=files))
    if chunked:
        assert isinstance(request.body, bytes)
        body = request.body
        request.body = (body[at : at + 100_000] for at in range(0, len(body), 100_000))
        del request.headers["Content-Length"]
        request.headers["Transfer-Encoding"] = "chunked"
    answer = session.send(request)
    assert answer.status_code == 400
    assert "25,000,000 bytes" in answer.json()["message"]
    # The connection is still good.
    assert session.get(f"{service.url}/v2/language/datasets").status_code == 200


def test_2_large_bodies_that_are_no_files(
    service: RunningDaemon, session: requests.Session
) -> None:
    url = f"{service.url}/v2/language/datasets/upload"
    answer = session.post(url, data={"type": "text-intent", "data": "a,b\n" * 600_000})
    assert answer.status_code == 400
    assert "multipart/form-data" in answer.json()["message"]
    answer = session.post(f"{service.url}/v2/language/intent", json={"document": "x" * 2_200_000})
    assert answer.status_code == 400
    assert "limit" in answer.json()["message"]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('filename="Wetter für morgen.csv"', "Wetter für morgen"),
        ("filename*=UTF-8''Wetter%20f%C3%BCr%20morgen.csv", "Wetter für morgen"),
        ('filename="C:\\\\data\\\\weather.tsv"', "weather"),
        ('filename="weather.2024.json"', "weather.2024"),
        ("filename=weather.csv", "weather"),
        ('filename=""', "dataset"),
    ],
)
def test_6_the_name_comes_from_the_file(
    service: RunningDaemon, token: str, disposition: str, name: str
) -> None:
    rows = {"tsv": "a\tb\r\nc\td", "json": '{"intents": {"b": ["a"], "d": ["c"]}}'}
    kind = next((kind for kind in rows if kind in disposition), "")
    lines = [
        *(f"--{BOUNDARY}", 'Content-Disposition: form-data; name="type"', "", "text-intent"),
        *(f"--{BOUNDARY}", f'Content-Disposition: form-data; name="data"; {disposition}'),
        *("Content-Type: application/octet-stream", "", rows.get(kind, "a,b\r\nc,d")),
        f"--{BOUNDARY}--",
    ]
    body = "\r\n".join([*lines, ""]).encode()
    path, content_type = (
        "/v2/language/datasets/upload/sync",
        f"multipart/form-data; boundary={BOUNDARY}",
    )
    status, data = send_by_hand(service, token, path, body, content_type)
    assert (status, data.get("name"), data.get("totalExamples")) == (200, name, 2), data


# --- a body by hand --------------------------------------------------------------------------


def padded(text: str) -> str:
    """Pad as the vendor's Apex code does: until the line and its end are whole in base64."""
    while len(f"{text}\r\n".encode()) % 3:
        text += " "
    return text


def by_hand(fields: dict[str, str], *, end: str = "\r\n") -> bytes:
    lines = []
    for name, value in fields.items():
        lines += [f"--{BOUNDARY}", padded(f'Content-Disposition: form-data; name="{name}"')]
        lines += ["", padded(value)]
    return ("\r\n".join([*lines, f"--{BOUNDARY}--"]) + end).encode()


def send_by_hand(
    service: RunningDaemon, token: str, path: str, body: bytes, content_type: str
) -> tuple[int, Json]:
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=30)
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {token}"}
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    data = json.loads(answer.read())
    connection.close()
    return answer.status, data


@pytest.mark.parametrize(
    "content_type",
    [
        f'multipart/form-data; charset="UTF-8"; boundary="{BOUNDARY}"',
        f"multipart/form-data; boundary={BOUNDARY}",
        f"Multipart/Form-Data;boundary={BOUNDARY};charset=utf-8",
        f'multipart/form-data; boundary="{BOUNDARY}"  ',
    ],
)
@pytest.mark.parametrize("end", ["\r\n", ""])
def test_2_a_multipart_body_by_hand(
    service: RunningDaemon, token: str, model: str, content_type: str, end: str
) -> None:
    fields = {"modelId": model, "document": "I lost my password", "numResults": "1"}
    body = by_hand({name: f"  {value}  " for name, value in fields.items()}, end=end)
    # As Apex puts it together, from parts in base64.
    body = base64.b64decode(base64.b64encode(body))
    status, data = send_by_hand(service, token, "/v2/language/intent", body, content_type)
    assert (status, data["probabilities"][0]["label"]) == (200, "password")
    assert data["object"] == "predictresponse"


def test_2_training_by_hand(service: RunningDaemon, token: str, dataset: int) -> None:
    fields = {
        "name": "By hand",
        "datasetId": f"{dataset}   ",
        "epochs": " 2 ",
        "trainParams": ' {"trainSplitRatio": 0.6}  ',
    }
    content_type = f'multipart/form-data; charset="UTF-8"; boundary="{BOUNDARY}"'
    status, data = send_by_hand(
        service, token, "/v2/language/train/ ".strip(), by_hand(fields), content_type
    )
    assert (status, data.get("status")) == (200, "QUEUED"), data
    assert data["name"] == "By hand"
    ended = wait_for_training(service, token, data["modelId"])
    assert ended["trainStats"]["trainSplitSize"] == 48


@pytest.mark.parametrize("document", ["żółć — 日本語 🙂", "two\r\nlines", '"quoted", = & + %20'])
def test_2_values_are_not_changed(
    service: RunningDaemon, session: requests.Session, model: str, document: str
) -> None:
    fields = {"modelId": model, "document": "x", "sampleId": document}
    url = f"{service.url}/v2/language/intent"
    for body in ({"data": fields}, {"files": fields}, {"json": fields}):
        answer = session.post(url, **body)  # type: ignore[arg-type]
        assert answer.json()["sampleId"] == document


# --- curl, as the vendor's pages write it ----------------------------------------------------


def curl(line: str, folder: Path) -> Json:
    done = subprocess.run(
        ["curl", "--silent", "--show-error", *shlex.split(line)[1:]],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        timeout=60,
    )
    data: Json = json.loads(done.stdout)
    return data


HEADERS = (
    '-H "Authorization: Bearer {token}" -H "Cache-Control: no-cache" '
    '-H "Content-Type: multipart/form-data" '
)
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@needs_curl
def test_10_retraining_by_curl(
    service: RunningDaemon, token: str, model: str, folder: Path
) -> None:
    line = f'curl -X POST {HEADERS} -F "modelId={model}" {service.url}/v2/language/retrain'
    answer = curl(line.format(token=token), folder)
    assert answer["modelId"] == model
    assert (answer["status"], answer["trainStats"]) == ("QUEUED", None)
    assert answer["object"] == "training"
    wait_for_training(service, token, model)


@needs_curl
def test_7_to_13_a_model_by_curl(
    service: RunningDaemon, key: rsa.RSAPrivateKey, folder: Path, weather: Path
) -> None:
    claims = {
        "sub": "me@example.org",
        "aud": "https://api.einstein.ai/v2/oauth2/token",
        "exp": time.time() + 900,
    }
    assertion = jwt.encode(claims, key, algorithm="RS256")
    line = 'curl -H "Content-type: application/x-www-form-urlencoded" -X POST '
    line += f'{service.url}/v2/oauth2/token -d "grant_type={JWT_GRANT}&assertion={assertion}"'
    token = curl(line, folder)["access_token"]
    headers = HEADERS.format(token=token)
    base = f"{service.url}/v2/language"

    line = f'curl -X POST {headers} -F "type=text-intent" -F "data=@{weather.name}" '
    data = curl(f"{line} {base}/datasets/upload", folder)
    assert (data["name"], data["object"]) == ("weather", "dataset")

    def loaded() -> Json | None:
        asked = curl(f"curl -X GET {headers} {base}/datasets/{data['id']}", folder)
        return asked if asked["available"] else None

    assert wait_until(loaded)["statusMsg"] == "SUCCEEDED"
    line = f'curl -X POST {headers} -F "name=By curl" -F "datasetId={data["id"]}" '
    line += '-F "trainParams={\\"trainSplitRatio\\": 0.7}" -F epochs=3 '
    training = curl(f"{line} {base}/train", folder)
    assert training["trainParams"] == {"trainSplitRatio": 0.7}
    wait_for_training(service, token, training["modelId"])
    line = f'curl -X POST {headers} -F "modelId={training["modelId"]}" '
    line += f'-F "document=who has my invoice" {base}/intent'
    assert curl(line, folder)["probabilities"][0]["label"] == "invoice"
    metrics = curl(f"curl -X GET {headers} {base}/models/{training['modelId']}", folder)
    assert metrics["object"] == "metrics"


# --- a client generated from a description ---------------------------------------------------


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A package that openapi-python-client made from our description; its name."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "description.json").write_text(json.dumps(description()))
    (folder / "config.yaml").write_text("post_hooks: []\n")
    name = "einstein_generated_client"
    code = "from openapi_python_client.cli import app; app()"
    command = [sys.executable, "-c", code, "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--path", "description.json", "--config", "config.yaml", "--output-path", name]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    sys.path.insert(0, str(folder))
    try:
        yield name
    finally:
        sys.path.remove(str(folder))
        for module in [module for module in sys.modules if module.split(".")[0] == name]:
            del sys.modules[module]


class Generated:
    """Calls of the generated client by operation id."""

    def __init__(self, package: str, url: str, token: str) -> None:
        self._package = package
        client = importlib.import_module(f"{package}.client").AuthenticatedClient
        self._client = client(
            base_url=url, token=token, timeout=httpx.Timeout(30), verify_ssl=False
        )

    def __enter__(self) -> Generated:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.get_httpx_client().close()

    def model(self, name: str, /, **fields: object) -> Any:
        """Make one of the client's own objects."""
        return getattr(importlib.import_module(f"{self._package}.models"), name)(**fields)

    def file(self, content: bytes, name: str) -> Any:
        """Make the client's object for a file."""
        types = importlib.import_module(f"{self._package}.types")
        return types.File(payload=io.BytesIO(content), file_name=name, mime_type="text/csv")

    def call(self, operation: str, *path: object, status: int = 200, **arguments: Any) -> Any:
        """Call; the answer is one of the client's own objects, all required fields there."""
        module = importlib.import_module(f"{self._package}.api.language.{operation}")
        answer = module.sync_detailed(*path, client=self._client, **arguments)
        assert answer.status_code == status, answer.content
        return answer.parsed


def test_3_a_generated_client_gets_tokens(
    service: RunningDaemon, token: str, key: rsa.RSAPrivateKey, generated: str
) -> None:
    with Generated(generated, service.url, token) as client:
        claims = {"sub": "me", "aud": f"{service.url}/v2/oauth2/token", "exp": time.time() + 60}
        assertion = jwt.encode(claims, key, algorithm="RS256")
        body = client.model(
            "GetTokenBody",
            grant_type=JWT_GRANT,
            assertion=assertion,
            scope="offline",
            valid_for=600,
        )
        got = client.call("get_token", body=body)
        assert (got.token_type, got.expires_in) == ("Bearer", 600)
    with Generated(generated, service.url, got.access_token) as client:
        body = client.model(
            "GetTokenBody", grant_type="refresh_token", refresh_token=got.refresh_token
        )
        assert client.call("get_token", body=body).expires_in == 60
        client.call("revoke_token", got.refresh_token, status=204)
        assert "message" in client.call("revoke_token", got.refresh_token, status=404).to_dict()


def test_3_a_generated_client_makes_all_other_calls(
    service: RunningDaemon, token: str, weather: Path, generated: str
) -> None:
    with Generated(generated, service.url, token) as client:
        make_all_calls(
            client, weather, lambda model_id: wait_for_training(service, token, model_id)
        )


def make_all_calls(client: Generated, weather: Path, wait: Callable[[str], object]) -> None:
    # The data as a plain string, with no file name: name and format come from elsewhere.
    body = client.model(
        "UploadBody", type_="text-intent", data=weather.read_text("utf-8"), name="Generated"
    )
    dataset = client.call("upload", body=body)
    assert (dataset.available, dataset.status_msg, dataset.name) == (
        False,
        "UPLOADING",
        "Generated",
    )
    wait_until(lambda: client.call("get_dataset", dataset.id).available)
    more = client.model("AddExamplesBody", data=client.file(b"my kite is lost,kite\n", "k.csv"))
    dataset = client.call("add_examples", dataset.id, body=more)
    assert [label.name for label in dataset.label_summary.labels] == [*NOUNS, "kite"]
    now = client.model(
        "UploadSyncBody",
        type_="text-sentiment",
        data=client.file(b"good,positive\nbad,negative\n", "moods.csv"),
    )
    moods = client.call("upload_sync", body=now)
    assert (moods.name, moods.total_examples, moods.total_labels) == ("moods", 2, 2)
    assert {each.id for each in client.call("get_datasets").data} >= {dataset.id, moods.id}
    examples = client.call("get_examples", dataset.id, count=3, source="upload").data
    assert [example.name for example in examples] == ["text-intent"] * 3
    kites = client.call("get_label_examples", label_id=4, dataset_id=dataset.id).data
    assert [kite.location for kite in kites] == ["my kite is lost"]

    body = client.model("TrainBody", dataset_id=dataset.id, name="Generated", epochs=3)
    training = client.call("train", body=body)
    assert (training.train_params, training.train_stats) == (None, None)
    model_id = training.model_id
    wait(model_id)
    trained = client.call("get_status", model_id)
    assert trained.train_stats.labels == 5
    assert [each.model_id for each in client.call("get_models", dataset.id).data] == [model_id]
    metrics = client.call("get_metrics", model_id).metrics_data
    assert metrics.labels == [*NOUNS, "kite"]
    curve = client.call("get_curve", model_id, count=25).data
    assert [each.epoch for each in curve] == list(range(1, len(curve) + 1))

    body = client.model(
        "PredictIntentBody", model_id=model_id, document="I lost my password", num_results=2
    )
    found = client.call("predict_intent", body=body).probabilities
    assert (len(found), found[0].label) == (2, "password")
    body = client.model(
        "GiveFeedbackBody", model_id=model_id, document="fly it high", expected_label="kite"
    )
    assert client.call("give_feedback", body=body).label.name == "kite"
    params = json.dumps({"withFeedback": True, "trainSplitRatio": 0.6})
    body = client.model("RetrainBody", model_id=model_id, epochs=2, train_params=params)
    assert client.call("retrain", body=body).model_id == model_id
    wait(model_id)
    retrained = client.call("get_status", model_id)
    assert retrained.train_params.additional_properties == json.loads(params)
    assert retrained.train_stats.examples == trained.train_stats.examples + 1
    body = client.model(
        "PredictSentimentBody", model_id="CommunitySentiment", document="I love it", sample_id="7"
    )
    assert client.call("predict_sentiment", body=body).sample_id == "7"
    assert client.call("get_usage").data[-1].predictions_used >= 2

    deletion = client.call("delete_model", model_id)
    assert (deletion.type_, deletion.status, deletion.deleted_object_id) == (
        "MODEL",
        "SUCCEEDED",
        model_id,
    )
    assert client.call("get_deletion", deletion.id).id == deletion.id
    assert client.call("delete_dataset", dataset.id).type_ == "DATASET"
    assert "message" in client.call("get_dataset", dataset.id, status=404).to_dict()
