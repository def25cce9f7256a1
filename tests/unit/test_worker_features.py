"""Words, vectors, and the model that is kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nbtrain.worker.artifacts import load_model, save_model
from nbtrain.worker.features import LexicalEmbedder
from nbtrain.worker.models import ClusterModel
from nbtrain.worker.words import Language

TOPICS = (
    "my card is lost please block the card",
    "the flight was cancelled refund my ticket",
    "internet is slow the router keeps dropping",
    "cancel the subscription before renewal",
)


def corpus(n: int, seed: int = 0) -> list[tuple[str, ...]]:
    rng = np.random.default_rng(seed)
    texts: list[tuple[str, ...]] = []
    for number in range(n):
        words = TOPICS[number % len(TOPICS)].split()
        texts.append((" ".join(rng.permutation(words)[: 3 + number % 4]),))
    return texts


@pytest.mark.parametrize("n", [1, 2, 10, 49, 50, 400])
def test_rows_have_unit_length(n: int) -> None:
    embedder = LexicalEmbedder(Language("en-US"))
    texts = corpus(n)
    embedder.fit(texts)
    rows = embedder.transform(texts)
    assert rows.dtype == np.float32
    assert rows.shape == (n, embedder.n_dimensions)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_texts_of_one_topic_are_nearer_to_each_other() -> None:
    embedder = LexicalEmbedder(Language("en-US"))
    texts = corpus(400)
    embedder.fit(texts)
    rows = embedder.transform(texts)
    similar = rows @ rows.T
    topic = np.arange(400) % len(TOPICS)
    same = topic[:, None] == topic[None, :]
    assert similar[same].mean() > similar[~same].mean() + 0.3


@pytest.mark.parametrize(
    "texts",
    [
        [("same words here",)] * 80,
        [("😀😀",), ("🎉",), ("!!!",)] * 30,
        [("one",), ("two",), ("three",)] * 30,
        [("x" * 5000,), ("a b c " * 4000,), ("short",)] * 20,
        [("كيف أعيد الطلب",), ("kargom nerede",), ("where is it",), ("请问我的订单",)] * 20,
        [(f"unique{number}",) for number in range(120)],
    ],
    ids=["equal", "marks", "single words", "long", "mixed scripts", "no word twice"],
)
def test_odd_corpora_have_sane_rows(texts: list[tuple[str, ...]]) -> None:
    embedder = LexicalEmbedder(Language("en-US"))
    embedder.fit(texts)
    rows = embedder.transform(texts)
    assert np.isfinite(rows).all()
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    alike = [place for place, text in enumerate(texts) if text == texts[0]]
    assert all((rows[place] == rows[0]).all() for place in alike)


def test_what_is_unknown_has_its_own_axis() -> None:
    embedder = LexicalEmbedder(Language("en-US"))
    embedder.fit(corpus(100))
    known, unknown = embedder.transform([("my card is lost",), ("請問",)])
    assert unknown[-1] == 1.0
    assert known @ unknown == 0.0


def test_turkish_letters_fold_as_in_turkish() -> None:
    turkish = Language("tr-TR")
    assert turkish.words("IŞIĞI İPTAL") == turkish.words("ışığı iptal") == ["ışığı", "iptal"]
    assert Language("en-US").words("INBOX İstanbul") == ["inbox", "istanbul"]


def test_words_keep_together_what_belongs_together() -> None:
    assert Language("en-US").words("I don’t know") == ["i", "don't", "know"]
    assert Language("fr-FR").words("l'argent d’ici") == ["l", "argent", "d", "ici"]
    # Vowel signs make no other word of it.
    assert Language("ar-SA").words("مُحَمَّد شكراً") == Language("ar-SA").words("محمد شكرا")
    assert Language("en-US").words(" 👍 ") == ["👍"]


@pytest.mark.parametrize("code", ["en-US", "tr-TR", "ar-SA", "fr-FR", "nl-NL", "it-IT"])
def test_every_language_has_its_stop_words(code: str) -> None:
    assert 60 <= len(Language(code).stop_words) <= 250


def test_a_kept_model_labels_as_the_trained_one(tmp_path: Path) -> None:
    embedder = LexicalEmbedder(Language("en-US"))
    texts = corpus(200)
    embedder.fit(texts)
    rows = embedder.transform(texts)
    centres = np.stack([rows[topic :: len(TOPICS)].mean(axis=0) for topic in range(len(TOPICS))])
    model = ClusterModel(embedder, centres, ("card", "flight", "internet", "subscription"))
    save_model(tmp_path, model)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.npz"]
    loaded = load_model(tmp_path)
    assert loaded.kind == "clustering"
    new = ["a lost card", "router so slow", "refund for the flight", "subscription renewal"]
    told = loaded.predict(new)
    assert [best.label for best, *_ in told] == ["card", "internet", "flight", "subscription"]
    assert [best.cluster_id for best, *_ in told] == [0, 2, 1, 3]
    for predictions in told:
        confidences = [prediction.confidence for prediction in predictions]
        assert confidences == sorted(confidences, reverse=True)
        assert sum(confidences) == pytest.approx(1.0)
    said = [text for (text,) in texts]
    assert [one[0][:2] for one in loaded.predict(said, top_n=1)] == [
        one[0][:2] for one in model.predict(said)
    ]
    assert loaded.predict([]) == []


def small_model(folder: Path, dimensions: int = 2) -> None:
    embedder = LexicalEmbedder(Language("en-US"))
    embedder.fit(corpus(8))
    save_model(folder, ClusterModel(embedder, embedder.transform(corpus(dimensions)), ("a", "b")))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.json", b"{"),
        ("model.json", b"[]"),
        ("model.json", b'{"format": 5, "kind": "clustering"}'),
        ("model.npz", b"PK"),
        ("model.npz", b""),
    ],
)
def test_a_damaged_model_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    small_model(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match="damaged model; train it again"):
        load_model(tmp_path)


def test_arrays_of_another_model_are_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for n_clusters, folder in enumerate((one, other), 2):
        folder.mkdir()
        small_model(folder, n_clusters)
    load_model(one)
    (one / "model.npz").write_bytes((other / "model.npz").read_bytes())
    with pytest.raises(ValueError, match="damaged"):
        load_model(one)


def test_an_older_model_is_of_another_format(tmp_path: Path) -> None:
    small_model(tmp_path)
    path = tmp_path / "model.json"
    older = json.loads(path.read_text(encoding="utf-8")) | {"format": 3}
    del older["sha256"]
    path.write_text(json.dumps(older), encoding="utf-8")
    with pytest.raises(ValueError, match=r"another format.*Train it again"):
        load_model(tmp_path)
