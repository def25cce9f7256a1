"""How a dialogue goes: who says what in which order, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from ..documents import Speaker, Turn
from .grammar import Memory
from .language import Intent, Language
from .manner import CAREFUL, Manner, draw_manner, typed

__all__ = ["MAX_TURNS", "MIN_TURNS", "make_dialogue", "make_sentence", "start_times"]

MIN_TURNS, MAX_TURNS = 4, 10

_OPENS, _CLOSES = datetime.fromisoformat("2025-01-06T08:00:00+00:00"), 22


class _Scene:
    """One dialogue in the making: what was drawn for it, and its turns so far."""

    def __init__(self, language: Language, rng: Random, manner: Manner, time: datetime) -> None:
        self._language = language
        self._rng = rng
        self._manner = manner
        self._time = time
        self._memory: Memory = {}
        self.turns: list[Turn] = []

    def customer(self, *templates: str, pleased: bool = False) -> None:
        """Let the customer say the templates that aren't empty, in one turn."""
        self._say(Speaker.CUSTOMER, templates, self._manner, pleased)

    def agent(self, *templates: str) -> None:
        """Let the agent say the templates that aren't empty, in one turn."""
        self._say(Speaker.AGENT, templates, CAREFUL, True)

    def maybe(self, chance: float, template: str) -> str:
        """Give the template, with this chance; else nothing."""
        return template if self._rng.random() < chance else ""

    def _say(
        self, speaker: Speaker, templates: tuple[str, ...], manner: Manner, pleased: bool
    ) -> None:
        text = _join(self._language, templates, self._rng, self._memory)
        text = typed(text, self._language, manner, self._rng, pleased=pleased)
        self.turns.append(Turn(speaker, text, self._time.isoformat()))
        # About 12 seconds to start, then a few letters a second.
        seconds = 3 + self._rng.expovariate(1 / 12) + len(text) / (3 + 4 * self._rng.random())
        self._time += timedelta(seconds=int(seconds))


def make_dialogue(
    language: Language, intent: Intent, rng: Random, start: datetime
) -> tuple[Turn, ...]:
    """Make a dialogue of 4 to 10 turns about one intent.

    It opens in one of four ways, goes through one to three questions of the agent and their
    answers, of which one lets the customer say the matter again in other words, and ends with
    what the agent does about it and, mostly, thanks.
    """
    scene = _Scene(language, rng, draw_manner(rng), start)
    opening = rng.choices((_plainly, _welcomed, _greeting_first, _in_two_turns), (5, 3, 2, 2))[0]
    opening(scene, intent)
    n_closing = rng.choices((0, 1, 2), (2, 4, 5))[0]
    room = (MAX_TURNS - 1 - len(scene.turns) - n_closing) // 2
    n_questions = min(rng.choices((1, 2, 3), (2, 6, 5))[0], room)

    # No customer says the same twice.
    restated = iter(rng.sample(intent.restatements, len(intent.restatements)))
    for number, question in enumerate(_questions(intent, n_questions, rng)):
        sorry = scene.maybe(0.6, "{agent_sorry}") if number == 0 else ""
        if question == "own":
            scene.agent(sorry, intent.question)
            scene.customer(intent.answer)
        elif question == "clarify":
            scene.agent(sorry, "{agent_clarify}")
            scene.customer(next(restated), scene.maybe(0.2, "{mood}"))
        else:
            scene.agent(sorry, f"{{ask_{question}}}")
            scene.customer(f"{{give_{question}}}", scene.maybe(0.6, next(restated)))
    scene.agent(scene.maybe(0.5, "{agent_look}"), intent.resolution)
    if n_closing:
        scene.customer(scene.maybe(0.3, "{okay}"), "{thanks}", pleased=True)
    if n_closing == 2:
        scene.agent("{agent_close}")
    return tuple(scene.turns)


def make_sentence(language: Language, intent: Intent, rng: Random) -> str:
    """Make one sentence or two of a customer with this intent."""
    template = intent.opening if rng.random() < 0.7 else intent.restated
    hello = "{hello}" if rng.random() < 0.12 else ""
    plea = "{plea}" if rng.random() < 0.2 else ""
    text = _join(language, (hello, template, plea), rng, {})
    return typed(text, language, draw_manner(rng), rng)


def start_times(rng: Random) -> Iterator[datetime]:
    """Give the beginnings of dialogues, one after the other, in opening hours."""
    time = _OPENS
    while True:
        time += timedelta(seconds=20 + int(rng.expovariate(1 / 400)))
        if time.hour >= _CLOSES:
            time = time.replace(hour=_OPENS.hour, minute=0, second=0) + timedelta(days=1)
        yield time


def _plainly(scene: _Scene, intent: Intent) -> None:
    _state(scene, intent, greeting=0.6)


def _welcomed(scene: _Scene, intent: Intent) -> None:
    scene.agent("{agent_welcome}")
    _state(scene, intent, greeting=0.4)


def _greeting_first(scene: _Scene, intent: Intent) -> None:
    scene.customer("{only_hello}", pleased=True)
    scene.agent("{agent_hello}")
    _state(scene, intent, greeting=0)


def _in_two_turns(scene: _Scene, intent: Intent) -> None:
    scene.customer("{only_hello}", pleased=True)
    _state(scene, intent, greeting=0)


def _state(scene: _Scene, intent: Intent, greeting: float) -> None:
    scene.customer(
        scene.maybe(greeting, "{hello}"),
        scene.maybe(0.12, "{aside}"),
        intent.opening,
        scene.maybe(0.2, "{mood}"),
        scene.maybe(0.35, "{plea}"),
    )


def _questions(intent: Intent, number: int, rng: Random) -> list[str]:
    """Draw what the agent asks: details first, then the case's own question or a clarification."""
    details = rng.sample(intent.details, len(intent.details))
    later = rng.sample(["own", "clarify"], 2)
    if number == 1:
        return [rng.choice([*details, *later])]
    return [details[0], *later][:number]


def _join(language: Language, templates: tuple[str, ...], rng: Random, memory: Memory) -> str:
    texts = [language.grammar.expand(template, rng, memory) for template in templates if template]
    return " ".join(text if text[-1] in ".?!,…)" else text + "." for text in texts if text)
