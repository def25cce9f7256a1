"""What a finished run hands back."""

from __future__ import annotations

import dataclasses

import pytest

from nbtrain import TrainingResult, cluster_table
from nbtrain.documents import DataSchema
from nbtrain.results import Cluster, Overlap
from nbtrain.tables import overlaps_html


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


def test_the_table_names_the_clusters_that_overlap() -> None:
    shared = dataclasses.replace(result(), overlaps=(Overlap(0, 1, 1, 1.0),))
    assert list(cluster_table(shared)["overlaps"]) == [
        f"{shared.clusters[1].name} (1)",
        f"{shared.clusters[0].name} (1)",
    ]
    markup = overlaps_html(shared)
    assert markup.count("<tr>") == 2
    assert "100%" in markup
    assert overlaps_html(result()) == ""


def test_the_names_of_clusters_that_overlap_are_escaped() -> None:
    evil = (Cluster(0, "<img src=x>", 2), Cluster(1, "b", 1))
    shared = dataclasses.replace(result(), clusters=evil, overlaps=(Overlap(0, 1, 1, 1.0),))
    assert "<img" not in overlaps_html(shared)
    assert "&lt;img src=x&gt;" in overlaps_html(shared)


def test_the_table_of_no_clusters() -> None:
    empty = dataclasses.replace(
        result(), clusters=(), document_ids=(), cluster_ids=(), confidences=()
    )
    assert len(cluster_table(empty)) == 0
