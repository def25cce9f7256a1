"""The bundled samples: known true intents, varied and believable texts, the same for a seed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import datetime
from itertools import pairwise
from math import log
from random import Random

import numpy as np
import pandas as pd
import pytest

from nbtrain import samples
from nbtrain.documents import speaker_of
from nbtrain.errors import RequestError
from nbtrain.samples.dutch import DUTCH
from nbtrain.samples.english import ENGLISH
from nbtrain.samples.grammar import Grammar, Memory
from nbtrain.samples.language import FREQUENCY, TALK, Language
from nbtrain.samples.manner import Manner, typed
from nbtrain.samples.turkish import TURKISH

CODES = tuple(samples.LANGUAGES)
ALL = (ENGLISH, TURKISH, DUTCH)
each_code = pytest.mark.parametrize("code", CODES)
each_language = pytest.mark.parametrize("language", ALL, ids=lambda language: language.code)


def documents(turns: pd.DataFrame) -> pd.DataFrame:
    """Join the customer's turns of each dialogue."""
    customer = turns[turns["speaker"] == "customer"]
    return customer.groupby("dialogue_id", as_index=False).agg(
        text=("text", " ".join), intent=("intent", "first")
    )


@each_code
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(code: str) -> None:
    once = samples.conversations(40, language=code, random_state=3)
    pd.testing.assert_frame_equal(once, samples.conversations(40, language=code, random_state=3))
    other = samples.conversations(40, language=code, random_state=4)
    assert set(once["text"]) != set(other["text"])
    sentences = samples.sentences(40, language=code, random_state=3)
    pd.testing.assert_frame_equal(sentences, samples.sentences(40, language=code, random_state=3))
    assert sentences["text"].tolist() != samples.sentences(40, language=code)["text"].tolist()


