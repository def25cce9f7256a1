"""Structure beyond chance."""

from __future__ import annotations

import random

import pytest

from nbtrain import samples
from nbtrain.worker.chance import structure_beyond_chance
from nbtrain.worker.words import Language

ENGLISH = Language("en-US")


def sentences(n: int) -> list[tuple[str]]:
    return [(text,) for text in samples.sentences(n)["text"]]


def test_sentences_have_it_and_their_shuffled_words_dont() -> None:
    texts = sentences(700)
    told: list[float] = []
    found = structure_beyond_chance(texts, ENGLISH, progress=told.append)
    assert found is not None
    assert found > 0.1
    assert told == sorted(told)
    assert told[-1] == 1.0
    words = [word for (text,) in texts for word in text.split()]
    random.Random(0).shuffle(words)
    left = iter(words)
    shuffled = [(" ".join(next(left) for _ in text.split()),) for (text,) in texts]
    chance = structure_beyond_chance(shuffled, ENGLISH)
    assert chance is not None
    assert abs(chance) < 0.04


def test_the_same_seed_finds_the_same() -> None:
    texts = sentences(150)
    assert structure_beyond_chance(texts, ENGLISH, 3) == structure_beyond_chance(texts, ENGLISH, 3)


@pytest.mark.parametrize("texts", [[], [("a",)], [("lost card",)] * 90, [("...",), ("",)]])
def test_few_texts_say_nothing(texts: list[tuple[str]]) -> None:
    assert structure_beyond_chance(texts, ENGLISH) is None
