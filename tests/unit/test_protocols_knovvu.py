"""The vendor's spelling, there and back, and whatever else may come over the wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain import (
    LLM,
    Clustering,
    DataFile,
    IntentClassification,
    RequestError,
    RunState,
    RunStatus,
    TrainingRequest,
)
from nbtrain.documents import DataSchema
from nbtrain.errors import Problem
from nbtrain.protocols import knovvu
from nbtrain.protocols.knovvu import TrainingStatus, read_form
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


# --- requests --------------------------------------------------------------------------------


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


# --- progress --------------------------------------------------------------------------------


def status(state: RunState, stage: str = "", fraction: float = 0.5) -> RunStatus:
    return RunStatus("r", "m", state, stage, fraction)


@pytest.mark.parametrize(
    ("given_", "word"),
    [
        (status(RunState.QUEUED), "Initialized"),
        (status(RunState.RUNNING, "starting"), "PendingTraining"),
        (status(RunState.RUNNING, "reading"), "DataProcessing"),
        (status(RunState.RUNNING, "clustering"), "Training"),
        (status(RunState.RUNNING, "anything else"), "Training"),
        (status(RunState.RUNNING, "naming"), "Trained"),
        (status(RunState.RUNNING, "saving"), "ModelUploading"),
        (status(RunState.SUCCEEDED), "Completed"),
        (status(RunState.FAILED), "Failed"),
        (status(RunState.CANCELLED), "Failed"),
    ],
)
def test_where_a_run_stands(given_: RunStatus, word: str) -> None:
    assert knovvu.training_status(given_) == word
    told = knovvu.progress_to_json(given_, None)
    assert told["trainingStatus"] == word
    read = knovvu.status_from_progress("m", told)
    cancelled = given_.state is RunState.CANCELLED
    assert read.state == (RunState.FAILED if cancelled else given_.state)


@pytest.mark.parametrize("word", TrainingStatus)
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title, lambda word: f" {word} "])
def test_stages_are_read_whatever_their_case(word: TrainingStatus, change: Any) -> None:
    exact = knovvu.status_from_progress("m", {"percent": 40, "trainingStatus": word.value})
    read = knovvu.status_from_progress("m", {"percent": 40, "trainingStatus": change(word.value)})
    assert read == exact
    assert exact.stage == word.stage
    ends = {
        "Completed": RunState.SUCCEEDED,
        "Failed": RunState.FAILED,
        "Initialized": RunState.QUEUED,
    }
    assert exact.state == ends.get(word, RunState.RUNNING)


def test_stages_are_numbered_in_their_order() -> None:
    assert [stage.number for stage in TrainingStatus] == list(range(10))
    assert TrainingStatus.COMPLETED.number == 8


@pytest.mark.parametrize("word", ["Publishing", "", None, 7, ["Training"]])
def test_an_unknown_stage_is_running_until_all_is_done(word: Any) -> None:
    read = knovvu.status_from_progress("m", {"percent": 99, "trainingStatus": word})
    assert read.state is RunState.RUNNING
    assert read.stage
    read = knovvu.status_from_progress("m", {"percent": 100, "trainingStatus": word})
    assert read.state is RunState.SUCCEEDED


@pytest.mark.parametrize(
    ("percent", "fraction"),
    [
        (0, 0.0), (40, 0.4), (40.5, 0.405), ("40", 0.4), (" 40.0 ", 0.4), (100, 1.0), (250, 1.0),
        (-5, 0.0), (None, 0.0), ("NaN", 0.0), (float("nan"), 0.0), (float("inf"), 0.0),
        ("soon", 0.0), ("", 0.0), (True, 0.0), ([40], 0.0), ({}, 0.0), (10**400, 0.0),
    ],
    ids=lambda value: repr(value)[:12],
)  # fmt: skip
def test_percent_of_any_kind(percent: Any, fraction: float) -> None:
    read = knovvu.status_from_progress("m", {"percent": percent, "trainingStatus": "Training"})
    assert read.fraction == pytest.approx(fraction)
    assert read.state is RunState.RUNNING
    assert read.elapsed is None


def test_an_empty_answer_is_a_run_of_which_nothing_is_known() -> None:
    assert knovvu.status_from_progress("m", {}).state is RunState.RUNNING


@pytest.mark.parametrize("percent", range(100))
def test_whole_percent_survive(percent: int) -> None:
    running = status(RunState.RUNNING, "clustering", percent / 100)
    told = json.loads(json.dumps(knovvu.progress_to_json(running, None)))
    assert told == {"percent": percent, "trainingStatus": "Training", "inferenceStatus": None}
    assert knovvu.status_from_progress("m", told).fraction == percent / 100


def test_a_hundred_percent_only_when_all_is_done() -> None:
    assert knovvu.percent(status(RunState.RUNNING, "saving", 1.0)) == 99
    assert knovvu.percent(status(RunState.FAILED, "", 1.0)) == 99
    assert knovvu.percent(status(RunState.SUCCEEDED, "", 0.3)) == 100


def test_a_failure_has_a_reason() -> None:
    assert knovvu.status_from_progress("m", {"trainingStatus": "failed"}).message


def test_the_experiment_has_what_clients_read() -> None:
    told = knovvu.experiment(
        status(RunState.RUNNING, "clustering"),
        product_name="CA",
        fields=GOOD,
        ids={"project": "p", "module_version": "v", "dataset": "d"},
        creation_time="2024-05-02T09:31:00+00:00",
    )
    assert json.loads(json.dumps(told)) == told
    assert (told["name"], told["status"], told["statusMessage"], told["percent"]) == (
        "m", 5, "Training", 50,
    )  # fmt: skip
    assert told["experimentDatasetMappings"][0]["datasetId"] == "d"


# --- errors ----------------------------------------------------------------------------------


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
