"""The vendor's errors in all the forms they come in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nbtrain.errors import Problem
from nbtrain.protocols import knovvu


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (202, "", True),
        (202, "anything", True),
        (400, knovvu.still_training_message("topics"), True),
        (403, knovvu.still_training_message("topics").upper(), True),
        (500, f'{{"x": "{knovvu.still_training_message("topics")}"}}', True),
        (200, knovvu.still_training_message("topics"), False),
        (400, "modelId is wrong", False),
        (500, "", False),
    ],
)
def test_a_model_in_training(code: int, message: str, expected: bool) -> None:
    assert knovvu.is_still_training(code, message) is expected


@pytest.mark.parametrize(
    ("body", "text", "message"),
    [
        ({"error": {"message": "No."}, "message": "other"}, "", "No."),
        ({"error": {"message": ""}, "message": "other"}, "", "other"),
        ({"error": {"message": None}}, "raw", "raw"),
        ({"error": {"message": 5}}, "raw", "raw"),
        ({"error": {}}, "raw", "raw"),
        ({"message": "No."}, "", "No."),
        ({"error": "invalid_client", "error_description": "Wrong secret."}, "", "Wrong secret."),
        ({"error": "invalid_client"}, "", "invalid_client"),
        ({"error": ["x"]}, "raw", "raw"),
        ({}, "raw", "raw"),
        (["No."], '["No."]', '["No."]'),
        ("No.", '"No."', '"No."'),
        (None, " Bad Gateway \n", "Bad Gateway"),
        (None, "", "The service gave no reason."),
        ({}, " ", "The service gave no reason."),
    ],
)
def test_messages_in_envelopes_of_all_forms(body: Any, text: str, message: str) -> None:
    assert knovvu.error_message(body, text) == message


def test_problems_go_there_and_back() -> None:
    sent = [Problem("modelId", "is required"), Problem("numClusters", "is 1", "Give 2 or more.")]
    body = json.loads(json.dumps(knovvu.error_envelope("Not valid.", sent)))
    assert knovvu.error_message(body, "") == "Not valid."
    read = knovvu.error_problems(body)
    assert [problem.where for problem in read] == ["modelId", "numClusters"]
    assert list(map(str, read)) == list(map(str, sent))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"message": "m", "members": ["a", "b"]}, ["a, b: m."]),
        ({"message": "m", "members": "modelId"}, ["modelId: m."]),
        ({"message": "m", "members": None}, ["request: m."]),
        ({"message": "m", "members": []}, ["request: m."]),
        ({"message": "m", "members": 5}, ["5: m."]),
        ({"message": "m"}, ["request: m."]),
        ({"message": None}, []),
        ("m", []),
        (None, []),
    ],
)
def test_validation_errors_of_all_forms(entry: Any, expected: list[str]) -> None:
    body = {"error": {"message": "No.", "validationErrors": [entry]}}
    assert list(map(str, knovvu.error_problems(body))) == expected


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"error": "x"}, {"error": {"validationErrors": {"a": "b"}}}]
)
def test_bodies_without_validation_errors(body: Any) -> None:
    assert knovvu.error_problems(body) == []
