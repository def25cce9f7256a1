"""What a training makes: a model that says of new texts where they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from ..results import Prediction
from .bags import Array
from .diffusion import Diffusion
from .embedders import embedder_from_state
from .features import Embedder
from .whitening import Whitening

__all__ = ["ClusterModel", "Model", "ranked", "softmax"]

# How sharply a difference of cosines tells: a text 0.1 nearer to one centre than to another is
# about seven times as likely to be of that cluster. Chosen by eye, not fitted.
_SHARPNESS = 20.0
_BLOCK = 1024


class Model(Protocol):
    """A trained model, of any kind."""

    kind: ClassVar[str]
    names: tuple[str, ...]

    def predict(self, texts: Sequence[str], top_n: int | None = None) -> list[list[Prediction]]:
        """Return for each text where it may belong, likeliest first; at most ``top_n`` places."""
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
    """

    kind: ClassVar[str] = "clustering"

    embedder: Embedder
    centres: Array
    names: tuple[str, ...]
    whitening: Whitening | None = None
    diffusion: Diffusion | None = None

    def predict(self, texts: Sequence[str], top_n: int | None = None) -> list[list[Prediction]]:
        """Return the clusters of each text, nearest first."""
        found = []
        for start in range(0, len(texts), _BLOCK):
            passages = [(text,) for text in texts[start : start + _BLOCK]]
            rows = self.embedder.transform(passages)
            if self.whitening is not None:
                rows = self.whitening.apply(rows)
            if self.diffusion is not None:
                rows = self.diffusion.apply(rows)
            shares = softmax(_SHARPNESS * (rows @ self.centres.T))
            found += [
                [Prediction(self.names[place], place, share) for place, share in pairs]
                for pairs in ranked(shares, top_n)
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
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, Array], rest: Mapping[str, Any]) -> ClusterModel:
        """Restore what :meth:`state` returned."""
        full = {name: array.astype(np.float32) for name, array in arrays.items()}
        centres = full.pop("centres")
        embedder = embedder_from_state(full, dict(rest))
        whitening, diffusion = Whitening.from_state(full), Diffusion.from_state(full)
        return cls(embedder, centres, tuple(rest["names"]), whitening, diffusion)


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
