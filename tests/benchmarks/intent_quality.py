"""Accuracy and time of the trainer's intent models beside scikit-learn's, in one run.

A script, not a test::

    python -m tests.benchmarks.intent_quality [banking77 clinc150]

For each data set it prints accuracy on the official test part in percent, processor seconds of one
thread, and these as a ratio to TF-IDF with LogisticRegression. Ours is the whole training as the
local service runs it: reading, held-out split, early stop, training again on all texts, saving.
For CLINC150 it prints how well texts outside all intents are told, too.

Where ``NBTRAIN_TEST_MODEL`` names the folder of a neural model and onnxruntime is installed, ours
is printed a second time, with that model's vectors beside the words.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

if __name__ == "__main__":
    from nbtrain.worker.__main__ import limit_threads

    limit_threads()

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC

from nbtrain.documents import DataSchema
from nbtrain.progress import EpochStats
from nbtrain.protocols.job import Job, Message
from nbtrain.results import TrainingResult
from nbtrain.tasks import IntentClassification
from nbtrain.worker.artifacts import load_model
from nbtrain.worker.training import train

from .clustering_quality import neural_model, read

Texts = tuple[list[str], list[str]]


def load(name: str) -> tuple[Texts, Texts, list[str]]:
    """Return texts and intents of the official parts, and texts that have none of the intents."""
    rows = read(f"{name}.csv.gz")
    parts = [[row for row in rows if row["split"] == part] for part in ("train", "test")]
    known, new = (([r["text"] for r in part], [r["intent"] for r in part]) for part in parts)
    return known, new, [row["text"] for row in rows if row["split"] == "oos_test"]


def baselines() -> dict[str, Pipeline]:
    """Return the models that people use."""
    words = partial(TfidfVectorizer, ngram_range=(1, 2))
    both = FeatureUnion(
        [
            ("words", words(sublinear_tf=True)),
            ("chars", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)),
        ]
    )
    return {
        "TF-IDF 1-2 + LogisticRegression": Pipeline(
            [("rows", words()), ("fit", LogisticRegression(max_iter=1000))]
        ),
        "TF-IDF 1-2 + LinearSVC": Pipeline([("rows", words()), ("fit", LinearSVC())]),
        "TF-IDF words, chars + LinearSVC": Pipeline([("rows", both), ("fit", LinearSVC())]),
    }


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return a value and the processor seconds that it took."""
    start = process_time()
    value = function()
    return value, process_time() - start


def run(
    folder: Path, known: Texts, task: IntentClassification
) -> tuple[TrainingResult, list[float]]:
    """Train as the local service does; return the processor time at each epoch's end, too."""
    records = [{"Text": text, "Label": label} for text, label in zip(*known, strict=True)]
    data = folder / "data.json"
    data.write_text(json.dumps(records), encoding="utf-8")
    ends: list[float] = []

    def hear(message: Message) -> None:
        if isinstance(message, EpochStats):
            ends.append(process_time())

    job = Job("r", "m", folder, data, DataSchema.UTTERANCE, "en-US", task)
    return train(job, hear), ends


def show(name: str, share: float, seconds: float, unit: float) -> None:
    """Print one row."""
    ratio = f"{seconds / unit:5.2f}x" if unit else ""
    print(f"  {name:34} {100 * share:5.2f} %  {seconds:6.1f} s  {ratio}", flush=True)


def ours(
    known: Texts, new: Texts, outside: list[str], unit: float, neural: str | None = None
) -> None:
    """Print three seeds of the trainer, and how it tells texts outside all intents."""
    for seed in range(3):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            task = IntentClassification(
                random_state=seed, out_of_domain=bool(outside), embedder=neural
            )
            (result, ends), seconds = timed(partial(run, folder, known, task))
            model = load_model(folder)
            told = model.predict(new[0])
            if outside:
                doors(told, model.predict(outside), new[1])
                model.gate = None  # type: ignore[attr-defined]
                told = model.predict(new[0])
        right = [best[0].label == label for best, label in zip(told, new[1], strict=True)]
        title = "nbtrain" if neural is None else "nbtrain + neural"
        show(f"{title}, seed {seed}", float(np.mean(right)), seconds, unit)
        kept = result.evaluation
        assert kept is not None
        per_epoch = (ends[-1] - ends[0]) / max(1, len(ends) - 1)
        sure = np.mean([best[0].confidence for best in told])
        print(
            f"    {per_epoch:.2f} s an epoch ({per_epoch / unit:.2f}x), best {kept.best_epoch} of "
            f"{kept.last_epoch}; held out {100 * kept.confusion.accuracy:.2f} %; "
            f"mean confidence {100 * sure:.2f} %",
            flush=True,
        )


def doors(inside: list[Any], outside: list[Any], labels: list[str]) -> None:
    """Print what is turned away, rightly and wrongly."""
    lost = np.mean([not found for found in inside])
    caught = np.mean([not found for found in outside])
    right = [
        bool(found) and found[0].label == label for found, label in zip(inside, labels, strict=True)
    ]
    print(
        f"    out of domain: {100 * caught:.1f} % of such texts told, {100 * lost:.1f} % of the "
        f"others turned away; accuracy of these {100 * np.mean(right):.2f} %"
    )


def left_out(known: Texts, new: Texts) -> None:
    """Print how well texts of intents are told that were left out of the training."""
    away = set(sorted(set(known[1]))[::5])
    kept = [(text, label) for text, label in zip(*known, strict=True) if label not in away]
    few: Texts = ([text for text, _ in kept], [label for _, label in kept])
    with tempfile.TemporaryDirectory() as name:
        run(Path(name), few, IntentClassification(out_of_domain=True))
        model = load_model(Path(name))
    told = model.predict(new[0])
    foreign = np.array([label in away for label in new[1]])
    away_told = np.array([not found for found in told])
    model.gate = None  # type: ignore[attr-defined]
    sure = np.array([found[0].confidence for found in model.predict(new[0], 1)])
    hits = (away_told & foreign).sum()
    f1 = 2 * hits / (away_told.sum() + foreign.sum())
    print(
        f"  without a fifth of the intents: AUROC {roc_auc_score(foreign, -sure):.3f}, "
        f"F1 {100 * f1:.1f} %; {100 * away_told[foreign].mean():.1f} % told, "
        f"{100 * away_told[~foreign].mean():.1f} % of the others turned away",
        flush=True,
    )


def main(names: list[str]) -> None:
    """Print one block per data set."""
    for name in names:
        known, new, outside = load(name)
        print(f"{name}: {len(known[0]):,} texts, {len(new[0]):,} to be told", flush=True)
        unit = 0.0
        for title, model in baselines().items():
            _, seconds = timed(partial(model.fit, *known))
            unit = unit or seconds
            show(title, model.score(*new), seconds, unit)
        ours(known, new, outside, unit)
        left_out(known, new)
        if neural := neural_model("en-US"):
            ours(known, new, outside, unit, neural)
        else:
            print("  no neural model: NBTRAIN_TEST_MODEL names none, or onnxruntime is missing")


if __name__ == "__main__":
    main(sys.argv[1:] or ["banking77", "clinc150"])
