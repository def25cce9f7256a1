"""A sweep, step by step: read, embed, follow the path of each seed, refine, describe, keep."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import RunFailed
from ..progress import RunState
from ..protocols.job import Message
from ..protocols.sweep_job import SweepJob
from ..sweep_results import SweepFit
from ..tasks import Clustering
from .corpus import Corpus, read_corpus
from .expected_times import clustering_times, looking_times, sweeping_times
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
# The map is made after so many fits: from coarse to fine they show the shape of the whole range, in
# less time than the map takes; and a sweep that is stopped later has a map all the same.
_BEFORE_MAP = 8


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
        If not one fit can be made, or an embedder was changed while the sweep was interrupted.
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
    from .distinct import enough, in_one_order
    from .sweep_files import SweepFiles

    corpus = in_one_order(corpus)
    files = SweepFiles(job)
    files.write_documents(corpus)
    checked = [_checked(fit, corpus) for fit in wanted]
    possible = [fit for fit in checked if fit.state is not RunState.FAILED]
    most = max((fit.n_clusters for fit in possible), default=2)
    files.take_over(wanted, lambda n_free: enough(n_free, corpus, most))
    for fit in checked:
        if fit.state is RunState.FAILED and fit.key not in files.found:
            files.add(fit)
    missing = [fit for fit in possible if fit.key not in files.found]
    # A sweep may have been interrupted when all its fits were there.
    undrawn = bool(possible) and not (files.map.exists() and files.outline.exists())
    needed = {fit.options.get("embedder") for fit in missing}
    files.check_embedders(needed | ({job.plan.embedders[0]} if undrawn else set()))
    done, n_found = files.stages_done(), len(files.found)
    reporter.expect(_times(job, missing, len(corpus.entries), done, n_found))
    if not files.structure.exists():
        reporter.stage("comparing")
        _look(job, corpus, language, files, reporter)
    warnings = list(corpus.warnings)
    words = None
    for place, embedder in enumerate(job.plan.embedders):
        part = [fit for fit in missing if fit.options.get("embedder") == embedder]
        draw = undrawn and place == 0
        if _over_budget(job, files.worked):
            part, draw = [], draw and files.successes() > 0
        if part or draw:
            from .fit_clusters import word_counts

            words = words or word_counts(corpus, job.language)
            shared = _Shared(job, corpus, files, reporter, words, place, most)
            warnings += _sweep_with(shared, part)
    files.remove_paths()
    cut_short = job.plan.cut_short(sum(fit.key in files.found for fit in wanted))
    if not files.successes():
        raise RunFailed(files.first_failure() or cut_short)
    return " ".join(filter(None, [cut_short, *warnings]))


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the fits of one embedder have in common.

    ``most`` is the largest number of clusters that is possible, made already or not, so that a
    sweep that was interrupted clusters the same rows.
    """

    job: SweepJob
    corpus: Corpus
    files: SweepFiles
    reporter: Reporter
    words: WordCounts
    place: int
    most: int


def _sweep_with(shared: _Shared, fits: list[SweepFit]) -> list[str]:
    """Make fits of one embedder, and the map if there is none; return warnings."""
    from .distinct import enough
    from .sweep_features import sweep_rows

    job, files, reporter = shared.job, shared.files, shared.reporter
    embedder = job.plan.embedders[shared.place]
    reporter.stage(_stage("embedding", shared.place))
    try:
        rows, warnings = sweep_rows(job, shared.corpus, embedder, shared.most, reporter.parts)
    except RunFailed as error:
        for fit in fits:
            files.add(replace(fit, state=RunState.FAILED, message=str(error)))
        return []
    files.note_rows(embedder, rows.n_free, merged=enough(rows.n_free, shared.corpus, shared.most))
    if shared.place == 0 and not files.outline.exists():
        reporter.stage("outlining")
        _draw_outline(shared, embedder, rows)
    if fits:
        _make_fits(shared, fits, rows)
    if not files.map.exists():
        # Even when the budget is used up: a map belongs to the fits that are there.
        reporter.stage("mapping")
        _map(shared, rows, reporter.step)
    return warnings


def _draw_outline(shared: _Shared, embedder: str | None, rows: Rows) -> None:
    """Look at all counts that the texts bear, whichever of them are asked for."""
    from .outline import FEWEST_ROWS, outline

    enough = len(rows.vectors) >= FEWEST_ROWS
    drawn = outline(rows.vectors, rows.weights, shared.reporter.step) if enough else ()
    # Labelled intents rule some out; they belong to the curves all the same.
    checked = (_checked(fit, shared.corpus) for fit in drawn)
    shared.files.write_outline(checked, embedder)


def _map(shared: _Shared, rows: Rows, progress: Callable[[float], None]) -> None:
    """Place the texts on the plane, by the vectors of this embedder."""
    import numpy as np

    from .sweep_map import write_map

    embedder = shared.job.plan.embedders[shared.place]
    labels = np.zeros(len(rows.vectors), int)
    # Always the same fit says which texts are on the map, however often the sweep was interrupted.
    # No fit at hand: then clusters have no say in it.
    widest = shared.files.widest_labels(embedder, _BEFORE_MAP)
    if widest is not None:
        labels[rows.row_of[np.array(shared.corpus.entry_of)]] = widest
    shared.files.begin_map(embedder)
    write_map(shared.files.map, shared.corpus, rows, labels, progress)


