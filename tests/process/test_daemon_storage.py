"""A state folder that can't be written to: clear answers, nothing half-written, then work again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nbtrain.daemon.storage import storage_trouble
from nbtrain.protocols.einstein_datasets import SYNC_UPLOAD_PATH, UPLOAD_PATH, dataset_path
from tests.daemon_process import (
    PATIENCE,
    SENTENCES,
    RunningDaemon,
    command,
    environment,
    freeze,
    start_daemon,
    thaw,
    wait_until,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's limits and mounts")

MANY = [f"{text} {n}" for n in range(700) for text in SENTENCES]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("only root can mount a small file system")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)], capture_output=True
    )
    if made.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield tmp_path
    subprocess.run([umount, "--lazy", str(tmp_path)], check=True)


def fill(disk: Path) -> Path:
    """Use up all space; return the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def message_of(answer: httpx.Response) -> str:
    error = answer.json()["error"]
    assert error["message"].endswith(".")
    assert "Traceback" not in answer.text
    return str(error["message"])


def assert_works(daemon: RunningDaemon) -> None:
    assert daemon.train(modelId="afterwards").status_code == 200
    assert daemon.wait_for("afterwards")["state"] == "succeeded"


def test_a_file_above_what_the_system_allows(tmp_path: Path) -> None:
    import resource

    with start_daemon(tmp_path) as daemon:
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        limit = (1_000_000, resource.RLIM_INFINITY)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, limit)
        answer = daemon.train(MANY)
        assert answer.status_code == 507
        assert "File too large" in message_of(answer)
        assert list((tmp_path / "runs").iterdir()) == []
        assert daemon.active_runs() == 0
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, unlimited)
        assert_works(daemon)


def test_a_full_disk(small_disk: Path) -> None:
    with start_daemon(small_disk) as daemon:
        filler = fill(small_disk)
        for texts in (SENTENCES, MANY):
            answer = daemon.train(texts)
            assert answer.status_code == 507
            assert "full" in message_of(answer)
        assert list((small_disk / "runs").iterdir()) == []
        assert daemon.active_runs() == 0
        filler.unlink()
        assert_works(daemon)


def test_no_start_on_a_full_disk(small_disk: Path) -> None:
    fill(small_disk)
    ended = subprocess.run(
        command(small_disk), capture_output=True, text=True, timeout=PATIENCE, env=environment()
    )
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "full" in line


def test_a_disk_that_fills_up_during_training(small_disk: Path) -> None:
    with start_daemon(small_disk) as daemon:
        run_id = daemon.train().json()["id"]
        [worker] = wait_until(daemon.worker_pids)
        freeze(worker)
        filler = fill(small_disk)
        thaw(worker)
        wait_until(lambda: not daemon.worker_pids())
        # What can't be written down isn't told either; but the service answers.
        assert daemon.status(run_id)["state"] == "running"
        filler.unlink()
        status = daemon.wait_for(run_id)
        assert status["state"] == "failed"
        assert "space" in status["message"]
        assert_works(daemon)


def test_a_runs_folder_that_is_gone(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        runs = tmp_path / "runs"
        runs.rmdir()
        runs.write_text("")
        answer = daemon.train()
        assert answer.status_code == 500
        assert "state folder" in message_of(answer)
        runs.unlink()
        runs.mkdir()
        assert_works(daemon)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_runs_folder(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        runs = tmp_path / "runs"
        runs.chmod(0o500)
        answer = daemon.train()
        assert answer.status_code == 500
        assert "Permission denied" in message_of(answer)
        runs.chmod(0o700)
        assert_works(daemon)


def test_a_full_database_is_told_as_a_full_disk() -> None:
    db = sqlite3.connect(":memory:")
    db.execute("PRAGMA max_page_count = 2")
    db.execute("CREATE TABLE t (x)")
    with pytest.raises(sqlite3.Error) as caught:
        db.execute("INSERT INTO t VALUES (?)", ("x" * 100_000,))
    db.close()
    status, message = storage_trouble(caught.value)
    assert status == 507
    assert "full" in message


def test_data_sets_on_a_full_disk(small_disk: Path) -> None:
    row = b'"a text of a data set, number %d",label\n'
    data = b"".join(row % n for n in range(20_000))
    files = {"data": ("big.csv", data), "type": (None, b"text-intent")}
    with start_daemon(small_disk) as daemon, daemon.client() as client:
        # The file fits, but not what becomes of it: a failed data set, and room again.
        dataset = client.post(UPLOAD_PATH, files=files).json()

        def failed() -> str | None:
            answer = client.get(dataset_path(dataset["id"]))
            text = str(answer.json().get("statusMsg", ""))
            return text if text.startswith("FAILED") else None

        assert "full" in wait_until(failed)
        assert not list((small_disk / "datasets").iterdir())
        filler = fill(small_disk)
        for path in (UPLOAD_PATH, SYNC_UPLOAD_PATH):
            answer = client.post(path, files=files)
            assert answer.status_code == 507
            assert "full" in answer.json()["message"]
        filler.unlink()
        files["data"] = ("small.csv", b"a,x\nb,y\n")
        assert client.post(SYNC_UPLOAD_PATH, files=files).json()["available"]
        assert client.delete(dataset_path(dataset["id"])).status_code == 200
