"""Einstein's metrics and learning curve of a model, both directions, no I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..evaluation import ConfusionMatrix, Evaluation, PrecisionRecallCurve
from ..progress import EpochStats
from .einstein_models import Training, model_path
from .einstein_training import OUT_OF_DOMAIN
from .einstein_wire import Json, date_to_json, language_to_wire

__all__ = [
    "CURVE_PAGE",
    "curve_labels",
    "curve_path",
    "curve_to_json",
    "epochs_from_curve",
    "evaluation_from_metrics",
    "metrics_to_json",
]

CURVE_PAGE = 25
"""Epochs in a page of the learning curve, by default and at most."""

_NUMBERS = {
    "test_loss": "testLoss",
    "train_loss": "trainingLoss",
    "test_accuracy": "testAccuracy",
    "train_accuracy": "trainingAccuracy",
    "macro_f1": "macroF1",
}
_CURVE = ("f1", "recall", "precision", "threshold")


def curve_path(model_id: str) -> str:
    """Path of the learning curve of a model."""
    return f"{model_path(model_id)}/lc"


def metrics_to_json(
    model_id: str,
    *,
    created: float,
    algorithm: str,
    language: str,
    evaluation: Evaluation,
    last: EpochStats | None,
) -> Json:
    """Write the metrics of a model: those of its last epoch, as the vendor's are.

    The matrix of a model that turns texts away is that of the kept weights: no epoch's has them.

    Parameters
    ----------
    model_id : str
    created : float
        When the model was made, in seconds since 1970.
    algorithm : str
        Empty for sentiment.
    language : str
        With a hyphen.
    evaluation : Evaluation
    last : EpochStats or None
        Statistics of that epoch.
    """
    metrics, matrix = last.metrics if last else {}, evaluation.confusion
    if last and last.confusion and algorithm != OUT_OF_DOMAIN:
        matrix = ConfusionMatrix(matrix.labels, last.confusion)
    curve = evaluation.curve
    data = {
        "id": model_id,
        "createdAt": date_to_json(created),
        "language": language_to_wire(language),
        "metricsData": {
            **_metrics_data(matrix, metrics),
            "threshold": {label: evaluation.thresholds.get(label, 0.0) for label in matrix.labels},
            "precisionRecallCurve": {name: list(getattr(curve, name)) for name in _CURVE},
        },
        "object": "metrics",
    }
    return data | ({"algorithm": algorithm} if algorithm else {})


def curve_to_json(stats: EpochStats, labels: tuple[str, ...]) -> Json:
    """Write one epoch of the learning curve."""
    matrix = ConfusionMatrix(labels, stats.confusion)
    return {
        "epoch": stats.epoch,
        "epochResults": [],
        "metricsData": _metrics_data(matrix, stats.metrics),
        "object": "learningcurve",
    }


def _metrics_data(matrix: ConfusionMatrix, metrics: Mapping[str, float]) -> Json:
    return {
        "labels": list(matrix.labels),
        "f1": list(matrix.f1),
        "precision": list(matrix.precision),
        "recall": list(matrix.recall),
        "macroF1": matrix.macro_f1,
        "confusionMatrix": matrix.dense(),
        **{wire: metrics.get(name) for name, wire in _NUMBERS.items() if name != "macro_f1"},
    }


def curve_labels(data: Json) -> tuple[str, ...]:
    """Read the labels of a page of the learning curve, or of a model's metrics."""
    entries: Any = data.get("data")
    if not isinstance(entries, list):
        entries = [data]
    for entry in entries:
        found = _metrics_of(entry).get("labels")
        if isinstance(found, list):
            return tuple(map(str, found))
    return ()


def epochs_from_curve(data: Json) -> tuple[EpochStats, ...]:
    """Read a page of the learning curve, in order; what can't be read is passed over."""
    entries: Any = data.get("data") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        return ()
    found = {}
    for entry in entries:
        number = _finite(entry.get("epoch")) if isinstance(entry, dict) else None
        if number is None or number < 1:
            continue
        told = _metrics_of(entry)
        values = {name: _finite(told.get(wire)) for name, wire in _NUMBERS.items()}
        metrics = {name: value for name, value in values.items() if value is not None}
        epoch = int(number)
        found[epoch] = EpochStats(epoch, metrics, confusion=_cells(told.get("confusionMatrix")))
    return tuple(found[epoch] for epoch in sorted(found))


def evaluation_from_metrics(data: Json, training: Training | None = None) -> Evaluation:
    """Read the metrics of a model, and what its training object adds to them.

    The vendor doesn't tell which texts were confused, nor which epoch is the best.

    Raises
    ------
    ValueError
        If they hold no labels.
    """
    told = _metrics_of(data)
    labels = told.get("labels")
    if not isinstance(labels, list) or not labels:
        raise ValueError("the metrics hold no labels")
    curve = told.get("precisionRecallCurve")
    thresholds = told.get("threshold")
    stats = training.stats if training else None
    return Evaluation(
        confusion=ConfusionMatrix(tuple(map(str, labels)), _cells(told.get("confusionMatrix"))),
        curve=_read_curve(curve) if isinstance(curve, dict) else PrecisionRecallCurve(),
        thresholds={
            str(label): value
            for label, told in (thresholds.items() if isinstance(thresholds, dict) else ())
            if (value := _finite(told)) is not None
        },
        best_epoch=stats.last_epoch if stats and not stats.early_stopping else 0,
        last_epoch=stats.last_epoch if stats else 0,
        stopped_early=stats.early_stopping if stats else False,
        train_size=stats.train_size if stats else 0,
        test_size=stats.test_size if stats else 0,
    )


def _read_curve(data: Json) -> PrecisionRecallCurve:
    columns: dict[str, Sequence[object]] = {
        name: data[name] if isinstance(data.get(name), list) else [] for name in _CURVE
    }
    size = min(map(len, columns.values()))
    values = {name: tuple(_finite(v) or 0.0 for v in columns[name][:size]) for name in _CURVE}
    return PrecisionRecallCurve(**values)


def _cells(rows: object) -> tuple[tuple[int, int, int], ...]:
    if not isinstance(rows, list):
        return ()
    return tuple(
        (true, predicted, int(count))
        for true, row in enumerate(rows)
        for predicted, count in enumerate(row if isinstance(row, list) else ())
        if isinstance(count, int | float) and count
    )


def _metrics_of(data: object) -> Json:
    told = data.get("metricsData") if isinstance(data, dict) else None
    return told if isinstance(told, dict) else {}


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
