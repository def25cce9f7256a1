"""Cells of every kind become plain values, or problems; never another error."""

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

NAMES: dict[str, Any] = {"text": "said", "dialogue_id": "conv", "speaker": "who"}

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


def frame(**columns: list[Any]) -> pd.DataFrame:
    rows = max(map(len, columns.values()))
    return pd.DataFrame(
        {name: pd.Series(column, dtype=object) for name, column in columns.items()},
        index=range(rows),
    )


def turns(**columns: list[Any]) -> pd.DataFrame:
    rows = max(map(len, columns.values()), default=1)
    usual: dict[str, list[Any]] = {
        "conv": [1] * rows,
        "who": ["user"] * rows,
        "said": ["hi"] * rows,
    }
    return frame(**(usual | columns))


def written(df: pd.DataFrame, path: Path, **names: Any) -> dict[str, list[dict[str, str]]]:
    file = write_dialogues(df, path, **(NAMES | names))
    return {d["dialogueId"]: d["turns"] for d in json.loads(file.path.read_bytes())}


def errors(df: Any, **names: Any) -> list[str]:
    return [str(problem) for problem in check(df, **(NAMES | names)).errors]


# --- cells of any kind -----------------------------------------------------------------------


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


def test_everything_wrong_is_listed_at_once() -> None:
    df = turns(
        conv=[1, None, ["x"], "", "ok", 5],
        who=["user", "narrator", ["a"], None, "AGENT", {"b": 1}],
        said=["hi", b"x", ["y"], 5, None, "bad \ud83d"],
        when=["2024-05-02", "soon", 5, ["z"], pd.NaT, np.array([1, 2])],
    )
    listed = errors(df, timestamp="when")
    assert [problem.split(":")[0] for problem in listed] == [
        "said", "said", "said", "said", "conv", "who", "who", "when",
    ]  # fmt: skip
    assert "conv: has missing or unusable ids (3 rows: 1, 2, 3)" in listed[4]
    assert "who: has missing speakers (1 row: 3)" in listed[5]
    assert "'narrator'" in listed[6]
    assert "(3 rows: 1, 2, 5)" in listed[6]
    assert "when: has times that are not ISO 8601 (4 rows: 1, 2, 3, 5)" in listed[7]


# --- columns and frames ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "df",
    [None, [], [["a"]], {"said": ["a"]}, "said", 5, pd.Series(["a"]), np.array([["a"]]),
     pd.DataFrame],
    ids=lambda df: type(df).__name__,
)  # fmt: skip
def test_what_is_no_dataframe(tmp_path: Path, df: Any) -> None:
    (problem,) = errors(df)
    assert problem.startswith(f"df: is a {type(df).__name__}, not a pandas DataFrame")
    with pytest.raises(DataError, match="not a pandas DataFrame"):
        write_intents(df, tmp_path / "i.json", text="said")
    assert not (tmp_path / "i.json").exists()


def test_other_libraries_tables_are_no_dataframe() -> None:
    class Other:
        columns = ("said",)
        iloc = None

    assert errors(Other()) == [
        "df: is a Other, not a pandas DataFrame. Make one: pd.DataFrame({'text': ...})."
    ]


@pytest.mark.parametrize(
    "df",
    [pd.DataFrame(), pd.DataFrame(columns=["conv", "who", "said"]), pd.DataFrame(index=[1, 2])],
)
def test_frames_without_rows_or_columns(tmp_path: Path, df: pd.DataFrame) -> None:
    listed = errors(df)
    assert ("df: has no rows. Was a filter too strict?" in listed) == (len(df) == 0)
    with pytest.raises(DataError) as caught:
        write_dialogues(df, tmp_path / "d.json", **NAMES)
    assert list(map(str, caught.value.problems)) == listed


def test_all_missing_columns_are_named_with_a_proposal(tmp_path: Path) -> None:
    df = turns(when=[None])
    names: dict[str, Any] = {
        "text": "Said", "dialogue_id": "conversation", "speaker": "whom", "timestamp": 5,
    }  # fmt: skip
    listed = errors(df, **names)
    assert len(listed) == 4
    assert "Did you mean 'said'? The columns are: 'conv', 'who', 'said', 'when'." in listed[0]
    with pytest.raises(DataError) as caught:
        write_dialogues(df, tmp_path / "d.json", **names)
    assert list(map(str, caught.value.problems)) == listed


@pytest.mark.parametrize("role", ["text", "dialogue_id", "speaker"])
def test_a_column_that_is_not_named(tmp_path: Path, role: str) -> None:
    with pytest.raises(DataError, match=f"{role}: is not named"):
        write_dialogues(turns(), tmp_path / "d.json", **(NAMES | {role: None}))
    if role != "dialogue_id":  # without it they are sentences
        assert any("is not named" in problem for problem in errors(turns(), **{role: None}))


