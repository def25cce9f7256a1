"""What is put beside the lexical vectors: how it is asked for, found, refused and kept."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbtrain import samples
from nbtrain.documents import DataSchema
from nbtrain.errors import RequestError, RunFailed
from nbtrain.protocols.einstein_training import read_train, train_fields
from nbtrain.protocols.job import Job
from nbtrain.protocols.knovvu_form import form_fields, read_form
from nbtrain.results import TrainingResult
from nbtrain.tasks import Clustering, IntentClassification
from nbtrain.training import DataFile, TrainingRequest
from nbtrain.worker.artifacts import load_model
from nbtrain.worker.embedders import neural_of
from nbtrain.worker.model_folder import find_model
from nbtrain.worker.training import train

Array = np.ndarray[Any, Any]


def model_folder(folder: Path, *files: str, **texts: str) -> Path:
    """Write a folder with the names of a model's files."""
    for name in (*files, "tokenizer.json"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


def job(
    folder: Path, task: Clustering | IntentClassification, texts: list[str], language: str = "en-US"
) -> Job:
    data = folder / "data.json"
    classify = isinstance(task, IntentClassification)
    records = [
        {"Text": text} | ({"Label": text.split()[0]} if classify else {"Label": ""})
        for text in texts
    ]
    data.write_text(json.dumps(records), encoding="utf-8")
    schema = DataSchema.UTTERANCE if classify else DataSchema.INTENT
    return Job("r", "m", folder, data, schema, language, task)


def trained(
    folder: Path, task: Clustering | IntentClassification, texts: list[str], language: str = "en-US"
) -> TrainingResult:
    return train(job(folder, task, texts, language), lambda message: None)


# --- asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize("embedder", ["", " ", 3, "a\nb"])
def test_what_is_no_name_is_refused(embedder: Any) -> None:
    assert Clustering(embedder=embedder).problems()[0].where == "embedder"
    assert IntentClassification(embedder=embedder).problems()[0].where == "embedder"


def test_a_path_is_taken() -> None:
    assert Clustering(embedder=Path("a") / "b").embedder == str(Path("a", "b"))  # type: ignore[arg-type]


def test_intents_need_more_than_a_matrix() -> None:
    assert "new texts" in IntentClassification(embedder="rows.npy").problems()[0].what
    assert Clustering(embedder="rows.npy").problems() == []


def request(task: Clustering | IntentClassification) -> TrainingRequest:
    classify = isinstance(task, IntentClassification)
    schema = DataSchema.UTTERANCE if classify else DataSchema.INTENT
    return TrainingRequest("m", DataFile(Path("data.json"), schema, 10, 20, "0"), task)


@pytest.mark.parametrize(
    "task", [Clustering(embedder="org/model"), IntentClassification(embedder="org/model")]
)
def test_knovvu_s_form_carries_it_to_the_local_service_only(
    task: Clustering | IntentClassification,
) -> None:
    assert read_form(form_fields(request(task), with_random_state=True)).task == task
    with pytest.raises(RequestError, match="embedder"):
        form_fields(request(task))


def test_einstein_s_call_carries_it_to_the_local_service_only() -> None:
    task = IntentClassification(embedder="/models/ö")
    options = read_train(train_fields(1, "m", task, ours=True)).options
    assert options.task(options.algorithm) == task
    with pytest.raises(RequestError, match="embedder"):
        train_fields(1, "m", task)
    fields = {"datasetId": "1", "name": "m"}
    with pytest.raises(RequestError, match=r"trainParams\.embedder"):
        read_train({**fields, "trainParams": '{"embedder": 3}'})


def test_a_job_carries_it() -> None:
    for task in (Clustering(embedder="a"), IntentClassification(embedder="a")):
        there = Job("r", "m", Path("f"), Path("d"), DataSchema.INTENT, "en-US", task)
        assert Job.from_line(there.to_line()) == there


# --- found -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("machine", "files", "chosen"),
    [
        ("x86_64", ["model.onnx"], "model.onnx"),
        ("x86_64", ["model.onnx", "model_quantized.onnx"], "model_quantized.onnx"),
        ("x86_64", ["onnx/model.onnx", "onnx/model_O3.onnx"], "onnx/model.onnx"),
        (
            "AMD64",
            ["onnx/model.onnx", "onnx/model_qint8_arm64.onnx", "onnx/model_quint8_avx2.onnx"],
            "onnx/model_quint8_avx2.onnx",
        ),
        (
            "arm64",
            ["onnx/model.onnx", "onnx/model_qint8_arm64.onnx", "onnx/model_quint8_avx2.onnx"],
            "onnx/model_qint8_arm64.onnx",
        ),
        ("arm64", ["onnx/model.onnx", "onnx/model_quint8_avx2.onnx"], "onnx/model.onnx"),
    ],
)
def test_the_quickest_network_that_the_processor_runs_well_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, files: list[str], chosen: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert find_model(str(model_folder(tmp_path, *files))).onnx == tmp_path / chosen


@pytest.mark.parametrize(
    ("texts", "languages"),
    [
        ({}, {"en"}),
        ({"README_md": "---\nlanguage: tr\n---\n"}, {"tr"}),
        (
            {"README_md": "---\nlicense: mit\nlanguage:\n- de\n- zh-CN\ntags:\n- x\n---"},
            {"de", "zh"},
        ),
        ({"README_md": "---\nlanguage:\n- multilingual\n- ar\n- tr\n---\n"}, {"ar", "tr"}),
        ({"README_md": "---\nlanguage: multilingual\n---\n"}, set()),
        ({"README_md": "---\nlanguage: [en, 'fr']\n---\n"}, {"en", "fr"}),
        ({"README_md": "language: tr"}, {"en"}),
        ({"config_json": '{"language": ["it"]}', "README_md": "---\nlanguage: tr\n---"}, {"it"}),
        ({"config_json": "no JSON"}, {"en"}),
    ],
)
def test_the_folder_tells_the_languages(
    tmp_path: Path, texts: dict[str, str], languages: set[str]
) -> None:
    folder = model_folder(tmp_path, "model.onnx", **texts)
    assert find_model(str(folder)).languages == languages


