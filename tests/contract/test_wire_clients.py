"""One training request, as different HTTP clients write it: it is understood alike."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
import requests
import urllib3

from nbtrain.protocols.knovvu import TRAIN_PATH
from tests.daemon_process import SENTENCES, RunningDaemon, start_daemon

Json = dict[str, Any]
Answer = tuple[int, Any]

FIELDS = {
    "modelId": "any-client",
    "productName": "Müşteri Şikâyetleri",
    "languageCode": "tr-TR",
    "dataSchema": "dialogue",
    "secondaryDataSchema": "intent",
    "numClusters": "6",
    "forceTrain": "true",
}
DATA = json.dumps(
    [
        {"dialogueId": f"ç-{n}", "turns": [{"speaker": "customer", "text": text}]}
        for n, text in enumerate(SENTENCES)
    ],
    ensure_ascii=False,
).encode()
SECONDARY = b'\xef\xbb\xbf[{"Label": "kay\xc4\xb1p", "Text": "I lost my card"}]\r\n'
FILES = {"dataFile": DATA, "secondaryDataFile": SECONDARY}


@dataclass(frozen=True)
class Style:
    """How a request is written, within what a client can vary."""

    scalar_filenames: bool = False
    scalar_type: str = ""
    file_type: str = "application/json"
    chunked: bool = False


STYLES = {
    "plain": Style(),
    "scalars with filenames": Style(scalar_filenames=True),
    "scalars with charset": Style(scalar_type="text/plain; charset=utf-8"),
    "files without a type of their own": Style(file_type="application/octet-stream"),
    "chunked": Style(chunked=True),
    "all at once": Style(True, "text/plain;charset=UTF-8", "text/json", True),
}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


Parts = list[tuple[str, tuple[str | None, bytes, str | None]]]


def parts_of(style: Style) -> Parts:
    """Return the parts: name, and file name, content, type."""
    parts: Parts = []
    for name, value in FIELDS.items():
        filename = f"{name}.txt" if style.scalar_filenames else None
        parts.append((name, (filename, value.encode(), style.scalar_type or None)))
    for name, data in FILES.items():
        parts.append((name, (f"{name}.json", data, style.file_type)))
    return parts


def blocks(body: bytes, size: int = 1000) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def send_requests(url: str, headers: dict[str, str], style: Style) -> Answer:
    def three(filename: str | None, value: bytes, kind: str | None) -> Any:
        return (filename, value) if kind is None else (filename, value, kind)

    files = [(name, three(*part)) for name, part in parts_of(style)]
    request = requests.Request("POST", url, headers=headers, files=files).prepare()
    if style.chunked:
        body = request.body
        assert isinstance(body, bytes)
        del request.headers["Content-Length"]
        request.headers["Transfer-Encoding"] = "chunked"
        request.body = blocks(body)
    with requests.Session() as session:
        answer = session.send(request, timeout=30)
    return answer.status_code, answer.json()


def send_httpx(url: str, headers: dict[str, str], style: Style) -> Answer:
    files = [
        (name, (filename, value) if kind is None else (filename, value, kind))
        for name, (filename, value, kind) in parts_of(style)
    ]
    request = httpx.Request("POST", url, headers=headers, files=files)
    if style.chunked:
        body = request.read()
        chunked = {**headers, "Content-Type": request.headers["Content-Type"]}
        request = httpx.Request("POST", url, headers=chunked, content=blocks(body))
    with httpx.Client(verify=False, timeout=30) as client:
        answer = client.send(request)
    return answer.status_code, answer.json()


def send_urllib3(url: str, headers: dict[str, str], style: Style) -> Answer:
    fields = []
    for name, (filename, value, kind) in parts_of(style):
        field = urllib3.fields.RequestField(name, value, filename=filename)
        field.make_multipart(content_type=kind)
        fields.append(field)
    body, content_type = urllib3.encode_multipart_formdata(fields)
    with urllib3.PoolManager() as pool:
        answer = pool.request(
            "POST",
            url,
            headers={**headers, "Content-Type": content_type},
            body=blocks(body) if style.chunked else body,
            chunked=style.chunked,
        )
    return answer.status, answer.json()


def send_aiohttp(url: str, headers: dict[str, str], style: Style) -> Answer:
    async def send() -> Answer:
        form = aiohttp.FormData(default_to_multipart=True)
        for name, (filename, value, kind) in parts_of(style):
            # Of unknown length where it has to be read, and then it is sent in chunks.
            content = io.BytesIO(value) if filename is not None or style.chunked else value.decode()
            form.add_field(name, content, filename=filename, content_type=kind)
        async with aiohttp.ClientSession() as session:
            chunked = True if style.chunked else None
            post = session.post(url, headers=headers, data=form, chunked=chunked)
            async with post as answer:
                return answer.status, await answer.json()

    return asyncio.run(send())


CLIENTS: dict[str, Callable[[str, dict[str, str], Style], Answer]] = {
    "requests": send_requests,
    "httpx": send_httpx,
    "urllib3": send_urllib3,
    "aiohttp": send_aiohttp,
}


def assert_understood(daemon: RunningDaemon, answer: Answer) -> None:
    """Compare the experiment and the kept files with what was sent; remove the run again."""
    status, experiment = answer
    assert status == 200, experiment
    assert experiment["trainingParams"] == FIELDS
    assert (experiment["name"], experiment["description"]) == (
        FIELDS["modelId"], FIELDS["productName"],
    )  # fmt: skip
    folder: Path = daemon.home / "runs" / experiment["id"]
    assert (folder / "data.json").read_bytes() == DATA
    assert (folder / "secondary.json").read_bytes() == SECONDARY
    with daemon.client() as client:
        client.post(f"/nbtrain/v1/runs/{experiment['id']}/cancel")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_is_understood_alike(daemon: RunningDaemon, client: str, style: str) -> None:
    headers = {"Authorization": f"Bearer {daemon.token()}"}
    answer = CLIENTS[client](daemon.url + TRAIN_PATH, headers, STYLES[style])
    assert_understood(daemon, answer)


# --- bytes that none of these clients writes --------------------------------------------------

JSON_TYPE = b"Content-Type: application/json"


def body_of(
    disposition: Callable[[str, bool], list[bytes]], *, before: bytes = b"", after: bytes = b""
) -> bytes:
    """Write the form with header lines made by a function of name and whether it is a file."""
    written = before
    for name, value in {**{k: v.encode() for k, v in FIELDS.items()}, **FILES}.items():
        lines = disposition(name, name in FILES)
        written += b"--limit\r\n" + b"".join(line + b"\r\n" for line in lines)
        written += b"\r\n" + value + b"\r\n"
    return written + b"--limit--\r\n" + after


def usual(name: str, is_file: bool) -> list[bytes]:
    filename = '; filename="data.json"' if is_file else ""
    return [f'Content-Disposition: form-data; name="{name}"{filename}'.encode()]


def small_letters(name: str, is_file: bool) -> list[bytes]:
    return [usual(name, is_file)[0].replace(b"Content-Disposition", b"content-disposition")]


def capitals(name: str, is_file: bool) -> list[bytes]:
    line = f'CONTENT-DISPOSITION: FORM-DATA; NAME="{name}"'
    return [b"CONTENT-TYPE: TEXT/PLAIN", (line + '; FILENAME="D"' * is_file).encode()]


def without_quotes(name: str, is_file: bool) -> list[bytes]:
    """As .NET's MultipartFormDataContent writes it."""
    filename = "; filename=data.json; filename*=utf-8''data.json" if is_file else ""
    return [
        b"Content-Type: text/plain; charset=utf-8",
        f"Content-Disposition: form-data; name={name}{filename}".encode(),
    ]


