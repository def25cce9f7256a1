"""Training processes of the local service: queue, cancel, and sudden deaths."""

from __future__ import annotations

import os
import signal
import sys
import time
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

CANCEL_LIMIT = 2.0


def frozen_worker(daemon: RunningDaemon, besides: tuple[int, ...] = ()) -> int:
    """Freeze the one worker that is there besides the known ones, and return its process id."""
    [pid] = wait_until(lambda: [pid for pid in daemon.worker_pids() if pid not in besides])
    freeze(pid)
    return pid


def cancel(daemon: RunningDaemon, run_id: str) -> tuple[dict[str, object], float]:
    with daemon.client() as client:
        began = time.monotonic()
        answer = client.post(f"{PREFIX}/runs/{run_id}/cancel")
        seconds = time.monotonic() - began
    assert answer.status_code == 200
    return answer.json(), seconds


def test_cancel_ends_the_process_before_it_answers(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        run_id = daemon.train().json()["id"]
        [worker] = wait_until(daemon.worker_pids)
        status, seconds = cancel(daemon, run_id)
        assert not is_alive(worker)
        assert (status["state"], status["message"]) == ("cancelled", "Cancelled.")
        assert seconds < CANCEL_LIMIT
        assert daemon.status(run_id)["state"] == "cancelled"
        with daemon.client() as client:
            answer = client.get(f"{PREFIX}/runs/{run_id}/result")
        assert (answer.status_code, answer.json()["error"]["message"]) == (410, "Cancelled.")
        assert daemon.train().status_code == 200  # the model is free again
        assert daemon.wait_for("support-topics")["state"] == "succeeded"


def test_cancel_ends_a_process_that_does_not_listen(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        run_id = daemon.train().json()["id"]
        worker = frozen_worker(daemon)
        status, seconds = cancel(daemon, run_id)
        assert not is_alive(worker)
        assert status["state"] == "cancelled"
        assert seconds < CANCEL_LIMIT


def test_runs_wait_for_their_turn(tmp_path: Path) -> None:
    with start_daemon(tmp_path, max_workers=1) as daemon:
        ids = [daemon.train(modelId="first").json()["id"]]
        worker = frozen_worker(daemon)
        ids += [daemon.train(modelId=name).json()["id"] for name in ("second", "third", "fourth")]
        assert daemon.status("second")["state"] == "queued"
        assert daemon.status("second")["elapsed"] is None
        status, _ = cancel(daemon, "second")
        assert (status["state"], status["elapsed"]) == ("cancelled", None)
        assert daemon.worker_pids() == [worker]
        thaw(worker)
        for run_id in (ids[0], ids[2], ids[3]):
            assert daemon.wait_for(run_id)["state"] == "succeeded"
        ends = {
            run_id: (daemon.home / "runs" / run_id / "result.json").stat().st_mtime_ns
            for run_id in (ids[0], ids[2], ids[3])
        }
        assert list(ends) == sorted(ends, key=lambda run_id: ends[run_id])


def test_two_runs_at_a_time(tmp_path: Path) -> None:
    with start_daemon(tmp_path, max_workers=2) as daemon:
        daemon.train(modelId="first")
        first = frozen_worker(daemon)
        daemon.train(modelId="second")
        second = frozen_worker(daemon, besides=(first,))
        daemon.train(modelId="third")
        assert daemon.active_runs() == 3
        assert sorted(daemon.worker_pids()) == sorted([first, second])
        status, _ = cancel(daemon, "first")
        assert status["state"] == "cancelled"
        thaw(second)
        for model_id in ("second", "third"):
            assert daemon.wait_for(model_id)["state"] == "succeeded"


def test_a_killed_worker_is_a_failed_run_with_a_reason(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        run_id = daemon.train().json()["id"]
        worker = frozen_worker(daemon)
        os.kill(worker, signal.SIGKILL)
        status = daemon.wait_for(run_id)
        assert status["state"] == "failed"
        assert "SIGKILL" in status["message"]
        assert "memory" in status["message"]
        assert daemon.train().status_code == 200
        assert daemon.wait_for("support-topics")["state"] == "succeeded"


def test_a_worker_that_can_not_work_leaves_its_reason(tmp_path: Path) -> None:
    # A module of this name on the path of the worker breaks it before it has said anything.
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'nbtrain.worker' in sys.orig_argv:\n"
        "    sys.stderr.write('my secret text\\n' * 20_000)\n"
        "    sys.stderr.write('x.y.BrokenError: my secret text\\n')\n"
        "    sys.stderr.flush()\n"
        "    import os; os._exit(7)\n"
    )
    with start_daemon(tmp_path / "home", env={"PYTHONPATH": str(broken)}) as daemon:
        run_id = daemon.train().json()["id"]
        status = daemon.wait_for(run_id)
        assert status["state"] == "failed"
        assert "code 7" in status["message"]
        assert "BrokenError" in status["message"]
        assert "secret" not in status["message"]
        log = daemon.home / "runs" / run_id / "worker.log"
        assert log.read_text().endswith("BrokenError: my secret text\n")
        assert log.stat().st_size < 100_000


def test_workers_get_no_credentials(tmp_path: Path) -> None:
    secret = "s3cret-of-this-test"
    env = {"NBTRAIN_CLIENT_ID": "me", "NBTRAIN_CLIENT_SECRET": secret}
    with start_daemon(tmp_path, env=env) as daemon:
        assert (daemon.client_id, daemon.client_secret) == ("me", secret)
        daemon.train()
        worker = frozen_worker(daemon)
        for name in ("environ", "cmdline"):
            assert secret.encode() not in Path(f"/proc/{worker}/{name}").read_bytes()
        assert os.getsid(worker) == worker
        thaw(worker)
        daemon.wait_for("support-topics")
