"""Published models: each in a process of its own, for as long as somebody asks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..progress import RunState
from ..protocols.job import Failed
from ..protocols.knovvu import unquote
from ..protocols.knovvu_inference import POD_TIMED_OUT, ModelKind
from ..protocols.pod import Deployment, Ready, read_reply
from .executor import WorkerProcess
from .store import StoredRun

__all__ = ["IDLE_SECONDS", "MOST_PODS", "PodFailed", "PodUnavailable", "Pods", "model_kind"]

IDLE_SECONDS = 600.0
"""How long a pod lives after its last request."""

MOST_PODS = 4

_LOG_FILE = "pod.log"
_STUCK_SECONDS = 60.0
_EXIT_GRACE = 1.0
_ATTEMPTS = 4
_ROOM_SECONDS = 5.0
# An answer repeats its text twice, as escaped JSON; the guard limits what a text can be.
_LONGEST_LINE = 64 * 1024 * 1024

log = logging.getLogger("nbtrain.daemon")


class PodUnavailable(Exception):
    """No pod answers for this model; the message is one sentence for the user."""


class PodFailed(Exception):
    """The pod could not do what was asked; the message is one sentence for the user."""


def _key(run_id: str) -> str:
    # No model id has a slash.
    return f"run/{run_id}"


def model_kind(run: StoredRun) -> ModelKind:
    """Return what the model of a run does."""
    if run.protocol != "knovvu":
        return ModelKind.CLASSIFICATION
    schema = unquote(run.fields.get("dataSchema", "")).lower()
    return ModelKind.CLASSIFICATION if schema == "utterance" else ModelKind.CLUSTERING


class _Pod:
    """A published model and its process; one that has ended says why."""

    def __init__(self, run: StoredRun) -> None:
        self.model_id = run.model_id
        self.run_id = run.status.run_id
        self.kind = model_kind(run)
        self.language = unquote(run.fields.get("languageCode") or run.fields.get("language", ""))
        self.started = asyncio.Event()
        self.ready = self.was_ready = False
        self.ended = ""
        self.comes_back = False
        self.polled = False
        self.requests = 0
        self.last_use = time.monotonic()
        self.turn = asyncio.Lock()
        self.worker: WorkerProcess | None = None
        self.task: asyncio.Task[None] | None = None
        self.timer: asyncio.TimerHandle | None = None

    def end(self, why: str, *, comes_back: bool = False) -> None:
        """End the process, which exits when its standard input does, or is killed.

        ``comes_back`` tells whether the next progress call publishes the model again.
        """
        if self.ended:
            return
        self.ready, self.ended, self.comes_back = False, why, comes_back
        self.started.set()
        if self.timer is not None:
            self.timer.cancel()
        if self.worker is not None:
            self.worker.ask_to_exit()
            asyncio.get_running_loop().call_later(_EXIT_GRACE, self.worker.kill)

    def kill(self, why: str, *, comes_back: bool = False) -> None:
        """End the process at once."""
        self.end(why, comes_back=comes_back)
        if self.worker is not None:
            self.worker.kill()


class Pods:
    """The pods by model: published, used, ended when idle.

    Knovvu's models are published by their id, and a client has to see to it. All else is answered
    by pods of their own, one a run, which start when they are asked.

    Parameters
    ----------
    folder : callable
        Returns the folder of a run.
    idle : float
        Seconds from a pod's last request to its end.
    most : int
        Pods at the same time; publishing one more ends the one that was used least recently.
    """

    def __init__(
        self,
        folder: Callable[[str], Path],
        *,
        idle: float = IDLE_SECONDS,
        most: int = MOST_PODS,
    ) -> None:
        self._folder = folder
        self._idle = idle
        self._most = most
        self._pods: dict[str, _Pod] = {}
        self._idle_again = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def poll(self, run: StoredRun) -> str | None:
        """Return the inference status of a model's newest run; asking publishes a trained one.

        Publishing begins with the first call, which says Pending, as do the following ones until
        the pod is ready. A pod that timed out stays away until the model is redeployed.
        """
        if run.status.state is not RunState.SUCCEEDED:
            return None
        pod = self._pods.get(run.model_id)
        if pod is None or pod.run_id != run.status.run_id or (pod.ended and pod.comes_back):
            pod = self._publish(run, run.model_id)
        if pod.ended:
            return None
        told_before, pod.polled = pod.polled, True
        return "Running" if pod.ready and told_before else "Pending"

    def redeploy(self, run: StoredRun) -> None:
        """Publish a trained model anew, whatever its pod does now."""
        self._publish(run, run.model_id)

    def renew(self, run: StoredRun) -> None:
        """Publish a model anew if this run's is published now: its clusters got other names."""
        for key in (run.model_id, _key(run.status.run_id)):
            pod = self._pods.get(key)
            if pod is not None and pod.run_id == run.status.run_id and not pod.ended:
                self._publish(run, key)

    def forget(self, run_id: str) -> None:
        """End the pod of a run that is deleted."""
        pod = self._pods.pop(_key(run_id), None)
        if pod is not None:
            pod.end("The model was deleted.")

    def kind(self, run: StoredRun) -> ModelKind:
        """Return what the published model does, or else what the model of a run will do."""
        pod = self._pods.get(run.model_id)
        return model_kind(run) if pod is None else pod.kind

    def is_ready(self, model_id: str) -> bool:
        """Tell whether a model answers."""
        pod = self._pods.get(model_id)
        return pod is not None and pod.ready

    async def infer(self, model_id: str, request: str, n_texts: int) -> list[bytes]:
        """Let a model label texts.

        Parameters
        ----------
        model_id : str
        request : str
            The request as one line of the wire's JSON.
        n_texts : int
            How many texts are in it.

        Returns
        -------
        list of bytes
            The entries of the answer's ``result``.

        Raises
        ------
        PodUnavailable
            If the model isn't published, or its pod dies meanwhile.
        PodFailed
            If the pod says so.
        """
        pod = self._pods.get(model_id)
        if pod is None:
            raise PodUnavailable("This model is not published: poll its training progress first.")
        return await self._infer(pod, request, n_texts)

    async def answer(self, run: StoredRun, request: str, n_texts: int) -> list[bytes]:
        """Let the model of a run that succeeded label texts, starting its pod if need be.

        Takes, returns and raises what :meth:`infer` does. A pod that ends before it has answered,
        such as one that made room for another, is started again, but not for ever.
        """
        key = _key(run.status.run_id)
        for attempt in range(_ATTEMPTS):
            if self._is_missing(key):
                with suppress(TimeoutError):
                    async with asyncio.timeout(_ROOM_SECONDS):
                        await self._room()
            pod = self._publish(run, key) if self._is_missing(key) else self._pods[key]
            try:
                return await self._infer(pod, request, n_texts, wait=True)
            except PodUnavailable:
                lost = pod.was_ready or pod.ended == POD_TIMED_OUT
                if not lost or attempt + 1 == _ATTEMPTS:
                    raise
        raise AssertionError

    def _is_missing(self, key: str) -> bool:
        return key not in self._pods or bool(self._pods[key].ended)

    async def _room(self) -> None:
        """Wait until one more pod can start without ending one that is at work."""
        while True:
            alive = [pod for pod in self._pods.values() if not pod.ended]
            if len(alive) < self._most or any(pod.requests == 0 for pod in alive):
                return
            self._idle_again.clear()
            await self._idle_again.wait()

    async def _infer(
        self, pod: _Pod, request: str, n_texts: int, *, wait: bool = False
    ) -> list[bytes]:
        pod.requests += 1
        if pod.timer is not None:
            pod.timer.cancel()
        try:
            if wait:
                await pod.started.wait()
            async with pod.turn:
                if pod.ended:
                    raise PodUnavailable(pod.ended)
                if not pod.ready or pod.worker is None:
                    raise PodUnavailable("The pod of this model is being started.")
                return await self._answer(pod, pod.worker, request, n_texts)
        finally:
            pod.requests -= 1
            self._used(pod)

    async def stop(self) -> None:
        """End all pods."""
        for pod in self._pods.values():
            pod.kill("The service is being stopped.")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_EXIT_GRACE)

    # --- one pod -----------------------------------------------------------------------------

    def _publish(self, run: StoredRun, key: str) -> _Pod:
        before = self._pods.pop(key, None)
        if before is not None:
            before.end("The model is being published anew.")
        alive = [pod for pod in self._pods.values() if not pod.ended]
        alive.sort(key=lambda pod: (pod.requests > 0, pod.last_use))
        for pod in alive[: max(0, len(alive) - self._most + 1)]:
            log.info("model %s: its pod makes room", pod.model_id)
            pod.end(POD_TIMED_OUT)
        pod = self._pods[key] = _Pod(run)
        pod.task = asyncio.create_task(self._live_and_vanish(pod, key))
        self._tasks.add(pod.task)
        pod.task.add_done_callback(self._tasks.discard)
        return pod

    async def _live_and_vanish(self, pod: _Pod, key: str) -> None:
        await self._live(pod)
        # Nobody asks why the pod of a run has ended, but for those who are waiting for it.
        if key == _key(pod.run_id) and self._pods.get(key) is pod:
            del self._pods[key]

    async def _live(self, pod: _Pod) -> None:
        """Start a pod's process, and stay until it is gone."""
        folder = self._folder(pod.run_id)
        try:
            worker = await WorkerProcess.spawn(
                folder, _LOG_FILE, "--pod", longest_line=_LONGEST_LINE
            )
        except OSError as error:
            pod.end(f"No pod could be started: {error.strerror or error}.")
            return
        pod.worker = worker
        if pod.ended:
            worker.kill()
        try:
            await worker.write_line(Deployment(folder, pod.language).to_line())
            async with asyncio.timeout(_STUCK_SECONDS):
                reply = read_reply(await worker.read_line())
        except (TimeoutError, ValueError):
            pod.kill("The pod of this model did not get ready.")
            reply = b""
        match reply:
            case Ready() if not pod.ended:
                pod.ready = pod.was_ready = True
                pod.started.set()
                log.info("model %s: published", pod.model_id)
                self._used(pod)
            case Failed(message):
                pod.end(message)
        code = await worker.exited(None)
        if not pod.ended:
            # One that was never ready would die again at the next poll, and again.
            pod.end(worker.obituary(code, "The pod of this model"), comes_back=pod.was_ready)
        log.info("model %s: its pod has ended: %s", pod.model_id, pod.ended)

    async def _answer(
        self, pod: _Pod, worker: WorkerProcess, request: str, n_texts: int
    ) -> list[bytes]:
        entries: list[bytes] = []
        try:
            await worker.write_line(request)
            while len(entries) < n_texts:
                async with asyncio.timeout(_STUCK_SECONDS):
                    reply = read_reply(await worker.read_line())
                match reply:
                    case b"":
                        raise EOFError
                    case bytes():
                        entries.append(reply)
                    case Failed(message):
                        raise PodFailed(message)
                    case Ready():
                        raise ValueError("ready twice")
        except PodFailed:
            raise
        except EOFError:
            if pod.task is not None:  # it knows the reason in a moment
                await asyncio.wait([pod.task], timeout=_EXIT_GRACE)
            raise PodUnavailable(pod.ended or "The pod of this model has ended.") from None
        except BaseException as error:
            # What it still has to say would be taken for the answer to the next request.
            text = "The pod of this model got stuck, so it was ended."
            pod.kill(text, comes_back=True)
            draining = asyncio.create_task(worker.drain())
            self._tasks.add(draining)
            draining.add_done_callback(self._tasks.discard)
            if isinstance(error, TimeoutError | ValueError):
                raise PodUnavailable(text) from error
            raise
        return entries

    def _used(self, pod: _Pod) -> None:
        """Begin to count the idle time of a pod that has nothing to do."""
        pod.last_use = time.monotonic()
        if pod.requests == 0:
            self._idle_again.set()
        if pod.requests == 0 and not pod.ended:
            loop = asyncio.get_running_loop()
            pod.timer = loop.call_later(self._idle, pod.end, POD_TIMED_OUT)
