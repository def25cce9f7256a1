"""Which labels are taken for each other: an order that shows it, and the pairs with their texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from .evaluation import Confused, ConfusionMatrix, Evaluation

__all__ = ["OUTSIDE", "ConfusedPair", "OrderedMatrix", "confused_pairs", "order_labels"]

OUTSIDE = "(none of the labels)"
"""What stands for texts outside all labels."""


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Texts of one label that were taken for another.

    Parameters
    ----------
    label, predicted : str
    count : int
        How many.
    share : float
        Of the held-out texts of ``label``, 0 to 1.
    texts : tuple of Confused
        Those that the evaluation lists, the most confident mistakes first.
    """

    label: str
    predicted: str
    count: int
    share: float
    texts: tuple[Confused, ...]


def confused_pairs(evaluation: Evaluation) -> tuple[ConfusedPair, ...]:
    """List the pairs of labels that were confused, the most frequent first.

    Examples
    --------
    >>> matrix = ConfusionMatrix(("card", "loan"), ((0, 0, 8), (0, 1, 2), (1, 1, 5)))
    >>> for pair in confused_pairs(Evaluation(matrix)):
    ...     print(pair.label, pair.predicted, pair.count, pair.share)
    card loan 2 0.2
    """
    matrix = evaluation.confusion
    texts: dict[tuple[str, str], list[Confused]] = {}
    for one in evaluation.confused:
        texts.setdefault((one.label, one.predicted or OUTSIDE), []).append(one)
    names = (*matrix.labels, OUTSIDE)
    sums = _row_sums(matrix.cells)
    pairs = [
        ConfusedPair(names[true], names[told], count, count / sums[true],
                     tuple(texts.get((names[true], names[told]), ())))
        for true, told, count in matrix.cells
        if true != told
    ]  # fmt: skip
    return tuple(sorted(pairs, key=lambda pair: (-pair.count, -pair.share)))


@dataclass(frozen=True, slots=True)
class OrderedMatrix:
    """A confusion matrix whose labels are in an order that brings confused ones together.

    Parameters
    ----------
    labels : tuple of str
        In that order; :data:`OUTSIDE` comes last if any text was told to have no label.
    cells : tuple of (int, int, int, float)
        True label, predicted label, number of texts and their share of the true label's; by
        position in ``labels``.
    """

    labels: tuple[str, ...]
    cells: tuple[tuple[int, int, int, float], ...]

    @classmethod
    def of(cls, matrix: ConfusionMatrix) -> OrderedMatrix:
        """Order a matrix.

        Examples
        --------
        >>> cells = ((0, 0, 9), (0, 2, 1), (1, 1, 9), (2, 2, 7), (2, 0, 3))
        >>> OrderedMatrix.of(ConfusionMatrix(("card", "loan", "atm"), cells)).labels
        ('card', 'atm', 'loan')
        """
        order = list(order_labels(matrix))
        outside = len(matrix.labels)
        if any(outside in cell[:2] for cell in matrix.cells):
            order.append(outside)
        names = (*matrix.labels, OUTSIDE)
        place = {label: i for i, label in enumerate(order)}
        sums = _row_sums(matrix.cells)
        cells = sorted(
            (place[true], place[told], count, count / sums[true])
            for true, told, count in matrix.cells
        )
        return cls(tuple(names[label] for label in order), tuple(cells))


def _row_sums(cells: Iterable[tuple[int, int, int]]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for true, _, count in cells:
        sums[true] = sums.get(true, 0) + count
    return sums


def order_labels(matrix: ConfusionMatrix) -> tuple[int, ...]:
    """Arrange labels in a row so that those that are confused are neighbours.

    Groups of labels are joined, the two first that are confused most often on average, and laid
    end to end the way round that keeps confused labels closest (average-linkage clustering with
    its leaves ordered greedily). What is never confused keeps its order.

    Parameters
    ----------
    matrix : ConfusionMatrix

    Returns
    -------
    tuple of int
        Positions in ``matrix.labels``, each once.

    Examples
    --------
    >>> cells = ((0, 0, 9), (0, 3, 1), (1, 1, 9), (1, 2, 5), (2, 2, 9), (3, 3, 9))
    >>> order_labels(ConfusionMatrix(("a", "b", "c", "d"), cells))
    (0, 3, 1, 2)
    """
    likeness = _likeness(matrix)
    groups = {label: [label] for label in range(len(matrix.labels))}
    # How alike two groups are, all their pairs together; and those joined since it was computed.
    links = {label: dict(others) for label, others in likeness.items()}
    queue = [(-value, a, b, 1, 1) for a, of in links.items() for b, value in of.items() if a < b]
    heapify(queue)
    while queue:
        _, a, b, size_a, size_b = heappop(queue)
        if (len(groups.get(a, ())), len(groups.get(b, ()))) != (size_a, size_b):
            continue
        groups[a] = _joined(groups[a], groups.pop(b), likeness)
        for other, value in links.pop(b).items():
            del links[other][b]
            if other != a:
                links[a][other] = links[other][a] = links[a].get(other, 0.0) + value
        for other, value in links[a].items():
            first, second = min(a, other), max(a, other)
            sizes = len(groups[first]), len(groups[second])
            heappush(queue, (-value / (sizes[0] * sizes[1]), first, second, *sizes))
    return tuple(label for group in sorted(groups.values(), key=min) for label in group)


def _likeness(matrix: ConfusionMatrix) -> dict[int, dict[int, float]]:
    """Return the shares of two labels' texts that are taken for the other, added up."""
    outside = len(matrix.labels)
    sums = _row_sums(matrix.cells)
    likeness: dict[int, dict[int, float]] = {label: {} for label in range(outside)}
    for true, told, count in matrix.cells:
        if true != told and outside not in (true, told):
            share = count / sums[true]
            likeness[true][told] = likeness[true].get(told, 0.0) + share
            likeness[told][true] = likeness[told].get(true, 0.0) + share
    return likeness


def _joined(
    first: list[int], second: list[int], likeness: dict[int, dict[int, float]]
) -> list[int]:
    """Lay two groups end to end, each the way round that keeps like labels closest."""
    ways = [
        [*one, *other]
        for one in (first, first[::-1])
        for other in (second, second[::-1])
    ]  # fmt: skip

    def closeness(row: Sequence[int]) -> float:
        place = {label: i for i, label in enumerate(row)}
        return sum(
            value / abs(place[label] - place[other])
            for label in first
            for other, value in likeness[label].items()
            if other in place and other not in own
        )

    own = set(first)
    best = max(ways, key=closeness)
    return best if min(first) < min(second) or best[0] in own else best[::-1]
