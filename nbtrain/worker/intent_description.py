"""A trained classification in the user's terms: a cluster for each intent, and its texts."""

from __future__ import annotations

import numpy as np

from ..protocols.job import Job
from ..results import Cluster, TrainingResult
from .bags import Array
from .corpus import Corpus
from .naming import examples, keywords
from .words import Language

__all__ = ["describe_intents"]


def describe_intents(
    job: Job, corpus: Corpus, names: tuple[str, ...], intents: Array, own: Array
) -> TrainingResult:
    """Make a cluster of each intent, by falling size; the texts keep the intents they came with.

    Parameters
    ----------
    job : Job
    corpus : Corpus
    names : tuple of str
        Of the intents.
    intents : ndarray of int, shape (n_documents,)
        Of each distinct text, by place in ``names``.
    own : ndarray, shape (n_documents,)
        How probable the model finds it.
    """
    entry_of = np.array(corpus.entry_of)
    sizes = np.bincount(intents, corpus.occurrences, len(names)).astype(int)
    order = np.argsort(-sizes, kind="stable")
    rank = np.argsort(order)
    # Of texts that differ in case only, one is shown.
    _, first = np.unique(entry_of, return_index=True)
    labels, sure = rank[intents[first]], own[first]
    passages = [entry.passages for entry in corpus.entries]
    shown = [entry.shown for entry in corpus.entries]
    counts = np.array([entry.weight for entry in corpus.entries], dtype=np.float32)
    words = keywords(passages, labels, counts, len(names), Language(job.language))
    members = [np.flatnonzero(labels == label) for label in range(len(names))]
    clusters = tuple(
        Cluster(
            cluster_id=label,
            name=names[order[label]],
            size=int(sizes[order[label]]),
            keywords=words[label],
            examples=examples(shown, members[label], sure),
            borderline=examples(shown, members[label], -sure),
        )
        for label in range(len(names))
    )
    return TrainingResult(
        run_id=job.run_id,
        model_id=job.model_id,
        schema=job.schema,
        clusters=clusters,
        document_ids=tuple(corpus.document_ids),
        cluster_ids=tuple(rank[intents].tolist()),
        confidences=tuple(round(value, 4) for value in own.tolist()),
    )
