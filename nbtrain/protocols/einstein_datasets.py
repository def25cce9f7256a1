"""Einstein Language's data sets, their labels and examples, and deletions: both directions, no I/O.

Sources: the vendor's OpenAPI file 2.0.1, its pages "Create a Dataset From a File Asynchronously",
"... Synchronously", "Get All Datasets" and "API Error Codes and Messages". Where they are silent
the choice is ours; the README of the daemon lists those choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .einstein_wire import LANGUAGE_PATH, Json, date_from_json, date_to_json

__all__ = [
    "DATASETS_PATH",
    "DELETION_PATH",
    "EXAMPLES_PATH",
    "FEEDBACK_PATH",
    "MAX_DATASET_BYTES",
    "MAX_LABEL",
    "MAX_WORDS",
    "SYNC_UPLOAD_PATH",
    "TEXT_INTENT",
    "TEXT_SENTIMENT",
    "UPLOAD_PATH",
    "Dataset",
    "DatasetState",
    "Deletion",
    "Example",
    "Label",
    "dataset_path",
    "read_list",
]

DATASETS_PATH = f"{LANGUAGE_PATH}/datasets"
UPLOAD_PATH = f"{DATASETS_PATH}/upload"
SYNC_UPLOAD_PATH = f"{UPLOAD_PATH}/sync"
EXAMPLES_PATH = f"{LANGUAGE_PATH}/examples"
FEEDBACK_PATH = f"{LANGUAGE_PATH}/feedback"
DELETION_PATH = f"{LANGUAGE_PATH}/deletion"

TEXT_INTENT = "text-intent"
TEXT_SENTIMENT = "text-sentiment"

MAX_DATASET_BYTES = 2 * 1024**3
MAX_WORDS = 3_000_000
"""Words in all examples of a data set; one that has more can't be trained."""
MAX_LABEL = 180
"""Characters of a label that are kept; a longer one is cut."""

_FAILED = "FAILED: "


def dataset_path(dataset_id: int | str) -> str:
    """Path of one data set; more follows it for its upload, examples and models."""
    return f"{DATASETS_PATH}/{dataset_id}"


class DatasetState(StrEnum):
    """How far a data set is."""

    QUEUED = "queued"
    """Its file waits to be read."""
    UPLOADING = "uploading"
    """Its file is being read."""
    READY = "ready"
    """It can be trained."""
    FAILED = "failed"
    """Its file was no good."""
    DELETED = "deleted"
    """It is being deleted."""


