"""The trainer's figures side by side, from one run.

A script, not a test::

    python -m tests.benchmarks.trainer [quality auto labels sweep speed reuse growth progress ...]

- ``quality``: NMI / ARI / accuracy in percent at the true number of clusters, mean of three seeds
  (one for vectors and k-means), beside TF-IDF + LSA + KMeans, character LSA + KMeans, and, where
  ``NBTRAIN_TEST_MODEL`` names a folder for the neural extra, its vectors + KMeans, BERTopic on
  them, and the trainer with the extra.
- ``auto``, ``labels``, ``sweep``: what ``count_choice``, ``semi_supervised`` and ``sweep_speed``
  print.
- ``speed``: processor seconds of the whole worker process beside scikit-learn's TF-IDF + LSA +
  KMeans with three restarts, CLINC150.
- ``reuse``: what ``feature_reuse`` prints.
- ``growth``: seconds and peak memory of the worker process, 10,000 to 1,000,000 distinct texts.
- ``progress``: how far the shown fraction is from the share of the time, and where time went.

All with one thread. Seconds are of the processor. Without parts: all of them.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec

if __name__ == "__main__":
    from nbtrain.worker.__main__ import limit_threads

    limit_threads()

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from nbtrain import __version__
from nbtrain.tasks import Clustering, IntentClassification
from nbtrain.worker.clustering import spherical_kmeans
from nbtrain.worker.features import Embedder
from nbtrain.worker.neural import NeuralEmbedder
from tests.benchmarks import count_choice, feature_reuse, semi_supervised, sweep_speed
from tests.benchmarks._worker_runs import noisy, run_sweep_worker, run_worker
from tests.benchmarks.clustering_quality import (
    Array,
    Passages,
    cluster_rows,
    load,
    make_embedder,
    neural_model,
    scores,
    timed,
)

SEEDS = (0, 1, 2)
SETS = ("banking77", "clinc150", "xsid-tr", "xsid-ar", "xsid-it", "xsid-nl")
SWEEPS = (
    (500, range(2, 31), (0,)),
    (3000, range(2, 61), (0,)),
    (3000, range(2, 31), (0, 1, 2)),
    (22_500, range(2, 61), (0,)),
    (22_500, range(20, 301, 40), (0,)),
)
GROWTH = (10_000, 30_000, 100_000, 300_000, 1_000_000)


def quality(names: list[str]) -> None:
    """Print one block per data set."""
    for name in names:
        passages, truth, language = load(name)
        k = len(set(truth))
        print(f"{name}: {len(truth):,} x {k}", flush=True)
        row("TF-IDF + LSA + KMeans", truth, [kmeans(lsa(passages), k, s) for s in SEEDS])
        letters = lsa(passages, letters=True)
        row("character LSA + KMeans", truth, [kmeans(letters, k, s) for s in SEEDS])
        rows = neural_rows(passages)
        if rows is None:
            print("  neural + KMeans           not installed (onnxruntime, NBTRAIN_TEST_MODEL)")
            print("  BERTopic                  not installed")
        else:
            row("neural + KMeans", truth, [kmeans(rows, k, s) for s in SEEDS])
            bertopic(passages, truth, rows)
        row("nbtrain", truth, [ours(passages, language, k, s) for s in SEEDS])
        if folder := neural_model(language):
            beside = NeuralEmbedder(folder)
            found = [ours(passages, language, k, s, beside) for s in SEEDS]
            row("nbtrain, neural beside", truth, found)
        elif rows is not None:
            print("  nbtrain, neural beside    the model doesn't know the language: as without it")


def row(what: str, truth: list[str], labels: list[Array]) -> None:
    """Print the mean scores of several runs."""
    each = [[float(value) for value in scores(truth, one).split(" / ")] for one in labels]
    mean = " / ".join(f"{value:4.1f}" for value in np.mean(each, axis=0))
    spread = np.std([accuracy for _, _, accuracy in each])
    print(f"  {what:25} {mean}   (accuracy +-{spread:.1f})", flush=True)


def lsa(passages: Passages, *, letters: bool = False) -> Array:
    """Return unit rows of TF-IDF and LSA to 200 dimensions, on words or on character n-grams."""
    kind = {"analyzer": "char_wb", "ngram_range": (3, 5)} if letters else {}
    rows = TfidfVectorizer(sublinear_tf=True, min_df=2, **kind).fit_transform(
        map(" ".join, passages)
    )
    rank = min(200, rows.shape[1] - 1)
    return np.asarray(normalize(TruncatedSVD(rank, random_state=0).fit_transform(rows)))


def kmeans(rows: Array, k: int, seed: int, n_init: int = 1) -> Array:
    """Cluster with scikit-learn's KMeans."""
    return np.asarray(KMeans(k, n_init=n_init, random_state=seed).fit_predict(rows))


