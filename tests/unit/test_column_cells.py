"""Texts, ids, intents and cells of every kind become plain values, or problems."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain import DataError, check, write_dialogues, write_intents

from .strategies import CHEAP, problems_of
from .turn_frames import NAMES, errors, frame, turns, written

CELLS: list[Any] = [
    None, float("nan"), np.nan, pd.NA, pd.NaT, np.float32("nan"), Decimal("NaN"), "", "text", " ",
    b"bytes", bytearray(b"x"), ["a", "list"], [], {"a": 1}, {"set"}, frozenset("x"), ("a", ["b"]),
    np.array(["a", "b"]), np.array([]), pd.Series([1, 2]), 0, 1, -1, 10**400, 1.0, 1.5,
    float("inf"), True, False, np.int64(1), np.float64(2.0), np.float32(3.0), np.bool_(True),
    np.str_("agent"), np.datetime64("2024-05-02"), Decimal("7.0"), 1j, UUID(int=5),
    dt.date(2024, 5, 2), dt.time(9), dt.datetime(2024, 5, 2), pd.Timestamp("2024-05-02", tz="UTC"),
    pd.Timedelta(1), pd.Period("2024-05"), pd.Interval(0, 1), "2024-05-02T09:31:00Z", "\ud83d",
    "agent", "user", object(), int, len,
]  # fmt: skip


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{type(cell).__name__} {cell!s:.12}")
@pytest.mark.parametrize("column", ["conv", "who", "said", "when", "intent"])
def test_a_strange_cell_gives_values_or_problems(tmp_path: Path, cell: Any, column: str) -> None:
    df = turns(when=[None] * 3, intent=["x"] * 3)
    df.at[1, column] = cell
    report = check(df, **NAMES, timestamp="when")
    path = tmp_path / "d.json"
    raised = problems_of(lambda: write_dialogues(df, path, **NAMES, timestamp="when"))
    assert raised == report.errors
    assert all(problem.rows == (1,) for problem in raised)
    assert path.exists() == (not raised)
    if not raised:
        assert len(json.loads(path.read_bytes())[0]["turns"]) >= 2
    report = check(df, text="said", intent="intent")
    raised = problems_of(lambda: write_intents(df, path, text="said", intent="intent"))
    assert raised == report.errors


@CHEAP
@given(st.lists(st.tuples(*[st.sampled_from(CELLS)] * 5), max_size=5))
def test_any_mixture_of_cells(rows: list[tuple[Any, ...]]) -> None:
    df = pd.DataFrame(index=range(len(rows)))
    for place, name in enumerate(["conv", "who", "said", "when", "intent"]):
        column = np.empty(len(rows), dtype=object)
        for row, cells in enumerate(rows):
            column[row] = cells[place]
        df[name] = pd.Series(column, dtype=object)
    for report in (
        check(df, **NAMES, timestamp="when"),
        check(df, text="said", intent="intent"),
        check(df, text="when"),
    ):
        assert repr(report)
        assert report._repr_html_()
        assert len(report.words) == len(df)


@pytest.mark.parametrize(
    "dtype", [object, "string", "category", "str", "string[python]", "string[pyarrow]"]
)
def test_every_dtype_of_text(tmp_path: Path, dtype: Any) -> None:
    if dtype == "string[pyarrow]":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    if dtype == "str" and int(pd.__version__.split(".")[0]) < 3:
        pytest.skip("dtype 'str' keeps missing values from pandas 3 on")
    df = turns(conv=["a", "a", "b"], who=["user", "agent", "user"], said=["hi 🙂", None, "hi 🙂"])
    df = df.astype({"conv": dtype, "who": dtype, "said": dtype})
    assert written(df, tmp_path / "d.json") == {
        "a": [{"speaker": "customer", "text": "hi 🙂"}, {"speaker": "agent", "text": ""}],
        "b": [{"speaker": "customer", "text": "hi 🙂"}],
    }
    file = write_intents(df, tmp_path / "i.json", text="said", intent="conv")
    assert json.loads(file.path.read_bytes()) == [
        {"Label": "a", "Text": "hi 🙂"}, {"Label": "b", "Text": "hi 🙂"},
    ]  # fmt: skip


def test_arrow_columns(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    df = turns(conv=[1, 1], said=["a", "b"]).astype({"conv": "int64"})
    df["when"] = pd.to_datetime(["2024-05-02T10:00:00Z", "2024-05-02T09:00:00Z"])
    for name, kind in {"conv": pa.int64(), "said": pa.string(), "who": pa.large_string()}.items():
        df[name] = df[name].astype(pd.ArrowDtype(kind))
    df["when"] = df["when"].astype(pd.ArrowDtype(pa.timestamp("us", tz="UTC")))
    assert [t["text"] for t in written(df, tmp_path / "d.json", timestamp="when")["1"]] == [
        "b",
        "a",
    ]


@pytest.mark.parametrize("empty", ["", " \t", None, float("nan"), pd.NA])
def test_five_thousand_empty_rows_are_one_problem(tmp_path: Path, empty: Any) -> None:
    df = turns(said=[empty] * 5000)
    with pytest.raises(DataError) as caught:
        write_dialogues(df, tmp_path / "d.json", **NAMES)
    (problem,) = caught.value.problems
    assert str(problem) == (
        "said: has no text at all (5,000 rows: 0, 1, 2, 3, 4, …). Is it the right column?"
    )


def test_numpy_text_is_text(tmp_path: Path) -> None:
    df = turns(said=[np.str_("hi"), "x" * 1_000_000], who=[np.str_("user")] * 2)
    told = written(df, tmp_path / "d.json")["1"]
    assert [len(turn["text"]) for turn in told] == [2, 1_000_000]


def test_bytes_are_not_taken_for_text() -> None:
    (problem,) = errors(turns(said=["a", b"b", b"c"]))
    assert problem.startswith("said: holds bytes instead of text (2 rows: 1, 2). Decode them")


def test_numbers_and_their_text_are_one_id(tmp_path: Path) -> None:
    df = turns(conv=[1, "1", 1.0, np.int64(1), np.float64(1), np.float32(1), pd.array([1])[0]])
    assert {name: len(said) for name, said in written(df, tmp_path / "d.json").items()} == {"1": 7}


def test_different_ids_stay_apart(tmp_path: Path) -> None:
    ids = [1, "1 ", "01", 1.5, "1.0", 10**30, "a", "A", UUID(int=5), pd.Timestamp(0), True]
    told = written(turns(conv=ids), tmp_path / "d.json")
    assert len(told) == len(ids)
    assert str(10**30) in told


@pytest.mark.parametrize("dtype", ["int8", "float64", "Int64", "category", object])
def test_every_dtype_of_ids(tmp_path: Path, dtype: Any) -> None:
    df = turns(conv=[2, 1, 2]).astype({"conv": "int64"}).astype({"conv": dtype})
    assert list(written(df, tmp_path / "d.json")) == ["2", "1"]


def test_ids_of_a_float_column_with_gaps() -> None:
    df = turns(conv=[1.0, float("nan"), 2.0]).astype({"conv": "float64"})
    assert errors(df) == [
        "conv: has missing or unusable ids (1 row: 1). Fill them in, or drop the rows."
    ]


def test_intents_are_text_or_missing(tmp_path: Path) -> None:
    df = frame(said=["a", "b", "c", "d"], intent=["x", " y ", None, ""])
    file = write_intents(df, tmp_path / "i.json", text="said", intent="intent")
    assert json.loads(file.path.read_bytes()) == [
        {"Label": "x", "Text": "a"}, {"Label": "y", "Text": "b"}, {"Text": "c"}, {"Text": "d"},
    ]  # fmt: skip


def test_intents_that_are_no_text_are_told(tmp_path: Path) -> None:
    df = frame(said=["a", "b", "c", 5], intent=["x", 3, ["y"], "\ud83d"])
    with pytest.raises(DataError) as caught:
        write_intents(df, tmp_path / "i.json", text="said", intent="intent")
    assert [(p.where, p.rows) for p in caught.value.problems] == [
        ("said", (3,)), ("intent", (1, 2)), ("intent", (3,)),
    ]  # fmt: skip
