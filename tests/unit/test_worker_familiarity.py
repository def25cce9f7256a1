"""A clustering model tells texts that are unlike all it has learned from."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from nbtrain import samples
from nbtrain.documents import DataSchema
from nbtrain.protocols.job import Job
from nbtrain.tasks import Clustering
from nbtrain.worker.artifacts import load_model
from nbtrain.worker.features import LexicalEmbedder
from nbtrain.worker.models import Model
from nbtrain.worker.training import train
from nbtrain.worker.words import Language


def trained(folder: Path, texts: list[str], k: int) -> Model:
    data = folder / "data.json"
    data.write_text(json.dumps([{"Text": text} for text in texts]), encoding="utf-8")
    job = Job("r", "m", folder, data, DataSchema.INTENT, "en-US", Clustering(k))
    train(job, lambda message: None)
    return load_model(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    texts = samples.sentences(1500)["text"].tolist()
    return trained(tmp_path_factory.mktemp("model"), texts, 12)


def share(model: Model, texts: list[str]) -> float:
    told = [one.out_of_domain for one in model.tell(texts, 1)]
    assert None not in told
    return sum(map(bool, told)) / len(told)


def test_new_texts_of_the_same_kind_are_familiar(model: Model) -> None:
    seen = set(samples.sentences(1500)["text"])
    new = [text for text in samples.sentences(800, random_state=7)["text"] if text not in seen]
    assert len(new) > 100
    assert share(model, new) < 0.08


@pytest.mark.parametrize("language", ["tr-TR", "nl-NL"])
def test_other_languages_are_not(model: Model, language: str) -> None:
    assert share(model, samples.sentences(200, language=language)["text"].tolist()) > 0.9


def test_neither_are_other_topics_nor_letters_without_sense(model: Model) -> None:
    rng = random.Random(0)
    said = samples.sentences(100)["text"].tolist()
    shuffled = ["".join(rng.sample(text, len(text))) for text in said]
    assert share(model, shuffled) > 0.9
    topics = ["a fugue in five voices", "photosynthesis of green algae", "the Thirty Years' War"]
    assert share(model, topics) == 1.0
    # Their clusters are told nevertheless.
    assert all(one.predictions for one in model.tell(topics))


@pytest.mark.parametrize("n", [2, 5, 12, 40])
def test_of_a_few_texts_all_are_familiar_and_foreign_ones_are_not(tmp_path: Path, n: int) -> None:
    texts = [f"my {word} is lost" for word in samples.sentences(300)["text"].str.split().str[-1]]
    texts = list(dict.fromkeys(texts))[:n]
    model = trained(tmp_path, texts, 2)
    assert share(model, texts) == 0.0
    assert share(model, ["Яблоки зелёные", "zzzz qqqq"]) == 1.0


def test_a_word_counts_as_known_if_others_hold_it() -> None:
    embedder = LexicalEmbedder(Language("en-US"))
    texts = [("card lost again",), *[("card lost",)] * 2, *[("parcel late",)] * 60]
    embedder.fit(texts)
    fresh = embedder.known_share([("card lost",), ("card stolen",), ("stolen",), ("",)])
    assert fresh[0] == 1.0
    assert 0.0 < fresh[1] < 1.0
    assert fresh[2] == fresh[3] == 0.0
    # Nobody else says "again", so it would not be known without this text.
    assert embedder.known_share(texts[:1], learned=True)[0] < 1.0
    assert embedder.known_share(texts[-1:], learned=True)[0] == 1.0
