"""Made-up trainings of intent models, for tests of what shows them."""

from __future__ import annotations

import random

from nbtrain.documents import DataSchema
from nbtrain.evaluation import Confused, ConfusionMatrix, Evaluation, PrecisionRecallCurve
from nbtrain.progress import EpochStats, RunState, RunStatus, Update
from nbtrain.results import Cluster, TrainingResult


def evaluation(n_labels: int, texts: int = 20, *, names: str = "label {}") -> Evaluation:
    """Return an evaluation in which every label is taken for its seventh neighbour at times."""
    rng = random.Random(n_labels)
    labels = tuple(names.format(i) for i in range(n_labels))
    confused = []
    pairs = []
    for label in range(n_labels):
        other = (label + 7) % n_labels if n_labels > 7 else (label + 1) % n_labels
        for number in range(texts):
            wrong = number < texts // 10
            pairs.append((label, other if wrong else label))
            if wrong:
                words = " ".join(
                    rng.choice(("card", "loan", "<b>", "my", "lost")) for _ in range(9)
                )
                text = f"{label}-{number}: {words}"
                confused.append(Confused(text, labels[label], labels[other], rng.random()))
    steps = [i / 20 for i in range(21)]
    curve = PrecisionRecallCurve(
        tuple(steps), tuple(0.8 + 0.2 * s for s in steps), tuple(0.9 - 0.8 * s for s in steps),
        tuple(0.85 - 0.5 * s for s in steps),
    )  # fmt: skip
    return Evaluation(
        ConfusionMatrix.of(labels, pairs), curve, dict.fromkeys(labels, 0.4), tuple(confused),
        best_epoch=4, last_epoch=6, stopped_early=True,
        train_size=4 * len(pairs), test_size=len(pairs),
    )  # fmt: skip


def intent_result(told: Evaluation, run_id: str = "r1") -> TrainingResult:
    """Return the result of a training that had this evaluation."""
    labels = told.confusion.labels
    clusters = tuple(Cluster(i, name, 100, ("word",), ("a text",)) for i, name in enumerate(labels))
    ids = tuple(f"{name} {n}" for name in labels for n in range(2))
    return TrainingResult(
        run_id, "demo", DataSchema.UTTERANCE, clusters, ids,
        tuple(i for i in range(len(labels)) for _ in range(2)), (0.9,) * len(ids),
        {"accuracy": told.confusion.accuracy}, evaluation=told,
    )  # fmt: skip


def intent_script(epochs: int, *, best: int = 4, run_id: str = "r1") -> list[Update]:
    """Return the script of a training that queues first and then reports one epoch a step."""
    steps = [
        Update(RunStatus(run_id, "demo", RunState.QUEUED, "queued", queue_position=place))
        for place in (2, 1)
    ]
    for epoch in range(1, epochs + 1):
        metrics = {
            "train_loss": 2 / epoch, "test_loss": 0.5 + abs(epoch - best) / 50,
            "train_accuracy": 1 - 0.5 / epoch, "test_accuracy": 0.9 - 0.4 / epoch,
            "macro_f1": 0.88 - 0.4 / epoch,
        }  # fmt: skip
        share = 0.01 + 0.98 * epoch / epochs
        status = RunStatus(run_id, "demo", RunState.RUNNING, "training", share,
                           elapsed=float(epoch))  # fmt: skip
        steps.append(Update(status, (EpochStats(epoch, metrics, float(epoch)),)))
    ended = RunStatus(run_id, "demo", RunState.SUCCEEDED, "done", 1.0, elapsed=epochs + 1.0)
    return [*steps, Update(ended)]
