"""How well a clustering tells texts unlike all that it has learned from, in one run.

A script, not a test::

    python -m tests.benchmarks.unlike_texts

A model is trained, as the local service does it, on half of CLINC150's in-scope texts. Printed is
which share is flagged of: the other half, which should stay; the out-of-scope texts, which are
near in topic and wording; in-scope texts with their letters shuffled; and xSID's texts in other
languages. Then the same of a model of few Turkish texts, where words inflect; xSID's languages
translate each other and share names, so that they are less foreign to it.

    flagged, %      in scope   out of scope   shuffled   other languages
    CLINC150           4.9        76.2         100.0       99.6 to 100.0
    400 Turkish        1.0          -           97.8       47 (en) to 85
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Mapping
from pathlib import Path

if __name__ == "__main__":
    from nbtrain.worker.__main__ import limit_threads

    limit_threads()

from nbtrain.documents import DataSchema
from nbtrain.protocols.job import Job
from nbtrain.tasks import Clustering
from nbtrain.worker.artifacts import load_model
from nbtrain.worker.training import train

from .clustering_quality import read


def shuffled(text: str, rng: random.Random) -> str:
    """Return words of the same lengths, made of the same letters."""
    letters = iter(rng.sample(text.replace(" ", ""), len(text.replace(" ", ""))))
    return " ".join("".join(next(letters) for _ in word) for word in text.split())


def show(known: list[str], others: Mapping[str, list[str]], k: int, language: str) -> None:
    """Train on texts, and print which share of the others is flagged."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data.json"
        data.write_text(json.dumps([{"Text": text} for text in known]), encoding="utf-8")
        task = Clustering(k)
        job = Job("r", "m", folder, data, DataSchema.INTENT, language, task)
        train(job, lambda message: None)
        model = load_model(folder)
    print(f"trained on {len(known):,} texts, {language}")
    for title, texts in others.items():
        flagged = [bool(told.out_of_domain) for told in model.tell(texts, 1)]
        print(
            f"  {title:24} {100 * sum(flagged) / len(texts):5.1f} % of {len(texts):,}", flush=True
        )


def main() -> None:
    """Print one block per model."""
    rng = random.Random(0)
    rows = read("clinc150.csv.gz")
    inside = [row["text"] for row in rows if not row["split"].startswith("oos")]
    rng.shuffle(inside)
    half = len(inside) // 2
    foreign: dict[str, list[str]] = {}
    for row in read("xsid_open.csv.gz"):
        foreign.setdefault(row["lang"], []).append(row["text"])
    others = {
        "in scope": inside[half:],
        "out of scope": [row["text"] for row in rows if row["split"].startswith("oos")],
        "letters shuffled": [shuffled(text, rng) for text in inside[half : half + 1000]],
        **{f"xSID {code}": texts for code, texts in foreign.items() if code != "en"},
    }
    show(inside[:half], others, 150, "en-US")
    turkish = foreign["tr"]
    rng.shuffle(turkish)
    half = len(turkish) // 2
    others = {
        "in scope": turkish[half:],
        "letters shuffled": [shuffled(text, rng) for text in turkish[half:]],
        **{f"xSID {code}": texts for code, texts in foreign.items() if code != "tr"},
    }
    show(turkish[:half], others, 16, "tr-TR")


if __name__ == "__main__":
    main()