@pytest.mark.parametrize("role", ["text", "dialogue_id", "speaker", "timestamp"])
def test_a_column_in_place_of_its_name(role: str) -> None:
    df = turns()
    for name in (df["said"], ["said"], np.array(["said"]), {"said"}):
        (problem,) = errors(df, **{role: name})
        assert problem.startswith(f"{role}: is a {type(name).__name__} instead of the name")


@pytest.mark.parametrize("role", ["text", "dialogue_id", "speaker", "timestamp"])
def test_a_name_of_two_columns(role: str) -> None:
    df = turns(when=[None])
    name = (NAMES | {"timestamp": "when"})[role]
    df = pd.concat([df, df[[name]]], axis=1)
    (problem,) = errors(df, **{role: name})
    assert problem.startswith(f"{role}: names {name!r}, and 2 columns are called so")


def test_other_columns_may_be_called_alike(tmp_path: Path) -> None:
    df = turns(x=[0])
    df = pd.concat([df, df[["x"]], df[["x"]]], axis=1)
    assert written(df, tmp_path / "d.json") == {"1": [{"speaker": "customer", "text": "hi"}]}


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, 2], [np.int64(7), 2.5, ""], [("a", "x"), ("a", "y"), ("b", "x")],
        pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]), [True, False, "x"],
    ],
    ids=str,
)  # fmt: skip
def test_columns_may_be_named_by_anything(tmp_path: Path, labels: Any) -> None:
    df = turns()
    df.columns = pd.MultiIndex.from_tuples(labels) if isinstance(labels[0], tuple) else labels
    conv, who, said = df.columns
    told = written(df, tmp_path / "d.json", dialogue_id=conv, speaker=who, text=said)
    assert told == {"1": [{"speaker": "customer", "text": "hi"}]}
    assert len(errors(df)) == 3


def test_rows_are_positions_whatever_the_index() -> None:
    df = turns(said=["a", "b", None, b"x"])
    for index in (
        [9, 9, 9, 9],
        [3, 2, 1, 0],
        list("wxyz"),
        pd.MultiIndex.from_product([[1], list("abcd")]),
    ):
        df.index = pd.Index(index)
        report = check(df, **NAMES)
        assert report.errors[0].rows == (3,)
        assert report.warnings[0].rows == (2,)


# --- texts -----------------------------------------------------------------------------------


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


# --- ids -------------------------------------------------------------------------------------


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


# --- speakers --------------------------------------------------------------------------------


def speakers(tmp_path: Path, said: list[Any], words: Any = None) -> list[str]:
    df = turns(conv=list(range(len(said))), who=said)
    told = written(df, tmp_path / "d.json", speakers=words)
    return [told[str(row)][0]["speaker"] for row in range(len(said))]


def test_known_words_in_any_dress(tmp_path: Path) -> None:
    words = {
        " Customer": "customer", "END USER": "customer", "end-user": "customer",
        "AGENT\n": "agent", "MÜŞTERİ": "customer", "Temsilci": "agent", "in": "customer",
        "OUT": "agent",
    }  # fmt: skip
    assert speakers(tmp_path, list(words)) == list(words.values())


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int64", "category", "string", object])
def test_numbers_for_speakers(tmp_path: Path, dtype: Any) -> None:
    df = turns(who=[0, 1, 0]).astype({"who": "int64"}).astype({"who": dtype})
    told = written(df, tmp_path / "d.json")["1"]
    assert [turn["speaker"] for turn in told] == ["customer", "agent", "customer"]


@pytest.mark.parametrize("word", [7, 7.0, np.int64(7), np.float32(7), "7", "7 "], ids=repr)
@pytest.mark.parametrize("key", [7, 7.0, np.int64(7), "7"], ids=repr)
def test_a_mapping_finds_numbers_however_written(tmp_path: Path, word: Any, key: Any) -> None:
    assert speakers(tmp_path, [word], {key: "agent"}) == ["agent"]


def test_a_mapping_comes_before_what_is_known(tmp_path: Path) -> None:
    words = {"Kunde": "customer", "agent": "bot", None: "system", True: "Agent", "X": "bot"}
    assert speakers(
        tmp_path, ["Kunde", "kunde ", "agent", None, pd.NA, True, np.bool_(True), "user"], words
    ) == ["customer", "customer", "bot", "system", "system", "agent", "agent", "customer"]


def test_a_mapping_may_tell_cases_apart(tmp_path: Path) -> None:
    words = {"A": "agent", "a": "customer", "b": "bot", "B": "system"}
    assert speakers(tmp_path, ["A", "a", "B", "b"], words) == ["agent", "customer", "system", "bot"]


def test_true_is_not_one() -> None:
    for said in ([1, True], [True, 1]):
        (problem,) = errors(turns(who=said))
        assert problem.startswith("who: has speakers that mean nothing here: 'true' (1 row")


