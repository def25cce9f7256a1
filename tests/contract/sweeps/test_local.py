"""Sweeps in one run of the local service: map, short list, labels, trainings that begin there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import nbtrain
from nbtrain import LocalService, TrainingRequest, attach_sweep
from nbtrain.errors import (
    RequestRejected,
    RunNotFound,
)
from nbtrain.progress import RunState
from nbtrain.protocols.sweeps import SWEEPS_PATH
from nbtrain.training import DataFile
from tests.contract.sweeps.services import done


def test_what_is_trained_is_what_was_seen(service: LocalService, tmp_path: Path) -> None:
    texts = nbtrain.samples.sentences(900)
    data = nbtrain.write_intents(texts, tmp_path / "t.json", text="text")
    swept = nbtrain.sweep(TrainingRequest("seen", data), [6, 9, 14], service=service)
    swept.wait(60)
    for k in (6, 14):
        seen = swept.labels(k)
        got = swept.train(k, f"seen-{k}").result().labels
        pairs = [(seen[text], got[text]) for text in seen]
        assert adjusted_rand_score(*zip(*pairs, strict=True)) > 0.85
    anew = swept.train(7)
    assert anew.result().n_clusters == 7
    assert "begun_at" not in anew.result().provenance


def test_the_local_service_takes_over_what_it_found(service: LocalService, data: DataFile) -> None:
    request = TrainingRequest("taken-over", data)
    first = nbtrain.sweep(request, range(2, 8), service=service)
    first.wait(60)
    second = nbtrain.sweep(request, range(2, 12), service=service)
    second.wait(60)
    known = {fit.n_clusters: fit for fit in first.fits()}
    again = [fit for fit in second.fits() if fit.n_clusters in known]
    assert len(again) == len(known)
    for fit in again:
        assert fit.clusters == known[fit.n_clusters].clusters
        assert fit.scores == known[fit.n_clusters].scores
        assert second.labels(fit.n_clusters) == first.labels(fit.n_clusters)
    assert sorted(done(second)) == list(range(2, 12))


def test_other_seeds_take_over_what_no_seed_drives(
    service: LocalService, data: DataFile, tmp_path: Path
) -> None:
    request = TrainingRequest("other-seeds", data)
    first = nbtrain.sweep(request, range(2, 6), random_state=(1, 2), service=service)
    first.wait(60)
    second = nbtrain.sweep(request, range(2, 6), random_state=(2, 3), service=service)
    second.wait(60)
    for k in range(2, 6):
        assert second.fit(k, 2).scores == first.fit(k, 2).scores
        assert second.labels(k, 2) == first.labels(k, 2)
    [folder, earlier] = [service.home / "runs" / one.sweep_id for one in (second, first)]
    told = [json.loads((at / "fit-00001.json").read_text()) for at in (folder, earlier)]
    assert [one["taken_over"] for one in told] == [True, False]
    for name in ("outline.json", "structure.json", "map.npy"):
        assert (folder / name).read_bytes() == (earlier / name).read_bytes()


def test_an_embedder_is_found_again_by_the_words_that_named_it(
    service: LocalService, data: DataFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "rows.npy", np.random.default_rng(0).normal(size=(data.documents, 8)))
    monkeypatch.chdir(tmp_path)
    swept = nbtrain.sweep(TrainingRequest("rows", data), [2], embedder="rows.npy", service=service)
    assert swept.wait(60).state is RunState.SUCCEEDED, swept.fits()
    assert len(swept.labels(2)) == data.documents


def test_a_sweep_is_no_run(service: LocalService, data: DataFile) -> None:
    swept = nbtrain.sweep(TrainingRequest("no-run", data), [2], service=service)
    assert swept.sweep_id in {status.run_id for status in service.sweeps()}
    assert swept.sweep_id not in {status.run_id for status in service.runs()}
    for call in (service.status, service.result, service.cancel):
        with pytest.raises(RunNotFound):
            call(swept.sweep_id)
    with pytest.raises(RunNotFound):
        nbtrain.attach("no-run", service)
    # Nor does it keep its model from being trained meanwhile.
    assert nbtrain.submit(TrainingRequest("no-run", data), service).wait(60).state.ended
    swept.wait(60)


def test_one_map_holds_the_documents(service: LocalService, data: DataFile) -> None:
    swept = nbtrain.sweep(TrainingRequest("mapped", data), [2, 8, 4, 6], service=service)
    swept.wait(60)
    told = swept.map()
    assert told is not None
    assert tuple(told.index) == swept.documents().ids
    assert told.notna().all(axis=None)
    assert told.to_numpy().min() == 0
    assert told.to_numpy().max() == 100
    # What is in one cluster lies closer together than what is not.
    labels = np.array([swept.labels(6)[document] for document in told.index])
    places = told.to_numpy()
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    same = labels[:, None] == labels[None]
    assert apart[same].mean() < 0.6 * apart[~same].mean()


def test_the_short_list_has_reasons_that_name_clusters(
    service: LocalService, data: DataFile
) -> None:
    swept = nbtrain.sweep(TrainingRequest("short", data), range(2, 16), service=service)
    swept.wait(60)
    found = swept.recommendation()
    assert 2 <= len(found.candidates) <= 3
    assert found.structure is not None
    assert found.structure > 0.05
    assert found.clear_structure
    names = {
        cluster.name
        for fit in swept.fits()
        for cluster in fit.clusters
        if fit.n_clusters in [candidate.n_clusters for candidate in found.candidates]
    }
    reasons = " ".join(candidate.reason for candidate in found.candidates)
    assert any(f"“{name}”" in reasons for name in names)


def test_seeds_and_options_make_fits_of_their_own(service: LocalService, data: DataFile) -> None:
    request = TrainingRequest("seeds", data)
    swept = nbtrain.sweep(request, [3, 6], random_state=(7, 8), service=service)
    assert swept.wait(60).state is RunState.SUCCEEDED
    assert swept.frame()[["n_clusters", "random_state"]].values.tolist() == [
        [3, 7], [3, 8], [6, 7], [6, 8],
    ]  # fmt: skip
    assert swept.labels(6) == swept.labels(6, random_state=7)
    gone = nbtrain.sweep(request, [3], embedder=(None, "/no/such/model"), service=service)
    assert gone.wait(60).state is RunState.SUCCEEDED
    [failed] = [fit for fit in gone.fits() if fit.state is RunState.FAILED]
    assert dict(failed.options) == {"embedder": "/no/such/model"}
    assert "not there" in failed.message


def test_labelled_intents_stay_clusters(
    service: LocalService, data: DataFile, conversations: pd.DataFrame, tmp_path: Path
) -> None:
    said = pd.DataFrame(
        conversations[conversations["speaker"] == "customer"].groupby("dialogue_id").nth(1)
    )
    known = said[said["intent"].isin(sorted(said["intent"].unique())[:3])]
    intents = nbtrain.write_intents(known, tmp_path / "i.json", text="text", intent="intent")
    request = TrainingRequest("labelled-sweep", data, secondary_data=intents)
    swept = nbtrain.sweep(request, [2, 5, 8], service=service)
    swept.wait(60)
    assert sorted(done(swept)) == [5, 8]
    for k in (5, 8):
        assert set(known["intent"]) <= {cluster.name for cluster in swept.fit(k).clusters}
    # After a restart of the kernel, too; these begin anew, for their intents come first.
    trained = attach_sweep(swept.sweep_id, service).train(5).result()
    assert set(known["intent"]) <= {cluster.name for cluster in trained.clusters}
    assert "begun_at" not in trained.provenance


@pytest.fixture
def refused(service: LocalService, data: DataFile) -> Callable[..., list[str]]:
    def ask(fields: dict[str, str], content: bytes | None = None) -> list[str]:
        path = data.path.with_name("sent.json")
        path.write_bytes(data.path.read_bytes() if content is None else content)
        http = service._connect()
        with pytest.raises(RequestRejected) as caught:
            http.post_files(SWEEPS_PATH, fields, {"dataFile": path}).check()
        assert caught.value.status == 400
        return sorted(problem.where for problem in caught.value.problems)

    return ask


def test_the_service_lists_every_bad_field(refused: Callable[..., list[str]]) -> None:
    assert refused(
        {
            "modelId": "Ä", "languageCode": "xx", "dataSchema": "dialogue",
            "clusterCounts": "[1, 1000]", "randomStates": "7", "embedders": "[3]",
            "budgetSeconds": "-1", "budgetFits": "two",
        }
    ) == [
        "budgetFits", "budgetSeconds", "clusterCounts", "embedders",
        "languageCode", "modelId", "randomStates",
    ]  # fmt: skip
    good = {"modelId": "a", "languageCode": "en-US", "dataSchema": "dialogue"}
    assert refused(good) == ["clusterCounts"]
    assert refused(good | {"clusterCounts": "[2]"}, b"[]") == ["dataFile"]
    assert refused(good | {"clusterCounts": "[2]", "dataSchema": "utterance"})
    assert "clusterCounts" in refused(good | {"clusterCounts": "[[2]]"})
    assert "clusterCounts" in refused(good | {"clusterCounts": "[" * 10_000})
    for number in ("NaN", "Infinity", "1e999", "[]"):
        assert refused(good | {"clusterCounts": "[2]", "budgetSeconds": number}) == [
            "budgetSeconds"
        ]


@pytest.mark.parametrize("number", ["0", "99", "9" * 300, "9" * 5000])
def test_labels_of_a_fit_that_is_not_there(
    service: LocalService, data: DataFile, number: str
) -> None:
    swept = nbtrain.sweep(TrainingRequest("no-labels", data), [2], service=service)
    answer = service._connect().get(f"{SWEEPS_PATH}/{swept.sweep_id}/labels/{number}")
    assert answer.status == 404
    swept.cancel()


def test_a_training_begins_only_at_a_fit_of_its_own(
    service: LocalService, data: DataFile, tmp_path: Path
) -> None:
    request = TrainingRequest("elsewhere", data, nbtrain.Clustering(3))
    swept = nbtrain.sweep(request, [3], service=service)
    swept.wait(60)
    for sweep_id, number, task in (
        ("x", 1, nbtrain.Clustering(3)),
        (swept.sweep_id, 2, nbtrain.Clustering(3)),
        (swept.sweep_id, 1, nbtrain.Clustering(4)),
    ):
        with pytest.raises(RequestRejected) as caught:
            service.train_fit(sweep_id, number, replace(request, task=task))
        assert [problem.where for problem in caught.value.problems] == ["sweepFit"]
    other = nbtrain.write_intents(
        pd.DataFrame({"text": ["a b", "c d", "e f"]}), tmp_path / "o.json", text="text"
    )
    with pytest.raises(RequestRejected, match="no sweep of these data"):
        service.train_fit(swept.sweep_id, 1, replace(request, data=other))
