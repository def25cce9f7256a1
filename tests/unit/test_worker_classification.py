"""Intent classification: features, learning, and what is made of bad data."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from nbtrain.documents import DataSchema
from nbtrain.errors import DataError, RunFailed
from nbtrain.progress import EpochStats
from nbtrain.protocols.job import Job, Message, Progress
from nbtrain.protocols.local import result_from_json
from nbtrain.results import TrainingResult
from nbtrain.tasks import IntentClassification
from nbtrain.training import CLASSIFICATION_LANGUAGES
from nbtrain.worker.artifacts import load_model
from nbtrain.worker.logistic_regression import fit_weights
from nbtrain.worker.tfidf import TfidfFeatures
from nbtrain.worker.training import train
from nbtrain.worker.words import Language

WORDS = {
    "card_lost": ["card", "lost", "stolen", "block", "wallet", "missing", "thief"],
    "flight_change": ["flight", "airport", "boarding", "seat", "luggage", "gate", "delayed"],
    "invoice": ["invoice", "charged", "twice", "refund", "payment", "bill", "amount"],
}


def examples(n: int, seed: int = 0) -> list[dict[str, str]]:
    rng = random.Random(seed)
    labels = list(WORDS)
    return [
        {
            "Label": labels[number % 3],
            "Text": f"please {' '.join(rng.sample(WORDS[labels[number % 3]], 3))} now {number}",
        }
        for number in range(n)
    ]


def job(folder: Path, records: Any, task: IntentClassification, language: str = "en-US") -> Job:
    data = folder / "data.json"
    data.write_text(json.dumps(records), encoding="utf-8")
    return Job("r", "m", folder, data, DataSchema.UTTERANCE, language, task)


def run(
    folder: Path, records: Any, task: IntentClassification | None = None, language: str = "en-US"
) -> tuple[TrainingResult, list[Message]]:
    messages: list[Message] = []
    result = train(job(folder, records, task or IntentClassification(), language), messages.append)
    kept = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert result_from_json(kept) == result
    return result, messages


def test_learns_and_tells_how_it_goes(tmp_path: Path) -> None:
    records = examples(300)
    result, messages = run(tmp_path, records)
    epochs = [message for message in messages if isinstance(message, EpochStats)]
    assert [stats.epoch for stats in epochs] == list(range(1, len(epochs) + 1))
    assert all(
        set(stats.metrics)
        == {"train_loss", "test_loss", "train_accuracy", "test_accuracy", "macro_f1"}
        for stats in epochs
    )
    losses = [stats.metrics["test_loss"] for stats in epochs]
    assert losses[-1] < losses[0]
    best = int(result.provenance["epoch"])
    assert losses[best - 1] == min(losses) == result.metrics["loss"]
    assert result.metrics["accuracy"] == epochs[best - 1].metrics["test_accuracy"] == 1.0
    assert result.provenance["texts_held_out"] == "60"
    fractions = [message.fraction for message in messages if isinstance(message, Progress)]
    assert fractions == sorted(fractions)
    stages = {message.stage for message in messages if isinstance(message, Progress)}
    assert stages == {"reading", "features", "training", "refitting", "naming", "saving"}

    assert {cluster.name for cluster in result.clusters} == set(WORDS)
    assert result.document_ids == tuple(record["Text"] for record in records)
    for record, label in zip(records, result.cluster_ids, strict=True):
        assert result.clusters[label].name == record["Label"]
    sizes = Counter(result.cluster_ids)
    assert [cluster.size for cluster in result.clusters] == [sizes[i] for i in range(3)]
    for cluster in result.clusters:
        assert set(cluster.keywords[:5]) <= set(WORDS[cluster.name])
        assert len(cluster.examples) == 5
    assert all(0 <= value <= 1 for value in result.confidences)
    assert not result.warnings


def test_the_kept_model_tells_new_texts_apart(tmp_path: Path) -> None:
    run(tmp_path, examples(300))
    model = load_model(tmp_path)
    assert model.kind == "classification"
    new = examples(60, seed=5)
    told = model.predict([record["Text"] for record in new])
    assert [best.label for best, *_ in told] == [record["Label"] for record in new]
    for predictions in told:
        confidences = [prediction.confidence for prediction in predictions]
        assert confidences == sorted(confidences, reverse=True)
        assert sum(confidences) == pytest.approx(1.0, abs=1e-4)
        assert {prediction.cluster_id for prediction in predictions} == {None}
    assert len(model.predict(["", "👍", "zzz"], top_n=2)[0]) == 2


def test_two_runs_agree_and_seeds_differ(tmp_path: Path) -> None:
    records = examples(200)
    first, second = (replace(run(tmp_path, records)[0], provenance={}) for _ in range(2))
    assert first == second
    other = run(tmp_path, records, IntentClassification(random_state=1))[0]
    assert other.confidences != first.confidences


def test_as_many_epochs_as_asked_at_most(tmp_path: Path) -> None:
    _, messages = run(tmp_path, examples(200), IntentClassification(epochs=2))
    assert sum(isinstance(message, EpochStats) for message in messages) == 2


def test_too_few_texts_to_hold_any_out(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="Too few examples"):
        run(tmp_path, examples(3))


def test_small_intents_are_named(tmp_path: Path) -> None:
    records = [*examples(60), {"Label": "rare", "Text": "something else entirely"}]
    result, _ = run(tmp_path, records)
    assert [cluster.size for cluster in result.clusters] == [20, 20, 20, 1]
    assert result.warnings[0].endswith("doesn't speak of them: rare.")


def test_a_text_with_two_labels_counts_for_the_more_frequent(tmp_path: Path) -> None:
    records = examples(60)
    twice = [{"Label": label, "Text": "Hello"} for label in ("invoice", "card_lost", "card_lost")]
    result, _ = run(tmp_path, [*records, *twice])
    assert result.clusters[result.labels["Hello"]].name == "card_lost"
    assert "more than one intent" in result.warnings[0]


@pytest.mark.parametrize("language", CLASSIFICATION_LANGUAGES)
def test_every_language(tmp_path: Path, language: str) -> None:
    texts = ["Wo ist mein Paket", "где моя посылка", "میرا پارسل کہاں ہے", "مرحبا", "ŠĶŪNIS"]
    records = [{"Label": "ab"[i % 2], "Text": f"{texts[i % 5]} {i}"} for i in range(20)]
    result, _ = run(tmp_path, records, language=language)
    assert {cluster.name for cluster in result.clusters} == {"a", "b"}


def test_bad_data_list_every_problem(tmp_path: Path) -> None:
    records = [
        {"Label": "a", "Text": "one"}, {"Label": "a", "Text": " "}, {"Text": "two"},
        {"Label": " ", "Text": "three"}, {"Label": 7, "Text": "four"}, {"Label": "a"},
    ]  # fmt: skip
    with pytest.raises(DataError) as caught:
        train(job(tmp_path, records, IntentClassification()), lambda message: None)
    assert [str(problem) for problem in caught.value.problems] == [
        "record 1: has an empty Text.",
        "record 2: has no Label.",
        "record 3: has an empty Label.",
        "record 4: has the int 7 as Label.",
        "record 5: has no Text.",
        "data.json: holds only one label, 'a'. Classification needs at least 2.",
    ]


def test_a_row_has_unit_length_and_misspelt_words_are_near() -> None:
    features = TfidfFeatures(Language("en-US"))
    features.fit(["lost card", "my card is lost", "refund please", "a refund"])
    rows = features.transform(["lost card", "losst cardd", "refund", "qqq", ""]).toarray()
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1, 1, 1, 0, 0], abs=1e-5)
    assert rows[0] @ rows[1] > 0.3 > rows[0] @ rows[2]


def test_comes_close_to_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    n, d, k = 1500, 60, 5
    truth = rng.standard_normal((d, k)).astype(np.float32) * 2
    rows = sp.random(n, d, 0.2, "csr", np.float32, random_state=0)
    odds = rows @ truth
    labels = np.array([rng.choice(k, p=p) for p in np.exp(odds) / np.exp(odds).sum(1)[:, None]])
    known, held = slice(0, 1000), slice(1000, n)
    sides = rows[known], labels[known], rows[held], labels[held]
    fit = fit_weights(*sides, k, rng, epochs=40, dropped=0.0)
    reference = LogisticRegression(max_iter=1000).fit(rows[known], labels[known])
    told = fit.weights.odds(rows[held]).argmax(axis=1)
    assert (told == labels[held]).mean() >= reference.score(rows[held], labels[held]) - 0.03