def _make_fits(shared: _Shared, fits: list[SweepFit], rows: Rows) -> None:
    """Make fits of one embedder until the budget is used up."""
    from .fit_clusters import FitDescriber
    from .fit_scores import FitScores
    from .sweep import PATH_SHARE

    job, files, reporter = shared.job, shared.files, shared.reporter
    reporter.stage(_stage("clustering", shared.place))
    fitting = 1.0 if files.map.exists() else 1.0 - _mapping_share(shared, fits)
    begin, shift = _MEASURING * fitting, 0.0
    measuring = reporter.part(0.0, begin)

    def step(share: float) -> None:
        # The map shifts all that comes after it.
        reporter.step(begin + shift + (fitting - begin) * share)

    ks = sorted(set(job.plan.n_clusters))
    scores = FitScores(shared.corpus, rows, shared.words, ks, measuring)
    describer = FitDescriber(shared.corpus, rows, shared.words)
    seeds = [seed for seed in job.plan.random_states if any(f.random_state == seed for f in fits)]
    for place, seed in enumerate(seeds):
        part = {fit.n_clusters: fit for fit in fits if fit.random_state == seed}
        ends = place / len(seeds), (place + 1) / len(seeds)
        own = _part(step, *ends)
        for done, found in enumerate(_fits_of_seed(shared, rows, part, seed, own), start=1):
            scored = scores.of(found)
            described = describer.of(found, scored.stability)
            fit = replace(
                part[len(found.centres)], scores=scored.scores, clusters=described.clusters
            )
            files.add(fit, described.labels)
            made = PATH_SHARE + (1.0 - PATH_SHARE) * done / len(part)
            own(made)
            if len(files.found) >= _BEFORE_MAP and not files.map.exists():
                at = begin + (fitting - begin) * (ends[0] + (ends[1] - ends[0]) * made)
                _map(shared, rows, reporter.part(at, at + 1.0 - fitting))
                shift = 1.0 - fitting
            if _over_budget(job, files.worked):
                return


def _mapping_share(shared: _Shared, fits: list[SweepFit]) -> float:
    """Return about the share of the map in the stage in which these fits are made."""
    n_found = len(shared.files.found)
    if n_found + len(fits) < _BEFORE_MAP:
        return 0.0
    times = _times(shared.job, fits, len(shared.corpus.entries), n_found=n_found)
    mapping = looking_times(len(shared.corpus.entries))["mapping"]
    return min(mapping / times[_stage("clustering", shared.place)], 0.5)


def _look(
    job: SweepJob, corpus: Corpus, language: Language, files: SweepFiles, reporter: Reporter
) -> None:
    """Draw a first picture from a sample, and note whether there is more than chance would make."""
    from .chance import ChanceTest

    texts = [entry.passages for entry in corpus.entries]
    test = ChanceTest(texts, language)
    seen = test.curve(reporter.part(0.0, 0.5))
    files.write_preview(
        SweepFit(k, scores={"neighbour_agreement": by_text, "cluster_agreement": by_cluster})
        for k, (by_text, by_cluster) in seen.items()
    )
    files.write_structure(test.structure(reporter.part(0.5, 1.0)))


def _fits_of_seed(
    shared: _Shared,
    rows: Rows,
    wanted: dict[int, SweepFit],
    seed: int,
    step: Callable[[float], None],
) -> Iterator[Found]:
    from .kept_path import kept_path
    from .sweep import PATH_SHARE, refine

    path = kept_path(
        shared.files.path(shared.place, seed),
        rows.vectors,
        rows.weights,
        list(wanted),
        seed,
        lambda share: step(PATH_SHARE * float(share)),
    )
    yield from refine(rows.vectors, rows.weights, path, set(wanted), seed, rows.fixed)


def _checked(fit: SweepFit, corpus: Corpus) -> SweepFit:
    """Return a fit, failed with the reason if the texts don't allow its number of clusters."""
    try:
        wanted_clusters(Clustering(fit.n_clusters), corpus)
    except RunFailed as error:
        return replace(fit, state=RunState.FAILED, message=str(error))
    return fit


def _over_budget(job: SweepJob, worked: float) -> bool:
    return job.plan.budget_seconds is not None and worked >= job.plan.budget_seconds


def _part(step: Callable[[float], None], begin: float, end: float) -> Callable[[float], None]:
    return lambda share: step(begin + (end - begin) * share)


def _stage(name: str, place: int) -> str:
    return name if place == 0 else f"{name} ({place + 1})"


def _times(
    job: SweepJob,
    fits: list[SweepFit],
    n_texts: int,
    done: Collection[str] = (),
    n_found: int = 0,
) -> dict[str, float]:
    """Return seconds by stage, given the fits to be made, what is done and how many are there."""
    times = {}
    looking = {n: 0.0 if n in done else time for n, time in looking_times(n_texts).items()}
    for place, embedder in enumerate(job.plan.embedders):
        own = [fit for fit in fits if fit.options.get("embedder") == embedder]
        neural = not (embedder or ".npy").lower().endswith(".npy")
        training = clustering_times(n_texts, auto=False, neural=neural)
        if place == 0:
            times["reading"] = training["reading"]
            times["comparing"] = looking["comparing"]
        needed = own or (place == 0 and (looking["outlining"] or looking["mapping"]))
        times[_stage("embedding", place)] = training["embedding"] if needed else 0.0
        if place == 0:
            times["outlining"] = looking["outlining"]
        n_paths = len({fit.random_state for fit in own})
        times[_stage("clustering", place)] = sweeping_times(
            n_texts, [fit.n_clusters for fit in own], n_paths
        )
        if place == 0:
            # A stage by itself only where there are few fits, or none, to be made.
            among = bool(own) and n_found + len(own) >= _BEFORE_MAP
            times[_stage("clustering", place)] += looking["mapping"] if among else 0.0
            times["mapping"] = 0.0 if among else looking["mapping"]
    return times
