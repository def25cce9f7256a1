"""Training requests as the vendor documents them, and as its clients really send them."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from nbtrain.protocols.knovvu import (
    OLD_TRAIN_PATH,
    TRAIN_PATH,
    is_still_training,
    progress_path,
    still_training_message,
)
from nbtrain.protocols.local import PREFIX
from tests.daemon_process import (
    FIELDS,
    SENTENCES,
    RunningDaemon,
    freeze,
    intents,
    start_daemon,
    thaw,
    wait_until,
)

DATA = intents(SENTENCES)
FILES = {"dataFile": ("data.json", DATA)}
DIALOGUES = json.dumps(
    [
        {"dialogueId": f"c-{n}", "turns": [{"speaker": "customer", "text": text}]}
        for n, text in enumerate(SENTENCES)
    ]
).encode()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


def part(name: str, value: bytes, *headers: str, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    lines = [f'Content-Disposition: form-data; name="{name}"{named}', *headers]
    return "\r\n".join(["--limit", *lines, "", ""]).encode() + value + b"\r\n"


def send(client: httpx.Client, *parts: bytes, end: bytes = b"--limit--\r\n") -> httpx.Response:
    header = {"Content-Type": "multipart/form-data; boundary=limit"}
    return client.post(TRAIN_PATH, content=b"".join(parts) + end, headers=header)


def members_of(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 400, answer.text
    listed = answer.json()["error"]["validationErrors"]
    assert all(entry["message"] for entry in listed)
    return [member for entry in listed for member in entry["members"]]


# --- accepted --------------------------------------------------------------------------------


def test_an_experiment_object_answers(daemon: RunningDaemon) -> None:
    answer = daemon.train(modelId="experiment", randomState="7")
    assert answer.status_code == 200
    body = answer.json()
    assert {key: body[key] for key in ("name", "description", "endpoints")} == {
        "name": "experiment",
        "description": "CA",
        "endpoints": [],
    }
    assert body["trainingParams"] == {**FIELDS, "modelId": "experiment", "randomState": "7"}
    assert (body["status"], body["statusMessage"], body["percent"]) == (0, "Initialized", 0)
    for uuid in (body["id"], body["projectId"], body["moduleVersionId"]):
        assert str(UUID(uuid)) == uuid
    [mapping] = body["experimentDatasetMappings"]
    assert mapping["experimentId"] == body["id"]
    status = daemon.wait_for(body["id"])
    assert (status["state"], status["model_id"]) == ("succeeded", "experiment")
    assert (daemon.home / "runs" / body["id"] / "data.json").read_bytes() == DATA


def test_the_old_path_works_and_says_that_it_is_old(client: httpx.Client) -> None:
    fields = {**FIELDS, "modelId": "old-path"}
    answer = client.post(OLD_TRAIN_PATH, data=fields, files=FILES)
    assert (answer.status_code, answer.headers["deprecation"]) == (200, "@1735689600")
    answer = client.post(OLD_TRAIN_PATH, data={}, files=FILES)
    assert (answer.status_code, answer.headers["deprecation"]) == (400, "@1735689600")
    answer = client.post(TRAIN_PATH, data={}, files=FILES)
    assert "deprecation" not in answer.headers
    old = progress_path("old-path").replace("api/external/", "api/app/external-")
    answer = client.get(old)
    assert (answer.status_code, answer.headers["deprecation"]) == (200, "@1735689600")


def test_scalar_parts_with_filenames_as_some_clients_send(client: httpx.Client) -> None:
    fields = {**FIELDS, "modelId": "all-files"}
    files = {name: (f"{name}.txt", value.encode()) for name, value in fields.items()}
    assert client.post(TRAIN_PATH, files={**files, **FILES}).status_code == 200


def test_the_data_without_a_filename(client: httpx.Client) -> None:
    parts = [part(name, value.encode()) for name, value in FIELDS.items() if name != "modelId"]
    answer = send(client, part("modelId", b"no-filename"), *parts, part("dataFile", DATA))
    assert answer.status_code == 200, answer.text


def test_data_first_types_and_empty_filename(client: httpx.Client) -> None:
    parts = [
        part(name, value.encode(), "Content-Type: text/plain; charset=utf-8")
        for name, value in {**FIELDS, "modelId": "data-first"}.items()
    ]
    json_type = "Content-Type: application/json"
    answer = send(client, part("dataFile", DATA, json_type, filename=""), *parts)
    assert answer.status_code == 200, answer.text


def test_quotes_and_space_round_values(daemon: RunningDaemon) -> None:
    answer = daemon.train(
        modelId='"quoted"', languageCode=' "en-US"  ', numClusters='"4" ', dataSchema="intent\r\n"
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == "quoted"
    assert answer.json()["trainingParams"]["languageCode"] == "en-US"
    assert daemon.wait_for("quoted")["state"] == "succeeded"


def test_the_vendors_curl_line(daemon: RunningDaemon, tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    data = tmp_path / "data.json"
    data.write_bytes(DATA)
    command = [curl, "--silent", "--show-error", "--location", "--request", "POST"]
    command += [daemon.url + TRAIN_PATH, "--header", f"Authorization: Bearer {daemon.token()}"]
    for field in (
        r'modelId="\"curl-model\""',
        'productName="CA"',
        r'languageCode="\"tr-TR\""',
        'dataSchema="intent"',
        f'dataFile=@"{data}"',
        r'numClusters="\"0\""',
        'forceTrain="true"',
    ):
        command += ["--form", field]
    answer = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert answer["name"] == "curl-model", answer
    assert answer["trainingParams"]["languageCode"] == "tr-TR"
    assert daemon.wait_for("curl-model")["state"] == "succeeded"


def test_a_larger_file_comes_through_whole(daemon: RunningDaemon) -> None:
    texts = [f"{text} {n}" for n in range(900) for text in SENTENCES]
    data = intents(texts)
    assert len(data) > 3_000_000
    run_id = daemon.train(texts, modelId="large").json()["id"]
    with daemon.client() as client:
        client.post(f"{PREFIX}/runs/{run_id}/cancel")
    assert (daemon.home / "runs" / run_id / "data.json").read_bytes() == data


def test_dialogues_with_labelled_intents(daemon: RunningDaemon, client: httpx.Client) -> None:
    fields = {**FIELDS, "modelId": "both", "dataSchema": "dialogue", "numClusters": "6"}
    labelled = json.dumps([{"Label": "lost", "Text": "I lost my card"}] * 3).encode()
    files = {"dataFile": ("d.json", DIALOGUES), "secondaryDataFile": ("i.json", labelled)}
    answer = client.post(TRAIN_PATH, data={**fields, "secondaryDataSchema": "intent"}, files=files)
    assert answer.status_code == 200, answer.text
    assert daemon.wait_for("both")["state"] == "succeeded"
    result = client.get(f"{PREFIX}/runs/both/result").json()
    assert "lost" in [cluster["name"] for cluster in result["clusters"]]


def test_unknown_fields_are_passed_over(daemon: RunningDaemon) -> None:
    answer = daemon.train(modelId="unknown-field", callbackClientSecret="not-to-be-kept")
    assert answer.status_code == 200
    assert "not-to-be-kept" not in answer.text


# --- refused ---------------------------------------------------------------------------------


def test_every_bad_field_is_named(client: httpx.Client) -> None:
    fields = {
        "modelId": "-Bad_",
        "languageCode": "en-GB",
        "dataSchema": "intent",
        "numClusters": "-3",
        "llm": "gemini",
        "forceTrain": "maybe",
        "randomState": "1.5",
        "turns": "client",
        "unit": "word",
    }
    answer = client.post(TRAIN_PATH, data=fields, files={"dataFile": ("d", b'[{"Label": "x"}]')})
    assert set(members_of(answer)) == {*fields, "productName", "dataFile"} - {"dataSchema"}
    assert answer.json()["error"]["message"] == "Your request is not valid."


def test_only_dialogues_have_turns(client: httpx.Client) -> None:
    fields = {**FIELDS, "modelId": "no-turns", "turns": "agent", "unit": "utterance"}
    answer = client.post(TRAIN_PATH, data=fields, files=FILES)
    assert set(members_of(answer)) == {"turns", "unit"}
    assert "Only dialogues have turns" in answer.text
    assert client.get(progress_path("no-turns")).status_code == 404


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", ""),
        (b"[]", "0 documents"),
        (b'[{"Text": "one"}]', "1 documents"),
        (b'[{"Text": "one"}, {"Text": "  "}]', "1 documents"),
        (b'[{"Text": "one"}, {"Text": 2}]', ""),
        (b'[{"Text": "one"}, ', ""),
        (b"Text,Label\none,two\n", ""),
        (b'[{"Text": "\xff\xfe"}, {"Text": "one"}]', ""),
        (DIALOGUES, ""),
    ],
)
def test_bad_data_are_refused_before_they_are_acknowledged(
    client: httpx.Client, data: bytes, word: str
) -> None:
    fields = {**FIELDS, "modelId": "bad-data", "numClusters": "0"}
    answer = client.post(TRAIN_PATH, data=fields, files={"dataFile": ("data.json", data)})
    assert set(members_of(answer)) == {"dataFile"}
    assert word in answer.text
    assert "/runs/" not in answer.text
    assert client.get(progress_path("bad-data")).status_code == 404


def test_more_clusters_than_texts(client: httpx.Client) -> None:
    fields = {**FIELDS, "numClusters": str(len(SENTENCES) + 1)}
    answer = client.post(TRAIN_PATH, data=fields, files=FILES)
    assert members_of(answer) == ["numClusters"]
    assert str(len(SENTENCES)) in answer.text


def test_missing_parts(client: httpx.Client) -> None:
    no_data = client.post(TRAIN_PATH, files={name: (None, value) for name, value in FIELDS.items()})
    assert members_of(no_data) == ["dataFile"]
    fields = {**FIELDS, "dataSchema": "dialogue"}
    files = {"dataFile": ("d.json", DIALOGUES)}
    answer = client.post(TRAIN_PATH, data={**fields, "secondaryDataSchema": "intent"}, files=files)
    assert members_of(answer) == ["secondaryDataFile"]
    both = {**files, "secondaryDataFile": ("i.json", DATA)}
    answer = client.post(TRAIN_PATH, data=fields, files=both)
    assert members_of(answer) == ["secondaryDataSchema"]
    bad = {**files, "secondaryDataFile": ("i.json", b"{")}
    answer = client.post(TRAIN_PATH, data={**fields, "secondaryDataSchema": "intent"}, files=bad)
    assert members_of(answer) == ["secondaryDataFile"]


def test_fields_sent_twice_or_far_too_long(client: httpx.Client) -> None:
    parts = [part(name, value.encode()) for name, value in FIELDS.items()]
    answer = send(client, *parts, part("modelId", b"other"), *[part("dataFile", DATA)] * 2)
    assert sorted(members_of(answer)) == ["dataFile", "modelId"]
    answer = send(client, *parts, part("llm", b"x" * 20_000), part("dataFile", DATA))
    assert set(members_of(answer)) == {"llm"}


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("application/x-www-form-urlencoded", b"modelId=a", 415),
        (None, b"x", 415),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=limit", b"", 400),
        ("multipart/form-data; boundary=limit", b"nonsense", 400),
        ("multipart/form-data; boundary=limit", part("modelId", b"cut off"), 400),
        ("multipart/form-data; boundary=limit", b"--limit\r\n\r\nno name\r\n--limit--\r\n", 400),
        ("multipart/form-data; boundary=limit", part("x", b"") * 200 + b"--limit--\r\n", 400),
    ],
)
def test_bodies_that_are_no_form(
    client: httpx.Client, content_type: str | None, body: bytes, status: int
) -> None:
    header = {"Content-Type": content_type} if content_type else {}
    answer = client.post(TRAIN_PATH, content=body, headers=header)
    assert answer.status_code == status
    assert answer.json()["error"]["message"].endswith(".")


def test_an_upload_that_breaks_off(daemon: RunningDaemon) -> None:
    folders = len(list((daemon.home / "runs").iterdir()))
    address = urlsplit(daemon.url)
    head = (
        f"POST {TRAIN_PATH} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: Bearer {daemon.token()}\r\nContent-Length: 5000\r\n"
        "Content-Type: multipart/form-data; boundary=limit\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode() + part("dataFile", b"[1, 2"))
        wait_until(lambda: len(list((daemon.home / "runs").iterdir())) == folders + 1)
    wait_until(lambda: len(list((daemon.home / "runs").iterdir())) == folders)


def test_refused_requests_leave_nothing_behind(daemon: RunningDaemon, client: httpx.Client) -> None:
    known = {run["run_id"] for run in client.get(f"{PREFIX}/runs").json()["runs"]}
    assert {folder.name for folder in (daemon.home / "runs").iterdir()} == known


# --- the same model again --------------------------------------------------------------------


def test_a_model_in_training_is_not_trained_twice(daemon: RunningDaemon) -> None:
    wait_until(lambda: not daemon.active_runs())
    first = daemon.train(modelId="busy").json()["id"]
    [worker] = wait_until(daemon.worker_pids)
    freeze(worker)
    for force_train in ("true", "false"):
        answer = daemon.train(modelId="busy", forceTrain=force_train)
        message = answer.json()["error"]["message"]
        assert (answer.status_code, message) == (202, still_training_message("busy"))
        assert is_still_training(answer.status_code, message)
    thaw(worker)
    assert daemon.wait_for("busy")["run_id"] == first


def test_of_requests_at_the_same_time_one_wins(daemon: RunningDaemon) -> None:
    texts = SENTENCES * 20
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: daemon.train(texts, modelId="race"), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 202, 202, 202, 202, 202]
    daemon.wait_for("race")


def test_without_force_train_a_trained_model_is_taken_into_service_again(
    daemon: RunningDaemon, client: httpx.Client
) -> None:
    first = daemon.train(modelId="again", forceTrain="false").json()
    assert first["statusMessage"] == "Initialized"  # never trained before, so it is trained
    daemon.wait_for("again")

    def inference_status() -> str | None:
        status: str | None = client.get(progress_path("again")).json()["inferenceStatus"]
        return status

    assert inference_status() == "Pending"
    wait_until(lambda: inference_status() == "Running")
    second = daemon.train(modelId="again", forceTrain="false").json()
    assert (second["id"], second["statusMessage"]) == (first["id"], "Completed")
    assert (second["percent"], second["status"]) == (100, 8)
    assert inference_status() == "Pending"
    third = daemon.train(modelId="again").json()
    assert third["id"] != first["id"]
    daemon.wait_for(third["id"])


def test_a_redeployed_model_is_the_newest_even_after_a_failure(
    daemon: RunningDaemon, client: httpx.Client
) -> None:
    good = daemon.train(modelId="redeployed").json()["id"]
    daemon.wait_for(good)
    bad = daemon.train(["same words"] * 5, modelId="redeployed", numClusters="2").json()["id"]
    assert daemon.wait_for(bad)["state"] == "failed"
    assert client.get(progress_path("redeployed")).json()["trainingStatus"] == "Failed"
    assert daemon.train(modelId="redeployed", forceTrain="false").json()["id"] == good
    assert client.get(progress_path("redeployed")).json()["trainingStatus"] == "Completed"
    assert daemon.status("redeployed")["run_id"] == good
