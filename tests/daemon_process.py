"""Starts a real local service in a process of its own, for tests over a real socket."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from nbtrain.protocols.knovvu import TOKEN_PATH, TRAIN_PATH, progress_path
from nbtrain.protocols.knovvu_inference import inference_path, published_name
from nbtrain.protocols.local import PREFIX

T = TypeVar("T")
Json = dict[str, Any]

PATIENCE = 30.0

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

SENTENCES = [
    f"{verb} my {noun} {ending}"
    for noun in ("credit card", "parcel", "password", "invoice")
    for verb in ("where is", "please replace", "I lost", "who has")
    for ending in ("today", "again", "please", "since Monday", "for my account")
]
FIELDS = {
    "modelId": "support-topics",
    "productName": "CA",
    "languageCode": "en-US",
    "dataSchema": "intent",
    "numClusters": "4",
}


def intents(texts: list[str]) -> bytes:
    """Return the bytes of an intent file without labels."""
    return json.dumps([{"Text": text} for text in texts]).encode()


@dataclass
class RunningDaemon:
    """A service that listens."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    process: subprocess.Popen[str]
    home: Path
    _token: str = field(default="", repr=False)

    def token(self) -> str:
        """Get an access token."""
        form = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "grant_type": "client_credentials",
        }
        answer = httpx.post(self.url + TOKEN_PATH, data=form, verify=False)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """Open a client that carries a token."""
        self._token = self._token or self.token()
        headers = {"Authorization": f"Bearer {self._token}"}
        # verify=False: reading the certificates of the world takes longer than most calls here.
        with httpx.Client(
            base_url=self.url, headers=headers, timeout=PATIENCE, verify=False
        ) as client:
            yield client

    def train(self, texts: list[str] | None = None, **fields: str) -> httpx.Response:
        """Send a training request; fields add to or replace :data:`FIELDS`."""
        data = intents(SENTENCES if texts is None else texts)
        with self.client() as client:
            return client.post(
                TRAIN_PATH, data={**FIELDS, **fields}, files={"dataFile": ("data.json", data)}
            )

    def status(self, run_or_model_id: str) -> Json:
        """Get one run's status."""
        with self.client() as client:
            answer = client.get(f"{PREFIX}/runs/{run_or_model_id}")
        answer.raise_for_status()
        status: Json = answer.json()
        return status

    def epochs(self, run_or_model_id: str) -> list[Json]:
        """Get all epochs of one run."""
        with self.client() as client:
            answer = client.get(f"{PREFIX}/runs/{run_or_model_id}/epochs")
        answer.raise_for_status()
        epochs: list[Json] = answer.json()["epochs"]
        return epochs

    def wait_for(self, run_or_model_id: str, *states: str) -> Json:
        """Wait until a run is in one of the states; by default until it has ended."""
        wanted = states or ("succeeded", "failed", "cancelled")

        def reached() -> Json | None:
            status = self.status(run_or_model_id)
            return status if status["state"] in wanted else None

        return wait_until(reached)

    def active_runs(self) -> int:
        """Count the runs that are queued or running."""
        with self.client() as client:
            return int(client.get(f"{PREFIX}/health").json()["active_runs"])

    def worker_pids(self) -> list[int]:
        """List the training processes of this service (Linux)."""
        # By name too: a child that is about to become a worker must not be frozen yet, because
        # the service waits for it.
        return [pid for pid in self._children() if "--pod" not in arguments(pid)]

    def pod_pids(self) -> list[int]:
        """List the processes of published models (Linux)."""
        return [pid for pid in self._children() if "--pod" in arguments(pid)]

    def _children(self) -> list[int]:
        return [pid for pid in children(self.process.pid) if "nbtrain.worker" in arguments(pid)]

    def publish(self, model_id: str) -> None:
        """Poll the progress of a model until it is published, once it is trained."""
        with self.client() as client:

            def is_running() -> bool:
                answer = client.get(progress_path(model_id)).json()
                return bool(answer["inferenceStatus"] == "Running")

            wait_until(is_running)

    def infer(self, model_id: str, *texts: str, **fields: object) -> httpx.Response:
        """Let a published text-clustering model label texts."""
        path = inference_path(published_name("local", model_id), "clustering")
        body = {"inputs": [{"text": text} for text in texts], **fields}
        with self.client() as client:
            return client.post(path, json=body)


@contextmanager
def start_daemon(
    home: Path, *flags: str, env: Mapping[str, str] | None = None, **options: object
) -> Iterator[RunningDaemon]:
    """Start a service on a state folder, and stop it at the end.

    Parameters
    ----------
    home : Path
    *flags : str
        Command-line options without a value.
    env : mapping, optional
        More environment variables.
    **options
        Command-line options: ``max_workers=1`` is ``--max-workers 1``.
    """
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command(home, "--print-credentials", *flags, **options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment(env),
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                process.wait(PATIENCE)
                errors.seek(0)
                raise RuntimeError(f"no service, code {process.returncode}: {errors.read()}")
            yield RunningDaemon(**json.loads(line), process=process, home=home)
        finally:
            stop(process)


def command(home: Path, *flags: str, **options: object) -> list[str]:
    """Return the command line of a service."""
    parts = [sys.executable, "-m", "nbtrain.daemon", "--home", str(home), *flags]
    for name, value in options.items():
        parts += [f"--{name.replace('_', '-')}", str(value)]
    return parts


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment in which no setting of the developer's is left."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NBTRAIN_")}
    return {**clean, **(more or {})}


def stop(process: subprocess.Popen[str]) -> None:
    """End a process in order, or else by force."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def children(pid: int) -> list[int]:
    """List the child processes of a process, zombies left out (Linux)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it has just ended
            continue
        if int(parent) == pid and state != "Z":
            found.append(int(stat.parent.name))
    return found


def arguments(pid: int) -> list[str]:
    """Return the command line of a process; empty when it has ended (Linux)."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and no zombie (Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """Wait until a condition gives something true, and return that."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def freeze(pid: int) -> None:
    """Stop a process without ending it, so that what it does lasts as long as a test needs."""
    os.kill(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    """Let a frozen process go on."""
    os.kill(pid, signal.SIGCONT)
