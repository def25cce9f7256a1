"""Peak memory of the local service while it takes large uploads.

    python -m tests.benchmarks.upload_memory [MEBIBYTES]

512 by default. It takes a minute or two, that much disk in the temporary folder, and Linux. Every
request is refused in the end, so that nothing is trained: the documents are read to the last, and
are fewer than the clusters asked for.
"""

from __future__ import annotations

import http.client
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path
from urllib.parse import urlsplit

from nbtrain.protocols.knovvu import TRAIN_PATH
from tests.daemon_process import RunningDaemon, start_daemon

MEBIBYTE = 1024 * 1024
BOUNDARY = "limit"
FIELDS = {
    "modelId": "large",
    "productName": "CA",
    "languageCode": "en-US",
    "numClusters": "1000000000",
}


def records(size: int, one: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a JSON array of about so many bytes, in blocks."""
    block: list[bytes] = []
    sent = pending = 0
    opening = b"["
    for record in one:
        block.append(record)
        pending += len(record) + 1
        if pending > MEBIBYTE:
            yield opening + b",".join(block)
            opening, block, sent, pending = b",", [], sent + pending, 0
            if sent >= size:
                break
    yield b"]"


def intents() -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        yield b'{"Label": "l%d", "Text": "where is my parcel number %d please"}' % (
            number % 50, number,
        )  # fmt: skip


def dialogues() -> Iterator[bytes]:
    turn = b'{"speaker": "customer", "text": "where is my parcel, I have waited for so long"}'
    number = 0
    while True:
        number += 1
        yield b'{"dialogueId": "c-%d", "turns": [%s]}' % (number, b",".join([turn] * 8))


def flat_dialogues() -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        yield (
            b'{"DialogueId": "c-%d", "TurnIndex": %d, "Speaker": "customer", '
            b'"Text": "where is my parcel, I have waited for so long"}' % (number // 8, number % 8)
        )


def head(schema: str) -> bytes:
    """Return the form up to the content of the data file."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**FIELDS, "dataSchema": schema}.items()
    ]
    file = 'Content-Disposition: form-data; name="dataFile"; filename="data.json"'
    return "".join([*parts, f"--{BOUNDARY}\r\n{file}\r\n\r\n"]).encode()


def peak(daemon: RunningDaemon) -> float:
    """Return the peak of the resident memory, in MiB."""
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def send(daemon: RunningDaemon, body: Iterable[bytes]) -> tuple[int, str]:
    """Send a training request in chunks; the status and the message."""
    Path(f"/proc/{daemon.process.pid}/clear_refs").write_text("5")  # begin the peak anew
    connection = http.client.HTTPConnection(urlsplit(daemon.url).netloc, timeout=600)
    headers = {
        "Authorization": f"Bearer {daemon.token()}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    connection.request("POST", TRAIN_PATH, body, headers, encode_chunked=True)
    answer = connection.getresponse()
    message = json.loads(answer.read())["error"]
    connection.close()
    listed = [problem["message"] for problem in message["validationErrors"]]
    return answer.status, (listed or [message["message"]])[0]


def cases(size: int) -> dict[str, Iterable[bytes]]:
    """Return the bodies by what is in them."""
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    block = b"x" * MEBIBYTE
    return {
        "valid intents": chain([head("intent")], records(size, intents()), [tail]),
        "valid dialogues": chain([head("dialogue")], records(size, dialogues()), [tail]),
        "valid flat dialogues": chain([head("dialogue")], records(size, flat_dialogues()), [tail]),
        "wrong schema": chain([head("dialogue")], records(size, intents()), [tail]),
        "no JSON": chain([head("intent")], repeat(block, size // MEBIBYTE), [tail]),
        "one endless string": chain(
            [head("intent"), b'[{"Text": "'], repeat(block, size // MEBIBYTE), [b'"}]', tail]
        ),
        "one endless field": chain(
            [head("intent").replace(b"dataFile", b"modelId2")],
            repeat(block, size // MEBIBYTE),
            [tail],
        ),
        "no form": repeat(block, size // MEBIBYTE),
        "larger than the limit": chain(
            [head("intent")], repeat(block, size // MEBIBYTE + 1200), [tail]
        ),
    }


def main(mebibytes: int = 512) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        with start_daemon(folder) as daemon:
            daemon.token()
            print(f"{'at rest':24} {peak(daemon):7.1f} MiB")
            for name, body in cases(mebibytes * MEBIBYTE).items():
                began = time.monotonic()
                status, message = send(daemon, body)
                seconds = time.monotonic() - began
                print(
                    f"{name:24} {peak(daemon):7.1f} MiB  {seconds:5.1f} s  {status} {message[:90]}"
                )
                assert 400 <= status < 500
                assert list((folder / "runs").iterdir()) == []
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
