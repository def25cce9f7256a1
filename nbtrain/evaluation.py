"""How well a trained intent model tells texts apart that it did not learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

__all__ = ["Confused", "ConfusionMatrix", "Evaluation", "PrecisionRecallCurve"]


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """How often texts of one label were taken for another.

    Parameters
    ----------
    labels : tuple of str
    cells : tuple of (int, int, int)
        True label, predicted label, number of texts; by position in ``labels``, and only where
        there are any. The position ``len(labels)`` stands for texts outside all labels.

    Examples
    --------
    >>> matrix = ConfusionMatrix(("card", "loan"), ((0, 0, 8), (0, 1, 2), (1, 1, 5)))
    >>> matrix.dense(), matrix.recall
    ([[8, 2], [0, 5]], (0.8, 1.0))
    >>> round(matrix.accuracy, 3), round(matrix.macro_f1, 3)
    (0.867, 0.861)
    """

    labels: tuple[str, ...]
    cells: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, labels: tuple[str, ...], pairs: Iterable[tuple[int, int]]) -> ConfusionMatrix:
        """Count pairs of true and predicted label.

        Examples
        --------
        >>> ConfusionMatrix.of(("card", "loan"), [(0, 0), (0, 1), (0, 0)]).cells
        ((0, 0, 2), (0, 1, 1))
        """
        counts: dict[tuple[int, int], int] = {}
        for true, predicted in pairs:
            pair = int(true), int(predicted)
            counts[pair] = counts.get(pair, 0) + 1
        return cls(labels, tuple((t, p, count) for (t, p), count in sorted(counts.items())))

    @property
    def texts(self) -> int:
        """Number of texts."""
        return sum(count for _, _, count in self.cells)

    @property
    def accuracy(self) -> float:
        """Share of texts whose label was predicted; 0 without texts."""
        return sum(self._hits()) / max(1, self.texts)

    @property
    def precision(self) -> tuple[float, ...]:
        """Share of the texts predicted as a label that have it, by label; 0 if there are none."""
        return _ratios(self._hits(), self._sums(1))[: len(self.labels)]

    @property
    def recall(self) -> tuple[float, ...]:
        """Share of a label's texts that were predicted as it, by label; 0 if there are none."""
        return _ratios(self._hits(), self._sums(0))[: len(self.labels)]

    @property
    def f1(self) -> tuple[float, ...]:
        """Harmonic mean of precision and recall, by label."""
        both = (x + y for x, y in zip(self._sums(0), self._sums(1), strict=True))
        return _ratios([2 * hits for hits in self._hits()], both)[: len(self.labels)]

    @property
    def macro_f1(self) -> float:
        """Mean of ``f1`` over all labels."""
        return sum(self.f1) / max(1, len(self.labels))

    @property
    def support(self) -> tuple[int, ...]:
        """Number of texts by true label."""
        return tuple(self._sums(0)[: len(self.labels)])

    def dense(self) -> list[list[int]]:
        """Return one row a true label, one column a predicted one.

        Texts outside all labels make a last row and column, if there are such.
        """
        size = len(self.labels) + any(len(self.labels) in cell[:2] for cell in self.cells)
        rows = [[0] * size for _ in range(size)]
        for true, predicted, count in self.cells:
            rows[true][predicted] = count
        return rows

    def _hits(self) -> list[int]:
        hits = [0] * (len(self.labels) + 1)
        for true, predicted, count in self.cells:
            if true == predicted:
                hits[true] = count
        return hits

    def _sums(self, place: int) -> list[int]:
        sums = [0] * (len(self.labels) + 1)
        for cell in self.cells:
            sums[cell[place]] += cell[2]
        return sums


def _ratios(upper: Iterable[int], lower: Iterable[int]) -> tuple[float, ...]:
    return tuple(x / y if y else 0.0 for x, y in zip(upper, lower, strict=True))


@dataclass(frozen=True, slots=True)
class PrecisionRecallCurve:
    """What it costs to be sure: all labels together, by the least confidence that counts.

    Parameters
    ----------
    threshold : tuple of float
        Confidences, rising; a text whose best label has less counts as not told.
    precision, recall, f1 : tuple of float
        At each threshold: right among those told, right among all, and their harmonic mean.
    """

    threshold: tuple[float, ...] = ()
    precision: tuple[float, ...] = ()
    recall: tuple[float, ...] = ()
    f1: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Confused:
    """A held-out text that was taken for another label."""

    text: str
    label: str
    predicted: str
    """Empty if the model said that it has none of the labels."""
    confidence: float
    """Of the prediction, 0 to 1; where that is empty, of the likeliest label."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the held-out texts say of an intent model.

    Parameters
    ----------
    confusion : ConfusionMatrix
        At the best epoch.
    curve : PrecisionRecallCurve
    thresholds : mapping of str to float
        By label: the confidence from which on its predictions are best trusted (highest F1).
    confused : tuple of Confused
        Held-out texts that were told wrongly, the most confident mistakes first.
    best_epoch, last_epoch : int
        The epoch after which held-out texts were told apart best, and the one that was trained
        last. The local service keeps a model that has then learned from all texts for as many
        epochs as the best has.
    stopped_early : bool
        Whether training ended before the epochs asked for.
    train_size, test_size : int
        Number of texts learned from, and held out.
    """

    confusion: ConfusionMatrix
    curve: PrecisionRecallCurve = field(default_factory=PrecisionRecallCurve)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    confused: tuple[Confused, ...] = ()
    best_epoch: int = 0
    last_epoch: int = 0
    stopped_early: bool = False
    train_size: int = 0
    test_size: int = 0
