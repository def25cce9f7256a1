"""A multipart form received: file parts go straight to disk, whatever their size.

Clients differ in which parts they give a file name, so a part's field name alone decides: the
data files are files, all else is text.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ..errors import Problem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

__all__ = ["Upload", "receive_form", "sync_folder"]

_MOST_PARTS = 100
_LONGEST_VALUE = 16 * 1024
_LONGEST_HEADER = 16 * 1024
_BLOCK = 1024 * 1024
_EXTENDED = re.compile(rb";\s*filename\*\s*=\s*\"?utf-8'[^']*'([^;\"\s]*)", re.IGNORECASE)


@dataclass(slots=True)
class Upload:
    """What a form held.

    Parameters
    ----------
    fields : dict of str to str
        The text parts by field name, as received.
    files : dict of str to Path
        The file parts that came, on disk and synced.
    names : dict of str to str
        What the client calls those files, where it says so.
    problems : list of Problem
        Fields that came twice or are far too long.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


async def receive_form(
    request: Request,
    places: Mapping[str, Path],
    *,
    longest_value: int = _LONGEST_VALUE,
    largest_file: int | None = None,
) -> Upload:
    """Receive a ``multipart/form-data`` body.

    Parameters
    ----------
    request : Request
    places : mapping of str to Path
        For each file field the path its content is written to.
    longest_value : int
        Bytes in a text part.
    largest_file : int, optional
        Bytes in a file part. Of a larger one the rest is read and passed over: many clients don't
        see an answer that comes before they have sent everything.

    Raises
    ------
    HTTPException
        415 for another content type, 400 for a broken body.
    OSError
        If a file can't be written.
    """
    content_type, options = parse_options_header(request.headers.get("content-type"))
    if content_type != b"multipart/form-data":
        raise HTTPException(415, "Send the request as multipart/form-data.")
    boundary = options.get(b"boundary")
    if not boundary:
        raise HTTPException(400, "The multipart boundary is missing.")
    with ExitStack() as stack:
        parts = _Parts(places, stack, longest_value, largest_file)
        try:
            parser = MultipartParser(boundary, parts.callbacks())
            async for chunk in request.stream():
                parser.write(chunk)
                if parts.waiting >= _BLOCK:
                    await asyncio.to_thread(parts.write_out)
            parser.finalize()
        except FormParserError as error:
            raise HTTPException(400, "The body is not valid multipart/form-data.") from error
        if not parts.complete:
            raise HTTPException(400, "The multipart body has no end.")
        await asyncio.to_thread(parts.write_out, sync=True)
        return parts.upload


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable, where the operating system lets one."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _file_name(disposition: bytes, options: Mapping[bytes, bytes]) -> str | None:
    """Return the file name of a part, be it as RFC 7578 or as RFC 5987 writes it."""
    if b"filename" in options:
        return options[b"filename"].decode("utf-8", "replace")
    extended = _EXTENDED.search(disposition)
    return unquote_to_bytes(extended[1]).decode("utf-8", "replace") if extended else None


class _Parts:
    """The callbacks of the parser, and the parts they have put together so far."""

    def __init__(
        self,
        places: Mapping[str, Path],
        stack: ExitStack,
        longest_value: int,
        largest_file: int | None,
    ) -> None:
        self.upload = Upload()
        self.complete = False
        self.waiting = 0
        self._places = places
        self._stack = stack
        self._longest_value = longest_value
        self._largest_file = largest_file
        self._file_size = 0
        self._files: dict[str, BinaryIO] = {}
        self._to_write: list[tuple[BinaryIO, bytes]] = []
        self._parts = 0
        self._header = self._value = b""
        self._disposition = b""
        self._name = ""
        self._file: BinaryIO | None = None
        self._text: bytearray | None = None

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def write_out(self, *, sync: bool = False) -> None:
        """Write what has come in for the files."""
        for file, block in self._to_write:
            file.write(block)
        self._to_write.clear()
        self.waiting = 0
        if sync:
            for file in self._files.values():
                file.flush()
                os.fsync(file.fileno())

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise HTTPException(400, f"The form has more than {_MOST_PARTS} parts.")
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header = self._limited(self._header + data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value = self._limited(self._value + data[start:end])

    def _limited(self, header: bytes) -> bytes:
        if len(header) > _LONGEST_HEADER:
            raise HTTPException(400, "A header of a part is too long.")
        return header

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._file = self._text = None
        if not self._name:
            raise HTTPException(400, "A part of the form has no name.")
        if self._name in self.upload.fields or self._name in self.upload.files:
            self.upload.problems.append(Problem(self._name, "is sent more than once"))
        elif self._name in self._places:
            place = self._places[self._name]
            self._file = self._stack.enter_context(place.open("wb"))
            self._file_size = 0
            self._files[self._name] = self._file
            self.upload.files[self._name] = place
            name = _file_name(self._disposition, options)
            if name is not None:
                self.upload.names[self._name] = name
        else:
            self._text = bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file_size += end - start
            if self._largest_file is None or self._file_size <= self._largest_file:
                self._to_write.append((self._file, data[start:end]))
                self.waiting += end - start
        elif self._text is not None and len(self._text) <= self._longest_value:
            self._text += data[start:end]

    def _part_end(self) -> None:
        if self._file is not None and self._file_size > (self._largest_file or self._file_size):
            what = f"is larger than {self._largest_file:,} bytes"
            self.upload.problems.append(Problem(self._name, what))
        if self._text is None:
            return
        if len(self._text) > self._longest_value:
            self.upload.problems.append(Problem(self._name, "is far too long"))
            self._text.clear()
        self.upload.fields[self._name] = self._text.decode("utf-8", "replace")

    def _end(self) -> None:
        self.complete = True
