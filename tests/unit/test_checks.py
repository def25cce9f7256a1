"""Word counts and problems before anything is sent."""

from __future__ import annotations

import copy
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from nbtrain import DataError, check

NAMES: dict[str, Any] = {"text": "said", "dialogue_id": "conv", "speaker": "who"}


def dialogues() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("a", "user", "my card is lost"),
            ("b", "agent", "hello there"),
            ("a", "agent", "I see"),
            ("b", "agent", ""),
            ("c", "user", "bye"),
        ],
        columns=["conv", "who", "said"],
    )


def test_counts_of_dialogues() -> None:
    report = check(dialogues(), **NAMES)
    assert (report.schema, report.rows, report.documents) == ("dialogue", 5, 3)
    assert report.words == 9
    assert list(report.words) == [4, 2, 2, 0, 1]
    assert report.words_per_document.to_dict() == {"a": 6, "b": 2, "c": 1}
    assert report.words_per_speaker.to_dict() == {"customer": 5, "agent": 4}
    assert report.errors == ()
    assert report.summary == "5 rows, 3 dialogues, 9 words; 3 warnings."


def test_warnings_of_dialogues() -> None:
    told = {problem.what: problem.rows for problem in check(dialogues(), **NAMES).warnings}
    assert told == {
        "has empty texts": (3,),
        "has dialogues in which no customer speaks": (1,),
        "has dialogues of a single turn": (4,),
    }


def test_counts_of_sentences() -> None:
    df = pd.DataFrame({"text": ["one two", "", "one two", "three"], "label": ["x", "y", "z", None]})
    report = check(df, text="text", intent="label")
    assert (report.schema, report.rows, report.documents, int(report.words)) == ("intent", 4, 3, 5)
    assert report.words_per_document.tolist() == [2, 0, 2, 1]
    assert len(report.words_per_speaker) == 0
    assert [(problem.where, problem.what) for problem in report.warnings] == [
        ("text", "has empty texts"),
        ("text", "repeats earlier texts"),
        ("label", "gives the same text different intents"),
    ]


def test_one_of_each_reads_well() -> None:
    df = pd.DataFrame({"said": ["hello", None]})
    assert check(df, text="said").summary == "2 rows, 1 sentence, 1 word; 1 warning."
    assert check(df[:1], text="said").summary == "1 row, 1 sentence, 1 word; no problems."
    assert check(df[1:], text="said").summary == "1 row, 0 sentences, 0 words; 1 error."


def test_documents_agree_with_the_written_file(tmp_path: Any) -> None:
    from nbtrain import write_dialogues, write_intents

    df = pd.concat(
        [dialogues(), pd.DataFrame([("d", "user", " ")], columns=["conv", "who", "said"])]
    )
    report, file = check(df, **NAMES), write_dialogues(df, tmp_path / "d.json", **NAMES)
    assert (report.documents, report.words) == (file.documents, file.words)
    report, file = check(df, text="said"), write_intents(df, tmp_path / "i.json", text="said")
    assert (report.documents, report.words) == (file.documents, file.words)


def test_errors_are_raised_on_demand() -> None:
    report = check(dialogues(), text="said", dialogue_id="nope")
    assert len(report.errors) == 2
    with pytest.raises(DataError) as caught:
        report.raise_errors()
    assert caught.value.problems == report.errors
    check(dialogues(), **NAMES).raise_errors()


@pytest.mark.parametrize("column", ["text", "dialogue_id", "speaker"])
def test_what_can_be_counted_is_counted_beside_a_missing_column(column: str) -> None:
    report = check(dialogues(), **(NAMES | {column: "nope"}))
    assert [problem.where for problem in report.errors] == [column]
    assert len(report.words_per_document) == (0 if column == "dialogue_id" else 3)
    assert int(report.words) == (0 if column == "text" else 9)


def test_unknown_speakers_are_counted_as_nobody() -> None:
    df = dialogues().replace({"who": {"user": "caller 1"}})
    report = check(df, **NAMES)
    assert report.words_per_speaker.to_dict() == {"agent": 4}
    # Whether a customer speaks can't be known.
    assert not any("no customer" in problem.what for problem in report.warnings)


def test_the_table_of_problems() -> None:
    df = dialogues()
    df.loc[0, "conv"] = None
    table = check(df, **NAMES).problems
    assert list(table.columns) == ["severity", "where", "problem", "rows", "first_rows", "advice"]
    assert table["severity"].tolist() == ["error"] + ["warning"] * (len(table) - 1)
    assert len(check(dialogues()[:0], **NAMES).problems) == 1


def test_nothing_is_changed() -> None:
    df = dialogues()
    before = df.copy(deep=True)
    check(df, **NAMES)
    pd.testing.assert_frame_equal(df, before)


def test_a_report_can_be_copied() -> None:
    twin = copy.deepcopy(check(dialogues(), **NAMES))
    assert list(twin.words) == [4, 2, 2, 0, 1]


def test_html_holds_nothing_of_the_data_unescaped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    df = dialogues().rename(columns={"said": evil})
    df.loc[1, "who"] = evil
    df.loc[0, evil] = None
    html = check(df, text=evil, dialogue_id="conv", speaker="who")._repr_html_()

    class Tags(HTMLParser):
        seen: set[str]

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.seen.add(tag)

    tags = Tags()
    tags.seen = set()
    tags.feed(html)
    assert "img" not in tags.seen
    assert "&lt;img" in html


@pytest.mark.parametrize("rows", [0, 1])
def test_html_of_hardly_any_rows(rows: int) -> None:
    assert "<p>" in check(dialogues()[:rows], **NAMES)._repr_html_()
    assert "<p>" in check(dialogues()[:rows], text="said")._repr_html_()
