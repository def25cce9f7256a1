"""Trainings in the real worker process, measured; and as many texts as wanted."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbtrain.documents import DataSchema
from nbtrain.protocols.job import CacheFolder, Done, Failed, Job, Progress, read_message
from nbtrain.protocols.local import result_from_json
from nbtrain.protocols.sweep_job import SweepJob
from nbtrain.sweep_plans import SweepPlan, coarse_to_fine
from nbtrain.tasks import Clustering, IntentClassification

__all__ = ["Measured", "noisy", "run_sweep_worker", "run_worker"]


@dataclass(slots=True)
class Measured:
    """What one training took.

    Parameters
    ----------
    cpu : float
        Processor seconds of the process, its start included.
    peak : int
        Most memory that was resident at a time, bytes.
    trace : list of (float, str, float)
        Of each progress message: processor seconds so far, stage, fraction.
    result_bytes, model_bytes : int
    features : str
        Where the features are from, as the provenance says.
    cluster_ids : list of int
    """

    cpu: float = 0.0
    peak: int = 0
    trace: list[tuple[float, str, float]] = field(default_factory=list)
    result_bytes: int = 0
    model_bytes: int = 0
    features: str = ""
    cluster_ids: list[int] = field(default_factory=list)

    def deviation(self) -> float:
        """Return the mean absolute difference of fraction and share of the time, over time."""
        spots = [(0.0, 0.0), *((at / self.cpu, told) for at, _, told in self.trace), (1.0, 1.0)]
        grid = [(place + 0.5) / 1000 for place in range(1000)]
        total, last = 0.0, 0
        for moment in grid:
            while last + 1 < len(spots) and spots[last + 1][0] <= moment:
                last += 1
            total += abs(spots[last][1] - moment)
        return total / len(grid)

    def stages(self) -> dict[str, float]:
        """Return the processor seconds of each stage; what comes before the first is ``start``."""
        begins: dict[str, float] = {"start": 0.0}
        for at, stage, _ in self.trace:
            begins.setdefault(stage, at)
        ends = [*list(begins.values())[1:], self.cpu]
        return {
            stage: end - begin for (stage, begin), end in zip(begins.items(), ends, strict=True)
        }


def run_worker(
    texts: Sequence[str],
    task: Clustering | IntentClassification,
    labels: Sequence[str] | None = None,
    language: str = "en-US",
    cache: CacheFolder | None = None,
) -> Measured:
    """Train in a process of its own, as the service does.

    Parameters
    ----------
    texts : sequence of str
    task : Clustering or IntentClassification
    labels : sequence of str, optional
        The intent of each text, for a classification.
    language : str
    cache : CacheFolder, optional
        Where features are kept for later runs.
    """
    schema = DataSchema.INTENT if labels is None else DataSchema.UTTERANCE
    measured = Measured()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data.json"
        _write_texts(data, texts, labels)
        job = Job("run", "model", folder, data, schema, language, task, cache=cache)
        _run(job.to_line(), measured)
        written = (folder / "result.json").read_bytes()
        result = result_from_json(json.loads(written))
        measured.result_bytes = len(written)
        measured.features = result.provenance.get("features", "")
        measured.cluster_ids = list(result.cluster_ids)
        models = folder.glob("model.*")
        measured.model_bytes = sum(path.stat().st_size for path in models)
    return measured


def run_sweep_worker(
    texts: Sequence[str], counts: Sequence[int], seeds: Sequence[int] = (0,)
) -> Measured:
    """Sweep in a process of its own, as the service does; sizes of results are not told.

    Parameters
    ----------
    texts : sequence of str
    counts : sequence of int
        Numbers of clusters.
    seeds : sequence of int
    """
    measured = Measured()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data.json"
        _write_texts(data, texts)
        plan = SweepPlan(tuple(coarse_to_fine(counts)), tuple(seeds))
        job = SweepJob("sweep", folder, data, DataSchema.INTENT, "en-US", plan)
        _run(job.to_line(), measured)
    return measured


def _write_texts(path: Path, texts: Sequence[str], labels: Sequence[str] | None = None) -> None:
    with path.open("w", encoding="utf-8") as file:
        for place, text in enumerate(texts):
            label = {} if labels is None else {"Label": labels[place]}
            file.write(json.dumps({**label, "Text": text}, ensure_ascii=False) + "\n")


def _run(line: str, measured: Measured) -> None:
    """Give a worker its job, and note what it says and takes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nbtrain.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()
    last = None
    for told in process.stdout:
        last = read_message(told.decode())
        measured.peak = max(measured.peak, _peak_bytes(process.pid))
        if isinstance(last, Progress):
            measured.trace.append((_cpu_seconds(process.pid), last.stage, last.fraction))
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0  # It has been waited for.
    process.stdin.close()
    process.stdout.close()
    if not isinstance(last, Done):
        raise RuntimeError(last.message if isinstance(last, Failed) else f"ended on {last}")
    measured.cpu = usage.ru_utime + usage.ru_stime
    if not measured.peak:
        measured.peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _cpu_seconds(pid: int) -> float:
    """Return the processor seconds of a process; where that can't be read, the time of day."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return time.monotonic()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_bytes(pid: int) -> int:
    """Return the peak of a process so far; 0 where that can't be read.

    What ``wait4`` tells is no less than what this process held when it started the other one.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    lines = [line.split() for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0][1]) * 1024 if lines else 0


def noisy(texts: Sequence[str], n: int, seed: int = 0) -> Iterator[str]:
    """Yield ``n`` distinct texts: first these, then copies with slips.

    A copy has a word left out, two neighbours exchanged, or letters mistyped, until it is new.
    """
    rng = random.Random(seed)
    seen: set[int] = set()
    place = 0
    while len(seen) < n:
        text = texts[place % len(texts)]
        for _ in range(place // len(texts) and rng.choice((1, 1, 2))):
            text = _slip(text, rng)
        while hash(text.casefold()) in seen:
            text = _slip(text, rng)
        seen.add(hash(text.casefold()))
        place += 1
        yield text


def _slip(text: str, rng: random.Random) -> str:
    words = text.split()
    at = rng.randrange(len(words))
    kind = rng.choice(("drop", "swap", "type", "type"))
    if kind == "drop" and len(words) > 2:
        del words[at]
    elif kind == "swap" and at + 1 < len(words):
        words[at], words[at + 1] = words[at + 1], words[at]
    else:
        letter = rng.randrange(len(words[at]))
        new = rng.choice("abcdefghijklmnopqrstuvwxyz")
        words[at] = words[at][:letter] + new + words[at][letter + rng.choice((0, 1)) :]
    return " ".join(words)