def test_the_rows_do_not_depend_on_the_process() -> None:
    code = (
        "from nbtrain import samples; "
        "print(ascii(samples.sentences(30, language='tr-TR')['text'].tolist()))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()
    assert printed == ascii(samples.sentences(30, language="tr-TR")["text"].tolist())


@each_code
def test_conversations_have_the_promised_columns_and_text_in_each_cell(code: str) -> None:
    turns = samples.conversations(100, language=code)
    assert list(turns.columns) == ["dialogue_id", "speaker", "text", "timestamp", "intent"]
    assert isinstance(turns.index, pd.RangeIndex)
    for column in turns.columns:
        assert all(isinstance(cell, str) and cell.strip() for cell in turns[column])
    assert set(turns["speaker"]) == {"customer", "agent"}
    assert all(speaker_of(word) is not None for word in set(turns["speaker"]))
    assert turns["dialogue_id"].nunique() == 100
    # Each dialogue is one block of rows.
    assert (turns["dialogue_id"] != turns["dialogue_id"].shift()).sum() == 100
    assert turns.groupby("dialogue_id")["intent"].nunique().eq(1).all()


@each_code
def test_dialogues_have_four_to_ten_turns_of_both_speakers_in_order_of_time(code: str) -> None:
    turns = samples.conversations(200, language=code)
    lengths = turns.groupby("dialogue_id").size()
    assert lengths.between(4, 10).all()
    assert lengths.nunique() >= 5
    assert turns.groupby("dialogue_id")["speaker"].nunique().eq(2).all()
    for _, group in turns.groupby("dialogue_id"):
        times = [datetime.fromisoformat(text) for text in group["timestamp"]]
        assert all(time.utcoffset() is not None for time in times)
        assert all(earlier < later for earlier, later in pairwise(times))
    starts = turns.groupby("dialogue_id")["timestamp"].first().tolist()
    assert starts == sorted(starts)


@each_code
def test_every_intent_is_there_and_frequent_ones_are_four_times_as_frequent(code: str) -> None:
    names = samples.intents(code)
    assert len(set(names)) == len(names) >= (24 if code == "en-US" else 18)
    for texts in (
        samples.conversations(600, language=code).drop_duplicates("dialogue_id"),
        samples.sentences(600, language=code),
    ):
        counts = Counter(texts["intent"])
        assert sum(counts.values()) == 600
        assert set(counts) == set(names)
        in_order = [counts[name] for name in names]
        assert in_order == sorted(in_order, reverse=True)
        assert 3.5 < in_order[0] / in_order[-1] < 5


def test_the_first_intents_can_be_asked_for_and_few_dialogues_still_differ_in_intent() -> None:
    for n_intents in (1, 2, 7, 24):
        turns = samples.conversations(60, n_intents=n_intents)
        assert set(turns["intent"]) == set(samples.intents("en-US")[:n_intents])
    assert samples.conversations(5)["intent"].nunique() == 5
    assert samples.sentences(24)["intent"].nunique() == 24
    assert samples.sentences(1)["intent"].tolist() == ["parcel_late"]
    counted = samples.sentences(np.int64(10), n_intents=np.int64(2))  # type: ignore[arg-type]
    assert set(counted["intent"]) == {"parcel_late", "refund_status"}


@each_code
def test_sentences_hardly_repeat(code: str) -> None:
    texts = samples.sentences(2000, language=code)["text"]
    assert texts.map(bool).all()
    assert texts.duplicated().mean() < 0.005
    bare = texts.str.lower().str.replace(r"[^\w ]", "", regex=True).str.strip()
    assert bare.duplicated().mean() < 0.02


@each_code
def test_near_duplicates_are_rare(code: str) -> None:
    """Two sentences of one intent seldom share nine tenths of their words."""
    sentences = samples.sentences(600, language=code)
    near = 0
    for _, group in sentences.groupby("intent"):
        words = [frozenset(re.findall(r"\w+", text.lower())) for text in group["text"]]
        for at, mine in enumerate(words):
            near += any(len(mine & other) > 0.9 * len(mine | other) for other in words[:at])
    assert near / len(sentences) < 0.1


@each_code
def test_dialogues_of_one_intent_share_more_words_than_others(code: str) -> None:
    """Weighted by rarity, and yet no intent has words all to itself."""
    docs = documents(samples.conversations(160, language=code))
    bags = [set(re.findall(r"[^\W\d_]+", text.lower())) for text in docs["text"]]
    spread = Counter(word for bag in bags for word in bag)
    weight = {word: log(len(bags) / count) for word, count in spread.items() if count > 1}
    lengths = [sum(weight.get(word, 0.0) ** 2 for word in bag) ** 0.5 or 1.0 for bag in bags]
    alike: dict[bool, list[float]] = {True: [], False: []}
    nearest_agrees = 0
    for at, bag in enumerate(bags):
        to_others = []
        for other, its_bag in enumerate(bags):
            if other != at:
                shared = sum(weight.get(word, 0.0) ** 2 for word in bag & its_bag)
                cosine = shared / lengths[at] / lengths[other]
                same = docs["intent"][at] == docs["intent"][other]
                alike[bool(same)].append(cosine)
                to_others.append((cosine, bool(same)))
        nearest_agrees += max(to_others)[1]
    within, between = (sum(alike[key]) / len(alike[key]) for key in (True, False))
    assert within > 2.5 * between
    assert between > 0.01
    assert 0.5 < nearest_agrees / len(bags) < 0.99


def test_turkish_has_its_letters_and_some_people_type_without_them() -> None:
    turns = samples.conversations(200, language="tr-TR")
    text = " ".join(turns["text"])
    assert set("çğıöşüİÇŞÖ") <= set(text)
    # Combining dots are what lower-casing "İ" without care leaves behind.
    assert "\u0307" not in text
    docs = documents(turns)["text"]
    without = docs.map(lambda joined: not set(joined) & set("çğıöşüÇĞİÖŞÜ"))
    assert 0.05 < without.mean() < 0.5


@each_code
def test_customers_are_careless_in_different_ways_and_agents_are_not(code: str) -> None:
    turns = samples.conversations(300, language=code)
    of = {speaker: group["text"] for speaker, group in turns.groupby("speaker")}
    assert 0.1 < of["customer"].map(lambda text: text == text.lower()).mean() < 0.6
    assert of["agent"].map(lambda text: text[0] == text[0].upper()).all()
    assert of["agent"].str.contains(r"[.?!]$").all()
    assert 0.02 < of["customer"].str.contains(r"[:🙂😕👍]").mean() < 0.3
    short = of["customer"].map(lambda text: len(text.split()) <= 3).mean()
    assert 0.1 < short < 0.6
    # Nothing of the notation is left, and no gap from an empty alternative.
    for text in of["agent"]:
        assert not re.search(r"[{}\[\]|#]|  | [,.?]|[,.?]{2}", text.replace("...", "")), text
    for text in of["customer"]:
        assert not re.search(r"[{}\[\]|#]|  ", text), text


def test_no_customer_is_reachable() -> None:
    """Addresses are of the domains that are reserved for examples."""
    for code in CODES:
        text = " ".join(samples.conversations(150, language=code)["text"])
        assert set(re.findall(r"@(\w+)", text)) == {"example"}
        assert all(part.isascii() for part in re.findall(r"\S+@\S+", text))


def test_a_wrong_call_lists_all_that_is_wrong() -> None:
    with pytest.raises(RequestError) as caught:
        samples.conversations(0, language="de-DE", n_intents=0, random_state=-1)
    assert [problem.where for problem in caught.value.problems] == [
        "language", "n_dialogues", "n_intents", "random_state",
    ]  # fmt: skip
    assert "en-US, tr-TR, nl-NL" in str(caught.value)


@pytest.mark.parametrize("n_intents", [0, -1, 25, True, 2.5, "3"])
def test_the_number_of_intents_must_be_in_range(n_intents: object) -> None:
    with pytest.raises(RequestError, match="from 1 to 24"):
        samples.sentences(10, n_intents=n_intents)  # type: ignore[arg-type]


@pytest.mark.parametrize("total", [0, -5, True, 1.5, "10", None])
def test_the_number_of_rows_must_be_a_whole_number(total: object) -> None:
    with pytest.raises(RequestError, match="n_sentences"):
        samples.sentences(total)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["en", "EN-US", "", None, ["en-US"], 3])
