"""Knovvu's calls about trained models: modules, readiness, inference; both directions, no I/O.

Sources: the vendor's pages "Check publish model readiness", "ML text classification: send
inference request" and "ML text clustering: send inference request". The module call, and what
clustering adds to the inference of classification, are our choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..errors import Problem, RequestError
from ..results import Inference, Prediction

__all__ = [
    "INFERENCE_SCOPE",
    "MODULES_PATH",
    "MOST_INPUTS",
    "OUT_OF_DOMAIN",
    "POD_TIMED_OUT",
    "InferenceRequest",
    "ModelKind",
    "Normalization",
    "inference_path",
    "inference_request_to_json",
    "inference_to_json",
    "inferences_from_json",
    "modules_available",
    "modules_to_json",
    "published_name",
    "read_inference_request",
    "ready_from_json",
    "ready_path",
]

Json = dict[str, Any]

MODULES_PATH = "/sestekai-api/api/external/trainings/modules"
INFERENCE_SCOPE = "AIModule"

POD_TIMED_OUT = "Published pod is currently unavailable due to inactivity timeout."
"""The vendor's sentence of status 503."""

MOST_INPUTS = 10_000
"""Texts that one inference request may carry."""

OUT_OF_DOMAIN = "outOfDomain"
"""Ours: in a request to a pod, that it is to be told; in the answer, whether a text is."""

_NORMALIZATION = "textNormalizationConfiguration"
_FLAGS = {
    "lower_case": "lowerCase",
    "spell_correction": "spellCorrection",
    "stemming": "stemming",
    "remove_stop_words": "removeStopwords",
    "remove_punctuation": "removePunctuation",
}
_LISTED = 20
_MOST = 2**31 - 1


class ModelKind(StrEnum):
    """What a model does; the word in the path of its inference."""

    CLUSTERING = "clustering"
    CLASSIFICATION = "classification"


_MODULES = {"cluster": ModelKind.CLUSTERING, "classification": ModelKind.CLASSIFICATION}


def ready_path(model_id: str) -> str:
    """Path of the readiness call of a model."""
    return f"/sestekai-api/api/external/trainings/{model_id}/ready"


def published_name(tenant: str, model_id: str) -> str:
    """Return the name under which a model is published."""
    return f"{tenant}-{model_id}"


def inference_path(published: str, kind: str) -> str:
    """Path of the inference of a published model.

    Examples
    --------
    >>> inference_path(published_name("local", "topics"), ModelKind.CLUSTERING)
    '/published/local-topics/v1/text/clustering/inference'
    """
    return f"/published/{published}/v1/text/{kind}/inference"


# --- modules and readiness -------------------------------------------------------------------


def modules_to_json(available: Mapping[ModelKind, bool]) -> Json:
    """Write the answer of the module call: each module, and whether all of them are available."""
    listed = [
        {"name": name, "available": available[kind]}
        for name, kind in _MODULES.items()
        if kind in available
    ]
    return {"available": all(available.values()), "modules": listed}


def modules_available(data: object) -> dict[ModelKind, bool] | None:
    """Read the answer of the module call; None if it is another service's."""
    listed = data.get("modules") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        return None
    return {
        _MODULES[entry["name"]]: entry.get("available") is True
        for entry in listed
        if isinstance(entry, dict) and entry.get("name") in _MODULES
    }


def ready_from_json(data: object) -> bool:
    """Read the answer of the readiness call, a bare ``true`` or ``false``."""
    return data is True or (isinstance(data, str) and data.strip().lower() == "true")


# --- inference: the request ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Normalization:
    """What is done to a text before the model sees it.

    ``language`` None is that of the model. The local service neither corrects spelling nor stems:
    its models read sub-words, which does for both.
    """

    language: str | None = None
    lower_case: bool = False
    spell_correction: bool = False
    stemming: bool = False
    remove_stop_words: bool = False
    remove_punctuation: bool = False


@dataclass(frozen=True, slots=True)
class InferenceRequest:
    """Texts to be labelled.

    ``top_n`` None asks for all labels. ``batch_size`` is how many texts the vendor's model takes
    at a time; it doesn't change the answer.
    """

    texts: tuple[str, ...]
    top_n: int | None = None
    batch_size: int | None = None
    normalization: Normalization = field(default_factory=Normalization)


def inference_request_to_json(request: InferenceRequest) -> Json:
    """Write an inference request.

    Examples
    --------
    >>> inference_request_to_json(InferenceRequest(("where is my card",), top_n=1))
    {'inputs': [{'text': 'where is my card'}], 'topN': 1}
    """
    data: Json = {"inputs": [{"text": text} for text in request.texts]}
    if request.batch_size is not None:
        data["batchSize"] = request.batch_size
    if request.top_n is not None:
        data["topN"] = request.top_n
    how = request.normalization
    if how != Normalization():
        flags = {wire: getattr(how, name) for name, wire in _FLAGS.items()}
        data[_NORMALIZATION] = ({"language": how.language} if how.language else {}) | flags
    return data


def read_inference_request(data: object, languages: Iterable[str]) -> InferenceRequest:
    """Read an inference request; unknown fields are passed over.

    Parameters
    ----------
    data : object
        The body, as JSON gives it.
    languages : iterable of str
        The codes that a text's language may have.

    Raises
    ------
    RequestError
        Listing every bad field, by wire name.
    """
    problems: list[Problem] = []
    if not isinstance(data, dict):
        what = f"is {_kind_of(data)}, not an object with inputs"
        raise RequestError("Your request is not valid.", [Problem("body", what)])
    texts = _read_inputs(data.get("inputs"), problems)
    top_n = _read_count("topN", data, problems)
    batch_size = _read_count("batchSize", data, problems)
    normalization = _read_normalization(data.get(_NORMALIZATION), set(languages), problems)
    if problems:
        raise RequestError("Your request is not valid.", problems)
    return InferenceRequest(tuple(texts), top_n, batch_size, normalization)


