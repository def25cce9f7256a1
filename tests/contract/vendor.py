"""A stand-in for Knovvu: a real HTTP server that follows the vendor's pages, with quirks by script.

It starts no trainings, but counts those that it would have started.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

STAGES = ["Initialized", "PendingTraining", "DatasetUploading", "DataProcessing",
          "TrainingStarted", "Training", "Trained", "ModelUploading", "Completed"]  # fmt: skip
TRAININGS = "/sestekai-api/api/external/trainings/"


@dataclass(frozen=True)
class Quirk:
    """How one call is answered, if its token is good.

    ``body`` and ``status`` None are what the vendor would have said; a body may be made from the
    call. ``act`` tells whether what was
    asked for is done; ``reads`` whether the request is read before the answer; ``cut`` after how
    many bytes of the body the connection is closed, -1 for an answer that never begins.
    """

    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    act: bool = False
    reads: bool = True
    cut: int | None = None
    pause: float = 0.0
    drip: float = 0.0


@dataclass
class Training:
    """A training that the vendor has started."""

    fields: dict[str, str]
    files: dict[str, bytes]
    stage: int = 0
    inference: str | None = None


@dataclass
class Call:
    """A request as it arrived."""

    route: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)


class Vendor:
    """The server, from ``with`` on.

    Attributes
    ----------
    trainings : list of Training
        Every training started, also a second one of the same model.
    calls : list of Call
    """

    def __init__(self) -> None:
        self.trainings: list[Training] = []
        self.calls: list[Call] = []
        self.clients = {"trainer": "Tr41ner-S3cret/+%&", "AIModule_SestekAI_App": "1nf3r-S3cret"}
        self.token_answer: dict[str, Any] = {"expires_in": 86400, "token_type": "Bearer"}
        self.tokens: dict[str, str] = {}
        self.steps = 1
        self._issued = 0
        self._script: defaultdict[str, deque[Quirk]] = defaultdict(deque)
        self._lock = threading.RLock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.vendor = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def script(self, route: str, *quirks: Quirk) -> None:
        """Answer the next calls of a route so: token, train, progress, ready, modules, infer."""
        self._script[route].extend(quirks)

    def count(self, route: str) -> int:
        """Return how many calls of a route have arrived."""
        return sum(call.route == route for call in self.calls)

    def expire(self) -> None:
        """Let all tokens expire, whatever their life was said to be."""
        self.tokens.clear()

    def route(self, method: str, path: str) -> str:
        """Name the call that a path stands for."""
        return _route(path)

    # --- what the vendor does ------------------------------------------------------------

    def quirk(self, route: str) -> Quirk:
        """Take the next quirk of a route."""
        with self._lock:
            return self._script[route].popleft() if self._script[route] else Quirk(act=True)

    def act(self, call: Call) -> tuple[int, Any]:
        """Do what a call asks for."""
        with self._lock:
            act: Callable[[Call], tuple[int, Any]] = getattr(self, f"_{call.route}", _unknown)
            return act(call)

    def refusal(self, call: Call) -> Quirk | None:
        """Return what is said to a call without a good token."""
        if call.route == "token":
            return None
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if call.route == "infer" and not token:
            return None
        client = "AIModule_SestekAI_App" if call.route == "infer" else "trainer"
        if self.tokens.get(token) == client:
            return None
        said = {"error": {"code": None, "message": f"The token {token} is not known."}}
        return Quirk(status=401, body=said)

    def _token(self, call: Call) -> tuple[int, Any]:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        client = form.get("client_id", "")
        if self.clients.get(client) != form.get("client_secret"):
            said = f"Secret {form.get('client_secret')} is wrong."
            return 400, {"error": "invalid_client", "error_description": said}
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        self._issued += 1
        token = f"eyJ-t0ken-{self._issued}"
        self.tokens[token] = client
        return 200, {"access_token": token, **self.token_answer}

    def _train(self, call: Call) -> tuple[int, Any]:
        fields, files = read_form(call)
        model_id = fields["modelId"]
        found = self._newest(model_id)
        if found is not None and STAGES[found.stage] != "Completed":
            text = f"The training is still in progress for the same model ID: {model_id}"
            return 202, {"error": {"message": text}}
        if found is not None and fields.get("forceTrain") == "false":
            found.inference = "Pending"
        else:
            found = Training(fields, files)
            self.trainings.append(found)
        return 200, {"name": model_id, "status": 0, "statusMessage": STAGES[found.stage],
                     "percent": 100 if found.stage == 8 else 0, "endpoints": []}  # fmt: skip

    def _progress(self, call: Call) -> tuple[int, Any]:
        found = self._newest(call.path.split("/")[-2])
        if found is None:
            return 404, {"error": {"message": "There is no such entity."}}
        if STAGES[found.stage] != "Completed":
            found.stage = min(8, found.stage + self.steps)
        else:
            found.inference = "Pending" if found.inference is None else "Running"
        return 200, {"percent": round(found.stage * 12.5), "trainingStatus": STAGES[found.stage],
                     "inferenceStatus": found.inference}  # fmt: skip

    def _ready(self, call: Call) -> tuple[int, Any]:
        found = self._newest(call.path.split("/")[-2])
        return (200, found.inference == "Running") if found is not None else (404, None)

    def _infer(self, call: Call) -> tuple[int, Any]:
        found = self._newest(call.path.split("/")[2].removeprefix("acme-"))
        if found is None:
            return 404, None
        if found.inference != "Running":
            said = "Published pod is currently unavailable due to inactivity timeout."
            return 503, {"message": said}
        texts = [entry["text"] for entry in json.loads(call.body)["inputs"]]
        return 200, {"result": [
            {"text": text, "normalizedText": text.lower(), "topPrediction": "b",
             "topConfidence": 0.7, "predictions": [{"label": "a", "confidence": 0.3},
                                                   {"label": "b", "confidence": 0.7}]}
            for text in texts
        ]}  # fmt: skip

    def _llm(self, call: Call) -> tuple[int, Any]:
        return 200, None

    def _newest(self, model_id: str) -> Training | None:
        same = [each for each in self.trainings if each.fields["modelId"] == model_id]
        return same[-1] if same else None


def _unknown(call: Call) -> tuple[int, Any]:
    return 404, None


def read_form(call: Call) -> tuple[dict[str, str], dict[str, bytes]]:
    """Read a multipart body: plain fields, and files."""
    head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
    fields, files = {}, {}
    for part in message_from_bytes(head + call.body).get_payload():
        assert not isinstance(part, str)
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename() is None:
            fields[name] = content.decode()
        else:
            files[name] = content
    return fields, files


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    vendor: Vendor

    def handle_error(self, *arguments: Any) -> None:
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        assert isinstance(self.server, _Server)
        vendor = self.server.vendor
        path = unquote(urlsplit(self.path).path)
        route = vendor.route(self.command, path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(urlsplit(self.path).query))
        call = Call(route, path, headers, method=self.command, query=query)
        quirk = vendor.refusal(call) or vendor.quirk(route)
        # One that doesn't read leaves the connection in a state that nobody can go on from.
        self.close_connection = self.close_connection or not quirk.reads
        call.body = self.rfile.read(int(headers.get("content-length", 0)) if quirk.reads else 0)
        vendor.calls.append(call)
        status, said = vendor.act(call) if quirk.act else (200, None)
        body = said if quirk.body is None else quirk.body
        body = body(call) if callable(body) else body
        if body is not None and not isinstance(body, bytes | str):
            body = json.dumps(body)
        content = body.encode() if isinstance(body, str) else body or b""
        time.sleep(quirk.pause)
        with suppress(OSError):
            self._send(quirk, quirk.status or status, content)

    def _send(self, quirk: Quirk, status: int, content: bytes) -> None:
        if quirk.cut == -1:
            self.close_connection = True
            return
        self.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        for name, value in (headers | dict(quirk.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        if quirk.cut is not None:
            self.close_connection = True
            content = content[: quirk.cut]
        if not quirk.drip:
            self.wfile.write(content)
            return
        for byte in content:
            self.wfile.write(bytes([byte]))
            time.sleep(quirk.drip)


def _route(path: str) -> str:
    if path == "/connect/token":
        return "token"
    if path.startswith("/published/"):
        return "infer"
    if path.endswith("/llm-configurations"):
        return "llm"
    return path.rpartition("/")[2] if path.startswith(TRAININGS) else "unknown"
