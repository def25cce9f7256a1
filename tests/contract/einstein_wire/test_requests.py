"""Einstein Language's calls as users of requests write them, against ``nbtrain serve``.

Here and beside this file, numbers are sections of the reference.
"""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.contract.einstein_wire.calls import (
    BOUNDARY,
    send_by_hand,
)
from tests.daemon_process import RunningDaemon


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
