"""The rows that a sweep clusters: embedded once for all its fits."""

from __future__ import annotations

from dataclasses import replace

from ..protocols.job import Job
from ..protocols.sweep_job import SweepJob
from .corpus import Corpus
from .distinct import Rows
from .embedders import embedder_of
from .feature_cache import FeatureCache
from .text_features import Parts, features_of

__all__ = ["sweep_rows"]


def sweep_rows(
    job: SweepJob, corpus: Corpus, embedder: str | None, most_clusters: int, parts: Parts
) -> tuple[Rows, list[str]]:
    """Embed the texts as a training with the plan's first seed does.

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
    seed = job.plan.random_states[0]
    asked = Job(
        run_id=job.run_id,
        model_id="",
        folder=job.folder,
        data=job.data,
        schema=job.schema,
        language=job.language,
        task=replace(job.task, n_clusters=most_clusters, random_state=seed, embedder=embedder),
        secondary_data=job.secondary_data,
    )
    asked_for, warnings = embedder_of(asked)
    cache = FeatureCache(job.cache)
    features = features_of(corpus, asked_for, seed, most_clusters, cache, parts)
    return features.rows, warnings
