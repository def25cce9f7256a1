"""The forms by which Einstein Language's data sets are made and corrected, both directions.

The sentences of the errors are the vendor's where its page "API Error Codes and Messages" has one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..errors import Problem, RequestError
from .einstein_datasets import MAX_LABEL, TEXT_INTENT, TEXT_SENTIMENT

__all__ = [
    "DATA_FIELD",
    "MAX_NAME",
    "NOT_YET_AVAILABLE",
    "FeedbackForm",
    "UploadForm",
    "check_data_field",
    "dataset_name",
    "identifier",
    "read_feedback_form",
    "read_label_query",
    "read_upload_form",
]

DATA_FIELD = "data"
MAX_NAME = 180
"""Characters in the name of a data set or of an example."""

NOT_YET_AVAILABLE = (
    "The dataset is not yet available for update, try again once the dataset is ready."
)

_NO_DATA = "Uploading a dataset requires either the 'data' field or the 'path' field."
_DATA_TWICE = "The 'data' parameter cannot be duplicated, nor sent along with the 'path' parameter."
_NO_NAME = "The 'name' parameter is required to create a dataset."
_NO_DOWNLOAD = (
    "Failed to download the dataset from the public URL. "
    "This service downloads nothing; send the file itself as 'data'."
)
_NOT_VALID = "The request is not valid."
_LANGUAGE = re.compile("[a-zA-Z]{2,3}([_-][a-zA-Z0-9]{2,8})*")
_FALLBACK_NAME = "dataset"
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class UploadForm:
    """The fields of a new data set beside its file; without a name the file gives it."""

    type: str
    language: str = "en_US"
    name: str | None = None

    def fields(self) -> dict[str, str]:
        """Write them."""
        fields = {"type": self.type, "language": self.language}
        return fields | ({"name": self.name} if self.name else {})


def check_data_field(fields: Mapping[str, str], *, has_data: bool, twice: bool = False) -> None:
    """Check that the file came, as itself, and once.

    Raises
    ------
    RequestError
        In the vendor's words.
    """
    # The vendor's OpenAPI file calls the URL of an addition "type".
    has_path = bool(fields.get("path", "").strip()) or "://" in fields.get("type", "")
    if twice or (has_data and has_path):
        raise RequestError(_DATA_TWICE)
    if has_path:
        raise RequestError(_NO_DOWNLOAD)
    if not has_data:
        raise RequestError(_NO_DATA)


def read_upload_form(fields: Mapping[str, str]) -> UploadForm:
    """Read the fields of a new data set.

    Raises
    ------
    RequestError
        Listing all that is wrong.

    Examples
    --------
    >>> read_upload_form({"type": " text-intent ", "language": "de_DE"})
    UploadForm(type='text-intent', language='de_DE', name=None)
    """
    problems = []
    kind = fields.get("type", "").strip().lower()
    if kind not in (TEXT_INTENT, TEXT_SENTIMENT):
        what = f"is {kind[:40]!r}" if kind else "is required"
        problems.append(Problem("type", what, f"Give {TEXT_INTENT} or {TEXT_SENTIMENT}."))
    language = fields.get("language", "").strip() or "en_US"
    if not _LANGUAGE.fullmatch(language):
        what = f"is {language[:40]!r}"
        problems.append(Problem("language", what, "Give a code such as en_US."))
    name = fields["name"].strip() if "name" in fields else None
    if name == "":
        raise RequestError(_NO_NAME)
    problems += _name_problems(name)
    if problems:
        raise RequestError(_NOT_VALID, problems)
    return UploadForm(kind, language, name)


def dataset_name(file_name: str | None) -> str:
    r"""Return the name that a data set takes from its file: without folder and extension.

    Examples
    --------
    >>> dataset_name("weather.csv"), dataset_name("C:\\data\\a.b.json"), dataset_name(None)
    ('weather', 'a.b', 'dataset')
    """
    name = PurePosixPath((file_name or "").strip().replace("\\", "/")).stem.strip()
    return name[:MAX_NAME].strip() or _FALLBACK_NAME


def _name_problems(name: str | None) -> list[Problem]:
    if name is None or len(name) <= MAX_NAME:
        return []
    what = f"has {len(name)} characters; at most {MAX_NAME} are allowed"
    return [Problem("name", what)]


@dataclass(frozen=True, slots=True)
class FeedbackForm:
    """A text that a model labelled wrongly, and the label that was expected."""

    model_id: str
    document: str
    expected_label: str
    name: str | None = None

    def fields(self) -> dict[str, str]:
        """Write it as form fields."""
        fields = {
            "modelId": self.model_id,
            "document": self.document,
            "expectedLabel": self.expected_label,
        }
        return fields | ({"name": self.name} if self.name else {})


def read_feedback_form(fields: Mapping[str, str]) -> FeedbackForm:
    """Read a feedback form.

    Raises
    ------
    RequestError
        Listing all that is wrong.
    """
    values = {
        name: fields.get(name, "").strip() for name in ("modelId", "document", "expectedLabel")
    }
    problems = [Problem(name, "is required") for name, value in values.items() if not value]
    name = fields.get("name", "").strip() or None
    problems += _name_problems(name)
    if problems:
        raise RequestError(_NOT_VALID, problems)
    label = values["expectedLabel"][:MAX_LABEL].strip()
    return FeedbackForm(values["modelId"], values["document"], label, name)


def read_label_query(query: Mapping[str, str]) -> tuple[int, int | None]:
    """Read the label id of the old call for examples, and the data set's id if there is one.

    Raises
    ------
    RequestError
        If the label id is missing, or one of them is no number.
    """
    if not query.get("labelId", "").strip():
        raise RequestError(_NOT_VALID, [Problem("labelId", "is required")])
    label_id = identifier("labelId", query["labelId"])
    dataset_id = query.get("datasetId", "").strip()
    return label_id, identifier("datasetId", dataset_id) if dataset_id else None


def identifier(name: str, text: str) -> int:
    """Read the number that names a data set or a label, as a parameter or part of a path.

    Raises
    ------
    RequestError
        If it is no whole number, 0 or more.
    """
    text = text.strip()
    if not re.fullmatch("[0-9]{1,19}", text) or int(text) > _LARGEST_ID:
        fix = "Give a whole number."
        raise RequestError(_NOT_VALID, [Problem(name, f"is {text[:40]!r}", fix)])
    return int(text)
