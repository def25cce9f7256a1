"""The seam between runs and the services that carry them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ..progress import EpochStats, RunStatus
from ..results import Inference, TrainingResult
from ..tasks import IntentClassification
from ..training import DataFile, TrainingRequest

__all__ = ["ALREADY_TRAINING", "Capabilities", "TrainingService"]

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
