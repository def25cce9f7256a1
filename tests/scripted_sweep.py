"""A sweep whose fits come when a test says so; its documents lie in a tree of topics."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nbtrain.documents import DataSchema
from nbtrain.progress import RunState, RunStatus
from nbtrain.recommendation import FEWEST, recommend
from nbtrain.sweep_moves import Comparison, Split, compare_fits, splits_between
from nbtrain.sweep_plans import SweepPlan, coarse_to_fine
from nbtrain.sweep_results import (
    Candidate,
    Choice,
    FitCluster,
    Recommendation,
    SweepDocuments,
    SweepFit,
    SweepUpdate,
)
from nbtrain.tasks import Clustering
from nbtrain.training import DataFile, TrainingRequest

NASTY = "<b>bold</b> & \"quoted\" 'x'"
_THINGS = ("card", "loan", "fee", "transfer", "cash", "account", "limit", "PIN")
_WHAT = ("lost", "declined", "late", "opened", "charged twice")


def labels_of(n_clusters: int, documents: int = 600) -> Any:
    """Cut a line of documents, whose topics lie in order, into clusters of unlike sizes."""
    weights = 1.0 + np.sin(np.arange(n_clusters)) ** 2
    ends = np.cumsum(weights) / weights.sum() * documents
    return np.searchsorted(ends, np.arange(documents), side="right").clip(0, n_clusters - 1)


def fit_of(n_clusters: int, seed: int = 0, name: str = "", documents: int = 600) -> SweepFit:
    """Make a fit with scores that have a peak at 8, and an elbow there."""
    labels = labels_of(n_clusters, documents)
    clusters = tuple(
        FitCluster(
            i,
            f"{name}{_THINGS[i % 8]} {_WHAT[i // 8 % 5]} {i}",
            int((labels == i).sum()),
            (_THINGS[i % 8], _WHAT[i // 8 % 5]),
            (f"my {_THINGS[i % 8]} is {_WHAT[i // 8 % 5]}", "please help" + name),
            round(0.95 - 0.01 * i, 3),
        )
        for i in range(n_clusters)
    )
    far = abs(float(np.log(n_clusters / 8)))
    scores = {
        "stability": 0.95 - 0.2 * far + 0.01 * seed,
        "predictability": 0.9 - 0.1 * far,
        "objective": 0.6 - 0.5 / n_clusters,
        "silhouette": 0.3 - 0.1 * far,
        "neighbour_agreement": 0.7 - 0.05 * abs(float(np.log(n_clusters / 11))),
        "cluster_agreement": 0.6 - 0.05 * far,
        "davies_bouldin": 1.0 + far,
    }
    return SweepFit(n_clusters, seed, scores=scores, clusters=clusters, elapsed=0.1 * n_clusters)


class ScriptedSweep:
    """Does what :class:`nbtrain.Sweep` does, as far as what shows it needs."""

    def __init__(
        self, n_clusters: range = range(2, 21), *, name: str = "", positions: bool = True
    ) -> None:
        self.sweep_id = "s1"
        self.plan = SweepPlan(tuple(coarse_to_fine(n_clusters)))
        data = DataFile(Path("topics.json"), DataSchema.INTENT, 600, 3000, "0" * 64)
        self.request = TrainingRequest("topics", data, Clustering())
        self.chosen: Choice | None = None
        self.cancelled = threading.Event()
        self.calls: list[tuple[Any, ...]] = []
        self.failing: dict[str, Exception] = {}
        self.slow, self.waiting = threading.Event(), False
        self.slow.set()
        self.sample: tuple[SweepFit, ...] = ()
        self._name, self._positions = name, positions
        self._let = threading.Semaphore(0)
        self._ready: list[SweepFit] = []

    # --- what a test does --------------------------------------------------------------------

    def let(self, fits: int | None = None) -> None:
        """Let so many more fits come, or all."""
        for _ in range(len(self.plan.n_clusters) if fits is None else fits):
            self._let.release()

    # --- what a sweep does -------------------------------------------------------------------

    def _status(self, state: RunState) -> RunStatus:
        done = len(self._ready) / len(self.plan.n_clusters)
        message = "Cancelled." if state is RunState.CANCELLED else ""
        elapsed = float(len(self._ready))
        return RunStatus(
            "s1", "topics", state, "clustering", done, message=message, elapsed=elapsed
        )

    def watch(self, interval: float = 0.25) -> Iterator[SweepUpdate]:
        yield SweepUpdate(self._status(RunState.RUNNING))
        for k in self.plan.n_clusters:
            while not self._let.acquire(timeout=0.02):
                if self.cancelled.is_set():
                    yield SweepUpdate(self._status(RunState.CANCELLED))
                    return
                yield SweepUpdate(self._status(RunState.RUNNING))
            fit = fit_of(k, name=self._name)
            self._ready.append(fit)
            yield SweepUpdate(self._status(RunState.RUNNING), (fit,))
        yield SweepUpdate(self._status(RunState.SUCCEEDED))

    def preview(self) -> tuple[SweepFit, ...]:
        if "preview" in self.failing:
            raise self.failing["preview"]
        return self.sample

    def recommendation(self) -> Recommendation:
        if "recommendation" in self.failing:
            raise self.failing["recommendation"]
        self.waiting = not self.slow.is_set()
        self.slow.wait(20)
        ready = {fit.n_clusters for fit in self._ready}
        if self.sample and len(ready) < FEWEST:
            return recommend(self.sample)
        listed = (
            Candidate(8, f"8 splits {self._name}'card problems' in two, both stable.", ("elbow",)),
            Candidate(11, "11 is as good, in smaller clusters.", tie=True),
        )
        found = tuple(one for one in listed if one.n_clusters in ready)
        elbow = 8 if 8 in ready and len(ready) > 3 else None
        readings = {"elbow": elbow, "objective": elbow, "summit": 11 if 11 in ready else None}
        return Recommendation(found, summary="Clear structure.", readings=readings)

    def cancel(self) -> None:
        self.cancelled.set()

    def labels(
        self, n_clusters: int, random_state: int | None = None, **options: str
    ) -> dict[str, int]:
        self.calls.append(("labels", n_clusters))
        return {str(i): int(label) for i, label in enumerate(labels_of(n_clusters))}

    def compare(self, first: int, second: int) -> Comparison:
        self.calls.append(("compare", first, second))
        if "compare" in self.failing:
            raise self.failing["compare"]
        ids = tuple(map(str, range(600)))
        documents = SweepDocuments(ids, tuple(f"{self._name}text {i}" for i in ids), (1,) * 600)
        fits = fit_of(first, name=self._name), fit_of(second, name=self._name)
        return compare_fits(*fits, labels_of(first), labels_of(second), documents)

    def splits(self) -> tuple[Split, ...]:
        if "splits" in self.failing:
            raise self.failing["splits"]
        fits = sorted(self._ready, key=lambda fit: fit.n_clusters)
        labels = [labels_of(fit.n_clusters) for fit in fits]
        return tuple(splits_between(fits, labels, (1,) * 600))

    def map(self) -> Any:
        self.calls.append(("map",))
        if not self._positions:
            return None
        angles = np.linspace(0, 6, 600)
        x, y = np.cos(angles) * angles, np.sin(angles) * angles
        return pd.DataFrame({"x": x, "y": y}, index=[str(i) for i in range(600)])

    def choose(self, n_clusters: int, reason: str = "") -> Choice:
        self.chosen = Choice(n_clusters, reason, "2026-01-01T00:00:00+00:00")
        return self.chosen

    def choice(self) -> Choice | None:
        return self.chosen
