"""What one side of the inference protocol writes, the other reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain.errors import RequestError
from nbtrain.protocols.knovvu_inference import (
    InferenceRequest,
    ModelKind,
    Normalization,
    inference_request_to_json,
    inference_to_json,
    inferences_from_json,
    modules_available,
    modules_to_json,
    read_inference_request,
    ready_from_json,
)

LANGUAGES = ["en-US", "tr-TR"]
flags = st.booleans()
requests = st.builds(
    InferenceRequest,
    st.lists(st.text(), min_size=1, max_size=5).map(tuple),
    st.none() | st.integers(1, 1000),
    st.none() | st.integers(1, 1000),
    st.builds(Normalization, st.none() | st.sampled_from(LANGUAGES), *[flags] * 5),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.text() | st.sampled_from(["inputs", "text", "topN", "result", "predictions", "modules"]),
        inner,
    ),
    max_leaves=20,
)  # fmt: skip


@given(requests)
def test_a_request_comes_back(request: InferenceRequest) -> None:
    wire = json.loads(json.dumps(inference_request_to_json(request)))
    assert read_inference_request(wire, LANGUAGES) == request


@given(anything)
def test_any_json_is_read_or_refused(data: Any) -> None:
    try:
        request = read_inference_request(data, LANGUAGES)
    except RequestError:
        return
    assert request.texts


@given(anything)
def test_any_answer_is_read_or_refused(data: Any) -> None:
    for body in (data, {"result": data}, {"result": [data]}):
        try:
            inferences_from_json(body)
        except ValueError:
            continue
    assert ready_from_json(data) in (True, False)
    assert modules_available(data) is None or isinstance(data, dict)


def test_an_answer_comes_back() -> None:
    predictions = (("lost card", 3, 0.75), ("refund", 0, 0.25))
    entry = inference_to_json("Lost!", "lost", predictions)
    [inference] = inferences_from_json(json.loads(json.dumps({"result": [entry]})))
    assert inference.predictions[0].cluster_id == 3
    assert tuple(inference) == ("Lost!", "lost", predictions, None)


@pytest.mark.parametrize("told", [True, False])
def test_what_is_out_of_domain_comes_back(told: bool) -> None:
    entry = inference_to_json("Lost!", "lost", (), told)
    [inference] = inferences_from_json(json.loads(json.dumps({"result": [entry]})))
    assert inference.out_of_domain is told
    assert "outOfDomain" not in inference_to_json("Lost!", "lost", ())


def test_the_vendors_sample_answer() -> None:
    """As its page shows it: without cluster ids, and more predictions than were asked for."""
    body = {
        "result": [
            {
                "text": "Hi", "normalizedText": "hi",
                "topPrediction": "greeting", "topConfidence": 0.9,
                "predictions": [
                    {"label": "greeting", "confidence": 0.9},
                    {"label": "farewell", "confidence": 0.1},
                ],
            }
        ]
    }  # fmt: skip
    [inference] = inferences_from_json(body)
    assert [tuple(each) for each in inference.predictions] == [
        ("greeting", None, 0.9), ("farewell", None, 0.1),
    ]  # fmt: skip


def test_an_answer_with_the_top_prediction_only() -> None:
    entry = {"text": "Hi", "topPrediction": "greeting", "topConfidence": 0.9}
    [inference] = inferences_from_json({"result": [entry]})
    assert tuple(inference) == ("Hi", "Hi", (("greeting", None, 0.9),), None)


@pytest.mark.parametrize(
    ("data", "ready"), [(True, True), (False, False), ("True ", True), (1, False), ({}, False)]
)
def test_readiness(data: object, ready: bool) -> None:
    assert ready_from_json(data) is ready


def test_modules_come_back() -> None:
    available = {ModelKind.CLUSTERING: True, ModelKind.CLASSIFICATION: False}
    wire = modules_to_json(available)
    assert wire["available"] is False
    assert modules_available(wire) == available
