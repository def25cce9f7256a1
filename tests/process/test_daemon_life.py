"""Start and end of the local service; its credentials; one service a state folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from nbtrain.home import ServiceRecord
from nbtrain.protocols.local import PREFIX
from tests.daemon_process import (
    PATIENCE,
    command,
    environment,
    freeze,
    start_daemon,
    stop,
    thaw,
    wait_until,
)


def run(*flags: str, home: Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a service that is expected to end by itself."""
    return subprocess.run(
        command(home, *flags, **options),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment(),
        check=False,
    )


def test_it_says_where_it_is_and_cleans_up(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        record = ServiceRecord.load(tmp_path)
        assert record is not None
        assert record == ServiceRecord(
            daemon.url, daemon.client_id, daemon.client_secret, daemon.process.pid
        )
        assert urlsplit(daemon.url).hostname == "127.0.0.1"
        assert len(daemon.client_secret) >= 32
        daemon.process.terminate()
        assert daemon.process.wait(PATIENCE) == 0
        assert ServiceRecord.load(tmp_path) is None
    with start_daemon(tmp_path) as again:
        assert again.client_secret != daemon.client_secret
        assert again.client_id != daemon.client_id


def test_without_the_flag_no_credentials_are_printed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    record = wait_until(lambda: ServiceRecord.load(tmp_path))
    process.terminate()
    out, err = process.communicate(timeout=PATIENCE)
    assert out == ""
    assert record.url in err
    assert record.client_secret not in err
    assert process.returncode == 0


def test_half_given_credentials_are_not_taken(tmp_path: Path) -> None:
    with start_daemon(tmp_path, env={"NBTRAIN_CLIENT_ID": "me"}) as daemon:
        assert daemon.client_id != "me"


def test_a_given_port(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with start_daemon(tmp_path, port=port) as daemon:
        assert daemon.url == f"http://127.0.0.1:{port}"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no orderly interrupt from outside")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with start_daemon(tmp_path) as daemon, daemon.client() as client:
        client.get(f"{PREFIX}/health")  # a connection stays open
        began = time.monotonic()
        daemon.process.send_signal(number)
        assert daemon.process.wait(PATIENCE) == 0
        assert time.monotonic() - began < 3.0
        assert ServiceRecord.load(tmp_path) is None


def test_a_second_service_on_the_same_folder(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        second = run(home=tmp_path)
        assert second.returncode == 3
        assert second.stdout == ""
        [line] = second.stderr.splitlines()
        assert daemon.url in line
        assert daemon.client_secret not in line
        assert httpx.get(daemon.url).status_code == 401  # the first one is well
        assert ServiceRecord.load(tmp_path) is not None


def test_a_stale_record_is_replaced(tmp_path: Path) -> None:
    ServiceRecord("http://127.0.0.1:1", "old", "old", 1).save(tmp_path)
    with start_daemon(tmp_path) as daemon:
        record = ServiceRecord.load(tmp_path)
        assert record is not None
        assert record.url == daemon.url


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run(home=tmp_path, port=port)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert str(port) in line


def test_a_home_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = run(home=tmp_path / "file")
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "NBTRAIN_HOME" in line


def test_a_state_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"not a database" * 100)
    ended = run(home=tmp_path)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "state.sqlite" in line


def test_a_state_of_a_later_version(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    ended = run(home=tmp_path)
    assert ended.returncode == 1
    assert "later version" in ended.stderr


def test_bad_arguments(tmp_path: Path) -> None:
    for flags in (["--max-workers", "0"], ["--port", "-1"], ["--idle-exit", "soon"]):
        ended = run(*flags, home=tmp_path)
        assert ended.returncode == 2
        assert flags[0] in ended.stderr


def test_it_leaves_when_it_is_not_needed(tmp_path: Path) -> None:
    with start_daemon(tmp_path, idle_exit=0.5) as daemon:
        assert daemon.process.wait(PATIENCE) == 0
        assert ServiceRecord.load(tmp_path) is None


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_it_stays_while_it_is_needed(tmp_path: Path) -> None:
    with start_daemon(tmp_path, idle_exit=1.0) as daemon:
        for _ in range(15):
            daemon.active_runs()
            time.sleep(0.1)
        daemon.train()
        [worker] = wait_until(daemon.worker_pids)
        freeze(worker)
        time.sleep(1.6)
        assert daemon.process.poll() is None
        thaw(worker)
        assert daemon.process.wait(PATIENCE) == 0
    with start_daemon(tmp_path) as daemon:
        assert daemon.status("support-topics")["state"] == "succeeded"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_the_secret_is_in_one_file_only(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        token = daemon.token()
        daemon.train()
        daemon.train(modelId="Bad")
        daemon.wait_for("support-topics")
        httpx.post(daemon.url + "/connect/token", data={"client_secret": daemon.client_secret})
        with daemon.client() as client:
            client.get("/nothing", params={"client_secret": daemon.client_secret})
        secrets = [daemon.client_secret.encode(), token.encode()]
        arguments = Path(f"/proc/{daemon.process.pid}/cmdline").read_bytes()
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        holding = {
            path.name for path in files if any(secret in path.read_bytes() for secret in secrets)
        }
        assert not any(secret in arguments for secret in secrets)
        assert {"daemon.log", "state.sqlite", "data.json"} <= {path.name for path in files}
        assert holding == {"service.json"}
        assert stat.S_IMODE((tmp_path / "service.json").stat().st_mode) == 0o600
        for path in files:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_it_survives_a_closed_standard_output(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        command(tmp_path, "--print-credentials"),
        stdout=writing,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    )
    os.close(writing)
    try:
        record = wait_until(lambda: ServiceRecord.load(tmp_path))
        assert httpx.get(record.url).status_code == 401
    finally:
        stop(process)


def test_the_credentials_line_is_the_first_and_only_one(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(tmp_path, "--print-credentials"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    )
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    assert set(line) == {"url", "client_id", "client_secret"}
    assert httpx.get(line["url"]).status_code == 401  # it listens by now
    process.terminate()
    rest, _ = process.communicate(timeout=PATIENCE)
    assert rest == ""
