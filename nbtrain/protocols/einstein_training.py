"""Einstein's calls that start a training: train and retrain, both directions, no I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..errors import Problem, RequestError
from ..tasks import MAX_EPOCHS, IntentClassification
from .einstein_dataset_forms import MAX_NAME
from .einstein_datasets import MAX_WORDS
from .einstein_wire import LANGUAGE_PATH, Json

__all__ = [
    "ALGORITHMS",
    "BUSY",
    "DEFAULT_ALGORITHM",
    "DEFAULT_SHARE",
    "OUT_OF_DOMAIN",
    "RETRAIN_PATH",
    "TOO_MANY_WORDS",
    "TRAIN_PATH",
    "RetrainForm",
    "TrainForm",
    "TrainOptions",
    "read_options",
    "read_retrain",
    "read_train",
    "retrain_fields",
    "train_fields",
]

TRAIN_PATH = f"{LANGUAGE_PATH}/train"
RETRAIN_PATH = f"{LANGUAGE_PATH}/retrain"

OUT_OF_DOMAIN = "multilingual-intent-ood"
"""The algorithm that answers nothing for a text outside all labels."""

DEFAULT_ALGORITHM = "multilingual-intent"
ALGORITHMS = ("intent", DEFAULT_ALGORITHM, OUT_OF_DOMAIN)
"""Those that are known; the first two do the same."""

DEFAULT_SHARE = 0.8
"""Of the examples of each label, used for training."""

BUSY = "A training is already in progress for this dataset."
TOO_MANY_WORDS = f"The dataset has more than {MAX_WORDS:,} words."

_REFUSED = "Your request is not valid."
_MOST = 2**53


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What train and retrain have in common; ``algorithm`` is empty if none was sent.

    ``train_params`` is what was sent as such, the rest of the fields is read from it.
    """

    algorithm: str = ""
    epochs: int | None = None
    train_params: Json | None = None
    train_share: float = 0.8
    with_feedback: bool = False
    global_dataset_id: int | None = None
    random_state: int = 0
    embedder: str | None = None

    def task(self, algorithm: str) -> IntentClassification:
        """Return the task, done by an algorithm."""
        return IntentClassification(
            self.epochs,
            self.random_state,
            train_share=self.train_share,
            out_of_domain=algorithm == OUT_OF_DOMAIN,
            with_feedback=self.with_feedback,
            embedder=self.embedder,
        )


@dataclass(frozen=True, slots=True)
class TrainForm:
    """The fields of a train call."""

    dataset_id: int
    name: str
    options: TrainOptions


@dataclass(frozen=True, slots=True)
class RetrainForm:
    """The fields of a retrain call."""

    model_id: str
    options: TrainOptions


def train_fields(
    dataset_id: int, name: str, task: IntentClassification, *, ours: bool = False
) -> dict[str, str]:
    """Write the fields of a train call.

    ``ours`` adds the seed and the embedder, which only the local service knows.

    Raises
    ------
    RequestError
        If the task has an embedder and the service is not the local one.

    Examples
    --------
    >>> train_fields(1000001, "Topics", IntentClassification(20, train_share=0.7))
    ... # doctest: +NORMALIZE_WHITESPACE
    {'datasetId': '1000001', 'name': 'Topics', 'algorithm': 'multilingual-intent', 'epochs': '20',
     'trainParams': '{"trainSplitRatio": 0.7}'}
    """
    return {"datasetId": str(dataset_id), "name": name} | _option_fields(task, ours=ours)


def retrain_fields(
    model_id: str, task: IntentClassification, *, ours: bool = False
) -> dict[str, str]:
    """Write the fields of a retrain call."""
    return {"modelId": model_id} | _option_fields(task, ours=ours)


def _option_fields(task: IntentClassification, *, ours: bool) -> dict[str, str]:
    if task.embedder is not None and not ours:
        fix = "Einstein's calls have no field for it."
        problem = Problem("embedder", f"is {task.embedder!r}", fix)
        raise RequestError("This can't be trained there:", [problem])
    fields = {"algorithm": OUT_OF_DOMAIN if task.out_of_domain else DEFAULT_ALGORITHM}
    if task.epochs is not None:
        fields["epochs"] = str(task.epochs)
    params: Json = {}
    if task.train_share != DEFAULT_SHARE:
        params["trainSplitRatio"] = task.train_share
    if task.with_feedback:
        params["withFeedback"] = True
    if ours and task.random_state:
        params["randomState"] = task.random_state
    if task.embedder is not None:
        params["embedder"] = task.embedder
    return fields | ({"trainParams": json.dumps(params)} if params else {})


