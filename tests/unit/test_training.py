"""A request checks itself and lists everything that is wrong with it."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain import (
    LLM,
    Clustering,
    DataFile,
    IntentClassification,
    RequestError,
    TrainingRequest,
)
from nbtrain.documents import DataSchema
from nbtrain.training import LANGUAGES, language_problems, model_id_problems

from .strategies import CHEAP

# The vendor's rule, written as one expression; the code lists what is broken instead.
MODEL_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def data_file(documents: int = 10, schema: DataSchema = DataSchema.DIALOGUE) -> DataFile:
    return DataFile(Path("data.json"), schema, documents, 5 * documents, "0" * 64)


def problems_of(**fields: Any) -> list[str]:
    with pytest.raises(RequestError) as caught:
        TrainingRequest(**{"model_id": "topics", "data": data_file(), **fields})
    return [problem.where for problem in caught.value.problems]


def test_a_good_request() -> None:
    request = TrainingRequest("topics-2", data_file(), Clustering(10), language="tr-TR")
    assert request.task == Clustering(10)
    assert request.force_train
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.model_id = "other"  # type: ignore[misc]


@CHEAP
@given(st.from_regex(r"[a-z0-9A-Z_ -]{0,66}", fullmatch=True) | st.text(max_size=5))
def test_model_ids_are_judged_as_the_rule_says(model_id: str) -> None:
    assert (model_id_problems(model_id) == []) == bool(MODEL_ID.fullmatch(model_id))


@CHEAP
@given(st.text(min_size=1, max_size=80))
def test_a_suggested_model_id_is_good(model_id: str) -> None:
    for problem in model_id_problems(model_id):
        if suggestion := re.search(r"Try '(.*)'\.", problem.fix):
            assert model_id_problems(suggestion[1]) == []


@pytest.mark.parametrize("model_id", [None, 5, b"topics", ["topics"], float("nan")], ids=repr)
def test_a_model_id_that_is_no_text(model_id: object) -> None:
    assert len(model_id_problems(model_id)) == 1


def test_a_trailing_line_end_is_seen() -> None:
    assert model_id_problems("topics\n")


@pytest.mark.parametrize("code", LANGUAGES)
def test_known_languages(code: str) -> None:
    assert language_problems(code) == []


@pytest.mark.parametrize(
    ("language", "meant"),
    [("en-GB", "en-US"), ("tr", "tr-TR"), ("Turkish", "tr-TR"), ("DUTCH", "nl-NL"),
     ("en_us", "en-US"), ("EN-us", "en-US")],
)  # fmt: skip
def test_a_near_language_is_proposed(language: str, meant: str) -> None:
    (problem,) = language_problems(language)
    assert f"Did you mean {meant!r}?" in problem.fix


@pytest.mark.parametrize(
    "language", [None, "", "xx-XX", 5, [], {}, ["en-US"], float("nan")], ids=repr
)
def test_an_unknown_language_lists_the_known_ones(language: object) -> None:
    (problem,) = language_problems(language)
    assert all(code in problem.fix for code in LANGUAGES)


@pytest.mark.parametrize(
    "n_clusters", [1, 0, -3, True, 2.0, "7", "Auto", None, [3], np.array([3])], ids=repr
)
def test_bad_cluster_counts(n_clusters: Any) -> None:
    assert [problem.where for problem in Clustering(n_clusters).problems(100)] == ["n_clusters"]


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True, None, "0"], ids=repr)
def test_bad_seeds(seed: Any) -> None:
    assert [problem.where for problem in Clustering(2, None, seed).problems()] == ["random_state"]


def test_numpy_numbers_become_ints() -> None:
    task = Clustering(np.int64(12), random_state=np.uint32(7))  # type: ignore[arg-type]
    assert task == Clustering(12, random_state=7)
    assert type(task.n_clusters) is int
    assert type(task.random_state) is int
    assert task.problems(100) == []


@CHEAP
@given(st.integers(2, 200), st.integers(2, 200))
def test_no_more_clusters_than_documents(n_clusters: int, documents: int) -> None:
    assert (Clustering(n_clusters).problems(documents) == []) == (n_clusters <= documents)


@pytest.mark.parametrize("llm", ["openai", True, LLM("other"), LLM(["openai"])], ids=repr)  # type: ignore[arg-type]
def test_a_wrong_language_model(llm: Any) -> None:
    (problem,) = Clustering(2, llm).problems()
    assert problem.where.startswith("llm")


def test_everything_wrong_is_listed_at_once() -> None:
    where = problems_of(
        model_id="-My Model-",
        data=data_file(1),
        language="xx",
        task=Clustering(5, LLM("other"), -1),
        secondary_data=data_file(3, DataSchema.DIALOGUE),
        force_train="yes",
    )
    assert set(where) == {
        "model_id", "data", "language", "n_clusters", "llm.provider", "random_state",
        "secondary_data", "force_train",
    }  # fmt: skip
    assert where.count("model_id") == 3


@pytest.mark.parametrize("data", ["data.json", Path("data.json"), None, {"documents": 5}], ids=repr)
def test_a_path_is_no_data_file(data: Any) -> None:
    assert problems_of(data=data, model_id="") == ["model_id", "data"]
    assert problems_of(secondary_data=data or 5) == ["secondary_data"]


@pytest.mark.parametrize("task", [None, 5, "auto", {"n_clusters": 5}], ids=repr)
def test_a_number_is_no_task(task: Any) -> None:
    assert problems_of(task=task) == ["task"]


def test_only_dialogues_take_a_second_file_of_intents() -> None:
    intents = data_file(5, DataSchema.INTENT)
    assert TrainingRequest("topics", data_file(), secondary_data=intents).secondary_data == intents
    assert problems_of(data=intents, secondary_data=intents) == ["secondary_data"]
    assert problems_of(data=intents, secondary_data=data_file()) == ["secondary_data"]


@pytest.mark.parametrize("documents", [0, 1])
def test_too_few_documents(documents: int) -> None:
    assert problems_of(data=data_file(documents)) == ["data"]
    assert problems_of(data=data_file(documents), task=Clustering(3)) == ["n_clusters", "data"]


def test_a_good_classification() -> None:
    data = data_file(schema=DataSchema.UTTERANCE)
    epochs: Any = np.int64(5)
    request = TrainingRequest("m", data, IntentClassification(epochs), language="lv-LV")
    assert request.task == IntentClassification(5)


@pytest.mark.parametrize("epochs", [0, -1, 1001, 1.5, True, "7"])
def test_bad_numbers_of_epochs(epochs: Any) -> None:
    data = data_file(schema=DataSchema.UTTERANCE)
    assert problems_of(data=data, task=IntentClassification(epochs)) == ["epochs"]


def test_task_and_schema_go_together() -> None:
    labelled = data_file(schema=DataSchema.UTTERANCE)
    assert problems_of(data=labelled) == ["task"]
    assert problems_of(task=IntentClassification(random_state=-1)) == ["random_state", "task"]
    assert problems_of(data=labelled, task=IntentClassification(), secondary_data=labelled) == [
        "secondary_data"
    ]


def test_a_language_of_classification_only() -> None:
    (problem,) = language_problems("de-DE")
    assert "intent classification only" in problem.what
    assert problems_of(language="ur-PK") == ["language"]
