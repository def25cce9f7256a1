"""What is true of every clustering, whatever the texts."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score

from nbtrain.documents import DataSchema
from nbtrain.errors import RunFailed
from nbtrain.protocols.job import Job
from nbtrain.results import TrainingResult
from nbtrain.tasks import Clustering
from nbtrain.worker.artifacts import load_model
from nbtrain.worker.clustering import cosine_silhouette, spherical_kmeans
from nbtrain.worker.corpus import folded
from nbtrain.worker.training import train
from nbtrain.worker.word_vectors import unit_rows

from .strategies import CHEAP
from .strategies import texts as any_texts

CHEAPER = settings(CHEAP, max_examples=40)

WORDS = (
    "card", "lost", "stolen", "refund", "flight", "late", "router", "slow", "invoice", "twice",
    "kartım", "kayıp", "İade", "ışık", "طلبي", "أين", "注文", "😀", "🎉", "?", "42", "o'clock",
    "www.example.org",
)  # fmt: skip
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
corpora = st.lists(sentences | any_texts, min_size=1, max_size=40)
counts = st.just("auto") | st.integers(1, 8)
languages = st.sampled_from(["en-US", "tr-TR", "ar-SA", "nl-NL"])


def run(
    texts: list[str], n_clusters: Any, language: str = "en-US", *, ask: bool = False
) -> TrainingResult:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data.json"
        data.write_text(json.dumps([{"Text": text} for text in texts]), encoding="utf-8")
        job = Job("r", "m", folder, data, DataSchema.INTENT, language, Clustering(n_clusters))
        result = train(job, lambda message: None)
        if ask:
            told = load_model(folder).predict(result.document_ids, top_n=1)
            assert tuple(best.cluster_id for (best,) in told) == result.cluster_ids
        return result


@CHEAPER
@given(texts=corpora, n_clusters=counts, language=languages)
def test_a_complete_result_or_a_clear_error(
    texts: list[str], n_clusters: Any, language: str
) -> None:
    said = Counter(text for text in texts if text.strip())
    distinct = len({folded(text) for text in said})
    wanted = 2 if n_clusters == "auto" else max(2, n_clusters)
    if distinct < wanted:
        with pytest.raises(RunFailed) as caught:
            run(texts, n_clusters, language)
        assert "\n" not in str(caught.value)
        return
    result = run(texts, n_clusters, language)
    assert result.document_ids == tuple(said)
    assert len(result.cluster_ids) == len(result.confidences) == len(said)
    sizes = Counter[int]()
    for text, cluster in result.labels.items():
        sizes[cluster] += said[text]
    # Each cluster has a text, and no text is lost or counted twice.
    assert {cluster.cluster_id: cluster.size for cluster in result.clusters} == dict(sizes)
    assert sum(sizes.values()) == said.total()
    assert n_clusters in ("auto", result.n_clusters)
    of_key: dict[str, int] = {}
    for text, cluster in result.labels.items():
        assert of_key.setdefault(folded(text), cluster) == cluster
    names = {cluster.name for cluster in result.clusters} - {""}
    assert len(names) == result.n_clusters
    assert all(cluster.examples for cluster in result.clusters)


@CHEAPER
@given(texts=corpora, seed=st.integers(0, 5))
def test_another_order_of_the_rows_changes_their_order_only(texts: list[str], seed: int) -> None:
    if len({folded(text) for text in texts if text.strip()}) < 3:
        return
    # Of texts that differ in case only, the first is shown: so these come once.
    texts = list({folded(text): text for text in texts}.values())
    shuffled = random.Random(seed).sample(texts, len(texts))
    one, other = run(texts, 3), run(shuffled, 3)
    assert one.labels == other.labels
    assert one.clusters == other.clusters
    assert one.metrics == other.metrics


@pytest.mark.parametrize("n", [30, 120])
def test_the_kept_model_puts_each_text_where_it_was(n: int) -> None:
    rng = random.Random(n)
    texts = [" ".join(rng.sample(WORDS[:10], 3)) + f" {place}" for place in range(n)]
    run(texts, 4, ask=True)


@CHEAP
@given(
    n_rows=st.integers(3, 80),
    n_dimensions=st.integers(2, 20),
    k=st.integers(2, 12),
    seed=st.integers(0, 1000),
)
def test_silhouettes_are_those_of_scikit_learn(
    n_rows: int, n_dimensions: int, k: int, seed: int
) -> None:
    k = min(k, n_rows - 1)
    rng = np.random.default_rng(seed)
    rows = unit_rows(rng.standard_normal((n_rows, n_dimensions)))
    labels = rng.permutation(np.concatenate([np.arange(k), rng.integers(k, size=n_rows - k)]))
    expected = silhouette_score(rows, labels, metric="cosine")
    assert cosine_silhouette(rows, labels) == pytest.approx(expected, abs=1e-4)
    fit = spherical_kmeans(rows, k, np.ones(n_rows), rng)
    expected = silhouette_score(rows, fit.labels, metric="cosine")
    assert fit.silhouette == pytest.approx(expected, abs=1e-4)
    assert sorted(set(fit.labels.tolist())) == list(range(k))