def test_the_folder_tells_the_limits_and_the_pooling(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, "model.onnx", "1_Pooling/config.json")
    assert (find_model(str(folder)).longest, find_model(str(folder)).first_token) == (512, False)
    (folder / "tokenizer_config.json").write_text('{"model_max_length": 1e30}')
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 128}')
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    assert (find_model(str(folder)).longest, find_model(str(folder)).first_token) == (128, True)


def test_the_hash_tells_one_model_from_another(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, "model.onnx")
    before = find_model(str(folder)).sha256
    assert find_model(str(folder)).sha256 == before
    (folder / "model.onnx_data").write_bytes(b"y")
    other = find_model(str(folder)).sha256
    (folder / "tokenizer.json").write_bytes(b"y")
    assert len({before, other, find_model(str(folder)).sha256}) == 3


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"is not there\. Name a folder"):
        find_model(str(tmp_path / "none"))
    with pytest.raises(RunFailed, match=r"lacks a file: it must hold model\.onnx"):
        find_model(str(tmp_path))


def test_a_name_of_the_hub_needs_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbtrain.worker.model_folder.find_spec", lambda name: None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunFailed, match=r"pip install 'nbtrain\[neural\]'"):
        find_model("org/model")


def test_without_the_extra_the_training_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    folder = model_folder(tmp_path / "model", "model.onnx")
    for task in (Clustering(embedder=str(folder)), IntentClassification(embedder=str(folder))):
        with pytest.raises(RunFailed, match=r"onnxruntime is not installed: pip install"):
            trained(tmp_path, task, ["a b", "a c", "b d", "b e"] * 3)


def test_a_model_of_another_language_is_not_used(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "model", "model.onnx")
    texts = samples.sentences(60, language="tr-TR", n_intents=4)["text"].tolist()
    result = trained(tmp_path, Clustering(4, embedder=str(folder)), texts, "tr-TR")
    assert "knows English, not Turkish" in result.warnings[-1]
    plain = trained(tmp_path, Clustering(4), texts, "tr-TR")
    assert plain.cluster_ids == result.cluster_ids
    task = IntentClassification(embedder=str(folder))
    assert neural_of(job(tmp_path, task, texts, "tr-TR"))[0] is None


# --- a matrix ----------------------------------------------------------------------------

TEXTS = [f"{word} {number}" for number in range(20) for word in ("alpha", "beta", "gamma")]
NOISE = np.random.default_rng(0).standard_normal((60, 8)) * 0.1


def matrix(folder: Path, rows: Any) -> str:
    path = folder / "rows.npy"
    np.save(path, rows)
    return str(path)


def halves() -> Array:
    """Rows of two groups: the first thirty texts, and the others."""
    rows = NOISE.copy()
    rows[:30, 0] += 3
    rows[30:, 1] += 3
    return rows


def test_a_matrix_says_which_texts_belong_together(tmp_path: Path) -> None:
    result = trained(tmp_path, Clustering(2, embedder=matrix(tmp_path, halves())), TEXTS)
    first, other = set(result.cluster_ids[:30]), set(result.cluster_ids[30:])
    assert len(first) == len(other) == 1
    assert first != other
    assert result.provenance["embedding"].startswith("precomputed: rows.npy")


def test_of_equal_texts_the_first_row_counts_and_empty_ones_have_one(tmp_path: Path) -> None:
    rows = np.vstack([halves()[:1], np.full((1, 8), 9.0), halves(), np.full((1, 8), 9.0)])
    embedder = matrix(tmp_path, rows)
    result = trained(
        tmp_path, Clustering(2, embedder=embedder), ["Alpha 0", " ", *TEXTS, "ALPHA 0"]
    )
    ids = dict(zip(result.document_ids, result.cluster_ids, strict=True))
    assert ids["ALPHA 0"] == ids["Alpha 0"] == ids["beta 0"] != ids["beta 15"]


def test_a_model_of_a_matrix_labels_no_new_texts(tmp_path: Path) -> None:
    trained(tmp_path, Clustering(2, embedder=matrix(tmp_path, halves())), TEXTS)
    with pytest.raises(RunFailed, match=r"vectors in rows\.npy, and of new texts it has none"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (np.ones((59, 8)), r"has 59 rows, but the data file holds 60 documents"),
        (np.full((60, 8), np.nan), "no finite numbers"),
        (np.ones((60, 0)), "no finite numbers, or none"),
        (np.ones(60), r"has the shape \(60,\)"),
        (np.full((60, 2), "a"), "type <U1"),
        (np.array([object()] * 60), r"is no \.npy file of numbers"),
    ],
)
def test_a_matrix_that_does_not_fit_is_refused(tmp_path: Path, rows: Array, reason: str) -> None:
    with pytest.raises(RunFailed, match=reason):
        trained(tmp_path, Clustering(2, embedder=matrix(tmp_path, rows)), TEXTS)


def test_a_matrix_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.npy").write_bytes(b"not numbers")
    for name, reason in (("no.npy", "no .npy file"), ("none.npy", "No such file")):
        with pytest.raises(RunFailed, match=reason):
            trained(tmp_path, Clustering(2, embedder=str(tmp_path / name)), TEXTS)
