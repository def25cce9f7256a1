"""Files of Einstein's data sets: what is read, and what is refused with which reason.

Sections are those of the protocol reference.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nbtrain.documents import Utterance
from nbtrain.errors import DataError
from nbtrain.protocols.einstein_files import MAX_TEXT, csv_parts, file_format, read_examples

WEATHER = [
    Utterance("what's the temperature", "current-weather"),
    Utterance("rain, tomorrow?", "forecast"),
]


def read(folder: Path, data: bytes | str, name: str | None = None) -> list[Utterance]:
    path = folder / "data"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(read_examples(path, name))


def refusal(folder: Path, data: bytes | str, name: str | None = "data.csv") -> str:
    with pytest.raises(DataError) as caught:
        read(folder, data, name)
    return " ".join(map(str, caught.value.problems))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_has_text_and_label_and_no_header(tmp_path: Path, end: str, mark: str) -> None:
    """Section 5: CSV of two columns, UTF-8 with or without a byte order mark."""
    data = f'{mark}"what\'s the temperature",current-weather{end or chr(10)}'
    data += f'"rain, tomorrow?",forecast{end}'
    assert read(tmp_path, data, "weather.csv") == WEATHER


def test_a_header_row_is_an_example(tmp_path: Path) -> None:
    """Section 5: no header row, so nothing is taken for one."""
    assert read(tmp_path, "text,label\na,b\n", "a.csv") == [("text", "label"), ("a", "b")]


def test_quotes_are_doubled_and_hold_line_ends(tmp_path: Path) -> None:
    data = '"say ""hi""\nand go",greet\nit is "fine" here,talk\n'
    assert read(tmp_path, data) == [('say "hi"\nand go', "greet"), ('it is "fine" here', "talk")]


def test_tsv(tmp_path: Path) -> None:
    """Section 5: TSV is the same with tabs."""
    assert read(tmp_path, "rain, tomorrow?\tforecast\n", "w.tsv") == [WEATHER[1]]


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, "\na,x\n\n  \nb,y\n\n") == [("a", "x"), ("b", "y")]


@pytest.mark.parametrize("key", ["intents", "sentiments", "Intents"])
def test_json_by_label(tmp_path: Path, key: str) -> None:
    """Section 5: one object that maps each label to an array of texts."""
    data = json.dumps({"x": [1], key: {"Greet": ["Hi", "hi"], "Info": [], "Bye": ["ç"]}, "y": {}})
    rows = [("Hi", "Greet"), ("hi", "Greet"), ("ç", "Bye")]
    assert read(tmp_path, data, "a.json") == rows
    assert read(tmp_path, f"\ufeff{data}", "a.json") == rows


def test_json_labels_that_come_twice_are_one(tmp_path: Path) -> None:
    data = '{"intents": {"a": ["1"], "b": ["2"], "a": ["3"]}}'
    assert read(tmp_path, data, "a.json") == [("1", "a"), ("2", "b"), ("3", "a")]


@pytest.mark.parametrize(
    "data",
    [
        '[{"text": "Hi", "label": "a"}, {"label": "b", "text": "Bye"}]',
        '{"text": "Hi", "label": "a"}\n{"label": "b", "text": "Bye"}\n',
        '{"id": 1, "Text": "Hi", "Label": "a"}\n{"Label": "b", "Text": "Bye"}',
    ],
)
def test_json_records(tmp_path: Path, data: str) -> None:
    """Section 5, our choice: records as an array or one a line."""
    assert read(tmp_path, data, "a.json") == [("Hi", "a"), ("Bye", "b")]
    assert read(tmp_path, data) == [("Hi", "a"), ("Bye", "b")]


def test_the_format_is_told_by_name_then_by_content() -> None:
    """Section 7.1, our choice: without a file name the content tells."""
    assert file_format("W.CSV", b'{"intents": {}}') == "csv"
    assert file_format(None, b"\xef\xbb\xbf [ {") == "json"
    assert file_format("notes.txt", b"a\tb\n") == "tsv"
    assert file_format("", b"[hello] there,greet\n") == "csv"
    assert file_format(None, b"a\tb,c\n") == "csv"


def test_long_labels_are_cut_and_then_one(tmp_path: Path) -> None:
    """Section 5: a label of more than 180 characters is truncated, not refused."""
    long = "l" * 180
    rows = read(tmp_path, f"a,{long}\nb,{long}x\nc,{long}y\nd,  short \n")
    assert [label for _, label in rows] == [long, long, long, "short"]


def test_texts_stay_as_they_are(tmp_path: Path) -> None:
    assert read(tmp_path, " two  words ,x\n") == [(" two  words ", "x")]


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        # Without the time of day, which would give the test another name each time.
        archive.writestr(zipfile.ZipInfo("data.csv"), "a,b\n")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "holds no examples"),
        (b"\n \n", "holds no examples"),
        ("naïve,x\n".encode("latin-1"), "is not UTF-8 text, near line 1"),
        ("a,x\n".encode("utf-16"), "is UTF-16 text"),
        ("a,x\n".encode("utf-16-le"), "holds NUL bytes, first in line 1"),
        (b"a,x\nb\n", "has one column in line 2"),
        (b"a,x\nb,y,z\n", "has 3 columns in line 2"),
        (b'a,x\n"b,y\nc,z\n', "has a quote in line 2 that is never closed"),
        (b'a,x\n"b"c,y\n', "has quotes that don't fit, in line 2"),
        (b"a,x\nb\0c,y\n", "holds NUL bytes, first in line 2"),
        (b"a\tx\n", "has one column in line 1"),
        (b"a,x\n,y\n", "line 2: has an empty text"),
        (b"a, \n", "line 1: has an empty label"),
        (zipped(), "is a zip archive"),
        (b"\x1f\x8b\x08\0\0", "is a gzip archive"),
        (b"a" * (MAX_TEXT + 1) + b",x\n", "more than 131,072 characters"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_tables(tmp_path: Path, data: bytes, reason: str) -> None:
    assert reason in refusal(tmp_path, data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "is empty"),
        ("text,label\n", "is not valid JSON"),
        ("{}", "is an object without intents"),
        ('{"labels": {}}', "is an object without intents"),
        ('{"intents": []}', "no object of labels"),
        ('{"intents": {}}', "holds no examples"),
        ('{"intents": {"a": []}}', "holds no examples"),
        ('{"intents": {"a": "Hi"}}', "has 'Hi' instead of an array of texts, of the label 'a'"),
        ('{"intents": {"a": ["Hi", 3]}}', "text 2 of the label 'a': has 3 as text"),
        ('{"intents": {"a": ["Hi"', "it ends too early"),
        ('{"intents": {"a": ["Hi" "Ho"]}}', "',' or ']' is missing"),
        ('{"intents": {"a": ["Hi"]}} x', "goes on after the end"),
        ('{"intents": {"a": ["Hi"]}, "b" 3}', "':' is missing"),
        ('{"intents": {"a": ["\\u0000"]}}', "has a NUL character in its text"),
        ('{"intents": {"a": ["\\ud800"]}}', "lone surrogates"),
        ('{"intents": {"": ["Hi"]}}', "has an empty label"),
        ('{"intents": {"a": [' + "[" * 100_000, "JSON"),  # how deep it may go differs
        ('[{"text": "Hi"}]', "record 1: has no label"),
        ('[{"text": "Hi", "label": 7}]', "record 1: has 7 as label"),
        ('{"intents": {"a": ["caf\xe9"]}}'.encode("latin-1"), "is not UTF-8 text"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_json(tmp_path: Path, data: str | bytes, reason: str) -> None:
    assert reason in refusal(tmp_path, data, "a.json")


def test_the_first_problems_are_listed_and_the_others_counted(tmp_path: Path) -> None:
    text = refusal(tmp_path, ",x\n" * 9 + "a,b\n")
    assert all(f"line {line}: has an empty text." in text for line in range(1, 6))
    assert text.endswith("has 4 problems more.")


# What UTF-8 and a CSV file can hold.
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(TEXTS, TEXTS.map(str.strip)), min_size=1), st.integers(1, 60))
@example([("no\0thing", "\0")], 60)
def test_csv_parts_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], most: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    parts = list(csv_parts((Utterance(*row) for row in rows), most))
    found = [row for part in parts for row in read(folder, part, "part.csv")]
    written = [
        (text.replace("\0", "\ufffd"), label.replace("\0", "\ufffd")) for text, label in rows
    ]
    assert found == [(text, label[:180].rstrip()) for text, label in written]
    for part in parts:
        one_row = len(list(csv.reader(io.StringIO(part.decode("utf-8-sig"), newline="")))) == 1
        assert one_row or len(part) <= most + 3
