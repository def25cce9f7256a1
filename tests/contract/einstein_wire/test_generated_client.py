"""All calls by a client that is generated from a description of the protocol."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.contract.einstein_openapi import description
from tests.contract.einstein_wire.calls import (
    JWT_GRANT,
    NOUNS,
    wait_for_training,
)
from tests.daemon_process import RunningDaemon, wait_until


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
