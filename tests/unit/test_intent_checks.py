"""What is said of labelled texts before an intent model learns from them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from nbtrain import samples
from nbtrain.errors import DataError
from nbtrain.frames import write_intents
from nbtrain.intent_checks import IntentReport, check_intents


def report(rows: list[tuple[Any, Any]]) -> IntentReport:
    df = pd.DataFrame(rows, columns=["said", "label"], dtype=object)
    return check_intents(df, text="said", intent="label")


def many(label: str, count: int) -> list[tuple[str, str]]:
    return [(f"text {i} of {label}", label) for i in range(count)]


def said(told: IntentReport) -> str:
    return "\n".join(map(str, [*told.errors, *told.warnings]))


def test_good_data_have_no_problems() -> None:
    told = report(many("card", 250) + many("loan", 200))
    assert said(told) == ""
    assert told.summary == "450 texts, 2 labels, 1,800 words; no problems."
    assert [(one.name, one.texts, one.distinct, one.words) for one in told.labels] == [
        ("card", 250, 250, 4), ("loan", 200, 200, 4),
    ]  # fmt: skip
    assert list(told.table["share"]) == pytest.approx([250 / 450, 200 / 450])
    told.raise_errors()


def test_labels_are_counted_as_they_are_in_the_sample_data() -> None:
    df = samples.sentences(900)
    told = check_intents(df, text="text", intent="intent")
    counts = df["intent"].value_counts()
    assert {one.name: one.texts for one in told.labels} == counts.to_dict()
    assert [one.texts for one in told.labels] == sorted(counts, reverse=True)
    assert told.errors == ()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "has no rows"),
        ([("one", "a"), ("two", "a")], "holds only one label"),
        ([("one", "a"), ("two", "b"), ("three", None)], "label: is empty (1 row: 2). Label or"),
        ([("one", "a"), ("two", "b"), ("", "a")], "said: is empty where there is a label"),
        ([("one", "a"), (b"two", "b")], "holds bytes instead of text"),
        ([("one", "a"), ("two", 7)], "has intents that are not text"),
    ],
)
def test_what_cannot_be_learned_from_is_an_error(rows: list[tuple[Any, Any]], words: str) -> None:
    told = report(rows)
    assert words in "\n".join(map(str, told.errors))
    with pytest.raises(DataError, match="can't learn"):
        told.raise_errors()


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([("one", 7), ("two", 8)], "label: has intents that are not text (2 rows: 0, 1)"),
        ([("one", "a"), ("two", "b"), ("", "a")], "said: is empty where there is a label"),
    ],
)
def test_one_cause_is_told_once(rows: list[tuple[Any, Any]], problem: str) -> None:
    told = report(rows)
    assert [str(error).startswith(problem) for error in told.errors] == [True]
    assert "empty texts" not in said(told)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("Lost  card", "c"), ("lost card", "d")], "different labels (1 row: 1). Decide"),
        ([("x", "a"), ("x", "a"), ("y", "b")], "repeats texts of the same label (1 row: 1)"),
        ([("x", "a" * 181), ("y", "b")], "labels of more than 180 characters (1 row: 0)"),
        ([("x", "a" * 180 + "1"), ("y", "a" * 180 + "2")], "the same in their first 180"),
        ([("x", "Card"), ("y", "card"), ("z", "b")], "differ only in case or spaces: 'Card', 'c"),
        ([("w " * 101, "a"), ("y", "b")], "texts of more than 100 words (1 row: 0)"),
        ([("x", "a"), *many("b", 9)], "1 label with a single text: 'a'. None can be held out"),
        ([("x", "a"), *many("b", 9)], "1 label with fewer than 10 texts: 'b'"),
        (many("a", 200) + many("b", 199), "1 label of 2 with fewer than 200 texts. 200 to 500"),
        (many("a", 111) + many("b", 11), "different size: 'a' with 111 texts, 'b' with 11"),
    ],
)  # fmt: skip
def test_advice(rows: list[tuple[Any, Any]], words: str) -> None:
    told = report(rows)
    assert told.errors == ()
    assert words in "\n".join(map(str, told.warnings))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("x", "a" * 180), ("y", "b")], "180 characters"),
        ([("w " * 100, "a"), ("y", "b")], "100 words"),
        (many("a", 110) + many("b", 11), "very different size"),
        ([("", None), *many("a", 10), *many("b", 10)], "different labels"),
    ],
)
def test_no_advice_below_its_limit(rows: list[tuple[Any, Any]], words: str) -> None:
    assert words not in said(report(rows))


def test_more_words_than_a_service_takes_is_an_error() -> None:
    text = "w " * 50_000
    rows = [(f"{text} {i}", "ab"[i % 2]) for i in range(60)]
    assert "words: are 3,000,060 in all" in said(report(rows))
    assert "in all" not in said(report([(text, "ab"[i % 2]) for i in range(60)]))


def test_what_has_no_errors_can_be_written_and_only_that(tmp_path: Any) -> None:
    for rows in ([("x", "a"), ("y", "b")], [("x", "a"), ("y", None)], [("x", "a")]):
        df = pd.DataFrame(rows, columns=["t", "i"], dtype=object)
        good = not check_intents(df, text="t", intent="i").errors
        try:
            write_intents(df, tmp_path / "d.json", text="t", intent="i", schema="utterance")
        except DataError:
            assert not good
        else:
            assert good


def test_hostile_labels_are_escaped_and_columns_that_are_not_there_named() -> None:
    told = report([("x", "<img src=x>"), ("y", "<img src=x> ")])
    assert "<img" not in told._repr_html_()
    df = pd.DataFrame({"said": ["x"], "label": ["a"]})
    told = check_intents(df, text="sai", intent="labels")
    assert "Did you mean 'said'?" in said(told)
    assert "Did you mean 'label'?" in said(told)
    assert told._repr_html_()
    assert "errors" in told.summary
