"""The documents of a job: read, merged where they say the same, and told to the user."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..documents import DataSchema
from ..files import read_dialogues, read_utterances
from ..tasks import Clustering
from ..turns import documents_of, fingerprint
from .words import Language

__all__ = ["Corpus", "Entry", "file_sha256", "read_corpus"]

_SHOWN = 200
ALL_LABELLED = (
    "Every text of the data file carries an intent, so nothing was left to find beside them: the "
    "intents were not used. Leave out those of some texts to have the others kept as clusters."
)
"""Warning of a clustering whose texts all have labels."""
_SILENT = {
    "customer": "in which the customer says nothing",
    "first": "in which the customer says nothing",
    "agent": "in which no agent says anything",
    "all": "without text",
}


@dataclass(slots=True)
class Entry:
    """One distinct text, and how often it came.

    Parameters
    ----------
    passages : tuple of str
        What is embedded: the turns that speak for a dialogue, or the one text.
    shown : str
        What a reader sees of it.
    weight : int
        Number of documents, and of labelled texts, that say it.
    intent : str or None
        The label it carries, if it is a labelled text.
    """

    passages: tuple[str, ...]
    shown: str
    weight: int = 0
    intent: str | None = None


@dataclass(slots=True)
class Corpus:
    """The documents of a job.

    Parameters
    ----------
    document_ids : list of str
        In file order.
    entry_of : list of int
        The entry of each document, parallel.
    occurrences : list of int
        How often the file holds each document, parallel; more than 1 for repeated sentences.
    entries : list of Entry
        The distinct texts; those that come only as labelled texts are behind the others.
    intents : list of str
        Names of the labelled intents, in order of first appearance.
    warnings : list of str
    labelled : list of (int, str)
        Of an utterance file: each document and an intent that it carries, both by first
        appearance. A text with two intents is there twice; repetitions are not.
    fingerprints : dict of str to str
        Where each turn is a document: see :class:`~nbtrain.results.TrainingResult`.
    """

    document_ids: list[str] = field(default_factory=list)
    entry_of: list[int] = field(default_factory=list)
    occurrences: list[int] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    intents: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    labelled: list[tuple[int, str]] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)


def folded(text: str) -> str:
    """Return the key under which texts count as the same.

    Case, surrounding and repeated white space, and the dot of a Turkish i make no difference.

    Examples
    --------
    >>> folded("  Kartım  NEREDE ") == folded("KARTIM nerede")
    True
    """
    text = unicodedata.normalize("NFC", text.replace("ı", "i")).casefold()
    return " ".join(text.replace("i\u0307", "i").split())


def file_sha256(path: Path) -> str:
    """Hash a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_corpus(
    data: Path,
    schema: DataSchema,
    language: Language,
    secondary: Path | None = None,
    progress: Callable[[float], None] = lambda share: None,
    *,
    task: Clustering | None = None,
) -> Corpus:
    """Read the documents of a job.

    Parameters
    ----------
    data : Path
        The primary data file, of ``schema``. Labels in an intent file make known intents of
        their texts, unless all texts have one; in an utterance file all have one.
    schema : DataSchema
    language : Language
        For what is shown of a dialogue.
    secondary : Path, optional
        A file of labelled intents; its texts are no documents.
    progress : callable
        Is told the share that is read, roughly.
    task : Clustering, optional
        Which turns speak for a dialogue, and whether each is a document; by default, its defaults.

    Returns
    -------
    Corpus
        Documents without any text are left out, with a warning.

    Raises
    ------
    DataError
        If a file can't be read or is not of its schema.
    """
    corpus = Corpus()
    place: dict[str, int] = {}
    size = max(data.stat().st_size, 1) if data.exists() else 1
    read = empty = 0
    seen: dict[str, int] = {}
    document_of: dict[str, int] = {}
    votes = _Votes()
    labelled: dict[tuple[int, str], None] = {}

    def add(passages: tuple[str, ...], shown: Callable[[], str]) -> int:
        key = folded("\n".join(passages))
        index = place.setdefault(key, len(corpus.entries))
        if index == len(corpus.entries):
            corpus.entries.append(Entry(passages, shown()))
        corpus.entries[index].weight += 1
        return index

    task = task or Clustering()
    by_turn = task.unit == "utterance"
    if schema is DataSchema.DIALOGUE:
        for dialogue in read_dialogues(data):
            documents = documents_of(dialogue, task.turns, task.unit)
            read += sum(len(turn.text) + 40 for turn in dialogue.turns)
            progress(read / size)
            empty += not documents
            if by_turn:
                said = fingerprint(turn.text for turn in dialogue.turns)
                corpus.fingerprints[dialogue.dialogue_id] = said
            for document_id, passages in documents:
                corpus.document_ids.append(document_id)
                corpus.occurrences.append(1)
                corpus.entry_of.append(add(passages, partial(opening, passages, language)))
    else:
        for utterance in read_utterances(data, all_labelled=schema is DataSchema.UTTERANCE):
            text = utterance.text
            read += len(text) + 20
            progress(read / size)
            if not text.strip():
                empty += 1
                continue
            if text not in seen:
                seen[text] = add((text,), partial(cut, text))
                document_of[text] = len(corpus.document_ids)
                corpus.document_ids.append(text)
                corpus.entry_of.append(seen[text])
                corpus.occurrences.append(0)
            corpus.occurrences[document_of[text]] += 1
            votes.add(seen[text], utterance.intent)
            if schema is DataSchema.UTTERANCE:
                labelled[document_of[text], (utterance.intent or "").strip()] = None
    corpus.labelled = list(labelled)
    if empty and schema is DataSchema.DIALOGUE and (by_turn or task.turns != "customer"):
        corpus.warnings.append(f"{_left_out(empty, 'dialogue')} {_SILENT[task.turns]}.")
    elif empty:
        corpus.warnings.append(f"{_left_out(empty, 'document')} without text.")
    if schema is DataSchema.INTENT and len(votes.counts) == len(corpus.entries) > 0:
        corpus.warnings.append(ALL_LABELLED)
        votes = _Votes()
    if secondary is not None:
        unlabelled = 0
        for utterance in read_utterances(secondary):
            text, intent = utterance.text, (utterance.intent or "").strip()
            if intent and text.strip():
                votes.add(add((text,), partial(cut, text)), intent)
            else:
                unlabelled += 1
        if unlabelled:
            corpus.warnings.append(f"{_left_out(unlabelled, 'record')} without intent or text.")
    votes.settle(corpus)
    return corpus


