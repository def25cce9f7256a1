"""What "auto" chooses on data with known intents.

A script, not a test::

    python -m tests.benchmarks.count_choice [banking77 clinc150 sgd xsid-tr ...]

For each data set: the true number of intents, the choice for three seeds with its readings, the
factor between them, and NMI in percent at the choice and at the true number. Also what the maximum
of the silhouette and the linear elbow would have chosen.
"""

from __future__ import annotations

import random
import sys
from typing import Any

if __name__ == "__main__":
    from nbtrain.worker.__main__ import limit_threads

    limit_threads()

import numpy as np
from sklearn.metrics import normalized_mutual_info_score

from nbtrain.curves import elbow
from nbtrain.worker.choose_k import CountChoice, choose_count
from nbtrain.worker.clustering import spherical_kmeans

from .clustering_quality import Passages, embed, load

SEEDS = (0, 1, 2)
SETS = ("banking77", "clinc150", "sgd", "xsid-en", "xsid-tr", "xsid-ar", "xsid-it", "xsid-nl")

Array = np.ndarray[Any, Any]


def agreement(rows: Array, weights: Array, row_of: Array, truth: list[str], k: int) -> float:
    """NMI of one training with the intents, in percent."""
    fit = spherical_kmeans(rows, k, weights, np.random.default_rng(0))
    return 100 * float(normalized_mutual_info_score(truth, fit.labels[row_of]))


def others(choice: CountChoice) -> str:
    """What other rules would have chosen."""
    ks = [fit.n_clusters for fit in choice.fits]
    peak = choice.recommendation.readings["silhouette"]
    linear = elbow(ks, [fit.scores["objective"] for fit in choice.fits], over_log=False)
    return f"silhouette's maximum {peak}, linear elbow {linear}"


def shuffled(passages: Passages, limit: int) -> Passages:
    """Texts of the same lengths and words, drawn without order."""
    rng = random.Random(0)
    texts = [" ".join(passage).split() for passage in passages[:limit]]
    words = [word for text in texts for word in text]
    rng.shuffle(words)
    left = iter(words)
    return [(" ".join(next(left) for _ in text),) for text in texts]


def main(names: list[str]) -> None:
    """Print one block per data set."""
    factors = []
    for name in names:
        passages, truth, language = load(name)
        true = len(set(truth))
        print(f"{name}: true {true}")
        for seed in SEEDS:
            rows, row_of = embed(passages, language, seed=seed)
            weights = np.bincount(row_of).astype(np.float32)
            reference = agreement(rows, weights, row_of, truth, true)
            choice = choose_count(rows, weights)
            k = choice.n_clusters
            found = agreement(rows, weights, row_of, truth, k)
            factors.append(max(k / true, true / k))
            print(f"  seed {seed}: {k} (factor {factors[-1]:.2f}), NMI {found:.1f}, "
                  f"{found - reference:+.1f} against the true number's, "
                  f"{dict(choice.recommendation.readings)}; {others(choice)}",
                  flush=True)  # fmt: skip
    print(f"factor off, geometric mean {np.exp(np.mean(np.log(factors))):.2f}, "
          f"worst {max(factors):.2f}")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:] or list(SETS))
