"""Neighbours, diffusion over them, and weights by divergence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from nbtrain.worker.diffusion import Diffusion
from nbtrain.worker.features import LexicalEmbedder
from nbtrain.worker.neighbours import NeighbourIndex
from nbtrain.worker.reweighting import divergences
from nbtrain.worker.word_vectors import unit_rows
from nbtrain.worker.words import Language

Array = np.ndarray[Any, Any]


def blobs(n_blobs: int, per_blob: int, noise: float) -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    centres = unit_rows(rng.standard_normal((n_blobs, 30)))
    truth = np.repeat(np.arange(n_blobs), per_blob)
    return unit_rows(centres[truth] + noise * rng.standard_normal((len(truth), 30))), truth


@pytest.mark.parametrize(("per_blob", "least"), [(40, 1.0), (150, 0.9)])
def test_most_of_the_nearest_are_found(per_blob: int, least: float) -> None:
    rows, _ = blobs(30, per_blob, 0.15)
    index = NeighbourIndex.of(rows, np.random.default_rng(0))
    np.testing.assert_array_equal(np.unique(index.rows, axis=0), np.unique(rows, axis=0))
    queries = rows[::7]
    places, similar = index.search(queries, 10)
    exact = queries @ index.rows.T
    best = np.argsort(-exact, axis=1)[:, :10]
    shared = [len(set(a) & set(b)) for a, b in zip(places.tolist(), best.tolist(), strict=True)]
    assert np.mean(shared) >= 10 * least
    assert similar.max(axis=1) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(similar, np.take_along_axis(exact, places, axis=1), atol=1e-5)


def test_groups_tighten_and_a_new_row_joins_its_group() -> None:
    rows, truth = blobs(8, 60, 0.25)
    diffusion = Diffusion.fit(rows, np.random.default_rng(0))
    drawn = diffusion.apply(rows)
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), 1.0, atol=1e-5)
    same = truth[:, None] == truth[None, :]

    def gap(of: Array) -> float:
        similar = of @ of.T
        return float(similar[same].mean() - similar[~same].mean())

    assert gap(drawn) > gap(rows) + 0.2
    new = unit_rows(rows[truth == 3].mean(axis=0)[None, :] + 0.02)
    nearest = (diffusion.apply(new) @ drawn.T).argmax()
    assert truth[nearest] == 3


def test_a_kept_diffusion_tells_exactly_the_same() -> None:
    rows, _ = blobs(30, 80, 0.3)
    diffusion = Diffusion.fit(rows, np.random.default_rng(0))
    loaded = Diffusion.from_state(diffusion.state())
    assert loaded is not None
    np.testing.assert_array_equal(loaded.apply(rows[:50]), diffusion.apply(rows[:50]))
    assert Diffusion.from_state({}) is None


@pytest.mark.parametrize("n", [1, 2, 3, 12, 50])
def test_few_rows(n: int) -> None:
    rows, _ = blobs(n, 1, 0.0)
    drawn = Diffusion.fit(rows, np.random.default_rng(0)).apply(rows)
    assert np.isfinite(drawn).all()
    # Few rows must not all run into one.
    assert ((drawn @ rows.T).argmax(axis=1) == np.arange(n)).all()


def test_more_rows_than_anchors_are_diffused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbtrain.worker.diffusion._ANCHORS", 300)
    rows, truth = blobs(6, 200, 0.15)
    diffusion = Diffusion.fit(rows, np.random.default_rng(0))
    assert len(diffusion.smoothed) == 300
    drawn = diffusion.apply(rows)
    means = unit_rows(np.stack([drawn[truth == blob].mean(axis=0) for blob in range(6)]))
    assert ((drawn @ means.T).argmax(axis=1) == truth).all()


def test_what_all_clusters_hold_tells_nothing() -> None:
    everywhere = [1] * 40
    one_cluster = [1] * 10 + [0] * 30
    once = [1] + [0] * 39
    holds = sp.csr_matrix(np.array([everywhere, one_cluster, once]).T)
    told = divergences(holds, np.repeat(np.arange(4), 10), 4)
    assert told[0] == pytest.approx(0.0, abs=1e-6)
    assert told[1] > 3 * told[2] > 0


def test_greetings_lose_their_say() -> None:
    topics = ["card lost stolen", "flight ticket seat", "router wifi slow", "bill charged twice"]
    rng = np.random.default_rng(0)
    texts = []
    for number in range(400):
        words = [*rng.permutation(topics[number % 4].split())[:2], f"note{number % 50}"]
        greeting = ["hello", "there"][: number % 3]
        texts.append((" ".join([*greeting, *words]),))
    embedder = LexicalEmbedder(Language("en-US"))
    embedder.fit(texts)
    part = embedder.words
    share = {word: part.weights[at] / part.idf[at] for word, at in part.vocabulary.items()}
    telling = [share[word] for topic in topics for word in topic.split()]
    assert max(share["hello"], share["there"]) < 0.5 * min(telling)