def ours(
    passages: Passages, language: str, k: int, seed: int, other: Embedder | None = None
) -> Array:
    """Cluster as the trainer does."""
    rows, row_of = cluster_rows(make_embedder(language, other, seed), passages, seed)
    weights = np.bincount(row_of).astype(np.float32)
    return spherical_kmeans(rows, k, weights, np.random.default_rng(seed)).labels[row_of]


def neural_rows(passages: Passages) -> Array | None:
    """Return the vectors of the neural model, if there is one, whatever language it knows."""
    folder = os.environ.get("NBTRAIN_TEST_MODEL")
    if not folder or not find_spec("onnxruntime"):
        return None
    embedder = NeuralEmbedder(folder)
    embedder.fit(passages)
    return embedder.transform(passages)


def bertopic(passages: Passages, truth: list[str], vectors: Array) -> None:
    """Print BERTopic's scores with its own settings; outliers are a cluster."""
    if find_spec("bertopic") is None:
        print("  BERTopic                  not installed")
        return
    model = import_module("bertopic").BERTopic()
    topics, _ = model.fit_transform([" ".join(passage) for passage in passages], vectors)
    labels = np.asarray(topics)
    row(f"BERTopic, {labels.max() + 1} topics", truth, [labels - labels.min()])
    print(f"  {'':25} {(labels < 0).mean():.0%} outliers")


def speed() -> None:
    """Print the processor seconds of one training, and of scikit-learn's steps."""
    passages, truth, _ = load("clinc150")
    k = len(set(truth))
    _, theirs = timed(lambda: kmeans(lsa(passages), k, 0, 3))
    measured = run_worker([text for (text,) in passages], Clustering(k))
    print(f"{len(truth):,} texts, {k} clusters: TF-IDF + LSA + KMeans (3 restarts) {theirs:.1f} s")
    print(f"  nbtrain's worker process, start to end {measured.cpu:.1f} s, "
          f"{measured.cpu / theirs:.1f} times that", flush=True)  # fmt: skip


def growth(sizes: tuple[int, ...] = GROWTH) -> None:
    """Print time and memory by number of texts."""
    texts = [text for (text,) in load("clinc150")[0]]
    print("texts        CPU s   per 10,000   peak MiB   result MB   model MB   by stage")
    for n in sizes:
        measured = run_worker(list(noisy(texts, n)), Clustering(150))
        stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in measured.stages().items())
        print(f"{n:9,}  {measured.cpu:8.1f}  {measured.cpu / n * 1e4:10.2f}  "
              f"{measured.peak / 2**20:9.0f}  {measured.result_bytes / 1e6:10.1f}  "
              f"{measured.model_bytes / 1e6:9.1f}   {stages}", flush=True)  # fmt: skip


def progress() -> None:
    """Print how honest the fractions are, by size and kind of training."""
    passages, truth, _ = load("clinc150")
    texts = [text for (text,) in passages]
    deviations = []
    for n in (500, 5000, 22_500, 100_000):
        tasks = (Clustering(min(150, n // 25)), Clustering("auto"))
        for task in tasks:
            measured = run_worker(list(noisy(texts, n)), task)
            deviations.append(measured.deviation())
            print(f"{n:9,} texts, {task.n_clusters:>4} clusters: {measured.cpu:6.1f} s, "
                  f"deviation {deviations[-1]:.3f}", flush=True)  # fmt: skip
    for n, counts, seeds in SWEEPS:
        measured = run_sweep_worker(list(noisy(texts, n)), counts, seeds)
        deviations.append(measured.deviation())
        print(f"{n:9,} texts, sweep of {len(counts)} x {len(seeds)}: {measured.cpu:6.1f} s, "
              f"deviation {deviations[-1]:.3f}", flush=True)  # fmt: skip
    order = np.random.default_rng(0).permutation(len(texts))
    for n in (500, 5000, 22_500):
        chosen = order[:n].tolist()
        intents = [truth[place] for place in chosen]
        measured = run_worker([texts[place] for place in chosen], IntentClassification(), intents)
        deviations.append(measured.deviation())
        print(f"{n:9,} texts, intent model: {measured.cpu:6.1f} s, "
              f"deviation {deviations[-1]:.3f}", flush=True)  # fmt: skip
    print(f"mean deviation of fraction and share of the time {np.mean(deviations):.3f}")


PARTS: dict[str, Callable[[], None]] = {
    "quality": partial(quality, list(SETS)),
    "auto": partial(count_choice.main, list(count_choice.SETS)),
    "labels": partial(semi_supervised.main, ["banking77"]),
    "sweep": partial(sweep_speed.main, ["--quick", "clinc150"]),
    "speed": speed,
    "reuse": feature_reuse.main,
    "growth": growth,
    "progress": progress,
}


def main(names: list[str]) -> None:
    """Print the parts asked for."""
    if unknown := [name for name in names if name not in PARTS]:
        raise SystemExit(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "scikit-learn"))
    print(f"Python {platform.python_version()}, nbtrain {__version__}, {packages}, "
          f"seeds {SEEDS}")  # fmt: skip
    for name in names or PARTS:
        print(f"\n== {name}")
        PARTS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
