"""Words for speakers, in any dress and by a mapping of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from .turn_frames import errors, turns, written


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
