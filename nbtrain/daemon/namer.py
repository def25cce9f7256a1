"""Clusters of finished runs named again, each time by a process of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from ..name_prompts import NamePrompt
from ..protocols.job import Done, Failed, Progress
from ..protocols.naming import NamingJob
from .executor import LOG_FILE, WorkerProcess

__all__ = ["Namer", "NamingState"]

AT_A_TIME = 2

_EXIT_GRACE = 5.0
_LOST = "The service stopped."

log = logging.getLogger("nbtrain.daemon")


@dataclass(slots=True)
class NamingState:
    """Where naming stands: ``running``, ``done`` or ``failed``, with a sentence for the user."""

    state: str = "running"
    fraction: float = 0.0
    message: str = ""


class Namer:
    """Runs naming jobs, few at a time, and remembers how the last one of each run went."""

    def __init__(self) -> None:
        self._states: dict[str, NamingState] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._workers: set[WorkerProcess] = set()
        self._places = asyncio.Semaphore(AT_A_TIME)
        # Previews take a second, and needn't wait for namings, which take minutes.
        self._previews = asyncio.Semaphore(AT_A_TIME)
        self._stopping = False

    def state(self, run_id: str) -> NamingState | None:
        """Return how the last naming of a run goes or went; None if this process did none."""
        return self._states.get(run_id)

    def start(self, run_id: str, job: NamingJob, then: Callable[[], None]) -> bool:
        """Begin to name; False if the run's clusters are being named already.

        ``then`` is called when the result has its new names.
        """
        before = self._states.get(run_id)
        if before is not None and before.state == "running":
            return False
        state = self._states[run_id] = NamingState()
        task = asyncio.create_task(self._name(run_id, job, state, then))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def preview(self, job: NamingJob) -> list[NamePrompt]:
        """Return what would be asked.

        Raises
        ------
        ValueError
            If that can't be said; the message is for the user.
        """
        prompts: list[NamePrompt] = []
        state = NamingState()
        await self._run(job, state, prompts, self._previews)
        if state.state != "done":
            raise ValueError(state.message)
        return prompts

    async def stop(self) -> None:
        """End all naming; what was answered so far is in the cache."""
        self._stopping = True
        for worker in self._workers:
            worker.kill()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.5)

    async def _name(
        self, run_id: str, job: NamingJob, state: NamingState, then: Callable[[], None]
    ) -> None:
        try:
            await self._run(job, state, [], self._places)
        except Exception:
            log.exception("the clusters of run %s can't be named", run_id)
            state.message = "The service made a mistake; its log in the state folder says more."
            state.state = "failed"
        log.info("run %s: naming %s", run_id, state.state)
        if state.state == "done":
            then()

    async def _run(
        self,
        job: NamingJob,
        state: NamingState,
        prompts: list[NamePrompt],
        places: asyncio.Semaphore,
    ) -> None:
        async with places:
            if self._stopping:
                state.state, state.message = "failed", _LOST
                return
            try:
                worker = await WorkerProcess.spawn(job.folder, LOG_FILE)
            except OSError as error:
                reason = error.strerror or str(error)
                state.message = f"No process could be started: {reason}."
                state.state = "failed"
                return
            self._workers.add(worker)
            try:
                await self._listen(worker, job, state, prompts)
            finally:
                worker.kill()
                self._workers.discard(worker)

    async def _listen(
        self, worker: WorkerProcess, job: NamingJob, state: NamingState, prompts: list[NamePrompt]
    ) -> None:
        final: Done | Failed | None = None
        await worker.write_line(job.to_line())
        async for message in worker.messages():
            match message:
                case Progress(_, fraction):
                    state.fraction = max(state.fraction, fraction)
                case NamePrompt():
                    prompts.append(message)
                case Done() | Failed():
                    final = message
                    break
        worker.ask_to_exit()
        code = await worker.exited(_EXIT_GRACE)
        match final:
            case Done():
                state.fraction, state.state = 1.0, "done"
            case Failed(reason):
                state.message, state.state = reason, "failed"
            case None:
                state.message = _LOST if self._stopping else worker.obituary(code, "The process")
                state.state = "failed"
