"""The parameters of a call, however the client sends them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from ...documents import NOT_ENCODABLE, is_encodable
from ...errors import Problem, RequestError
from ...protocols.einstein_access import FILE_BYTES
from ..upload import Upload, receive_form

__all__ = ["EinsteinError", "read_fields"]

_MOST_FIELDS = 100
_LONGEST_VALUE = 1024 * 1024
_LARGEST_BODY = 2 * 1024 * 1024


class EinsteinError(Exception):
    """A refused call: its status, and the message of the answer.

    Parameters
    ----------
    status : int
    message : str
    headers : mapping of str to str, optional
        Of the answer.

    Examples
    --------
    >>> raise EinsteinError(404, "There is no data set 7.")
    Traceback (most recent call last):
    nbtrain.daemon.einstein.forms.EinsteinError: (404, 'There is no data set 7.')
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


async def read_fields(
    request: Request,
    places: Mapping[str, Path] | None = None,
    *,
    allow_json: bool = False,
    any_type: bool = False,
) -> Upload:
    """Read the parameters of a call.

    A multipart part is a plain parameter whether or not it has a file name or a content type, but
    for those in ``places``. All values are trimmed.

    Parameters
    ----------
    request : Request
        With a multipart or URL-encoded body; one without content type counts as URL-encoded.
    places : mapping of str to Path, optional
        For each file parameter the path its content is written to, by at most
        :data:`~nbtrain.protocols.einstein_access.FILE_BYTES` bytes. What is wrong with these is
        left in ``problems``.
    allow_json : bool
        Whether a JSON object will do, too. Values in it that are no strings come as their JSON.

    any_type : bool
        Whether a URL-encoded body may be called something else, as hand-made ones are.

    Raises
    ------
    EinsteinError
        400 for a broken body or a wrong content type.
    RequestError
        If a plain parameter is sent twice or is far too long.
    OSError
        If a file can't be written.
    """
    places = places or {}
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "multipart/form-data":
        upload = await _multipart(request, places)
    elif allow_json and (content_type == "application/json" or content_type.endswith("+json")):
        upload = Upload(await asyncio.to_thread(_json_fields, await _body(request)))
    elif any_type or content_type in ("", "application/x-www-form-urlencoded"):
        upload = await asyncio.to_thread(_url_encoded, await _body(request), places)
    else:
        kinds = "multipart/form-data or application/json" if allow_json else "multipart/form-data"
        raise EinsteinError(400, f"Send the request as {kinds}.")
    problems = [problem for problem in upload.problems if problem.where not in places]
    if problems:
        raise RequestError("Your request is not valid.", problems)
    upload.fields = {name.strip(): value.strip() for name, value in upload.fields.items()}
    return upload


async def _body(request: Request) -> bytes:
    """Return the whole body, which is held in memory, so that it must be small."""
    body = bytearray()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= _LARGEST_BODY:
            body += chunk
    if size > _LARGEST_BODY:
        text = f"A body that is not multipart/form-data has at most {_LARGEST_BODY:,} bytes."
        raise EinsteinError(400, text)
    return bytes(body)


async def _multipart(request: Request, places: Mapping[str, Path]) -> Upload:
    try:
        return await receive_form(
            request, places, longest_value=_LONGEST_VALUE, largest_file=FILE_BYTES
        )
    except HTTPException as error:
        raise EinsteinError(400, error.detail) from error


def _url_encoded(body: bytes, places: Mapping[str, Path]) -> Upload:
    try:
        text = body.decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise EinsteinError(400, "The body is not a valid form.") from error
    upload = Upload()
    for name, value in pairs:
        if name in upload.fields or name in upload.files:
            upload.problems.append(Problem(name, "is sent more than once"))
        elif name in places:
            places[name].write_text(value, encoding="utf-8", newline="")
            upload.files[name] = places[name]
        else:
            upload.fields[name] = value
    return upload


def _json_fields(body: bytes) -> dict[str, str]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise EinsteinError(400, "The body is not valid JSON.") from error
    if not isinstance(data, dict):
        raise EinsteinError(400, "The body is not a JSON object.")
    fields = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in data.items()
        if value is not None
    }
    broken = [name for name, value in fields.items() if not is_encodable(name + value)]
    if broken:
        problems = [Problem(ascii(name)[1:-1], NOT_ENCODABLE) for name in broken]
        raise RequestError("Your request is not valid.", problems)
    return fields
