"""Naming clusters again: the job, the request and the audit as JSON, both directions.

A job's line holds keys. It goes into the standard input of a worker, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Problem, RequestError
from ..llm import LLMSettings
from ..name_prompts import NamePrompt
from ..naming import NameOutcome, NamePreview, NameRecord
from ..tasks import LLM
from .knovvu_llm import settings_from_json, settings_to_json

__all__ = [
    "NAMES_FILE",
    "NamesRequest",
    "Naming",
    "NamingJob",
    "preview_from_json",
    "preview_to_json",
    "prompt_from_json",
    "prompt_to_json",
    "record_from_json",
    "record_to_json",
]

NAMES_FILE = "names.json"
"""The audit, in the folder of a run."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Naming:
    """How clusters are to be named: by which model, how many, at what cost at most.

    ``cache`` is a file that keeps answers by content.
    """

    settings: LLMSettings | None
    options: LLM = field(default_factory=LLM)
    cache: Path | None = None

    def to_json(self) -> Json:
        """Write it, with the keys."""
        settings = self.settings and settings_to_json(self.settings, with_own_fields=True)
        return {
            "settings": settings,
            "options": asdict(self.options),
            "cache": str(self.cache) if self.cache else None,
        }

    @classmethod
    def from_json(cls, data: Json) -> Naming:
        """Read it."""
        settings = settings_from_json(data["settings"])[1] if data["settings"] else None
        cache = Path(data["cache"]) if data["cache"] else None
        return cls(settings, LLM(**data["options"]), cache)


@dataclass(frozen=True, slots=True)
class NamesRequest:
    """What a user asks for: some clusters, or all; really, or as a preview."""

    clusters: tuple[int, ...] | None = None
    options: LLM = field(default_factory=LLM)
    dry_run: bool = False

    def to_json(self) -> Json:
        """Write it."""
        return {
            "clusters": None if self.clusters is None else list(self.clusters),
            "top_n": self.options.top_n,
            "max_tokens": self.options.max_tokens,
            "max_cost": self.options.max_cost,
            "dry_run": self.dry_run,
        }

    @classmethod
    def from_json(cls, data: object) -> NamesRequest:
        """Read it.

        Raises
        ------
        RequestError
            Listing every bad field.
        """
        if not isinstance(data, Mapping):
            raise RequestError("Your request is not valid.", [Problem("body", "is no JSON object")])
        problems: list[Problem] = []
        clusters, dry_run = data.get("clusters"), data.get("dry_run", False)
        if clusters is not None and not (
            isinstance(clusters, list) and all(type(each) is int for each in clusters)
        ):
            problems.append(Problem("clusters", "is no list of whole numbers"))
        if not isinstance(dry_run, bool):
            problems.append(Problem("dry_run", f"is {dry_run!r}", "Send true or false."))
        names = ("top_n", "max_tokens", "max_cost")
        given: dict[str, Any] = {name: data.get(name) for name in names}
        options = LLM(**given)
        problems += [
            Problem(each.where.removeprefix("llm."), each.what, each.fix)
            for each in options.problems()
        ]
        if problems:
            raise RequestError("Your request is not valid.", problems)
        return cls(None if clusters is None else tuple(clusters), options, bool(dry_run))


@dataclass(frozen=True, slots=True)
class NamingJob:
    """Name clusters of a finished run, as told to a worker.

    The names of the intents in ``labelled``, a file of labelled records, and of all clusters if
    ``keep_names``, stay as they are.
    """

    folder: Path
    language: str
    naming: Naming
    clusters: tuple[int, ...] | None = None
    dry_run: bool = False
    labelled: Path | None = None
    keep_names: bool = False

    def to_line(self) -> str:
        """Write the job as one line, with the keys."""
        return json.dumps(
            {
                "kind": "naming",
                "folder": str(self.folder),
                "language": self.language,
                "naming": self.naming.to_json(),
                "clusters": self.clusters,
                "dry_run": self.dry_run,
                "labelled": str(self.labelled) if self.labelled else None,
                "keep_names": self.keep_names,
            }
        )

    @classmethod
    def from_line(cls, line: str) -> NamingJob | None:
        """Read a job; None if the line holds one of another kind."""
        data = json.loads(line)
        if data.get("kind") != "naming":
            return None
        clusters, labelled = data["clusters"], data["labelled"]
        return cls(
            folder=Path(data["folder"]),
            language=data["language"],
            naming=Naming.from_json(data["naming"]),
            clusters=None if clusters is None else tuple(clusters),
            dry_run=data["dry_run"],
            labelled=Path(labelled) if labelled else None,
            keep_names=data["keep_names"],
        )


def prompt_to_json(prompt: NamePrompt) -> Json:
    """Write a prompt."""
    return asdict(prompt)


def prompt_from_json(data: Json) -> NamePrompt:
    """Read a prompt."""
    return NamePrompt(
        data["cluster_id"],
        data["name"],
        data["system"],
        data["user"],
        tuple(data["keywords"]),
        tuple(data["examples"]),
    )


def preview_to_json(preview: NamePreview) -> Json:
    """Write a preview."""
    return asdict(preview)


def preview_from_json(data: Json) -> NamePreview:
    """Read a preview."""
    cost = data["cost"]
    return NamePreview(
        n_clusters=(data["n_clusters"][0], data["n_clusters"][1]),
        tokens=(data["tokens"][0], data["tokens"][1]),
        cost=(cost[0], cost[1]) if cost else None,
        model=data["model"],
        prompts=tuple(prompt_from_json(each) for each in data["prompts"]),
    )


def record_to_json(record: NameRecord) -> Json:
    """Write one line of the audit."""
    return asdict(record)


def record_from_json(data: Json) -> NameRecord:
    """Read one line of the audit."""
    lists = {name: tuple(data[name]) for name in ("keywords", "examples")}
    return NameRecord(**{**data, **lists, "outcome": NameOutcome(data["outcome"])})
