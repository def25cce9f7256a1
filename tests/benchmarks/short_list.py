"""The short list of counts beside what other rules choose, in one run.

A script, not a test::

    python -m tests.benchmarks.short_list [--seeds N] [--draws N] [banking77 clinc150 sgd ...]

For each data set, on the trainer's vectors: the short list of a sweep for each seed, how far its
first entry and its nearest entry are from the true number of intents (as a factor), and which part
of two seeds' lists agrees, exactly and within 15 %. As in a sweep, vectors and outline are the same
for every seed; so the same is told of lists with an outline drawn by the seed, and of other 90 % of
the texts, embedded anew. Then the lists of shorter ranges. Beside it, on TF-IDF + LSA as users have
it: the highest silhouette and the elbow (kneedle over k, as yellowbrick draws it) of scikit-learn's
KMeans over the same range, and HDBSCAN's number of clusters on 50 dimensions. ``conversations`` and
``sentences`` are the made-up samples, whose number of intents is known, ``granular-A-B`` vectors of
A groups of B groups each, ``shuffled-SET`` the words of a set in random order.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

if __name__ == "__main__":
    from nbtrain.worker.__main__ import limit_threads

    limit_threads()

import numpy as np
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import silhouette_score

from nbtrain import samples
from nbtrain.curves import elbow
from nbtrain.recommendation import recommend
from nbtrain.sweep_results import Recommendation, SweepFit
from nbtrain.worker.agreement import NeighbourAgreement
from nbtrain.worker.chance import ChanceTest
from nbtrain.worker.embedders import SEED
from nbtrain.worker.outline import outline
from nbtrain.worker.sweep import sweep
from nbtrain.worker.word_vectors import unit_rows
from nbtrain.worker.words import Language

from .clustering_quality import Passages, embed, load
from .count_choice import shuffled
from .sweep_speed import lsa

SETS = ("banking77", "clinc150", "sgd", "xsid-en", "xsid-tr", "xsid-ar", "xsid-it", "xsid-nl",
        "conversations", "sentences", "granular-5-6", "granular-4-10", "shuffled-banking77",
        "shuffled-clinc150", "shuffled-sgd", "shuffled-xsid-tr")  # fmt: skip
_NEAR = 1.15
_KEPT = 0.9

Array = np.ndarray[Any, Any]


def texts_of(name: str) -> tuple[Passages, list[str], str]:
    """Return texts, their intents (none of shuffled ones) and the language."""
    if name == "sentences":
        made = samples.sentences(4000)
        return [(text,) for text in made["text"]], list(made["intent"]), "en-US"
    if name == "conversations":
        told = samples.conversations(1500)
        said = told[told["speaker"] == "customer"].groupby("dialogue_id", sort=False)["text"]
        intents = told.groupby("dialogue_id", sort=False)["intent"].first()
        by_id = {str(key): tuple(texts) for key, texts in said}
        return list(by_id.values()), [str(intents[key]) for key in by_id], "en-US"
    if name.startswith("shuffled-"):
        passages, _, language = load(name.removeprefix("shuffled-"))
        return shuffled(passages, 3000), [], language
    return load(name)


def granular(name: str) -> Array:
    """Return rows of groups in groups."""
    large, small = (int(part) for part in name.split("-")[1:])
    rng = np.random.default_rng(0)
    outer = np.repeat(unit_rows(rng.standard_normal((large, 60))), small, axis=0)
    inner = unit_rows(outer + 0.6 * unit_rows(rng.standard_normal(outer.shape)))
    rows = np.repeat(inner, 20, axis=0)
    return unit_rows(rows + 0.05 * rng.standard_normal(rows.shape))


def short_list(
    rows: Array,
    weights: Array,
    seed: int,
    told: Sequence[SweepFit],
    structure: float | None = None,
    ks: Sequence[int] = (),
) -> Recommendation:
    """Sweep and recommend."""
    agreement = NeighbourAgreement(rows, np.random.default_rng(SEED))
    fits = []
    for fit in sweep(rows, weights, ks or counts(len(rows)), np.random.default_rng(seed)):
        scores = {name: float(v) for name, v in asdict(fit.scores).items() if name != "overlapping"}
        scores["neighbour_agreement"], scores["cluster_agreement"] = agreement.of(fit.labels)
        fits.append(SweepFit(len(fit.centres), seed, scores=scores))
    return recommend(fits, len(rows), outline=told, structure=structure)


def entries(found: Recommendation) -> list[int]:
    """Return the counts of a short list."""
    return [candidate.n_clusters for candidate in found.candidates]


def counts(n_rows: int) -> list[int]:
    """Return the range: all up to 60, then by ratio to an eighth of the rows, at most 250."""
    largest = min(n_rows // 8, 250)
    wide = {round(k) for k in np.geomspace(2, largest, 45)}
    return sorted(wide if largest > 90 else range(2, min(largest, 60) + 1))


def others(rows: Array) -> str:
    """Say what the highest silhouette, the elbow and HDBSCAN choose."""
    ks = counts(len(rows))
    silhouettes, distortions = [], []
    for k in ks:
        found = KMeans(k, n_init="auto", random_state=0).fit(rows)
        some = {"sample_size": min(2000, len(rows)), "random_state": 0}
        silhouettes.append(silhouette_score(rows, found.labels_, metric="cosine", **some))
        distortions.append(-float(found.inertia_))
    dense = HDBSCAN(min_cluster_size=10, copy=False).fit_predict(rows[:, :50])
    return (
        f"silhouette {ks[int(np.argmax(silhouettes))]}, "
        f"elbow {elbow(ks, distortions, over_log=False)}, "
        f"HDBSCAN {dense.max() + 1} with {(dense < 0).mean():.0%} outliers"
    )


def agreeing(lists: list[list[int]], factor: float) -> float:
    """Return which part of the entries of one list has its like in another, over all pairs."""
    hits = [
        any(max(k / other, other / k) <= factor + 1e-9 for other in theirs)
        for pair in combinations(lists, 2)
        for mine, theirs in (pair, pair[::-1])
        for k in mine
    ]
    return float(np.mean(hits)) if hits else 1.0


def in_words(lists: list[list[int]]) -> str:
    """Say which part of the entries agrees."""
    return f"{agreeing(lists, 1.0):.0%} agree exactly, {agreeing(lists, _NEAR):.0%} within 15 %"


def drawn(passages: Passages, language: str, n_draws: int) -> list[list[int]]:
    """Return the lists of other nine tenths of the texts."""
    lists = []
    for draw in range(n_draws):
        kept = np.random.default_rng(1000 + draw).random(len(passages)) < _KEPT
        some = [passages[place] for place in np.flatnonzero(kept)]
        rows, row_of = embed(some, language)
        weights = np.bincount(row_of).astype(np.float32)
        lists.append(entries(short_list(rows, weights, 0, outline(rows, weights))))
    return lists


def numbers_of(arguments: list[str]) -> tuple[list[str], dict[str, int]]:
    """Split the numbers of seeds and draws from the names."""
    names, numbers, rest = [], {"--seeds": 10, "--draws": 5}, iter(arguments)
    for argument in rest:
        if argument in numbers:
            numbers[argument] = int(next(rest))
        else:
            names.append(argument)
    return names, numbers


def main(arguments: list[str]) -> None:
    """Print one block per data set."""
    names, numbers = numbers_of(arguments)
    n_seeds, n_draws = numbers["--seeds"], numbers["--draws"]
    firsts, nearest = [], []
    for name in names or SETS:
        structure: float | None = None
        if name.startswith("granular"):
            rows, beside = granular(name), ""
            truth: list[str] = []
            weights = np.ones(len(rows), np.float32)
        else:
            passages, truth, language = texts_of(name)
            rows, row_of = embed(passages, language)
            weights = np.bincount(row_of).astype(np.float32)
            structure = ChanceTest(passages, Language(language)).structure()
            beside = others(lsa(passages)) if truth else ""
        told = outline(rows, weights)
        found = [short_list(rows, weights, seed, told, structure) for seed in range(n_seeds)]
        lists = [entries(one) for one in found]
        true = len(set(truth))
        print(f"{name}: {f'true {true}' if truth else 'no intents'}; clear "
              f"{found[0].clear_structure}, beyond chance "
              f"{'-' if structure is None else f'{structure:.3f}'}")  # fmt: skip
        if truth:
            first = [max(one[0] / true, true / one[0]) for one in lists]
            near = [min(max(k / true, true / k) for k in one) for one in lists]
            firsts += first
            nearest += near
            print(f"  first off by {np.exp(np.mean(np.log(first))):.2f} (worst {max(first):.2f}), "
                  f"nearest of the list by {np.exp(np.mean(np.log(near))):.2f} (worst "
                  f"{max(near):.2f}); {beside}")  # fmt: skip
        print(f"  lists {lists[:4]}; of {n_seeds} seeds' entries {in_words(lists)}")
        freely = [
            entries(short_list(rows, weights, seed, outline(rows, weights, random_state=seed)))
            for seed in range(n_seeds)
        ]
        print(f"  with an outline drawn by the seed, too: {in_words(freely)}")
        for most in (60, 120):
            if truth and most < counts(len(rows))[-1]:
                short = short_list(rows, weights, 0, told, ks=range(2, most + 1))
                print(f"  of 2 to {most}: {entries(short)}; {short.summary}")
        if n_draws and truth:
            other_texts = drawn(passages, language, n_draws)
            print(f"  other 90 % of the texts: {other_texts}; {in_words(other_texts)}")
        print(f"  {found[0].summary}", flush=True)
    if firsts:
        print(f"off on the mean: first {np.exp(np.mean(np.log(firsts))):.2f}, nearest "
              f"{np.exp(np.mean(np.log(nearest))):.2f}")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
