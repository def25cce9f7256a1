"""Requests in the vendor's spelling, there and back, and whatever else a form may hold."""

from __future__ import annotations

from pathlib import Path

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
from nbtrain.protocols import knovvu
from nbtrain.protocols.knovvu import read_form
from nbtrain.training import LANGUAGES

from .strategies import CHEAP, problems_of

GOOD = {
    "modelId": "support-topics", "productName": "CA", "languageCode": "en-US",
    "dataSchema": "dialogue", "numClusters": "8", "forceTrain": "true",
}  # fmt: skip


def data_file(schema: DataSchema) -> DataFile:
    return DataFile(Path("data.json"), schema, 10**9, 1, "0" * 64)


requests = st.builds(
    lambda model_id, language, task, pair, force: TrainingRequest(
        model_id, data_file(pair[0]), task, language, pair[1] and data_file(pair[1]), force
    ),
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True),
    st.sampled_from(sorted(LANGUAGES)),
    st.builds(
        Clustering,
        st.just("auto") | st.integers(2, 10**9),
        st.none()
        | st.builds(
            LLM,
            top_n=st.none() | st.integers(1, 10**9),
            max_tokens=st.none() | st.integers(1, 10**9),
            max_cost=st.none() | st.floats(1e-9, 1e9),
        ),
        st.integers(0, 2**32 - 1),
    ),
    st.sampled_from(
        [
            (DataSchema.DIALOGUE, None),
            (DataSchema.INTENT, None),
            (DataSchema.DIALOGUE, DataSchema.INTENT),
        ]
    ),
    st.booleans(),
)


def problems(**fields: str) -> list[str]:
    with pytest.raises(RequestError) as caught:
        read_form({name: value for name, value in (GOOD | fields).items() if value != "absent"})
    return [problem.where for problem in caught.value.problems]


@CHEAP
@given(requests, st.sampled_from(["{}", '"{}"', "  {} \n", ' " {} " ']))
def test_a_request_goes_there_and_back(request_: TrainingRequest, dress: str) -> None:
    fields = knovvu.form_fields(request_, product_name="CA 2", with_random_state=True)
    assert set(fields) <= set(knovvu.FIELDS.values())
    form = read_form({name: dress.format(value) for name, value in fields.items()})
    assert isinstance(request_.task, Clustering)
    assert form == knovvu.TrainingForm(
        model_id=request_.model_id,
        product_name="CA 2",
        language=request_.language,
        schema=request_.data.schema,
        secondary_schema=request_.secondary_data.schema if request_.secondary_data else None,
        task=request_.task,
        force_train=request_.force_train,
        naming=request_.task.llm,
    )


def test_a_model_that_is_configured_counts_unless_it_is_declined() -> None:
    assert read_form(GOOD).naming == LLM()
    assert read_form(GOOD | {"llmTopN": "3"}).naming == LLM(top_n=3)
    assert read_form(GOOD | {"llmTopN": "0", "llm": "openai"}).naming is None


def test_limits_of_naming_are_checked() -> None:
    assert problems(llmTopN="-1", llmMaxTokens="x", llmMaxCost="much") == [
        "llmTopN", "llmMaxTokens", "llmMaxCost",
    ]  # fmt: skip
    for cost in ("nan", "-1", "inf", "0"):
        assert problems(llmMaxCost=cost) == ["llmMaxCost"]


@CHEAP
@given(requests)
def test_a_vendor_gets_no_field_of_ours(request_: TrainingRequest) -> None:
    fields = knovvu.form_fields(request_)
    assert "randomState" not in fields
    assert all(isinstance(value, str) and '"' not in value for value in fields.values())
    assert isinstance(request_.task, Clustering)
    assert fields["numClusters"] == (
        "0" if request_.task.n_clusters == "auto" else str(request_.task.n_clusters)
    )


@CHEAP
@given(
    st.dictionaries(
        st.sampled_from([*knovvu.FIELDS.values(), "more"]),
        st.text(max_size=6) | st.sampled_from(["0", "-1", "true", '"', '""', "dialogue", "intent"]),
    )
)
def test_any_fields_give_a_form_or_problems(fields: dict[str, str]) -> None:
    raised = problems_of(lambda: read_form(fields))
    assert {problem.where for problem in raised} <= set(knovvu.FIELDS.values())
    if not raised:
        assert read_form(fields).model_id == knovvu.unquote(fields["modelId"])


