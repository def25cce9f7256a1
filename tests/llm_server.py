"""A small server of our own that speaks OpenAI's chat-completions form, by script.

It listens on loopback and answers for real. What it answers is a function of the request, so that
tests can have it be good, slow, rude, broken or expensive.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: Json

    @property
    def user(self) -> str:
        """The user message."""
        return str(self.body["messages"][-1]["content"])

    @property
    def data(self) -> Json:
        """Key words and examples, as a model would read them."""
        data: Json = json.loads(self.user.partition("DATA: ")[2])
        return data

    @property
    def limit(self) -> int:
        """Most tokens of the answer."""
        return int(self.body.get("max_tokens") or self.body["max_completion_tokens"])


@dataclass
class Said:
    """What is answered: the content of the message, or a bare body with a status."""

    content: str | None = None
    status: int = 200
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    finish: str = "stop"
    refusal: str | None = None
    usage: Json | None = None
    delay: float = 0.0
    drop: bool = False


Script = Callable[[Asked], Said]


def named(name: str, description: str = "What these texts are about.") -> Said:
    """Answer as asked."""
    return Said(json.dumps({"name": name, "description": description}, ensure_ascii=False))


def good(asked: Asked) -> Said:
    """Name by the first key words."""
    words = asked.data["key_words"][:2]
    return named(" ".join(words).capitalize(), f"Texts about {' and '.join(words)}.")


class LLMServer(ThreadingHTTPServer):
    """Listens until it is closed; ``asked`` holds all that came in."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.asked: list[Asked] = []
        self.spent = 0
        self.busy = self.busiest = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """What goes into ``base_url``."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that have gone."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LLMServer

    def do_POST(self) -> None:
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = Asked(self.path, dict(self.headers.items()), body)
        with server.lock:
            server.asked.append(asked)
            server.busy += 1
            server.busiest = max(server.busiest, server.busy)
        try:
            said = server.script(asked)
            time.sleep(said.delay)
            if said.drop:
                self.close_connection = True
                return
            self._answer(asked, said)
        finally:
            with server.lock:
                server.busy -= 1

    def _answer(self, asked: Asked, said: Said) -> None:
        payload = said.body
        if payload is None:
            # As a tokeniser would count: about four characters to a token.
            usage = said.usage or {
                "prompt_tokens": sum(len(m["content"]) for m in asked.body["messages"]) // 4 + 8,
                "completion_tokens": min(len(said.content or "") // 4 + 1, asked.limit),
            }
            with self.server.lock:
                self.server.spent += usage["prompt_tokens"] + usage["completion_tokens"]
            message = {"role": "assistant", "content": said.content, "refusal": said.refusal}
            choice = {"index": 0, "message": message, "finish_reason": said.finish}
            payload = json.dumps({"choices": [choice], "usage": usage}).encode()
        self.send_response(said.status)
        for name, value in {"Content-Type": "application/json", **said.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


def error(status: int, message: str, code: str | None = None, **headers: str) -> Said:
    """Answer an error as OpenAI does."""
    body = json.dumps({"error": {"message": message, "type": "x", "code": code}}).encode()
    named_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(status=status, body=body, headers=named_headers)


@contextmanager
def llm_server(script: Script = good) -> Iterator[LLMServer]:
    """Run a server for as long as a test needs it."""
    server = LLMServer(script)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
