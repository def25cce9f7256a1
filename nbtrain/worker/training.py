"""One training, step by step: read, embed, choose, cluster, name, save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from math import log
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import RunFailed
from ..protocols.job import Job, Message
from ..results import Cluster, TrainingResult
from .corpus import Corpus, file_sha256, read_corpus
from .reporting import Reporter
from .words import Language

if TYPE_CHECKING:
    from .clustering import Fit
    from .features import Array, LexicalEmbedder

__all__ = ["train"]

NO_LLM = "No LLM provider is configured for the local service; clusters are named by key words."


def train(job: Job, send: Callable[[Message], None]) -> TrainingResult:
    """Train what a job asks for, and write the result into the job's folder.

    Parameters
    ----------
    job : Job
    send : callable
        Is handed progress and epochs; ``Done`` and ``Failed`` are the caller's.

    Raises
    ------
    DataError
        If a data file can't be used.
    RunFailed
        If the data and the number of clusters don't go together.
    """
    started = _now()
    reporter = Reporter(send)
    reporter.stage("reading")
    language = Language(job.language)
    corpus = read_corpus(job.data, job.schema, language, job.secondary_data, reporter.step)
    n_clusters = _wanted(job, corpus)
    reporter.stage("embedding")
    import numpy as np

    from .artifacts import Model, save_model, save_result
    from .clustering import spherical_kmeans
    from .features import LexicalEmbedder

    rng = np.random.default_rng(job.task.random_state)
    embedder = LexicalEmbedder(language, job.task.random_state)
    passages = [entry.passages for entry in corpus.entries]
    embedder.fit(passages, reporter.step)
    rows, row_of, weights, fixed = _distinct(embedder, corpus, n_clusters or 2)
    if n_clusters is None:
        from .choose_k import choose_n_clusters

        reporter.stage("choosing")
        n_clusters = choose_n_clusters(rows, weights, rng, reporter.step)
        n_clusters = max(n_clusters, len(corpus.intents))
    reporter.stage("clustering")
    fit = spherical_kmeans(rows, n_clusters, weights, rng, fixed=fixed, report=_epochs(reporter))
    reporter.stage("naming")
    result, centres = _describe(job, corpus, language, fit, row_of)
    provenance = {
        "nbtrain": __version__,
        "numpy": version("numpy"),
        "scipy": version("scipy"),
        "embedding": embedder.name,
        "clustering": "spherical k-means",
        "n_clusters": "elbow of the objective over log k"
        if job.task.n_clusters == "auto"
        else "as asked",
        "random_state": str(job.task.random_state),
        "data_sha256": file_sha256(job.data),
        "started": started,
        "ended": _now(),
    }
    result = _with_provenance(result, provenance)
    reporter.stage("saving")
    save_model(job.folder, Model(embedder, centres, tuple(c.name for c in result.clusters)))
    save_result(job.folder, result)
    return result


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _wanted(job: Job, corpus: Corpus) -> int | None:
    """Return the number of clusters asked for, None for auto; refuse what can't be."""
    if not corpus.document_ids:
        raise RunFailed("The data file holds no document with text.")
    distinct = len(corpus.entries)
    if distinct < 2:
        raise RunFailed(
            f"All {len(corpus.document_ids):,} documents say the same; "
            "clustering needs at least 2 different texts."
        )
    if job.task.n_clusters == "auto":
        return None
    n_clusters = job.task.n_clusters
    if n_clusters > distinct:
        raise RunFailed(
            f"{n_clusters:,} clusters were asked for, but there are only {distinct:,} "
            "different texts; ask for fewer clusters."
        )
    if n_clusters < len(corpus.intents):
        raise RunFailed(
            f"{n_clusters:,} clusters were asked for, but the labelled data have "
            f"{len(corpus.intents):,} intents, and each keeps its cluster; ask for more clusters."
        )
    return n_clusters