def with_lengths(name: str, is_file: bool) -> list[bytes]:
    """As OkHttp and older Apache clients write it."""
    size = len(FILES[name]) if is_file else len(FIELDS[name].encode())
    return [
        *usual(name, is_file),
        b"Content-Type: application/json; charset=utf-8",
        b"Content-Transfer-Encoding: binary",
        f"Content-Length: {size}".encode(),
    ]


def tight(name: str, is_file: bool) -> list[bytes]:
    filename = ';filename="C:\\\\Users\\\\data.json"' if is_file else ""
    return [f'Content-Disposition:form-data;name="{name}"{filename}'.encode()]


def wide(name: str, is_file: bool) -> list[bytes]:
    filename = ' ;  filename="Görüşmeler (1).json"' if is_file else ""
    return [f'Content-Disposition:   form-data ;  name="{name}"{filename}  '.encode()]


def filename_first(name: str, is_file: bool) -> list[bytes]:
    filename = ' filename="name=x; data.json";' if is_file else ""
    return [f'Content-Disposition: form-data;{filename} name="{name}"'.encode()]


BODIES = {
    "usual": body_of(usual),
    "small letters": body_of(small_letters),
    "capitals": body_of(capitals),
    "without quotes": body_of(without_quotes),
    "with lengths": body_of(with_lengths),
    "tight": body_of(tight),
    "wide": body_of(wide),
    "filename first": body_of(filename_first),
    "line end before": body_of(usual, before=b"\r\n"),
    "text after": body_of(usual, after=b"\r\nThis is the epilogue.\r\n"),
}


