"""Trainings of Einstein Language as its client sends and watches them.

Here and beside this file the client meets a scripted stand-in, for what the hosted service may do
and the local one doesn't. Section numbers are those of the protocol's reference.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import nbtrain
from nbtrain import (
    Clustering,
    DataFile,
    EinsteinService,
    IntentClassification,
    TrainingRequest,
    attach,
    submit,
)
from nbtrain.errors import (
    DataError,
    RequestError,
)
from nbtrain.progress import RunState
from nbtrain.services.einstein_datasets import EinsteinDatasets
from tests.contract.einstein_client.rows import ROWS
from tests.contract.einstein_vendor import Einstein


def test_data_and_training_are_sent_as_the_pages_say(
    client: EinsteinService, einstein: Einstein, labelled: DataFile
) -> None:
    """5, 7.1, 9: CSV without a header; what differs from the defaults goes into trainParams."""
    einstein.loading = 2
    task = IntentClassification(
        50, 7, train_share=0.7, out_of_domain=True, with_feedback=True
    )  # fmt: skip
    status = client.submit(TrainingRequest("topics", labelled, task, language="de-DE"))
    assert (status.state, status.model_id, status.queue_position) == (
        RunState.QUEUED, "topics", 1,
    )  # fmt: skip
    assert status.run_id in einstein.models
    data = einstein.data[1_000_001]
    assert data.fields == {
        "type": "text-intent", "language": "de_DE", "name": f"topics {labelled.sha256[:12]}",
    }  # fmt: skip
    assert data.rows == ROWS
    assert einstein.started == [
        {"datasetId": "1000001", "name": "topics", "algorithm": "multilingual-intent-ood",
         "epochs": "50", "trainParams": '{"trainSplitRatio": 0.7, "withFeedback": true}'}
    ]  # fmt: skip
    # Plain parameters are parts without a file name, with a boundary (2).
    call = next(call for call in einstein.calls if call.route == "train")
    assert "boundary=" in call.headers["content-type"]
    assert b"filename" not in call.body


def test_a_run_is_watched_to_its_end(
    client: EinsteinService, request_: TrainingRequest, tmp_path: Path
) -> None:
    """11, 12: a 404 of the learning curve while training is no data yet; then pages of 25."""
    run = submit(request_, client)
    updates = list(run.watch(0.0))
    states = [update.status.state for update in updates]
    assert states == [RunState.QUEUED, *[RunState.RUNNING] * 3, RunState.SUCCEEDED]
    fractions = [update.status.fraction for update in updates]
    assert fractions == sorted(fractions)
    assert [len(update.epochs) for update in updates] == [0, 0, 0, 0, 30]
    assert [stats.epoch for stats in updates[-1].epochs] == list(range(1, 31))
    assert run.history().last_epoch == 30
    result = run.result()
    assert [(c.cluster_id, c.name, c.size) for c in result.clusters] == [(0, "b", 3), (1, "a", 2)]
    assert result.evaluation is not None
    assert (result.evaluation.best_epoch, result.evaluation.last_epoch) == (12, 30)
    assert result.evaluation.stopped_early
    assert result.evaluation.confusion.labels == ("a", "b")
    assert result.metrics == {"accuracy": 1.0, "macro_f1": 1.0, "loss": 0.5}
    assert "nbtrain.predict" in result.warnings[0]
    with pytest.raises(DataError, match=r"nbtrain\.predict"):
        nbtrain.label(pd.DataFrame(ROWS, columns=["text", "intent"]), result)
    with pytest.raises(DataError, match="no labels of single texts"):
        nbtrain.export_intents(result, tmp_path / "export.json")
    assert attach("topics", client).run_id == run.run_id


def test_the_same_data_are_sent_once(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    first = submit(request_, client)
    with pytest.warns(UserWarning, match="was not taken"):
        again = submit(request_, client)
    assert again.run_id == first.run_id
    first.wait()
    kept = submit(replace(request_, force_train=False), client)
    assert (kept.run_id, len(einstein.started)) == (first.run_id, 1)
    anew = submit(request_, client)
    assert anew.run_id != first.run_id
    assert (len(einstein.started), len(einstein.data)) == (2, 1)
    assert attach("topics", client).run_id == anew.run_id
    other = submit(replace(request_, language="fr-FR"), client)
    assert (len(einstein.data), other.run_id) == (2, list(einstein.models)[-1])


def test_a_data_set_that_holds_something_else_is_not_taken(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    submit(request_, client).wait()
    einstein.data[1_000_001].rows.append(("more", "a"))
    submit(request_, client)
    assert len(einstein.data) == 2
    assert einstein.data[1_000_002].rows == ROWS


def test_large_data_go_in_parts(
    client: EinsteinService, einstein: Einstein, labelled: DataFile
) -> None:
    """5: at most 25 MB a file; the rest is added (7.3)."""
    datasets = EinsteinDatasets(client._http, part_bytes=40)
    dataset = datasets.upload(labelled, "parts")
    data = einstein.data[dataset.dataset_id]
    assert data.rows == ROWS
    assert len(data.files) == 3
    assert max(map(len, data.files)) <= 40
    assert (dataset.examples, dataset.duplicates, dataset.available) == (5, 1, True)


def test_what_cannot_be_loaded_says_why(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    einstein.failure = "the moon is full"
    with pytest.raises(DataError, match="the moon is full"):
        submit(request_, client)
    assert einstein.started == []


def test_what_einstein_cannot_train_is_not_sent(
    client: EinsteinService, einstein: Einstein, labelled: DataFile, tmp_path: Path
) -> None:
    free = nbtrain.write_intents(
        pd.DataFrame({"text": ["one", "two"]}), tmp_path / "free.json", text="text"
    )
    with pytest.raises(RequestError, match="Clustering, which Einstein does not know"):
        submit(TrainingRequest("topics", free, Clustering()), client)
    many = replace(labelled, words=3_000_001)
    with pytest.raises(RequestError, match="3,000,001 words"):
        client.submit(TrainingRequest("topics", many, IntentClassification()))
    assert einstein.calls == []