def _read_inputs(inputs: object, problems: list[Problem]) -> list[str]:
    fix = 'Send an array of {"text": ...}.'
    if inputs is None:
        problems.append(Problem("inputs", "is required", fix))
        return []
    if not isinstance(inputs, list):
        problems.append(Problem("inputs", f"is {_kind_of(inputs)}", fix))
        return []
    if not inputs:
        problems.append(Problem("inputs", "is empty", "Send at least one text."))
    if len(inputs) > MOST_INPUTS:
        what = f"has {len(inputs):,} texts"
        problems.append(Problem("inputs", what, f"Send at most {MOST_INPUTS:,} at a time."))
        return []
    texts = []
    bad = []
    for place, entry in enumerate(inputs):
        where = f"inputs[{place}]"
        text = entry.get("text") if isinstance(entry, dict) else None
        if isinstance(text, str):
            texts.append(text)
        elif not isinstance(entry, dict):
            bad.append(Problem(where, f"is {_kind_of(entry)}", 'Send {"text": ...}.'))
        elif text is None:
            bad.append(Problem(f"{where}.text", "is required"))
        else:
            bad.append(Problem(f"{where}.text", f"is {_kind_of(text)}", "Send text."))
    problems += bad[:_LISTED]
    if len(bad) > _LISTED:
        problems.append(Problem("inputs", f"has {len(bad) - _LISTED:,} more wrong entries"))
    return texts


def _read_count(name: str, data: Json, problems: list[Problem]) -> int | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        shown = str(value)[:40] if isinstance(value, int | float) else _kind_of(value)
        problems.append(Problem(name, f"is {shown}", "Send a whole number, 1 or more."))
        return None
    return min(value, _MOST)


def _read_normalization(
    data: object, languages: set[str], problems: list[Problem]
) -> Normalization:
    if data is None:
        return Normalization()
    if not isinstance(data, dict):
        problems.append(Problem(_NORMALIZATION, f"is {_kind_of(data)}", "Send an object."))
        return Normalization()
    flags = {}
    for name, wire in _FLAGS.items():
        value = data.get(wire)
        if value is not None and not isinstance(value, bool):
            where = f"{_NORMALIZATION}.{wire}"
            problems.append(Problem(where, f"is {_kind_of(value)}", "Send true or false."))
        flags[name] = value is True
    language = data.get("language") or None
    if language is not None and language not in languages:
        shown = repr(language[:40]) if isinstance(language, str) else _kind_of(language)
        fix = f"Known: {', '.join(sorted(languages))}."
        problems.append(Problem(f"{_NORMALIZATION}.language", f"is {shown}", fix))
        language = None
    return Normalization(language=language, **flags)


def _kind_of(value: object) -> str:
    names = {
        type(None): "null", bool: "true or false", int: "a number", float: "a number",
        str: "text", list: "an array", dict: "an object",
    }  # fmt: skip
    return names.get(type(value), "of an unknown type")


# --- inference: the answer -------------------------------------------------------------------


def inference_to_json(
    text: str,
    normalized_text: str,
    predictions: Sequence[tuple[str, int | None, float]],
    out_of_domain: bool | None = None,
) -> Json:
    """Write one entry of the answer's ``result``; predictions come likeliest first.

    ``clusterId`` is ours, for clusters only; so is ``outOfDomain``, which is left out where it is
    not told.
    """
    listed = []
    for label, cluster_id, confidence in predictions:
        entry: Json = {"label": label, "confidence": confidence}
        listed.append(entry if cluster_id is None else {**entry, "clusterId": cluster_id})
    top = predictions[0] if predictions else None
    return {
        "text": text,
        "normalizedText": normalized_text,
        "topPrediction": top[0] if top else None,
        "topConfidence": top[2] if top else None,
        "predictions": listed,
    } | ({} if out_of_domain is None else {OUT_OF_DOMAIN: out_of_domain})


def inferences_from_json(data: object) -> list[Inference]:
    """Read the answer of an inference.

    Raises
    ------
    ValueError
        If it is none.
    """
    listed = data.get("result") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise ValueError("the answer has no result")
    try:
        return [_inference(entry) for entry in listed]
    except (AttributeError, KeyError, OverflowError, TypeError) as error:
        raise ValueError(f"an entry of the result can't be read: {error!r}") from error


def _inference(entry: Json) -> Inference:
    predictions = [
        Prediction(str(each["label"]), each.get("clusterId"), float(each["confidence"]))
        for each in entry.get("predictions") or ()
    ]
    if not predictions and entry.get("topPrediction") is not None:
        top = entry["topPrediction"], None, float(entry["topConfidence"])
        predictions = [Prediction(str(top[0]), top[1], top[2])]
    predictions.sort(key=lambda prediction: -prediction.confidence)
    normalized = entry.get("normalizedText")
    text = entry["text"]
    told = entry.get(OUT_OF_DOMAIN)
    return Inference(
        text,
        text if normalized is None else normalized,
        tuple(predictions),
        told if isinstance(told, bool) else None,
    )
