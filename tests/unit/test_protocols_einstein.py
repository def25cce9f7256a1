"""Einstein's forms and objects: what one side writes the other reads; oddities of the wire."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain.errors import RequestError
from nbtrain.evaluation import ConfusionMatrix, Evaluation, PrecisionRecallCurve
from nbtrain.progress import EpochStats, RunState, RunStatus
from nbtrain.protocols.einstein_metrics import (
    curve_labels,
    curve_to_json,
    epochs_from_curve,
    evaluation_from_metrics,
    metrics_to_json,
)
from nbtrain.protocols.einstein_models import (
    Training,
    TrainStats,
    clock_from_seconds,
    model_to_json,
    seconds_from_clock,
    training_from_json,
    training_to_json,
)
from nbtrain.protocols.einstein_predictions import (
    PredictForm,
    month_of,
    predict_fields,
    prediction_to_json,
    predictions_from_json,
    rate_headers,
    read_predict,
    usage_to_json,
)
from nbtrain.protocols.einstein_training import (
    OUT_OF_DOMAIN,
    read_retrain,
    read_train,
    retrain_fields,
    train_fields,
)
from nbtrain.protocols.einstein_wire import list_to_json
from nbtrain.results import Prediction
from nbtrain.tasks import IntentClassification

MODEL_ID = "TUWBAIRLFB3KKEDZMEGIUR6COM"

tasks = st.builds(
    IntentClassification,
    st.none() | st.integers(1, 1000),
    st.integers(0, 2**32 - 1),
    train_share=st.floats(0.01, 0.99),
    out_of_domain=st.booleans(),
    with_feedback=st.booleans(),
)


@given(tasks)
def test_a_task_goes_over_the_wire(task: IntentClassification) -> None:
    form = read_train(train_fields(1000001, "Topics", task, ours=True))
    assert (form.dataset_id, form.name) == (1000001, "Topics")
    assert form.options.task(form.options.algorithm) == task
    again = read_retrain(retrain_fields(MODEL_ID, task, ours=True))
    assert (again.model_id, again.options) == (MODEL_ID, form.options)


@given(tasks)
def test_the_vendor_is_not_sent_what_it_does_not_know(task: IntentClassification) -> None:
    params = json.loads(train_fields(1, "x", task).get("trainParams", "{}"))
    assert set(params) <= {"trainSplitRatio", "withFeedback"}


def test_a_task_without_wishes_sends_no_params() -> None:
    assert train_fields(1, "x", IntentClassification()) == {
        "datasetId": "1",
        "name": "x",
        "algorithm": "multilingual-intent",
    }


def test_the_algorithm_of_a_retraining_may_be_left_out() -> None:
    options = read_retrain({"modelId": MODEL_ID}).options
    assert options.algorithm == ""
    assert options.task(OUT_OF_DOMAIN).out_of_domain
    assert not options.task("intent").out_of_domain


@given(st.dictionaries(st.sampled_from(["trainSplitRatio", "withFeedback", "randomState",
                                        "withGlobalDatasetId", "other"]),
                       st.none() | st.booleans() | st.integers() | st.floats() | st.text()
                       | st.lists(st.integers())))  # fmt: skip
def test_whatever_is_in_train_params_is_read_or_refused(params: dict[str, Any]) -> None:
    fields = {"modelId": MODEL_ID, "trainParams": json.dumps(params)}
    with suppress(RequestError):
        options = read_retrain(fields).options
        assert 0 < options.train_share < 1
        assert options.task("intent").problems() == []
        json.dumps(options.train_params, allow_nan=False)


def test_all_problems_are_listed_at_once() -> None:
    with pytest.raises(RequestError) as caught:
        read_train({"epochs": "0", "algorithm": "x", "trainParams": "["})
    told = [problem.where for problem in caught.value.problems]
    assert told == ["datasetId", "name", "algorithm", "epochs", "trainParams"]


# --- trainings -------------------------------------------------------------------------------

STATS = TrainStats(3, 90, 130.004, 125.64, 2.931, 0.579, True, 49, 63, 27)
TRAINING = Training(
    status=RunStatus(MODEL_ID, "Topics", RunState.SUCCEEDED, "done", 1.0, elapsed=130.004),
    model_id=MODEL_ID,
    dataset_id=1000042,
    version=6001,
    language="de-DE",
    algorithm="multilingual-intent",
    epochs=200,
    created=1714642260.0,
    updated=1714642390.0,
    train_params={"trainSplitRatio": 0.7},
    stats=STATS,
)


def test_a_training_object_is_read_as_it_was_written() -> None:
    assert training_from_json(training_to_json(TRAINING)) == TRAINING


def test_a_failed_training() -> None:
    status = replace(
        TRAINING.status,
        state=RunState.FAILED,
        stage="failed",
        fraction=0.5,
        message="Too few examples.",
    )
    failed = replace(TRAINING, status=status)
    data = training_to_json(failed)
    assert (data["status"], data["failureMsg"]) == ("FAILED", "Too few examples.")
    assert training_from_json(data) == failed
    assert "trainStats" not in model_to_json(failed)
    assert model_to_json(failed)["failureMsg"] == "Too few examples."


def test_a_queued_training() -> None:
    status = RunStatus(MODEL_ID, "Topics", RunState.QUEUED, "queued", queue_position=3)
    queued = replace(TRAINING, status=status, stats=None, train_params=None, epochs=0, version=0)
    data = training_to_json(queued)
    assert (data["progress"], data["queuePosition"]) == (0, 3)
    assert training_from_json(data) == queued


@pytest.mark.parametrize(
    ("word", "progress", "state"),
    [
        ("running", 0.3, RunState.RUNNING),
        ("KILLED", 0.3, RunState.CANCELLED),
        ("FAILED_WITH_RETRIES", 0.3, RunState.FAILED),
        ("COOLING", "0.3", RunState.RUNNING),
        ("COOLING", 1, RunState.SUCCEEDED),
        (None, None, RunState.RUNNING),
    ],
)
def test_odd_statuses(word: object, progress: object, state: RunState) -> None:
    data = {"modelId": MODEL_ID, "status": word, "progress": progress, "trainStats": "?"}
    training = training_from_json(data)
    assert training.status.state is state
    assert 0 <= training.status.fraction <= 1
    assert training.status.model_id == MODEL_ID


@given(
    st.dictionaries(
        st.sampled_from(list(training_to_json(TRAINING))),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just({}),
    )
)
def test_no_training_object_is_too_odd(data: dict[str, Any]) -> None:
    training = training_from_json({**data, "modelId": MODEL_ID})
    assert 0 <= training.status.fraction <= 1


@pytest.mark.parametrize("data", [None, [], "x", {}, {"modelId": ""}, {"modelId": 5}])
def test_what_is_no_training(data: Any) -> None:
    with pytest.raises(ValueError, match="modelId"):
        training_from_json(data)


@given(st.floats(0, 1e6))
def test_durations(seconds: float) -> None:
    read = seconds_from_clock(clock_from_seconds(seconds))
    assert read == pytest.approx(seconds, abs=0.0006)


def test_progress_of_what_runs_is_neither_nothing_nor_all() -> None:
    for fraction, told in ((0.0, 0.01), (0.5, 0.5), (1.0, 0.99)):
        status = RunStatus(MODEL_ID, "x", RunState.RUNNING, "", fraction, elapsed=1.0)
        assert training_to_json(replace(TRAINING, status=status))["progress"] == told


# --- metrics and the learning curve ----------------------------------------------------------

LABELS = ("card", "loan")
CELLS = ((0, 0, 8), (0, 1, 2), (1, 1, 5))
EPOCH = EpochStats(
    3,
    {
        "train_loss": 0.4,
        "test_loss": 0.5,
        "train_accuracy": 0.9,
        "test_accuracy": 13 / 15,
        "macro_f1": ConfusionMatrix(LABELS, CELLS).macro_f1,
    },
    confusion=CELLS,
)


def test_an_epoch_is_read_as_it_was_written() -> None:
    page = list_to_json([curve_to_json(EPOCH, LABELS)])
    assert curve_labels(page) == LABELS
    [read] = epochs_from_curve(page)
    assert read == EPOCH


def test_texts_outside_all_labels_make_one_more_row() -> None:
    stats = replace(EPOCH, confusion=(*CELLS, (1, 2, 4)))
    data = curve_to_json(stats, LABELS)["metricsData"]
    assert data["confusionMatrix"] == [[8, 2, 0], [0, 5, 4], [0, 0, 0]]
    assert len(data["f1"]) == 2
    assert epochs_from_curve(list_to_json([{"epoch": 3, "metricsData": data}])) == (
        replace(stats, metrics={**EPOCH.metrics, "macro_f1": data["macroF1"]}),
    )


def test_metrics_are_read_as_they_were_written() -> None:
    evaluation = Evaluation(
        ConfusionMatrix(LABELS, CELLS),
        PrecisionRecallCurve((0.1, 0.5), (0.6, 0.9), (0.9, 0.4), (0.72, 0.55)),
        {"card": 0.4, "loan": 0.6},
        best_epoch=0,
        last_epoch=49,
        stopped_early=True,
        train_size=63,
        test_size=27,
    )
    data = metrics_to_json(
        MODEL_ID,
        created=0.0,
        algorithm="intent",
        language="en-US",
        evaluation=evaluation,
        last=None,
    )
    assert evaluation_from_metrics(data, TRAINING) == evaluation
    assert curve_labels(data) == LABELS


@pytest.mark.parametrize(
    "page",
    [
        None,
        {},
        {"data": "x"},
        {"data": [None, {"epoch": "x"}, {"epoch": 0}, {"epoch": -1}, {"epoch": float("nan")}]},
    ],
)
def test_pages_without_epochs(page: Any) -> None:
    assert epochs_from_curve(page) == ()


def test_odd_epochs() -> None:
    entries = [
        {"epoch": 2.0, "metricsData": {"testLoss": "0.5", "f1": None}},
        {"epoch": "1", "metricsData": None},
        {"epoch": 2, "metricsData": {"testLoss": None, "confusionMatrix": [[1, "x"], 3]}},
    ]
    first, second = epochs_from_curve({"data": entries})
    assert (first.epoch, first.metrics) == (1, {})
    assert (second.epoch, second.confusion) == (2, ((0, 0, 1),))


def test_metrics_without_labels() -> None:
    with pytest.raises(ValueError, match="labels"):
        evaluation_from_metrics({"metricsData": {"labels": []}})


# --- predictions -----------------------------------------------------------------------------


@given(
    st.builds(
        PredictForm,
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        st.just(MODEL_ID),
        st.none() | st.integers(1, 500),
        st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_a_prediction_call_goes_over_the_wire(form: PredictForm) -> None:
    fields = {name: str(value) for name, value in predict_fields(form).items()}
    assert read_predict(fields) == form


def test_probabilities_are_sorted() -> None:
    found = (Prediction("a", None, 0.2), Prediction("b", None, 0.7))
    assert predictions_from_json(prediction_to_json(found)) == found[::-1]
    assert predictions_from_json({"probabilities": []}) == ()


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"probabilities": None},
        {"probabilities": [{}]},
        {"probabilities": [None]},
        {"probabilities": [{"label": "a", "probability": "much"}]},
        {"probabilities": [{"label": "a", "probability": "nan"}]},
    ],
)
def test_what_is_no_answer(data: Any) -> None:
    with pytest.raises(ValueError, match="probabilit"):
        predictions_from_json(data)


def test_months() -> None:
    assert month_of(1798761599) == "2026-12"
    assert rate_headers("2026-12", 7, 5)["X-RateLimit-Reset"] == "2027-01-01 00:00:00.0"
    assert rate_headers("2026-12", 7, 5)["X-RateLimit-Remaining"] == "0"
    [item] = usage_to_json([("2026-12", 3)], 10)["data"]
    assert (item["startsAt"], item["endsAt"]) == (
        "2026-12-01T00:00:00.000Z",
        "2027-01-01T00:00:00.000Z",
    )
    assert (item["predictionsUsed"], item["predictionsRemaining"]) == (3, 7)
