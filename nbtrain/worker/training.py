"""One training, step by step; of a clustering: read, embed, choose, cluster, name, save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

from .. import __version__
from ..documents import DataSchema
from ..errors import RunFailed
from ..protocols.job import Job, Message
from ..recommendation import CLEAR, RULE
from ..results import TrainingResult
from ..tasks import Clustering, IntentClassification
from .corpus import Corpus, file_sha256, read_corpus
from .expected_times import EPOCHS, classification_times, clustering_times
from .reporting import Reporter, Stopwatch
from .words import Language

__all__ = ["train", "wanted_clusters"]

# What is thought of a data file before it is read: bytes of a text, labels.
_BYTES = 80
_LABELS = 50
_TOLERANCE = 1e-3
# About the share of the stage that the choice itself takes.
_CHOOSING = 0.6
NO_STRUCTURE = (
    "There is no clear structure in these texts: they cluster hardly better than the same words in "
    "random order would, so the number of clusters says little. More texts, labelled intents "
    "beside them or a neural model might help."
)
"""Warning of a clustering whose number of clusters was chosen for want of a better one."""


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
    watch = Stopwatch()
    task = job.task
    neural = not (task.embedder or ".npy").lower().endswith(".npy")

    def times(n_texts: int, n_labels: int) -> dict[str, float]:
        if isinstance(task, IntentClassification):
            epochs = task.epochs or EPOCHS
            return classification_times(n_texts, n_labels, epochs=epochs, neural=neural)
        return clustering_times(n_texts, auto=task.n_clusters == "auto", neural=neural)

    size = job.data.stat().st_size if job.data.exists() else 0
    reporter = Reporter(send, times(size // _BYTES, _LABELS))
    reporter.stage("reading")
    language = Language(job.language)
    corpus = read_corpus(
        job.data, job.schema, language, job.secondary_data, reporter.step,
        task=task if isinstance(task, Clustering) else None,
    )  # fmt: skip
    reporter.expect(times(len(corpus.entries), len(corpus.intents)))
    digest = file_sha256(job.data)

    def provenance() -> dict[str, str]:
        return {
            "nbtrain": __version__,
            "numpy": version("numpy"),
            "scipy": version("scipy"),
            "random_state": str(task.random_state),
            "data_sha256": digest,
            "started": started,
            "ended": _now(),
        }

    # Imported here, so that the first messages needn't wait for numpy and scipy.
    if isinstance(task, IntentClassification):
        from .classification import train_intents

        return train_intents(job, task, corpus, reporter, provenance, watch)
    return _train_clusters(job, task, corpus, reporter, provenance)


def _train_clusters(
    job: Job,
    task: Clustering,
    corpus: Corpus,
    reporter: Reporter,
    provenance: Callable[[], Mapping[str, str]],
) -> TrainingResult:
    n_clusters = wanted_clusters(task, corpus)

    reporter.stage("embedding")
    import numpy as np

    from .artifacts import save_model, save_result
    from .choose_k import choose_count
    from .clustering import METHOD, spherical_kmeans
    from .description import describe
    from .distinct import in_one_order
    from .document_map import map_documents
    from .embedders import embedder_of
    from .feature_cache import FeatureCache
    from .first_centres import first_centres
    from .models import ClusterModel
    from .text_features import features_of

    corpus = in_one_order(corpus)
    embedder, warnings = embedder_of(job)
    features = features_of(
        corpus,
        embedder,
        n_clusters or 2,
        FeatureCache(job.cache),
        reporter.parts,
    )
    rows, whitening = features.rows, features.whitening
    rng = np.random.default_rng(task.random_state)

    if n_clusters is None:
        reporter.stage("choosing")
        choosing = reporter.part(0.0, _CHOOSING)
        n_clusters = choose_count(rows.vectors, rows.weights, choosing).n_clusters
        comparing = reporter.part(_CHOOSING, 1.0)
        warnings = [*warnings, *_without_structure(corpus, job.language, comparing)]
        free = int((rows.fixed < 0).sum())
        n_clusters = min(max(n_clusters, len(corpus.intents)), len(corpus.intents) + free)

    reporter.stage("clustering")
    first = first_centres(job.folder, corpus, rows, n_clusters)
    fit = spherical_kmeans(
        rows.vectors,
        n_clusters,
        rows.weights,
        rng,
        fixed=rows.fixed,
        first=first,
        tolerance=_TOLERANCE,
        progress=reporter.step,
        report=reporter.epoch,
    )

    reporter.stage("mapping")
    mapped = map_documents(
        rows.vectors, fit.labels, rows.row_of[corpus.entry_of], rng, reporter.step
    )

    reporter.stage("naming")
    about = {
        **provenance(),
        **_about_turns(job, task),
        "embedding": embedder.name,
        "features": features.source,
        "clustering": METHOD,
        **_about_labels(corpus, whitening.shrinkage if whitening else None),
        "n_clusters": RULE if task.n_clusters == "auto" else "as asked",
        **({} if first is None else {"begun_at": "the fit of a sweep"}),
    }
    result, centres = describe(job, corpus, fit, rows.row_of, about)
    result = replace(result, warnings=(*result.warnings, *warnings), document_map=mapped)
    if job.naming is not None:
        from .llm_jobs import name_result

        result = name_result(
            result,
            job.naming,
            job.language,
            job.folder,
            keep=corpus.intents,
            progress=reporter.step,
        )

    reporter.stage("saving")
    names = tuple(cluster.name for cluster in result.clusters)
    model = ClusterModel(
        features.embedder, centres, names, whitening, features.diffusion, features.gate
    )
    save_model(job.folder, model)
    save_result(job.folder, result)
    return result


def _about_turns(job: Job, task: Clustering) -> dict[str, str]:
    dialogues = job.schema is DataSchema.DIALOGUE
    return {"turns": task.turns, "unit": task.unit} if dialogues else {}


def _without_structure(
    corpus: Corpus, language: str, progress: Callable[[float], None]
) -> list[str]:
    """Warn where texts cluster hardly better than by chance."""
    from .chance import ChanceTest

    texts = [entry.passages for entry in corpus.entries]
    found = ChanceTest(texts, Language(language)).structure(progress)
    return [NO_STRUCTURE] if found is not None and found < CLEAR else []


def _about_labels(corpus: Corpus, shrinkage: float | None) -> dict[str, str]:
    """Say what the labels did to a clustering; nothing if there were none."""
    if not corpus.intents:
        return {}
    labelled = sum(entry.intent is not None for entry in corpus.entries)
    about = {"labels": f"{labelled:,} texts of {len(corpus.intents):,} intents, kept together"}
    if shrinkage is not None:
        about["metric"] = f"whitened within the labelled intents, shrunk by {shrinkage:.2f}"
    return about


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def wanted_clusters(task: Clustering, corpus: Corpus) -> int | None:
    """Return the number of clusters asked for, None for auto; refuse what can't be.

    Raises
    ------
    RunFailed
        If the texts and the number don't go together.
    """
    if not corpus.document_ids:
        chosen = (task.turns, task.unit) != ("customer", "dialogue")
        reasons = corpus.warnings if chosen else []
        raise RunFailed(" ".join(["The data file holds no document with text.", *reasons]))
    distinct = len(corpus.entries)
    if distinct < 2:
        raise RunFailed(
            "The documents hold only one text, if case and white space don't count; "
            "clustering needs at least 2 different ones."
        )
    if task.n_clusters == "auto":
        return None
    n_clusters, intents = task.n_clusters, len(corpus.intents)
    if n_clusters > distinct:
        raise RunFailed(
            f"{n_clusters:,} clusters were asked for, but there are only {distinct:,} different "
            "texts, if case and white space don't count; ask for fewer clusters."
        )
    if n_clusters < intents:
        raise RunFailed(
            f"{n_clusters:,} clusters were asked for, but the labelled data have {intents:,} "
            "intents, and each keeps its cluster; ask for more clusters."
        )
    free = sum(entry.intent is None for entry in corpus.entries)
    if n_clusters - intents > free:
        raise RunFailed(
            f"{n_clusters:,} clusters were asked for: {n_clusters - intents:,} beside the "
            f"{intents:,} labelled intents, but there are only {free:,} different unlabelled "
            "texts; ask for fewer clusters."
        )
    return n_clusters
