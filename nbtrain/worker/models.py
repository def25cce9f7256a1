"""What a training makes: a model that says of new texts where they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol, Self

import numpy as np

from ..results import Prediction
from .bags import Array
from .diffusion import Diffusion
from .embedders import embedder_from_state, lexical_part
from .familiarity import familiarity
from .features import Embedder
from .out_of_domain import Gate
from .whitening import Whitening

__all__ = ["ClusterModel", "Model", "Told", "ranked", "softmax"]

# How sharply a difference of cosines tells: a text 0.1 nearer to one centre than to another is
# about seven times as likely to be of that cluster. Chosen by eye, not fitted.
_SHARPNESS = 20.0
_BLOCK = 1024


class Told(NamedTuple):
    """What a model says of a text; ``out_of_domain`` is None if it can't tell."""

    predictions: list[Prediction]
    out_of_domain: bool | None = None


class Model(Protocol):
    """A trained model, of any kind."""

    kind: ClassVar[str]
    names: tuple[str, ...]

    def tell(self, texts: Sequence[str], top_n: int | None = None) -> list[Told]:
        """Say of each text where it may belong, likeliest first; at most ``top_n`` places."""
        ...

    def predict(self, texts: Sequence[str], top_n: int | None = None) -> list[list[Prediction]]:
        """Return the places alone."""
        ...

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return what is to be kept: arrays, and the rest as JSON."""
        ...

    @classmethod
    def from_state(cls, arrays: Mapping[str, Array], rest: Mapping[str, Any]) -> Self:
        """Restore what :meth:`state` returned."""
        ...


@dataclass(slots=True)
class ClusterModel:
    """A trained clustering.

    Parameters
    ----------
    embedder : Embedder
    centres : ndarray of float32, shape (n_clusters, n_dimensions)
    names : tuple of str
        Of the clusters.
    whitening : Whitening, optional
        Turns the embedder's rows into those that were diffused.
    diffusion : Diffusion, optional
        Turns these into those that were clustered.
    gate : Gate, optional
        Tells by their familiarity which texts are unlike all that was learned from.
    """

    kind: ClassVar[str] = "clustering"

    embedder: Embedder
    centres: Array
    names: tuple[str, ...]
    whitening: Whitening | None = None
    diffusion: Diffusion | None = None
    gate: Gate | None = None

    def predict(self, texts: Sequence[str], top_n: int | None = None) -> list[list[Prediction]]:
        """Return the clusters of each text, nearest first."""
        return [told.predictions for told in self.tell(texts, top_n)]

    def tell(self, texts: Sequence[str], top_n: int | None = None) -> list[Told]:
        """Return the same, and whether a text is unlike all that was learned from."""
        found = []
        for start in range(0, len(texts), _BLOCK):
            passages = [(text,) for text in texts[start : start + _BLOCK]]
            rows = self.embedder.transform(passages)
            if self.whitening is not None:
                rows = self.whitening.apply(rows)
            outside: list[bool | None] = [None] * len(passages)
            if self.diffusion is not None:
                near = self.diffusion.near(rows)
                lexical = lexical_part(self.embedder)
                if self.gate is not None and lexical is not None:
                    like = familiarity(near[1], lexical.known_share(passages))
                    outside = self.gate.outside(like[:, None]).tolist()
                rows = self.diffusion.apply(rows, near=near)
            shares = softmax(_SHARPNESS * (rows @ self.centres.T))
            found += [
                Told([Prediction(self.names[place], place, share) for place, share in pairs], away)
                for pairs, away in zip(ranked(shares, top_n), outside, strict=True)
            ]
        return found

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the arrays, those of the embedder in half precision: it has no more."""
        arrays, rest = self.embedder.state()
        kept: dict[str, Array] = {name: array.astype(np.float16) for name, array in arrays.items()}
        kept |= {} if self.whitening is None else self.whitening.state()
        kept |= {} if self.diffusion is None else self.diffusion.state()
        return kept | {"centres": self.centres}, rest | {
            "embedding": self.embedder.name,
            "names": list(self.names),
            "least": None if self.gate is None else self.gate.least,
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, Array], rest: Mapping[str, Any]) -> ClusterModel:
        """Restore what :meth:`state` returned."""
        full = {name: array.astype(np.float32) for name, array in arrays.items()}
        centres = full.pop("centres")
        embedder = embedder_from_state(full, dict(rest))
        whitening, diffusion = Whitening.from_state(full), Diffusion.from_state(full)
        gate = None if rest["least"] is None else Gate(float(rest["least"]))
        return cls(embedder, centres, tuple(rest["names"]), whitening, diffusion, gate)


def softmax(scores: Array) -> Array:
    """Turn each row of scores into shares that sum to 1."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return np.asarray(shifted)


def ranked(shares: Array, top_n: int | None) -> list[list[tuple[int, float]]]:
    """Return the places of each row by falling share, at most ``top_n`` of them, with the shares.

    Examples
    --------
    >>> ranked(np.array([[0.2, 0.5, 0.3]]), 2)
    [[(1, 0.5), (2, 0.3)]]
    """
    order = np.argsort(-shares, axis=1, kind="stable")[:, :top_n]
    best = np.take_along_axis(shares, order, axis=1)
    return [
        list(zip(places, values, strict=True))
        for places, values in zip(order.tolist(), best.astype(float).tolist(), strict=True)
    ]
