"""Knovvu's training form: the scalar fields of a training request, both directions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..documents import DataSchema
from ..errors import Problem, RequestError
from ..tasks import LLM, Clustering, IntentClassification, turn_problems
from ..training import (
    CLASSIFICATION_LANGUAGES,
    LANGUAGES,
    TrainingRequest,
    language_problems,
    model_id_problems,
)

__all__ = [
    "DATA_FILE",
    "FIELDS",
    "SECONDARY_DATA_FILE",
    "TrainingForm",
    "form_fields",
    "read_form",
    "unquote",
]

DATA_FILE = "dataFile"
SECONDARY_DATA_FILE = "secondaryDataFile"

_COMMENT = re.compile(r'//\s*optional parameter\s*("?)$', re.IGNORECASE)

# The vendor's field for each name of ours, for messages in either spelling.
FIELDS: Mapping[str, str] = {
    "model_id": "modelId",
    "language": "languageCode",
    "data": DATA_FILE,
    "schema": "dataSchema",
    "secondary_data": SECONDARY_DATA_FILE,
    "secondary_schema": "secondaryDataSchema",
    "n_clusters": "numClusters",
    "llm": "llm",
    "llm.provider": "llm",
    "llm.top_n": "llmTopN",
    "llm.max_tokens": "llmMaxTokens",
    "llm.max_cost": "llmMaxCost",
    "force_train": "forceTrain",
    "random_state": "randomState",
    "embedder": "embedder",
    "turns": "turns",
    "unit": "unit",
    "epochs": "epochs",
    "product_name": "productName",
    "sweep_fit": "sweepFit",
}


def form_fields(
    request: TrainingRequest, *, product_name: str = "CA", with_random_state: bool = False
) -> dict[str, str]:
    """Write the scalar form fields of a training request; the files are separate parts.

    ``with_random_state`` adds the seed, the number of epochs, the embedder and the choice of
    turns, fields that only the local service knows.

    Raises
    ------
    RequestError
        If the form has no field for what the task asks for.
    """
    task = request.task
    _check_choices(task, with_ours=with_random_state)
    fields = {
        "modelId": request.model_id,
        "productName": product_name,
        "languageCode": request.language,
        "dataSchema": request.data.schema.value,
        "forceTrain": "true" if request.force_train else "false",
    }
    if isinstance(task, IntentClassification):
        if with_random_state and task.epochs is not None:
            fields["epochs"] = str(task.epochs)
    else:
        fields["numClusters"] = "0" if task.n_clusters == "auto" else str(task.n_clusters)
        if task.llm is not None:
            fields["llm"] = task.llm.provider
        if with_random_state:
            fields |= _llm_fields(task.llm) | _chosen(task, "turns", "unit")
    if request.secondary_data is not None:
        fields["secondaryDataSchema"] = request.secondary_data.schema.value
    if with_random_state:
        fields["randomState"] = str(task.random_state)
        fields |= _chosen(task, "embedder")
    return fields


def _check_choices(task: Clustering | IntentClassification, *, with_ours: bool) -> None:
    """Refuse what is chosen and has no field in the form."""
    names: tuple[str, ...] = ()
    if isinstance(task, IntentClassification):
        names = ("train_share", "out_of_domain", "with_feedback")
    elif not with_ours:
        names = ("turns", "unit")
    names += () if with_ours else ("embedder",)
    problems = [
        Problem(name, f"is {value!r}", "Knovvu's form has no field for it.")
        for name, value in _chosen(task, *names).items()
    ]
    if problems:
        raise RequestError("This can't be trained there:", problems)


def _chosen(task: Clustering | IntentClassification, *names: str) -> dict[str, Any]:
    """Return those of a task's options that are not as they are by default."""
    plain = type(task)()
    return {
        name: getattr(task, name) for name in names if getattr(task, name) != getattr(plain, name)
    }


def _llm_fields(llm: LLM | None) -> dict[str, str]:
    """Write the options that only the local service knows; none at all is said as a top 0.

    Otherwise settings that are stored would be used even without the field ``llm``.
    """
    if llm is None:
        return {"llmTopN": "0"}
    values = {"top_n": llm.top_n, "max_tokens": llm.max_tokens, "max_cost": llm.max_cost}
    return {
        FIELDS[f"llm.{name}"]: str(value) for name, value in values.items() if value is not None
    }


@dataclass(frozen=True, slots=True)
class TrainingForm:
    """The scalar fields of a training request, read from the wire and checked.

    ``naming`` is how clusters are named if a model is configured, whether or not the field ``llm``
    asks for it; None if they must not be. ``sweep_fit`` is the sweep, and the number of the fit in
    it, at whose clusters training begins; a field that only the local service knows.
    """

    model_id: str
    product_name: str
    language: str
    schema: DataSchema
    secondary_schema: DataSchema | None
    task: Clustering | IntentClassification
    force_train: bool
    naming: LLM | None = None
    sweep_fit: tuple[str, int] | None = None


