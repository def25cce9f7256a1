"""What the daemon and a pod say to each other, one line each.

A pod is the process of a published model. The daemon writes one :class:`Deployment` to its
standard input, then one inference request a line, in the wire's own JSON, and keeps the pipe
open; at end-of-file the pod exits. The pod answers with :class:`Ready`, and then for each request
with as many lines as it has texts: each an entry of the wire's ``result``, which the daemon hands
on without reading it. :class:`~nbtrain.protocols.job.Failed` in the place of any of them says
that there are no more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from .job import Failed

__all__ = ["Deployment", "Ready", "read_reply", "write_reply"]

_OWN = b'{"kind": '


@dataclass(frozen=True, slots=True)
class Deployment:
    """The model to be published: the folder of its run, and its language."""

    folder: Path
    language: str

    def to_line(self) -> str:
        """Write it as one line."""
        return json.dumps({"folder": str(self.folder), "language": self.language})

    @classmethod
    def from_line(cls, line: str) -> Deployment:
        """Read it."""
        data = json.loads(line)
        return cls(Path(data["folder"]), data["language"])


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is loaded; ``model_kind`` is clustering or classification."""

    model_kind: str


def write_reply(reply: Ready | Failed) -> str:
    """Write what is no entry of a result as one line, without the line end."""
    match reply:
        case Ready(model_kind):
            return json.dumps({"kind": "ready", "model_kind": model_kind})
        case Failed(message):
            return json.dumps({"kind": "failed", "message": message})


def read_reply(line: bytes) -> Ready | Failed | bytes:
    """Read a pod's line; an entry of a result is given back as it is.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> read_reply(write_reply(Ready("clustering")).encode())
    Ready(model_kind='clustering')
    >>> read_reply(b'{"text": "hello"}')
    b'{"text": "hello"}'
    """
    if not line.startswith(_OWN):
        return line
    data = json.loads(line)
    match data:
        case {"kind": "ready", "model_kind": str(model_kind)}:
            return Ready(model_kind)
        case {"kind": "failed", "message": str(message)}:
            return Failed(message)
        case _:
            raise ValueError(f"not a pod's reply: {line[:200]!r}")