class _Votes:
    """Which intents the labelled texts carry; one text may carry several."""

    def __init__(self) -> None:
        self.counts: dict[int, dict[str, int]] = {}

    def add(self, entry: int, intent: str | None) -> None:
        """Count a label of an entry; no label counts nothing."""
        intent = (intent or "").strip()
        if intent:
            counts = self.counts.setdefault(entry, {})
            counts[intent] = counts.get(intent, 0) + 1

    def settle(self, corpus: Corpus) -> None:
        """Give every labelled entry its most frequent intent."""
        torn = 0
        for index, counts in self.counts.items():
            torn += len(counts) > 1
            corpus.entries[index].intent = max(counts, key=lambda intent: counts[intent])
        corpus.intents = list(
            dict.fromkeys(corpus.entries[index].intent or "" for index in self.counts)
        )
        if torn:
            corpus.warnings.append(
                f"{torn:,} labelled texts carry more than one intent; the most frequent one counts."
            )


def _left_out(count: int, noun: str) -> str:
    return f"Left out {count:,} {noun}{'' if count == 1 else 's'}"


def opening(passages: tuple[str, ...], language: Language) -> str:
    """Return the first turns that say something, without greetings, cut to a readable length."""
    telling = (
        place for place, text in enumerate(passages) if len(set(language.content_words(text))) >= 2
    )
    first = next(telling, 0)
    shown = passages[first]
    for text in passages[first + 1 :]:
        if len(shown) >= _SHOWN // 2:
            break
        shown += " / " + text
    return cut(shown)


def cut(text: str) -> str:
    """Cut a text at a word's end near 200 characters."""
    text = " ".join(text.split())
    if len(text) <= _SHOWN:
        return text
    head = text[:_SHOWN]
    return (head.rsplit(" ", 1)[0] if " " in head[_SHOWN // 2 :] else head) + "…"
