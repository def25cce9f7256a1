"""One intent classification, step by step: hold out, weigh words, learn, describe, save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import RunFailed
from ..protocols.job import Job
from ..results import Cluster, TrainingResult
from ..tasks import IntentClassification
from .artifacts import save_model, save_result
from .bags import Array
from .corpus import Corpus
from .intent_model import IntentModel
from .logistic_regression import METHOD, Weights, fit_weights
from .naming import examples, keywords
from .reporting import Reporter
from .tfidf import TfidfFeatures
from .words import Language

__all__ = ["hold_out", "train_intents"]

_HELD_SHARE = 0.1
_FEWEST_TO_HOLD = 5
_MOST_WEIGHTS = 40_000_000


def train_intents(
    job: Job,
    task: IntentClassification,
    corpus: Corpus,
    reporter: Reporter,
    provenance: Callable[[], Mapping[str, str]],
) -> TrainingResult:
    """Learn from labelled texts, and write result and model into the job's folder.

    Distinct texts count once. A tenth of each intent's is held out, and tells when to stop.

    Parameters
    ----------
    job : Job
    task : IntentClassification
    corpus : Corpus
        Every entry of it has an intent.
    reporter : Reporter
    provenance : callable
        Returns what is the same for all trainings, at the end.

    Raises
    ------
    RunFailed
        If there are not two intents.
    """
    names = corpus.intents
    if len(names) < 2:
        raise RunFailed(
            f"The texts carry {len(names)} different intents; classification needs at least 2."
        )
    place = {name: number for number, name in enumerate(names)}
    labels = np.array([place[entry.intent or ""] for entry in corpus.entries])
    texts = [entry.passages[0] for entry in corpus.entries]
    rng = np.random.default_rng(task.random_state)
    held = hold_out(labels, rng)

    reporter.stage("features")
    features = TfidfFeatures(Language(job.language), min(30_000, _MOST_WEIGHTS // len(names) // 2))
    features.fit([texts[row] for row in np.flatnonzero(~held)], reporter.part(0.0, 0.6))
    rows = features.transform(texts)

    reporter.stage("training")
    weights = fit_weights(
        rows[~held],
        labels[~held],
        rows[held],
        labels[held],
        len(names),
        rng,
        epochs=task.epochs,
        report=_epochs(reporter, task.epochs or 15),
    )

    reporter.stage("naming")
    own = weights.shares(rows)[np.arange(len(labels)), labels]
    about = {
        **provenance(),
        "features": "TF-IDF of words, word pairs and character n-grams",
        "classification": METHOD,
        "epoch": str(weights.epoch),
        "texts_held_out": str(int(held.sum())),
    }
    described = _Described(job, corpus, labels, own, weights, about)
    result, order = described.result()

    reporter.stage("saving")
    ordered = Weights(weights.weights[:, order], weights.bias[order], weights.epoch)
    save_model(job.folder, IntentModel(features, ordered, tuple(c.name for c in result.clusters)))
    save_result(job.folder, result)
    return result


def hold_out(labels: Array, rng: np.random.Generator) -> Array:
    """Choose a tenth of each label's rows, at least one; none of labels with fewer than five.

    Returns
    -------
    ndarray of bool, shape (n_rows,)

    Examples
    --------
    >>> held = hold_out(np.repeat([0, 1, 2], [30, 5, 4]), np.random.default_rng(0))
    >>> [int(part.sum()) for part in np.split(held, [30, 35])]
    [3, 1, 0]
    """
    held = np.zeros(len(labels), dtype=bool)
    for label in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == label)
        if len(rows) >= _FEWEST_TO_HOLD:
            count = max(1, round(_HELD_SHARE * len(rows)))
            held[rng.choice(rows, count, replace=False)] = True
    return held


def _epochs(reporter: Reporter, expected: int) -> Callable[[Mapping[str, float]], None]:
    done = 0

    def report(metrics: Mapping[str, float]) -> None:
        nonlocal done
        done += 1
        reporter.epoch(metrics)
        reporter.step(done / expected)

    return report


@dataclass(slots=True)
class _Described:
    """A trained classification in the user's terms."""

    job: Job
    corpus: Corpus
    labels: Array
    own: Array
    weights: Weights
    provenance: Mapping[str, str]

    def result(self) -> tuple[TrainingResult, Array]:
        """Return the result, and which intent each of its clusters is of."""
        corpus, n_labels = self.corpus, len(self.corpus.intents)
        entry_of = np.array(corpus.entry_of)
        sizes = np.bincount(self.labels[entry_of], corpus.occurrences, n_labels).astype(int)
        order = np.argsort(-sizes, kind="stable")
        labels = np.argsort(order)[self.labels]
        passages = [entry.passages for entry in corpus.entries]
        shown = [entry.shown for entry in corpus.entries]
        counts = np.array([entry.weight for entry in corpus.entries], dtype=np.float32)
        words = keywords(passages, labels, counts, n_labels, Language(self.job.language))
        members = [np.flatnonzero(labels == label) for label in range(n_labels)]
        clusters = tuple(
            Cluster(
                cluster_id=label,
                name=corpus.intents[order[label]],
                size=int(sizes[order[label]]),
                keywords=words[label],
                examples=examples(shown, members[label], self.own),
                borderline=examples(shown, members[label], -self.own),
            )
            for label in range(n_labels)
        )
        metrics = {"accuracy": self.weights.accuracy, "loss": self.weights.loss}
        result = TrainingResult(
            run_id=self.job.run_id,
            model_id=self.job.model_id,
            schema=self.job.schema,
            clusters=clusters,
            document_ids=tuple(corpus.document_ids),
            cluster_ids=tuple(labels[entry_of].tolist()),
            confidences=tuple(round(value, 4) for value in self.own[entry_of].tolist()),
            metrics={name: value for name, value in metrics.items() if value is not None},
            warnings=(*corpus.warnings, *self._warnings(clusters)),
            provenance=self.provenance,
        )
        return result, order

    def _warnings(self, clusters: tuple[Cluster, ...]) -> list[str]:
        counts = np.bincount(self.labels, minlength=len(self.corpus.intents))
        few = sorted(self.corpus.intents[i] for i in np.flatnonzero(counts < _FEWEST_TO_HOLD))
        if len(few) == len(clusters):
            return ["There were too few texts to hold any out, so the accuracy is not known."]
        if few:
            shown = ", ".join(few[:10]) + (", …" if len(few) > 10 else "")
            return [
                f"Of intents with fewer than {_FEWEST_TO_HOLD} different texts none was held out, "
                f"so the accuracy doesn't speak of them: {shown}."
            ]
        return []
