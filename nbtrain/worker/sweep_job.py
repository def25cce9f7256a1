"""A sweep, step by step: read, embed, follow the path of each seed, refine, describe, keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import RunFailed
from ..progress import RunState
from ..protocols.job import Message
from ..protocols.sweep_job import SweepJob
from ..sweep_results import SweepFit
from ..tasks import Clustering
from .corpus import Corpus, read_corpus
from .expected_times import clustering_times, sweeping_times
from .reporting import Reporter
from .training import wanted_clusters
from .words import Language

if TYPE_CHECKING:
    from .distinct import Rows
    from .naming import WordCounts
    from .sweep import SweepFit as Found
    from .sweep_files import SweepFiles

__all__ = ["run_sweep"]

# What is thought of a data file before it is read: bytes of a text.
_BYTES = 80
# About the share of the clustering's time that goes into the paths on other samples.
_MEASURING = 0.3


def run_sweep(job: SweepJob, send: Callable[[Message], None]) -> str:
    """Make the fits of a sweep, each of them a file in its folder as soon as it is there.

    Parameters
    ----------
    job : SweepJob
    send : callable
        Is handed progress; ``Done`` and ``Failed`` are the caller's.

    Returns
    -------
    str
        What the user should know; may be empty.

    Raises
    ------
    DataError
        If a data file can't be used.
    RunFailed
        If not one fit can be made.
    """
    wanted = list(job.plan.fits())
    size = job.data.stat().st_size if job.data.exists() else 0
    reporter = Reporter(send, _times(job, wanted, size // _BYTES))
    reporter.stage("reading")
    language = Language(job.language)
    corpus = read_corpus(
        job.data, job.schema, language, job.secondary_data, reporter.step, task=job.task
    )
    # Imported here, so that the first message needn't wait for numpy and scipy.
    from .distinct import in_one_order
    from .sweep_files import SweepFiles

    corpus = in_one_order(corpus)
    files = SweepFiles(job)
    files.write_documents(corpus)
    files.take_over(wanted)
    missing = _possible([fit for fit in wanted if fit.key not in files.found], corpus, files.add)
    reporter.expect(_times(job, missing, len(corpus.entries)))
    warnings = list(corpus.warnings)
    words = None
    for place, embedder in enumerate(job.plan.embedders):
        part = [fit for fit in missing if fit.options.get("embedder") == embedder]
        if part and not _over_budget(job, files.worked):
            from .fit_clusters import word_counts

            words = words or word_counts(corpus, job.language)
            warnings += _sweep_with(_Shared(job, corpus, files, reporter, words, place), part)
    cut_short = job.plan.cut_short(sum(fit.key in files.found for fit in wanted))
    if not files.successes():
        raise RunFailed(files.first_failure() or cut_short)
    return " ".join(filter(None, [cut_short, *warnings]))


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the fits of one embedder have in common."""

    job: SweepJob
    corpus: Corpus
    files: SweepFiles
    reporter: Reporter
    words: WordCounts
    place: int


def _sweep_with(shared: _Shared, fits: list[SweepFit]) -> list[str]:
    """Make all fits of one embedder; return warnings."""
    from .fit_clusters import FitDescriber
    from .fit_scores import FitScores
    from .sweep import PATH_SHARE
    from .sweep_features import sweep_rows

    job, files, reporter = shared.job, shared.files, shared.reporter
    embedder = job.plan.embedders[shared.place]
    most = max(fit.n_clusters for fit in fits)
    reporter.stage(_stage("embedding", shared.place))
    try:
        rows, warnings = sweep_rows(job, shared.corpus, embedder, most, reporter.parts)
    except RunFailed as error:
        for fit in fits:
            files.add(replace(fit, state=RunState.FAILED, message=str(error)))
        return []
    reporter.stage(_stage("clustering", shared.place))
    measuring, fitting = reporter.part(0.0, _MEASURING), reporter.part(_MEASURING, 1.0)
    ks = sorted(set(job.plan.n_clusters))
    scores = FitScores(shared.corpus, rows, shared.words, ks, job.plan.random_states[0], measuring)
    describer = FitDescriber(shared.corpus, rows, shared.words)
    seeds = [seed for seed in job.plan.random_states if any(f.random_state == seed for f in fits)]
    for place, seed in enumerate(seeds):
        part = {fit.n_clusters: fit for fit in fits if fit.random_state == seed}
        step = _part(fitting, place / len(seeds), (place + 1) / len(seeds))
        for done, found in enumerate(_fits_of_seed(shared, rows, part, seed, step), start=1):
            scored = scores.of(found)
            described = describer.of(found, scored.stability)
            fit = replace(
                part[len(found.centres)], scores=scored.scores, clusters=described.clusters
            )
            files.add(fit, described.labels)
            step(PATH_SHARE + (1.0 - PATH_SHARE) * done / len(part))
            if _over_budget(job, files.worked):
                return warnings
    return warnings


def _fits_of_seed(
    shared: _Shared,
    rows: Rows,
    wanted: dict[int, SweepFit],
    seed: int,
    step: Callable[[float], None],
) -> Iterator[Found]:
    from .kept_path import kept_path
    from .sweep import PATH_SHARE, refine

    place = shared.files.path(shared.place, seed)
    path = kept_path(
        place,
        rows.vectors,
        rows.weights,
        list(wanted),
        seed,
        lambda share: step(PATH_SHARE * float(share)),
    )
    yield from refine(rows.vectors, rows.weights, path, set(wanted), seed, rows.fixed)
    shared.files.remove_path(place)


def _possible(
    fits: list[SweepFit], corpus: Corpus, fail: Callable[[SweepFit], None]
) -> list[SweepFit]:
    """Return the fits that the texts allow; the others fail, each with its reason."""
    possible = []
    for fit in fits:
        try:
            wanted_clusters(Clustering(fit.n_clusters), corpus)
        except RunFailed as error:
            fail(replace(fit, state=RunState.FAILED, message=str(error)))
        else:
            possible.append(fit)
    return possible


def _over_budget(job: SweepJob, worked: float) -> bool:
    return job.plan.budget_seconds is not None and worked >= job.plan.budget_seconds


def _part(step: Callable[[float], None], begin: float, end: float) -> Callable[[float], None]:
    return lambda share: step(begin + (end - begin) * share)


def _stage(name: str, place: int) -> str:
    return name if place == 0 else f"{name} ({place + 1})"


def _times(job: SweepJob, fits: list[SweepFit], n_texts: int) -> dict[str, float]:
    """Return seconds by stage."""
    times = {}
    for place, embedder in enumerate(job.plan.embedders):
        own = [fit for fit in fits if fit.options.get("embedder") == embedder]
        neural = not (embedder or ".npy").lower().endswith(".npy")
        training = clustering_times(n_texts, auto=False, neural=neural)
        if place == 0:
            times["reading"] = training["reading"]
        n_paths = len({fit.random_state for fit in own})
        times[_stage("embedding", place)] = training["embedding"] if own else 0.0
        times[_stage("clustering", place)] = sweeping_times(
            n_texts, [fit.n_clusters for fit in own], n_paths
        )
    return times
