"""A trained intent classification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..results import Prediction
from .bags import Array
from .logistic_regression import Weights
from .models import ranked
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
    """

    kind: ClassVar[str] = "classification"

    features: TfidfFeatures
    weights: Weights
    names: tuple[str, ...]

    def predict(self, texts: Sequence[str], top_n: int | None = None) -> list[list[Prediction]]:
        """Return the intents of each text, most probable first."""
        found = []
        for start in range(0, len(texts), _BLOCK):
            shares = self.weights.shares(self.features.transform(texts[start : start + _BLOCK]))
            found += [
                [Prediction(self.names[place], None, share) for place, share in pairs]
                for pairs in ranked(shares, top_n)
            ]
        return found

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the features' arrays and the weights, these in half precision."""
        arrays, rest = self.features.state()
        arrays |= {"weights": self.weights.weights.astype(np.float16), "bias": self.weights.bias}
        return arrays, rest | {"names": list(self.names)}

    @classmethod
    def from_state(cls, arrays: Mapping[str, Array], rest: Mapping[str, Any]) -> IntentModel:
        """Restore what :meth:`state` returned."""
        weights = Weights(arrays["weights"].astype(np.float32), arrays["bias"])
        return cls(TfidfFeatures.from_state(arrays, rest), weights, tuple(rest["names"]))
