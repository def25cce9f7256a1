"""The order of the documents in a file changes nothing but the order of the labels."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from nbtrain.documents import DataSchema
from nbtrain.protocols.job import Job
from nbtrain.results import TrainingResult
from nbtrain.tasks import Clustering
from nbtrain.worker.training import train

TOPICS = {
    "loss": ["card", "lost", "stolen", "block", "wallet", "missing", "thief"],
    "travel": ["flight", "airport", "boarding", "seat", "luggage", "gate", "delayed"],
    "billing": ["invoice", "charged", "twice", "refund", "payment", "bill", "amount"],
}


def records(n: int, labelled: bool) -> list[dict[str, str]]:
    rng = random.Random(3)
    rows = []
    for number in range(n):
        topic = list(TOPICS)[number % 3]
        row = {"Text": f"{' '.join(rng.sample(TOPICS[topic], 3))} please {number}"}
        if labelled and topic != "travel" and number % 4 == 0:
            row["Label"] = topic
        rows.append(row)
    return rows


def run(folder: Path, rows: list[dict[str, str]]) -> TrainingResult:
    folder.mkdir()
    data = folder / "data.json"
    data.write_text(json.dumps(rows), encoding="utf-8")
    job = Job("r", "m", folder, data, DataSchema.INTENT, "en-US", Clustering(4))
    return train(job, lambda message: None)


def places(result: TrainingResult) -> dict[str, tuple[float, float]]:
    found = result.document_map
    assert found is not None
    ids = [result.document_ids[document] for document in found.documents]
    return dict(zip(ids, zip(found.x, found.y, strict=True), strict=True))


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("n", [20, 90])
def test_order_changes_nothing(tmp_path: Path, n: int, labelled: bool) -> None:
    rows = records(n, labelled)
    shuffled = random.Random(9).sample(rows, n)
    one, other = run(tmp_path / "one", rows), run(tmp_path / "other", shuffled)
    assert [row["Text"] for row in shuffled] == list(other.document_ids)
    assert one.clusters == other.clusters
    assert one.labels == other.labels
    assert one.metrics == other.metrics
    assert one.overlaps == other.overlaps
    assert places(one) == places(other)
