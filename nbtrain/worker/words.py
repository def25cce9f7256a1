"""Words of a text, and which of them say little, by language."""

from __future__ import annotations

import re
from functools import cached_property

from .stop_words import STOP_WORDS

__all__ = ["Language"]

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_MARK = re.compile(r"\S")


class Language:
    """How one language writes words.

    Parameters
    ----------
    code : str
        Such as ``"tr-TR"``; only the part before the hyphen counts.

    Examples
    --------
    >>> Language("tr-TR").words("IŞIK İptal!"), Language("en-US").words("I LIT it")
    (['ışık', 'iptal'], ['i', 'lit', 'it'])
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.name = code.split("-")[0].lower()

    @cached_property
    def stop_words(self) -> frozenset[str]:
        """Words that carry no topic, chat filler included."""
        words = STOP_WORDS.get(self.name, "").split()
        return frozenset(words) | frozenset(word.replace("'", "") for word in words)

    def lower(self, text: str) -> str:
        """Write in small letters as the language does."""
        if self.name in {"tr", "az"}:
            text = text.replace("İ", "i").replace("I", "ı")
        return text.lower().replace("’", "'").replace("i\u0307", "i")

    def words(self, text: str) -> list[str]:
        """Split into words, in small letters; a text without any gives its marks instead."""
        lowered = self.lower(text)
        return _WORD.findall(lowered) or _MARK.findall(lowered)

    def content_words(self, text: str) -> list[str]:
        """Return the words that can name a topic: no stop words, no numbers, no single letters."""
        return [word for word in self.words(text) if self.is_content(word)]

    def is_content(self, word: str) -> bool:
        """Tell whether a word can name a topic."""
        return (
            len(word) > 1 and word not in self.stop_words and any(char.isalpha() for char in word)
        )
