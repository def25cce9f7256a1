"""The form for a training request: its fields, and what is wrong with them as one types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import ipywidgets as widgets

from ..documents import DataSchema
from ..errors import Problem
from ..files import read_data_file
from ..tasks import LLM, Clustering
from ..training import LANGUAGES, DataFile, model_id_problems
from .fields import INDENT, Messages, field, number_or_text
from .more import NEURAL_MODEL, TURNS_AND_UNIT, MoreFields, turns_and_unit

__all__ = ["RequestForm"]


class RequestForm(widgets.VBox):  # type: ignore[misc]
    """Model id, language, clusters, second data, force train; more: turns, unit, neural model.

    Parameters
    ----------
    schema : DataSchema
        Of the data; labelled intents as second data go with dialogues only.
    documents : int
        How many there are: an upper limit to the number of clusters.
    model_id, language, n_clusters
        What the form shows at first.

    Attributes
    ----------
    fields : dict of str to widget
        The controls, by the names that :class:`TrainingRequest` and :class:`Clustering` have
        for them.
    """

    def __init__(
        self,
        schema: DataSchema,
        documents: int,
        *,
        model_id: str = "",
        language: str = "en-US",
        n_clusters: int | Literal["auto"] = "auto",
    ) -> None:
        self._schema, self.documents = schema, documents
        languages = [(f"{name} ({code})", code) for code, name in LANGUAGES.items()]
        self.fields: dict[str, Any] = {
            "model_id": widgets.Text(model_id, placeholder="support-topics"),
            "language": widgets.Dropdown(options=languages, value=language),
            "n_clusters": widgets.Text(str(n_clusters)),
            "secondary_data": widgets.Text(placeholder="intents.json", continuous_update=False),
            "force_train": widgets.Checkbox(value=True),
            **turns_and_unit(),
            "embedder": widgets.Text(placeholder="none"),
        }
        self._messages = {
            name: Messages(f"{name.replace('_', '-')}-messages")
            for name in ("model_id", "n_clusters", "embedder")
        }
        rows = {name: field(control, *_TEXTS[name], name) for name, control in self.fields.items()}
        if schema is not DataSchema.DIALOGUE:
            del rows["secondary_data"]
        for name, messages in self._messages.items():
            messages.layout.margin = f"0 0 4px {INDENT}"
            rows[name].children = (*rows[name].children, messages)
        self._more = MoreFields({name: rows.pop(name) for name in _MORE})
        super().__init__([*rows.values(), self._more])
        self.add_class("nbt-form")

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call back after every change of a field."""
        for control in self.fields.values():
            control.observe(lambda _change: callback(), names="value")

    def offer(self, *, turns: bool, embedder: bool) -> None:
        """Show what the chosen service can do.

        Parameters
        ----------
        turns : bool
            Whether turns of dialogues can be chosen, and be clustered each by itself.
        embedder : bool
            Whether a neural model can be used.
        """
        turns = turns and self._schema is DataSchema.DIALOGUE
        self._more.offer(turns=turns, unit=turns, embedder=embedder)

    def explains(self, problem: Problem) -> bool:
        """Tell whether a problem is shown at its field."""
        return problem.where in self._messages

    def show_problems(self) -> None:
        """Say under each field what is wrong with it, and that a model id is good."""
        problems = self.problems()
        for name, messages in self._messages.items():
            messages.list([p for p in problems if p.where == name], named=False)
        if not any(p.where == "model_id" for p in problems):
            self._messages["model_id"].say("This id can be used.", good=True)
        if any(p.where in _MORE for p in problems):
            self._more.unfold()

    def problems(self) -> list[Problem]:
        """List what is wrong with the fields; the second data file is read when it is used."""
        problems = model_id_problems(self.fields["model_id"].value)
        return problems + self.task().problems(self.documents)

    def task(self, llm: LLM | None = None) -> Clustering:
        """Return the task as the fields have it, right or wrong; what is hidden is not in it."""
        text = self.fields["n_clusters"].value.strip()
        n_clusters: Any = number_or_text(text.lower())
        chosen: dict[str, Any] = {
            name: self.fields[name].value for name in _MORE if self._more.offers(name)
        }
        chosen["embedder"] = chosen.get("embedder", "").strip() or None
        return Clustering(n_clusters, llm, **chosen)

    @property
    def secondary_path(self) -> str | None:
        """Path of the second data file, if one is named and goes with the data."""
        path = self.fields["secondary_data"].value.strip()
        return path if path and self._schema is DataSchema.DIALOGUE else None

    def secondary_data(self) -> DataFile | None:
        """Read the second data file; DataError if it is no good."""
        path = self.secondary_path
        return read_data_file(path, DataSchema.INTENT) if path else None


_MORE = ("turns", "unit", "embedder")
_TEXTS: dict[str, tuple[str, str]] = {
    "model_id": (
        "Model id",
        "Becomes part of the model's address; another id is another address.",
    ),
    "language": ("Language", "Of the texts."),
    "n_clusters": (
        "Clusters",
        "A number, or <code>auto</code> to have it chosen from the data.",
    ),
    "secondary_data": (
        "Second data",
        "Optional: path of an intent file. Its labelled intents stay clusters of their own.",
    ),
    "force_train": (
        "Train anew",
        "Off: a model of this id that was trained before is put into service again, untrained.",
    ),
    **TURNS_AND_UNIT,
    "embedder": (NEURAL_MODEL[0], f"{NEURAL_MODEL[1]} Or a <code>.npy</code> file of vectors."),
}
