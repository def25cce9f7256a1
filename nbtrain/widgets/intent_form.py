"""The form for an intent model: its fields, and what is wrong with them as one types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import ipywidgets as widgets

from ..errors import Problem
from ..tasks import MAX_EPOCHS, IntentClassification
from ..training import CLASSIFICATION_LANGUAGES, model_id_problems
from .fields import INDENT, Messages, field, number_or_text
from .more import NEURAL_MODEL, MoreFields

__all__ = ["IntentForm"]

Mode = Literal["new", "reuse", "retrain"]


class IntentForm(widgets.VBox):  # type: ignore[misc]
    """Model id, new or retrain, language, epochs, split, out of domain, feedback, neural model.

    Parameters
    ----------
    model_id, language, epochs
        What the form shows at first.

    Attributes
    ----------
    fields : dict of str to widget
        The controls, by the names that :class:`TrainingRequest` and :class:`IntentClassification`
        have for them; ``mode`` is ``"new"``, ``"reuse"`` or ``"retrain"``.
    """

    def __init__(
        self, *, model_id: str = "", language: str = "en-US", epochs: int | Literal["auto"] = "auto"
    ) -> None:
        languages = [(f"{name} ({code})", code) for code, name in CLASSIFICATION_LANGUAGES.items()]
        self.fields: dict[str, Any] = {
            "model_id": widgets.Text(model_id, placeholder="support-intents"),
            "mode": widgets.Dropdown(options=_MODES, value="new"),
            "language": widgets.Dropdown(options=languages, value=language),
            "epochs": widgets.Text(str(epochs)),
            "train_share": widgets.FloatSlider(
                0.8, min=0.5, max=0.95, step=0.05, readout_format=_SHARE
            ),
            "out_of_domain": widgets.Checkbox(),
            "with_feedback": widgets.Checkbox(),
            "embedder": widgets.Text(placeholder="none"),
        }
        self._messages = {
            name: Messages(f"{name.replace('_', '-')}-messages")
            for name in ("model_id", "epochs", "embedder")
        }
        self._rows = {
            name: field(control, *_TEXTS[name], name) for name, control in self.fields.items()
        }
        for name, messages in self._messages.items():
            messages.layout.margin = f"0 0 4px {INDENT}"
            self._rows[name].children = (*self._rows[name].children, messages)
        self._retrains = self._adjusts = True
        self._more = MoreFields({"embedder": self._rows.pop("embedder")})
        super().__init__([*self._rows.values(), self._more])
        self.add_class("nbt-form")

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call back after every change of a field."""
        for control in self.fields.values():
            control.observe(lambda _change: callback(), names="value")

    def offer(self, *, retrain: bool, adjust: bool, embedder: bool) -> None:
        """Show what the chosen service can do.

        Parameters
        ----------
        retrain : bool
            Whether a model can be trained again in place.
        adjust : bool
            Whether split, out-of-domain detection and feedback can be chosen.
        embedder : bool
            Whether a neural model can be used.
        """
        self._more.offer(embedder=embedder)
        if retrain != self._retrains:
            self._retrains = retrain
            before = self.fields["mode"].value
            modes = [mode for mode in _MODES if retrain or mode[1] != "retrain"]
            self.fields["mode"].options = modes
            self.fields["mode"].value = before if before in dict(modes).values() else "new"
        self._adjusts = adjust
        language = self.mode != "retrain"
        for name, shown in (
            ("language", language),
            ("train_share", adjust),
            ("out_of_domain", adjust),
            ("with_feedback", adjust and self.mode == "retrain"),
        ):
            self._rows[name].layout.display = None if shown else "none"

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
        if any(p.where == "embedder" for p in problems):
            self._more.unfold()

    def problems(self) -> list[Problem]:
        """List what is wrong with the fields."""
        # Here one types "auto", in code None.
        fix = f"Give a whole number from 1 to {MAX_EPOCHS:,}, or auto."
        return model_id_problems(self.chosen_id) + [
            replace(problem, fix=fix) if problem.where == "epochs" else problem
            for problem in self.task().problems()
        ]

    @property
    def chosen_id(self) -> str:
        """The id of the model as it is typed (``model_id`` is the widget's own)."""
        return str(self.fields["model_id"].value)

    @property
    def mode(self) -> Mode:
        """Whether to train a new model, to take one that is there, or to train it again."""
        mode: Mode = self.fields["mode"].value
        return mode

    def task(self) -> IntentClassification:
        """Return the task as the fields have it, right or wrong; what is hidden is not in it."""
        text = self.fields["epochs"].value.strip()
        epochs: Any = None if text.lower() in ("", "auto", "none") else number_or_text(text)
        named = self.fields["embedder"].value.strip() if self._more.offers("embedder") else ""
        if not self._adjusts:
            return IntentClassification(epochs, embedder=named or None)
        return IntentClassification(
            epochs,
            embedder=named or None,
            train_share=round(self.fields["train_share"].value, 2),
            out_of_domain=self.fields["out_of_domain"].value,
            with_feedback=self.mode == "retrain" and self.fields["with_feedback"].value,
        )


# As it can be typed behind the slider, too: "85%" would be read as 85.
_SHARE = ".2f"
_MODES: list[tuple[str, Mode]] = [
    ("Train a new model", "new"),
    ("New, or the one trained from the same data", "reuse"),
    ("Train the model of this id again", "retrain"),
]
_TEXTS: dict[str, tuple[str, str]] = {
    "model_id": ("Model id", "The model's name; what you get hold of it by again."),
    "mode": (
        "What to do",
        "Training again adds these texts to those that the model was trained on, and keeps its "
        "id. Until it has succeeded, the model answers as before.",
    ),
    "language": ("Language", "Of the texts."),
    "epochs": (
        "Epochs",
        f"At most so many passes over the texts, 1 to {MAX_EPOCHS:,}, or <code>auto</code>. "
        "Training ends sooner when the held-out texts show no more progress.",
    ),
    "train_share": (
        "Learn from",
        "Share of each intent's texts; the others are held out, and tell how good the model is.",
    ),
    "out_of_domain": (
        "Out of domain",
        "The model may answer that a text has none of the intents.",
    ),
    "with_feedback": ("Feedback", "Learn from corrections that were sent as feedback, too."),
    "embedder": NEURAL_MODEL,
}
