"""Time the data helpers beside what one would write with pandas alone, in the same run.

    python -m tests.benchmarks.data_speed [--turns 200000] [--repeats 3]

Only the ratios mean something on another machine. Each figure is the least CPU time of several
tries; ours and the baseline take turns, so that a busy machine slows both. The peak is that of
Python's own allocations, traced in a try that isn't timed.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import nbtrain

Task = Callable[[], object]


def conversations(turns: int, seed: int = 0) -> pd.DataFrame:
    """Make dialogues of about 17 turns of about 9 words, a Zipf-like vocabulary of 20,000."""
    rng = np.random.default_rng(seed)
    lengths = rng.geometric(1 / 9, turns)
    ranks = np.minimum(rng.zipf(1.3, lengths.sum()), 20_000)
    letters = np.array(list("abcdefghiklmnoprstuvyz"))
    vocabulary = [
        "".join(rng.choice(letters, size)) for size in rng.integers(2, 11, ranks.max() + 1)
    ]
    words = [vocabulary[rank] for rank in ranks.tolist()]
    ends = np.cumsum(lengths).tolist()
    starts = [0, *ends[:-1]]
    dialogue = np.cumsum(rng.random(turns) < 1 / 17)
    return pd.DataFrame(
        {
            "conversation": dialogue,
            "speaker": np.where(rng.random(turns) < 0.5, "customer", "agent"),
            "text": [" ".join(words[a:b]) for a, b in zip(starts, ends, strict=True)],
        }
    )


def pandas_words(df: pd.DataFrame) -> int:
    """Count words as most notebooks do."""
    return int(df["text"].str.split().str.len().sum())  # type: ignore[misc]


def pandas_dialogues(df: pd.DataFrame, path: Path) -> None:
    """Write dialogues as most notebooks do."""
    dialogues = [
        {"dialogueId": str(name), "turns": group[["speaker", "text"]].to_dict("records")}
        for name, group in df.groupby("conversation", sort=False)
    ]
    with path.open("w", encoding="utf-8") as file:
        json.dump(dialogues, file, ensure_ascii=False)


def seconds(tasks: list[Task], repeats: int) -> list[float]:
    """Return the least CPU time of each task; they take turns."""
    best = [float("inf")] * len(tasks)
    for _ in range(repeats):
        for place, task in enumerate(tasks):
            start = time.process_time()
            task()
            best[place] = min(best[place], time.process_time() - start)
    return best


def peak(task: Task) -> float:
    """Return the most memory that a task holds at a time, in MB."""
    tracemalloc.start()
    task()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


def compare(df: pd.DataFrame, folder: Path, repeats: int) -> pd.DataFrame:
    """Time everything; one row a pair, ours and the baseline."""
    columns: dict[str, Any] = {"dialogue_id": "conversation", "speaker": "speaker", "text": "text"}
    ours, theirs = folder / "ours.json", folder / "theirs.json"
    pairs: dict[str, tuple[Task, Task]] = {
        "count_words": (lambda: nbtrain.count_words(df["text"]), lambda: pandas_words(df)),
        "check": (lambda: nbtrain.check(df, **columns), lambda: pandas_words(df)),
        "write_dialogues": (
            lambda: nbtrain.write_dialogues(df, ours, **columns),
            lambda: pandas_dialogues(df, theirs),
        ),
        "read_data_file": (
            lambda: nbtrain.read_data_file(ours, "dialogue"),
            lambda: json.loads(ours.read_bytes()),
        ),
    }
    rows = {}
    for name, tasks in pairs.items():
        own, other = seconds(list(tasks), repeats)
        rows[name] = (own, other, other / own, peak(tasks[0]), peak(tasks[1]))
    assert int(nbtrain.count_words(df["text"])) == pandas_words(df)
    assert json.loads(ours.read_bytes()) == json.loads(theirs.read_bytes())
    labels = ["seconds", "baseline_seconds", "times_faster", "peak_mb", "baseline_peak_mb"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=labels)


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    df = conversations(arguments.turns)
    with tempfile.TemporaryDirectory() as folder:
        table = compare(df, Path(folder), arguments.repeats)
    print(f"{len(df):,} turns, {df['conversation'].nunique():,} dialogues, pandas {pd.__version__}")
    print(table.round({"times_faster": 1, "peak_mb": 0, "baseline_peak_mb": 0}).to_string())


if __name__ == "__main__":
    main()
