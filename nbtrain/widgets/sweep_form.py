"""The form for a sweep: which numbers of clusters, which seeds, and how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from ..documents import DataSchema
from ..errors import Problem
from ..sweep_plans import MOST_FITS, SweepPlan
from ..tasks import Clustering
from ..training import LANGUAGES, TrainingRequest, model_id_problems
from .fields import INDENT, Messages, field, field_row, number_or_text
from .more import NEURAL_MODEL, TURNS_AND_UNIT, MoreFields, turns_and_unit

__all__ = ["SweepForm", "default_range"]


def default_range(documents: int) -> tuple[int, int]:
    """Return the range that is tried if nothing else is said: from 2 to 60, or to fewer.

    Clusters of less than eight documents on average say little.

    Examples
    --------
    >>> default_range(10_000), default_range(120), default_range(5)
    ((2, 60), (2, 15), (2, 3))
    """
    return 2, max(3, min(documents // 8, 60))


class SweepForm(widgets.VBox):  # type: ignore[misc]
    """Model id, language, range of the number of clusters, seeds, budget; more: turns, unit, model.

    Parameters
    ----------
    schema : DataSchema
        Of the data; only dialogues have turns.
    documents : int
        How many there are: an upper limit to the number of clusters.
    model_id, language
        What the form shows at first.

    Attributes
    ----------
    fields : dict of str to widget
        The controls: ``model_id``, ``language``, ``from``, ``to``, ``step``, ``seeds``,
        ``budget_seconds``, ``budget_fits``, ``turns``, ``unit`` and ``embedder``.
    """

    def __init__(
        self,
        schema: DataSchema,
        documents: int,
        *,
        model_id: str = "",
        language: str = "en-US",
    ) -> None:
        self._schema, self.documents = schema, documents
        first, last = default_range(documents)
        languages = [(f"{name} ({code})", code) for code, name in LANGUAGES.items()]
        self.fields: dict[str, Any] = {
            "model_id": widgets.Text(model_id, placeholder="support-topics"),
            "language": widgets.Dropdown(options=languages, value=language),
            "from": widgets.Text(str(first)),
            "to": widgets.Text(str(last)),
            "step": widgets.Text("1"),
            "seeds": widgets.Text("0"),
            "budget_seconds": widgets.Text(placeholder="no limit"),
            "budget_fits": widgets.Text(placeholder="no limit"),
            **turns_and_unit(),
            "embedder": widgets.Text(placeholder="none", continuous_update=False),
        }
        self._messages = {name: Messages(f"{name}-messages") for name in ("model-id", "sweep")}
        for messages in self._messages.values():
            messages.layout.margin = f"0 0 4px {INDENT}"
        rows = {name: field(self.fields[name], *_TEXTS[name], name) for name in _TEXTS}
        rows["model_id"].children = (*rows["model_id"].children, self._messages["model-id"])
        counts = self._row("How many clusters to try, and in which steps.", _COUNTS)
        counts.children = (*counts.children, self._messages["sweep"])
        budget = self._row(
            "Optional: after so many seconds or fits the sweep ends, with what is there. The order "
            "is coarse to fine, so that the picture is whole early.",
            _BUDGET,
        )
        self._more = MoreFields({name: rows[name] for name in _MORE})
        super().__init__(
            [rows["model_id"], rows["language"], counts, rows["seeds"], budget, self._more]
        )
        self.add_class("nbt-form")

    def _row(self, help_text: str, labels: Mapping[str, str]) -> widgets.VBox:
        controls = [self.fields[name] for name in labels]
        return field_row(controls, list(labels.values()), help_text, list(labels))

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call back after every change of a field."""
        for control in self.fields.values():
            control.observe(lambda _change: callback(), names="value")

    def offer(self, *, turns: bool, embedder: bool) -> None:
        """Show what the chosen service can do; see :meth:`RequestForm.offer`."""
        turns = turns and self._schema is DataSchema.DIALOGUE
        self._more.offer(turns=turns, unit=turns, embedder=embedder)

    def show_problems(self) -> None:
        """Say under the fields what is wrong, or how many fits it will be."""
        ids = model_id_problems(self.fields["model_id"].value)
        self._messages["model-id"].list(ids, named=False)
        if not ids:
            self._messages["model-id"].say("This id can be used.", good=True)
        problems = [p for p in self.problems() if p.where != "model_id"]
        self._messages["sweep"].list(problems)
        if any(problem.where in _MORE for problem in problems):
            self._more.unfold()
        if not problems:
            fits = self.plan().all_fits
            most = self.plan().budget_fits
            fits = fits if most is None else min(fits, most)
            self._messages["sweep"].say(f"{fits:,} {'fit' if fits == 1 else 'fits'}.", good=True)

    def show(self, request: TrainingRequest, plan: SweepPlan) -> None:
        """Put what a sweep was asked for into the fields, as far as they can say it."""
        counts = sorted(plan.n_clusters)
        step = counts[1] - counts[0] if len(counts) > 1 else 1
        values: dict[str, Any] = {
            "model_id": request.model_id,
            "seeds": ", ".join(map(str, plan.random_states)),
            "budget_seconds": "" if plan.budget_seconds is None else f"{plan.budget_seconds:g}",
            "budget_fits": "" if plan.budget_fits is None else str(plan.budget_fits),
            "embedder": plan.embedders[0] or "",
        }
        if counts == list(range(counts[0], counts[-1] + 1, step)):
            values |= {"from": str(counts[0]), "to": str(counts[-1]), "step": str(step)}
        if isinstance(request.task, Clustering):
            values |= {"turns": request.task.turns, "unit": request.task.unit}
        for name, value in values.items():
            self.fields[name].value = value

    def says(self, plan: SweepPlan) -> bool:
        """Tell whether the fields, as they are, ask for just the fits of a plan."""
        return {fit.key for fit in self.plan().fits()} == {fit.key for fit in plan.fits()}

    # --- what it says --------------------------------------------------------------------------

    def _typed(self, name: str) -> Any:
        return number_or_text(self.fields[name].value.strip())

    @property
    def n_clusters(self) -> range | tuple[()]:
        """The numbers of clusters; empty if they are not given as they should be."""
        first, last, step = (self._typed(name) for name in ("from", "to", "step"))
        if not all(isinstance(value, int) for value in (first, last, step)) or step < 1:
            return ()
        return range(first, last + 1, step)

    @property
    def random_state(self) -> tuple[Any, ...]:
        """The seeds, right or wrong."""
        typed = self.fields["seeds"].value.replace(",", " ").split()
        return tuple(number_or_text(word) for word in typed)

    @property
    def embedder(self) -> str | None:
        """The neural model, if one is named and can be used."""
        offered = self._more.offers("embedder")
        return (self.fields["embedder"].value.strip() or None) if offered else None

    @property
    def budget_seconds(self) -> Any:
        """Seconds, None for no limit, or what was typed in their place."""
        typed = self.fields["budget_seconds"].value.strip()
        try:
            return float(typed) if typed else None
        except ValueError:
            return typed

    @property
    def budget_fits(self) -> Any:
        """Number of fits, None for no limit, or what was typed in its place."""
        return self._typed("budget_fits") if self.fields["budget_fits"].value.strip() else None

    def plan(self) -> SweepPlan:
        """Return the plan as the fields have it, right or wrong."""
        return SweepPlan(
            tuple(self.n_clusters), self.random_state, (self.embedder,),
            self.budget_seconds, self.budget_fits,
        )  # fmt: skip

    def task(self) -> Clustering:
        """Return the task that is the same in all fits."""
        chosen = {
            name: self.fields[name].value for name in TURNS_AND_UNIT if self._more.offers(name)
        }
        return Clustering(embedder=self.embedder, **chosen)

    def problems(self) -> list[Problem]:
        """List what is wrong with the fields."""
        # Each turn may be a document of its own; how many there are is seen later.
        most = self.documents if self.task().unit == "dialogue" else None
        problems = model_id_problems(self.fields["model_id"].value)
        for name in ("from", "to", "step"):
            value = self._typed(name)
            if not isinstance(value, int):
                problems.append(Problem(name, f"is {value!r}", "Give a whole number."))
            elif name == "step" and value < 1:
                problems.append(Problem(name, f"is {value}", "Give 1 or more."))
            elif name == "from" and value < 2:
                problems.append(Problem(name, f"is {value}", "Give 2 or more."))
            elif name == "to" and most is not None and value > most:
                what = f"is {value:,}, but there are only {most:,} documents"
                problems.append(Problem(name, what, "Give fewer."))
        if not problems and not self.n_clusters:
            first, last = self._typed("from"), self._typed("to")
            problems.append(Problem("to", f"is {last}, which is less than {first}", "Give more."))
        if any(problem.where in ("from", "to", "step") for problem in problems):
            # What else is wrong doesn't depend on them.
            others = replace(self.plan(), n_clusters=(2,)).problems()
            return problems + others
        if len(self.n_clusters) > MOST_FITS:
            what = f"makes {len(self.n_clusters):,} numbers of clusters"
            return [*problems, Problem("to", what, f"At most {MOST_FITS:,} are possible.")]
        return problems + self.plan().problems(most)


_MORE = ("turns", "unit", "embedder")
_COUNTS = {"from": "Clusters from", "to": "to", "step": "step"}
_BUDGET = {"budget_seconds": "Most seconds", "budget_fits": "most fits"}
_TEXTS: dict[str, tuple[str, str]] = {
    "model_id": ("Model id", "Becomes part of the model's address, when one is trained."),
    "language": ("Language", "Of the texts."),
    "seeds": (
        "Seeds",
        "Several, such as <code>0, 1, 2</code>, try every number of clusters with each.",
    ),
    **TURNS_AND_UNIT,
    "embedder": NEURAL_MODEL,
}
