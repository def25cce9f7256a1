"""Sweeps of the local service: the form that asks for one, and its answers, both directions.

The form is that of a training without the number of clusters, and with what is to be tried. Client
and daemon share this file, so that they can't disagree.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..documents import DataSchema
from ..errors import Problem, RequestError
from ..progress import RunState
from ..sweep_plans import SweepPlan
from ..sweep_results import Choice, FitCluster, SweepDocuments, SweepFit
from ..tasks import Clustering
from ..training import TrainingRequest
from .knovvu_form import form_fields, read_form, unquote
from .local import PREFIX

__all__ = [
    "LONGEST_FIELD",
    "SWEEPS_PATH",
    "SWEEP_FIELDS",
    "SweepForm",
    "choice_from_json",
    "choice_to_json",
    "documents_from_json",
    "documents_to_json",
    "fit_from_json",
    "fit_to_json",
    "form_from_fields",
    "labels_from_json",
    "labels_to_json",
    "plan_from_json",
    "plan_to_json",
    "read_choice_request",
    "sweep_fields",
]

SWEEPS_PATH = f"{PREFIX}/sweeps"

Json = dict[str, Any]

# The form's field for each part of a plan.
SWEEP_FIELDS: Mapping[str, str] = {
    "n_clusters": "clusterCounts",
    "random_state": "randomStates",
    "embedder": "embedders",
    "budget_seconds": "budgetSeconds",
    "budget_fits": "budgetFits",
}
LONGEST_FIELD = 256 * 1024
"""Bytes of a text field: enough for every plan of as many fits as are possible."""
_LONGEST_REASON = 2000
# Fields of a training that mean nothing here: the plan says what they would.
_NOT_HERE = ("numClusters", "randomState", "embedder", "forceTrain", "llm", "epochs")


@dataclass(frozen=True, slots=True)
class SweepForm:
    """The fields of a request for a sweep, read from the wire and checked.

    Of the task only what the plan doesn't vary counts.
    """

    model_id: str
    language: str
    schema: DataSchema
    secondary_schema: DataSchema | None
    task: Clustering
    plan: SweepPlan


def sweep_fields(request: TrainingRequest, plan: SweepPlan) -> dict[str, str]:
    """Write the form's fields; the files are separate parts.

    Raises
    ------
    RequestError
        If a field would be longer than the service takes: only many long paths of embedders are.
    """
    fields = form_fields(request, with_random_state=True)
    kept = {k: v for k, v in fields.items() if k not in _NOT_HERE and not k.startswith("llm")}
    values = {
        "n_clusters": list(plan.n_clusters),
        "random_state": list(plan.random_states),
        "embedder": list(plan.embedders),
        "budget_seconds": plan.budget_seconds,
        "budget_fits": plan.budget_fits,
    }
    told = {SWEEP_FIELDS[k]: json.dumps(v) for k, v in values.items() if v is not None}
    long = {name for name in values if len(told.get(SWEEP_FIELDS[name], "")) > LONGEST_FIELD}
    problems = [Problem(name, "takes too much room", "Make several sweeps.") for name in long]
    if problems:
        raise RequestError("This can't be swept as it stands:", problems)
    return kept | told


def form_from_fields(fields: Mapping[str, str]) -> SweepForm:
    """Read the form's fields.

    Raises
    ------
    RequestError
        Listing every bad field, by wire name.
    """
    problems: list[Problem] = []
    training = {name: value for name, value in fields.items() if name not in _NOT_HERE}
    training.setdefault("productName", "CA")
    form = None
    try:
        form = read_form(training)
    except RequestError as error:
        problems += error.problems
    if form is not None and not isinstance(form.task, Clustering):
        fix = "Send 'dialogue' or 'intent'."
        problems.append(Problem("dataSchema", "is for intent models, not for clusters", fix))
    values = {
        name: _read(SWEEP_FIELDS[name], fields, problems)
        for name in ("n_clusters", "random_state", "embedder", "budget_seconds", "budget_fits")
    }
    plan = SweepPlan(
        tuple(_array("n_clusters", values, problems)),
        tuple(_array("random_state", values, problems, default=[0])),
        tuple(_array("embedder", values, problems, default=[None])),
        values["budget_seconds"],
        values["budget_fits"],
    )
    known = {problem.where for problem in problems}
    problems += [p for p in sweep_problems(plan) if p.where not in known]
    if problems or form is None or not isinstance(form.task, Clustering):
        raise RequestError("Your request is not valid.", dict.fromkeys(problems))
    return SweepForm(
        form.model_id, form.language, form.schema, form.secondary_schema, form.task, plan
    )


def sweep_problems(plan: SweepPlan, documents: int | None = None) -> list[Problem]:
    """List what is wrong with a plan, by wire name."""
    return [
        Problem(SWEEP_FIELDS[p.where], p.what, p.fix.replace(", or 'auto'", ""))
        for p in plan.problems(documents)
    ]


def _read(name: str, fields: Mapping[str, str], problems: list[Problem]) -> Any:
    text = unquote(fields.get(name, ""))
    if not text:
        return None
    try:
        return json.loads(text)
    except (RecursionError, ValueError):
        problems.append(Problem(name, f"is {text[:80]!r}", "Send JSON."))
        return None


def _array(
    name: str, values: Json, problems: list[Problem], default: list[Any] | None = None
) -> list[Any]:
    given = values[name]
    if given is None and default is not None:
        return default
    kinds = (str, type(None)) if name == "embedder" else (int,)
    if given is None:
        if all(problem.where != SWEEP_FIELDS[name] for problem in problems):
            problems.append(Problem(SWEEP_FIELDS[name], "is required", "Send an array of numbers."))
    elif not isinstance(given, list) or not all(
        isinstance(v, kinds) and not isinstance(v, bool) for v in given
    ):
        what = "is no array of texts or null" if name == "embedder" else "is no array of numbers"
        problems.append(Problem(SWEEP_FIELDS[name], what))
    else:
        return given
    return default or [2]


# --- answers ---------------------------------------------------------------------------------


def plan_to_json(plan: SweepPlan) -> Json:
    """Write a plan."""
    return asdict(plan)


def plan_from_json(data: Json) -> SweepPlan:
    """Read a plan."""
    return SweepPlan(
        tuple(data["n_clusters"]),
        tuple(data["random_states"]),
        tuple(data["embedders"]),
        data["budget_seconds"],
        data["budget_fits"],
        data.get("max_runs_at_once", 1),
    )


def fit_to_json(fit: SweepFit) -> Json:
    """Write a fit."""
    return {
        "n_clusters": fit.n_clusters,
        "random_state": fit.random_state,
        "options": dict(fit.options),
        "state": fit.state.value,
        "message": fit.message,
        "scores": dict(fit.scores),
        "clusters": [
            {
                "cluster_id": cluster.cluster_id,
                "name": cluster.name,
                "size": cluster.size,
                "keywords": list(cluster.keywords),
                "examples": list(cluster.examples),
                "stability": cluster.stability,
            }
            for cluster in fit.clusters
        ],
        "elapsed": fit.elapsed,
        "run_id": fit.run_id,
    }


def fit_from_json(data: Json) -> SweepFit:
    """Read a fit; unknown fields are passed over."""
    return SweepFit(
        n_clusters=int(data["n_clusters"]),
        random_state=int(data["random_state"]),
        options=dict(data["options"]),
        state=RunState(data["state"]),
        message=str(data["message"]),
        scores={str(name): float(value) for name, value in data["scores"].items()},
        clusters=tuple(
            FitCluster(
                cluster_id=int(cluster["cluster_id"]),
                name=str(cluster["name"]),
                size=int(cluster["size"]),
                keywords=tuple(cluster["keywords"]),
                examples=tuple(cluster["examples"]),
                stability=cluster.get("stability"),
            )
            for cluster in data["clusters"]
        ),
        elapsed=data["elapsed"],
        run_id=data.get("run_id", ""),
    )


def documents_to_json(documents: SweepDocuments) -> Json:
    """Write the documents; texts that are their own ids are left out."""
    same = documents.texts == documents.ids
    texts = None if same else list(documents.texts)
    return {"ids": list(documents.ids), "texts": texts, "counts": list(documents.counts)}


def documents_from_json(data: Json) -> SweepDocuments:
    """Read the documents."""
    ids = tuple(map(str, data["ids"]))
    texts = ids if data["texts"] is None else tuple(map(str, data["texts"]))
    return SweepDocuments(ids, texts, tuple(map(int, data["counts"])))


def labels_to_json(npy: bytes) -> Json:
    """Write an array, given as the bytes of a ``.npy`` file: of labels or of positions."""
    return {"npy": base64.b64encode(npy).decode("ascii")}


def labels_from_json(data: Json) -> bytes:
    """Read the bytes of a ``.npy`` file."""
    return base64.b64decode(data["npy"], validate=True)


def choice_to_json(choice: Choice) -> Json:
    """Write a choice."""
    return asdict(choice)


def choice_from_json(data: Json) -> Choice:
    """Read a choice."""
    return Choice(int(data["n_clusters"]), str(data["reason"]), str(data["made"]))


def read_choice_request(data: object) -> tuple[int, str]:
    """Read a request to note a choice.

    Raises
    ------
    RequestError
        Listing everything that is wrong with it.
    """
    told = data if isinstance(data, dict) else {}
    n_clusters, reason = told.get("n_clusters"), told.get("reason", "")
    problems = []
    if type(n_clusters) is not int or n_clusters < 2:
        fix = "Send a whole number, 2 or more."
        problems.append(Problem("n_clusters", f"is {n_clusters!r}"[:80], fix))
    if not isinstance(reason, str) or len(reason) > _LONGEST_REASON:
        fix = f"Send a text of at most {_LONGEST_REASON:,} characters."
        problems.append(Problem("reason", "is no such text", fix))
    if problems or type(n_clusters) is not int:
        raise RequestError("Your request is not valid.", problems)
    return n_clusters, str(reason)
