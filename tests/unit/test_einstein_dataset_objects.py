"""Einstein's data sets as other services may write them, and forms. Sections: the reference's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain.errors import RequestError
from nbtrain.protocols.einstein_dataset_forms import (
    FeedbackForm,
    UploadForm,
    check_data_field,
    dataset_name,
    read_feedback_form,
    read_label_query,
    read_upload_form,
)
from nbtrain.protocols.einstein_datasets import (
    Dataset,
    DatasetState,
    Deletion,
    Example,
    Label,
    read_list,
)

UPLOADING: dict[str, Any] = {
    "id": 1000042,
    "name": "weather",
    "createdAt": "2017-06-22T19:31:58.000+0000",
    "updatedAt": "2017-06-22T19:31:58.000+0000",
    "labelSummary": {"labels": []},
    "totalExamples": 0,
    "available": False,
    "statusMsg": "UPLOADING",
    "type": "text-intent",
    "object": "dataset",
}


@pytest.mark.parametrize(
    ("status", "available", "state", "message"),
    [
        ("UPLOADING", False, DatasetState.UPLOADING, ""),
        ("QUEUED", False, DatasetState.QUEUED, ""),
        ("SUCCEEDED", True, DatasetState.READY, ""),
        ("FAILED: no labels", False, DatasetState.FAILED, "no labels"),
        ("failed", False, DatasetState.FAILED, ""),
        ("DELETION_PENDING", False, DatasetState.DELETED, ""),
        ("DELETE_PENDING", False, DatasetState.DELETED, ""),
        ("ODD", True, DatasetState.READY, ""),
        (None, False, DatasetState.UPLOADING, ""),
    ],
)
def test_every_status(
    status: str | None, available: bool, state: DatasetState, message: str
) -> None:
    """Section 6.1: both spellings of a deletion; what is unknown goes by ``available``."""
    dataset = Dataset.from_json({**UPLOADING, "statusMsg": status, "available": available})
    assert (dataset.state, dataset.message) == (state, message)
    assert dataset.available is (state is DatasetState.READY)


def test_fields_that_come_later_or_never() -> None:
    """Section 6: totalLabels, language and numOfDuplicates may be missing."""
    dataset = Dataset.from_json(UPLOADING)
    assert (dataset.language, dataset.duplicates, dataset.labels) == ("en_US", 0, ())
    assert dataset.created == 1498159918.0
    written = dataset.to_json()
    assert {key: written[key] for key in UPLOADING} == UPLOADING
    assert Dataset.from_json({"id": "7", "labelSummary": None}).dataset_id == 7


@given(
    st.builds(
        Dataset,
        dataset_id=st.integers(0, 2**53),
        name=st.text(),
        type=st.sampled_from(["text-intent", "text-sentiment"]),
        language=st.sampled_from(["en_US", "de_DE"]),
        state=st.sampled_from(DatasetState).filter(lambda state: state is not DatasetState.FAILED),
        labels=st.lists(
            st.builds(Label, st.integers(0), st.integers(0), st.text(), st.integers(0))
        ).map(tuple),
        duplicates=st.integers(0),
        created=st.integers(0, 4_000_000_000).map(float),
        updated=st.integers(0, 4_000_000_000).map(float),
    )
)
def test_data_sets_are_read_as_written(dataset: Dataset) -> None:
    assert Dataset.from_json(dataset.to_json()) == dataset


def test_an_example_of_2017() -> None:
    """Section 7.4: for text the name is the type, and the location the text itself."""
    example = Example.from_json(
        {
            "id": 618168,
            "name": "text-intent",
            "location": "my bill?",
            "createdAt": "2017-06-29T14:53:05.000+0000",
            "label": {"id": 9186, "datasetId": 1000538, "name": "Billing", "numExamples": 150},
            "object": "example",
        }
    )
    assert (example.text, example.label) == ("my bill?", Label(9186, 1000538, "Billing", 150))
    refused: list[object] = [None, {}, {"id": 1}, {"id": 1, "location": "a", "label": None}]
    for bad in refused:
        with pytest.raises(ValueError, match="no example"):
            Example.from_json(bad)


def test_lists() -> None:
    assert read_list({"object": "list", "data": [{}]}) == [{}]
    refused: list[object] = [None, [], {"data": None}, {"data": [1]}]
    for bad in refused:
        with pytest.raises(ValueError, match="no list"):
            read_list(bad)


def test_a_deletion_is_done() -> None:
    """Section 7.5: both types."""
    told = Deletion("A" * 26, "MODEL", "B" * 26).to_json()
    assert (told["status"], told["progress"], told["type"]) == ("SUCCEEDED", 1, "MODEL")


def test_forms_are_read_as_written() -> None:
    upload = UploadForm("text-sentiment", "tr_TR", "Görüşler")
    assert read_upload_form(upload.fields()) == upload
    feedback = FeedbackForm("A" * 26, "my bill?", "Billing", "chat")
    assert read_feedback_form(feedback.fields()) == feedback
    assert read_label_query({"labelId": " 3 "}) == (3, None)
    assert read_label_query({"labelId": "3", "datasetId": "7"}) == (3, 7)


def test_all_problems_are_listed() -> None:
    with pytest.raises(RequestError) as caught:
        read_upload_form({"type": "image", "language": "?", "name": "n" * 181})
    assert [problem.where for problem in caught.value.problems] == ["type", "language", "name"]
    with pytest.raises(RequestError) as caught:
        read_feedback_form({})
    named = [problem.where for problem in caught.value.problems]
    assert named == ["modelId", "document", "expectedLabel"]


def test_long_expected_labels_are_cut_as_labels_are() -> None:
    form = read_feedback_form({"modelId": "m", "document": "d", "expectedLabel": "x" * 200})
    assert form.expected_label == "x" * 180


def test_the_file_is_there_once() -> None:
    """Section 7.1: the vendor's sentences."""
    check_data_field({"type": "text-intent"}, has_data=True)
    for fields, options, words in (
        ({}, {"has_data": False}, "requires either"),
        ({"path": "https://a"}, {"has_data": True}, "cannot be duplicated"),
        ({}, {"has_data": True, "twice": True}, "cannot be duplicated"),
        ({"path": "https://a"}, {"has_data": False}, "Failed to download"),
    ):
        with pytest.raises(RequestError, match=words):
            check_data_field(fields, **options)


@pytest.mark.parametrize(
    ("file", "name"),
    [("weather.csv", "weather"), ("", "dataset"), (".csv", ".csv"), ("x" * 200, "x" * 180)],
)
def test_the_name_of_a_file(file: str, name: str) -> None:
    """Section 6."""
    assert dataset_name(file) == name
