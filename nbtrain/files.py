"""Documents <-> JSON data files: streamed, checked, hashed, and written in one step or not at all.

The dialogue file is an array of ``{"dialogueId", "turns": [{"speaker", "text", "timestamp"}]}``,
the intent file an array of ``{"Label", "Text"}``. The vendor publishes neither dialogue nor intent
files, only the labelled record; the dialogue form is ours, modelled on what comparable services
agree on.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from json.encoder import encode_basestring  # the C string encoder
from pathlib import Path
from typing import BinaryIO, TypeVar

from .documents import (
    NOT_ENCODABLE,
    READ_AGAIN,
    DataSchema,
    Dialogue,
    Utterance,
)
from .errors import DataError, Problem
from .records import Records, dialogues_from_records, utterances_from_records
from .training import DataFile
from .writing import write_atomically

__all__ = [
    "check_unchanged",
    "read_data_file",
    "read_dialogues",
    "read_utterances",
    "write_dialogue_file",
    "write_intent_file",
]

Document = TypeVar("Document", Dialogue, Utterance)

# Small enough that few objects are alive at a time: that keeps the garbage collector idle.
_BLOCK = 64


def read_dialogues(path: str | os.PathLike[str]) -> Iterator[Dialogue]:
    """Read a dialogue file, one dialogue at a time.

    Nested records (one a dialogue) and flat ones (one a turn, with the keys ``DialogueId``,
    ``TurnIndex``, ``Speaker``, ``Text``) are understood, as an array or one object a line; keys
    are compared without case.

    Parameters
    ----------
    path : path
        A UTF-8 JSON file.

    Yields
    ------
    Dialogue
        In file order. Flat records are gathered first, nested ones are streamed.

    Raises
    ------
    DataError
        At the first sign of broken JSON; for wrong records at the end of the file, listing all of
        them. So nothing that was yielded may be trusted before the iterator is exhausted.
    """
    return dialogues_from_records(Records(Path(path)))


def read_utterances(
    path: str | os.PathLike[str], *, all_labelled: bool = False
) -> Iterator[Utterance]:
    """Read an intent or utterance file, one utterance at a time.

    Parameters
    ----------
    path : path
        A UTF-8 JSON file: an array of ``{"Label", "Text"}`` or one such object a line; keys are
        compared without case, ``Label`` may be missing.
    all_labelled : bool
        True for the schema ``utterance``: a record without label or text is refused, and so is a
        file with one label only.

    Yields
    ------
    Utterance
        In file order.

    Raises
    ------
    DataError
        As :func:`read_dialogues` does.
    """
    return utterances_from_records(Records(Path(path)), all_labelled=all_labelled)


def read_data_file(path: str | os.PathLike[str], schema: DataSchema | str) -> DataFile:
    """Check a JSON file that exists already, so that it can be put into a training request.

    Parameters
    ----------
    path : path
        The file.
    schema : {"dialogue", "intent", "utterance"}
        What it should hold. Intent and utterance files are alike, but in the latter every record
        has a label, and there are at least two different ones.

    Raises
    ------
    DataError
        Listing everything in it that is not of that schema, or if there is no such schema.
    """
    if schema not in [known.value for known in DataSchema]:
        fix = f"Known: {', '.join(DataSchema)}."
        raise DataError("The data file can't be used.", [Problem("schema", f"is {schema!r}", fix)])
    path, schema = Path(path), DataSchema(schema)
    digest = hashlib.sha256()
    records = Records(path, on_bytes=digest.update)
    documents = words = 0
    if schema is DataSchema.DIALOGUE:
        for dialogue in dialogues_from_records(records):
            said = _words(_dialogue_texts(dialogue))
            words += said
            documents += said > 0
    else:
        all_labelled = schema is DataSchema.UTTERANCE
        for utterance in utterances_from_records(records, all_labelled=all_labelled):
            said = _words(_utterance_texts(utterance))
            words += said
            documents += said > 0
    return DataFile(path, schema, documents, words, digest.hexdigest())


def check_unchanged(*files: DataFile | None) -> None:
    """Check that data files still hold what they held when they were written or read.

    Raises
    ------
    DataError
        Listing those that are gone, can't be read, or hold something else by now.
    """
    problems = []
    for data in files:
        if data is None:
            continue
        try:
            with data.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            problems.append(Problem(str(data.path), f"can't be read: {error.strerror or error}"))
        else:
            if digest != data.sha256:
                what = "was changed since it was written or read"
                problems.append(Problem(str(data.path), what, "Write it or read it again."))
    if problems:
        raise DataError("These data can't be sent:", problems)


def write_dialogue_file(dialogues: Iterable[Dialogue], path: str | os.PathLike[str]) -> DataFile:
    """Write dialogues as a JSON file.

    Parameters
    ----------
    dialogues : iterable of Dialogue
        Taken in blocks; never held as a whole.
    path : path
        The file, replaced if it exists. It appears complete or not at all. Of a symbolic link
        the file that it stands for is replaced.

    Raises
    ------
    DataError
        If the place can't be written to, or a text can't be encoded as UTF-8.

    Examples
    --------
    >>> from nbtrain.documents import Dialogue, Speaker, Turn
    >>> folder = getfixture("tmp_path")
    >>> turns = (Turn(Speaker.CUSTOMER, "Where is my card?"), Turn(Speaker.AGENT, "On its way."))
    >>> file = write_dialogue_file([Dialogue("c-1", turns)], folder / "dialogues.json")
    >>> file.documents, file.words
    (1, 7)
    """
    return _write(dialogues, path, DataSchema.DIALOGUE, _dialogue_json, _dialogue_texts)


def write_intent_file(utterances: Iterable[Utterance], path: str | os.PathLike[str]) -> DataFile:
    """Write utterances as a JSON file of labelled records; see :func:`write_dialogue_file`."""
    return _write(utterances, path, DataSchema.INTENT, _utterance_json, _utterance_texts)


def _dialogue_json(dialogue: Dialogue) -> str:
    turns = ", ".join(
        [
            f'{{"speaker": "{speaker}", "text": {encode_basestring(text)}}}'
            if timestamp is None
            else f'{{"speaker": "{speaker}", "text": {encode_basestring(text)}, '
            f'"timestamp": {encode_basestring(timestamp)}}}'
            for speaker, text, timestamp in dialogue.turns
        ]
    )
    return f'{{"dialogueId": {encode_basestring(dialogue.dialogue_id)}, "turns": [{turns}]}}'


def _dialogue_texts(dialogue: Dialogue) -> Iterable[str]:
    return [turn.text for turn in dialogue.turns]


def _utterance_json(utterance: Utterance) -> str:
    text = encode_basestring(utterance.text)
    if utterance.intent is None:
        return f'{{"Text": {text}}}'
    return f'{{"Label": {encode_basestring(utterance.intent)}, "Text": {text}}}'


def _utterance_texts(utterance: Utterance) -> Iterable[str]:
    return [utterance.text]


def _words(texts: Iterable[str]) -> int:
    return len(" ".join(texts).split())  # as count_words counts, for all texts at once


def _write(
    documents: Iterable[Document],
    path: str | os.PathLike[str],
    schema: DataSchema,
    to_json: Callable[[Document], str],
    texts: Callable[[Document], Iterable[str]],
) -> DataFile:
    with write_atomically(path, "data file") as file:
        written = _write_blocks(iter(documents), file, to_json, texts)
    count, words, digest = written
    return DataFile(Path(path), schema, count, words, digest)


def _write_blocks(
    documents: Iterator[Document],
    file: BinaryIO,
    to_json: Callable[[Document], str],
    texts: Callable[[Document], Iterable[str]],
) -> tuple[int, int, str]:
    digest = hashlib.sha256()
    with_text = words = row = 0
    opening = "[\n"
    while block := list(islice(documents, _BLOCK)):
        try:
            data = (opening + ",\n".join(map(to_json, block))).encode()
        except UnicodeEncodeError as error:
            raise _not_unicode(block, row, to_json) from error
        for document in block:
            said = _words(texts(document))
            words += said
            with_text += said > 0
        digest.update(data)
        file.write(data)
        opening, row = ",\n", row + len(block)
    data = b"\n]\n" if opening == ",\n" else b"[]\n"
    digest.update(data)
    file.write(data)
    return with_text, words, digest.hexdigest()


def _not_unicode(
    block: list[Document], first: int, to_json: Callable[[Document], str]
) -> DataError:
    rows = []
    for row, document in enumerate(block, first):
        try:
            to_json(document).encode()
        except UnicodeEncodeError:
            rows.append(row)
    problem = Problem("text", NOT_ENCODABLE, READ_AGAIN, rows=tuple(rows[:5]), count=len(rows))
    return DataError("The data file was not written.", [problem])
