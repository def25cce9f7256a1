"""The confusion matrix of an intent model, to look into."""

from __future__ import annotations

import json
from typing import Any

import anywidget
import traitlets

from ..confusion import OUTSIDE, OrderedMatrix
from ..errors import Problem, RequestError
from ..evaluation import Evaluation
from .modules import module_source

__all__ = ["ConfusionView"]

_TEXTS_PER_PAIR = 8
_LONGEST = 160
# Letters of all texts together: they are saved where widget state is.
_ALL_TEXTS = 24_000


class ConfusionView(anywidget.AnyWidget):
    """A confusion matrix that one can zoom into, and whose cells tell their texts.

    Labels that are confused are neighbours. It is drawn in the page, follows its theme and width,
    works without a kernel, and sends nothing back. A click on a cell lists its texts; so do the
    arrow keys, which go from mistake to mistake. :func:`~nbtrain.intent_tables.pairs_html` is its
    twin for those who don't see it.

    Parameters
    ----------
    evaluation : Evaluation

    Raises
    ------
    RequestError
        If it is none: not every result has one.

    Notes
    -----
    For tests in a browser, the element of class ``nbt-matrix`` has the attributes ``data-labels``
    and ``data-shown``: how many labels there are, and how many of them are in view.

    Examples
    --------
    >>> from nbtrain.evaluation import ConfusionMatrix
    >>> matrix = ConfusionMatrix(("card", "loan"), ((0, 0, 8), (0, 1, 2), (1, 1, 5)))
    >>> view = ConfusionView(Evaluation(matrix))
    >>> view
    <ConfusionView of 2 labels>
    >>> view.close()
    """

    _esm = module_source("confusion.js")
    matrix = traitlets.Unicode(help="Labels in order, cells and confused texts, as JSON.").tag(
        sync=True
    )

    def __init__(self, evaluation: Evaluation) -> None:
        given: object = evaluation
        if not isinstance(given, Evaluation):
            fix = "Give result.evaluation of an intent model whose service tells one."
            problem = Problem("evaluation", f"is a {type(given).__name__}", fix)
            raise RequestError("There is nothing to be shown:", [problem])
        view = _view(evaluation)
        self._count = len(view["labels"])
        text = json.dumps(view, separators=(",", ":"), ensure_ascii=False)
        super().__init__(matrix=text)
        self.add_class("nbt-confusion")

    def __repr__(self) -> str:
        return f"<ConfusionView of {self._count} labels>"


def _view(evaluation: Evaluation) -> dict[str, Any]:
    ordered = OrderedMatrix.of(evaluation.confusion)
    place = {label: i for i, label in enumerate(ordered.labels)}
    texts: dict[str, list[tuple[str, float | None]]] = {}
    left = _ALL_TEXTS
    for one in evaluation.confused:
        told = place.get(one.predicted or OUTSIDE)
        if told is None or one.label not in place:
            continue
        listed = texts.setdefault(f"{place[one.label]},{told}", [])
        text = " ".join(one.text.split())
        text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        if len(listed) < _TEXTS_PER_PAIR and len(text) <= left:
            left -= len(text)
            # What is taken for none of the labels has the confidence of the likeliest, which says
            # nothing of that.
            listed.append((text, round(one.confidence, 3) if one.predicted else None))
    cells = [
        (true, told, count, float(f"{share:.6g}")) for true, told, count, share in ordered.cells
    ]
    return {"labels": ordered.labels, "cells": cells, "texts": texts}
