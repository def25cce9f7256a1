"""A fit in the user's terms: clusters with names and examples, and a cluster for each document."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..protocols.job import Job
from ..results import Cluster, Overlap, TrainingResult
from ..tasks import Clustering
from .bags import Array
from .clustering import Fit
from .corpus import Corpus
from .llm_warnings import NO_LLM
from .naming import confidence, examples, keywords, names
from .words import Language

__all__ = ["describe", "overlapping"]

_MOST_OVERLAPS = 200


def describe(
    job: Job,
    corpus: Corpus,
    fit: Fit,
    row_of: Array,
    provenance: Mapping[str, str],
) -> tuple[TrainingResult, Array]:
    """Put the clusters in order of size, name them, and hand out the documents.

    Parameters
    ----------
    job : Job
    corpus : Corpus
    fit : Fit
        Its first clusters are those of the corpus's intents.
    row_of : ndarray of int, shape (n_entries,)
        The row of the fit that each entry of the corpus became.
    provenance : mapping of str to str

    Returns
    -------
    result : TrainingResult
    centres : ndarray of float32, shape (n_clusters, n_dimensions)
        In the order of the result's clusters.
    """
    n_clusters = len(fit.centres)
    entry_of = np.array(corpus.entry_of)
    members = fit.labels[row_of[entry_of]]
    sizes = np.bincount(members, corpus.occurrences, n_clusters).astype(int)
    order = np.argsort(-sizes, kind="stable")
    rank = np.argsort(order)
    labels = rank[fit.labels[row_of]]
    sure = confidence(fit)[row_of]
    clusters = _clusters(job, corpus, labels, sure, fit.own[row_of], sizes[order], rank)
    mine = labels[entry_of]
    second = np.append(rank, -1)[fit.second[row_of[entry_of]]]
    result = TrainingResult(
        run_id=job.run_id,
        model_id=job.model_id,
        schema=job.schema,
        clusters=clusters,
        document_ids=tuple(corpus.document_ids),
        cluster_ids=tuple(mine.tolist()),
        confidences=tuple(round(value, 4) for value in sure[entry_of].tolist()),
        metrics={"objective": fit.objective, "silhouette": fit.silhouette},
        warnings=(*corpus.warnings, *_warnings(job, clusters)),
        provenance=provenance,
        turns=job.task.turns if isinstance(job.task, Clustering) else "customer",
        fingerprints=corpus.fingerprints,
        overlaps=overlapping(mine, second, np.array(corpus.occurrences), sizes[order]),
    )
    return result, fit.centres[order]


def overlapping(
    labels: Array, second: Array, counts: Array, sizes: Array, most: int = _MOST_OVERLAPS
) -> tuple[Overlap, ...]:
    """Count the documents between each pair of clusters.

    Parameters
    ----------
    labels : ndarray of int, shape (n_documents,)
        Clusters by falling size.
    second : ndarray of int, shape (n_documents,)
        The nearest other cluster of borderline documents, else -1.
    counts : ndarray of int, shape (n_documents,)
        How often each document came.
    sizes : ndarray of int, shape (n_clusters,)
    most : int
        Pairs that are returned.

    Examples
    --------
    >>> labels, second = np.array([0, 0, 0, 1, 1, 2]), np.array([1, -1, 2, 0, -1, -1])
    >>> for overlap in overlapping(labels, second, np.ones(6, int), np.array([3, 2, 1])):
    ...     print(overlap)
    Overlap(first=0, second=1, documents=2, share=1.0)
    Overlap(first=0, second=2, documents=1, share=1.0)
    """
    near = np.flatnonzero(second >= 0)
    k = len(sizes)
    pairs = np.minimum(labels[near], second[near]) * k + np.maximum(labels[near], second[near])
    found, place = np.unique(pairs, return_inverse=True)
    between = np.bincount(place, counts[near], len(found)).astype(int)
    first, other = np.divmod(found, k)
    # A labelled intent may have a cluster without a document.
    shares = np.minimum(between / np.maximum(np.minimum(sizes[first], sizes[other]), 1), 1.0)
    order = np.lexsort((found, -between, -shares))[:most]
    columns = (first, other, between, shares.round(4))
    return tuple(Overlap(*each) for each in zip(*(c[order].tolist() for c in columns), strict=True))


def _clusters(
    job: Job,
    corpus: Corpus,
    labels: Array,
    sure: Array,
    near: Array,
    sizes: Array,
    rank: Array,
) -> tuple[Cluster, ...]:
    n_clusters = len(sizes)
    weights = np.array([entry.weight for entry in corpus.entries], dtype=np.float32)
    passages = [entry.passages for entry in corpus.entries]
    words = keywords(passages, labels, weights, n_clusters, Language(job.language))
    shown = [entry.shown for entry in corpus.entries]
    primary = np.zeros(len(labels), dtype=bool)
    primary[corpus.entry_of] = True
    members = [np.flatnonzero((labels == cluster) & primary) for cluster in range(n_clusters)]
    central = [examples(shown, rows, near) for rows in members]
    given = [""] * n_clusters
    for place, intent in enumerate(corpus.intents):
        given[rank[place]] = intent
    named = names(words, central, given)
    return tuple(
        Cluster(
            cluster_id=cluster,
            name=named[cluster],
            size=int(sizes[cluster]),
            keywords=words[cluster],
            examples=central[cluster],
            borderline=examples(shown, members[cluster], -sure),
        )
        for cluster in range(n_clusters)
    )


def _warnings(job: Job, clusters: tuple[Cluster, ...]) -> list[str]:
    warnings = []
    if isinstance(job.task, Clustering) and job.task.llm is not None and job.naming is None:
        warnings.append(NO_LLM)
    bare = ", ".join(cluster.name for cluster in clusters if cluster.size == 0)
    if bare:
        warnings.append(f"No document fell to these labelled intents: {bare}.")
    return warnings
