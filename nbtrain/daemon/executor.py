"""One process of the worker, a training or a pod: started, listened to, stopped.

The process lives in a session of its own and holds a pipe from this service as its standard
input. When the pipe closes, be it because this service was killed, the process exits by itself.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..llm_providers import KEY_NAMES
from ..protocols.job import Job, Message, read_message
from ..protocols.sweep_job import SweepJob

__all__ = ["LOG_FILE", "WorkerProcess"]

LOG_FILE = "worker.log"

_LONGEST_LINE = 1024 * 1024
_LOG_HEAD = 64 * 1024
_LOG_TAIL = 8 * 1024
_EXCEPTION = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception|Interrupt))\b")


class WorkerProcess:
    """A running ``python -m nbtrain.worker``; made by :meth:`start` or :meth:`spawn`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log_name = log.name
        self._tail = b""
        self._listener = asyncio.create_task(self._keep_log(log))

    @classmethod
    async def start(cls, job: Job | SweepJob) -> WorkerProcess:
        """Start a process and give it its job.

        Raises
        ------
        OSError
            If no process can be started.
        """
        worker = await cls.spawn(job.folder, LOG_FILE)
        await worker.write_line(job.to_line())
        return worker

    @classmethod
    async def spawn(
        cls, folder: Path, log_file: str, *flags: str, longest_line: int = _LONGEST_LINE
    ) -> WorkerProcess:
        """Start a process in a folder, without a word to it yet.

        Raises
        ------
        OSError
            If no process can be started.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "nbtrain.worker",
            *flags,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            limit=longest_line,
            cwd=folder,
            env=_environment(),
            **_own_session(),
        )
        return cls(process, folder / log_file)

    async def write_line(self, line: str) -> None:
        """Write to the process; one that died is no error, as its exit code will tell."""
        assert self._process.stdin is not None
        with suppress(ConnectionError):
            self._process.stdin.write(f"{line}\n".encode())
            await self._process.stdin.drain()

    async def read_line(self) -> bytes:
        """Read a line of what the process says; empty when it has closed its standard output.

        Raises
        ------
        ValueError
            If it is longer than any message is.
        """
        assert self._process.stdout is not None
        return await self._process.stdout.readline()

    async def messages(self) -> AsyncIterator[Message]:
        """Yield what the process says until it closes its standard output."""
        while True:
            try:
                line = await self.read_line()
            except ValueError:
                continue
            if not line:
                return
            with suppress(ValueError, KeyError, TypeError):  # a library printed something
                yield read_message(line.decode("utf-8"))

    def ask_to_exit(self) -> None:
        """Close the pipe by which the process knows that it is still wanted."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        if self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    async def exited(self, grace: float | None) -> int:
        """Wait for the process to be gone, killing it when the grace (seconds) is over.

        Without a grace it may live as long as it likes.

        Returns
        -------
        int
            Its exit code; on POSIX the negative number of the signal that ended it.
        """
        try:
            async with asyncio.timeout(grace):
                code = await self._process.wait()
        except TimeoutError:
            self.kill()
            code = await self._process.wait()
        await self._listener
        return code

    async def drain(self) -> None:
        """Read what a process that is ended still says, without which it isn't seen to be gone."""
        while True:
            with suppress(ValueError):
                if not await self.read_line():
                    return

    def obituary(self, code: int, what: str = "The training process") -> str:
        """Say why a process that should not have ended yet did so.

        Of its standard error only the name of an exception is told, which holds no text of
        the user's.
        """
        lines = self._tail.decode("utf-8", "replace").strip().splitlines()
        match = _EXCEPTION.match(lines[-1]) if lines else None
        cause = f" ({match[1]})" if match else ""
        if code >= 0:
            return (
                f"{what} ended with code {code} before its time{cause}; "
                f"see {self._log_name} in the folder of the run."
            )
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        perhaps = ", perhaps because memory ran out" if name == "SIGKILL" else ""
        return f"{what} was ended from outside by {name}{perhaps}{cause}."

    async def _keep_log(self, path: Path) -> None:
        """Keep the head and the tail of standard error; a full disk costs only the log."""
        stderr = self._process.stderr
        assert stderr is not None
        size = kept = 0
        while block := await stderr.read(_LOG_TAIL):
            size += len(block)
            self._tail = (self._tail + block)[-_LOG_TAIL:]
            if kept < _LOG_HEAD:
                _append(path, block)
                kept += len(block)
        if size > kept:
            _append(path, b"\n[...]\n" + self._tail[-(size - kept) :])


def _append(path: Path, block: bytes) -> None:
    with suppress(OSError), path.open("ab") as file:
        file.write(block)


def _environment() -> dict[str, str]:
    """Return the environment without secrets: a worker gets what it needs by its input."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("NBTRAIN_CLIENT_") and name.upper() not in KEY_NAMES
    }


def _own_session() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
