"""Result -> labelled intents, the form in which one training goes into the next."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .columns import Columns, read_columns
from .documents import DataSchema, Utterance
from .errors import DataError, Problem
from .files import write_intent_file
from .frames import dialogues
from .results import TrainingResult
from .training import DataFile
from .turns import documents_of, fingerprint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["export_intents"]

_NOT_EXPORTED = "The clusters can't be exported:"


def export_intents(
    result: TrainingResult,
    path: str | os.PathLike[str],
    df: pd.DataFrame | None = None,
    *,
    dialogue_id: str | None = None,
    speaker: str | None = None,
    text: str | None = None,
    timestamp: str | None = None,
    speakers: Mapping[Any, str] | None = None,
    min_confidence: float = 0.0,
) -> DataFile:
    """Write the documents of a result as an intent file, labelled with their clusters' names.

    The file is ready to be the ``secondary_data`` of a further training of dialogues: its clusters
    are kept with their names, dialogues like theirs come to them, and new clusters are found
    beside them.

    Parameters
    ----------
    result : TrainingResult
    path : path
        The file; replaced if it exists, and never left half-written.
    df : DataFrame, optional
        For a result of dialogues, which holds their ids only: one row a turn, the data that were
        trained on or a part of them. Not needed for a result of texts.
    dialogue_id, speaker, text, timestamp : str, optional
        Names of its columns, as for :func:`nbtrain.write_dialogues`.
    speakers : mapping, optional
        As for :func:`nbtrain.write_dialogues`.
    min_confidence : float
        Leave out documents of a lower confidence, 0 to 1.

    Returns
    -------
    DataFile
        One record a document: the text itself, or the turns of the dialogue that were clustered.

    Raises
    ------
    DataError
        Listing every problem; no file is written then.

    Examples
    --------
    >>> from nbtrain.results import Cluster
    >>> cluster = Cluster(0, "lost card", 1)
    >>> texts = ("My card!",)
    >>> result = TrainingResult("r", "m", DataSchema.INTENT, (cluster,), texts, (0,), (1.0,))
    >>> export_intents(result, getfixture("tmp_path") / "labelled.json").documents
    1
    """
    names = [result.clusters[cluster].name for cluster in result.cluster_ids]
    sure = zip(result.document_ids, names, result.confidences, strict=True)
    label_of = {document: name for document, name, value in sure if value >= min_confidence}
    if not names:
        what = "holds no labels of single texts"
        raise DataError(_NOT_EXPORTED, [Problem("result", what)])
    if not label_of:
        what = f"is {min_confidence}, and no document of the result reaches it"
        raise DataError(_NOT_EXPORTED, [Problem("min_confidence", what)])
    if result.schema is not DataSchema.DIALOGUE:
        return write_intent_file(map(Utterance, label_of, label_of.values()), path)
    columns = read_columns(
        df, text=text, dialogue_id=dialogue_id, speaker=speaker, timestamp=timestamp,
        speakers=speakers,
    )  # fmt: skip
    for role, name in (("dialogue_id", dialogue_id), ("speaker", speaker)):
        if name is None:
            columns.errors.append(Problem(role, "is not named", "Dialogues need that column."))
    if df is None:
        fix = "Give the data that were trained on: of dialogues the result holds only their ids."
        columns.errors = [Problem("df", "is not given", fix)]
    elif not columns.errors:
        columns.errors += _dialogue_problems(result, label_of, columns, str(dialogue_id))
    if columns.errors:
        raise DataError(_NOT_EXPORTED, columns.errors)

    def labelled() -> Iterator[Utterance]:
        for dialogue in dialogues(columns):
            for document_id, texts in documents_of(dialogue, result.turns, result.unit):
                name = label_of.get(document_id)
                if name is not None:
                    yield Utterance("\n".join(texts), name)

    return write_intent_file(labelled(), path)


def _dialogue_problems(
    result: TrainingResult, wanted: Iterable[str], columns: Columns, name: str
) -> list[Problem]:
    """List why dialogues are not those that were trained on."""
    by_turn = result.unit == "utterance"
    ids = {document.rpartition("#")[0] for document in wanted} if by_turn else set(wanted)
    if ids.isdisjoint(columns.dialogue_ids):
        return [Problem(name, "holds none of the dialogues that were trained on")]
    others = [
        dialogue.dialogue_id
        for dialogue in (dialogues(columns) if by_turn else ())
        if dialogue.dialogue_id in ids
        and fingerprint(turn.text for turn in dialogue.turns)
        != result.fingerprints[dialogue.dialogue_id]
    ]
    if not others:
        return []
    shown = ", ".join(repr(other) for other in others[:5]) + (", …" if len(others) > 5 else "")
    what = f"has {len(others):,} dialogues whose rows are not the turns that were trained on: "
    fix = "Give all rows of each dialogue, and the timestamp that they were sorted by."
    return [Problem(name, what + shown, fix)]
