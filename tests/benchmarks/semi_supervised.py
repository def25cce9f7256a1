"""What labelled intents add to a clustering, in one run.

A script, not a test::

    python -m tests.benchmarks.semi_supervised [banking77 clinc150 ...]

Of 25, 50 and 75 % of the intents 10 % of the training texts are labelled, drawn anew for each of
three seeds; all texts are clustered together, at the true number of clusters. It prints NMI, ARI
and accuracy (best matching of clusters and intents) on the official test split, in percent, for

- the same texts without labels,
- plain seeded k-means on the same vectors: means of the labelled texts as starting centres, the
  other centres by k-means++, and nothing fixed,
- the trainer,

and for the trainer how many labelled texts lie elsewhere than in their intent's cluster. The last
table has fewer labels: 2 % of the texts, at least two, of half of the intents. With
``NBTRAIN_TEST_MODEL`` it all comes twice, as in ``clustering_quality``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from nbtrain.worker.__main__ import limit_threads

    limit_threads()

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus

from nbtrain.worker.clustering import spherical_kmeans
from nbtrain.worker.diffusion import Diffusion
from nbtrain.worker.features import Embedder
from nbtrain.worker.neural import NeuralEmbedder
from nbtrain.worker.whitening import fit_whitening
from nbtrain.worker.word_vectors import unit_rows
from tests.benchmarks.clustering_quality import (
    accuracy,
    load,
    make_embedder,
    neural_model,
    read,
    scores,
)

Array = np.ndarray[Any, Any]

SEEDS = 3


def draw_labels(truth: Array, may: Array, share: float, part: float, seed: int) -> Array:
    """Return the number of the known intent of each labelled text, -1 for all others.

    Parameters
    ----------
    truth : ndarray of int
        The intent of each text.
    may : ndarray of bool
        Which texts may be labelled.
    share : float
        Of the intents, how many are known.
    part : float
        Of their texts, how many are labelled; at least two each.
    seed : int
    """
    rng = np.random.default_rng(seed)
    n_intents = int(truth.max()) + 1
    fixed = np.full(len(truth), -1)
    for place, intent in enumerate(rng.permutation(n_intents)[: round(share * n_intents)]):
        texts = rng.permutation(np.flatnonzero((truth == intent) & may))
        fixed[texts[: max(2, round(part * len(texts)))]] = place
    return fixed


def cluster(rows: Array, k: int, fixed: Array | None, seed: int) -> Array:
    """Cluster as the trainer does."""
    if fixed is not None:
        whitening = fit_whitening(rows, fixed)
        rows = rows if whitening is None else whitening.apply(rows)
    rows = Diffusion.fit(rows, np.random.default_rng(seed)).apply(rows)
    weights = np.ones(len(rows), np.float32)
    return spherical_kmeans(rows, k, weights, np.random.default_rng(seed), fixed=fixed).labels


def seeded(rows: Array, k: int, fixed: Array, seed: int) -> Array:
    """Cluster with plain seeded k-means."""
    n_known = int(fixed.max()) + 1
    means = np.stack([rows[fixed == place].mean(axis=0) for place in range(n_known)])
    others, _ = kmeans_plusplus(rows, k - n_known, random_state=seed)
    centres = np.vstack([unit_rows(means), others])
    return np.asarray(KMeans(k, init=centres, n_init=1).fit_predict(rows))


def astray(labels: Array, fixed: Array) -> int:
    """Count labelled texts that lie elsewhere than most of their intent."""
    count = 0
    for place in range(int(fixed.max()) + 1):
        count += int((fixed == place).sum()) - int(np.bincount(labels[fixed == place]).max())
    return count


def main(names: list[str]) -> None:
    """Print one block per data set."""
    for name in names:
        block(name, None)
        if folder := neural_model(load(name)[2]):
            block(name, NeuralEmbedder(folder))


def block(name: str, neural: Embedder | None) -> None:
    """Print one data set, with a neural embedder beside the lexical one if there is one."""
    passages, intents, language = load(name)
    number = {intent: place for place, intent in enumerate(dict.fromkeys(intents))}
    truth = np.array([number[intent] for intent in intents])
    kept = [row for row in read(f"{name}.csv.gz") if not row["split"].startswith("oos")]
    test = np.array([row["split"] == "test" for row in kept])
    embedder = make_embedder(language, neural)
    embedder.fit(passages)
    rows = embedder.transform(passages)
    k = len(number)
    drawn = Diffusion.fit(rows, np.random.default_rng(0)).apply(rows)
    judged = [intent for intent, is_test in zip(intents, test, strict=True) if is_test]
    print(f"{name}: {len(truth):,} texts, {int(test.sum()):,} of them judged, {k} intents")
    print(f" {embedder.name}")
    free = [cluster(rows, k, None, seed) for seed in range(SEEDS)]
    show("without labels", judged, free, test)
    for share, part in ((0.25, 0.1), (0.5, 0.1), (0.75, 0.1), (0.5, 0.02)):
        fixed = [draw_labels(truth, ~test, share, part, seed) for seed in range(SEEDS)]
        labelled = int((fixed[0] >= 0).sum())
        print(f" {share:.0%} of the intents, {labelled} texts labelled", flush=True)
        plain = [seeded(drawn, k, fixed[seed], seed) for seed in range(SEEDS)]
        show("plain seeded", judged, plain, test)
        found = []
        for seed, labels in enumerate(fixed):
            embedder = make_embedder(language, neural)
            embedder.fit(passages, labels=labels)
            found.append(cluster(embedder.transform(passages), k, labels, seed))
        show("nbtrain", judged, found, test)
        lost = sum(map(astray, found, fixed))
        print(f"  {'':16} {lost} labelled texts outside their intent's cluster", flush=True)


def show(what: str, judged: list[str], labels: list[Array], test: Array) -> None:
    """Print the mean scores of several runs."""
    each = [scores(judged, one[test]) for one in labels]
    numbers = np.array([[float(value) for value in line.split(" / ")] for line in each])
    mean = " / ".join(f"{value:4.1f}" for value in numbers.mean(axis=0))
    spread = 100 * float(np.std([accuracy(judged, one[test]) for one in labels]))
    print(f"  {what:16} {mean}   (accuracy +-{spread:.1f})", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["banking77"])
