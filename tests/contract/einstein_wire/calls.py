"""What foreign clients of Einstein Language send, and how one waits for a training."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.daemon_process import RunningDaemon, wait_until

Json = dict[str, Any]


NOUNS = ("credit card", "parcel", "password", "invoice")


JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


# What the vendor's own code for Apex sends.
BOUNDARY = "1ff13444ed8140c7a32fc4e6451aa76d"


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
