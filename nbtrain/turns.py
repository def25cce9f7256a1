"""Which turns speak for a dialogue, and what is one document of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Literal, get_args

from .documents import Dialogue, Speaker

__all__ = [
    "TURNS",
    "UNITS",
    "TurnChoice",
    "Unit",
    "chosen_turns",
    "documents_of",
    "fingerprint",
    "turn_id",
]

TurnChoice = Literal["customer", "agent", "all", "first"]
"""The turns that are clustered; ``first`` is the customer's first one."""

Unit = Literal["dialogue", "utterance"]
"""What gets a cluster: a dialogue by all of its chosen turns, or each of them by itself."""

TURNS: tuple[str, ...] = get_args(TurnChoice)
UNITS: tuple[str, ...] = get_args(Unit)

_SPEAKERS: Mapping[str, frozenset[Speaker]] = {
    "customer": frozenset({Speaker.CUSTOMER}),
    "first": frozenset({Speaker.CUSTOMER}),
    "agent": frozenset({Speaker.AGENT, Speaker.BOT}),
    "all": frozenset(Speaker),
}


def chosen_turns(dialogue: Dialogue, turns: TurnChoice = "customer") -> list[tuple[int, str]]:
    """Return number and text of the chosen turns that have text; numbers count all turns from 0.

    Examples
    --------
    >>> from nbtrain.documents import Turn
    >>> said = Turn(Speaker.AGENT, "Hello"), Turn(Speaker.CUSTOMER, "My card is lost")
    >>> chosen_turns(Dialogue("c-1", said)), chosen_turns(Dialogue("c-1", said), "agent")
    ([(1, 'My card is lost')], [(0, 'Hello')])
    """
    speakers = _SPEAKERS[turns]
    chosen = [
        (number, turn.text)
        for number, turn in enumerate(dialogue.turns)
        if turn.speaker in speakers and turn.text.strip()
    ]
    return chosen[:1] if turns == "first" else chosen


def documents_of(
    dialogue: Dialogue, turns: TurnChoice = "customer", unit: Unit = "dialogue"
) -> list[tuple[str, tuple[str, ...]]]:
    """Return id and texts of what is clustered of a dialogue.

    A dialogue in which the customer said nothing is one document of all its turns, so that it has
    a cluster, too; with any other choice one without such turns is no document.

    Examples
    --------
    >>> from nbtrain.documents import Turn
    >>> said = Turn(Speaker.AGENT, "Hello"), Turn(Speaker.CUSTOMER, "My card is lost")
    >>> documents_of(Dialogue("c-1", said))
    [('c-1', ('My card is lost',))]
    >>> documents_of(Dialogue("c-1", said), "all", "utterance")
    [('c-1#0', ('Hello',)), ('c-1#1', ('My card is lost',))]
    """
    chosen = chosen_turns(dialogue, turns)
    if unit == "utterance":
        return [(turn_id(dialogue.dialogue_id, number), (text,)) for number, text in chosen]
    if not chosen and turns == "customer":
        chosen = chosen_turns(dialogue, "all")
    return [(dialogue.dialogue_id, tuple(text for _, text in chosen))] if chosen else []


def turn_id(dialogue_id: str, number: int) -> str:
    """Return the document id of a turn: its dialogue's id, and its 0-based number there.

    Examples
    --------
    >>> turn_id("c-1", 3)
    'c-1#3'
    """
    return f"{dialogue_id}#{number}"


def fingerprint(texts: Iterable[str]) -> str:
    """Hash the texts of all turns of a dialogue, in their order.

    It tells whether rows are the turns that were trained on, none left out or in another place.

    Examples
    --------
    >>> fingerprint(["a", "b"]) == fingerprint(["b", "a"])
    False
    """
    digest = blake2b(digest_size=8)
    for text in texts:
        said = text.encode("utf-8", "replace")
        digest.update(len(said).to_bytes(8, "big") + said)
    return digest.hexdigest()
