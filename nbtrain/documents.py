"""The documents that are clustered: dialogues of turns, and single utterances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from numbers import Number
from typing import Any, NamedTuple

from .errors import DataError, Problem

__all__ = [
    "DataSchema",
    "Dialogue",
    "Speaker",
    "Turn",
    "Utterance",
    "WordCount",
    "count_words",
    "speaker_of",
]


class DataSchema(StrEnum):
    """What a data file holds."""

    DIALOGUE = "dialogue"
    """Conversations without labels; one document is one conversation."""
    INTENT = "intent"
    """Sentences, with or without an intent label; one document is one sentence."""
    UTTERANCE = "utterance"
    """Sentences with an intent label each, from which an intent model learns."""


class Speaker(StrEnum):
    """Who said a turn."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


_SPEAKER_WORDS = {
    "customer": Speaker.CUSTOMER, "client": Speaker.CUSTOMER, "user": Speaker.CUSTOMER,
    "end_user": Speaker.CUSTOMER, "caller": Speaker.CUSTOMER, "in": Speaker.CUSTOMER,
    "0": Speaker.CUSTOMER, "müşteri": Speaker.CUSTOMER,
    "agent": Speaker.AGENT, "expert": Speaker.AGENT, "operator": Speaker.AGENT,
    "representative": Speaker.AGENT, "out": Speaker.AGENT, "1": Speaker.AGENT,
    "temsilci": Speaker.AGENT,
    "bot": Speaker.BOT, "assistant": Speaker.BOT, "automated_agent": Speaker.BOT,
    "virtual_agent": Speaker.BOT, "system": Speaker.SYSTEM,
}  # fmt: skip


def speaker_of(word: object) -> Speaker | None:
    """Return the speaker that a data set's own word for it means, or None if unknown.

    The words are those of the contact-centre formats in use: ``END_USER``, ``expert``, ``in``,
    ``1`` and the like; case and surrounding space don't matter.

    Examples
    --------
    >>> speaker_of("END_USER"), speaker_of("Agent"), speaker_of("narrator")
    (<Speaker.CUSTOMER: 'customer'>, <Speaker.AGENT: 'agent'>, None)
    """
    known = _SPEAKER_WORDS.get(word) if isinstance(word, str) else None
    return known or _SPEAKER_WORDS.get(speaker_word(word))


def speaker_word(word: object) -> str:
    """Return the form in which words for speakers are compared.

    Examples
    --------
    >>> speaker_word(" End-User"), speaker_word("MÜŞTERİ"), speaker_word(1.0)
    ('end_user', 'müşteri', '1')
    """
    # str.lower would leave a combining dot behind the Turkish capital İ.
    text = plain_text(word).replace("İ", "i").strip().lower()
    return text.replace(" ", "_").replace("-", "_")


def plain_text(value: object) -> str:
    """Write a value as text; a whole number has no decimal point: ``7.0`` is ``"7"``."""
    number: Any = value if isinstance(value, Number) and not isinstance(value, int) else None
    if hasattr(number, "is_integer") and number.is_integer():
        return str(int(number))
    return str(value)


class Turn(NamedTuple):
    """One thing said in a dialogue; ``timestamp`` is ISO 8601 or None."""

    speaker: Speaker
    text: str
    timestamp: str | None = None


class Dialogue(NamedTuple):
    """One conversation: an id that is unique in its file, and turns in order."""

    dialogue_id: str
    turns: tuple[Turn, ...]


class Utterance(NamedTuple):
    """One sentence or short text; ``intent`` is its label, or None when it has none."""

    text: str
    intent: str | None = None


class WordCount(int):
    """A total number of words that remembers the count of each text.

    Attributes
    ----------
    per_text : tuple of int
        Words in each text, in the order the texts were given.

    Examples
    --------
    >>> words = count_words(["My card was charged twice", "", "Hello"])
    >>> words, list(words), words > 3_000_000
    (6, [5, 0, 1], False)
    """

    per_text: tuple[int, ...]

    def __new__(cls, per_text: Iterable[int]) -> WordCount:
        """Sum the counts."""
        parts = tuple(per_text)
        count = super().__new__(cls, sum(parts))
        count.per_text = parts
        return count

    def __iter__(self) -> Iterator[int]:
        return iter(self.per_text)

    def __len__(self) -> int:
        return len(self.per_text)

    def __getnewargs__(self) -> tuple[tuple[int, ...]]:  # type: ignore[override]
        return (self.per_text,)  # what copy and pickle hand to __new__


def count_words(texts: str | Iterable[Any]) -> WordCount:
    """Count words: runs of characters without white space, as ``str.split`` sees them.

    The vendors don't publish how they count. White space separates words in all languages that
    they offer, so this count is at most what a finer tokeniser would find in the same text.

    Parameters
    ----------
    texts : str, or iterable of str
        One text, or many: a list, a pandas Series, a generator. Missing values (None, NaN,
        ``pandas.NA``) count as no words.

    Returns
    -------
    WordCount
        The total, as an ``int``; iterate over it, or read ``per_text``, for each text's count.

    Raises
    ------
    DataError
        If anything else than text or a missing value is among the texts, or if it is no
        collection of texts at all.

    Examples
    --------
    >>> count_words("where is my card")
    4
    """
    counts: list[int] = []
    bad: list[tuple[int, str]] = []
    for row, value in enumerate(_listed(texts)):
        if isinstance(value, str):
            counts.append(len(value.split()))
        else:
            counts.append(0)
            if not is_missing(value):
                bad.append((row, type(value).__name__))
    if bad:
        kinds = ", ".join(sorted({kind for _, kind in bad}))
        problem = Problem(
            "texts", f"holds {kinds} instead of text", "Convert these values to str first.",
            rows=tuple(row for row, _ in bad[:5]), count=len(bad),
        )  # fmt: skip
        raise DataError("Only text can be counted.", [problem])
    return WordCount(counts)


def _listed(texts: Any) -> Iterable[Any]:
    if isinstance(texts, str):
        return [texts]
    tolist = getattr(texts, "tolist", None)
    values = tolist() if callable(tolist) else texts
    if isinstance(values, str):  # of an array without dimensions
        return [values]
    # Iterating over these gives column names, keys, or numbers.
    table = isinstance(values, Mapping | bytes | bytearray) or hasattr(values, "columns")
    if table or not isinstance(values, Iterable):
        what = f"is a {type(texts).__name__}"
        problem = Problem("texts", what, "Give one text, a list of texts, or one column.")
        raise DataError("Only text can be counted.", [problem])
    return values


def is_missing(value: object) -> bool:
    """Tell whether a cell is missing: None, NaN, ``pandas.NA`` or ``pandas.NaT``."""
    if value is None:
        return True
    if type(value).__name__ in {"NAType", "NaTType"}:
        return True
    if isinstance(value, float | int):
        return value != value
    return isinstance(value, Number) and str(value).lower() == "nan"  # numpy's, decimal's


def is_encodable(text: str) -> bool:
    """Tell whether a string is text that UTF-8 can hold: no half of a surrogate pair alone."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


NOT_ENCODABLE = "holds characters that are no text (lone surrogates, from a wrong decoding)"
READ_AGAIN = "Read the source again with its right encoding, or with errors='replace'."
