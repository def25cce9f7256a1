"""One intent classification, step by step: hold out, weigh words, learn, describe, save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from ..errors import RunFailed
from ..evaluation import ConfusionMatrix
from ..protocols.job import Job
from ..results import TrainingResult
from ..tasks import MAX_EPOCHS, IntentClassification
from .artifacts import save_model, save_result
from .bags import Array
from .calibration import fit_temperature
from .corpus import Corpus
from .embedders import neural_of
from .evaluation import confusion_cells, evaluate
from .expected_times import EPOCHS, feature_times
from .intent_description import describe_intents
from .intent_model import IntentModel, beside
from .logistic_regression import METHOD, Report, fit_weights, learn_weights
from .models import softmax
from .out_of_domain import fit_gate
from .reporting import Reporter, Stopwatch
from .splitting import hold_out
from .tfidf import TfidfFeatures
from .words import Language

__all__ = ["train_intents"]

_MOST_WEIGHTS = 40_000_000


def train_intents(
    job: Job,
    task: IntentClassification,
    corpus: Corpus,
    reporter: Reporter,
    provenance: Callable[[], Mapping[str, str]],
    watch: Stopwatch,
) -> TrainingResult:
    """Learn from labelled texts, and write result, evaluation and model into the job's folder.

    A text counts once for each label that it carries. Part of each label's texts is held out:
    it tells when to stop, and how good the model is.

    Parameters
    ----------
    job : Job
    task : IntentClassification
    corpus : Corpus
        Of an utterance file.
    reporter : Reporter
    provenance : callable
        Returns what is the same for all trainings, at the end.
    watch : Stopwatch
        Running since the training began.

    Raises
    ------
    RunFailed
        If there are not two intents, or no text can be held out.
    """
    names = tuple(dict.fromkeys(label for _, label in corpus.labelled))
    if len(names) < 2:
        raise RunFailed(
            f"The texts carry {len(names)} different intents; classification needs at least 2."
        )
    place = {name: number for number, name in enumerate(names)}
    documents = np.array([document for document, _ in corpus.labelled])
    labels = np.array([place[label] for _, label in corpus.labelled])
    rng = np.random.default_rng(task.random_state)
    held = hold_out(labels, np.array(corpus.entry_of)[documents], task.train_share, rng)
    if not held.any():
        raise RunFailed(
            "Too few examples: no label has more than one, so there is none to test the model "
            "with. Give each label 2 or more, better 200 to 500."
        )
    watch.lap("loading")

    reporter.stage("features")
    texts = corpus.document_ids
    known = sorted(set(documents[~held].tolist()))
    learned = [texts[document] for document in known]
    neural, warnings = neural_of(job)
    passages = [(text,) for text in texts]
    n_unread = 0 if neural is None else neural.n_unread(passages)
    reading, weighing = reporter.parts(feature_times(len(texts), n_unread=n_unread))
    vectors = None if neural is None else neural.transform(passages, reading)
    features = _features(job, names, learned, lambda share: weighing(0.6 * share))
    rows = _rows(features, vectors, texts)
    tested = rows[documents[held]]

    reporter.stage("training")
    limit = task.epochs or MAX_EPOCHS
    fit = fit_weights(
        rows[documents[~held]],
        labels[~held],
        tested,
        labels[held],
        len(names),
        rng,
        epochs=limit,
        report=_epochs(reporter, names, labels[held], limit),
    )
    odds = fit.weights.odds(tested)
    temperature = fit_temperature(odds, labels[held])
    shares = softmax(odds / temperature)
    gate = fit_gate(shares) if task.out_of_domain else None
    evaluation = replace(
        evaluate(
            names,
            [texts[document] for document in documents[held]],
            labels[held],
            shares,
            np.zeros(len(shares), bool) if gate is None else gate.outside(shares),
        ),
        best_epoch=fit.best_epoch,
        last_epoch=fit.last_epoch,
        stopped_early=fit.last_epoch < limit,
        train_size=int((~held).sum()),
    )

    # What was held out has done its work; the model that is kept learns from it, too.
    reporter.stage("refitting")
    del rows, tested, fit.weights.weights
    features = _features(job, names, texts, reporter.part(0.0, 0.1))
    rows = _rows(features, vectors, texts)
    weights = learn_weights(
        rows[documents], labels, len(names), rng, fit.best_epoch, reporter.part(0.15, 1.0)
    )
    watch.lap("training")

    reporter.stage("naming")
    intents = np.array([place[corpus.entries[entry].intent or ""] for entry in corpus.entry_of])
    own = weights.own_shares(rows, intents, temperature)
    described = describe_intents(job, corpus, names, intents, own)

    reporter.stage("saving")
    save_model(job.folder, IntentModel(features, weights, names, temperature, gate, neural))
    watch.lap("saving")
    besides = "" if neural is None else f"; {neural.name}"
    about = {
        **provenance(),
        **watch.seconds(),
        "features": f"TF-IDF of words, word pairs and character n-grams{besides}",
        "classification": METHOD,
        "epoch": str(fit.best_epoch),
        "texts_held_out": str(evaluation.test_size),
        "temperature": f"{temperature:.3f}",
    }
    result = replace(
        described,
        metrics={
            "accuracy": evaluation.confusion.accuracy,
            "macro_f1": evaluation.confusion.macro_f1,
            "loss": fit.loss,
        },
        warnings=(*corpus.warnings, *warnings, *_warnings(names, labels, held)),
        provenance=about,
        evaluation=evaluation,
    )
    save_result(job.folder, result)
    return result


def _epochs(reporter: Reporter, names: tuple[str, ...], labels: Array, limit: int) -> Report:
    """Report each epoch; how many there will be is not known, so the share only nears the end."""
    done = 0

    def report(metrics: Mapping[str, float], told: Array) -> None:
        nonlocal done
        done += 1
        cells = confusion_cells(labels, told, len(names))
        macro_f1 = ConfusionMatrix(names, cells).macro_f1
        reporter.epoch({**metrics, "macro_f1": macro_f1}, cells)
        expected = min(limit, EPOCHS)
        early = 0.9 * done / expected
        reporter.step(early if done <= expected else 1.0 - 0.1 * expected / done)

    return report


def _features(
    job: Job, names: tuple[str, ...], texts: Sequence[str], progress: Callable[[float], None]
) -> TfidfFeatures:
    features = TfidfFeatures(Language(job.language), min(30_000, _MOST_WEIGHTS // len(names) // 2))
    features.fit(texts, progress)
    return features


def _rows(features: TfidfFeatures, vectors: Array | None, texts: Sequence[str]) -> sp.csr_matrix:
    rows = features.transform(texts)
    return rows if vectors is None else beside(rows, vectors)


def _warnings(names: tuple[str, ...], labels: Array, held: Array) -> list[str]:
    tested = np.bincount(labels[held], minlength=len(names))
    untested = sorted(names[label] for label in np.flatnonzero(tested == 0))
    if not untested:
        return []
    shown = ", ".join(untested[:10]) + (", …" if len(untested) > 10 else "")
    return [
        "Of intents with only one text none was held out, so the accuracy doesn't speak of them: "
        f"{shown}."
    ]
