"""Words, missing values, and who speaks."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain import DataError, count_words
from nbtrain.documents import Speaker, is_encodable, is_missing, plain_text, speaker_of

from .strategies import CHEAP, NASTY, texts

MISSING = [None, float("nan"), np.nan, np.float32("nan"), pd.NA, pd.NaT, Decimal("NaN")]


@CHEAP
@given(st.lists(texts))
def test_words_are_what_split_sees(said: list[str]) -> None:
    words = count_words(said)
    assert list(words) == [len(text.split()) for text in said]
    assert words == sum(words.per_text)
    assert len(words) == len(said)


@CHEAP
@given(st.lists(texts | st.sampled_from(MISSING), max_size=6))
def test_all_containers_count_the_same(cells: list[Any]) -> None:
    expected = tuple(len(cell.split()) if isinstance(cell, str) else 0 for cell in cells)
    series = pd.Series(cells, dtype=object, index=[7] * len(cells))
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    for container in (cells, tuple(cells), iter(cells), series, array):
        assert count_words(container).per_text == expected


@pytest.mark.parametrize("dtype", [object, "string", "category", "str"])
def test_every_dtype_of_text_can_be_counted(dtype: Any) -> None:
    if dtype == "str" and int(pd.__version__.split(".")[0]) < 3:
        pytest.skip("dtype 'str' keeps missing values from pandas 3 on")
    series = pd.Series(["one two", None, "three", "one two"], dtype=dtype)
    assert count_words(series).per_text == (2, 0, 1, 2)


def test_arrow_text_can_be_counted() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    series = pd.Series(["one two", None, "three"], dtype="string[pyarrow]")
    assert count_words(series).per_text == (2, 0, 1)


def test_numpy_text_counts() -> None:
    assert count_words(np.str_("one two")) == 2
    assert count_words(np.array("one two")) == 2
    assert count_words(np.array(["one two", "three"])).per_text == (2, 1)


@pytest.mark.parametrize(
    "texts",
    [
        b"bytes",
        bytearray(b"x"),
        {"a": "b"},
        pd.DataFrame({"said": ["a b"]}),
        5,
        None,
        3.5,
        object(),
    ],
)
def test_what_is_no_collection_of_texts_is_refused(texts: Any) -> None:
    with pytest.raises(DataError, match=f"texts: is a {type(texts).__name__}"):
        count_words(texts)


def test_every_wrong_row_and_kind_is_told() -> None:
    with pytest.raises(DataError) as caught:
        count_words(["fine", b"a", None, ["b"], {"c": 1}, 7, np.array([["x"]]), 8, 9])
    (problem,) = caught.value.problems
    assert problem.rows == (1, 3, 4, 5, 6)
    assert problem.count == 7
    for kind in ("bytes", "list", "dict", "int", "ndarray"):
        assert kind in problem.what


def test_a_count_survives_copying_and_pickling() -> None:
    words = count_words(["one two", "", "three"])
    for twin in (copy.copy(words), copy.deepcopy(words), pickle.loads(pickle.dumps(words))):
        assert twin == words
        assert twin.per_text == words.per_text
    assert json.dumps(words) == "3"


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_missing(value: object) -> None:
    assert is_missing(value)


@pytest.mark.parametrize(
    "value",
    ["", "nan", "NaN", 0, 0.0, False, 10**5000, float("inf"), [], [None], np.array([np.nan]),
     np.float64(1), b"", pd.Timestamp(0), Decimal(1), object()],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_not_missing(value: object) -> None:
    assert not is_missing(value)


@pytest.mark.parametrize(
    ("word", "speaker"),
    [
        (" Customer ", "customer"), ("END_USER", "customer"), ("End user", "customer"),
        ("end-user", "customer"), ("MÜŞTERİ", "customer"), ("müşteri", "customer"),
        (0, "customer"), ("0", "customer"), (0.0, "customer"), (np.int64(0), "customer"),
        ("Agent\n", "agent"), (1, "agent"), (1.0, "agent"), (np.float32(1), "agent"),
        ("TEMSİLCİ", "agent"), ("OUT", "agent"), ("Virtual Agent", "bot"), ("system", "system"),
        (Speaker.BOT, "bot"),
    ],
)  # fmt: skip
def test_words_for_speakers(word: object, speaker: str) -> None:
    assert speaker_of(word) == speaker


@pytest.mark.parametrize(
    "word",
    ["", "narrator", None, True, False, 2, 0.5, float("nan"), float("inf"), [], ["agent"], {},
     b"agent", np.array([1, 2])],
    ids=repr,
)  # fmt: skip
def test_words_that_mean_no_speaker(word: object) -> None:
    assert speaker_of(word) is None


@CHEAP
@given(st.integers(-(2**50), 2**50))
def test_whole_numbers_are_written_alike(number: int) -> None:
    for value in (number, float(number), np.int64(number), np.float64(number)):
        assert plain_text(value) == str(number)


def test_only_lone_surrogates_are_no_text() -> None:
    assert all(map(is_encodable, NASTY))
    assert not is_encodable("ok \ud83d")
    assert not is_encodable("\udc80")
