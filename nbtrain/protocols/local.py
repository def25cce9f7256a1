"""The local service's own surface, ``/nbtrain/v1``: the vocabulary as JSON, both directions.

It holds only what no vendor's protocol has: health, the list of runs, a run's epochs, its result,
cancelling, and labelling many texts at once. Client, daemon and worker share this file, so that
they can't disagree.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

from ..documents import DataSchema
from ..errors import Problem, RequestError
from ..evaluation import Confused, ConfusionMatrix, Evaluation, PrecisionRecallCurve
from ..progress import EpochStats, RunState, RunStatus
from ..results import Cluster, DocumentMap, Overlap, TrainingResult

__all__ = [
    "MOST_TEXTS",
    "PREFIX",
    "epoch_from_json",
    "epoch_to_json",
    "evaluation_from_json",
    "evaluation_to_json",
    "read_predictions_request",
    "result_from_json",
    "result_to_json",
    "status_from_json",
    "status_to_json",
]

PREFIX = "/nbtrain/v1"

MOST_TEXTS = 10_000
"""Texts that one request to label them may carry."""

Json = dict[str, Any]

_CURVE = ("threshold", "precision", "recall", "f1")
_COUNTS = ("best_epoch", "last_epoch", "stopped_early", "train_size", "test_size")


def status_to_json(status: RunStatus) -> Json:
    """Write a status."""
    return {
        "run_id": status.run_id,
        "model_id": status.model_id,
        "state": status.state.value,
        "stage": status.stage,
        "fraction": status.fraction,
        "message": status.message,
        "elapsed": status.elapsed,
        "queue_position": status.queue_position,
    }


def status_from_json(data: Json) -> RunStatus:
    """Read a status; unknown fields are passed over."""
    return RunStatus(
        run_id=data["run_id"],
        model_id=data["model_id"],
        state=RunState(data["state"]),
        stage=data["stage"],
        fraction=data["fraction"],
        message=data["message"],
        elapsed=data["elapsed"],
        queue_position=data.get("queue_position"),
    )


def epoch_to_json(stats: EpochStats) -> Json:
    """Write one epoch."""
    data: Json = {"epoch": stats.epoch, "elapsed": stats.elapsed, "metrics": dict(stats.metrics)}
    return data | ({"confusion": stats.confusion} if stats.confusion else {})


def epoch_from_json(data: Json) -> EpochStats:
    """Read one epoch."""
    cells = tuple((t, p, count) for t, p, count in data.get("confusion", ()))
    return EpochStats(data["epoch"], data["metrics"], data["elapsed"], cells)


def evaluation_to_json(evaluation: Evaluation) -> Json:
    """Write an evaluation."""
    curve, confused = evaluation.curve, evaluation.confused
    return {
        "labels": list(evaluation.confusion.labels),
        "confusion": evaluation.confusion.cells,
        "curve": {name: list(getattr(curve, name)) for name in _CURVE},
        "thresholds": dict(evaluation.thresholds),
        "confused": [[c.text, c.label, c.predicted, c.confidence] for c in confused],
        **{name: getattr(evaluation, name) for name in _COUNTS},
    }


def evaluation_from_json(data: Json) -> Evaluation:
    """Read an evaluation."""
    cells = tuple((t, p, count) for t, p, count in data["confusion"])
    return Evaluation(
        confusion=ConfusionMatrix(tuple(data["labels"]), cells),
        curve=PrecisionRecallCurve(**{name: tuple(data["curve"][name]) for name in _CURVE}),
        thresholds=data["thresholds"],
        confused=tuple(Confused(*values) for values in data["confused"]),
        **{name: data[name] for name in _COUNTS},
    )


def read_predictions_request(data: object) -> tuple[list[str], int | None]:
    """Read a request to label texts.

    Raises
    ------
    RequestError
        Listing everything that is wrong with it.
    """
    told = data if isinstance(data, dict) else {}
    texts, top_n = told.get("texts"), told.get("top_n")
    problems = []
    listed = texts if isinstance(texts, list) else []
    if not 1 <= len(listed) <= MOST_TEXTS or not all(isinstance(text, str) for text in listed):
        fix = f"Send an array of 1 to {MOST_TEXTS:,} texts."
        problems.append(Problem("texts", "is no such array", fix))
    whole = isinstance(top_n, int) and not isinstance(top_n, bool)
    if top_n is not None and not (whole and 1 <= top_n < 2**31):
        fix = "Send a whole number, 1 or more, or null."
        problems.append(Problem("top_n", "is no number of labels", fix))
    if problems:
        raise RequestError("Your request is not valid.", problems)
    return list(listed), top_n


def _map_to_json(document_map: DocumentMap) -> Json:
    """Write a map; of neighbouring places only the distance is told, which takes fewer digits."""
    steps = [after - before for before, after in pairwise((0, *document_map.documents))]
    return {"steps": steps, "x": list(document_map.x), "y": list(document_map.y)}


def _map_from_json(data: Json) -> DocumentMap:
    return DocumentMap(tuple(accumulate(data["steps"])), tuple(data["x"]), tuple(data["y"]))


def result_to_json(result: TrainingResult) -> Json:
    """Write a result; documents are columns, not records, to keep it small."""
    return {
        "run_id": result.run_id,
        "model_id": result.model_id,
        "schema": result.schema.value,
        "clusters": [
            {
                "cluster_id": cluster.cluster_id,
                "name": cluster.name,
                "size": cluster.size,
                "keywords": list(cluster.keywords),
                "examples": list(cluster.examples),
                "borderline": list(cluster.borderline),
                "description": cluster.description,
            }
            for cluster in result.clusters
        ],
        "document_ids": list(result.document_ids),
        "cluster_ids": list(result.cluster_ids),
        "confidences": list(result.confidences),
        "metrics": dict(result.metrics),
        "warnings": list(result.warnings),
        "provenance": dict(result.provenance),
        "evaluation": evaluation_to_json(result.evaluation) if result.evaluation else None,
        "turns": result.turns,
        "fingerprints": dict(result.fingerprints),
        "overlaps": [list(overlap) for overlap in result.overlaps],
        "document_map": _map_to_json(result.document_map) if result.document_map else None,
    }


def result_from_json(data: Json) -> TrainingResult:
    """Read a result."""
    evaluation, document_map = data.get("evaluation"), data.get("document_map")
    return TrainingResult(
        run_id=data["run_id"],
        model_id=data["model_id"],
        schema=DataSchema(data["schema"]),
        clusters=tuple(
            Cluster(
                cluster_id=cluster["cluster_id"],
                name=cluster["name"],
                size=cluster["size"],
                keywords=tuple(cluster["keywords"]),
                examples=tuple(cluster["examples"]),
                borderline=tuple(cluster["borderline"]),
                description=cluster.get("description", ""),
            )
            for cluster in data["clusters"]
        ),
        document_ids=tuple(data["document_ids"]),
        cluster_ids=tuple(data["cluster_ids"]),
        confidences=tuple(data["confidences"]),
        metrics=data["metrics"],
        warnings=tuple(data["warnings"]),
        provenance=data["provenance"],
        evaluation=evaluation_from_json(evaluation) if evaluation else None,
        turns=data.get("turns", "customer"),
        fingerprints=data.get("fingerprints", {}),
        overlaps=tuple(Overlap(*values) for values in data.get("overlaps", ())),
        document_map=_map_from_json(document_map) if document_map else None,
    )
