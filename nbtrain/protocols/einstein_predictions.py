"""Einstein's predictions and their counting, both directions, no I/O."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import Problem, RequestError
from ..results import Prediction
from .einstein_wire import LANGUAGE_PATH, Json, list_to_json

__all__ = [
    "ENTITIES_PATH",
    "INTENT_PATH",
    "SENTIMENT_PATH",
    "UNLIMITED",
    "USAGE_PATH",
    "PredictForm",
    "month_of",
    "predict_fields",
    "prediction_to_json",
    "predictions_from_json",
    "rate_headers",
    "read_predict",
    "usage_to_json",
]

INTENT_PATH = f"{LANGUAGE_PATH}/intent"
SENTIMENT_PATH = f"{LANGUAGE_PATH}/sentiment"
ENTITIES_PATH = f"{LANGUAGE_PATH}/entities"
USAGE_PATH = "/v2/apiusage"

UNLIMITED = 2**31 - 1
"""What is told as the limit where there is none."""


@dataclass(frozen=True, slots=True)
class PredictForm:
    """The fields of a prediction call; ``num_results`` None asks for all labels."""

    document: str
    model_id: str
    num_results: int | None = None
    sample_id: str | None = None


def predict_fields(form: PredictForm) -> Json:
    """Write the fields of a prediction call, as JSON.

    Examples
    --------
    >>> predict_fields(PredictForm("where is my card", "A" * 26, 1))
    {'document': 'where is my card', 'modelId': 'AAAAAAAAAAAAAAAAAAAAAAAAAA', 'numResults': 1}
    """
    fields: Json = {"document": form.document, "modelId": form.model_id}
    if form.num_results is not None:
        fields["numResults"] = form.num_results
    if form.sample_id is not None:
        fields["sampleId"] = form.sample_id
    return fields


def read_predict(fields: Mapping[str, str], *, with_model: bool = True) -> PredictForm:
    """Read the fields of a prediction call; unknown ones are passed over.

    Raises
    ------
    RequestError
        Listing every bad field, by wire name.
    """
    problems = [
        Problem(name, "is required")
        for name in ("document", *(["modelId"] if with_model else []))
        if not fields.get(name)
    ]
    wanted = fields.get("numResults", "")
    good = wanted.isascii() and wanted.isdigit() and len(wanted) <= 15 and int(wanted) > 0
    if wanted and not good:
        fix = "Send a whole number above 0."
        problems.append(Problem("numResults", f"is {wanted[:40]!r}", fix))
    if problems:
        raise RequestError("Your request is not valid.", problems)
    return PredictForm(
        fields["document"],
        fields.get("modelId", ""),
        min(int(wanted), UNLIMITED) if wanted else None,
        fields.get("sampleId"),
    )


def prediction_to_json(predictions: Iterable[Prediction], sample_id: str | None = None) -> Json:
    """Write the answer of a prediction call, likeliest label first.

    Examples
    --------
    >>> prediction_to_json([Prediction("Billing", None, 0.91)])
    {'probabilities': [{'label': 'Billing', 'probability': 0.91}], 'object': 'predictresponse'}
    """
    data: Json = {
        "probabilities": [{"label": p.label, "probability": p.confidence} for p in predictions],
        "object": "predictresponse",
    }
    return data | ({"sampleId": sample_id} if sample_id is not None else {})


def predictions_from_json(data: object) -> tuple[Prediction, ...]:
    """Read the answer of a prediction call; nothing at all means outside all labels.

    Raises
    ------
    ValueError
        If it is none.
    """
    listed = data.get("probabilities") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise ValueError("the answer has no probabilities")
    try:
        found = [Prediction(str(p["label"]), None, float(p["probability"])) for p in listed]
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"a probability can't be read: {error!r}") from error
    if not all(math.isfinite(prediction.confidence) for prediction in found):
        raise ValueError("a probability is no number")
    return tuple(sorted(found, key=lambda prediction: -prediction.confidence))


# --- counting --------------------------------------------------------------------------------


def month_of(seconds: float) -> str:
    """Return the calendar month (UTC) of a time.

    Examples
    --------
    >>> month_of(1585794802.0)
    '2020-04'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m")


def rate_headers(month: str, used: int, limit: int) -> dict[str, str]:
    """Write the headers that every prediction answer carries.

    Examples
    --------
    >>> list(rate_headers("2017-04", 3, 2000).values())
    ['2000', '1997', '2017-05-01 00:00:00.0']
    """
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(max(0, limit - used)),
        "X-RateLimit-Reset": f"{_next_month(month)}-01 00:00:00.0",
    }


def usage_to_json(used_by_month: Sequence[tuple[str, int]], limit: int) -> Json:
    """Write the usage, one item per month."""
    return list_to_json(
        {
            "id": month.replace("-", ""),
            "organizationId": "local",
            "startsAt": f"{month}-01T00:00:00.000Z",
            "endsAt": f"{_next_month(month)}-01T00:00:00.000Z",
            "planData": [{"plan": "STARTER", "amount": 1, "source": "SALESFORCE"}],
            "licenseId": "local",
            "predictionsUsed": used,
            "predictionsRemaining": max(0, limit - used),
            "predictionsMax": limit,
            "object": "apiusage",
        }
        for month, used in used_by_month
    )


def _next_month(month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    return f"{year + number // 12:04}-{number % 12 + 1:02}"