def test_an_unknown_language_is_refused(code: object) -> None:
    with pytest.raises(RequestError, match="is not offered"):
        samples.intents(code)  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="is not offered"):
        samples.conversations(5, language=code)  # type: ignore[arg-type]


def test_loading_the_samples_loads_no_third_party_package() -> None:
    code = (
        "import sys; from nbtrain import samples; samples.intents('tr-TR'); "
        "print([name for name in ('pandas', 'numpy', 'sklearn') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[]"


@each_language
def test_every_template_parses_and_names_only_what_exists(language: Language) -> None:
    assert set(TALK) <= set(language.rules)
    for intent in language.intents:
        assert intent.name in FREQUENCY
        for detail in intent.details:
            assert {f"ask_{detail}", f"give_{detail}"} <= set(language.rules)
        for template in intent.templates:
            assert language.grammar.n_expansions(template) > 0, (intent.name, template)
        assert len(intent.restatements) >= 3
    for name, rule in language.rules.items():
        assert language.grammar.n_expansions(rule) > 0, name
    assert language.remembered <= {*language.rules, *language.things}


@each_language
def test_each_intent_can_be_said_in_hundreds_of_ways(language: Language) -> None:
    for intent in language.intents:
        ways = sum(map(language.grammar.n_expansions, (intent.opening, intent.restated)))
        assert ways >= 250, (language.code, intent.name, ways)


def test_a_grammar_remembers_what_it_is_told_to() -> None:
    things = [{"": noun, "a": f"a {noun}"} for noun in ("hat", "coat", "belt")]
    grammar = Grammar({}, {"item": things, "other": things}, {"item", "other"})
    rng = Random(0)
    for _ in range(50):
        memory: Memory = {}
        first = grammar.expand("{item.a} {other}", rng, memory)
        assert first == grammar.expand("{item.a} {other}", rng, memory)
        _, item, other = first.split()
        assert item != other


@pytest.mark.parametrize("template", ["[a|b", "a]b", "{item", "{Item}", "[a|[b]"])
def test_a_malformed_template_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="template"):
        Grammar({}, {}).expand(template, Random(0))


def test_an_unknown_slot_is_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        Grammar({}, {}).expand("{nothing}", Random(0))


def test_manners_show_in_the_text() -> None:
    def with_manner(manner: Manner, text: str, language: Language = ENGLISH) -> str:
        return typed(text, language, manner, Random(1))

    text = "it hasn't come. where is it?"
    assert with_manner(Manner(), text) == "It hasn't come. Where is it?"
    assert with_manner(Manner(lower_case=True, no_apostrophes=True), text) == (
        "it hasnt come. where is it?"
    )
    assert with_manner(Manner(no_last_stop=True), "one... two.") == "One... Two"
    assert "." not in with_manner(Manner(no_full_stops=True), text)
    assert with_manner(Manner(plain_letters=True), "iyi günler, ışık", TURKISH) == (
        "Iyi gunler, isik"
    )
    assert with_manner(Manner(lower_case=True), "İzmir'e IŞIK", TURKISH) == "izmir'e ışık"
    slipped = with_manner(Manner(slips=1.0), "the parcel never arrived at home")
    assert slipped != "The parcel never arrived at home"
    assert len(slipped.split()) == 6
