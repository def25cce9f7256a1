"""The local service's life beside notebooks: started, found again, killed, taken up again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import nbtrain
from nbtrain import Clustering, LocalService, TrainingRequest, attach, submit
from nbtrain.errors import ServiceUnavailable
from nbtrain.home import ServiceRecord, state_folder
from nbtrain.progress import History, RunState
from tests.process.test_daemon_recovery import hard_texts

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses POSIX signals")


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[LocalService]:
    service = LocalService(tmp_path / "home")
    yield service
    service.stop()


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> TrainingRequest:
    # k-means takes long to settle on these, so that there is a middle in which to kill.
    df = pd.DataFrame({"text": hard_texts(4_000)})
    data = nbtrain.write_intents(df, tmp_path_factory.mktemp("data") / "s.json", text="text")
    return TrainingRequest("crash-test", data, Clustering(40))


def workers(pid: object) -> list[int]:
    """Return the processes that are children of a process."""
    command = ["ps", "-o", "pid=", "--ppid", str(pid)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [int(word) for word in listed.split()]


def alive(pid: int) -> bool:
    # A zombie that nobody reaped yet does no work any more.
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_the_first_call_starts_it_and_others_find_it(own_service: LocalService) -> None:
    assert not own_service.running
    pid = own_service.health()["pid"]
    another = LocalService(own_service.home, start=False)
    assert another.running
    assert another.health()["pid"] == pid
    program = (
        "import sys, nbtrain; print(nbtrain.LocalService(sys.argv[1], start=False).health()['pid'])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program, str(own_service.home)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(found.stdout) == pid


def test_two_notebooks_that_start_it_at_once_get_the_same(tmp_path: Path) -> None:
    program = "import sys, nbtrain; print(nbtrain.LocalService(sys.argv[1]).health()['pid'])"
    home = tmp_path / "home"
    command = [sys.executable, "-c", program, str(home)]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    pids = {process.communicate(timeout=60)[0].strip() for process in starts}
    LocalService(home, start=False).stop()
    assert len(pids) == 1
    assert pids != {""}


def test_it_outlives_the_process_that_started_it(own_service: LocalService, tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, nbtrain; nbtrain.LocalService(sys.argv[1]).health(); "
        "os.killpg(0, signal.SIGKILL)"
    )
    command = [sys.executable, "-c", program, str(own_service.home)]
    killed = subprocess.run(command, check=False, start_new_session=True)
    assert killed.returncode == -signal.SIGKILL
    assert LocalService(own_service.home, start=False).health()


def test_a_killed_service_is_started_again_and_the_run_ends_whole(
    own_service: LocalService, request_: TrainingRequest
) -> None:
    run = submit(request_, own_service)
    history, seen_before = History(), 0
    started = time.monotonic()
    orphans: list[int] = []
    for update in run.watch(0.05):
        history.add(update)
        if not orphans and history.last_epoch >= 2:
            pid = own_service.health()["pid"]
            orphans = workers(pid)
            seen_before = history.last_epoch
            os.kill(int(str(pid)), signal.SIGKILL)
            deadline = time.monotonic() + 2
            while any(map(alive, orphans)) and time.monotonic() < deadline:
                time.sleep(0.02)
            assert not any(map(alive, orphans)), "a worker outlived its service"
    assert orphans, f"the run ended after {time.monotonic() - started:.1f} s, before the kill"
    assert history.status is not None
    assert history.status.state is RunState.SUCCEEDED, history.status.message
    whole = run.history().epochs
    assert [stats.epoch for stats in whole] == list(range(1, len(whole) + 1))
    assert whole[:seen_before] == history.epochs[:seen_before], "acknowledged epochs changed"
    assert run.result().n_clusters == 40


def test_cancel_stops_the_worker_within_two_seconds(
    own_service: LocalService, request_: TrainingRequest
) -> None:
    run = submit(request_, own_service)
    for update in run.watch(0.05):
        if update.epochs:
            break
    at_work = workers(own_service.health()["pid"])
    assert at_work
    start = time.monotonic()
    assert run.cancel().state is RunState.CANCELLED
    assert not any(map(alive, at_work))
    assert time.monotonic() - start < 2


def test_runs_are_there_after_a_stop_and_a_start(own_service: LocalService, tmp_path: Path) -> None:
    df = nbtrain.samples.sentences(200, n_intents=4)
    data = nbtrain.write_intents(df, tmp_path / "s.json", text="text")
    run = submit(TrainingRequest("kept", data, Clustering(4)), own_service)
    result, epochs = run.result(), run.history().epochs
    own_service.stop()
    assert not own_service.running
    again = attach("kept", LocalService(own_service.home))
    assert again.result() == result
    assert again.history().epochs == epochs


def test_a_stale_record_does_not_keep_it_from_starting(own_service: LocalService) -> None:
    home = own_service.home
    ServiceRecord("http://127.0.0.1:9", "id", "secret", 999_999).save(home)
    assert not own_service.running
    assert own_service.health()
    (home / "service.json").stat()
    own_service.stop()
    (home / "service.json").write_text("{ broken")
    assert LocalService(home).health()


def test_the_record_is_private_and_its_repr_hides_the_secret(own_service: LocalService) -> None:
    own_service.health()
    file = own_service.home / "service.json"
    assert file.stat().st_mode & 0o777 == 0o600
    record = ServiceRecord.load(own_service.home)
    assert record is not None
    assert record.client_secret not in repr(record)
    command = f"/proc/{record.pid}/cmdline"
    if os.path.exists(command):  # noqa: PTH110
        assert record.client_secret.encode() not in Path(command).read_bytes()


def test_a_state_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServiceUnavailable, match="NBTRAIN_HOME"):
        state_folder(tmp_path / "file" / "home")


def test_a_service_that_cannot_start_is_explained(tmp_path: Path) -> None:
    home = state_folder(tmp_path / "home")
    (home / "state.sqlite").mkdir()
    with pytest.raises(ServiceUnavailable, match="did not start"):
        LocalService(home).health()
