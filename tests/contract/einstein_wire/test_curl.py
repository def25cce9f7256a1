"""Command lines of curl, as the vendor's pages write them."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.contract.einstein_wire.calls import (
    JWT_GRANT,
    Json,
    wait_for_training,
)
from tests.daemon_process import RunningDaemon, wait_until


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
