"""Intent classification: what is held out, what is said of it, and texts outside all intents.

Sections are those of the reference of Einstein Language's protocol.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain.evaluation import ConfusionMatrix, Evaluation
from nbtrain.progress import EpochStats
from nbtrain.protocols.job import EVALUATION_FILE, Progress
from nbtrain.protocols.local import evaluation_from_json
from nbtrain.tasks import IntentClassification
from nbtrain.worker.artifacts import load_model
from nbtrain.worker.calibration import curve, fit_temperature, thresholds
from nbtrain.worker.logistic_regression import fit_weights
from nbtrain.worker.models import softmax
from nbtrain.worker.out_of_domain import fit_gate
from nbtrain.worker.splitting import hold_out
from nbtrain.worker.tfidf import TfidfFeatures
from nbtrain.worker.words import Language

from .test_worker_classification import examples, run

Records = list[dict[str, str]]

SHARED = ["please", "can", "you", "tell", "me", "about", "the", "thing", "my", "account", "today"]
TOPICS = {
    "weather": ["rain", "sunny", "snow", "forecast", "umbrella", "wind"],
    "music": ["song", "play", "album", "radio", "volume", "singer"],
    "food": ["pizza", "order", "menu", "table", "dinner", "recipe"],
    "travel": ["flight", "train", "hotel", "ticket", "seat", "luggage"],
}


def hard(n: int, seed: int = 0, noise: float = 0.25) -> Records:
    """Texts whose labels can't all be told: some words are of another topic."""
    rng = random.Random(seed)
    labels = list(TOPICS)
    records = []
    for number in range(n):
        label = labels[number % len(labels)]
        said = rng.choice(labels) if rng.random() < noise else label
        words = rng.sample(SHARED, 6) + rng.sample(TOPICS[said], 2)
        rng.shuffle(words)
        records.append({"Label": label, "Text": " ".join(words)})
    return records


def evaluated(folder: Path, records: Records, task: IntentClassification) -> Evaluation:
    evaluation = run(folder, records, task)[0].evaluation
    assert evaluation is not None
    return evaluation


