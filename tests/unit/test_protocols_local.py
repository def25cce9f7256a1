"""The local service's JSON and the worker's lines, there and back."""

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
    EpochStats,
    IntentClassification,
    RunState,
    RunStatus,
    TrainingResult,
)
from nbtrain.documents import DataSchema
from nbtrain.protocols import local
from nbtrain.protocols.job import (
    Done,
    Failed,
    Job,
    Message,
    Progress,
    read_message,
    write_message,
)
from nbtrain.results import Cluster, DocumentMap, Overlap

from .strategies import CHEAP, NASTY, finite, texts

names = texts
metrics = st.dictionaries(names, finite, max_size=3)
epochs = st.builds(EpochStats, st.integers(1), metrics, finite)
statuses = st.builds(
    RunStatus, names, names, st.sampled_from(RunState), names, st.floats(0, 1), names,
    st.none() | finite,
)  # fmt: skip
words = st.lists(texts, max_size=3).map(tuple)
overlaps = st.builds(Overlap, st.integers(0), st.integers(0), st.integers(1), st.floats(0, 1))
clusters = st.builds(Cluster, st.integers(0), names, st.integers(0), words, words, words)


@st.composite
def results(draw: st.DrawFn) -> TrainingResult:
    documents = draw(st.lists(st.tuples(texts, st.integers(0, 9), st.floats(0, 1)), max_size=4))
    document_ids, cluster_ids, confidences = (
        zip(*documents, strict=True) if documents else ((),) * 3
    )
    return TrainingResult(
        draw(names), draw(names), draw(st.sampled_from(DataSchema)),
        tuple(draw(st.lists(clusters, max_size=3))),
        document_ids, cluster_ids, confidences,
        draw(metrics), draw(words), draw(st.dictionaries(names, texts, max_size=3)),
        overlaps=tuple(draw(st.lists(overlaps, max_size=3))),
        document_map=draw(st.none() | maps),
    )  # fmt: skip


places = st.tuples(st.integers(0, 10**6), finite, finite)
maps = st.lists(places, min_size=1, max_size=4, unique_by=lambda place: place[0]).map(
    lambda found: DocumentMap(*zip(*sorted(found), strict=True))
)
jobs = st.builds(
    Job,
    run_id=names,
    model_id=names,
    folder=st.just(Path("runs/r")),
    data=names.filter(lambda name: "\0" not in name).map(Path),
    schema=st.sampled_from(DataSchema),
    language=names,
    task=st.builds(
        Clustering,
        st.just("auto") | st.integers(2, 99),
        st.none() | st.just(LLM()),
        st.integers(0, 9),
    )
    | st.builds(IntentClassification, st.none() | st.integers(1, 99), st.integers(0, 9)),
    secondary_data=st.none() | st.just(Path("second.json")),
)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(Progress, names, st.floats(0, 1)), epochs, st.just(Done()), st.builds(Failed, names)
)


def wire(data: Any) -> Any:
    return json.loads(json.dumps(data, allow_nan=False, ensure_ascii=False).encode())


@CHEAP
@given(statuses)
def test_a_status_goes_there_and_back(status: RunStatus) -> None:
    assert local.status_from_json(wire(local.status_to_json(status))) == status


def test_fields_of_a_newer_service_are_passed_over() -> None:
    status = RunStatus("r", "m", RunState.QUEUED)
    assert local.status_from_json(local.status_to_json(status) | {"news": 5}) == status


@CHEAP
@given(epochs)
def test_an_epoch_goes_there_and_back(stats: EpochStats) -> None:
    assert local.epoch_from_json(wire(local.epoch_to_json(stats))) == stats


@CHEAP
@given(results())
def test_a_result_goes_there_and_back(result: TrainingResult) -> None:
    twin = local.result_from_json(wire(local.result_to_json(result)))
    assert twin == result
    assert isinstance(twin.document_ids, tuple)


def test_a_result_of_an_older_service_has_neither_overlaps_nor_map() -> None:
    result = TrainingResult("r", "m", DataSchema.INTENT, (), (), (), ())
    told = local.result_to_json(result)
    del told["overlaps"], told["document_map"]
    assert local.result_from_json(told) == result


@CHEAP
@given(jobs)
def test_a_job_is_one_line(job: Job) -> None:
    line = job.to_line()
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert Job.from_line(line + "\n") == job


@CHEAP
@given(messages)
def test_a_message_is_one_line(message: Message) -> None:
    line = write_message(message)
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert read_message(line) == message


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text)[:20])
def test_every_character_survives(text: str) -> None:
    assert read_message(write_message(Failed(text))) == Failed(text)


def test_a_path_that_is_no_utf_8_survives() -> None:
    path = Path("data\udcff.json")  # how Python holds a name of the wrong encoding
    job = Job("r", "m", Path("f"), path, DataSchema.INTENT, "en-US", Clustering())
    assert Job.from_line(job.to_line()).data == path


@pytest.mark.parametrize(
    "line",
    ["", "Traceback (most recent call last):", "{", "[]", "5", "null", '"done"', "{}",
     '{"kind": "news"}', '{"kind": null}', '{"kind": ["done"]}', '{"kind": "progress"}',
     '{"kind": "failed"}', '{"kind": "epoch", "epoch": 1}'],
)  # fmt: skip
def test_what_is_no_message(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_message(line)
