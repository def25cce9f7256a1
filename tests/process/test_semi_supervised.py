"""Labelled intents beside dialogues, through client, wire and local service."""

from __future__ import annotations

import csv
import gzip
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment

from nbtrain import (
    Clustering,
    DataFile,
    LocalService,
    TrainingRequest,
    TrainingResult,
    export_intents,
    label,
    samples,
    submit,
    write_dialogues,
    write_intents,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the local service is tested on POSIX")

TURNS: dict[str, Any] = {"dialogue_id": "dialogue_id", "speaker": "speaker", "text": "text"}


def trained(
    service: LocalService,
    model_id: str,
    data: DataFile,
    n_clusters: int,
    labelled: DataFile | None = None,
) -> TrainingResult:
    task = Clustering(n_clusters)
    request = TrainingRequest(model_id, data, task, secondary_data=labelled)
    return submit(request, service).result(timeout=240)


def accuracy(truth: list[str], clusters: list[int]) -> float:
    """Share of texts that the best matching of clusters and intents gets right."""
    places = {name: place for place, name in enumerate(dict.fromkeys(truth))}
    table = np.zeros((max(clusters) + 1, len(places)))
    for name, cluster in zip(truth, clusters, strict=True):
        table[cluster, places[name]] += 1
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum()) / len(truth)


def test_labels_help_on_banking77(shared_data: Path, service: LocalService, tmp_path: Path) -> None:
    with gzip.open(shared_data / "banking77.csv.gz", "rt", encoding="utf-8", newline="") as file:
        df = pd.DataFrame(csv.DictReader(file))[::2].reset_index(drop=True)
    df["dialogue_id"] = [f"d{row}" for row in range(len(df))]
    df["speaker"] = "customer"
    rng = np.random.default_rng(0)
    intents = sorted(set(df["intent"]))
    known = rng.permutation(intents)[: round(0.75 * len(intents))]
    train = df[(df["split"] == "train") & df["intent"].isin(known)]
    chosen = train.groupby("intent").sample(frac=0.2, random_state=0)

    data = write_dialogues(df, tmp_path / "dialogues.json", **TURNS)
    labelled = write_intents(chosen, tmp_path / "labelled.json", text="text", intent="intent")
    free = trained(service, "banking77-free", data, len(intents))
    semi = trained(service, "banking77-semi", data, len(intents), labelled)

    test = df[df["split"] == "test"]
    truth = test["intent"].tolist()
    scores = [
        accuracy(truth, [result.labels[name] for name in test["dialogue_id"]])
        for result in (free, semi)
    ]
    assert scores[1] >= scores[0]
    assert scores[1] >= 0.6
    assert semi.n_clusters == len(intents)
    names = {cluster.name for cluster in semi.clusters}
    assert names >= set(known)
    for row in chosen.itertuples():
        assert semi.clusters[semi.labels[str(row.dialogue_id)]].name == row.intent
    assert f"{len(known)} intents" in semi.provenance["labels"]


def test_a_training_goes_into_the_next(service: LocalService, tmp_path: Path) -> None:
    df = samples.conversations(300, n_intents=8)
    ids = df["dialogue_id"].unique()
    old, new = (df[df["dialogue_id"].isin(part)] for part in (ids[:200], ids[200:]))
    first = trained(service, "loop", write_dialogues(old, tmp_path / "old.json", **TURNS), 8)
    exported = export_intents(first, tmp_path / "labelled.json", old, **TURNS)
    assert exported.documents == 200
    names = {cluster.name for cluster in first.clusters}

    # The same dialogues again: each stays where it was.
    data = write_dialogues(old, tmp_path / "old.json", **TURNS)
    again = trained(service, "loop-again", data, 8, exported)
    named = {name: again.clusters[place].name for name, place in again.labels.items()}
    assert named == {name: first.clusters[place].name for name, place in first.labels.items()}

    # Others: known clusters keep their names, and there is room for new ones.
    data = write_dialogues(new, tmp_path / "new.json", **TURNS)
    second = trained(service, "loop-new", data, 10, exported)
    assert second.n_clusters == 10
    assert names < {cluster.name for cluster in second.clusters}
    same = Counter(second.clusters[place].name in names for place in second.cluster_ids)
    assert same[True] > same[False]


def test_labelled_rows_are_written_as_intents(service: LocalService, tmp_path: Path) -> None:
    df = samples.conversations(150, n_intents=5)
    data = write_dialogues(df, tmp_path / "dialogues.json", **TURNS)
    first = trained(service, "rows", data, 5)
    rows = label(df, first)
    rows = rows[rows["speaker"] == "customer"]
    path = tmp_path / "labelled.json"
    labelled = write_intents(rows, path, text="text", intent="cluster_name")
    second = trained(service, "rows-again", data, 7, labelled)
    names = {cluster.name for cluster in first.clusters}
    assert names < {cluster.name for cluster in second.clusters}
    assert second.n_clusters == 7
