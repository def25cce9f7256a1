"""A small template grammar: nested alternatives, named slots, word forms, digits.

The notation of a template:

``[a|b|]``
    One of these; an empty alternative leaves nothing.  They nest.
a new line
    Another alternative of the whole template.
``{name}``, ``{name.form}``
    A slot: a rule's expansion, or one form (case, article, number) of a thing that was drawn.
``#``
    A random digit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from random import Random

__all__ = ["Forms", "Grammar", "Memory"]

Forms = Mapping[str, str]
"""The forms of one thing by name; the name ``""`` is the form that ``{thing}`` gives."""

Memory = dict[str, Forms]
"""What was drawn for the slots that a grammar remembers, by the slot's name."""

_TOKEN = re.compile(r"[\[\]|]|\{[a-z_]+(?:\.[a-z]+)?\}|[^\[\]|{}]+")


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str
    form: str


@dataclass(frozen=True, slots=True)
class _Choice:
    options: tuple[tuple[str | _Slot | _Choice, ...], ...]


class Grammar:
    """Rules and things that templates may name.

    Parameters
    ----------
    rules : mapping of str to str
        Slot name to template.
    things : mapping of str to sequence of Forms
        Slot name to the things it draws from, each with its forms.
    remembered : collection of str
        Slots that keep their first value for as long as the same memory is passed, so that a
        dialogue stays about one order.

    Examples
    --------
    >>> grammar = Grammar(
    ...     {"late": "late|[still|] not here"},
    ...     {"item": [{"": "shoes", "is": "are"}, {"": "kettle", "is": "is"}]},
    ...     remembered={"item"},
    ... )
    >>> grammar.n_expansions("My {item} {item.is} {late}.")
    6
    >>> memory = {}
    >>> grammar.expand("My {item} {item.is} {late}.", Random(1), memory)
    'My shoes are still not here.'
    >>> grammar.expand("Where {item.is} the {item}?", Random(7), memory)
    'Where are the shoes?'
    """

    def __init__(
        self,
        rules: Mapping[str, str],
        things: Mapping[str, Sequence[Forms]],
        remembered: Collection[str] = (),
    ) -> None:
        self._rules = rules
        self._things = things
        self._remembered = frozenset(remembered)

    def expand(self, template: str, rng: Random, memory: Memory | None = None) -> str:
        """Make one text of a template.

        Parameters
        ----------
        template : str
            What to expand.
        rng : random.Random
            Draws the alternatives.
        memory : dict, optional
            Values of remembered slots; filled here.

        Returns
        -------
        str
            The text, with single spaces and none before a comma, full stop, ``?`` or ``!``.

        Raises
        ------
        ValueError
            If brackets don't match.
        KeyError
            If a slot or a form is unknown.
        """
        text = self._choose(_parse(template), rng, {} if memory is None else memory)
        return re.sub(r" (?=[,.?!])", "", " ".join(text.split()))

    def n_expansions(self, template: str) -> int:
        """Count the texts a template can give, digits aside: at most so many.

        Equal ones count each time, and a remembered slot counts again in another bracket.
        """
        return self._count(_parse(template))

    def _choose(self, choice: _Choice, rng: Random, memory: Memory) -> str:
        parts = []
        for part in rng.choice(choice.options):
            if isinstance(part, str):
                parts.append(re.sub("#", lambda _: rng.choice("0123456789"), part))
            elif isinstance(part, _Slot):
                parts.append(self._fill(part, rng, memory))
            else:
                parts.append(self._choose(part, rng, memory))
        return "".join(parts)

    def _fill(self, slot: _Slot, rng: Random, memory: Memory) -> str:
        forms = memory.get(slot.name)
        if forms is None:
            if slot.name in self._things:
                # Two remembered slots may draw from one list: a parcel with the wrong item.
                taken = list(memory.values())
                things = [thing for thing in self._things[slot.name] if thing not in taken]
                forms = rng.choice(things)
            else:
                forms = {"": self._choose(_parse(self._rules[slot.name]), rng, memory)}
            if slot.name in self._remembered:
                memory[slot.name] = forms
        return forms[slot.form]

    def _count(self, choice: _Choice) -> int:
        return sum(self._count_option(option) for option in choice.options)

    def _count_option(self, option: Sequence[str | _Slot | _Choice]) -> int:
        counts = []
        seen: set[str] = set()
        for part in option:
            if isinstance(part, _Slot) and part.name in self._remembered:
                if part.name in seen:
                    continue
                seen.add(part.name)
            counts.append(self._count_part(part))
        return prod(counts)

    def _count_part(self, part: str | _Slot | _Choice) -> int:
        if isinstance(part, str):
            return 1
        if isinstance(part, _Choice):
            return self._count(part)
        if part.name in self._things:
            things = self._things[part.name]
            return len([thing for thing in things if part.form in thing])
        return self._count(_parse(self._rules[part.name]))


@cache
def _parse(template: str) -> _Choice:
    lines = [line.strip() for line in template.splitlines()]
    tokens = _TOKEN.findall("|".join(line for line in lines if line))
    if sum(map(len, tokens)) != len("|".join(line for line in lines if line)):
        raise ValueError(f"A slot is not closed or misnamed in the template {template!r}.")
    choice, end = _parse_options(tokens, 0)
    if end != len(tokens):
        raise ValueError(f"Brackets don't match in the template {template!r}.")
    return choice


def _parse_options(tokens: list[str], start: int) -> tuple[_Choice, int]:
    """Read alternatives up to an unmatched ``]`` or the end; return them and where it is."""
    options: list[list[str | _Slot | _Choice]] = [[]]
    at = start
    while at < len(tokens) and tokens[at] != "]":
        token = tokens[at]
        if token == "[":  # noqa: S105
            inner, at = _parse_options(tokens, at + 1)
            if at == len(tokens):
                raise ValueError("A bracket is not closed in a template.")
            options[-1].append(inner)
        elif token == "|":  # noqa: S105
            options.append([])
        elif token.startswith("{"):
            name, _, form = token[1:-1].partition(".")
            options[-1].append(_Slot(name, form))
        else:
            options[-1].append(token)
        at += 1
    return _Choice(tuple(map(tuple, options))), at
