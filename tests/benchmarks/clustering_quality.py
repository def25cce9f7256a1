"""Quality and time of the trainer's clustering beside TF-IDF + LSA + KMeans, in one run.

A script, not a test::

    python -m tests.benchmarks.clustering_quality [banking77 sgd clinc150 xsid-tr ...]

For each data set it prints NMI, ARI and accuracy (best matching of clusters and intents), in
percent, at the true number of clusters, the number that "auto" chooses, and seconds of one thread.
Where ``NBTRAIN_TEST_MODEL`` names the folder of a neural model and onnxruntime is installed, the
same is printed with its vectors beside the others, for the languages that it knows.
"""

from __future__ import annotations

import csv
import gzip
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    from nbtrain.worker.__main__ import limit_threads

    limit_threads()

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.preprocessing import normalize

from nbtrain.worker.choose_k import choose_count
from nbtrain.worker.clustering import spherical_kmeans
from nbtrain.worker.diffusion import Diffusion
from nbtrain.worker.embedders import JoinedEmbedder
from nbtrain.worker.features import Embedder, LexicalEmbedder
from nbtrain.worker.model_folder import find_model
from nbtrain.worker.neural import NeuralEmbedder
from nbtrain.worker.words import Language

DATA = Path(os.environ.get("NBTRAIN_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
LANGUAGES = {"en": "en-US", "tr": "tr-TR", "ar": "ar-SA", "it": "it-IT", "nl": "nl-NL"}

Array = np.ndarray[Any, Any]
Passages = list[tuple[str, ...]]


def read(name: str) -> list[dict[str, str]]:
    """Read one of the public data sets."""
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(name: str) -> tuple[Passages, list[str], str]:
    """Return texts, their true intents and the language of a data set."""
    if name == "banking77":
        rows = read("banking77.csv.gz")
    elif name == "clinc150":
        rows = [row for row in read("clinc150.csv.gz") if not row["split"].startswith("oos")]
    elif name == "sgd":
        return *sgd_dialogues(), "en-US"
    else:
        language = name.removeprefix("xsid-")
        rows = [row for row in read("xsid_open.csv.gz") if row["lang"] == language]
        return [(r["text"],) for r in rows], [r["intent"] for r in rows], LANGUAGES[language]
    return [(r["text"],) for r in rows], [r["intent"] for r in rows], "en-US"


def sgd_dialogues() -> tuple[Passages, list[str]]:
    """Return the customer's turns of each dialogue, and the first intent that it states."""
    turns: dict[str, list[str]] = {}
    intents: dict[str, str] = {}
    for row in read("sgd_dialogues.csv.gz"):
        if row["speaker"] == "customer":
            turns.setdefault(row["dialogue_id"], []).append(row["text"])
        if row["intent"]:
            intents.setdefault(row["dialogue_id"], row["intent"])
    known = [key for key in turns if key in intents]
    return [tuple(turns[key]) for key in known], [intents[key] for key in known]


def accuracy(truth: list[str], labels: Array) -> float:
    """Return the share of texts that the best matching of clusters and intents gets right."""
    names = {name: place for place, name in enumerate(dict.fromkeys(truth))}
    table = np.zeros((int(labels.max()) + 1, len(names)))
    np.add.at(table, (labels, np.array([names[name] for name in truth])), 1)
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum() / len(truth))


def scores(truth: list[str], labels: Array) -> str:
    """Return NMI / ARI / ACC in percent."""
    values = (
        normalized_mutual_info_score(truth, labels),
        adjusted_rand_score(truth, labels),
        accuracy(truth, labels),
    )
    return " / ".join(f"{100 * value:4.1f}" for value in values)


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return a value and the processor seconds that it took."""
    start = time.process_time()
    value = function()
    return value, time.process_time() - start


def baseline(passages: Passages, k: int) -> Array:
    """Cluster with TF-IDF, LSA to 200 dimensions, and KMeans."""
    rows = TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform(map(" ".join, passages))
    rank = min(200, rows.shape[1] - 1)
    rows = normalize(TruncatedSVD(rank, random_state=0).fit_transform(rows))
    return np.asarray(KMeans(k, n_init=1, random_state=0).fit_predict(rows))


def neural_model(language: str) -> str | None:
    """Return the folder of the neural model, if there is one that can be run in a language."""
    folder = os.environ.get("NBTRAIN_TEST_MODEL")
    if not folder or not find_spec("onnxruntime"):
        return None
    known = find_model(folder).languages
    return folder if not known or Language(language).name in known else None


def make_embedder(language: str, neural: Embedder | None = None, seed: int = 0) -> Embedder:
    """Make the trainer's embedder, with a neural one beside it if there is one."""
    lexical = LexicalEmbedder(Language(language), seed)
    return lexical if neural is None else JoinedEmbedder(lexical, neural)


def embed(
    passages: Passages, language: str, neural: str | None = None, seed: int = 0
) -> tuple[Array, Array]:
    """Return the rows that the trainer clusters, and which of them each text became."""
    model = NeuralEmbedder(neural) if neural else None
    return cluster_rows(make_embedder(language, model, seed), passages, seed)


def cluster_rows(embedder: Embedder, passages: Passages, seed: int = 0) -> tuple[Array, Array]:
    """Return the same for any embedder."""
    embedder.fit(passages)
    vectors = embedder.transform(passages)
    rows, row_of = np.unique(vectors, axis=0, return_inverse=True)
    diffusion = Diffusion.fit(rows, np.random.default_rng(seed))
    return diffusion.apply(rows), row_of.ravel()


def ours(passages: Passages, truth: list[str], language: str, neural: str | None = None) -> None:
    """Print three seeds of the trainer's steps, and the choice of "auto"."""
    (rows, row_of), embedding = timed(partial(embed, passages, language, neural))
    title = "nbtrain" if neural is None else "+ neural"
    weights = np.bincount(row_of).astype(np.float32)
    k = len(set(truth))
    for seed in range(3):
        rng = np.random.default_rng(seed)
        fit, seconds = timed(partial(spherical_kmeans, rows, k, weights, rng))
        labels = fit.labels[row_of]
        print(f"  {title}, seed {seed}       {scores(truth, labels)}  {seconds + embedding:5.1f} s")
    rng = np.random.default_rng(0)
    chosen, seconds = timed(partial(choose_count, rows, weights))
    print(f"  auto chooses {chosen.n_clusters} in {seconds:.1f} s", flush=True)


def main(names: list[str]) -> None:
    """Print one block per data set."""
    for name in names:
        passages, truth, language = load(name)
        k = len(set(truth))
        print(f"{name}: {len(truth):,} x {k}")
        labels, seconds = timed(partial(baseline, passages, k))
        print(f"  TF-IDF + LSA + KMeans  {scores(truth, labels)}  {seconds:5.1f} s")
        ours(passages, truth, language)
        if neural := neural_model(language):
            ours(passages, truth, language, neural)


if __name__ == "__main__":
    main(sys.argv[1:] or ["banking77", "sgd"])