_STATUS = {
    DatasetState.QUEUED: "QUEUED",
    DatasetState.UPLOADING: "UPLOADING",
    DatasetState.READY: "SUCCEEDED",
    DatasetState.DELETED: "DELETION_PENDING",
}
_STATES = {word: state for state, word in _STATUS.items()} | {
    "DELETE_PENDING": DatasetState.DELETED
}


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a data set, and how many examples it has."""

    label_id: int
    dataset_id: int
    name: str
    examples: int

    def to_json(self) -> Json:
        """Write it."""
        return {
            "id": self.label_id,
            "datasetId": self.dataset_id,
            "name": self.name,
            "numExamples": self.examples,
        }

    @classmethod
    def from_json(cls, data: Json) -> Label:
        """Read it."""
        dataset_id, examples = data.get("datasetId") or 0, data.get("numExamples") or 0
        return cls(int(data["id"]), int(dataset_id), str(data["name"]), int(examples))


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set.

    Parameters
    ----------
    dataset_id : int
    name : str
    type : str
        :data:`TEXT_INTENT` or :data:`TEXT_SENTIMENT`.
    language : str
        Such as ``en_US``.
    state : DatasetState
    message : str
        Why it failed.
    labels : tuple of Label
        In order of their ids; empty until its file is read.
    duplicates : int
        Rows that were the same as another one, in text and label.
    created, updated : float
        Seconds since 1970.

    Examples
    --------
    >>> labels = (Label(0, 1000001, "billing", 2),)
    >>> dataset = Dataset(1000001, "mail", TEXT_INTENT, "en_US", DatasetState.READY, labels=labels)
    >>> Dataset.from_json(dataset.to_json()) == dataset
    True
    """

    dataset_id: int
    name: str
    type: str
    language: str
    state: DatasetState
    message: str = ""
    labels: tuple[Label, ...] = ()
    duplicates: int = 0
    created: float = 0.0
    updated: float = 0.0

    @property
    def available(self) -> bool:
        """Whether it can be trained and added to."""
        return self.state is DatasetState.READY

    @property
    def examples(self) -> int:
        """How many examples it has."""
        return sum(label.examples for label in self.labels)

    @property
    def status(self) -> str:
        """The state in the vendor's words, with the reason of a failure."""
        failed = self.state is DatasetState.FAILED
        return f"{_FAILED}{self.message}" if failed else _STATUS[self.state]

    def to_json(self) -> Json:
        """Write it."""
        data: Json = {
            "id": self.dataset_id,
            "name": self.name,
            "createdAt": date_to_json(self.created),
            "updatedAt": date_to_json(self.updated),
            "labelSummary": {"labels": [label.to_json() for label in self.labels]},
            "totalExamples": self.examples,
            "totalLabels": len(self.labels),
            "available": self.available,
            "statusMsg": self.status,
            "type": self.type,
            "language": self.language,
            "numOfDuplicates": self.duplicates,
            "object": "dataset",
        }
        if not self.labels:
            del data["totalLabels"]
        return data

    @classmethod
    def from_json(cls, data: object) -> Dataset:
        """Read it; unknown fields are passed over.

        Raises
        ------
        ValueError
            If it is none.
        """
        try:
            assert isinstance(data, dict)
            words = str(data.get("statusMsg") or "")
            state = _STATES.get(words.strip().upper())
            if state is None:
                failed = words.upper().startswith("FAILED")
                known = DatasetState.READY if data.get("available") else DatasetState.UPLOADING
                state = DatasetState.FAILED if failed else known
            summary = data.get("labelSummary") or {}
            return cls(
                dataset_id=int(data["id"]),
                name=str(data.get("name") or ""),
                type=str(data.get("type") or TEXT_INTENT),
                language=str(data.get("language") or "en_US"),
                state=state,
                message=words.partition(":")[2].strip() if state is DatasetState.FAILED else "",
                labels=tuple(map(Label.from_json, summary.get("labels") or ())),
                duplicates=int(data.get("numOfDuplicates") or 0),
                created=date_from_json(data.get("createdAt")) or 0.0,
                updated=date_from_json(data.get("updatedAt")) or 0.0,
            )
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError("no data set") from error


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text of a data set; ``name`` is the data set's type, or was given with it."""

    example_id: int
    name: str
    text: str
    label: Label
    created: float = 0.0

    def to_json(self) -> Json:
        """Write it; the text is its ``location``."""
        return {
            "id": self.example_id,
            "name": self.name,
            "location": self.text,
            "createdAt": date_to_json(self.created),
            "label": self.label.to_json(),
            "object": "example",
        }

    @classmethod
    def from_json(cls, data: object) -> Example:
        """Read it.

        Raises
        ------
        ValueError
            If it is none.
        """
        try:
            assert isinstance(data, dict)
            return cls(
                example_id=int(data["id"]),
                name=str(data.get("name") or ""),
                text=str(data["location"]),
                label=Label.from_json(data["label"]),
                created=date_from_json(data.get("createdAt")) or 0.0,
            )
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError("no example") from error


@dataclass(frozen=True, slots=True)
class Deletion:
    """That a data set or a model was deleted; ``type`` is ``DATASET`` or ``MODEL``."""

    deletion_id: str
    type: str
    deleted_id: str

    def to_json(self) -> Json:
        """Write it: what is deleted is gone at once."""
        return {
            "id": self.deletion_id,
            "type": self.type,
            "status": "SUCCEEDED",
            "progress": 1,
            "message": None,
            "object": "deletion",
            "organizationId": "local",
            "deletedObjectId": self.deleted_id,
        }


def read_list(answer: object) -> list[Json]:
    """Read the objects of a list.

    Raises
    ------
    ValueError
        If it is none.
    """
    items = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("no list of objects")
    return items
