"""The whole flow in code, on public data sets, through the real service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import nbtrain
from nbtrain import (
    Clustering,
    LocalService,
    RunState,
    TrainingPanel,
    TrainingRequest,
    TrainingResult,
)


def test_sentences_become_labelled_rows(
    shared_data: Path, tmp_path: Path, service: LocalService
) -> None:
    df = pd.read_csv(shared_data / "banking77.csv.gz")
    report = nbtrain.check(df, text="text", intent="intent")
    assert report.rows == report.documents == 13_083
    assert report.words == sum(len(text.split()) for text in df["text"])
    assert report.errors == ()
    df = df[::2].reset_index(drop=True)
    data = nbtrain.write_intents(df, tmp_path / "banking.json", text="text")
    request = TrainingRequest("banking77", data, Clustering(77))
    run = nbtrain.submit(request, service)
    result = run.result(timeout=120)
    labelled = nbtrain.label(df, result)
    assert result.n_clusters == 77
    assert labelled["text"].tolist() == df["text"].tolist()
    assert labelled["cluster"].notna().all()
    same = _by_panel(TrainingPanel(df, text="text", model_id="banking77-panel", n_clusters=77,
                                   service=service, folder=tmp_path))  # fmt: skip
    assert same.labels == result.labels
    # The share of a cluster's texts that have its commonest intent; by chance it would be 0.02.
    counts = pd.crosstab(labelled["cluster"], labelled["intent"])
    assert counts.max(axis=1).sum() / len(df) > 0.45


def test_conversations_become_labelled_turns(
    shared_data: Path, tmp_path: Path, service: LocalService
) -> None:
    df = pd.read_csv(shared_data / "sgd_dialogues.csv.gz").sample(frac=1, random_state=0)
    df = df.sort_values(["dialogue_id", "turn"], kind="stable")
    report = nbtrain.check(df, text="text", dialogue_id="dialogue_id", speaker="speaker")
    assert set(report.words_per_speaker.index) == {"customer", "agent"}
    assert int(report.words_per_speaker.sum()) == report.words
    assert len(report.words_per_document) == report.documents == df["dialogue_id"].nunique()
    data = nbtrain.write_dialogues(
        df, tmp_path / "sgd.json", dialogue_id="dialogue_id", speaker="speaker", text="text"
    )
    run = nbtrain.submit(TrainingRequest("sgd", data, Clustering("auto")), service)
    result = run.result(timeout=120)
    assert 5 <= result.n_clusters <= 60
    same = _by_panel(TrainingPanel(
        df, dialogue_id="dialogue_id", speaker="speaker", text="text", model_id="sgd-panel",
        service=service, folder=tmp_path,
    ))  # fmt: skip
    assert same.labels == result.labels
    labelled = nbtrain.label(df, result)
    assert len(labelled) == len(df)
    assert labelled.index.equals(df.index)
    assert labelled["cluster"].notna().all()
    assert (labelled.groupby("dialogue_id")["cluster"].nunique() == 1).all()


def _by_panel(panel: TrainingPanel) -> TrainingResult:
    """Press the button, and wait for what it brings."""
    panel.train()
    assert panel.monitor is not None
    assert panel.monitor.wait(120).state is RunState.SUCCEEDED
    assert panel.run is not None
    result = panel.run.result()
    panel.close()
    return result


@pytest.mark.parametrize("language", ["en-US", "tr-TR"])
def test_a_wrong_count_visibly_hurts_on_the_bundled_data(
    language: str, tmp_path: Path, service: LocalService
) -> None:
    df = nbtrain.samples.sentences(1000, language=language, random_state=1)
    data = nbtrain.write_intents(df, tmp_path / "s.json", text="text")
    right = df["intent"].nunique()

    def pairs_kept(n_clusters: int) -> float:
        """F1 of 'these two rows belong together' against the true intents."""
        request = TrainingRequest(f"count-{n_clusters}", data, Clustering(n_clusters), language)
        labelled = nbtrain.label(df, nbtrain.submit(request, service).result())
        table = pd.crosstab(labelled["cluster"], labelled["intent"])

        def pairs(counts: Any) -> float:
            return float((counts * (counts - 1)).sum()) / 2

        together = pairs(table.stack())
        return 2 * together / (pairs(table.sum(axis=0)) + pairs(table.sum(axis=1)))

    good = pairs_kept(right)
    assert good > 0.25
    assert good > 1.15 * pairs_kept(max(2, right // 4))
    assert good > 1.15 * pairs_kept(right * 4)


def test_sizes_count_repeated_sentences_as_often_as_they_came(
    tmp_path: Path, service: LocalService
) -> None:
    texts = ["refund please"] * 50 + ["where is my parcel", "my parcel is late", "card lost"]
    df = pd.DataFrame({"text": texts})
    data = nbtrain.write_intents(df, tmp_path / "s.json", text="text")
    result = nbtrain.submit(TrainingRequest("repeated", data, Clustering(3)), service).result()
    counts = nbtrain.label(df, result)["cluster"].value_counts()
    assert [cluster.size for cluster in result.clusters] == [counts[i] for i in range(3)]
    assert result.documents == len(df)
    assert nbtrain.cluster_table(result)["share"].sum() == pytest.approx(1.0)