def read_train(fields: Mapping[str, str]) -> TrainForm:
    """Read the fields of a train call; unknown ones are passed over.

    Raises
    ------
    RequestError
        Listing every bad field, by wire name.
    """
    problems: list[Problem] = []
    dataset_id = _whole(fields.get("datasetId", ""), "datasetId", problems)
    if not fields.get("datasetId"):
        problems.append(Problem("datasetId", "is required"))
    name = fields.get("name", "")
    if not name:
        problems.append(Problem("name", "is required"))
    elif len(name) > MAX_NAME:
        what = f"has {len(name):,} characters; at most {MAX_NAME} are allowed"
        problems.append(Problem("name", what))
    options = _options(fields, problems)
    if problems:
        raise RequestError(_REFUSED, problems)
    return TrainForm(dataset_id or 0, name, options)


def read_retrain(fields: Mapping[str, str]) -> RetrainForm:
    """Read the fields of a retrain call; unknown ones are passed over.

    Raises
    ------
    RequestError
        Listing every bad field, by wire name.
    """
    problems: list[Problem] = []
    if not fields.get("modelId"):
        problems.append(Problem("modelId", "is required"))
    options = _options(fields, problems)
    if problems:
        raise RequestError(_REFUSED, problems)
    return RetrainForm(fields["modelId"], options)


def read_options(fields: Mapping[str, str]) -> TrainOptions:
    """Read what train and retrain have in common.

    Raises
    ------
    RequestError
        Listing every bad field, by wire name.
    """
    problems: list[Problem] = []
    options = _options(fields, problems)
    if problems:
        raise RequestError(_REFUSED, problems)
    return options


def _options(fields: Mapping[str, str], problems: list[Problem]) -> TrainOptions:
    algorithm = fields.get("algorithm", "")
    if algorithm and algorithm not in ALGORITHMS:
        fix = f"Known: {', '.join(ALGORITHMS)}."
        problems.append(Problem("algorithm", f"is {algorithm[:40]!r}", fix))
    epochs = _whole(fields.get("epochs", ""), "epochs", problems)
    if epochs is not None and not 1 <= epochs <= MAX_EPOCHS:
        fix = f"Send a whole number from 1 to {MAX_EPOCHS:,}."
        problems.append(Problem("epochs", f"is {epochs}", fix))
    rate = fields.get("learningRate", "")
    if rate and _number(rate) is None:
        what = f"is {rate[:40]!r}"
        problems.append(Problem("learningRate", what, "Send a number; it isn't used for text."))
    params = _read_params(fields.get("trainParams", ""), problems)
    told = params or {}
    ratio = told.get("trainSplitRatio")
    share = DEFAULT_SHARE if ratio is None else _number(ratio)
    if share is None or not 0 < share < 1:
        what = f"is {str(told['trainSplitRatio'])[:40]!r}"
        fix = "Send a number between 0 and 1, such as 0.8."
        problems.append(Problem("trainParams.trainSplitRatio", what, fix))
        share = DEFAULT_SHARE
    feedback = {True: True, False: False, None: False, "true": True, "false": False}.get(
        _folded(told.get("withFeedback"))
    )
    if feedback is None:
        what = f"is {str(told['withFeedback'])[:40]!r}"
        problems.append(Problem("trainParams.withFeedback", what, "Send true or false."))
    seed = _whole(told.get("randomState", 0), "trainParams.randomState", problems) or 0
    if seed >= 2**32:
        fix = "Send a whole number from 0 to 2**32-1."
        problems.append(Problem("trainParams.randomState", f"is {seed}", fix))
    embedder = told.get("embedder")
    for problem in IntentClassification(embedder=embedder).problems():
        problems.append(replace(problem, where=f"trainParams.{problem.where}"))
    other = told.get("withGlobalDatasetId")
    return TrainOptions(
        algorithm=algorithm,
        epochs=epochs,
        train_params=params,
        train_share=share,
        with_feedback=bool(feedback),
        global_dataset_id=_whole(other, "trainParams.withGlobalDatasetId", problems),
        random_state=seed,
        embedder=embedder,
    )


def _read_params(text: str, problems: list[Problem]) -> Json | None:
    if not text:
        return None
    try:
        params = json.loads(text)
        # What can be read but not written: NaN, half a character, very deep nesting.
        json.dumps([[params]], allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        params = text
    if params is None or isinstance(params, dict):
        return params
    fix = 'Send a JSON object such as {"trainSplitRatio": 0.7}.'
    problems.append(Problem("trainParams", "is no JSON object", fix))
    return None


def _folded(value: object) -> str | bool | None:
    """Return a truth value, or words in small letters; what is neither as its words."""
    return value if value is None or isinstance(value, bool) else str(value).strip().lower()


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < _MOST else None


def _whole(value: object, where: str, problems: list[Problem]) -> int | None:
    """Read a whole number, 0 or more, as number or as text; nothing at all is None."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if not isinstance(value, bool) and text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    problems.append(Problem(where, f"is {text[:40]!r}", "Send a whole number, 0 or more."))
    return None
