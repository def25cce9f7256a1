"""Names for a result: at the end of a training, and later for a run that has ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import RunFailed
from ..files import read_utterances
from ..name_prompts import NamePrompt
from ..naming import NameRecord, chosen_clusters
from ..protocols.job import RESULT_FILE, Message, Progress
from ..protocols.local import result_from_json, result_to_json
from ..protocols.naming import (
    NAMES_FILE,
    Naming,
    NamingJob,
    record_from_json,
    record_to_json,
)
from ..results import TrainingResult
from .llm_warnings import is_about_naming, naming_warning
from .writing import write_json

__all__ = ["name_again", "name_result"]

_MODEL_FILE = "model.json"


def name_result(
    result: TrainingResult,
    naming: Naming,
    language: str,
    folder: Path,
    *,
    clusters: Sequence[int] | None = None,
    keep: Collection[str] = (),
    progress: Callable[[float], None] = lambda share: None,
) -> TrainingResult:
    """Let a model name and describe clusters; write the audit into the run's folder.

    Parameters
    ----------
    result : TrainingResult
    naming : Naming
        With settings that can be called.
    language : str
    folder : Path
        The run's own.
    clusters : sequence of int, optional
        Only these, asked anew even where an answer is known.
    keep : collection of str
        Names that stay.
    progress : callable

    Returns
    -------
    TrainingResult
        With a warning if not all that were wanted got a name.
    """
    # Imported here, as only this wants httpx.
    from .llm_naming import ask_for_names

    wanted = chosen_clusters(result, clusters, naming.options.top_n)
    names = ask_for_names(
        result.clusters,
        wanted,
        naming,
        language,
        keep=keep,
        anew=clusters is not None,
        progress=progress,
    )
    _keep_audit(folder / NAMES_FILE, names.records)
    warnings = [each for each in result.warnings if not is_about_naming(each)]
    warning = naming_warning(names.records, names.label)
    return replace(
        result,
        clusters=names.clusters,
        warnings=(*warnings, warning) if warning else tuple(warnings),
        provenance={**result.provenance, "naming": names.label},
    )


def name_again(job: NamingJob, send: Callable[[Message | NamePrompt], None]) -> None:
    """Name clusters of a run that has ended, or, as a preview, send what would be asked.

    Raises
    ------
    RunFailed
        If the run's result can't be read.
    RequestError
        If there is no such cluster.
    """
    path = job.folder / RESULT_FILE
    try:
        result = result_from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunFailed("The result of this run can't be read.") from error
    if job.dry_run:
        from .llm_naming import prompts_of

        wanted = chosen_clusters(result, job.clusters, job.naming.options.top_n)
        for prompt in prompts_of(result.clusters, wanted, job.language):
            send(prompt)
        return
    named = name_result(
        result,
        job.naming,
        job.language,
        job.folder,
        clusters=job.clusters,
        keep=_labelled(job, result),
        progress=lambda share: send(Progress("naming", round(share, 4))),
    )
    # The model first: if this ends between the two, naming again makes both the same.
    _rename_model(job.folder / _MODEL_FILE, named)
    write_json(path, result_to_json(named))


def _labelled(job: NamingJob, result: TrainingResult) -> set[str]:
    if job.keep_names:
        return {cluster.name for cluster in result.clusters}
    if job.labelled is None:
        return set()
    found = read_utterances(job.labelled)
    return {(utterance.intent or "").strip() for utterance in found} - {""}


def _keep_audit(path: Path, records: Sequence[NameRecord]) -> None:
    """Put records in the place of earlier ones of the same clusters."""
    kept: dict[int, NameRecord] = {}
    try:
        for row in json.loads(path.read_text(encoding="utf-8"))["names"]:
            kept[row["cluster_id"]] = record_from_json(row)
    except (OSError, ValueError, KeyError, TypeError):
        kept = {}
    kept |= {record.cluster_id: record for record in records}
    write_json(path, {"names": [record_to_json(kept[each]) for each in sorted(kept)]})


def _rename_model(path: Path, result: TrainingResult) -> None:
    try:
        model = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # a run without a model, or none that could be used
    model["names"] = [cluster.name for cluster in result.clusters]
    write_json(path, model)
