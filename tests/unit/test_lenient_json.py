"""JSON as vendors print it, and everything that must not be taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain.protocols.lenient_json import read_json

from .strategies import CHEAP, texts

values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@CHEAP
@given(values)
def test_json_is_read_as_json(value: Any) -> None:
    assert read_json(json.dumps(value)) == value
    assert read_json(json.dumps(value, ensure_ascii=False)) == value


@CHEAP
@given(st.dictionaries(texts, values, max_size=4) | st.lists(values, max_size=4))
def test_commas_may_be_missing_and_comments_stand_anywhere(value: Any) -> None:
    loose = json.dumps(value, separators=("\n/* , */ ", ': // a "comment"\n'))
    assert read_json(loose) == value


@pytest.mark.parametrize(
    ("text", "read"),
    [
        # As on the vendor's pages.
        ('{\n "percent": 100\n "trainingStatus": "Completed"\n "inferenceStatus": "Running"\n}',
         {"percent": 100, "trainingStatus": "Completed", "inferenceStatus": "Running"}),
        ('{"access_token": "a//b", "expires_in": 86400, // valid for 1 day\n "scope": "s"}',
         {"access_token": "a//b", "expires_in": 86400, "scope": "s"}),
        ("[1 2 3,]", [1, 2, 3]),
        ('{"a": [{} {}], }', {"a": [{}, {}]}),
        ("// first\n{}", {}),
        ('{"a": "two\nlines" "b": 1}', {"a": "two\nlines", "b": 1}),
        ("{} /* never closed", {}),
        ("true", True),
        (" 5 ", 5),
    ],
)  # fmt: skip
def test_what_is_understood(text: str, read: Any) -> None:
    assert read_json(text) == read


@pytest.mark.parametrize(
    "text",
    ["", " ", "Bad Gateway", "<html></html>", "5 6", '"a" "b"', "{", '{"a"', '{"a": }', "[,]",
     "{]", '{"a": "b}', "// only a comment", "{'a': 1}", "{a: 1}", "{} {}", "[1}", "\0",
     "[" * 10**5, "[" * 60_000, "[\"" + "a" * 10**5, "[/" * 1000, "[/*" * 20_000,
     "[" + "\"a\" " * 20_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match="no JSON"):
        read_json(text)
