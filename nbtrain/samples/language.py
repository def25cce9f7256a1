"""What a language brings to the sample dialogues; the language modules hold nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .grammar import Forms, Grammar

__all__ = ["FREQUENCY", "TALK", "Intent", "Language"]

FREQUENCY = (
    "parcel_late", "refund_status", "start_return", "cancel_order", "parcel_damaged",
    "wrong_item", "login_problem", "change_address", "card_declined", "exchange_size",
    "voucher_rejected", "charged_twice", "item_missing", "not_received", "back_in_stock",
    "faulty_product", "invoice_request", "missed_delivery", "no_confirmation", "change_order",
    "loyalty_points", "installments", "newsletter", "delete_account",
)  # fmt: skip
"""All intents, the most frequent first; a language may lack some."""

TALK = (
    "hello", "only_hello", "plea", "mood", "aside", "okay", "thanks",
    "agent_welcome", "agent_hello", "agent_sorry", "agent_clarify", "agent_look", "agent_close",
)  # fmt: skip
"""Rules that every language has: what is said whatever the intent."""


@dataclass(frozen=True, slots=True)
class Intent:
    """Why a customer writes, and how the two talk about it; all texts are templates.

    Parameters
    ----------
    name : str
        The label; the same in all languages.
    details : tuple of str
        What the agent asks for: for each there are rules ``ask_<detail>`` and ``give_<detail>``.
    opening : str
        How the customer says it first.
    restated : str
        How the customer says it again, in other words.
    question, answer : str
        What only an agent with this case asks, and what the customer answers.
    resolution : str
        What the agent does about it.
    """

    name: str
    details: tuple[str, ...]
    opening: str
    restated: str
    question: str
    answer: str
    resolution: str

    @property
    def restatements(self) -> list[str]:
        """The alternatives of ``restated``."""
        return [line.strip() for line in self.restated.splitlines() if line.strip()]

    @property
    def templates(self) -> tuple[str, ...]:
        """All templates."""
        return (self.opening, self.restated, self.question, self.answer, self.resolution)


@dataclass(frozen=True)
class Language:
    """A language: its words, its intents and its keyboard.

    Parameters
    ----------
    code : str
        One of :data:`nbtrain.training.LANGUAGES`.
    intents : tuple of Intent
        In any order.
    rules, things, remembered
        See :class:`~nbtrain.samples.grammar.Grammar`; the rules include :data:`TALK`.
    keyboard : tuple of str
        The rows of letters, for slips to a neighbouring key.
    plain : mapping of str to str
        Letters that hurried people replace, by what they type instead.
    dotted_i : bool
        Whether ``i`` and ``ı`` are two letters, with the capitals ``İ`` and ``I``.
    """

    code: str
    intents: tuple[Intent, ...]
    rules: Mapping[str, str]
    things: Mapping[str, Sequence[Forms]]
    remembered: frozenset[str]
    keyboard: tuple[str, ...] = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    plain: Mapping[str, str] = field(default_factory=dict)
    dotted_i: bool = False

    @cached_property
    def by_frequency(self) -> tuple[Intent, ...]:
        """Its intents, the most frequent first."""
        return tuple(sorted(self.intents, key=lambda intent: FREQUENCY.index(intent.name)))

    @cached_property
    def grammar(self) -> Grammar:
        """The grammar of its rules and things."""
        return Grammar(self.rules, self.things, self.remembered)

    def lower(self, text: str) -> str:
        """Put a text in lower case, as this language does it."""
        return (text.replace("I", "ı").replace("İ", "i") if self.dotted_i else text).lower()

    def upper(self, text: str) -> str:
        """Put a text in upper case, as this language does it."""
        return (text.replace("i", "İ") if self.dotted_i else text).upper()
