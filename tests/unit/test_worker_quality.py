"""The vectors are clearly better than TF-IDF + LSA, on public data where they are present."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import normalized_mutual_info_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nbtrain.worker.choose_k import choose_count
from nbtrain.worker.clustering import spherical_kmeans
from nbtrain.worker.diffusion import Diffusion
from nbtrain.worker.features import LexicalEmbedder
from nbtrain.worker.words import Language


def texts_and_intents(path: Path, language: str | None = None) -> tuple[list[str], list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if language in (None, row.get("lang"))]
    return [row["text"] for row in rows], [row["intent"] for row in rows]


# TF-IDF + LSA + KMeans has 53 on BANKING77, and 67, 58 on the others.
@pytest.mark.parametrize(
    ("name", "language", "floor"),
    [("banking77", None, 0.70), ("xsid_open", "tr", 0.75), ("xsid_open", "ar", 0.72)],
)
def test_agrees_with_known_intents(
    shared_data: Path, name: str, language: str | None, floor: float
) -> None:
    texts, truth = texts_and_intents(shared_data / f"{name}.csv.gz", language)
    with threadpool_limits(1):
        agreement, chosen = train(texts, truth, language or "en")
    k = len(set(truth))
    assert agreement >= floor
    assert k / 2 <= chosen <= k * 2


def train(texts: list[str], truth: list[str], language: str) -> tuple[float, int]:
    """NMI at the true number of clusters, and the number that auto chooses."""
    passages = [(text,) for text in texts]
    embedder = LexicalEmbedder(Language(language))
    embedder.fit(passages)
    rows = embedder.transform(passages)
    rows = Diffusion.fit(rows, np.random.default_rng(0)).apply(rows)
    weights = np.ones(len(rows))
    fit = spherical_kmeans(rows, len(set(truth)), weights, np.random.default_rng(0))
    agreement = normalized_mutual_info_score(truth, fit.labels)
    return agreement, choose_count(rows, weights).n_clusters
