"""The seam between runs and the services that carry them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from ..progress import EpochStats, RunStatus
from ..results import Inference, TrainingResult
from ..sweep_plans import SweepPlan
from ..sweep_results import Choice, SweepDocuments, SweepFit
from ..tasks import IntentClassification
from ..training import DataFile, TrainingRequest

__all__ = ["ALREADY_TRAINING", "Capabilities", "SweepingService", "TrainingService"]

ALREADY_TRAINING = "This model is in training already; this is that run."
"""The message of the first status of a run that was there before."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a service can do, so that a panel offers only that.

    Parameters
    ----------
    epochs : bool
        Whether it tells statistics of every iteration, or only how far it is.
    cancel : bool
        Whether a run can be stopped.
    result : bool
        Whether clusters and labels can be fetched.
    random_state : bool
        Whether a seed makes its results repeatable.
    naming : bool
        Whether clusters can be named again by a language model, and the prompts be read before.
    clustering, classification : bool
        Which tasks it takes.
    predict : bool
        Whether trained models label new texts by :meth:`TrainingService.predict`.
    retrain : bool
        Whether an intent model can be trained anew and in place.
    sweep : bool
        Whether it sweeps over numbers of clusters by itself, see :class:`SweepingService`;
        elsewhere a sweep is so many runs.
    embedder : bool
        Whether the vectors of a neural model can be put beside its own.
    turns : bool
        Whether it can be chosen which turns of a dialogue are clustered, and each by itself.
    """

    epochs: bool
    cancel: bool
    result: bool
    random_state: bool
    naming: bool = False
    clustering: bool = True
    classification: bool = True
    predict: bool = False
    retrain: bool = False
    sweep: bool = False
    embedder: bool = False
    turns: bool = False


@runtime_checkable
class TrainingService(Protocol):
    """What every training service offers; all calls may be made from any thread."""

    name: str
    capabilities: Capabilities

    def submit(self, request: TrainingRequest) -> RunStatus:
        """Hand in a request; returns the first status of its run.

        If the same model is in training already, that run is returned, and its status message
        says so. Where models are told apart by their data sets, other data make another model of
        the same name.
        """
        ...

    def status(self, run_id: str) -> RunStatus:
        """Return a snapshot of a run; RunNotFound if there is none."""
        ...

    def epochs(self, run_id: str, after: int = 0) -> tuple[EpochStats, ...]:
        """Return the epochs of a run after number ``after``, in order."""
        ...

    def result(self, run_id: str) -> TrainingResult:
        """Return the result of a run that succeeded; RunNotFinished before that."""
        ...

    def cancel(self, run_id: str) -> RunStatus:
        """Stop a run; returns once no process works on it any more."""
        ...

    def predict(
        self, run_id: str, texts: Iterable[str], top_n: int | None = None
    ) -> list[Inference]:
        """Label texts with the model of a run that succeeded.

        Returns one inference per text, in their order, with at most ``top_n`` predictions each;
        with none where a text has none of the labels, or is blank. NotSupported where the service
        can't.
        """
        ...

    def retrain(
        self, run_id: str, task: IntentClassification | None = None, data: DataFile | None = None
    ) -> RunStatus:
        """Train an intent model again and in place; returns the first status of the new run.

        The labelled examples of ``data`` are added to those that it was trained on. Without a
        task the service takes its defaults, and goes on telling what is out of domain if the
        model did. Until the run has succeeded the model answers as before. If it is in training
        already that run is returned, nothing was added, and its status message says so.
        NotSupported where the service can't.
        """
        ...


@runtime_checkable
class SweepingService(Protocol):
    """What carries out sweeps over numbers of clusters; all calls may be made from any thread.

    The fits of a sweep are numbered from 1 in the order in which they were made.
    """

    def begin_sweep(self, request: TrainingRequest, plan: SweepPlan) -> RunStatus:
        """Begin a sweep; returns its first status, with the sweep's id as run id."""
        ...

    def sweep_status(self, sweep_id: str) -> RunStatus:
        """Return a snapshot of a sweep; RunNotFound if there is none."""
        ...

    def sweep_request(self, sweep_id: str) -> tuple[TrainingRequest, SweepPlan]:
        """Return what was asked for."""
        ...

    def sweep_fits(self, sweep_id: str, after: int = 0) -> tuple[SweepFit, ...]:
        """Return the fits after number ``after``, in order."""
        ...

    def sweep_documents(self, sweep_id: str) -> SweepDocuments:
        """Return the documents, in the order of the labels; RunNotFinished if none are read yet."""
        ...

    def sweep_labels(self, sweep_id: str, number: int) -> Any:
        """Return the cluster of each document in a fit: ndarray of int, shape (n_documents,)."""
        ...

    def sweep_positions(self, sweep_id: str) -> Any:
        """Return a place in the plane for each document: ndarray (n_documents, 2), or None."""
        ...

    def cancel_sweep(self, sweep_id: str) -> RunStatus:
        """Stop a sweep; its fits so far stay."""
        ...

    def choose_in_sweep(self, sweep_id: str, n_clusters: int, reason: str) -> Choice:
        """Note the user's choice, on disk."""
        ...

    def train_fit(self, sweep_id: str, number: int, request: TrainingRequest) -> RunStatus:
        """Hand in the training of a fit, which begins at its clusters where that is possible."""
        ...

    def sweep_preview(self, sweep_id: str) -> tuple[SweepFit, ...]:
        """Return a few fits of a sample, without labels, that come before the first real ones."""
        ...

    def sweep_outline(self, sweep_id: str) -> tuple[SweepFit, ...]:
        """Return fits over all counts that the texts bear, without labels; empty until known."""
        ...

    def sweep_structure(self, sweep_id: str) -> float | None:
        """Return how much better the texts cluster than by chance; None if it isn't known."""
        ...

    def sweep_choice(self, sweep_id: str) -> Choice | None:
        """Return the choice that was noted last."""
        ...
