"""Sweeps at every kind of service: in one run of the local one, and as so many runs elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import nbtrain
from nbtrain import KnovvuService, LocalService, TrainingRequest, attach_sweep
from nbtrain.errors import (
    NotSupported,
    RequestError,
    RunNotFound,
)
from nbtrain.home import ServiceRecord
from nbtrain.progress import RunState
from nbtrain.services.base import TrainingService
from nbtrain.testing import ScriptedService, training_script
from nbtrain.training import DataFile
from tests.contract.sweeps.services import done

COUNTS = [2, 4, 3]


def test_a_sweep_goes_from_start_to_success(
    any_service: TrainingService, service: LocalService, data: DataFile
) -> None:
    request = TrainingRequest(f"swept-{any_service.name}", data)
    swept = nbtrain.sweep(request, COUNTS, service=any_service, order="as given")
    fractions, seen = [], []
    for update in swept.watch(0.05, timeout=120):
        fractions.append(update.status.fraction)
        seen += [fit.n_clusters for fit in update.fits]
    assert update.status.state is RunState.SUCCEEDED, update.status.message
    assert (update.status.run_id, update.status.model_id) == (swept.sweep_id, request.model_id)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert seen == COUNTS == done(swept)
    table = swept.frame()
    assert table["n_clusters"].tolist() == sorted(COUNTS)
    again = attach_sweep(swept.sweep_id, any_service)
    assert again.fits() == swept.fits()
    assert again.status().state is RunState.SUCCEEDED
    assert again.request.data.sha256 == data.sha256
    assert again.plan == swept.plan
    if any_service.capabilities.epochs:
        assert "silhouette" in table.columns
    if any_service.capabilities.result and any_service.name != "scripted":
        labels = swept.labels(3)
        assert len(labels) == data.documents
        assert set(labels.values()) == {0, 1, 2}
        sizes = [cluster.size for cluster in swept.fit(3).clusters]
        assert sizes == [list(labels.values()).count(i) for i in range(3)]
        moved = swept.compare(2, 4)
        assert sum(flow.documents for flow in moved.flows) == data.documents
        assert swept.splits()
        assert again.labels(3) == labels
    elif isinstance(any_service, KnovvuService):
        record = ServiceRecord.load(service.home)
        assert record is not None
        assert record.client_secret not in Path(swept.sweep_id).read_text()
        with pytest.raises(NotSupported):
            swept.labels(3)


@pytest.mark.parametrize("any_service", ["local", "scripted"], indirect=True)
def test_the_choice_is_kept_and_trained(any_service: TrainingService, data: DataFile) -> None:
    request = TrainingRequest(f"chosen-{any_service.name}", data)
    swept = nbtrain.sweep(request, [2, 3], service=any_service)
    swept.wait(120)
    assert swept.choice() is None
    with pytest.raises(RequestError, match="no such fit"):
        swept.choose(9)
    for wrong in (0, 1, "three", 2.5):
        with pytest.raises(RequestError, match="n_clusters: is"):
            swept.train(wrong)  # type: ignore[arg-type]
    made = swept.choose(3, "finer\nis better")
    assert (made.n_clusters, made.reason) == (3, "finer\nis better")
    assert attach_sweep(swept.sweep_id, any_service).choice() == made
    run = swept.train()
    assert run.model_id == request.model_id
    assert run.wait(60).state is RunState.SUCCEEDED
    if any_service.capabilities.result and any_service.name != "scripted":
        assert run.result().n_clusters == 3
        assert run.result().provenance["begun_at"] == "the fit of a sweep"


def test_one_failing_fit_does_not_lose_the_others(
    any_service: TrainingService, tmp_path: Path
) -> None:
    if any_service.name == "scripted":
        pytest.skip("its runs all follow the same script")
    texts = ["where is my card", "I lost my card", "cancel the order", "Where is  my card"]
    data = nbtrain.write_intents(
        pd.DataFrame({"text": [*texts, "where is my CARD"]}), tmp_path / "t.json", text="text"
    )
    request = TrainingRequest(f"partly-{any_service.name}", data)
    swept = nbtrain.sweep(request, [2, 5, 3], service=any_service, order="as given")
    status = swept.wait(120)
    assert status.state is RunState.SUCCEEDED
    assert done(swept) == [2, 3]
    [failed] = [fit for fit in swept.fits() if fit.state is RunState.FAILED]
    assert failed.n_clusters == 5
    assert "only 3 different texts" in failed.message or any_service.name == "knovvu"
    alone = nbtrain.sweep(replace(request, model_id="none-at-all"), [5], service=any_service)
    assert alone.wait(120).state is RunState.FAILED
    assert alone.status().message
    assert done(alone) == []


def test_what_a_service_cannot_do_is_said_at_once(data: DataFile) -> None:
    service = ScriptedService(training_script(2))
    service.capabilities = replace(service.capabilities, random_state=False, clustering=False)
    with pytest.raises(RequestError) as caught:
        nbtrain.sweep(TrainingRequest("no", data), [2], random_state=(0, 1), service=service)
    assert [problem.where for problem in caught.value.problems] == ["service", "random_state"]
    service.capabilities = replace(service.capabilities, turns=False, embedder=False)
    by_turn = nbtrain.Clustering(turns="all", unit="utterance", embedder="m")
    with pytest.raises(RequestError) as caught:
        nbtrain.sweep(TrainingRequest("no", data, by_turn), [2], service=service)
    assert [problem.where for problem in caught.value.problems] == [
        "service", "embedder", "request.task.turns", "request.task.unit",
    ]  # fmt: skip
    assert service.requests == []


@pytest.mark.parametrize("any_service", ["local", "plain"], indirect=True)
def test_the_turns_of_a_request_are_those_that_are_swept_and_trained(
    any_service: TrainingService, data: DataFile
) -> None:
    task = nbtrain.Clustering(turns="agent", unit="utterance")
    request = TrainingRequest(f"by-turn-{any_service.name}", data, task)
    swept = nbtrain.sweep(request, [2, 3], service=any_service)
    assert swept.wait(60).state is RunState.SUCCEEDED
    assert all("#" in document for document in swept.labels(3))
    # After a restart of the kernel, too.
    again = attach_sweep(swept.sweep_id, any_service)
    assert again.labels(3) == swept.labels(3)
    assert again.train(3).result().labels.keys() == swept.labels(3).keys()


def test_what_is_not_there_is_not_found(any_service: TrainingService, tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        attach_sweep("no-such-sweep", any_service)
    with pytest.raises(RunNotFound):
        attach_sweep("", any_service)
