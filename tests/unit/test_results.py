"""What a finished run hands back."""

from __future__ import annotations

import dataclasses

import pytest

from nbtrain import TrainingResult, cluster_table
from nbtrain.documents import DataSchema
from nbtrain.results import Cluster


def result() -> TrainingResult:
    clusters = (
        Cluster(0, "card lost", 2, ("card", "lost"), ("my card is lost", "card gone")),
        Cluster(1, "<b>fee</b>", 1),
    )
    return TrainingResult(
        "r1", "topics", DataSchema.DIALOGUE, clusters, ("a", "b", "c"), (0, 1, 0), (0.9, 0.1, 0.5)
    )


def test_labels_are_parallel_to_the_documents() -> None:
    assert result().labels == {"a": 0, "b": 1, "c": 0}
    assert result().n_clusters == 2


def test_columns_of_different_length_are_not_paired_quietly() -> None:
    torn = dataclasses.replace(result(), cluster_ids=(0, 1))
    with pytest.raises(ValueError, match="zip"):
        _ = torn.labels


def test_the_repr_is_short() -> None:
    assert repr(result()) == "<TrainingResult of run r1: 3 documents in 2 clusters>"


def test_the_table_of_clusters() -> None:
    table = cluster_table(result())
    assert list(table.columns) == ["name", "size", "share", "keywords", "example"]
    assert table.index.name == "cluster"
    assert table.iloc[0].to_list() == [
        "card lost",
        2,
        pytest.approx(2 / 3),
        "card, lost",
        "my card is lost",
    ]
    assert table.loc[1, "example"] == ""
    assert table["share"].sum() == pytest.approx(1.0)


def test_the_table_of_no_clusters() -> None:
    empty = dataclasses.replace(
        result(), clusters=(), document_ids=(), cluster_ids=(), confidences=()
    )
    assert len(cluster_table(empty)) == 0