# --- the split --------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=8),
    st.sampled_from([0.1, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]),
)
def test_section_11_the_test_share_is_rounded_up_in_each_label(
    sizes: list[int], share: float
) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    held = hold_out(labels, np.arange(len(labels)), share, np.random.default_rng(0))
    percent = round(100 * (1 - share))
    for label, n in enumerate(sizes):
        expected = min(-(-percent * n // 100), n - 1)
        assert held[labels == label].sum() == expected


def test_section_11_the_sizes_that_the_service_gave(tmp_path: Path) -> None:
    sizes = {"a": 26, "b": 44, "c": 24, "d": 30, "e": 26}
    records = [
        {"Label": label, "Text": f"{label * 3} number {i}"} for label, n in sizes.items()
        for i in range(n)
    ]  # fmt: skip
    evaluation = evaluated(tmp_path, records, IntentClassification(epochs=1))
    assert (evaluation.train_size, evaluation.test_size) == (118, 32)
    assert evaluation.confusion.support == (6, 9, 5, 6, 6)


def test_section_5_repeated_examples_count_once_and_case_makes_another(tmp_path: Path) -> None:
    records = [{"Label": "a", "Text": f"first {i}"} for i in range(8)]
    records += [{"Label": "b", "Text": f"second {i}"} for i in range(8)]
    more = [
        {"Label": "a", "Text": "first 0"},
        {"Label": "a", "Text": "First 0"},
        {"Label": "b", "Text": "first 0"},
    ]
    evaluation = evaluated(tmp_path, [*records, *more], IntentClassification(epochs=2))
    assert evaluation.train_size + evaluation.test_size == 18


def test_texts_that_differ_in_case_are_on_one_side() -> None:
    labels, alike = np.repeat([0, 1], 20), np.repeat(np.arange(20), 2)
    for seed in range(20):
        held = hold_out(labels, alike, 0.8, np.random.default_rng(seed))
        pairs = held.reshape(20, 2)
        assert (pairs[:, 0] == pairs[:, 1]).all()


def test_a_larger_share_leaves_fewer_to_test(tmp_path: Path) -> None:
    found = [
        evaluated(tmp_path, examples(90), IntentClassification(epochs=1, train_share=share))
        for share in (0.6, 0.9)
    ]
    assert [(e.train_size, e.test_size) for e in found] == [(54, 36), (81, 9)]


# --- epochs -----------------------------------------------------------------------------------


def test_each_epoch_has_its_confusion_matrix_and_the_best_is_kept(tmp_path: Path) -> None:
    records = hard(400)
    result, messages = run(tmp_path, records, IntentClassification())
    epochs = [message for message in messages if isinstance(message, EpochStats)]
    evaluation = result.evaluation
    assert evaluation is not None
    names = tuple(dict.fromkeys(record["Label"] for record in records))
    assert evaluation.confusion.labels == names
    for stats in epochs:
        matrix = ConfusionMatrix(names, stats.confusion)
        assert matrix.texts == evaluation.test_size == 80
        assert matrix.accuracy == pytest.approx(stats.metrics["test_accuracy"])
        assert matrix.macro_f1 == pytest.approx(stats.metrics["macro_f1"])
    losses = [stats.metrics["test_loss"] for stats in epochs]
    best = evaluation.best_epoch
    assert losses[best - 1] == min(losses)
    assert evaluation.confusion.cells == epochs[best - 1].confusion
    assert evaluation.last_epoch == len(epochs)
    assert evaluation.stopped_early
    wrong = sum(n for true, told, n in evaluation.confusion.cells if true != told)
    assert len(evaluation.confused) == wrong > 0
    pairs = Counter((names.index(c.label), names.index(c.predicted)) for c in evaluation.confused)
    assert all((*pair, n) in evaluation.confusion.cells for pair, n in pairs.items())
    sure = [confused.confidence for confused in evaluation.confused]
    assert sure == sorted(sure, reverse=True)


@pytest.mark.parametrize("asked", [1, 50, 1000])
def test_section_9_as_many_epochs_as_asked_or_fewer(tmp_path: Path, asked: int) -> None:
    result, messages = run(tmp_path, hard(120), IntentClassification(epochs=asked))
    epochs = [message.epoch for message in messages if isinstance(message, EpochStats)]
    evaluation = result.evaluation
    assert evaluation is not None
    assert epochs == list(range(1, evaluation.last_epoch + 1))
    assert evaluation.stopped_early == (len(epochs) < asked)
    assert len(epochs) == 1 if asked == 1 else 5 <= len(epochs) < 50
    fractions = [message.fraction for message in messages if isinstance(message, Progress)]
    assert fractions == sorted(fractions)


def test_a_thousand_epochs_without_early_stop() -> None:
    records = hard(32)
    texts = [record["Text"] for record in records]
    names = list(TOPICS)
    labels = np.array([names.index(record["Label"]) for record in records])
    rng = np.random.default_rng(0)
    held = hold_out(labels, np.arange(32), 0.8, rng)
    features = TfidfFeatures(Language("en-US"))
    features.fit(texts)
    rows = features.transform(texts)
    losses: list[float] = []
    fit = fit_weights(
        rows[~held], labels[~held], rows[held], labels[held], 4, rng, epochs=1000, patience=None,
        report=lambda metrics, told: losses.append(metrics["test_loss"]),
    )  # fmt: skip
    assert len(losses) == fit.last_epoch == 1000
    assert fit.loss == min(losses) == losses[fit.best_epoch - 1]


def test_the_kept_model_knows_the_held_out_texts_too(tmp_path: Path) -> None:
    # A label's words come in one more text, in capitals: both are learned from, or none.
    words = ["mango blue", "river stone", "lamp wire", "cloud nine", "tiger paw", "violin bow"]
    records = [
        {"Label": f"label {number % 3}", "Text": text}
        for number, pair in enumerate(words)
        for text in (pair, pair.upper())
    ]
    task = IntentClassification(epochs=20, train_share=0.5)
    assert evaluated(tmp_path, records, task).confusion.accuracy < 0.7
    told = load_model(tmp_path).predict([record["Text"] for record in records], 1)
    assert [found[0].label for found in told] == [record["Label"] for record in records]


# --- the evaluation ---------------------------------------------------------------------------


def test_section_12_the_small_file_beside_the_result(tmp_path: Path) -> None:
    records = hard(200)
    result, _ = run(tmp_path, records, IntentClassification())
    data = json.loads((tmp_path / EVALUATION_FILE).read_text(encoding="utf-8"))
    assert evaluation_from_json(data["evaluation"]) == result.evaluation
    assert data["labels"] == list(TOPICS)
    assert data["provenance"] == result.provenance
    spans = ("loading", "training", "saving", "total")
    seconds = [float(result.provenance[f"seconds_{span}"]) for span in spans]
    assert all(value >= 0 for value in seconds)
    assert sum(seconds[:3]) == pytest.approx(seconds[3], abs=0.05)
    evaluation = result.evaluation
    assert evaluation is not None
    assert set(evaluation.thresholds) == set(TOPICS)
    assert all(0 <= value <= 1 for value in evaluation.thresholds.values())
    found = evaluation.curve
    assert len(found.threshold) == len(found.precision) == len(found.recall) == len(found.f1) > 10
    assert list(found.threshold) == sorted(set(found.threshold))
    assert list(found.recall) == sorted(found.recall, reverse=True)
    assert (
        found.precision[0]
        == found.recall[0]
        == pytest.approx(evaluation.confusion.accuracy, abs=1e-4)
    )


def test_section_12_a_label_without_test_text_has_a_zero_row(tmp_path: Path) -> None:
    records = [*examples(60), {"Label": "rare", "Text": "something else entirely"}]
    evaluation = evaluated(tmp_path, records, IntentClassification())
    place = evaluation.confusion.labels.index("rare")
    assert evaluation.confusion.support[place] == 0
    assert evaluation.confusion.f1[place] == 0
    assert evaluation.confusion.recall[place] == evaluation.confusion.precision[place] == 0
    assert evaluation.thresholds["rare"] == 0.5


def test_a_text_with_two_labels_is_an_example_of_both(tmp_path: Path) -> None:
    both = [{"Label": label, "Text": "Hello there"} for label in ("invoice", "only_here")]
    evaluation = evaluated(tmp_path, [*both, *examples(60)], IntentClassification(epochs=3))
    assert evaluation.confusion.labels[:2] == ("invoice", "only_here")
    assert evaluation.train_size + evaluation.test_size == 62


def test_confidences_mean_what_they_say(tmp_path: Path) -> None:
    run(tmp_path, hard(1200), IntentClassification())
    new = hard(800, seed=9)
    told = load_model(tmp_path).predict([record["Text"] for record in new], 1)
    right = [found[0].label == r["Label"] for found, r in zip(told, new, strict=True)]
    sure = [found[0].confidence for found in told]
    assert np.mean(sure) == pytest.approx(np.mean(right), abs=0.06)


def test_a_few_texts_told_rightly_dont_make_certain() -> None:
    odds = np.array([[4.0, 0.0], [0.0, 4.0], [5.0, 0.0]])
    shares = softmax(odds / fit_temperature(odds, np.array([0, 1, 0])))
    assert 0.8 < shares.max() < 0.99


def test_thresholds_have_the_highest_f1() -> None:
    rng = np.random.default_rng(1)
    odds = rng.standard_normal((300, 3)) * 2
    labels = np.array([rng.choice(3, p=p) for p in softmax(odds.copy())])
    shares = softmax(odds)
    best = shares.argmax(axis=1)
    for place, (_, least) in enumerate(thresholds(shares, labels, ("a", "b", "c")).items()):
        rows = best == place

        def f1(level: float, place: int = place, rows: np.ndarray = rows) -> float:
            told = rows & (shares[:, place] >= level)
            return float(2 * (labels[told] == place).sum() / (told.sum() + (labels == place).sum()))

        assert f1(least) == pytest.approx(max(f1(level) for level in shares[rows, place]))


def test_the_curve_ends_where_no_text_is_left() -> None:
    found = curve(np.array([0.3, 0.72]), np.array([False, True]))
    assert found.threshold[-1] == 0.72
    assert found.precision[-1] == 1.0
    assert found.recall[0] == 0.5


# --- out of domain ----------------------------------------------------------------------------


def test_section_13_texts_outside_all_labels_get_none(tmp_path: Path) -> None:
    records = hard(600, noise=0.05)
    result, _ = run(tmp_path, records, IntentClassification(out_of_domain=True))
    model = load_model(tmp_path)
    inside = model.predict([record["Text"] for record in hard(300, seed=4, noise=0.0)])
    assert np.mean([bool(found) for found in inside]) > 0.9
    assert all(len(found) in (0, 4) for found in inside)
    strange = ["", "zzz", "qwerty uiop", "how old is the universe", "please tell me today"]
    assert model.predict(strange) == [[]] * len(strange)

    evaluation = result.evaluation
    assert evaluation is not None
    turned_away = sum(n for _, told, n in evaluation.confusion.cells if told == 4)
    assert 0 < turned_away <= 0.05 * evaluation.test_size
    assert len(evaluation.confusion.dense()) == 5
    assert sum(not confused.predicted for confused in evaluation.confused) == turned_away


def test_without_that_every_text_has_a_label(tmp_path: Path) -> None:
    run(tmp_path, hard(200), IntentClassification())
    told = load_model(tmp_path).predict(["", "zzz"])
    assert [len(found) for found in told] == [4, 4]


def test_the_gate_turns_away_a_twentieth_at_most() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 5, 20, 1000):
        shares = softmax(rng.standard_normal((n, 4)))
        assert fit_gate(shares).outside(shares).mean() <= 0.05


def test_section_5_sentiment_is_learned_in_the_same_way(tmp_path: Path) -> None:
    words = {"positive": "great love", "negative": "awful hate", "neutral": "okay box"}
    records = [
        {"Label": label, "Text": f"it was {word} {i}"}
        for label, both in words.items()
        for word in both.split()
        for i in range(20)
    ]
    assert evaluated(tmp_path, records, IntentClassification()).confusion.accuracy == 1.0
    told = load_model(tmp_path).predict(["what an awful day", "I love it"], 1)
    assert [found[0].label for found in told] == ["negative", "positive"]
