"""What one asks a service to train, checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from .documents import DataSchema
from .errors import Problem, RequestError
from .tasks import Clustering, IntentClassification, fewest_documents, turn_problems

__all__ = [
    "CLASSIFICATION_LANGUAGES",
    "LANGUAGES",
    "DataFile",
    "TrainingRequest",
    "language_problems",
    "model_id_problems",
]

LANGUAGES: Mapping[str, str] = {
    "en-US": "English",
    "tr-TR": "Turkish",
    "ar-SA": "Arabic",
    "fr-FR": "French",
    "nl-NL": "Dutch",
    "it-IT": "Italian",
}
"""Language codes that text clustering knows, with their English names."""

CLASSIFICATION_LANGUAGES: Mapping[str, str] = {
    **LANGUAGES,
    "lv-LV": "Latvian",
    "ru-RU": "Russian",
    "es-ES": "Spanish",
    "ur-PK": "Urdu",
    "de-DE": "German",
}
"""Language codes that intent classification knows, with their English names."""

MODEL_ID_MAX = 63


def model_id_problems(model_id: object) -> list[Problem]:
    """List every rule that a model id breaks.

    A model id becomes part of a host name, hence the rules (Knovvu v1.69): a-z, 0-9 and hyphens,
    no hyphen first or last, at most 63 characters.

    Examples
    --------
    >>> for problem in model_id_problems("Über_topics-"): print(problem)
    model_id: may contain only a-z, 0-9 and hyphens, not 'Ü', '_'. Try 'ber-topics'.
    model_id: ends with a hyphen.
    """
    where = "model_id"
    if not isinstance(model_id, str):
        return [Problem(where, f"is a {type(model_id).__name__}, not text", "Give a short name.")]
    if not model_id:
        return [Problem(where, "is empty", "Give a short name such as 'support-topics'.")]
    problems = []
    bad = list(dict.fromkeys(re.findall(r"[^a-z0-9-]", model_id)))
    if bad:
        shown = ", ".join(repr(char) for char in bad[:8])
        suggestion = re.sub(r"[^a-z0-9]+", "-", model_id.lower()).strip("-")[:MODEL_ID_MAX]
        fix = f"Try {suggestion.rstrip('-')!r}." if suggestion else ""
        what = f"may contain only a-z, 0-9 and hyphens, not {shown}"
        problems.append(Problem(where, what, fix))
    if model_id.startswith("-"):
        problems.append(Problem(where, "starts with a hyphen"))
    if model_id.endswith("-"):
        problems.append(Problem(where, "ends with a hyphen"))
    if len(model_id) > MODEL_ID_MAX:
        what = f"has {len(model_id)} characters; at most {MODEL_ID_MAX} are allowed"
        problems.append(Problem(where, what))
    return problems


def language_problems(language: object, languages: Mapping[str, str] = LANGUAGES) -> list[Problem]:
    """List what is wrong with a language code.

    Parameters
    ----------
    language : object
        The code.
    languages : mapping of str to str
        Those that the task knows: :data:`LANGUAGES` or :data:`CLASSIFICATION_LANGUAGES`.

    Examples
    --------
    >>> print(language_problems("en-GB")[0].what)
    'en-GB' is not offered
    """
    if isinstance(language, str) and language in languages:
        return []
    word = str(language).strip().lower()
    near = [
        code for code, name in languages.items() if word[:2] == code[:2] or word == name.lower()
    ]
    if not near and isinstance(language, str) and language in CLASSIFICATION_LANGUAGES:
        what = f"{language!r} is offered for intent classification only"
        return [Problem("language", what, f"Clustering knows: {', '.join(languages)}.")]
    near = near or get_close_matches(str(language), languages, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    fix = f"{hint}Known: {', '.join(languages)}."
    return [Problem("language", f"{language!r} is not offered", fix)]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A JSON file that is ready to be sent.

    Parameters
    ----------
    path : Path
        Where it lies.
    schema : DataSchema
        What it holds.
    documents : int
        Number of dialogues, or of sentences.
    words : int
        Number of words in it, see :func:`nbtrain.count_words`.
    sha256 : str
        Hash of its bytes, in hexadecimal.
    """

    path: Path
    schema: DataSchema
    documents: int
    words: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """All that one submits. Checks itself and lists every problem at once.

    Parameters
    ----------
    model_id : str
        The name of the model; see :func:`model_id_problems` for the rules.
    data : DataFile
        What to train on.
    task : Clustering or IntentClassification
        What to train; data of the schema ``utterance`` need the latter, all others the former.
    language : str
        One of :data:`LANGUAGES`, for classification of :data:`CLASSIFICATION_LANGUAGES`.
    secondary_data : DataFile, optional
        Labelled intents that go with unlabelled dialogues.
    force_train : bool
        True trains anew. False, for a model that was trained before, takes the trained model into
        service again without training.

    Raises
    ------
    RequestError
        If anything is wrong; its ``problems`` lists all of it.
    """

    model_id: str
    data: DataFile
    task: Clustering | IntentClassification = field(default_factory=Clustering)
    language: str = "en-US"
    secondary_data: DataFile | None = None
    force_train: bool = True

    def __post_init__(self) -> None:
        classify = isinstance(self.task, IntentClassification)
        languages = CLASSIFICATION_LANGUAGES if classify else LANGUAGES
        problems = model_id_problems(self.model_id) + language_problems(self.language, languages)
        problems += _task_problems(self.task, self.data)
        problems += _data_problems(self.data, self.secondary_data, fewest_documents(self.task))
        if self.force_train not in (True, False):
            what = f"is {self.force_train!r}"
            problems.append(Problem("force_train", what, "Give True or False."))
        if problems:
            raise RequestError("This can't be trained as it stands:", problems)


def _task_problems(task: object, data: object) -> list[Problem]:
    if not isinstance(task, Clustering | IntentClassification):
        what = f"is a {type(task).__name__}, not a Clustering or IntentClassification"
        return [Problem("task", what)]
    if not isinstance(data, DataFile):
        return task.problems()
    problems = task.problems(data.documents) + turn_problems(task, data.schema)
    classify = isinstance(task, IntentClassification)
    if classify != (data.schema is DataSchema.UTTERANCE):
        what = f"is {type(task).__name__}, but the data have the schema {data.schema.value!r}"
        fix = (
            "Write or read the data with schema='utterance'."
            if classify
            else "Give IntentClassification()."
        )
        problems.append(Problem("task", what, fix))
    return problems


def _data_problems(data: object, secondary: object, fewest: int) -> list[Problem]:
    fix = "Make one with write_dialogues, write_intents or read_data_file."
    problems = [
        Problem(name, f"is a {type(file).__name__}, not a DataFile", fix)
        for name, file in (("data", data), ("secondary_data", secondary))
        if not isinstance(file, DataFile) and not (name == "secondary_data" and file is None)
    ]
    if isinstance(data, DataFile) and data.documents < fewest:
        one = data.documents == 1
        what = f"holds {data.documents} {'document' if one else 'documents'} with text"
        problems.append(Problem("data", what, f"Training needs at least {fewest}."))
    if not isinstance(data, DataFile) or not isinstance(secondary, DataFile):
        return problems
    if (data.schema, secondary.schema) == (DataSchema.DIALOGUE, DataSchema.INTENT):
        return problems
    what = f"has the schema {secondary.schema.value!r} beside data of {data.schema.value!r}"
    fix = "The one pair that is known: dialogues as data, labelled intents as secondary data."
    return [*problems, Problem("secondary_data", what, fix)]
