"""The sample data as DataFrames."""

from __future__ import annotations

import re
from collections.abc import Mapping
from numbers import Integral
from random import Random
from typing import TYPE_CHECKING

from .. import training
from ..errors import Problem, RequestError
from .dutch import DUTCH
from .english import ENGLISH
from .language import Intent
from .script import make_dialogue, make_sentence, start_times
from .turkish import TURKISH

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LANGUAGES", "conversations", "intents", "sentences"]

_BY_CODE = {language.code: language for language in (ENGLISH, TURKISH, DUTCH)}

LANGUAGES: Mapping[str, str] = {code: training.LANGUAGES[code] for code in _BY_CODE}
"""Language codes that the samples come in, with their English names."""

# The first intent is about four times as frequent as the last.
_SKEW = 4.5
# How often to draw a sentence that came before.
_TRIES = 4


def intents(language: str = "en-US") -> tuple[str, ...]:
    """Name the intents of a language, the most frequent first.

    Parameters
    ----------
    language : str
        One of :data:`LANGUAGES`.

    Returns
    -------
    tuple of str
        Labels; the same thing has the same label in each language.

    Raises
    ------
    RequestError
        If the language isn't offered.

    Examples
    --------
    >>> intents("en-US")[:3], len(intents("en-US"))
    (('parcel_late', 'refund_status', 'start_return'), 24)
    """
    problems = _language_problems(language)
    if problems:
        raise RequestError("There are no samples in this language:", problems)
    return tuple(intent.name for intent in _BY_CODE[language].by_frequency)


def conversations(
    n_dialogues: int = 600,
    *,
    language: str = "en-US",
    n_intents: int | None = None,
    random_state: int = 0,
) -> pd.DataFrame:
    """Make customer-service dialogues of a web shop, with their true intents.

    Customers differ in how they type: slips, no capitals, no full stops, no diacritics. Frequent
    intents come about four times as often as rare ones, and each comes at least once if there are
    enough dialogues. Everything is made up; the same arguments give the same rows.

    Parameters
    ----------
    n_dialogues : int
        How many dialogues, of 4 to 10 turns each.
    language : str
        One of :data:`LANGUAGES`.
    n_intents : int, optional
        Only the first so many of :func:`intents`; all by default.
    random_state : int
        Seed, 0 to 2**32 - 1.

    Returns
    -------
    pandas.DataFrame
        One row a turn, dialogues in order of time: ``dialogue_id``, ``speaker`` (``"customer"`` or
        ``"agent"``), ``text``, ``timestamp`` (ISO 8601, UTC, increasing within a dialogue) and
        ``intent`` (the dialogue's, on each of its rows). All are text.

    Raises
    ------
    RequestError
        If any argument is wrong; its ``problems`` lists all that are.

    Examples
    --------
    >>> turns = conversations(20, n_intents=4)
    >>> list(turns.columns)
    ['dialogue_id', 'speaker', 'text', 'timestamp', 'intent']
    >>> turns["dialogue_id"].nunique(), sorted(set(turns["intent"]))
    (20, ['cancel_order', 'parcel_late', 'refund_status', 'start_return'])
    """
    chosen = _check("n_dialogues", n_dialogues, language, n_intents, random_state)
    import pandas as pd

    rng = Random(f"conversations {language} {random_state}")  # noqa: S311
    spoken_in = _BY_CODE[language]
    columns = ("dialogue_id", "speaker", "text", "timestamp", "intent")
    rows = [
        (f"d{number:05}", turn.speaker.value, turn.text, turn.timestamp, intent.name)
        for number, (intent, start) in enumerate(
            zip(_drawn(chosen, n_dialogues, rng), start_times(rng), strict=False), start=1
        )
        for turn in make_dialogue(spoken_in, intent, rng, start)
    ]
    return pd.DataFrame(rows, columns=columns)


def sentences(
    n_sentences: int = 1000,
    *,
    language: str = "en-US",
    n_intents: int | None = None,
    random_state: int = 0,
) -> pd.DataFrame:
    """Make single sentences of customers, with their true intents.

    Few come twice: a sentence that differs from an earlier one only in capitals or punctuation is
    drawn again, up to three times.

    Parameters
    ----------
    n_sentences : int
        How many rows.
    language, n_intents, random_state
        As for :func:`conversations`.

    Returns
    -------
    pandas.DataFrame
        One row a sentence: ``text`` and ``intent``.

    Raises
    ------
    RequestError
        If any argument is wrong; its ``problems`` lists all that are.

    Examples
    --------
    >>> sentences(500, language="tr-TR").shape
    (500, 2)
    """
    chosen = _check("n_sentences", n_sentences, language, n_intents, random_state)
    import pandas as pd

    rng = Random(f"sentences {language} {random_state}")  # noqa: S311
    rows = []
    seen: set[str] = set()
    for intent in _drawn(chosen, n_sentences, rng):
        for _ in range(_TRIES):
            text = make_sentence(_BY_CODE[language], intent, rng)
            key = re.sub(r"\W+", " ", text.casefold()).strip()
            if key not in seen:
                break
        seen.add(key)
        rows.append((text, intent.name))
    return pd.DataFrame(rows, columns=("text", "intent"))


def _drawn(chosen: tuple[Intent, ...], total: int, rng: Random) -> list[Intent]:
    """Draw intents in their shares, not by chance, so that none is left out; then mix them."""
    weights = [_SKEW ** (-rank / max(len(chosen) - 1, 1)) for rank in range(len(chosen))]
    counts = [int(rank < total) for rank in range(len(chosen))]
    left = total - sum(counts)
    shares = [left * weight / sum(weights) for weight in weights]
    counts = [count + int(share) for count, share in zip(counts, shares, strict=True)]
    by_remainder = sorted(range(len(chosen)), key=lambda rank: int(shares[rank]) - shares[rank])
    for rank in by_remainder[: total - sum(counts)]:
        counts[rank] += 1
    drawn = [intent for intent, count in zip(chosen, counts, strict=True) for _ in range(count)]
    rng.shuffle(drawn)
    return drawn


def _check(
    name: str, total: int, language: str, n_intents: int | None, random_state: int
) -> tuple[Intent, ...]:
    """Give the intents to draw from, or raise an error with all that is wrong."""
    problems = _language_problems(language)
    spoken_in = None if problems else _BY_CODE[language]
    if not _is_whole(total, 1):
        problems.append(Problem(name, f"is {total!r}", "Give a whole number, 1 or more."))
    if n_intents is not None:
        most = len(spoken_in.intents) if spoken_in else None
        if not _is_whole(n_intents, 1, most):
            upto = f"from 1 to {most}" if most else "of 1 or more"
            fix = f"Give a whole number {upto}, or None for all."
            problems.append(Problem("n_intents", f"is {n_intents!r}", fix))
    if not _is_whole(random_state, 0, 2**32 - 1):
        fix = "Give a whole number from 0 to 2**32-1."
        problems.append(Problem("random_state", f"is {random_state!r}", fix))
    if problems or spoken_in is None:
        raise RequestError("These samples can't be made:", problems)
    return spoken_in.by_frequency[:n_intents]


def _is_whole(value: object, least: int, most: int | None = None) -> bool:
    if isinstance(value, bool) or not isinstance(value, Integral):
        return False
    return least <= int(value) and (most is None or int(value) <= most)


def _language_problems(language: object) -> list[Problem]:
    if isinstance(language, str) and language in _BY_CODE:
        return []
    fix = f"Samples come in: {', '.join(_BY_CODE)}."
    return [Problem("language", f"{language!r} is not offered", fix)]
