"""The features of a corpus, whatever the number of clusters: made, or reused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from .bags import Array
from .corpus import Corpus
from .diffusion import Diffusion
from .distinct import Rows, distinct_rows, enough, intent_numbers, rows_of
from .embedders import SEED, lexical_part, with_lexical
from .expected_times import embedding_times, reusing_times
from .familiarity import fit_familiarity
from .feature_cache import FeatureCache, surroundings
from .features import Embedder
from .out_of_domain import Gate
from .whitening import Whitening, fit_whitening

__all__ = ["Features", "features_of"]

Parts = Callable[[Sequence[float]], list[Callable[[float], None]]]

_FORMAT = 3
_BLOCK = 1000


@dataclass(slots=True)
class Features:
    """What is clustered, and how it was made.

    Parameters
    ----------
    rows : Rows
    embedder : Embedder
        Fitted.
    whitening : Whitening or None
    diffusion : Diffusion
    gate : Gate or None
        Tells texts unlike these.
    source : str
        Where they are from, for the provenance.
    """

    rows: Rows
    embedder: Embedder
    whitening: Whitening | None
    diffusion: Diffusion
    gate: Gate | None
    source: str


def features_of(
    corpus: Corpus,
    embedder: Embedder,
    n_clusters: int,
    cache: FeatureCache,
    parts: Parts,
) -> Features:
    """Embed the texts, merge equal rows, whiten and diffuse them, unless that was done before.

    They are a function of the texts: their few draws, such as which of a million texts are learned
    from, have a seed of their own (:data:`~nbtrain.worker.embedders.SEED`), so that trainings and
    sweeps of any ``random_state`` cluster the same rows. Reused features are the same to the last
    bit.

    Parameters
    ----------
    corpus : Corpus
        In one order, see :func:`~nbtrain.worker.distinct.in_one_order`.
    embedder : Embedder
        Not fitted; the language is its own.
    n_clusters : int
        The most that the rows are to be clustered into, 2 if that isn't known. It matters only
        where the texts have too few different rows, see
        :func:`~nbtrain.worker.distinct.distinct_rows`.
    cache : FeatureCache
    parts : callable
        Given how long each part is likely to take, in seconds, returns a ``progress`` for each:
        :meth:`~nbtrain.worker.reporting.Reporter.parts`.
    """
    key = _key(corpus, embedder)
    for merged in (True, False):
        name = _name(key, merged=merged)
        found = cache.get(name)
        if found is None:
            continue
        if enough(found[1]["n_free"], corpus, n_clusters) is not merged:
            continue
        loading, reading = parts(reusing_times(len(corpus.entries)))
        loading(1.0)
        features = _restored(*found, corpus, embedder)
        reading(1.0)
        return features
    features = _made(corpus, embedder, n_clusters, parts)
    merged = enough(features.rows.n_free, corpus, n_clusters)
    cache.put(_name(key, merged=merged), *_state(features))
    return features


def _made(corpus: Corpus, embedder: Embedder, n_clusters: int, parts: Parts) -> Features:
    rng = np.random.default_rng(SEED)
    passages = [entry.passages for entry in corpus.entries]
    n_unread = embedder.n_unread(passages)
    loading, learning, transforming, finding, diffusing = parts(
        embedding_times(len(passages), n_unread=n_unread)
    )
    loading(1.0)
    embedder.fit(passages, learning, intent_numbers(corpus))
    vectors = embedder.transform(passages, transforming)
    rows = distinct_rows(vectors, corpus, n_clusters)
    del vectors  # of a million texts almost a gigabyte
    whitening = fit_whitening(rows.vectors, rows.fixed)
    if whitening is not None:
        rows.vectors = whitening.apply(rows.vectors)
    diffusion = Diffusion.fit(rows.vectors, rng, finding)
    gate = None
    if (lexical := lexical_part(embedder)) is not None:
        one_each = np.unique(rows.row_of, return_index=True)[1].tolist()
        texts = [passages[place] for place in one_each]
        judging = np.random.default_rng(SEED)
        gate = fit_familiarity(lexical, texts, rows.vectors, diffusion, judging)
    rows.vectors = diffusion.apply(rows.vectors, diffusing)
    return Features(rows, embedder, whitening, diffusion, gate, "made in this run")


def _key(corpus: Corpus, embedder: Embedder) -> str:
    """Hash all that the features depend on; how often a text comes is not of it."""
    passages = [entry.passages for entry in corpus.entries]
    about = {
        "format": _FORMAT,
        "nbtrain": __version__,
        "code": _code(),
        "surroundings": surroundings(),
        "embedder": embedder.identity(passages),
    }
    digest = hashlib.sha256(json.dumps(about).encode())
    numbers = intent_numbers(corpus).tolist()
    for start in range(0, len(passages), _BLOCK):
        part = slice(start, start + _BLOCK)
        digest.update(json.dumps([passages[part], numbers[part]]).encode())
    return digest.hexdigest()


def _code() -> str:
    """Hash the code that computes: while it is worked on, its version stays."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _name(key: str, *, merged: bool) -> str:
    return f"features-{key[:40]}-{'merged' if merged else 'whole'}"


def _state(features: Features) -> tuple[dict[str, Array], dict[str, Any]]:
    rows, whitening = features.rows, features.whitening
    arrays, rest = features.embedder.state()
    return (
        {
            **{f"embedder_{name}": array for name, array in arrays.items()},
            **({} if whitening is None else whitening.state()),
            **features.diffusion.state(),
            "vectors": rows.vectors,
            "row_of": rows.row_of,
        },
        {
            "embedder": rest,
            "shrinkage": None if whitening is None else whitening.shrinkage,
            "gate": None if features.gate is None else features.gate.least,
            "n_free": rows.n_free,
        },
    )


def _restored(
    arrays: Mapping[str, Array], rest: Mapping[str, Any], corpus: Corpus, embedder: Embedder
) -> Features:
    prefix = "embedder_"
    own = {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
    whitening = Whitening.from_state(arrays)
    if whitening is not None:
        whitening.shrinkage = float(rest["shrinkage"])
    diffusion = Diffusion.from_state(arrays)
    assert diffusion is not None
    return Features(
        rows=rows_of(arrays["vectors"], arrays["row_of"], corpus, rest["n_free"]),
        embedder=with_lexical(embedder, own, rest["embedder"]),
        whitening=whitening,
        diffusion=diffusion,
        gate=None if rest["gate"] is None else Gate(float(rest["gate"])),
        source="reused from an earlier run",
    )