@pytest.mark.parametrize("words", [["Kunde"], "Kunde", 5, {("Kunde", "customer")}], ids=repr)
def test_what_is_no_mapping(words: Any) -> None:
    (problem,) = errors(turns(), speakers=words)
    assert problem.startswith(f"speakers: is a {type(words).__name__} instead of a mapping")


def test_a_mapping_to_nonsense_is_told_with_the_rest() -> None:
    listed = errors(turns(who=["Kunde"]), speakers={"Kunde": "kustomer", 5: None, "B": ["bot"]})
    assert [problem.split(".")[0] for problem in listed[:3]] == [
        "speakers: gives 'Kunde' the meaning 'kustomer'",
        "speakers: gives 5 the meaning None",
        "speakers: gives 'B' the meaning ['bot']",
    ]
    assert "'Kunde'" in listed[3]


def test_many_unknown_speakers_are_shown_short() -> None:
    (problem,) = errors(turns(who=[f"person {n} " + "x" * 1000 for n in range(500)]))
    assert len(problem) < 600
    assert "500 rows" in problem


# --- times -----------------------------------------------------------------------------------


def order(tmp_path: Path, when: Any) -> list[str]:
    df = turns(said=[str(row) for row in range(len(when))])
    df["when"] = when
    return [turn["text"] for turn in written(df, tmp_path / "d.json", timestamp="when")["1"]]


@pytest.mark.parametrize(
    "when",
    [
        ["2024-05-02T09:31:00Z", "2024-05-02T09:30:00Z"],
        [" 2024-05-02 09:31", "2024-05-02 09:30 "],
        ["2024-05-02T09:31:00+02:00", "2024-05-02T09:30:00+03:00"],
        ["20240503", "20240502"],
        ["2024-05-02T09:30:00.123456789Z", "2024-05-02T09:30:00.12Z"],
        pd.to_datetime(["2024-05-02 09:31", "2024-05-02 09:30"]),
        pd.to_datetime(["2024-05-02 09:31", "2024-05-02 09:30"], utc=True),
        pd.Series(["2024-05-02 09:31", "2024-05-02 09:30"], dtype="category"),
        pd.Series([dt.date(2024, 5, 2), dt.date(2024, 5, 1)], dtype=object),
        pd.Series([dt.datetime(2024, 5, 2, 9, 31), pd.Timestamp("2024-05-02 09:30")], dtype=object),
        pd.to_datetime([1_714_642_201, 1_714_642_200], unit="s").astype("datetime64[s]"),
    ],
    ids=str,
)  # fmt: skip
def test_turns_are_put_in_time(tmp_path: Path, when: Any) -> None:
    assert order(tmp_path, when) == ["1", "0"]


@pytest.mark.parametrize("nothing", [None, pd.NaT, "", "  ", float("nan"), pd.NA], ids=repr)
def test_turns_without_a_time_stay_behind_the_one_they_follow(tmp_path: Path, nothing: Any) -> None:
    when = pd.Series(
        [nothing, "2024-05-02 10:00", nothing, "2024-05-02 09:00", nothing], dtype=object
    )
    assert order(tmp_path, when) == ["0", "3", "4", "1", "2"]


def test_equal_times_keep_the_order_of_rows(tmp_path: Path) -> None:
    assert order(tmp_path, ["2024-05-02T10:00:00Z"] * 4) == ["0", "1", "2", "3"]


def test_times_are_written_as_iso_8601(tmp_path: Path) -> None:
    df = turns(
        when=["2024-05-02T09:31:00Z", None, pd.Timestamp("2024-05-03 08:00", tz="Asia/Tokyo")]
    )
    told = written(df, tmp_path / "d.json", timestamp="when")["1"]
    assert [turn.get("timestamp") for turn in told] == [
        "2024-05-02T09:31:00+00:00", None, "2024-05-03T08:00:00+09:00",
    ]  # fmt: skip


def test_times_with_and_without_a_zone_are_a_warning(tmp_path: Path) -> None:
    when: list[Any] = ["2024-05-02T09:00:00Z", "2024-05-02T08:00:00", None]
    report = check(turns(when=when), **NAMES, timestamp="when")
    assert report.errors == ()
    assert any("without a time zone" in p.what and p.rows == (1,) for p in report.warnings)
    assert order(tmp_path, when) == ["1", "2", "0"]


@pytest.mark.parametrize(
    "when",
    ["yesterday", "02/05/2024", "2024-13-01", 1_714_642_200, True, b"2024-05-02", ["2024-05-02"],
     np.array(["2024-05-02"]), dt.time(9), pd.Timedelta(1), "\ud83d"],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_time(when: Any) -> None:
    (problem,) = errors(turns(when=["2024-05-02", when]), timestamp="when")
    assert problem.startswith("when: has times that are not ISO 8601 (1 row: 1)")


# --- intents ---------------------------------------------------------------------------------


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
