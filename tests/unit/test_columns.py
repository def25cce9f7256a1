"""Columns and frames of every kind give data, or problems; never another error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbtrain import DataError, check, write_dialogues, write_intents

from .turn_frames import NAMES, errors, turns, written


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
