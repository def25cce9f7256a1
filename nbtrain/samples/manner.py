"""How people type: with care or in haste, with slips, without diacritics, all in lower case."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .language import Language

__all__ = ["CAREFUL", "Manner", "draw_manner", "sentence_case", "typed"]

_PLEASED = (":)", ":-)", "🙂", ":D", "👍")
_ANNOYED = (":(", ":/", "😕", "!!", "...", ":-(")
_WORD = re.compile(r"\S*@\S*|[^\W\d_]+(?:'[^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Manner:
    """One person's way of typing.

    Parameters
    ----------
    slips : float
        Chance of a slip in a word of four letters or more.
    lower_case, no_full_stops, no_last_stop, no_apostrophes, plain_letters : bool
        Whether the person leaves out capitals, full stops, only the last one, apostrophes,
        diacritics.
    emoticons : float
        Chance of an emoticon after a turn.
    """

    slips: float = 0.0
    lower_case: bool = False
    no_full_stops: bool = False
    no_last_stop: bool = False
    no_apostrophes: bool = False
    plain_letters: bool = False
    emoticons: float = 0.0


CAREFUL = Manner()
"""The manner of an agent, who mostly sends prepared texts."""


def draw_manner(rng: Random) -> Manner:
    """Draw a customer's manner: two in five take care, the others are in more or less haste."""
    haste = max(0.0, rng.random() - 0.4) / 0.6
    return Manner(
        slips=0.004 + 0.07 * haste * rng.random(),
        lower_case=rng.random() < 0.75 * haste,
        no_full_stops=rng.random() < 0.9 * haste,
        no_last_stop=rng.random() < 0.5,
        no_apostrophes=rng.random() < 0.7 * haste,
        plain_letters=rng.random() < 0.45 * haste,
        emoticons=rng.choice((0.0, 0.0, 0.1, 0.3)),
    )


def sentence_case(text: str, language: Language) -> str:
    """Start each sentence with a capital; an address with ``@`` stays as it is.

    Examples
    --------
    >>> from nbtrain.samples.turkish import TURKISH
    >>> sentence_case("iyi günler. ısıtıcım nerede?", TURKISH)
    'İyi günler. Isıtıcım nerede?'
    """

    def capital(match: re.Match[str]) -> str:
        word = match[0]
        return word if "@" in word else language.upper(word[0]) + word[1:]

    return re.sub(r"(?:^|(?<=[.?!] ))\S+", capital, text)


def typed(
    text: str, language: Language, manner: Manner, rng: Random, *, pleased: bool = False
) -> str:
    """Give a text as a person of this manner types it.

    Parameters
    ----------
    text : str
        Sentences with their punctuation, without capitals at their beginnings.
    language : Language
        Its keyboard, letters and capitals.
    manner : Manner
        The person's.
    rng : random.Random
        Draws slips and emoticons.
    pleased : bool
        Which emoticons fit.

    Returns
    -------
    str
        The text; never empty when ``text`` isn't.
    """
    text = sentence_case(text, language)
    if manner.slips:
        text = _WORD.sub(_slipping(language, manner.slips, rng), text)
    if manner.lower_case:
        text = language.lower(text)
    if manner.no_full_stops:
        text = re.sub(r"(?<!\.)\.(?= |$)", "", text)
        text = re.sub(r"[,?](?= |$)", lambda mark: mark[0] if rng.random() < 0.4 else "", text)
    if manner.no_last_stop:
        text = re.sub(r"(?<!\.)\.$", "", text)
    if manner.no_apostrophes:
        text = re.sub(r"(?<=\w)'(?=\w)", "", text)
    if manner.plain_letters:
        text = text.translate({ord(letter): other for letter, other in language.plain.items()})
    if rng.random() < manner.emoticons:
        sign = rng.choice(_PLEASED if pleased else _ANNOYED)
        text = text.rstrip(".") + sign if sign in {"!!", "..."} else f"{text} {sign}"
    return text


def _slipping(language: Language, chance: float, rng: Random) -> Callable[[re.Match[str]], str]:
    def slip(match: re.Match[str]) -> str:
        word = match[0]
        # A slip in an e-mail address could make it somebody's.
        if len(word) < 4 or "@" in word or rng.random() >= chance:
            return word
        at = rng.randrange(1, len(word) - 1)
        kind = rng.randrange(4)
        if kind == 0:  # two letters in the wrong order
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if kind == 1:  # a dropped letter
            return word[:at] + word[at + 1 :]
        if kind == 2:  # a letter twice
            return word[:at] + word[at] + word[at:]
        return word[:at] + _neighbour(word[at], language, rng) + word[at + 1 :]

    return slip


def _neighbour(letter: str, language: Language, rng: Random) -> str:
    for row in language.keyboard:
        at = row.find(letter)
        if at >= 0:
            return rng.choice(row[max(at - 1, 0) : at] + row[at + 1 : at + 2])
    return letter
