"""A comm that keeps what it is given: widgets without a kernel, messages that can be counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import comm
import ipywidgets.comm
from comm.base_comm import BaseComm


@dataclass
class Recorder:
    """Messages from kernel to page, in order."""

    sent: list[tuple[Any, str, dict[str, Any], list[Any]]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes so far: JSON and buffers, without the frame that every message has alike."""
        return sum(
            len(json.dumps(data)) + sum(memoryview(part).nbytes for part in buffers)
            for _, _, data, buffers in self.sent
        )

    def clear(self) -> None:
        self.sent.clear()

    def custom(self, widget: Any) -> list[dict[str, Any]]:
        """Contents of the custom messages of one widget."""
        return [
            data["content"]
            for owner, kind, data, _ in self.sent
            if owner is widget.comm and kind == "comm_msg" and data.get("method") == "custom"
        ]

    def buffers(self, widget: Any) -> list[bytes]:
        """All buffers that one widget sent."""
        return [
            bytes(part)
            for owner, _, _, parts in self.sent
            if owner is widget.comm
            for part in parts
        ]


@contextmanager
def recording() -> Iterator[Recorder]:
    """Let all widgets made meanwhile talk to a recorder."""
    recorder = Recorder()

    class RecordingComm(BaseComm):
        def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None,
                        buffers: Any = None, **keys: Any) -> None:  # fmt: skip
            recorder.sent.append((self, msg_type, data or {}, buffers or []))

    def create(*args: Any, **kwargs: Any) -> BaseComm:
        return RecordingComm(*args, **kwargs)

    before = comm.create_comm, ipywidgets.comm.create_comm
    comm.create_comm = ipywidgets.comm.create_comm = create
    try:
        yield recorder
    finally:
        comm.create_comm, ipywidgets.comm.create_comm = before


def answer(widget: Any, content: dict[str, Any]) -> None:
    """Play the page: send a widget a custom message."""
    data = {"method": "custom", "content": content}
    widget.comm.handle_msg({"content": {"data": data}, "buffers": []})


def set_from_page(widget: Any, **state: Any) -> None:
    """Play the page: change traits of a widget."""
    data = {"method": "update", "state": state, "buffer_paths": []}
    widget.comm.handle_msg({"content": {"data": data}, "buffers": []})
