"""The files of Einstein Language's data sets: read by the service, written by the client.

Two columns, text and label, without a header row, as CSV or TSV; or JSON: ``{"intents": {label:
[text, ...]}}``, or objects with ``text`` and ``label`` as an array or one a line. The vendor's page
"Create a Dataset From a File Asynchronously" names the formats; that quotes double within quotes,
UTF-8 and the last two JSON forms are our choice.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from reprlib import repr as short
from typing import Literal

from ..documents import NOT_ENCODABLE, READ_AGAIN, Utterance, is_encodable
from ..errors import DataError, Problem
from .einstein_access import FILE_BYTES
from .einstein_datasets import MAX_LABEL
from .einstein_json import labelled_texts

__all__ = ["MAX_TEXT", "csv_parts", "file_format", "label_name", "read_examples"]

MAX_TEXT = 131_072
"""Characters in one text: as many as Python's csv module takes."""

Format = Literal["csv", "tsv", "json"]

_FORMATS: dict[str, Format] = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "json"}
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_LISTED = 5
_SNIFFED = 4096
_BINARY = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_QUOTES = "Put a text that holds commas, quotes or line ends in double quotes, and double its own."


def label_name(label: str) -> str:
    """Return what is kept of a label: trimmed, and at most :data:`MAX_LABEL` characters of it."""
    return label.strip()[:MAX_LABEL].rstrip()


def file_format(file_name: str | None, head: bytes) -> Format:
    r"""Tell the format of a file by its name, or else by its first bytes.

    Examples
    --------
    >>> file_format("mail.tsv", b""), file_format(None, b'{"intents"'), file_format("a", b"x\ty\n")
    ('tsv', 'json', 'tsv')
    """
    ending = PurePosixPath((file_name or "").strip().lower()).suffix
    if ending in _FORMATS:
        return _FORMATS[ending]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"[") and start[1:].lstrip()[:1] in (b'"', b"{", b"", b"}", b"]"):
        return "json"
    line = start.partition(b"\n")[0]
    return "tsv" if line.count(b"\t") == 1 and b"," not in line.partition(b"\t")[2] else "csv"


def read_examples(path: Path, file_name: str | None = None) -> Iterator[Utterance]:
    """Read the labelled texts of a file, in its order.

    Parameters
    ----------
    path : Path
        The file.
    file_name : str, optional
        What the client calls it; its ending tells the format.

    Yields
    ------
    Utterance
        With its label, trimmed and cut as :func:`label_name` does. The text is as it was.

    Raises
    ------
    DataError
        At once if the file as a whole is no good, else at its end, listing the first few of the
        rows that are not. So nothing that was yielded may be trusted before the end.
    """
    with path.open("rb") as file:
        head = file.read(_SNIFFED)
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            fix = "Send a CSV, TSV or JSON file, as UTF-8 text."
            raise _error(path, f"is {what}", fix)
    form = file_format(file_name, head)
    rows = labelled_texts(path) if form == "json" else _table(path, _DELIMITERS[form])
    problems: list[Problem] = []
    found = count = 0
    for where, text, label in rows:
        problem = _problem(where, text, label)
        if problem is None:
            count += 1
            assert isinstance(text, str)
            assert isinstance(label, str)
            yield Utterance(text, label_name(label))
        else:
            found += 1
            problems += [problem] if len(problems) < _LISTED else []
    if found > len(problems):
        problems.append(Problem(path.name, f"has {found - len(problems):,} problems more"))
    if problems:
        raise DataError("The data file can't be used.", problems)
    if not count:
        raise _error(path, "holds no examples")


def _problem(where: str, text: object, label: object) -> Problem | None:
    for name, value in (("text", text), ("label", label)):
        if not isinstance(value, str):
            kind = "no" if value is None else f"{short(value)} as"
            return Problem(where, f"has {kind} {name}")
        if not value.strip():
            return Problem(where, f"has an empty {name}")
        if "\0" in value:
            return Problem(where, f"has a NUL character in its {name}")
        if not is_encodable(value):
            return Problem(where, NOT_ENCODABLE, READ_AGAIN)
        if len(value) > MAX_TEXT:
            return Problem(where, f"has a {name} of more than {MAX_TEXT:,} characters")
    return None


def _table(path: Path, delimiter: str) -> Iterator[tuple[str, object, object]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter, strict=True)
        while True:
            line = rows.line_num + 1
            try:
                row = next(rows, None)
            except UnicodeDecodeError:
                what = f"is not UTF-8 text, near line {line:,}"
                raise _error(path, what, "Save it as UTF-8.") from None
            except csv.Error as error:
                raise _error(path, _reason(error, line), _QUOTES) from None
            if row is None:
                return
            if len(row) < 2 and not "".join(row).strip():
                continue
            if any("\0" in cell for cell in row):
                what = f"holds NUL bytes, first in line {line:,}"
                raise _error(path, what, "Send a text file.")
            yield (f"line {line:,}", *_columns(path, row, line, delimiter))


def _columns(path: Path, row: list[str], line: int, delimiter: str) -> tuple[str, str]:
    if len(row) == 2:
        return row[0], row[1]
    columns = "one column" if len(row) == 1 else f"{len(row)} columns"
    sign = "comma" if delimiter == "," else "tab"
    what = f"has {columns} in line {line:,}"
    raise _error(path, what, f"Two are needed, text and label, with a {sign} between. {_QUOTES}")


def _reason(error: csv.Error, line: int) -> str:
    text = str(error)
    if "unexpected end" in text:
        return f"has a quote in line {line:,} that is never closed"
    if "field larger" in text:
        most = f"{MAX_TEXT:,} characters"
        return f"has a text of more than {most}, or a quote that is never closed, in line {line:,}"
    return f"has quotes that don't fit, in line {line:,} or after"


def _error(path: Path, what: str, fix: str = "") -> DataError:
    return DataError("The data file can't be used.", [Problem(path.name, what, fix)])


def csv_parts(utterances: Iterable[Utterance], most: int = FILE_BYTES) -> Iterator[bytes]:
    r"""Write labelled texts as CSV files of a limited size, each as bytes.

    In place of NUL, which no service takes in such a file, U+FFFD is written.

    Parameters
    ----------
    utterances : iterable of Utterance
        Labelled; taken one at a time.
    most : int
        Bytes in a file. A single row that is longer is a file of its own.

    Examples
    --------
    >>> list(csv_parts([Utterance("Hi, you", "greet"), Utterance("Bye", "part")], most=20))
    [b'"Hi, you",greet\r\n', b'Bye,part\r\n']
    """
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    part = bytearray()
    for utterance in utterances:
        writer.writerow((utterance.text, utterance.intent))
        row = line.getvalue().replace("\0", "\ufffd").encode()
        line.seek(0)
        line.truncate()
        if part and len(part) + len(row) > most:
            yield bytes(part)
            part.clear()
        if not part and row.startswith(b"\xef\xbb\xbf"):
            part += b"\xef\xbb\xbf"  # else the text's own would be taken for the file's
        part += row
    if part:
        yield bytes(part)
