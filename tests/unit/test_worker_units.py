"""Pairs of words: they tell the order apart, as far as enough texts hold them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from nbtrain.worker.bags import Array, bag_of_pairs
from nbtrain.worker.features import LexicalEmbedder
from nbtrain.worker.units import Units
from nbtrain.worker.words import Language

ENGLISH = Language("en-US")
FILLERS = ("please", "now", "today", "hi", "hello", "thanks", "can you", "i want", "we need", "ok")


def both_ways(n: int) -> list[tuple[str, ...]]:
    """Texts of the same words, in one order and in the other."""
    routes = ("move money from savings to checking", "move money from checking to savings")
    rng = np.random.default_rng(0)
    return [(f"{rng.choice(FILLERS)} {routes[i % 2]} {rng.choice(FILLERS)}",) for i in range(n)]


def part(embedder: LexicalEmbedder, texts: Sequence[tuple[str, ...]]) -> Array:
    """Length of the pairs' part of each text, before rows are brought to unit length."""
    held = embedder.pairs.holds(bag_of_pairs(texts, ENGLISH))
    return np.asarray(np.linalg.norm(embedder.pairs.means(held), axis=1))


def test_the_order_of_words_tells() -> None:
    texts = both_ways(200)
    embedder = LexicalEmbedder(ENGLISH)
    embedder.fit(texts)
    rows = embedder.transform(texts)
    similar = rows @ rows.T
    same = np.arange(200)[:, None] % 2 == np.arange(200)[None, :] % 2
    assert similar[same].mean() > similar[~same].mean() + 0.05


def test_pairs_tell_the_more_the_more_texts_hold_them() -> None:
    asked = [("move money from savings to checking",)]
    lengths = []
    for n in (60, 240, 960):
        embedder = LexicalEmbedder(ENGLISH)
        embedder.fit(both_ways(n))
        lengths.append(float(part(embedder, asked)[0]))
    assert 0.3 < lengths[0] < lengths[1] < lengths[2] <= 1.0


def test_a_text_of_unknown_pairs_is_told_by_its_words_alone() -> None:
    embedder = LexicalEmbedder(ENGLISH)
    embedder.fit(both_ways(100))
    asked = [("checking",), ("checking move savings",), ("checking to savings",), ("",)]
    lengths = part(embedder, asked)
    assert lengths[0] == lengths[1] == lengths[3] == 0.0
    assert lengths[2] > 0.5
    rows = embedder.transform(asked)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_half_of_the_trust_needs_as_many_other_texts_as_the_doubt() -> None:
    texts = [("top up",)] * 5 + [("log out",)] * 2 + [("once more",)]
    bag = bag_of_pairs(texts, ENGLISH)
    units = Units(2.0, doubt=4.0)
    units.fit(bag, bag, 2, np.random.default_rng(0), lambda share: None)
    held = units.holds(bag)
    assert held.shares[[0, 5, 7]].tolist() == pytest.approx([0.5, 0.2, 0.0], abs=1e-3)
    lengths = np.linalg.norm(units.means(held), axis=1)
    assert lengths[[0, 5, 7]].tolist() == pytest.approx([1.0, 0.4, 0.0], abs=1e-2)


def test_a_restored_embedder_makes_the_same_rows() -> None:
    texts = both_ways(120)
    embedder = LexicalEmbedder(ENGLISH)
    embedder.fit(texts)
    arrays, rest = embedder.state()
    # In the precision in which a model is kept.
    kept = {name: array.astype(np.float16).astype(np.float32) for name, array in arrays.items()}
    again = LexicalEmbedder.from_state(kept, rest).transform(texts)
    np.testing.assert_array_equal(again, embedder.transform(texts))


@pytest.mark.parametrize("n", [3, 49, 60])
def test_texts_of_single_words_have_no_pairs(n: int) -> None:
    embedder = LexicalEmbedder(ENGLISH)
    texts = [(f"word{place % 20}",) for place in range(n)]
    embedder.fit(texts)
    assert not embedder.pairs.vocabulary
    assert np.isfinite(embedder.transform([*texts, ("word1 word2",)])).all()


def test_where_words_inflect_there_are_no_pairs() -> None:
    embedder = LexicalEmbedder(Language("tr-TR"))
    embedder.fit(both_ways(100))
    assert not embedder.pairs.vocabulary
    assert embedder.transform(both_ways(2)).shape == (2, embedder.n_dimensions)
