"""What is no HTTP request is refused in the envelope of all errors, too."""

from __future__ import annotations

import json

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..protocols.knovvu import error_envelope

__all__ = ["HttpProtocol"]


class HttpProtocol(H11Protocol):
    """uvicorn's protocol on h11, but for the body of its own error."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what h11 can't read, and close the connection."""
        body = json.dumps(error_envelope("The request is not valid HTTP.")).encode()
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        response = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (response, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
