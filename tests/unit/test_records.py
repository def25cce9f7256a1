"""Reading JSON in pieces, and telling everything that is wrong with its records."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain import DataError, read_data_file, records
from nbtrain.documents import Dialogue, Speaker, Turn, Utterance
from nbtrain.files import read_dialogues, read_utterances, write_dialogue_file

from . import strategies
from .strategies import CHEAP, problems_of

GOOD = [
    {"dialogueId": "a", "turns": [{"speaker": "customer", "text": "Hi 🙂 \\ \" there"}]},
    {"dialogueId": "b", "turns": [{"speaker": "agent", "text": "Ja", "metadata": {"x": [1.5e3]}}]},
]  # fmt: skip
READ = [
    Dialogue("a", (Turn(Speaker.CUSTOMER, 'Hi 🙂 \\ " there'),)),
    Dialogue("b", (Turn(Speaker.AGENT, "Ja"),)),
]


def write(folder: Path, content: str | bytes | list[Any]) -> Path:
    path = folder / "data.json"
    if isinstance(content, list):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problems(path: Path, schema: str = "dialogue") -> list[str]:
    with pytest.raises(DataError) as caught:
        read_data_file(path, schema)
    return [str(problem) for problem in caught.value.problems]


# --- in pieces -------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 7, 16, 61, 1 << 20])
@pytest.mark.parametrize("indent", [None, 0, 3])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_where_chunks_end_makes_no_difference(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chunk: int,
    indent: int | None,
    ascii_only: bool,
    mark: bytes,
) -> None:
    monkeypatch.setattr(records, "_CHUNK", chunk)
    text = json.dumps(GOOD, indent=indent, ensure_ascii=ascii_only)
    assert list(read_dialogues(write(tmp_path, mark + text.encode()))) == READ
    lines = "\r\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in GOOD)
    assert list(read_dialogues(write(tmp_path, mark + lines.encode()))) == READ
    assert list(read_dialogues(write(tmp_path, mark + b"\n\n" + lines.encode() + b"\n"))) == READ


@CHEAP
@given(strategies.dialogues, st.integers(1, 40))
def test_any_dialogues_in_any_chunks(tmp_path: Path, dialogues: list[Dialogue], chunk: int) -> None:
    path = write_dialogue_file(dialogues, tmp_path / "data.json").path
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_CHUNK", chunk)
        assert list(read_dialogues(path)) == dialogues


@CHEAP
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.sampled_from([1, 3, 99]))
def test_garbage_never_escapes_as_another_error(tmp_path: Path, content: bytes, chunk: int) -> None:
    path = write(tmp_path, content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_CHUNK", chunk)
        for schema in ("dialogue", "intent"):
            if not problems_of(partial(read_data_file, path, schema)):
                assert read_data_file(path, schema).documents == 0


def looks_right(value: Any) -> bool:
    """Judge an intent record as the reader should, written down a second time."""
    if not isinstance(value, dict):
        return False
    record = {key.lower(): item for key, item in value.items()}
    label = record.get("label")
    return isinstance(record.get("text"), str) and (label is None or isinstance(label, str))


@CHEAP
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | strategies.finite | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["dialogueId", "turns", "Speaker", "text", "Text", "Label", "TurnIndex",
                 "timestamp"]
            ),
            inner,
            max_size=6,
        ),
        max_leaves=25,
    )
)  # fmt: skip
def test_json_of_any_shape_never_escapes_as_another_error(tmp_path: Path, value: Any) -> None:
    path = write(tmp_path, json.dumps([value]))
    raised = problems_of(partial(read_data_file, path, "intent"))
    assert (not raised) == looks_right(value)
    problems_of(partial(read_data_file, path, "dialogue"))


@pytest.mark.parametrize("chunk", [3, 1 << 20])
def test_every_cut_of_a_file_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(records, "_CHUNK", chunk)
    whole = json.dumps(GOOD, ensure_ascii=False).encode()
    for length in range(len(whole)):
        path = write(tmp_path, whole[:length])
        with pytest.raises(DataError):
            list(read_dialogues(path))


def test_memory_holds_a_record_not_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_CHUNK", 1000)
    path = write(tmp_path, [{"Text": "x" * 100}] * 1000)
    read: list[int] = []
    for _ in records.Records(path, on_bytes=lambda chunk: read.append(len(chunk))):
        break
    assert sum(read) <= 2000


def test_a_record_longer_than_all_limits_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_CHUNK", 1 << 16)
    monkeypatch.setattr(records, "_RECORD_LIMIT", 1 << 20)
    path = write(tmp_path, [{"Text": "x" * (1 << 19)}, {"Text": "x" * (1 << 22)}])
    (problem,) = problems(path, "intent")
    assert "more than 1 million characters in record 1" in problem


# --- forms that are understood ---------------------------------------------------------------


def test_keys_are_compared_without_case_and_extra_ones_passed_over(tmp_path: Path) -> None:
    record: dict[str, Any] = {
        "DIALOGUEID": "a",
        "Turns": [{"Speaker": "End User", "TEXT": "hi"}],
        "metadata": {},
    }
    assert list(read_dialogues(write(tmp_path, [record]))) == [
        Dialogue("a", (Turn(Speaker.CUSTOMER, "hi"),))
    ]
    record = {"label": "", "text": "hi", "ClusterId": 3, "Confidence": 0.5}
    assert list(read_utterances(write(tmp_path, [record]))) == [Utterance("hi")]


def test_flat_records_are_gathered_and_ordered(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"DialogueId": "b", "TurnIndex": 2, "Speaker": "agent", "Text": "three"},
        {"DialogueId": 7, "Speaker": "agent", "Text": "only"},
        {"DialogueId": "b", "TurnIndex": 0, "Speaker": "customer", "Text": "one"},
        {"DialogueId": "7", "TurnIndex": None, "Speaker": "customer", "Text": "then"},
        {"DialogueId": "b", "TurnIndex": 1.5, "Speaker": "customer", "Text": "two"},
    ]
    expected = {"b": ["one", "two", "three"], "7": ["only", "then"]}
    read = list(read_dialogues(write(tmp_path, rows)))
    assert {d.dialogue_id: [turn.text for turn in d.turns] for d in read} == expected
    lines = "\n".join(map(json.dumps, rows))
    assert list(read_dialogues(write(tmp_path, lines))) == read


def test_turn_indices_of_any_size_are_ordered(tmp_path: Path) -> None:
    rows = [
        {"DialogueId": "a", "TurnIndex": index, "Speaker": "agent", "Text": str(index)}
        for index in (10**400, 2**53 + 1, 2**53, -1)
    ]
    (dialogue,) = read_dialogues(write(tmp_path, rows))
    assert [turn.text for turn in dialogue.turns] == [str(row["TurnIndex"]) for row in rows[::-1]]


def test_one_object_is_one_record(tmp_path: Path) -> None:
    assert list(read_dialogues(write(tmp_path, json.dumps(GOOD[0], indent=2)))) == READ[:1]


@pytest.mark.parametrize("content", ["[]", " [ \n ] ", "\ufeff[]"])
def test_an_empty_array_holds_no_documents(tmp_path: Path, content: str) -> None:
    file = read_data_file(write(tmp_path, content), "dialogue")
    assert (file.documents, file.words) == (0, 0)


# --- files that are no good ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfe[\x00]\x00", "is not UTF-8"),
        (b'[{"Text": "caf\xe9"}]', "is not UTF-8"),
        (b'[{"Text": "caf\xc3', "is not"),
        (b"[", "ends in the middle"),
        (b'[{"Text": "a"}', "ends in the middle"),
        (b'[{"Text": "a"}]]', "goes on after the end"),
        (b'[{"Text": "a"}] {"Text": "b"}', "goes on after the end"),
        (b"[][]", "goes on after the end"),
        (b'[{"Text": "a"},]', "not valid JSON at record 1"),
        (b'[{"Text": "a"},,{"Text": "b"}]', "not valid JSON at record 1"),
        (b'[,{"Text": "a"}]', "not valid JSON at record 0"),
        (b'[{"Text": "a"} {"Text": "b"}]', "a comma is missing before record 1"),
        (b'{"Text": "a"},{"Text": "b"}', "not valid JSON at record 1"),
        (b"{'Text': 'a'}", "not valid JSON at record 0"),
        (b'[{"Text": "a\nb"}]', "not valid JSON at record 0"),
        (b'[{"Text": "a", "x": NaN}]', "NaN is no JSON"),
        (b'[{"Text": "a", "x": -Infinity}]', "-Infinity is no JSON"),
        (b'[{"Text": "a", "x": ' + b"9" * 5000 + b"}]", "not usable JSON at record 0"),
        (b'[{"Text": "a", "x": ' + b"[" * 100_000, "not"),
        (b'[{"x":' * 100_000, "not"),
        (b"[[1]]", "holds [1] as record 0 instead of an object"),
        (b"5", "holds 5 as record 0"),
        (b"null", "holds None as record 0"),
        (b'"text"', "holds 'text' as record 0"),
        (b"Text,Label\nhello,greeting\n", "not valid JSON at record 0"),
        (b"\xc2\xa0[]", "not valid JSON at record 0"),
        (b"\x00\x00", "not valid JSON at record 0"),
        (b"PK\x03\x04\x14\x00", "not valid JSON at record 0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_broken_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, what: str, chunk: int
) -> None:
    if len(content) > 10_000 and chunk == 1:
        chunk = 5000
    monkeypatch.setattr(records, "_CHUNK", chunk)
    (problem,) = problems(write(tmp_path, content), "intent")
    assert what in problem


# --- records that are no good ----------------------------------------------------------------


def test_every_wrong_dialogue_is_listed(tmp_path: Path) -> None:
    turn = {"speaker": "agent", "text": "x"}
    path = write(tmp_path, [
        {"dialogueId": "a", "turns": [turn]},
        {"turns": [turn]},
        {"dialogueId": " ", "turns": [turn]},
        {"dialogueId": True, "turns": [turn]},
        {"dialogueId": 1.5, "turns": [turn]},
        {"dialogueId": "a", "turns": [turn]},
        {"dialogueId": "b", "turns": []},
        {"dialogueId": "c", "turns": "hello"},
        {"dialogueId": "d", "turns": [turn, "hello", {"text": 5}, {**turn, "timestamp": 3}]},
        {"dialogueId": "e", "turns": [{**turn, "text": "\ud83d"}]},
        {"dialogueId": "\udc00", "turns": [turn]},
        {"DialogueId": "a", "Speaker": "agent", "Text": "x"},
        {"DialogueId": "f", "Speaker": "agent", "Text": "x", "TurnIndex": "second"},
    ])  # fmt: skip
    assert [problem.split(".")[0] for problem in problems(path)] == [
        "record 1: has no dialogueId",
        "record 2: has an empty dialogueId",
        "record 3: has the bool True as dialogueId",
        "record 4: has the float 1",
        "record 5: has the dialogueId 'a' of an earlier record",
        "record 6: has no turns",
        "record 7: has no turns",
        "record 8, turn 1: is no object",
        "record 8, turn 2: has the speaker None",
        "record 8, turn 2: has the int 5 as text",
        "record 8, turn 3: has the int 3 as timestamp",
        "record 9, turn 0: holds characters that are no text (lone surrogates, from a wrong "
        "decoding)",
        "record 10: holds characters that are no text (lone surrogates, from a wrong decoding)",
        "record 12: has the str 'second' as TurnIndex",
        "dialogue 'a': is given both nested and flat",
    ]


def test_every_wrong_sentence_is_listed(tmp_path: Path) -> None:
    path = write(tmp_path, [
        {"Text": "fine"}, {"Label": "x"}, {"Text": ["a"]}, {"Text": "a", "Label": 5},
        {"Text": "\ud83d"}, {"Text": "a", "Label": "\ud83d"},
    ])  # fmt: skip
    assert [problem.split(":")[0] for problem in problems(path, "intent")] == [
        f"record {n}" for n in range(1, 6)
    ]


def test_a_long_list_of_problems_is_counted(tmp_path: Path) -> None:
    listed = problems(write(tmp_path, [{"Label": "x"}] * 5000), "intent")
    assert len(listed) == 21
    assert listed[-1] == "data.json: has 4,980 problems more."


def test_huge_values_are_shown_short(tmp_path: Path) -> None:
    long = "x" * 100_000
    rows = [{"DialogueId": "a", "Speaker": long, "Text": [long] * 50}, {"dialogueId": [long] * 50}]
    assert max(map(len, problems(write(tmp_path, rows)))) < 300
