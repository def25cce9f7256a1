"""What is written can be read, and what can't be written leaves nothing behind."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from nbtrain import DataError, read_data_file
from nbtrain.documents import DataSchema, Dialogue, Speaker, Turn, Utterance
from nbtrain.files import (
    read_dialogues,
    read_utterances,
    write_dialogue_file,
    write_intent_file,
)

from . import strategies
from .strategies import CHEAP, NASTY

SENTENCES = [Utterance("my card is lost", "card"), Utterance("a fee?"), Utterance("")]


def said(*texts: str) -> list[Dialogue]:
    return [Dialogue(str(n), (Turn(Speaker.CUSTOMER, text),)) for n, text in enumerate(texts)]


def names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


# --- there and back --------------------------------------------------------------------------


@CHEAP
@given(strategies.dialogues)
def test_dialogues_come_back_as_they_were(tmp_path: Path, dialogues: list[Dialogue]) -> None:
    file = write_dialogue_file(dialogues, tmp_path / "d.json")
    assert list(read_dialogues(file.path)) == dialogues
    assert read_data_file(file.path, "dialogue") == file


@CHEAP
@given(strategies.utterances)
def test_utterances_come_back_as_they_were(tmp_path: Path, utterances: list[Utterance]) -> None:
    file = write_intent_file(utterances, tmp_path / "i.json")
    assert list(read_utterances(file.path)) == utterances
    assert read_data_file(file.path, DataSchema.INTENT) == file


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text)[:20])
def test_every_character_survives(tmp_path: Path, text: str) -> None:
    dialogues = [Dialogue(f"id {text}", (Turn(Speaker.AGENT, text), Turn(Speaker.BOT, text * 2)))]
    file = write_dialogue_file(dialogues, tmp_path / "d.json")
    assert list(read_dialogues(file.path)) == dialogues
    # Any other reader sees the same.
    (record,) = json.loads(file.path.read_bytes())
    assert [turn["text"] for turn in record["turns"]] == [text, text * 2]


def test_files_are_strict_json_and_one_record_a_line(tmp_path: Path) -> None:
    dialogues = [
        Dialogue("1", (Turn(Speaker.CUSTOMER, "hi\r\n\u2028there", "2024-05-02T09:31:00+00:00"),)),
        Dialogue("2", (Turn(Speaker.AGENT, "é"),)),
    ]
    path = write_dialogue_file(dialogues, tmp_path / "d.json").path
    raw = path.read_bytes()
    assert json.loads(raw) == [
        {
            "dialogueId": "1",
            "turns": [
                {
                    "speaker": "customer",
                    "text": "hi\r\n\u2028there",
                    "timestamp": "2024-05-02T09:31:00+00:00",
                }
            ],
        },
        {"dialogueId": "2", "turns": [{"speaker": "agent", "text": "é"}]},
    ]
    assert raw.count(b"\n") == 4
    path = write_intent_file(SENTENCES, tmp_path / "i.json").path
    assert json.loads(path.read_bytes()) == [
        {"Label": "card", "Text": "my card is lost"},
        {"Text": "a fee?"},
        {"Text": ""},
    ]


def test_counts_and_hash(tmp_path: Path) -> None:
    turns = (Turn(Speaker.CUSTOMER, "one two"), Turn(Speaker.AGENT, " "), Turn(Speaker.BOT, "x"))
    dialogues = [Dialogue("a", turns), Dialogue("b", (Turn(Speaker.AGENT, "\t"),))]
    file = write_dialogue_file(dialogues, tmp_path / "d.json")
    assert (file.documents, file.words) == (1, 3)
    assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()


def test_many_blocks_are_one_array(tmp_path: Path) -> None:
    texts = [f"text number {n}" for n in range(1000)]
    file = write_intent_file((Utterance(text) for text in texts), tmp_path / "i.json")
    assert [record["Text"] for record in json.loads(file.path.read_bytes())] == texts
    assert (file.documents, file.words) == (1000, 3000)


def test_no_documents_are_an_empty_array(tmp_path: Path) -> None:
    file = write_dialogue_file([], tmp_path / "d.json")
    assert json.loads(file.path.read_bytes()) == []
    assert file.documents == 0
    assert read_data_file(file.path, "dialogue") == file


# --- the place -------------------------------------------------------------------------------


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text("older")
    write_dialogue_file(said("new"), str(path))
    assert json.loads(path.read_bytes())[0]["turns"][0]["text"] == "new"
    assert names(tmp_path) == ["d.json"]


def test_a_link_goes_on_pointing_to_the_data(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    link, real = tmp_path / "d.json", tmp_path / "store" / "real.json"
    link.symlink_to(real)
    file = write_dialogue_file(said("text"), link)
    assert link.is_symlink()
    assert file.path == link
    assert list(read_dialogues(real)) == said("text")


def test_the_longest_file_name(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".json")
    write_dialogue_file(said("text"), path)
    assert names(tmp_path) == [path.name]


def test_the_mask_for_new_files_is_kept(tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("file modes are a matter of POSIX")
    before = os.umask(0o027)
    try:
        path = write_dialogue_file(said("text"), tmp_path / "d.json").path
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("", "is no place for a file"),
        ("folder", "is no place for a file"),
        ("bad\0name.json", "is no place for a file"),
        ("none/d.json", "No such file or directory. Make that folder first."),
        ("file/d.json", "Not a directory"),
        ("x" * 300 + ".json", "File name too long"),
        ("loop/d.json", "symbolic links"),
    ],
)
def test_a_place_that_can_not_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, what: str
) -> None:
    if os.name != "posix":
        pytest.skip("the words are those of POSIX systems")
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("file").write_text("a file")
    Path("loop").symlink_to("loop")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError) as caught:
        write_dialogue_file(said("text"), place)
    assert what in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    # A pipe of our own stands for all that is neither file nor folder, /dev/null among it.
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes here")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    for place in (pipe, tmp_path / "link"):
        with pytest.raises(DataError, match="no place for a file"):
            write_dialogue_file(said("text"), place)
    assert pipe.is_fifo()
    assert sorted(names(tmp_path)) == ["link", "pipe"]


def test_a_full_disk(tiny_disk: Path) -> None:
    path = tiny_disk / "d.json"
    write_dialogue_file(said("older"), path)
    before = path.read_bytes()
    texts = ["words " * 2000] * 100
    with pytest.raises(DataError, match="No space left on device"):
        write_dialogue_file(said(*texts), path)
    with pytest.raises(DataError, match="No space left on device"):
        write_intent_file(map(Utterance, texts), tiny_disk / "i.json")
    assert names(tiny_disk) == ["d.json"]
    assert path.read_bytes() == before


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux may mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Make a folder that any user can reach, as those of tmp_path can not be."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        if not all(above.stat().st_mode & 0o001 for above in folder.resolve().parents):
            pytest.skip("the folder for temporary files is closed to other users")
        yield folder


def test_no_permission_to_write(open_folder: Path) -> None:
    if os.name != "posix":
        pytest.skip("dropping rights is a matter of POSIX")
    locked = open_folder / "locked"
    locked.mkdir()
    (locked / "d.json").write_text("older")
    locked.chmod(0o555)
    # Root may write everywhere, so the attempt is made as nobody.
    code = f"""
        import os
        from nbtrain import DataError
        from nbtrain.documents import Dialogue, Speaker, Turn
        from nbtrain.files import write_dialogue_file
        turns = (Turn(Speaker.CUSTOMER, "text"),)
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        for name in ("d.json", "new.json"):
            try:
                write_dialogue_file([Dialogue("1", turns)], os.path.join({str(locked)!r}, name))
            except DataError as error:
                print(error.problems[0].what)
    """
    answer = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    locked.chmod(0o755)
    assert answer.stdout.splitlines() == ["can't be written: Permission denied"] * 2
    assert (locked / "d.json").read_text() == "older"
    assert names(locked) == ["d.json"]


# --- half-written files ----------------------------------------------------------------------


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, DataError])
def test_a_source_that_fails_leaves_the_older_file(
    tmp_path: Path, failure: type[BaseException]
) -> None:
    def source() -> Iterator[Utterance]:
        for n in range(500):
            yield Utterance(f"text {n}")
        raise failure("in the middle")

    path = tmp_path / "i.json"
    path.write_text("older")
    with pytest.raises(failure):
        write_intent_file(source(), path)
    assert path.read_text() == "older"
    assert names(tmp_path) == ["i.json"]


def test_lone_surrogates_are_listed_by_record(tmp_path: Path) -> None:
    texts = ["fine"] * 200
    for row in (70, 71, 150):
        texts[row] = "bad \ud83d"
    with pytest.raises(DataError) as caught:
        write_dialogue_file(said(*texts), tmp_path / "d.json")
    (problem,) = caught.value.problems
    assert problem.rows[0] == 70
    assert "lone surrogates" in problem.what
    assert names(tmp_path) == []


# --- reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", ["utterances", "", None, 5, "Dialogue"], ids=repr)
def test_an_unknown_schema(tmp_path: Path, schema: Any) -> None:
    with pytest.raises(DataError, match=r"schema: is .* Known: dialogue, intent, utterance\."):
        read_data_file(tmp_path / "d.json", schema)


@pytest.mark.parametrize("place", ["none.json", ".", "bad\0name", "x" * 300])
def test_a_file_that_can_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="can't be read"):
        read_data_file(place, "intent")
    with pytest.raises(DataError, match="can't be read"):
        list(read_dialogues(place))


def test_a_file_of_the_other_schema_is_told(tmp_path: Path) -> None:
    intents = write_intent_file(SENTENCES, tmp_path / "i.json").path
    with pytest.raises(DataError, match="record 0: has no dialogueId"):
        read_data_file(intents, "dialogue")
    dialogues = write_dialogue_file(said("text"), tmp_path / "d.json").path
    with pytest.raises(DataError, match="record 0: has no Text"):
        read_data_file(dialogues, "intent")