def _distinct(
    embedder: LexicalEmbedder, corpus: Corpus, needed: int
) -> tuple[Array, Array, Array, Array]:
    """Embed the entries, and merge those with the same vector into one weighted row.

    Returns
    -------
    rows, row_of, weights, fixed
        ``row_of`` gives the row of each entry; ``fixed`` the intent of each row, or -1.
    """
    import numpy as np

    entries = corpus.entries
    vectors = embedder.transform([entry.passages for entry in entries])
    # Different texts may have the same words; with labels between them they must not be merged.
    intent = {name: place for place, name in enumerate(corpus.intents)}
    fixed = np.array([intent.get(entry.intent or "", -1) for entry in entries])
    keys = np.hstack([vectors, fixed[:, None].astype(np.float32)])
    _, first, row_of = np.unique(
        np.ascontiguousarray(keys).view([("", keys.dtype)] * keys.shape[1]).ravel(),
        return_index=True, return_inverse=True,
    )  # fmt: skip
    if len(first) < needed:
        # More clusters than different vectors: word order and marks must tell texts apart.
        first = row_of = np.arange(len(entries))
    counts = np.array([entry.weight for entry in entries], dtype=np.float32)
    weights = np.bincount(row_of, counts, len(first)).astype(np.float32)
    return vectors[first], row_of, weights, fixed[first]


def _epochs(reporter: Reporter) -> Callable[[Mapping[str, float]], None]:
    """Report each iteration; the share of the texts that still moves says how far it is."""
    done = 0.0

    def report(metrics: Mapping[str, float]) -> None:
        nonlocal done
        left = log(max(metrics["moved"], 1e-3)) / log(1e-3)
        done = max(done, 0.1 + 0.9 * left)
        reporter.epoch(metrics)
        reporter.step(done)

    return report


def _describe(
    job: Job, corpus: Corpus, language: Language, fit: Fit, row_of: Array
) -> tuple[TrainingResult, Array]:
    """Put the clusters in order of size, name them, and hand out the documents."""
    import numpy as np

    from .naming import confidence, examples, keywords, names

    n_clusters = len(fit.centres)
    entry_of = np.array(corpus.entry_of)
    document_label = fit.labels[row_of[entry_of]]
    sizes = np.bincount(document_label, minlength=n_clusters)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(n_clusters, dtype=np.int64)
    rank[order] = np.arange(n_clusters)
    labels = rank[fit.labels[row_of]]
    weights = np.array([entry.weight for entry in corpus.entries], dtype=np.float32)
    keys = keywords(
        [entry.passages for entry in corpus.entries], labels, weights, n_clusters, language
    )
    shown = [entry.shown for entry in corpus.entries]
    sure = confidence(fit)[row_of]
    near = fit.own[row_of]
    primary = np.zeros(len(corpus.entries), dtype=bool)
    primary[entry_of] = True
    members = [np.flatnonzero((labels == c) & primary) for c in range(n_clusters)]
    central = [examples(shown, rows, near) for rows in members]
    given = [""] * n_clusters
    for place, intent in enumerate(corpus.intents):
        given[rank[place]] = intent
    named = names(keys, central, given)
    clusters = tuple(
        Cluster(
            cluster_id=c,
            name=named[c],
            size=int(sizes[order[c]]),
            keywords=keys[c],
            examples=central[c],
            borderline=examples(shown, members[c], -sure),
        )
        for c in range(n_clusters)
    )
    warnings = [*corpus.warnings]
    if job.task.llm is not None:
        warnings.append(NO_LLM)
    bare = [c.name for c in clusters if c.size == 0]
    if bare:
        warnings.append(f"No document fell to the labelled intents {', '.join(bare)}.")
    result = TrainingResult(
        run_id=job.run_id,
        model_id=job.model_id,
        schema=job.schema,
        clusters=clusters,
        document_ids=tuple(corpus.document_ids),
        cluster_ids=tuple(int(c) for c in rank[document_label]),
        confidences=tuple(round(float(c), 4) for c in sure[entry_of]),
        metrics={"objective": fit.objective, "silhouette": fit.silhouette},
        warnings=tuple(warnings),
    )
    return result, fit.centres[order]


def _with_provenance(result: TrainingResult, provenance: Mapping[str, str]) -> TrainingResult:
    from dataclasses import replace

    return replace(result, provenance=dict(provenance))
