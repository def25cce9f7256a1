"""From a data file to documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbtrain.documents import DataSchema
from nbtrain.errors import DataError
from nbtrain.worker.corpus import Corpus, read_corpus
from nbtrain.worker.words import Language

ENGLISH = Language("en-US")


def read(folder: Path, records: list[dict[str, Any]], schema: str, labelled: Any = None) -> Corpus:
    data = folder / "data.json"
    data.write_text(json.dumps(records), encoding="utf-8")
    secondary = None
    if labelled is not None:
        secondary = folder / "labelled.json"
        secondary.write_text(
            json.dumps([{"Label": label, "Text": text} for text, label in labelled]),
            encoding="utf-8",
        )
    return read_corpus(data, DataSchema(schema), ENGLISH, secondary)


def dialogue(name: str, *turns: str) -> dict[str, Any]:
    spoken = [turn.split(": ", 1) for turn in turns]
    return {"dialogueId": name, "turns": [{"speaker": who, "text": said} for who, said in spoken]}


def test_a_dialogue_is_what_the_customer_said(tmp_path: Path) -> None:
    records = [
        dialogue("a", "agent: Welcome!", "customer: My card is lost", "customer: Help"),
        dialogue("b", "agent: Anybody there?", "bot: No answer"),
        dialogue("c", "agent:  ", "customer: "),
    ]
    corpus = read(tmp_path, records, "dialogue")
    assert corpus.document_ids == ["a", "b"]
    assert [corpus.entries[i].passages for i in corpus.entry_of] == [
        ("My card is lost", "Help"),
        ("Anybody there?", "No answer"),
    ]
    assert corpus.warnings == ["Left out 1 document without text."]


def test_what_is_shown_of_a_dialogue_skips_greetings_and_is_short(tmp_path: Path) -> None:
    long = "The parcel with my order arrived broken " * 20
    records = [dialogue("a", "customer: Hello there", "customer: Hi", f"customer: {long}")]
    shown = read(tmp_path, records, "dialogue").entries[0].shown
    assert shown.startswith("The parcel")
    assert len(shown) <= 201
    assert shown.endswith("…")


def test_documents_of_an_intent_file_are_distinct_texts(tmp_path: Path) -> None:
    texts = ["Where is it", "where is it ", "WHERE  IS IT", "Where is it", " ", "Stop"]
    corpus = read(tmp_path, [{"Text": text} for text in texts], "intent")
    assert corpus.document_ids == ["Where is it", "where is it ", "WHERE  IS IT", "Stop"]
    assert corpus.entry_of == [0, 0, 0, 1]
    assert [entry.weight for entry in corpus.entries] == [3, 1]


def test_all_cases_of_a_turkish_i_are_one_text(tmp_path: Path) -> None:
    texts = ["KIRIK İPTAL", "kırık iptal", "kirik iptal", "KIRIK İPTAL".casefold()]
    corpus = read(tmp_path, [{"Text": text} for text in texts], "intent")
    assert corpus.entry_of == [0, 0, 0, 0]


def test_labelled_texts_are_no_documents(tmp_path: Path) -> None:
    labelled = [("lost card", "card"), ("MY CARD IS LOST", "card"), ("stop it", ""), ("bye", "end")]
    records = [dialogue("a", "customer: my card is lost"), dialogue("b", "customer: refund")]
    corpus = read(tmp_path, records, "dialogue", labelled)
    assert corpus.document_ids == ["a", "b"]
    assert corpus.intents == ["card", "end"]
    assert [entry.intent for entry in corpus.entries] == ["card", None, "card", "end"]
    assert corpus.warnings == ["Left out 1 record without intent or text."]


def test_the_most_frequent_of_several_labels_counts(tmp_path: Path) -> None:
    labelled = [("lost card", "card"), ("lost card", "loss"), ("Lost card", "loss")]
    corpus = read(tmp_path, [dialogue("a", "customer: refund")], "dialogue", labelled)
    assert corpus.intents == ["loss"]
    assert "more than one intent" in corpus.warnings[0]


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Text"):
        read(tmp_path, [dialogue("a", "customer: refund")], "intent")