def post_raw(daemon: RunningDaemon, head: list[str], body: list[bytes]) -> Answer:
    """Send bytes as they are, each block by itself."""
    address = urlsplit(daemon.url)
    lines = [
        f"POST {TRAIN_PATH} HTTP/1.1",
        f"Host: {address.netloc}",
        f"AUTHORIZATION: bearer {daemon.token()}",
        "Connection: close",
        *head,
    ]
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        for block in body:
            connection.sendall(block)
        with connection.makefile("rb") as file:
            answer = file.read()
    header, _, content = answer.partition(b"\r\n\r\n")
    return int(header.split()[1]), json.loads(content)


@pytest.mark.parametrize("boundary", ["limit", '"limit"', "limit; charset=utf-8"])
@pytest.mark.parametrize("name", BODIES)
def test_every_way_to_write_the_parts(daemon: RunningDaemon, name: str, boundary: str) -> None:
    body = BODIES[name]
    head = [
        f"content-TYPE: Multipart/Form-Data; BOUNDARY={boundary}",
        f"Content-Length: {len(body)}",
    ]
    assert_understood(daemon, post_raw(daemon, head, [body]))


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_chunks_of_every_size(daemon: RunningDaemon, size: int) -> None:
    body = body_of(usual)
    chunks = [b"%x\r\n%s\r\n" % (len(block), block) for block in blocks(body, size)]
    head = ["Content-Type: multipart/form-data; boundary=limit", "Transfer-Encoding: chunked"]
    joined = b"".join([*chunks, b"0\r\n\r\n"])
    assert_understood(daemon, post_raw(daemon, head, [joined]))


def test_a_client_that_waits_to_be_asked_on(daemon: RunningDaemon) -> None:
    body = body_of(usual)
    address = urlsplit(daemon.url)
    head = (
        f"POST {TRAIN_PATH} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: Bearer {daemon.token()}\r\nConnection: close\r\n"
        "Content-Type: multipart/form-data; boundary=limit\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(head.encode())
        with connection.makefile("rb") as file:
            assert file.readline().startswith(b"HTTP/1.1 100")
            assert file.readline() == b"\r\n"
            connection.sendall(body)
            answer = file.read()
    header, _, content = answer.partition(b"\r\n\r\n")
    assert_understood(daemon, (int(header.split()[1]), json.loads(content)))
