"""Key words and names."""

from __future__ import annotations

import numpy as np

from nbtrain.worker.naming import examples, keywords, names
from nbtrain.worker.words import Language


def test_key_words_tell_clusters_apart_and_are_no_stop_words() -> None:
    texts = [
        ("hello my card is lost", "please block the card"),
        ("the card was stolen",),
        ("hello, when does my parcel arrive",),
        ("where is the parcel, please",),
    ]
    labels = np.array([0, 0, 1, 1])
    card, parcel = keywords(texts, labels, np.ones(4), 2, Language("en-US"))
    assert card[0] == "card"
    assert parcel[0] == "parcel"
    assert not {"hello", "please", "the", "is", "my"} & {*card, *parcel}


def test_a_cluster_without_words_has_no_key_words() -> None:
    texts = [("card",), ("👍",), ("12 34",)]
    assert keywords(texts, np.arange(3), np.ones(3), 3, Language("en-US")) == [("card",), (), ()]
    assert keywords([("👍",)], np.zeros(1, int), np.ones(1), 1, Language("en-US")) == [()]


def test_names_are_unique() -> None:
    keys = [["card", "lost", "block", "pin"], ["card", "lost", "block", "app"], ["card"], ["card"]]
    keys += [[], [], [], ["taken"]]
    shown = [["a"], ["b"], ["c"], ["d"], ["👍"], ["👍"], [], []]
    found = names(keys, shown, ["", "", "", "", "", "", "", "card"])
    assert len(set(found)) == len(found)
    assert all(found)
    assert found[:2] == ["card, lost, block", "card, lost, block, app"]
    assert found[4:6] == ["👍", "👍 (2)"]
    assert found[7] == "card"
    assert found[2] == "card (2)"


def test_a_name_has_one_form_of_a_word() -> None:
    assert names([["verify", "identity", "verified", "prove"]], [[]]) == ["verify, identity, prove"]


def test_examples_are_distinct_and_in_order() -> None:
    shown = ["a", "b", "b", "c", "d"]
    score = np.array([0.1, 0.9, 0.8, 0.7, 1.0])
    assert examples(shown, np.array([0, 1, 2, 3]), score, limit=2) == ("b", "c")