def unquote(value: str) -> str:
    """Trim a value and strip what the vendor's samples send round it.

    That is one pair of double quotes, and the comment that stands in the line of ``llm``.

    Examples
    --------
    >>> unquote(' "unique-id" '), unquote('"openai" // Optional parameter')
    ('unique-id', 'openai')
    """
    value = _COMMENT.sub(r"\1", value.strip()).strip()
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1].strip()
    return value


def read_form(fields: Mapping[str, str]) -> TrainingForm:
    """Read the scalar fields of a training request.

    Parameters
    ----------
    fields : mapping of str to str
        By wire name, as received.

    Raises
    ------
    RequestError
        Listing every bad field, by wire name.
    """
    values = {name: unquote(value) for name, value in fields.items()}
    problems: list[Problem] = []
    for name in ("modelId", "productName", "languageCode", "dataSchema"):
        if not values.get(name):
            problems.append(Problem(name, "is required"))
    model_id, language = values.get("modelId", ""), values.get("languageCode", "")
    schema = _read_schema("dataSchema", values, problems)
    classify = schema is DataSchema.UTTERANCE
    languages = CLASSIFICATION_LANGUAGES if classify else LANGUAGES
    if model_id:
        problems += _renamed(model_id_problems(model_id))
    if language:
        problems += _renamed(language_problems(language, languages))
    secondary_schema = _read_schema("secondaryDataSchema", values, problems)
    if secondary_schema is not None and (schema, secondary_schema) != (
        DataSchema.DIALOGUE,
        DataSchema.INTENT,
    ):
        what = "goes only with dataSchema 'dialogue', and must be 'intent'"
        problems.append(Problem("secondaryDataSchema", what))
    random_state = _read_number("randomState", values, problems, default=0)
    embedder = values.get("embedder") or None
    force_train = values.get("forceTrain", "").lower() or "true"
    if force_train not in ("true", "false"):
        problems.append(Problem("forceTrain", f"is {force_train!r}", "Send true or false."))
    task: Clustering | IntentClassification
    naming: LLM | None = None
    if classify:
        epochs = _read_number("epochs", values, problems, default=0)
        task = IntentClassification(epochs or None, random_state, embedder=embedder)
    else:
        count = _read_number("numClusters", values, problems, default=0)
        n_clusters: int | Literal["auto"] = count or "auto"
        options = _read_llm(values, problems)
        naming = None if values.get("llmTopN") == "0" else options
        llm = options if values.get("llm") else None
        turns: Any = values.get("turns", "").lower() or "customer"
        unit: Any = values.get("unit", "").lower() or "dialogue"
        task = Clustering(n_clusters, llm, random_state, embedder=embedder, turns=turns, unit=unit)
        if task.llm is None:
            problems += _renamed(options.problems())
    problems += _renamed(task.problems())
    if schema is not None:
        problems += _renamed(turn_problems(task, schema))
    sweep_fit = _read_sweep_fit(values, problems)
    if problems:
        raise RequestError("Your request is not valid.", problems)
    assert schema is not None
    return TrainingForm(
        model_id=model_id,
        product_name=values["productName"],
        language=language,
        schema=schema,
        secondary_schema=secondary_schema,
        task=task,
        force_train=force_train == "true",
        naming=naming,
        sweep_fit=sweep_fit,
    )


def _read_sweep_fit(values: Mapping[str, str], problems: list[Problem]) -> tuple[str, int] | None:
    value = values.get("sweepFit", "")
    if not value:
        return None
    match = re.fullmatch(r"([0-9a-f-]{36})/([0-9]{1,5})", value)
    if match is None:
        fix = "Send the id of a sweep, a slash, and the number of its fit."
        problems.append(Problem("sweepFit", f"is {value[:80]!r}", fix))
        return None
    return match[1], int(match[2])


def _renamed(problems: Iterable[Problem]) -> list[Problem]:
    return [
        Problem(FIELDS[p.where], p.what, p.fix.replace("'auto'", "0"), p.rows, p.count)
        for p in problems
    ]


def _read_schema(
    name: str, values: Mapping[str, str], problems: list[Problem]
) -> DataSchema | None:
    value = values.get(name, "").lower()
    if not value:
        return None
    try:
        return DataSchema(value)
    except ValueError:
        known = ", ".join(schema.value for schema in DataSchema)
        problems.append(Problem(name, f"is {value!r}", f"Known: {known}."))
        return None


def _read_llm(values: Mapping[str, str], problems: list[Problem]) -> LLM:
    """Read the options of naming; their limits are checked by themselves."""
    top_n = _read_number("llmTopN", values, problems, default=0) or None
    max_tokens = _read_number("llmMaxTokens", values, problems, default=0) or None
    max_cost: float | None = None
    text = values.get("llmMaxCost", "")
    try:
        max_cost = float(text) if text else None
    except ValueError:
        problems.append(Problem("llmMaxCost", f"is {text!r}", "Send a number above 0."))
    return LLM(values.get("llm") or "openai", top_n, max_tokens, max_cost)


def _read_number(
    name: str, values: Mapping[str, str], problems: list[Problem], *, default: int
) -> int:
    value = values.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 10):
        problems.append(Problem(name, f"is {value!r}", "Send a whole number, 0 or more."))
        return default
    return int(value)
