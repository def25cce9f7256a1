"""The shell of the training process: a job comes in, messages go out.

With ``--pod`` it is that of a pod, with ``--check`` that of the check of a data file.

Nothing here imports numpy, so that the thread limits are set and the first message is out before
the heavy imports begin.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import TextIO

from ..errors import NbtrainError
from ..protocols.data_check import FileToCheck
from ..protocols.job import Done, Failed, Job, Message, write_message
from ..protocols.naming import NamingJob
from ..protocols.sweep_job import SweepJob

ORPHANED = 3
"""Exit status when standard input ended before the training did."""


def limit_threads() -> None:
    """Give the linear algebra one thread: at these sizes two lost against one.

    OpenBLAS picks a slow kernel on some processors with AVX-512, hence its core type; one that
    the user has set stays.
    """
    for name in ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "VECLIB_MAXIMUM"):
        os.environ[f"{name}_THREADS"] = "1"
    if _has_avx512():
        os.environ.setdefault("OPENBLAS_CORETYPE", "SkylakeX")


def _has_avx512() -> bool:
    needed = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("flags"):
                    return needed <= set(line.split())
    except OSError:
        pass
    return False


def claim_stdout() -> TextIO:
    """Keep standard output for messages; whatever a library prints goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(own, "w", encoding="utf-8", newline="\n")


def read_line() -> str:
    """Read one line of standard input.

    Unbuffered, so that the watchdog never holds a lock that the interpreter wants at its end.
    """
    data = b""
    while not data.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            break
        data += byte
    return data.decode("utf-8")


def exit_at_end_of_input() -> None:
    """Start the watchdog: when the service goes, so does its training."""

    def watch() -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        os._exit(ORPHANED)

    threading.Thread(target=watch, name="stdin-watchdog", daemon=True).start()


def reason(error: BaseException) -> str:
    """Say in words for the user why a training failed."""
    if isinstance(error, NbtrainError):
        return str(error)
    if isinstance(error, MemoryError):
        return "The training ran out of memory; give it fewer or shorter documents."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full, so the result could not be written; free some space."
    if isinstance(error, OSError):
        what = error.strerror or str(error)
        where = f" ({error.filename})" if error.filename else ""
        return f"The training could not read or write a file: {what}{where}."
    kind = type(error).__name__
    return f"The training stopped on an unexpected error, {kind}: {error}"


def main() -> int:
    """Run one job; the exit status is 0 when there is a result."""
    limit_threads()
    out = claim_stdout()

    def say(line: str) -> None:
        try:
            out.write(line + "\n")
            out.flush()
        except (OSError, ValueError):
            os._exit(ORPHANED)

    if sys.argv[1:] == ["--pod"]:
        from .pod import input_lines, serve

        return serve(input_lines(), say)

    def send(message: Message) -> None:
        say(write_message(message))

    line = read_line()
    if not line:
        return ORPHANED
    exit_at_end_of_input()
    if sys.argv[1:] == ["--check"]:
        from .data_check import check

        say(check(FileToCheck.from_line(line)).to_line())
        return 0
    try:
        job = NamingJob.from_line(line) or SweepJob.from_line(line) or Job.from_line(line)
    except (ValueError, KeyError, TypeError) as error:
        send(Failed(f"The job can't be read: {error!r}"))
        return 1
    message = ""
    try:
        if isinstance(job, NamingJob):
            from .llm_jobs import name_again

            name_again(job, send)
        elif isinstance(job, SweepJob):
            from .sweep_job import run_sweep

            message = run_sweep(job, send)
        else:
            from .training import train

            train(job, send)
    except Exception as error:
        if not isinstance(error, NbtrainError):
            traceback.print_exc(file=sys.stderr)
        send(Failed(reason(error)))
        return 1
    send(Done(message))
    return 0


if __name__ == "__main__":
    sys.exit(main())
