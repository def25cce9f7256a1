"""A trained intent classification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..results import Prediction
from .bags import Array
from .logistic_regression import Weights
from .models import ranked, softmax
from .out_of_domain import Gate
from .tfidf import TfidfFeatures

__all__ = ["IntentModel"]

_BLOCK = 2048


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
    """

    kind: ClassVar[str] = "classification"

    features: TfidfFeatures
    weights: Weights
    names: tuple[str, ...]
    temperature: float = 1.0
    gate: Gate | None = None

    def predict(self, texts: Sequence[str], top_n: int | None = None) -> list[list[Prediction]]:
        """Return the intents of each text, most probable first; none if it is out of domain."""
        found = []
        for start in range(0, len(texts), _BLOCK):
            rows = self.features.transform(texts[start : start + _BLOCK])
            shares = softmax(self.weights.odds(rows) / self.temperature)
            known = np.ones(len(shares), bool) if self.gate is None else ~self.gate.outside(shares)
            found += [
                [Prediction(self.names[place], None, share) for place, share in pairs if inside]
                for pairs, inside in zip(ranked(shares, top_n), known.tolist(), strict=True)
            ]
        return found

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the features' arrays and the weights, these in half precision."""
        arrays, rest = self.features.state()
        arrays |= {"weights": self.weights.weights.astype(np.float16), "bias": self.weights.bias}
        gate = {} if self.gate is None else {"least": self.gate.least}
        return arrays, rest | gate | {"names": list(self.names), "temperature": self.temperature}

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
        )
