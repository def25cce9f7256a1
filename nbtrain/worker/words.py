"""Words of a text, and which of them can name a topic, by language."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property

from .stop_words import STOP_WORDS

__all__ = ["Language"]

_WORD = re.compile(r"\w+")
# Only English keeps what stands round an apostrophe together: "don't", but "l'argent".
_ENGLISH_WORD = re.compile(r"\w+(?:'\w+)*")
# Tied to where a word begins: from each letter of a long one anew the time would be quadratic.
_ADDRESS = re.compile(r"(?<!\S)\S+@\S+|https?://\S+|www\.\S+")
# What is longer is no word: a key, a line without spaces, a joke.
_LONGEST = 50
_MARK = re.compile(r"\S")
# Vowel signs and the lengthening stroke, which Arabic may write or leave out.
_ARABIC_SIGNS = re.compile("[\u0640\u064b-\u0652\u0670]")


class Language:
    """How one language writes words.

    Parameters
    ----------
    code : str
        Such as ``"tr-TR"``; only the part before the hyphen counts.

    Examples
    --------
    >>> Language("tr-TR").words("IŞIK İptal!"), Language("en-US").words("I don't know")
    (['ışık', 'iptal'], ['i', "don't", 'know'])
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.name = code.split("-")[0].lower()
        self._word = _ENGLISH_WORD if self.name == "en" else _WORD

    @cached_property
    def stop_words(self) -> frozenset[str]:
        """Words that carry no topic, chat filler included."""
        return frozenset(self.words(STOP_WORDS.get(self.name, "")))

    def lower(self, text: str) -> str:
        """Write in small letters as the language does, in one normal form."""
        text = unicodedata.normalize("NFC", text)
        if self.name == "tr":
            text = text.replace("İ", "i").replace("I", "ı")
        lowered = text.lower().replace("’", "'").replace("i\u0307", "i")
        return _ARABIC_SIGNS.sub("", lowered)

    def words(self, text: str) -> list[str]:
        """Split into words, in small letters; a text without any gives its marks instead."""
        lowered = self.lower(text)
        return self._word.findall(lowered) or _MARK.findall(lowered)

    def content_words(self, text: str) -> list[str]:
        """Return the words that can name a topic: no stop words, no numbers, no single letters."""
        return [word for word in self.words(_ADDRESS.sub(" ", text)) if self.is_content(word)]

    def is_content(self, word: str) -> bool:
        """Tell whether a word can name a topic."""
        # What holds a digit is an order's number or somebody's account.
        spelled = (
            1 < len(word) <= _LONGEST and "_" not in word and not any(c.isdigit() for c in word)
        )
        return spelled and word not in self.stop_words
