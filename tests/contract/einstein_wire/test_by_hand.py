"""Bodies put together by hand, as the vendor's own code for Apex does."""

from __future__ import annotations

import base64

import pytest
import requests

from tests.contract.einstein_wire.calls import (
    BOUNDARY,
    send_by_hand,
    wait_for_training,
)
from tests.daemon_process import RunningDaemon


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
