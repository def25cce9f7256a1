"""The rows that a sweep clusters: embedded once for all its fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..protocols.job import Job
from ..protocols.sweep_job import SweepJob
from .corpus import Corpus
from .diffusion import Diffusion
from .distinct import Rows, distinct_rows, intent_numbers
from .embedders import JoinedEmbedder, embedder_of
from .expected_times import embedding_times
from .whitening import fit_whitening

__all__ = ["sweep_rows"]


def sweep_rows(
    job: SweepJob,
    corpus: Corpus,
    embedder: str | None,
    most_clusters: int,
    parts: Callable[[tuple[float, ...]], list[Callable[[float], None]]],
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
    rng = np.random.default_rng(seed)
    embed, warnings = embedder_of(asked)
    passages = [entry.passages for entry in corpus.entries]
    neural = isinstance(embed, JoinedEmbedder)
    loading, learning, transforming, finding, diffusing = parts(
        embedding_times(len(passages), neural=neural)
    )
    loading(1.0)
    embed.fit(passages, learning, intent_numbers(corpus))
    vectors = embed.transform(passages, transforming)
    rows = distinct_rows(vectors, corpus, most_clusters)
    del vectors
    whitening = fit_whitening(rows.vectors, rows.fixed)
    if whitening is not None:
        rows.vectors = whitening.apply(rows.vectors)
    diffusion = Diffusion.fit(rows.vectors, rng, finding)
    rows.vectors = diffusion.apply(rows.vectors, diffusing)
    return rows, warnings
