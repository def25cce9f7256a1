"""Fixtures of the tests with foreign clients: ``nbtrain serve``, a token, data, a model."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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

from tests.contract.einstein_wire.calls import (
    JWT_GRANT,
    NOUNS,
    wait_for_training,
)
from tests.daemon_process import SENTENCES, RunningDaemon, environment, stop


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
