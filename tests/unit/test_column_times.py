"""Times of every kind put turns in order, or are problems."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbtrain import check

from .turn_frames import NAMES, errors, turns, written


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
