"""What the second training of the same data takes if it reuses the features of the first.

A script, not a test::

    python -m tests.benchmarks.feature_reuse

CLINC150, 150 clusters after 100, and 100 texts more after that; processor seconds of the whole
worker process, the median of three, as the ratio to a training without a cache. Where
``NBTRAIN_TEST_MODEL`` names the folder of a neural model, with its vectors, too, of every fourth
text.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from nbtrain.protocols.job import CacheFolder
from nbtrain.tasks import Clustering
from tests.benchmarks._worker_runs import Measured, noisy, run_worker
from tests.benchmarks.clustering_quality import load, neural_model

ROUNDS = 3
MORE = 100


def compare(texts: list[str], embedder: str | None) -> None:
    """Print one block."""
    more = list(noisy(texts, len(texts) + MORE))
    others, tasks = Clustering(100, embedder=embedder), Clustering(150, embedder=embedder)
    plain, first, second, grown, grown_plain = [], [], [], [], []
    size = 0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            cache = CacheFolder(Path(name) / "features", 2 * 1024**3)
            plain.append(run_worker(texts, tasks))
            first.append(run_worker(texts, others, cache=cache))
            second.append(run_worker(texts, tasks, cache=cache))
            size = sum(path.stat().st_size for path in cache.path.rglob("*.*"))
            if embedder:
                grown.append(run_worker(more, tasks, cache=cache))
                grown_plain.append(run_worker(more, tasks))
    assert all(one.cluster_ids == plain[0].cluster_ids for one in (*plain, *second))
    assert all(one.cluster_ids == grown_plain[0].cluster_ids for one in (*grown, *grown_plain))
    beside = "with a neural model" if embedder else "from the texts alone"
    print(f"{len(texts):,} texts, {beside}; the cache holds {size / 1e6:.0f} MB", flush=True)
    say("without a cache", plain, plain)
    say("first with one", first, plain)
    say("second, 150 after 100", second, plain)
    if embedder:
        say(f"{MORE} texts more", grown, plain)
    reusing, whole = second[0].deviation(), plain[0].deviation()
    print(f"  deviation of progress {reusing:.3f}, without a cache {whole:.3f}; the same labels")


def say(what: str, measured: list[Measured], plain: list[Measured]) -> None:
    """Print seconds and their ratio to those without a cache."""
    seconds, whole = (statistics.median(one.cpu for one in each) for each in (measured, plain))
    print(f"  {what:24} {seconds:6.2f} s  {seconds / whole:5.2f}   {measured[0].features}")


def main() -> None:
    """Print both blocks."""
    texts = [text for (text,) in load("clinc150")[0]]
    compare(texts, None)
    if folder := neural_model("en-US"):
        compare(texts[::4], folder)


if __name__ == "__main__":
    main()
