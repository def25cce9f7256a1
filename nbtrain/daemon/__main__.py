"""``python -m nbtrain.daemon``: start, signals, end."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from ..errors import ServiceUnavailable
from ..home import ServiceRecord, state_folder
from ..protocols.job import CacheFolder
from .app import make_app
from .arguments import read_arguments
from .einstein.assertions import Assertions, KeyUnreadable, read_public_key
from .einstein.loading import Loading
from .einstein.training_data import prepare_training
from .guard import Guard
from .http import HttpProtocol
from .llm_settings import CACHE_FILE, LLMStore
from .namer import Namer
from .pods import Pods
from .storage import STORAGE_ERRORS, StoreThread, storage_trouble
from .store import DATABASE, Store, StoreError, StoreLocked
from .supervisor import Supervisor
from .tokens import Tokens

FAILED = 1
ALREADY_RUNNING = 3

_HOST = "127.0.0.1"
_LOG_FILE = "daemon.log"
_RUNS_FOLDER = "runs"
_DATASETS_FOLDER = "datasets"
_FEATURES_FOLDER = "features"

log = logging.getLogger("nbtrain.daemon")


class _Server(uvicorn.Server):
    """Says when it listens, and leaves the signals to :func:`_handle_signals`."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_listening()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal again at the end: an orderly exit would look like a crash.
        yield


def _handle_signals(server: uvicorn.Server) -> None:
    def stop(number: int, frame: object) -> None:
        server.should_exit = True

    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    for name in names:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)


async def _exit_when_idle(
    server: uvicorn.Server,
    guard: Guard,
    supervisor: Supervisor,
    loading: Loading,
    db: StoreThread,
    seconds: float,
) -> None:
    while not server.should_exit:
        await asyncio.sleep(min(1.0, seconds / 4))
        quiet_since = max(guard.last_request, supervisor.last_end)
        if guard.in_flight or loading.busy or time.monotonic() - quiet_since < seconds:
            continue
        if await db(Store.active_runs) == 0:
            server.should_exit = True


def _listen(port: int) -> socket.socket:
    # Unless the protocol is named, asyncio leaves Nagle on: 40 ms more for every answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let another process take the port over
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


def _credentials() -> tuple[str, str]:
    given = os.environ.get("NBTRAIN_CLIENT_ID"), os.environ.get("NBTRAIN_CLIENT_SECRET")
    if given[0] and given[1]:
        return given[0], given[1]
    return f"nbtrain-{secrets.token_hex(8)}", secrets.token_urlsafe(32)


def _start_log(home: Path) -> None:
    handler = RotatingFileHandler(
        home / _LOG_FILE, maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
    )
    logging.basicConfig(
        handlers=[handler], level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.raiseExceptions = False  # a full disk must not end in tracebacks


def _say(line: str) -> None:
    with suppress(OSError, AttributeError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201


def _who_is_there(home: Path) -> str:
    record = ServiceRecord.load(home)
    if record is not None:
        address = urlsplit(record.url)
        with (
            suppress(OSError),
            socket.create_connection((address.hostname or _HOST, address.port or 0), timeout=0.5),
        ):
            return f" at {record.url} (process {record.pid})"
    return ""


async def _serve(
    options: argparse.Namespace,
    home: Path,
    db: StoreThread,
    listener: socket.socket,
    assertions: Assertions,
) -> None:
    client_id, client_secret = _credentials()
    url = f"http://{_HOST}:{listener.getsockname()[1]}"
    record = ServiceRecord(url, client_id, client_secret, os.getpid())
    tokens = Tokens(client_id, client_secret, lifetime=options.token_lifetime)
    llm, namer = LLMStore(home / CACHE_FILE), Namer()
    supervisor = Supervisor(
        db,
        home / _RUNS_FOLDER,
        max_workers=options.max_workers,
        naming=llm.naming,
        prepare=partial(prepare_training, db),
        cache=CacheFolder(home / _FEATURES_FOLDER, options.feature_cache),
    )
    pods = Pods(supervisor.folder, idle=options.pod_idle, most=options.max_pods)
    loading = Loading(db, home / _DATASETS_FOLDER)
    app = make_app(
        tokens,
        db,
        supervisor,
        pods,
        llm,
        namer,
        assertions,
        loading,
        tenant=options.tenant,
        max_upload=options.max_upload,
        token_for_inference=options.token_for_inference,
        prediction_limit=options.prediction_limit,
    )

    def on_listening() -> None:
        record.save(home)
        if options.print_credentials:
            line = {"url": url, "client_id": client_id, "client_secret": client_secret}
            with suppress(OSError):
                print(json.dumps(line), flush=True)  # noqa: T201
        _say(f"nbtrain: serving at {url}, state in {home}")
        if options.accept_any_assertion:
            _say("nbtrain: anybody on this machine gets a token: --accept-any-assertion")

    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=HttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, on_listening)
    _handle_signals(server)
    idle = None
    try:
        await loading.start()
        await supervisor.start()
        if options.idle_exit is not None:
            quiet = max(0.1, options.idle_exit)
            watch = _exit_when_idle(server, app, supervisor, loading, db, quiet)
            idle = asyncio.create_task(watch)
        await server.serve(sockets=[listener])
    finally:
        record.remove(home)
        if idle is not None:
            idle.cancel()
        await asyncio.gather(loading.stop(), supervisor.stop(), pods.stop(), namer.stop())


def main(argv: list[str] | None = None) -> int:
    """Serve until told to stop.

    Returns
    -------
    int
        0 after an orderly end, 1 if the service can't start, 3 if one is running on the state
        folder already.
    """
    options = read_arguments(argv)
    os.umask(0o077)
    try:
        keys = [read_public_key(path) for path in options.public_key]
        assertions = Assertions(keys, accept_any=options.accept_any_assertion)
        home = state_folder(options.home)
        (home / _RUNS_FOLDER).mkdir(exist_ok=True)
        store = Store(home / DATABASE)
    except StoreLocked:
        _say(
            f"nbtrain: a local service is running on {options.home or 'this state folder'} "
            f"already{_who_is_there(home)}."
        )
        return ALREADY_RUNNING
    except (KeyUnreadable, ServiceUnavailable, StoreError, OSError) as error:
        _say(f"nbtrain: {error}")
        return FAILED
    db = StoreThread(store)
    try:
        listener = _listen(options.port)
    except (OSError, OverflowError) as error:
        db.close()
        reason = getattr(error, "strerror", None) or str(error)
        _say(f"nbtrain: port {options.port} can't be used: {reason}.")
        return FAILED
    _start_log(home)
    try:
        asyncio.run(_serve(options, home, db, listener, assertions))
    except STORAGE_ERRORS as error:
        log.exception("the service can't go on")
        _say(f"nbtrain: {storage_trouble(error)[1]}")
        return FAILED
    finally:
        db.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
