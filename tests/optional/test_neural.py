"""The neural embedder with a real model, in the trainer's processes.

Skipped unless the extra ``neural`` is installed and ``NBTRAIN_TEST_MODEL`` names the folder of an
English model, such as ``export_model.py`` writes.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import nbtrain
from nbtrain import (
    Clustering,
    IntentClassification,
    LocalService,
    NbtrainError,
    TrainingRequest,
    TrainingResult,
)
from nbtrain.errors import RunFailed
from nbtrain.protocols.job import CacheFolder
from nbtrain.worker.feature_cache import FeatureCache
from nbtrain.worker.model_folder import ModelFolder, find_model
from nbtrain.worker.neural import NeuralEmbedder

FOLDER = os.environ.get("NBTRAIN_TEST_MODEL", "")
pytestmark = [
    pytest.mark.skipif(
        not Path(FOLDER, "tokenizer.json").is_file(),
        reason="NBTRAIN_TEST_MODEL names no folder of a model",
    ),
    pytest.mark.skipif(
        not (find_spec("onnxruntime") and find_spec("tokenizers")),
        reason="the extra 'neural' is not installed",
    ),
]

TEXTS = [
    ("My bank card was stolen.",),
    ("I can't find the plastic I pay with.",),
    ("Will it rain on Sunday?",),
    ("What is the forecast for the weekend?",),
]


@pytest.fixture(scope="module")
def embedder() -> NeuralEmbedder:
    return NeuralEmbedder(FOLDER)


def test_meaning_counts_not_words(embedder: NeuralEmbedder) -> None:
    rows = embedder.transform(TEXTS)
    assert rows.dtype == np.float32
    assert np.allclose((rows * rows).sum(axis=1), 1, atol=1e-5)
    near = rows @ rows.T
    assert near[0, 1] > near[0, 2:].max()
    assert near[2, 3] > near[2, :2].max()


def test_a_new_text_gets_the_same_row_in_any_company(embedder: NeuralEmbedder) -> None:
    rows = embedder.transform(TEXTS)
    assert np.allclose(embedder.transform(TEXTS[::-1])[::-1], rows, atol=1e-5)
    assert np.allclose(embedder.transform(TEXTS[1:2]), rows[1:2], atol=1e-5)


def test_what_is_said_of_a_text_does_not_depend_on_its_company(embedder: NeuralEmbedder) -> None:
    corpus = [*TEXTS, *TEXTS, ("a " * 300,), ("",)]
    shares: list[float] = []
    rows = embedder.transform(corpus, shares.append)
    assert (rows[:4] == rows[4:8]).all()
    assert (rows[:4] == embedder.transform(TEXTS)).all()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("network", ["model.onnx", "model_quantized.onnx"])
def test_texts_that_were_read_are_not_read_again(tmp_path: Path, network: str) -> None:
    if not Path(FOLDER, network).is_file():
        pytest.skip("the model's folder has no such network")
    model = ModelFolder("m", Path(FOLDER), Path(FOLDER, network))
    cache = FeatureCache(CacheFolder(tmp_path / "features", 10**8))
    texts = [(text,) for text in nbtrain.samples.sentences(300, random_state=1)["text"]]
    alone = NeuralEmbedder(model).transform(texts)
    first = NeuralEmbedder(model, cache)
    assert first.n_unread(texts[:250]) == len(set(texts[:250])) > 200
    assert (first.transform(texts[:250]) == alone[:250]).all()
    grown = NeuralEmbedder(model, cache)
    new = set(texts) - set(texts[:250])
    assert grown.n_unread(texts) == len(new) > 0
    assert (grown.transform(texts) == alone).all()
    assert grown.n_unread(texts) == 0


def test_the_model_counts_by_its_content(tmp_path: Path) -> None:
    cache = FeatureCache(CacheFolder(tmp_path / "features", 10**8))
    NeuralEmbedder(FOLDER, cache).transform(TEXTS)
    copy = tmp_path / "copy"
    shutil.copytree(FOLDER, copy)
    assert NeuralEmbedder(str(copy), cache).n_unread(TEXTS) == 0
    (copy / "sentence_bert_config.json").write_text('{"max_seq_length": 4}')
    assert NeuralEmbedder(str(copy), cache).n_unread(TEXTS) == len(TEXTS)


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\0", "x" * 100_000, "word " * 20_000, "😀"])
def test_odd_texts_have_rows(embedder: NeuralEmbedder, text: str) -> None:
    row = embedder.transform([(text,)])
    assert np.isfinite(row).all()
    assert abs(float((row * row).sum()) - 1) < 1e-4
    assert len(embedder.transform([])) == 0


def test_a_name_of_the_hub_is_found_in_its_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    place = tmp_path / "models--some--model"
    shutil.copytree(FOLDER, place / "snapshots" / "abc")
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    found = find_model("some/model")
    assert found.asked == "some/model"
    assert found.sha256 == find_model(FOLDER).sha256
    with pytest.raises(RunFailed, match="neither a folder nor in the Hugging Face cache"):
        find_model("some/other")


def test_a_network_that_is_none_is_refused(tmp_path: Path) -> None:
    shutil.copy(Path(FOLDER, "tokenizer.json"), tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no network")
    with pytest.raises(RunFailed, match="can't be run"):
        NeuralEmbedder(str(tmp_path))


def train(service: LocalService, request: TrainingRequest) -> tuple[TrainingResult, str]:
    run = nbtrain.submit(request, service)
    run.wait(timeout=240)
    return service.result(run.run_id), run.run_id


def test_clusters_in_the_service(tmp_path: Path, service: LocalService) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    table = nbtrain.samples.sentences(240, n_intents=8, random_state=1)
    data = nbtrain.write_intents(table, tmp_path / "data.json", text="text")
    task = Clustering(8, embedder=str(folder))
    request = TrainingRequest("neural-clusters", data, task)
    result, run_id = train(service, request)
    assert result.provenance["embedding"].startswith("neural: ")
    assert result.warnings == ()
    assert result.provenance["features"] == "made in this run"
    again, _ = train(service, request)
    assert again.cluster_ids == result.cluster_ids
    assert again.provenance["features"] == "reused from an earlier run"
    texts = list(result.document_ids[:50])
    told = [found.predictions[0].cluster_id for found in service.predict(run_id, texts)]
    assert np.mean(np.array(told) == result.cluster_ids[:50]) > 0.9
    # The kept model holds where the network is, not the network.
    (folder / "tokenizer.json").unlink()
    fresh, other_id = train(service, replace(request, task=Clustering(8), model_id="plain"))
    assert not fresh.provenance["embedding"].startswith("neural")
    assert service.predict(other_id, texts[:1])


def test_a_model_whose_embedder_is_gone_says_so(tmp_path: Path, service: LocalService) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    table = nbtrain.samples.sentences(60, n_intents=4)
    data = nbtrain.write_intents(table, tmp_path / "data.json", text="text")
    _, run_id = train(service, TrainingRequest("lost", data, Clustering(4, embedder=str(folder))))
    shutil.rmtree(folder)
    with pytest.raises(NbtrainError, match=r"The embedder .* is not there"):
        service.predict(run_id, ["where is my parcel"])


def test_intents_in_the_service(tmp_path: Path, service: LocalService) -> None:
    table = nbtrain.samples.sentences(160, n_intents=8, random_state=1)
    data = nbtrain.write_intents(
        table, tmp_path / "data.json", text="text", intent="intent", schema="utterance"
    )
    task = IntentClassification(embedder=FOLDER)
    result, run_id = train(service, TrainingRequest("neural-intents", data, task))
    assert "neural: " in result.provenance["features"]
    assert result.metrics["accuracy"] > 0.7
    told = service.predict(run_id, ["I want my money back", "where is my parcel"], 1)
    assert all(found.predictions for found in told)
