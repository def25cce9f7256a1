"""The service is killed in the middle of a training, and started again."""

from __future__ import annotations

import random
import signal
import sys
import time
import uuid
from pathlib import Path

import pytest

from nbtrain.protocols.local import PREFIX
from tests.daemon_process import (
    RunningDaemon,
    freeze,
    is_alive,
    start_daemon,
    thaw,
    wait_until,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

ORPHAN_LIMIT = 2.0


def hard_texts(count: int) -> list[str]:
    """Make texts without any clusters in them, on which k-means takes long to settle."""
    source = random.Random(5)
    words = ["".join(source.choices("abcdefghiklmnoprstuv", k=6)) for _ in range(800)]
    return [" ".join(source.choices(words, k=7)) for _ in range(count)]


def kill(daemon: RunningDaemon) -> None:
    daemon.process.kill()
    assert daemon.process.wait() == -signal.SIGKILL


def test_kill_9_in_the_middle_of_training(tmp_path: Path) -> None:
    with start_daemon(tmp_path, max_workers=1) as daemon:
        run_id = daemon.train(hard_texts(4000), numClusters="40").json()["id"]
        waiting = daemon.train(modelId="waiting").json()["id"]
        wait_until(lambda: len(daemon.epochs(run_id)) >= 2)
        [worker] = daemon.worker_pids()
        freeze(worker)  # so that nothing new comes between the look and the kill
        before, epochs_before = daemon.status(run_id), daemon.epochs(run_id)
        assert before["state"] == "running"
        half_made = tmp_path / "runs" / str(uuid.uuid4())
        half_made.mkdir()
        (half_made / "data.json").write_text("[")
        kept = tmp_path / "runs" / "my-notes"
        kept.mkdir()
        kill(daemon)
        thaw(worker)
        began = time.monotonic()
        wait_until(lambda: not is_alive(worker), patience=ORPHAN_LIMIT)
        print(f"orphan gone after {time.monotonic() - began:.3f} s")
    began = time.monotonic()
    with start_daemon(tmp_path, max_workers=1) as daemon:
        print(f"service back after {time.monotonic() - began:.3f} s")
        after = daemon.status(run_id)
        assert after["state"] == "running"
        assert after["fraction"] >= before["fraction"]
        assert after["elapsed"] >= before["elapsed"]
        assert daemon.epochs(run_id)[: len(epochs_before)] == epochs_before
        assert daemon.status(waiting)["state"] == "queued"
        assert not half_made.exists()
        assert kept.exists()
        fractions = []

        def ended() -> bool:
            status = daemon.status(run_id)
            fractions.append(status["fraction"])
            return status["state"] not in ("queued", "running")

        wait_until(ended)
        print(f"run ended {time.monotonic() - began:.3f} s after the restart")
        assert daemon.status(run_id)["state"] == "succeeded"
        assert fractions == sorted(fractions)
        assert fractions[0] >= before["fraction"]
        epochs = daemon.epochs(run_id)
        assert [entry["epoch"] for entry in epochs] == list(range(1, len(epochs) + 1))
        assert len(epochs) > len(epochs_before)
        assert epochs[: len(epochs_before)] == epochs_before
        elapsed = [entry["elapsed"] for entry in epochs]
        assert elapsed == sorted(elapsed)
        assert elapsed[-1] <= daemon.status(run_id)["elapsed"]
        with daemon.client() as client:
            assert client.get(f"{PREFIX}/runs/{run_id}/result").status_code == 200
        assert daemon.wait_for(waiting)["state"] == "succeeded"


def test_a_training_that_kills_its_service_is_given_up(tmp_path: Path) -> None:
    for _ in range(3):
        with start_daemon(tmp_path) as daemon:
            if not daemon.active_runs():
                run_id = daemon.train().json()["id"]
            [worker] = wait_until(daemon.worker_pids)
            freeze(worker)
            assert daemon.status(run_id)["state"] == "running"
            kill(daemon)
            thaw(worker)
    with start_daemon(tmp_path) as daemon:
        status = daemon.status(run_id)
        assert status["state"] == "failed"
        assert "3 times" in status["message"]
        assert daemon.active_runs() == 0


def test_what_was_acknowledged_survives(tmp_path: Path) -> None:
    with start_daemon(tmp_path, max_workers=1) as daemon:
        daemon.train(modelId="running")
        [worker] = wait_until(daemon.worker_pids)
        freeze(worker)
        names = [f"model-{n}" for n in range(5)]
        ids = [daemon.train(modelId=name).json()["id"] for name in names]
        kill(daemon)  # right after the last answer
        thaw(worker)
    with start_daemon(tmp_path, max_workers=2) as daemon:
        for run_id in ids:
            assert daemon.wait_for(run_id)["state"] == "succeeded"


def test_an_orderly_stop_is_no_attempt_and_nothing_is_lost(tmp_path: Path) -> None:
    run_id = ""
    for _ in range(4):  # more often than a dying service may try
        with start_daemon(tmp_path) as daemon:
            run_id = run_id or daemon.train().json()["id"]
            [worker] = wait_until(daemon.worker_pids)
            freeze(worker)
            began = time.monotonic()
            daemon.process.terminate()
            assert daemon.process.wait(10) == 0
            assert time.monotonic() - began < 3.0
            assert not is_alive(worker)
    with start_daemon(tmp_path) as daemon:
        assert daemon.wait_for(run_id)["state"] == "succeeded"
