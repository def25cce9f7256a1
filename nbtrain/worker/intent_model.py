"""A trained intent classification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp

from ..results import Prediction
from .bags import Array
from .embedders import other_from_state
from .features import Embedder
from .logistic_regression import Weights
from .models import Told, ranked, softmax
from .out_of_domain import Gate
from .tfidf import TfidfFeatures

__all__ = ["IntentModel", "beside"]

_BLOCK = 2048
# Length of a neural vector; that of the other features is 1.
_SHARE = np.float32(1.0)


@dataclass(slots=True)
class IntentModel:
    """A trained intent classification.

    Parameters
    ----------
    features : TfidfFeatures
    weights : Weights
    names : tuple of str
        Of the intents.
    temperature : float
        What log-odds are divided by, so that the confidences mean what they say.
    gate : Gate, optional
        Tells texts that have none of the intents; without it every text has one.
    neural : Embedder, optional
        Its vectors are put beside the features.
    """

    kind: ClassVar[str] = "classification"

    features: TfidfFeatures
    weights: Weights
    names: tuple[str, ...]
    temperature: float = 1.0
    gate: Gate | None = None
    neural: Embedder | None = None

    def predict(self, texts: Sequence[str], top_n: int | None = None) -> list[list[Prediction]]:
        """Return the intents of each text, most probable first; none if it is out of domain."""
        return [told.predictions for told in self.tell(texts, top_n)]

    def tell(self, texts: Sequence[str], top_n: int | None = None) -> list[Told]:
        """Return the same, and whether a text is out of domain."""
        found = []
        for start in range(0, len(texts), _BLOCK):
            block = texts[start : start + _BLOCK]
            rows = self.features.transform(block)
            if self.neural is not None:
                rows = beside(rows, self.neural.transform([(text,) for text in block]))
            shares = softmax(self.weights.odds(rows) / self.temperature)
            outside: list[bool | None] = [None] * len(block)
            if self.gate is not None:
                outside = self.gate.outside(shares).tolist()
            for pairs, away in zip(ranked(shares, top_n), outside, strict=True):
                kept = [] if away else pairs
                places = [Prediction(self.names[place], None, share) for place, share in kept]
                found.append(Told(places, away))
        return found

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the features' arrays and the weights, these in half precision."""
        arrays, rest = self.features.state()
        arrays |= {"weights": self.weights.weights.astype(np.float16), "bias": self.weights.bias}
        gate = {} if self.gate is None else {"least": self.gate.least}
        neural = {} if self.neural is None else {"beside": self.neural.state()[1]}
        own = {"names": list(self.names), "temperature": self.temperature}
        return arrays, {**rest, **gate, **neural, **own}

    @classmethod
    def from_state(cls, arrays: Mapping[str, Array], rest: Mapping[str, Any]) -> IntentModel:
        """Restore what :meth:`state` returned."""
        weights = Weights(arrays["weights"].astype(np.float32), arrays["bias"])
        return cls(
            TfidfFeatures.from_state(arrays, rest),
            weights,
            tuple(rest["names"]),
            rest.get("temperature", 1.0),
            Gate(rest["least"]) if "least" in rest else None,
            other_from_state(rest["beside"]) if "beside" in rest else None,
        )


def beside(rows: sp.csr_matrix, vectors: Array) -> sp.csr_matrix:
    """Put vectors beside sparse rows, shape (n_rows, n_features + n_dimensions).

    Examples
    --------
    >>> beside(sp.csr_matrix([[1.0]]), np.array([[0.5, 0.0]])).toarray().tolist()
    [[1.0, 0.5, 0.0]]
    """
    return sp.csr_matrix(sp.hstack([rows, sp.csr_matrix(_SHARE * vectors)]), dtype=np.float32)
