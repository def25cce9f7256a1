"""Turns of dialogues as documents, through the local service and back to the rows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nbtrain
from nbtrain import Clustering, DataError, LocalService, TrainingRequest, submit

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the local service is tested on POSIX")

COLUMNS: dict[str, Any] = {"dialogue_id": "dialogue_id", "speaker": "speaker", "text": "text"}


def test_each_turn_gets_its_cluster_and_goes_into_the_next_training(
    service: LocalService, tmp_path: Path
) -> None:
    df = nbtrain.samples.conversations(150, n_intents=6)
    df = df.sample(frac=1, random_state=0)
    columns = {**COLUMNS, "timestamp": "timestamp"}
    data = nbtrain.write_dialogues(df, tmp_path / "d.json", **columns)
    task = Clustering(200, unit="utterance")
    assert data.documents == 150
    run = submit(TrainingRequest("turns", data, task), service)
    result = run.result(timeout=240)
    spoken = df[(df["speaker"] == "customer") & (df["text"].str.strip() != "")]
    assert result.documents == len(result.document_ids) == len(spoken)
    assert result.n_clusters == 200
    assert result.provenance["unit"] == "utterance"

    labelled = nbtrain.label(df, result, timestamp="timestamp")
    assert labelled["cluster"].notna().sum() == len(spoken)
    assert labelled.loc[spoken.index, "cluster"].notna().all()
    # The same words are the same cluster, and a dialogue has turns of several.
    rows = labelled.loc[spoken.index]
    assert (rows.groupby("text")["cluster"].nunique() == 1).all()
    assert (rows.groupby("dialogue_id")["cluster"].nunique() > 1).any()
    assert rows["cluster"].value_counts().to_dict() == {
        cluster.cluster_id: cluster.size for cluster in result.clusters
    }
    # An example of a cluster is a row of that cluster.
    shown = nbtrain.cluster_table(result).loc[0, "example"]
    assert 0 in set(rows.loc[rows["text"] == shown, "cluster"])
    with pytest.raises(DataError, match="turns that were trained on"):
        nbtrain.label(df, result)
    with pytest.raises(DataError, match="turns that were trained on"):
        nbtrain.label(spoken, result, timestamp="timestamp")

    # The model itself agrees on a turn that is told again.
    texts = rows["text"].drop_duplicates().head(20)
    predicted = nbtrain.predict(pd.DataFrame({"text": texts}), run, text="text")
    agree = predicted["intent"].to_numpy() == rows.loc[texts.index, "cluster_name"].to_numpy()
    assert agree.mean() >= 0.8

    page = nbtrain.write_report(tmp_path / "report.html", result).read_text(encoding="utf-8")
    assert f"{len(spoken):,} documents" in page

    # Some of it is kept as labelled intents, turn by turn.
    known = nbtrain.export_intents(result, tmp_path / "known.json", df, **columns)
    assert known.documents == len(spoken)
    again = submit(
        TrainingRequest(
            "turns-again", data, Clustering(205, unit="utterance"), secondary_data=known
        ),
        service,
    )
    with pytest.raises(nbtrain.RunFailed, match="only 0 different unlabelled"):
        again.result(timeout=240)
    best = sorted(result.clusters, key=lambda cluster: -cluster.size)[:5]
    names = {cluster.name for cluster in best}
    some = labelled[labelled["cluster_name"].isin(names)]
    known = nbtrain.write_intents(some, tmp_path / "some.json", text="text", intent="cluster_name")
    task = Clustering(30, unit="utterance")
    second = submit(TrainingRequest("turns-some", data, task, secondary_data=known), service)
    relabelled = nbtrain.label(df, second.result(timeout=240), timestamp="timestamp")
    assert (relabelled.loc[some.index, "cluster_name"] == some["cluster_name"]).all()


def test_one_long_dialogue_is_clustered_by_its_turns(
    service: LocalService, tmp_path: Path, conversations: pd.DataFrame
) -> None:
    df = conversations.assign(dialogue_id="meeting")
    data = nbtrain.write_dialogues(df, tmp_path / "d.json", **COLUMNS)
    task = Clustering(5, turns="all", unit="utterance")
    result = submit(TrainingRequest("meeting", data, task), service).result(timeout=240)
    said = df["text"].str.strip() != ""
    assert nbtrain.label(df, result)["cluster"].notna().tolist() == said.tolist()


@pytest.mark.parametrize("turns", ["agent", "all", "first"])
def test_other_turns_speak_for_a_dialogue(
    service: LocalService, tmp_path: Path, conversations: pd.DataFrame, turns: Any
) -> None:
    data = nbtrain.write_dialogues(conversations, tmp_path / "d.json", **COLUMNS)
    request = TrainingRequest(f"by-{turns}", data, Clustering(4, turns=turns))
    result = submit(request, service).result(timeout=240)
    assert (result.turns, result.unit) == (turns, "dialogue")
    labelled = nbtrain.label(conversations, result)
    assert (labelled.groupby("dialogue_id")["cluster"].nunique() == 1).all()
    said = conversations[conversations["speaker"] == ("agent" if turns == "agent" else "customer")]
    if turns != "all":
        assert all(
            any(part in text for text in said["text"])
            for cluster in result.clusters
            for part in cluster.examples[0].rstrip("…").split(" / ")[:1]
        )


def test_the_command_labels_each_turn(tmp_path: Path, service: LocalService) -> None:
    df = nbtrain.samples.conversations(60, n_intents=4)
    source, out = tmp_path / "turns.csv", tmp_path / "labels.csv"
    df.to_csv(source, index=False)

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "nbtrain", "train", str(source), "--text", "text"]
        line += ["--out", str(out), "--n-clusters", "6", *arguments]
        environment = {**os.environ, "NBTRAIN_HOME": str(service.home)}
        return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)

    wrong = command("--turns", "client", "--unit", "utterance", "--embedder", " ")
    assert wrong.returncode == 1
    for words in ("turns: is 'client'", "unit: is 'utterance', but", "embedder: is ' '"):
        assert words in wrong.stderr
    dialogues = ("--dialogue", "dialogue_id", "--speaker", "speaker")
    gone = command(*dialogues, "--embedder", str(tmp_path / "gone"))
    assert gone.returncode == 1
    assert "gone' is not there" in gone.stderr
    assert not out.exists()
    done = command(*dialogues, "--unit", "utterance", "--turns", "agent")
    assert done.returncode == 0, done.stderr
    labelled = pd.read_csv(out)
    assert labelled["text"].tolist() == df["text"].tolist()
    assert labelled["cluster"].notna().tolist() == (df["speaker"] == "agent").tolist()

    # What is put beside the vectors of the texts; a row for each dialogue.
    rows, report = tmp_path / "rows.npy", tmp_path / "report.html"
    np.save(rows, np.random.default_rng(0).normal(size=(60, 5)))
    done = command(*dialogues, "--embedder", str(rows), "--report", str(report))
    assert done.returncode == 0, done.stderr
    assert "precomputed: rows.npy" in report.read_text(encoding="utf-8")
