"""The rows that a sweep clusters: embedded once for all its fits, and by what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..errors import RunFailed
from ..protocols.job import Job
from ..protocols.sweep_job import SweepJob
from .corpus import Corpus, file_sha256
from .distinct import Rows
from .embedders import embedder_of
from .feature_cache import FeatureCache
from .model_folder import find_model
from .text_features import Parts, features_of

__all__ = ["embedder_sha256", "sweep_rows"]


def sweep_rows(
    job: SweepJob, corpus: Corpus, embedder: str | None, most_clusters: int, parts: Parts
) -> tuple[Rows, list[str]]:
    """Embed the texts as a training does, whatever its seed.

    Parameters
    ----------
    job : SweepJob
    corpus : Corpus
        In one order.
    embedder : str or None
    most_clusters : int
    parts : callable
        Hands out one ``step`` for each part of the work, given how long each may take.

    Returns
    -------
    rows : Rows
    warnings : list of str
    """
    asked = Job(
        run_id=job.run_id,
        model_id="",
        folder=job.folder,
        data=job.data,
        schema=job.schema,
        language=job.language,
        task=replace(job.task, n_clusters=most_clusters, embedder=embedder),
        secondary_data=job.secondary_data,
        cache=job.cache,
    )
    asked_for, warnings = embedder_of(asked)
    cache = FeatureCache(job.cache)
    features = features_of(corpus, asked_for, most_clusters, cache, parts)
    return features.rows, warnings


def embedder_sha256(embedder: str | None) -> str | None:
    """Hash what a sweep's embedder reads beside the texts; None if it can't be read.

    A file of the same name may hold other vectors now than at an earlier sweep.
    """
    if embedder is None:
        return ""
    try:
        if embedder.lower().endswith(".npy"):
            return file_sha256(Path(embedder).expanduser())
        return find_model(embedder).sha256
    except (OSError, RunFailed):
        return None
