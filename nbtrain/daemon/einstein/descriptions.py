"""Models as Einstein's wire shows them, put together from the store and from their folders."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path

from ...evaluation import Evaluation
from ...progress import EpochStats, RunState
from ...protocols.einstein_models import AUTOMATIC_EPOCHS, Training, TrainStats
from ...protocols.einstein_training import read_options
from ...protocols.job import EVALUATION_FILE
from ...protocols.local import evaluation_from_json
from ..model_store import StoredModel, epochs_page, last_epoch
from ..storage import StoreThread
from ..store import StoredRun
from .training_data import read_summary

__all__ = ["StoredEvaluation", "final_epoch", "read_evaluation", "stats_of", "training_of"]


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """What a training left beside its result; times in seconds."""

    evaluation: Evaluation
    training: float
    loading: float
    saving: float


def read_evaluation(folder: Path) -> StoredEvaluation | None:
    """Read the evaluation of a run that succeeded; None if it isn't there any more."""
    try:
        data = json.loads((folder / EVALUATION_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    told = data["provenance"]
    seconds = {
        name: float(told.get(f"seconds_{name}", 0)) for name in ("training", "loading", "saving")
    }
    return StoredEvaluation(evaluation_from_json(data["evaluation"]), **seconds)


def training_of(model: StoredModel) -> Training:
    """Describe the newest training of a model, but for its statistics."""
    run = model.newest
    has_begun = run.started is not None
    options = read_options(run.fields)
    return Training(
        status=run.status,
        model_id=run.model_id,
        dataset_id=run.dataset_id or 0,
        version=run.ordinal if has_begun else 0,
        type=run.fields["type"],
        language=run.fields["language"],
        algorithm=run.fields["algorithm"],
        epochs=(options.epochs or AUTOMATIC_EPOCHS) if has_begun else 0,
        created=model.created,
        updated=next(t for t in (run.ended, run.started, run.created) if t is not None),
        train_params=options.train_params,
    )


async def stats_of(db: StoreThread, run: StoredRun, folder: Path) -> TrainStats | None:
    """Return the statistics of a training; None before it has succeeded or failed."""
    if run.status.state not in (RunState.SUCCEEDED, RunState.FAILED):
        return None
    data = await asyncio.to_thread(read_summary, folder)
    told = await asyncio.to_thread(read_evaluation, folder)
    stats = TrainStats(
        labels=len(data.labels),
        examples=data.examples,
        total_time=run.status.elapsed or 0.0,
        last_epoch=await db(last_epoch, run.status.run_id),
    )
    if told is None or run.status.state is RunState.FAILED:
        return stats
    evaluation = told.evaluation
    return replace(
        stats,
        labels=len(evaluation.confusion.labels),
        examples=evaluation.train_size + evaluation.test_size,
        training_time=told.training,
        loading_time=told.loading,
        saving_time=told.saving,
        early_stopping=evaluation.stopped_early,
        last_epoch=evaluation.last_epoch,
        train_size=evaluation.train_size,
        test_size=evaluation.test_size,
    )


async def final_epoch(db: StoreThread, run: StoredRun, evaluation: Evaluation) -> EpochStats | None:
    """Return the epoch that was trained last; None if it isn't known any more."""
    before = max(0, evaluation.last_epoch - 1)
    found = await db(epochs_page, run.status.run_id, before, 1)
    return found[0] if found else None
