"""The training process as the service sees it: a job in, messages out, a result file."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nbtrain.documents import DataSchema
from nbtrain.progress import EpochStats
from nbtrain.protocols.job import RESULT_FILE, Done, Failed, Job, Message, Progress, read_message
from nbtrain.protocols.local import result_from_json
from nbtrain.results import TrainingResult
from nbtrain.tasks import LLM, Clustering
from nbtrain.worker.__main__ import ORPHANED, reason
from nbtrain.worker.artifacts import load_model

TOPICS = {
    "card": ["card", "lost", "stolen", "block", "pin", "new", "replacement", "wallet"],
    "flight": ["flight", "cancelled", "airport", "boarding", "seat", "luggage", "gate", "delayed"],
    "internet": ["internet", "router", "slow", "modem", "connection", "dropping", "wifi", "signal"],
    "invoice": ["invoice", "charged", "twice", "refund", "payment", "bill", "amount", "wrong"],
}


def sentences(n: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    topics = list(TOPICS.values())
    return [
        f"my {' '.join(rng.sample(topics[number % len(topics)], 4))} please {number}"
        for number in range(n)
    ]


def intent_job(folder: Path, texts: list[str], task: Clustering, language: str = "en-US") -> Job:
    return job_of(folder, [{"Text": text} for text in texts], DataSchema.INTENT, task, language)


def job_of(
    folder: Path, records: Any, schema: DataSchema, task: Clustering, language: str = "en-US"
) -> Job:
    data = folder / "data.json"
    data.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    run = folder / "run"
    run.mkdir(exist_ok=True)
    return Job("r1", "demo", run, data, schema, language, task)


@contextmanager
def worker(line: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "nbtrain.worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding="utf-8",
    )  # fmt: skip
    assert process.stdin is not None
    try:
        process.stdin.write(line + "\n")
        process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.communicate()


def run(job: Job) -> list[Message]:
    """Run a job to its end; the messages."""
    with worker(job.to_line()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        messages = [read_message(line) for line in process.stdout]
        status = process.wait(timeout=60)
        errors = process.stderr.read()
    assert errors == "", errors
    assert status == (0 if isinstance(messages[-1], Done) else 1)
    return messages


def result_of(job: Job) -> TrainingResult:
    messages = run(job)
    assert messages[-1] == Done()
    return result_from_json(json.loads((job.folder / RESULT_FILE).read_text(encoding="utf-8")))


def failure_of(job: Job) -> str:
    last = run(job)[-1]
    assert isinstance(last, Failed)
    assert not list(job.folder.iterdir())
    return last.message


def check(result: TrainingResult, documents: int) -> None:
    """What is true of every result."""
    assert len(result.document_ids) == len(set(result.document_ids)) == documents
    assert len(result.cluster_ids) == len(result.confidences) == documents
    sizes = Counter(result.cluster_ids)
    assert [cluster.size for cluster in result.clusters] == [
        sizes[number] for number in range(result.n_clusters)
    ]
    assert [cluster.cluster_id for cluster in result.clusters] == list(range(result.n_clusters))
    assert sorted(sizes.values(), reverse=True) == list(map(sizes.get, sorted(sizes)))
    assert len({cluster.name for cluster in result.clusters}) == result.n_clusters
    assert all(0 <= value <= 1 for value in result.confidences)
    assert all(cluster.name for cluster in result.clusters)


def test_a_good_job(tmp_path: Path) -> None:
    texts = sentences(400)
    job = intent_job(tmp_path, texts, Clustering(4))
    messages = run(job)
    progress = [message for message in messages if isinstance(message, Progress)]
    stages = list(dict.fromkeys(message.stage for message in progress))
    assert stages == ["reading", "embedding", "clustering", "mapping", "naming", "saving"]
    fractions = [message.fraction for message in progress]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    epochs = [message for message in messages if isinstance(message, EpochStats)]
    assert [stats.epoch for stats in epochs] == list(range(1, len(epochs) + 1))
    assert len(epochs) >= 2
    assert set(epochs[0].metrics) == {"objective", "moved", "silhouette"}
    assert messages[-1] == Done()

    saved = (job.folder / RESULT_FILE).read_text(encoding="utf-8")
    result = result_from_json(json.loads(saved))
    check(result, 400)
    assert (result.run_id, result.model_id, result.schema) == ("r1", "demo", DataSchema.INTENT)
    assert result.document_ids == tuple(texts)
    for place, topic in enumerate(TOPICS.values()):
        assert len(set(result.cluster_ids[place :: len(TOPICS)])) == 1
        cluster = result.clusters[result.cluster_ids[place]]
        assert set(cluster.name.split(", ")) <= set(topic)
        assert set(cluster.keywords[:5]) <= set(topic)
        assert len(cluster.examples) == len(set(cluster.examples)) == 5
        assert set(cluster.examples) <= set(texts[place :: len(TOPICS)])
    assert result.document_map is not None
    assert result.document_map.documents == tuple(range(400))
    assert max(*result.document_map.x, *result.document_map.y) == 100
    assert result.metrics["silhouette"] == epochs[-1].metrics["silhouette"]
    assert result.provenance["random_state"] == "0"
    assert len(result.provenance["data_sha256"]) == 64
    assert result.provenance["started"] <= result.provenance["ended"]
    assert {path.name for path in job.folder.iterdir()} == {
        RESULT_FILE, "model.json", "model.npz",
    }  # fmt: skip


def test_the_kept_model_gives_the_same_clusters(tmp_path: Path) -> None:
    job = intent_job(tmp_path, sentences(200), Clustering(4))
    result = result_of(job)
    model = load_model(job.folder)
    assert model.names == tuple(cluster.name for cluster in result.clusters)
    told = model.predict(result.document_ids, top_n=1)
    assert tuple(best.cluster_id for (best,) in told) == result.cluster_ids


def test_documents_between_two_clusters_are_counted(tmp_path: Path) -> None:
    texts = [*sentences(300), *sentences(100), *sentences(50)]
    result = result_of(intent_job(tmp_path, texts, Clustering(9)))
    times = Counter(texts)
    between = sum(
        times[text]
        for text, sure in zip(result.document_ids, result.confidences, strict=True)
        if sure < 0.1
    )
    assert between > 0
    assert sum(overlap.documents for overlap in result.overlaps) == between
    for overlap in result.overlaps:
        smaller = result.clusters[overlap.second].size
        assert overlap.first < overlap.second
        assert overlap.share == pytest.approx(min(overlap.documents / smaller, 1), abs=1e-4)
    shares = [overlap.share for overlap in result.overlaps]
    assert shares == sorted(shares, reverse=True)


def test_auto_with_an_llm_wish(tmp_path: Path) -> None:
    job = intent_job(tmp_path, sentences(400), Clustering("auto", LLM()))
    result = result_of(job)
    check(result, 400)
    assert 3 <= result.n_clusters <= 6
    assert any("No LLM provider" in warning for warning in result.warnings)
    stages = {message.stage for message in run(job) if isinstance(message, Progress)}
    assert "choosing" in stages


def test_dialogues_with_labelled_intents(tmp_path: Path) -> None:
    records = [
        {
            "dialogueId": f"d{number}",
            "turns": [
                {"speaker": "agent", "text": "Hello, what can I do for you?"},
                {"speaker": "customer", "text": "Hi"},
                {"speaker": "customer", "text": text},
            ],
        }
        for number, text in enumerate(sentences(120))
    ]
    job = job_of(tmp_path, records, DataSchema.DIALOGUE, Clustering(4))
    labelled = tmp_path / "labelled.json"
    known = sentences(24, seed=9)
    labelled.write_text(
        json.dumps(
            [
                {"Label": f"known {list(TOPICS)[place]}", "Text": text}
                for place in (1, 3)
                for text in known[place::4]
            ]
        ),
        encoding="utf-8",
    )
    result = result_of(replace(job, secondary_data=labelled))
    check(result, 120)
    assert result.n_clusters == 4
    named = {result.clusters[result.cluster_ids[place]].name for place in (1, 3)}
    assert named == {"known flight", "known invoice"}
    assert result.clusters[0].examples[0].startswith("my ")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    job = replace(job, folder=fresh, secondary_data=labelled)
    assert "2 intents" in failure_of(replace(job, task=Clustering(1)))


def test_two_runs_agree_to_the_byte(tmp_path: Path) -> None:
    job = intent_job(tmp_path, sentences(300), Clustering("auto", random_state=7))
    first, second = (replace(result_of(job), provenance={}) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("n_clusters", ["auto", 3])
def test_turkish(tmp_path: Path, n_clusters: Any) -> None:
    topics = [
        "kartım kayboldu kartımı kapatır mısınız",
        "kargom nerede siparişim gelmedi",
        "faturamı yüksek geldi itiraz ediyorum",
    ]
    texts = [f"{topics[i % 3]} {i}" for i in range(30)]
    texts += ["KARTIM ŞIKIŞTI", "kartım şıkıştı", "KARTIM ŞIKIŞTI".casefold()]
    result = result_of(intent_job(tmp_path, texts, Clustering(n_clusters), "tr-TR"))
    check(result, len(texts))
    assert len(set(result.cluster_ids[-3:])) == 1
    words = {word for cluster in result.clusters for word in cluster.keywords}
    assert any(word.startswith("kart") for word in words)
    assert "mısınız" not in words


def test_marks_and_white_space(tmp_path: Path) -> None:
    texts = ["😀", "🎉🎉", "???", "\t", "\u200b", "ok", "OK ", "12", "a", "<b>x</b>", "\u0000x"]
    result = result_of(intent_job(tmp_path, texts, Clustering(4)))
    check(result, len(texts) - 1)
    labels = result.labels
    assert labels["ok"] == labels["OK "]
    assert any("without text" in warning for warning in result.warnings)


def test_as_many_clusters_as_documents(tmp_path: Path) -> None:
    # Some differ only in the order of words, or in marks.
    texts = ["lost card", "card lost", "card lost!", "refund", "hello", "👍", "a", "b"]
    result = result_of(intent_job(tmp_path, texts, Clustering(len(texts))))
    check(result, len(texts))
    assert sorted(result.cluster_ids) == list(range(len(texts)))


def test_as_many_clusters_as_many_documents(tmp_path: Path) -> None:
    texts = sentences(120)
    result = result_of(intent_job(tmp_path, texts, Clustering(120)))
    assert sorted(result.cluster_ids) == list(range(120))


@pytest.mark.parametrize(
    ("texts", "n_clusters", "says"),
    [
        (["same", "Same", " same "], "auto", "only one text"),
        (["same", "Same", "other"], 3, "only 2 different texts"),
        (["", "  "], 2, "no document with text"),
        ([], 2, "no document with text"),
    ],
)
def test_too_few_texts(tmp_path: Path, texts: list[str], n_clusters: Any, says: str) -> None:
    message = failure_of(intent_job(tmp_path, texts, Clustering(n_clusters)))
    assert says in message
    assert "Traceback" not in message


@pytest.mark.parametrize("content", [b"", b"[{", b"\xff\xfe\x00", b'[{"Txt": 1}]', b"7"])
def test_a_bad_data_file(tmp_path: Path, content: bytes) -> None:
    job = intent_job(tmp_path, [], Clustering(2))
    job.data.write_bytes(content)
    assert "data" in failure_of(job)


def test_a_missing_data_file(tmp_path: Path) -> None:
    job = intent_job(tmp_path, [], Clustering(2))
    job.data.unlink()
    assert "data.json" in failure_of(job)


def test_a_line_that_is_no_job() -> None:
    with worker("{}") as process:
        assert process.stdout is not None
        (message,) = [read_message(line) for line in process.stdout]
    assert isinstance(message, Failed)
    assert "job" in message.message


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_result_that_can_not_be_written(tmp_path: Path) -> None:
    job = intent_job(tmp_path, sentences(200), Clustering(4))
    # A limit on file sizes fails writes in the middle, as a full disk does.
    limited = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "
        "runpy.run_module('nbtrain.worker', run_name='__main__')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", limited],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(job.to_line() + "\n")
        process.stdin.flush()
        messages = [read_message(line) for line in process.stdout]
    last = messages[-1]
    assert isinstance(last, Failed)
    assert "could not read or write a file" in last.message
    assert not list(job.folder.iterdir())


def test_reasons_are_for_users() -> None:
    assert "disk is full" in reason(OSError(28, "No space left on device"))
    assert "memory" in reason(MemoryError())
    assert "unexpected" in reason(ZeroDivisionError("division by zero"))


def test_ends_within_a_second_when_its_service_is_gone(tmp_path: Path) -> None:
    job = intent_job(tmp_path, sentences(30_000), Clustering("auto"))
    with worker(job.to_line()) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            message = read_message(line)
            if isinstance(message, Progress) and message.stage == "embedding":
                break
        process.stdin.close()
        process.stdin = None
        assert process.wait(timeout=1.0) == ORPHANED
        assert Done() not in [read_message(line) for line in process.stdout]
    assert not list(job.folder.iterdir())


def test_ends_when_there_is_no_job() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "nbtrain.worker"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert process.returncode == ORPHANED
    assert process.stdout == b""
