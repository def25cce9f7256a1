"""The sweep over k beside a loop of KMeans and silhouettes in scikit-learn, in one run.

A script, not a test::

    python -m tests.benchmarks.sweep_speed [--quick] [clinc150 banking77 ...]

k = 2 to 60 on the trainer's own vectors of a data set, and, if not quick, on TF-IDF + LSA of 200;
seconds of one processor thread. The loop fits ``KMeans(k, n_init="auto")`` and scores each fit
with ``silhouette_score(sample_size=2000)``. Its full silhouette is timed once, and counted as often
as there are k. Objectives are mean cosines of texts to their cluster's centre. The
limit is what the matrix products alone cost that the sweep's steps over all rows need.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from typing import Any

if __name__ == "__main__":
    from nbtrain.worker.__main__ import limit_threads

    limit_threads()

import numpy as np
import scipy
import sklearn
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import normalized_mutual_info_score, silhouette_score
from sklearn.preprocessing import normalize

from nbtrain.sweep_plans import coarse_to_fine
from nbtrain.worker.sweep import sweep

from .clustering_quality import Passages, embed, load

KS = range(2, 61)
SEEDS = (0, 1, 2)

Array = np.ndarray[Any, Any]


def lsa(passages: Passages) -> Array:
    """TF-IDF, LSA to 200 dimensions, unit rows."""
    rows = TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform(map(" ".join, passages))
    rank = min(200, rows.shape[1] - 1)
    reduced = normalize(TruncatedSVD(rank, random_state=0).fit_transform(rows))
    kept = np.linalg.norm(reduced, axis=1) > 0
    reduced[~kept, 0] = 1.0
    return np.asarray(reduced, dtype=np.float32)


def objective(rows: Array, labels: Array) -> float:
    """Mean cosine to the own cluster's centre."""
    sums = np.zeros((int(labels.max()) + 1, rows.shape[1]))
    np.add.at(sums, labels, rows)
    return float(np.linalg.norm(sums, axis=1).sum() / len(rows))


def compare(name: str, rows: Array, truth: list[str]) -> None:
    """Print loop, sweep and limit for one set of vectors."""
    print(f"{name}: {rows.shape[0]:,} x {rows.shape[1]}", flush=True)
    ours: list[dict[int, tuple[float, float]]] = []
    spent, worst = [], 0.0
    for seed in SEEDS:
        weights, rng = np.ones(len(rows), np.float32), np.random.default_rng(seed)
        start = time.process_time()
        fits = list(sweep(rows, weights, coarse_to_fine(KS), rng))
        spent.append(time.process_time() - start)
        values = {}
        for fit in fits:
            agreement = normalized_mutual_info_score(truth, fit.labels)
            values[fit.scores.n_clusters] = (objective(rows, fit.labels), agreement)
        ours.append(values)
        if seed == SEEDS[0]:
            for fit in (fits[0], fits[1], fits[len(fits) // 2]):
                exact = silhouette_score(rows, fit.labels, metric="cosine")
                worst = max(worst, abs(exact - fit.scores.silhouette))
    fitting = sampled = 0.0
    loop = {}
    for k in KS:
        start = time.process_time()
        labels = KMeans(k, n_init="auto", random_state=0).fit_predict(rows)
        fitting += time.process_time() - start
        start = time.process_time()
        silhouette_score(rows, labels, metric="cosine", sample_size=2000, random_state=0)
        sampled += time.process_time() - start
        loop[k] = (objective(rows, labels), normalized_mutual_info_score(truth, labels))
    start = time.process_time()
    silhouette_score(rows, labels, metric="cosine")
    full = (time.process_time() - start) * len(KS)
    sweeping = float(np.mean(spent))
    loop_mean = np.mean(list(loop.values()), axis=0)
    print(f"  KMeans loop              {fitting:7.2f} s  objective {loop_mean[0]:.5f}  NMI "
          f"{100 * loop_mean[1]:.2f}")  # fmt: skip
    print(f"  silhouettes of 2,000     {sampled:7.2f} s; full ones {full:.0f} s")
    for values, seconds in zip(ours, spent, strict=True):
        mean = np.mean(list(values.values()), axis=0)
        least = min(values[k][0] / loop[k][0] for k in KS)
        print(f"  sweep                    {seconds:7.2f} s  objective {mean[0]:.5f}  NMI "
              f"{100 * mean[1]:.2f}  (worst k {least:.4f} of the loop's)")  # fmt: skip
    print(f"  times less: {(fitting + sampled) / sweeping:.1f} than with samples, "
          f"{(fitting + full) / sweeping:.0f} than with full silhouettes")  # fmt: skip
    print(f"  silhouette off scikit-learn's by {worst:.1e} at most")
    print(f"  matrix products of the steps over all rows: {limit(rows):.2f} s", flush=True)


def limit(rows: Array) -> float:
    """Seconds of two products of all rows with k centres, for each k."""
    columns = np.ascontiguousarray(rows.T)
    start = time.process_time()
    for k in KS:
        for _ in range(2):
            rows[:k] @ columns
    return time.process_time() - start


def main(names: list[str]) -> None:
    """Print one block per data set and kind of vector."""
    print(f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
          f"scikit-learn {sklearn.__version__}, seeds {SEEDS}, "
          f"core type {os.environ.get('OPENBLAS_CORETYPE', 'as found')}")  # fmt: skip
    quick = "--quick" in names
    for name in [name for name in names if name != "--quick"] or ["clinc150"]:
        passages, truth, language = load(name)
        rows, row_of = embed(passages, language)
        compare(f"{name}, the trainer's vectors", rows[row_of], truth)
        if not quick:
            compare(f"{name}, LSA", lsa(passages), truth)


if __name__ == "__main__":
    main(sys.argv[1:])
