"""Files of Einstein's data sets: a service that is killed goes on, and one that loads answers."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from nbtrain.daemon.dataset_store import add_dataset, add_examples
from nbtrain.daemon.store import DATABASE, Store
from nbtrain.protocols.einstein_access import FILE_BYTES
from nbtrain.protocols.einstein_dataset_forms import UploadForm
from nbtrain.protocols.einstein_datasets import SYNC_UPLOAD_PATH, UPLOAD_PATH, dataset_path
from nbtrain.protocols.einstein_files import read_examples
from tests.daemon_process import RunningDaemon, start_daemon, wait_until

ROW = "a text of some length to fill the file, number {}"


def csv(rows: int, repeats: int = 0) -> bytes:
    """Return a file of so many different texts in 7 labels, the first few of them twice."""
    numbers = [*range(rows), *range(repeats)]
    return "".join(f'"{ROW.format(n)}",label {n % 7}\n' for n in numbers).encode()


def upload(client: httpx.Client, data: bytes, path: str = UPLOAD_PATH) -> dict[str, Any]:
    files = {"data": ("big.csv", data), "type": (None, b"text-intent")}
    answer = client.post(path, files=files)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def get(client: httpx.Client, dataset: int) -> dict[str, Any]:
    answer = client.get(dataset_path(dataset))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def kill(daemon: RunningDaemon) -> None:
    daemon.process.kill()
    daemon.process.wait()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_a_file_survives_a_service_that_is_killed(tmp_path: Path) -> None:
    """Section 7.1: an upload that was answered is loaded, each row once, whatever happens."""
    rows, repeats = 60_000, 500
    with start_daemon(tmp_path) as daemon, daemon.client() as client:
        dataset = upload(client, csv(rows, repeats))["id"]
        kill(daemon)
    for pause in (0.5, 1.0):
        with start_daemon(tmp_path) as daemon:
            time.sleep(pause)
            kill(daemon)
    with start_daemon(tmp_path) as daemon, daemon.client() as client:
        body = wait_until(lambda: _available(client, dataset))
        assert body["totalExamples"] == rows
        assert body["numOfDuplicates"] == repeats
        assert [label["id"] for label in body["labelSummary"]["labels"]] == list(range(7))
        last = {"offset": rows - 1, "count": 5}
        found = client.get(f"{dataset_path(dataset)}/examples", params=last).json()["data"]
        assert [example["location"] for example in found] == [ROW.format(rows - 1)]
        wait_until(lambda: not list((tmp_path / "datasets").iterdir()))


def test_a_file_goes_on_where_an_earlier_service_was(tmp_path: Path) -> None:
    """Rows that are examples already are neither added again nor counted as duplicates."""
    data = csv(3000, repeats=10)
    folder = tmp_path / "datasets" / str(uuid4())
    folder.mkdir(parents=True)
    (folder / "data").write_bytes(data)
    store = Store(tmp_path / DATABASE)
    form = UploadForm("text-intent")
    dataset, upload = add_dataset(store, form, "big", folder.name, "big.csv")
    rows = list(read_examples(folder / "data", "big.csv"))
    assert add_examples(store, upload.upload_id, rows[:1500])
    store.close()
    with start_daemon(tmp_path) as daemon, daemon.client() as client:
        body = wait_until(lambda: _available(client, dataset.dataset_id))
        assert (body["totalExamples"], body["numOfDuplicates"]) == (3000, 10)


def _available(client: httpx.Client, dataset: int) -> dict[str, Any] | None:
    body = get(client, dataset)
    assert body["statusMsg"] in ("UPLOADING", "SUCCEEDED")
    return body if body["available"] else None


def test_an_addition_survives_a_service_that_is_killed(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon, daemon.client() as client:
        dataset = upload(client, b"a,x\nb,y\n", SYNC_UPLOAD_PATH)["id"]
        path = f"{dataset_path(dataset)}/upload"
        with pytest.raises(httpx.HTTPError):
            client.put(path, files={"data": ("big.csv", csv(60_000))}, timeout=0.7)
        kill(daemon)
    with start_daemon(tmp_path) as daemon, daemon.client() as client:
        body = wait_until(lambda: _available(client, dataset))
        # Either the file had come, and is loaded as a whole, or it had not.
        assert body["totalExamples"] in (2, 60_002)


def test_half_a_file_is_removed(tmp_path: Path) -> None:
    """What was never answered is not kept."""
    folder = tmp_path / "datasets" / "5b3f5e0e-7f06-4a0f-8a57-6f1f3e2b7a11"
    folder.mkdir(parents=True)
    (folder / "data").write_bytes(b"a,x\n")
    other = tmp_path / "datasets" / "mine"
    other.mkdir()
    with start_daemon(tmp_path):
        assert not folder.exists()
        assert other.exists()


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_largest_file_stays_within_bounds(tmp_path: Path, form: str) -> None:
    """Section 5: 25 MB are loaded while others are answered, within 150 MB more of memory."""
    data = csv(FILE_BYTES // (len(ROW) + 19))
    if form == "json":
        texts = ", ".join(f'"{line.split(chr(34))[1]}"' for line in data.decode().splitlines())
        data = f'{{"intents": {{"a": [{texts}]}}}}'.encode()
    assert 0.8 * FILE_BYTES < len(data) <= FILE_BYTES
    with start_daemon(tmp_path) as daemon, daemon.client() as client:
        before = memory(daemon.process.pid)
        files = {"data": (f"big.{form}", data), "type": (None, b"text-intent")}
        dataset = client.post(UPLOAD_PATH, files=files).json()["id"]
        waits = []
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            start = time.monotonic()
            body = get(client, dataset)
            waits.append(time.monotonic() - start)
            if body["available"]:
                break
        assert not body["statusMsg"].startswith("FAILED"), body["statusMsg"]
        assert sorted(waits)[len(waits) // 2] < 1.0
        assert memory(daemon.process.pid) - before < 150 * 1024
        # A data set that is still coming in can be deleted, and goes without blocking others.
        assert client.delete(dataset_path(dataset)).status_code == 200
        assert client.get(dataset_path(dataset)).status_code == 404
        wait_until(lambda: not list((tmp_path / "datasets").iterdir()))


def memory(pid: int) -> int:
    """Return the largest memory that a process has had, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    raise AssertionError(f"process {pid} has ended")
