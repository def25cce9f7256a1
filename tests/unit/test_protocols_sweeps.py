"""The form of a sweep and its answers, both directions."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbtrain
from nbtrain.errors import RequestError
from nbtrain.progress import RunState
from nbtrain.protocols.sweeps import (
    choice_from_json,
    choice_to_json,
    documents_from_json,
    documents_to_json,
    fit_from_json,
    fit_to_json,
    form_from_fields,
    labels_from_json,
    labels_to_json,
    plan_from_json,
    plan_to_json,
    read_choice_request,
    sweep_fields,
)
from nbtrain.sweep_plans import SweepPlan
from nbtrain.sweep_results import Choice, FitCluster, SweepDocuments, SweepFit
from nbtrain.tasks import LLM, Clustering
from nbtrain.training import TrainingRequest

PLANS = st.builds(
    SweepPlan,
    st.lists(st.integers(2, 500), min_size=1, unique=True).map(tuple),
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4, unique=True).map(tuple),
    st.lists(st.sampled_from([None, "a/b", "f.npy"]), min_size=1, unique=True).map(tuple),
    st.none() | st.floats(0.1, 1e6),
    st.none() | st.integers(1, 1000),
)


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> TrainingRequest:
    path = tmp_path_factory.mktemp("data") / "t.json"
    data = nbtrain.write_intents(pd.DataFrame({"text": ["a b", "c d"]}), path, text="text")
    # Names by a language model are for trainings; a sweep has none.
    return TrainingRequest("topics", data, Clustering(llm=LLM(top_n=3)), "tr-TR")


@given(plan=PLANS)
def test_what_is_asked_is_what_is_read(request_: TrainingRequest, plan: SweepPlan) -> None:
    form = form_from_fields(sweep_fields(request_, plan))
    assert form.plan == plan == plan_from_json(json.loads(json.dumps(plan_to_json(plan))))
    assert (form.model_id, form.language, form.schema) == ("topics", "tr-TR", "intent")


@given(
    text=st.text(max_size=20), name=st.sampled_from(["clusterCounts", "budgetFits", "embedders"])
)
def test_any_value_is_read_or_refused(request_: TrainingRequest, name: str, text: str) -> None:
    fields = {**sweep_fields(request_, SweepPlan((2, 3))), name: text}
    wrong: set[str] = set()
    try:
        assert not form_from_fields(fields).plan.problems()
    except RequestError as error:
        wrong = {problem.where for problem in error.problems}
    assert wrong <= {name}


def test_answers_come_back_as_they_were() -> None:
    clusters = (FitCluster(0, "a, b", 3, ("a", "b"), ("a b",), 0.5), FitCluster(1, "c", 1))
    fit = SweepFit(2, 1, {"embedder": "m"}, RunState.SUCCEEDED, "", {"silhouette": 0.1}, clusters)
    for one in (fit, replace(fit, state=RunState.FAILED, message="No.", run_id="r", elapsed=2.0)):
        assert fit_from_json(json.loads(json.dumps(fit_to_json(one)))) == one
    documents = SweepDocuments(("1", "2"), ("a", "b"), (1, 3))
    assert documents_from_json(documents_to_json(documents)) == documents
    own = SweepDocuments(("a", "b"), ("a", "b"), (1, 1))
    assert documents_to_json(own)["texts"] is None
    assert documents_from_json(documents_to_json(own)) == own
    assert labels_from_json(json.loads(json.dumps(labels_to_json(b"\x93NUMPY\x00")))) == (
        b"\x93NUMPY\x00"
    )
    assert choice_from_json(choice_to_json(Choice(3, "why", "now"))) == Choice(3, "why", "now")


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"n_clusters": 1}, {"n_clusters"}),
        ({"n_clusters": True, "reason": 3}, {"n_clusters", "reason"}),
        ({"n_clusters": 3, "reason": "x" * 2001}, {"reason"}),
        ([], {"n_clusters"}),
    ],
)
def test_a_choice_is_checked(asked: Any, wrong: set[str]) -> None:
    with pytest.raises(RequestError) as caught:
        read_choice_request(asked)
    assert {problem.where for problem in caught.value.problems} == wrong
    assert read_choice_request({"n_clusters": 3}) == (3, "")
