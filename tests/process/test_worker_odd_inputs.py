"""Odd texts through the real training process: a sane result, or one clear error."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nbtrain.documents import DataSchema
from nbtrain.results import TrainingResult
from nbtrain.tasks import Clustering
from nbtrain.worker.artifacts import load_model

from .test_worker_process import check, failure_of, intent_job, job_of, result_of, sentences

ARABIC = ["أين طلبي", "بطاقتي ضاعت", "أريد استرداد المبلغ", "الإنترنت بطيء جدا", "إلغاء الاشتراك"]
TURKISH = ["KARTIM KAYBOLDU", "siparişim nerede", "iade istiyorum", "internet yavaş", "iptal et"]
ENGLISH = ["my card is lost", "where is my order", "I want a refund", "internet is slow", "cancel"]
JAPANESE = ["カードをなくした", "注文はどこですか", "返金してください", "遅い", "解約したい"]
EMOJI = ["😀", "😀😀", "🎉", "👍🏽", "👩‍👩‍👧", "❤️", "🔥🔥🔥", "💳❌", "🚚❓", "⭐⭐"]


def long_texts() -> list[str]:
    """Texts of 100,000 characters: many words, one word, marks, and short ones among them."""
    rng = random.Random(0)
    words = [word for text in sentences(8) for word in text.split()]
    many = [" ".join(rng.choices(words, k=20_000))[:100_000] for _ in range(3)]
    return [*many, "x" * 100_000, "?!" * 50_000, "ab " * 33_333, *sentences(60)]


TEXTS: dict[str, tuple[list[str], Any, str]] = {
    "50 texts": (sentences(50), "auto", "en-US"),
    "3 texts": (["lost card", "late flight", "slow router"], "auto", "en-US"),
    "2 texts": (["lost card", "late flight"], "auto", "en-US"),
    "k = 1": (sentences(60), 1, "en-US"),
    "k = 1 of 2 texts": (["lost card", "late flight"], 1, "en-US"),
    "k = n": (sentences(60), 60, "en-US"),
    "k = n - 1 of words in another order": (["a b c", "c b a", "b a c", "d"], 3, "en-US"),
    "100,000 characters": (long_texts(), 5, "en-US"),
    "100,000 characters, auto": (long_texts(), "auto", "en-US"),
    "mixed scripts": ([*ARABIC, *TURKISH, *ENGLISH, *JAPANESE] * 3, "auto", "en-US"),
    "Arabic as Turkish": ([f"{text} {n}" for n in range(12) for text in ARABIC], 5, "tr-TR"),
    "Turkish as Arabic": ([f"{text} {n}" for n in range(12) for text in TURKISH], 5, "ar-SA"),
    "English as Turkish": ([f"{text} {n}" for n in range(12) for text in ENGLISH], 5, "tr-TR"),
    "Japanese as English": ([f"{text} {n}" for n in range(12) for text in JAPANESE], 5, "en-US"),
    "emoji only": (EMOJI, "auto", "en-US"),
    "many emoji": ([a + b for a in EMOJI for b in EMOJI], 6, "en-US"),
    "numbers only": ([str(n * n) for n in range(80)], "auto", "en-US"),
    "marks only": (["?" * n for n in range(1, 70)], "auto", "en-US"),
    "all but one equal": (["the same text"] * 200 + ["another"], "auto", "en-US"),
    "one letter each": ([chr(letter) for letter in range(0x61, 0x7B)], "auto", "en-US"),
    "control signs": (
        ["a\u0000b", "\u200b\u200b", "\u202eabc", "\ufeffabc", "a\u2028b"],
        2,
        "en-US",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_sane_result(tmp_path: Path, name: str) -> None:
    texts, n_clusters, language = TEXTS[name]
    job = intent_job(tmp_path, texts, Clustering(n_clusters), language)
    result = result_of(job)
    distinct = list(dict.fromkeys(text for text in texts if text.strip()))
    check_repeated(result, distinct, texts)
    if n_clusters != "auto":
        assert result.n_clusters == n_clusters
    else:
        assert 1 <= result.n_clusters <= len(distinct)
    assert all(len(cluster.name) <= 200 for cluster in result.clusters)
    assert all(len(text) <= 201 for cluster in result.clusters for text in cluster.examples)
    model = load_model(job.folder)
    told = model.predict(distinct[:20])
    assert all(sum(share.confidence for share in shares) == pytest.approx(1) for shares in told)


def check_repeated(result: TrainingResult, distinct: Sequence[str], texts: Sequence[str]) -> None:
    """What is true of every result, where texts come more than once, too."""
    if len(distinct) == len(texts):
        check(result, len(distinct))
    assert result.document_ids == tuple(distinct)
    sizes = [0] * result.n_clusters
    for text in texts:
        if text.strip():
            sizes[result.labels[text]] += 1
    assert [cluster.size for cluster in result.clusters] == sizes
    assert min(sizes) >= 1


@pytest.mark.parametrize(
    ("texts", "n_clusters", "says"),
    [
        (["only this"], "auto", "only one text"),
        (["only this"], 1, "only one text"),
        (["the same"] * 500, 3, "only one text"),
        ([""] * 500, "auto", "no document with text"),
        (sentences(5), 6, "only 5 different texts"),
    ],
)
def test_one_clear_error(tmp_path: Path, texts: list[str], n_clusters: Any, says: str) -> None:
    message = failure_of(intent_job(tmp_path, texts, Clustering(n_clusters)))
    assert says in message
    assert "\n" not in message


def test_dialogues_of_which_the_customer_says_nothing(tmp_path: Path) -> None:
    turns: list[list[dict[str, str]]] = [
        [],
        [{"speaker": "customer", "text": " "}],
        [{"speaker": "agent", "text": "Anybody there?"}],
        [{"speaker": "customer", "text": "My card is lost"}],
        [{"speaker": "customer", "text": "😀"}, {"speaker": "customer", "text": "x" * 100_000}],
    ]
    records = [{"dialogueId": f"d{place}", "turns": said} for place, said in enumerate(turns)]
    result = result_of(job_of(tmp_path, records[1:], DataSchema.DIALOGUE, Clustering(3)))
    check(result, 3)
    assert any("without text" in warning for warning in result.warnings)


PREDICT = """
import json, sys
from pathlib import Path
from nbtrain.worker.__main__ import limit_threads
limit_threads()
from nbtrain.worker.artifacts import load_model
print(json.dumps(load_model(Path(sys.argv[1])).predict(json.load(sys.stdin))))
"""


def test_a_model_predicts_the_same_in_a_fresh_process(tmp_path: Path) -> None:
    job = intent_job(tmp_path, sentences(200), Clustering(4))
    result = result_of(job)
    asked = [*result.document_ids[:50], "a lost card", "請問", "", "🎉"]
    here = [[list(one) for one in row] for row in load_model(job.folder).predict(asked)]
    told = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", PREDICT, str(job.folder)],
                input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60,
            ).stdout
        )
        for _ in range(2)
    ]  # fmt: skip
    assert told[0] == told[1] == here
