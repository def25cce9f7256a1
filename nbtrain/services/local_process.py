"""The local service's process: found if it runs, started if it doesn't, ended when asked to."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import RequestError, ServiceError, ServiceUnavailable
from ..home import ServiceRecord
from ..protocols import local
from .connection import Connection
from .http import Http
from .retries import Retry
from .secrets import Secret

__all__ = ["LocalProcess", "client_of"]

_LOG = "service.log"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
# Processes started here, so that they can be reaped when they end.
_started: list[subprocess.Popen[bytes]] = []


@atexit.register
def _let_go() -> None:
    # They are meant to outlive this interpreter, which would warn of them as forgotten ones.
    for process in _started:
        process.returncode = process.poll() or 0


class LocalProcess:
    """The process that serves a state folder, whoever started it.

    Parameters
    ----------
    home : Path
        The state folder.
    idle_exit : float
        A process started here leaves after so many seconds without runs and calls.
    """

    def __init__(self, home: Path, idle_exit: float) -> None:
        self._home = home
        self._idle_exit = idle_exit

    def find(self) -> ServiceRecord | None:
        """Return where it can be reached; None if none answers."""
        record = ServiceRecord.load(self._home)
        return record if record is not None and _answers(record) else None

    def start(self) -> ServiceRecord:
        """Start one, and return where it, or one that was quicker, can be reached.

        Raises
        ------
        ServiceUnavailable
            If it does not start.
        """
        process = self._spawn()
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if (record := self.find()) is not None:
                return record
            # Code 3: another service holds the folder, and is just starting up.
            if process.poll() not in (None, 3):
                break
            time.sleep(0.05)
        raise ServiceUnavailable(
            f"The local service did not start. Its last words: {_last_line(self._home / _LOG)}"
        )

    def stop(self) -> None:
        """End the process, if one answers.

        Raises
        ------
        ServiceError
            If it does not end.
        """
        record = self.find()
        if record is None:
            return
        with suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while _answers(record) or any(process.pid == record.pid for process in _started):
            if time.monotonic() > deadline:
                raise ServiceError(f"The local service (process {record.pid}) does not end.")
            time.sleep(0.05)
            _reap()
        # Where a signal ends a process at once it can't tidy up after itself.
        record.remove(self._home)

    def _spawn(self) -> subprocess.Popen[bytes]:
        _reap()
        command = [sys.executable, "-m", "nbtrain.daemon", "--home", str(self._home)]
        command += ["--idle-exit", str(self._idle_exit)]
        # A session of its own: the notebook's stop button and the kernel's end don't reach it.
        apart: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
            apart = {"creationflags": flags}
        descriptor = os.open(self._home / _LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as log:
            process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                cwd=self._home, **apart,
            )  # fmt: skip
        _started.append(process)
        return process


def client_of(record: ServiceRecord) -> Http:
    """Return a client for the service that a record tells of."""
    secret = Secret(record.client_secret)
    # No retries: whether to try again, or to start a new service, is decided by the caller.
    connection = Connection(record.url, record.url, record.client_id, secret)
    return Http(connection, retry=Retry(attempts=1))


def _answers(record: ServiceRecord) -> bool:
    http = client_of(record)
    try:
        return bool(http.get(local.PREFIX + "/health").object()["pid"] == record.pid)
    except (ServiceError, RequestError, KeyError):
        return False
    finally:
        http.close()


def _reap() -> None:
    for process in list(_started):
        if process.poll() is not None:
            _started.remove(process)


def _last_line(log: Path) -> str:
    with suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if lines:
            return lines[-1][:300]
    return "none."
