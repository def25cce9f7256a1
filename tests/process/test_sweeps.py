"""A sweep of the local service, cut off in every way, and done twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

import nbtrain
from nbtrain.protocols.sweep_job import fit_file, labels_file
from nbtrain.protocols.sweeps import SWEEPS_PATH
from tests.contract.sweeps.services import PlainLocalService
from tests.daemon_process import (
    FIELDS,
    RunningDaemon,
    freeze,
    intents,
    is_alive,
    start_daemon,
    thaw,
    wait_until,
)
from tests.process.test_daemon_recovery import hard_texts, kill

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

COUNTS = list(range(2, 42))
TEXTS = hard_texts(1200)


def begin(daemon: RunningDaemon, counts: list[int], **fields: str) -> str:
    sent = {**FIELDS, "clusterCounts": json.dumps(counts), **fields}
    with daemon.client() as client:
        files = {"dataFile": ("data.json", intents(TEXTS))}
        answer = client.post(SWEEPS_PATH, data=sent, files=files)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["run_id"])


def ask(daemon: RunningDaemon, path: str, method: str = "GET") -> httpx.Response:
    with daemon.client() as client:
        return client.request(method, f"{SWEEPS_PATH}/{path}")


def status(daemon: RunningDaemon, sweep_id: str) -> dict[str, Any]:
    told: dict[str, Any] = ask(daemon, sweep_id).raise_for_status().json()
    return told


def wait_for_end(daemon: RunningDaemon, sweep_id: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        told = status(daemon, sweep_id)
        return told if told["state"] not in ("queued", "running") else None

    return wait_until(ended, patience=60)


def fits(daemon: RunningDaemon, sweep_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(daemon, f"{sweep_id}/fits").json()["fits"]
    return found


def written(folder: Path) -> dict[str, int]:
    """Return the files of whole fits, and when each was written."""
    return {file.name: file.stat().st_mtime_ns for file in folder.glob("fit-*.json")}


def told(folder: Path) -> dict[int, tuple[Any, Any, bytes]]:
    """Return what the fits of a sweep say, without its times."""
    found = {}
    for number in range(1, len(list(folder.glob("fit-*.json"))) + 1):
        data = json.loads(fit_file(folder, number).read_text())
        labels = labels_file(folder, number).read_bytes()
        found[data["n_clusters"]] = (data["scores"], data["clusters"], labels)
    return found


def stop_in_the_middle(daemon: RunningDaemon, folder: Path) -> int:
    """Freeze the worker of a sweep that has made some fits and not all; return its process."""
    [worker] = wait_until(daemon.worker_pids)
    wait_until(lambda: fit_file(folder, 3).exists())
    freeze(worker)
    return worker


def test_kill_9_in_the_middle_of_a_sweep(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    with start_daemon(home) as daemon:
        sweep_id = begin(daemon, COUNTS)
        folder = home / "runs" / sweep_id
        worker = stop_in_the_middle(daemon, folder)
        told_before = fits(daemon, sweep_id)
        assert 3 <= len(told_before) < len(COUNTS)
        fraction = status(daemon, sweep_id)["fraction"]
        kill(daemon)
        thaw(worker)
        wait_until(lambda: not is_alive(worker))
        # What the worker wrote until it saw the end of its service.
        before = written(folder)
        [path] = folder.glob("path-*.npz")
        followed = path.stat().st_mtime_ns
    with start_daemon(home) as daemon:
        assert status(daemon, sweep_id)["fraction"] >= fraction
        wait_until(lambda: fit_file(folder, len(before) + 1).exists())
        [worker] = daemon.worker_pids()
        freeze(worker)
        assert path.stat().st_mtime_ns == followed
        thaw(worker)
        assert wait_for_end(daemon, sweep_id)["state"] == "succeeded"
        after = written(folder)
        assert {name: after[name] for name in before} == before
        assert fits(daemon, sweep_id)[: len(told_before)] == told_before
        assert not list(folder.glob("path-*"))
    anew = len(after) - len(before)
    print(f"{len(told_before)} fits before, {anew} anew, of {len(COUNTS)}")
    assert anew == len(COUNTS) - len(before)
    # And it found what it would have found without: two runs agree exactly.
    with start_daemon(other) as daemon:
        whole = begin(daemon, COUNTS)
        assert wait_for_end(daemon, whole)["state"] == "succeeded"
    expected, found = told(other / "runs" / whole), told(folder)
    assert list(found) == COUNTS
    assert found == expected


def test_cancel_is_quick_and_keeps_the_fits(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        sweep_id = begin(daemon, COUNTS)
        folder = tmp_path / "runs" / sweep_id
        [worker] = wait_until(daemon.worker_pids)
        wait_until(lambda: fit_file(folder, 1).exists())
        began = time.monotonic()
        answer = ask(daemon, f"{sweep_id}/cancel", "POST")
        took = time.monotonic() - began
        assert answer.json()["state"] == "cancelled"
        assert took < 2.0
        assert not is_alive(worker)
        assert daemon.worker_pids() == []
        kept = fits(daemon, sweep_id)
        assert 1 <= len(kept) < len(COUNTS)
        assert ask(daemon, f"{sweep_id}/labels/{kept[0]['number']}").status_code == 200
        # What is there is taken over when it is swept again.
        again = begin(daemon, COUNTS)
        assert wait_for_end(daemon, again)["state"] == "succeeded"
        taken = [fit for fit in fits(daemon, again) if fit["taken_over"]]
        assert len(taken) == len(kept)
        assert len(fits(daemon, again)) == len(COUNTS)


def test_a_budget_ends_a_sweep_with_what_is_there(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        few = begin(daemon, COUNTS, budgetFits="4")
        told_few = wait_for_end(daemon, few)
        assert told_few["state"] == "succeeded"
        assert f"4 of {len(COUNTS)} fits: the budget is 4 fits" in told_few["message"]
        assert len(fits(daemon, few)) == 4
        short = begin(daemon, COUNTS, budgetSeconds="0.0001", modelId="short")
        told_short = wait_for_end(daemon, short)
        assert told_short["state"] == "succeeded"
        assert "the budget of 0.0001 s" in told_short["message"]
        assert len(fits(daemon, short)) == 4  # all taken over


KERNEL = """
import os, sys, time
from pathlib import Path
import nbtrain
from tests.contract.sweeps.services import PlainLocalService