def test_every_broken_field_is_listed_at_once() -> None:
    where = problems(
        modelId="-Bad_", productName=' "" ', languageCode="en-GB", dataSchema="sentence",
        secondaryDataSchema="dialog", numClusters="-1", llm="other", forceTrain="yes",
        randomState="1.5",
    )  # fmt: skip
    assert sorted(set(where)) == sorted(
        ["modelId", "productName", "languageCode", "dataSchema", "secondaryDataSchema",
         "numClusters", "llm", "forceTrain", "randomState"]
    )  # fmt: skip
    assert where.count("modelId") == 2


def test_messages_speak_the_vendors_language() -> None:
    with pytest.raises(RequestError) as caught:
        read_form(GOOD | {"numClusters": "1"})
    assert [str(problem) for problem in caught.value.problems] == [
        "numClusters: is 1. Give 2 or more, or 0."
    ]


@pytest.mark.parametrize("name", ["modelId", "productName", "languageCode", "dataSchema"])
@pytest.mark.parametrize("value", ["absent", "", "  ", '""', '" "'])
def test_fields_that_must_be_there(name: str, value: str) -> None:
    assert problems(**{name: value}) == [name]


@pytest.mark.parametrize(
    "count", ["1", "-1", "2.0", "1e3", "two", "٣", "²", "99999999999", "0x5", "+5"]
)
def test_bad_cluster_counts(count: str) -> None:
    assert problems(numClusters=count) == ["numClusters"]


@pytest.mark.parametrize(
    ("count", "meant"), [("0", "auto"), ("", "auto"), ('"12"', 12), ("007", 7), (" 9 ", 9)]
)
def test_good_cluster_counts(count: str, meant: int | str) -> None:
    task = read_form(GOOD | {"numClusters": count}).task
    assert isinstance(task, Clustering)
    assert task.n_clusters == meant


def test_utterances_are_classified() -> None:
    given = GOOD | {"dataSchema": "utterance", "languageCode": "de-DE", "llm": "", "epochs": "7"}
    form = read_form(given | {"randomState": "3"})
    assert form.task == IntentClassification(7, 3)
    assert form.schema is DataSchema.UTTERANCE
    assert read_form(given | {"epochs": "0"}).task == IntentClassification()
    assert problems(**(given | {"epochs": "1001", "secondaryDataSchema": "intent"})) == [
        "secondaryDataSchema", "epochs",
    ]  # fmt: skip
    assert problems(languageCode="de-DE") == ["languageCode"]


def test_a_classification_is_sent_with_its_own_fields() -> None:
    data = DataFile(Path("d"), DataSchema.UTTERANCE, 9, 9, "0")
    request = TrainingRequest("m", data, IntentClassification(7, 3), language="ru-RU")
    fields = knovvu.form_fields(request)
    assert set(fields) == {
        "modelId", "productName", "languageCode", "dataSchema", "forceTrain",
    }  # fmt: skip
    form = read_form(knovvu.form_fields(request, with_random_state=True))
    assert (form.task, form.schema, form.language) == (request.task, data.schema, "ru-RU")


@pytest.mark.parametrize(
    ("value", "meant"), [("absent", True), ("", True), ("TRUE", True), ('"false"', False)]
)
def test_training_is_forced_unless_told_otherwise(value: str, meant: bool) -> None:
    fields = {name: v for name, v in (GOOD | {"forceTrain": value}).items() if v != "absent"}
    assert read_form(fields).force_train is meant


@pytest.mark.parametrize("first", ["intent", "dialogue"])
@pytest.mark.parametrize("second", ["intent", "dialogue"])
def test_pairs_of_schemas(first: str, second: str) -> None:
    fields = {"dataSchema": first, "secondaryDataSchema": second}
    if (first, second) == ("dialogue", "intent"):
        assert read_form(GOOD | fields).secondary_schema is DataSchema.INTENT
    else:
        assert problems(**fields) == ["secondaryDataSchema"]


@pytest.mark.parametrize(
    ("sent", "read"),
    [('"a"', "a"), ('  "a"  ', "a"), ('" a "', "a"), ('"', '"'), ('""', ""), ('""a""', '"a"'),
     ('"a', '"a'), ("'a'", "'a'"), ("", "")],
)  # fmt: skip
def test_quotes(sent: str, read: str) -> None:
    assert knovvu.unquote(sent) == read