home, data = map(Path, sys.argv[1:])
file = nbtrain.read_data_file(data, "intent")
request = nbtrain.TrainingRequest("died", file)
swept = nbtrain.sweep(request, [2, 3, 4, 5], service=PlainLocalService(home), order="as given")
print(swept.sweep_id, flush=True)
while not (swept.fits() and swept.status().fraction > 0.3):
    time.sleep(0.01)
os._exit(9)
"""


def test_a_kernel_that_dies_loses_no_run(tmp_path: Path) -> None:
    home, data = tmp_path / "home", tmp_path / "data.json"
    data.write_bytes(intents(TEXTS[:500]))
    service = PlainLocalService(home)
    try:
        service.health()
        command = [sys.executable, "-c", KERNEL, str(home), str(data)]
        root = Path(__file__).parents[2]
        died = subprocess.run(command, capture_output=True, text=True, cwd=root, timeout=60)
        assert died.returncode == 9, died.stderr
        sweep_id = died.stdout.strip()
        swept = nbtrain.attach_sweep(sweep_id, service)
        assert swept.wait(60).state is nbtrain.RunState.SUCCEEDED
        assert [fit.n_clusters for fit in swept.fits()] == [2, 3, 4, 5]
        # Not one was trained twice, that in progress included.
        trained = sorted(run.model_id for run in service.runs())
        assert trained == ["died-k2", "died-k3", "died-k4", "died-k5"]
    finally:
        service.stop()
