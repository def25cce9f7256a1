"""Fields that few need, folded away at the end of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets

from ..turns import TurnChoice, Unit

__all__ = ["NEURAL_MODEL", "TURNS_AND_UNIT", "MoreFields", "turns_and_unit"]

NEURAL_MODEL = (
    "Neural model",
    "Optional: a folder, or a name on the Hugging Face Hub. Its vectors are put beside those that "
    "are learned from the texts; needs <code>nbtrain[neural]</code>.",
)
"""Label and help of the field ``embedder``."""

TURNS_AND_UNIT: Mapping[str, tuple[str, str]] = {
    "turns": ("Turns", "Which turns of a dialogue are clustered."),
    "unit": ("Unit", "What gets a cluster: a dialogue by all of these turns, or each of them."),
}
"""Labels and help of the fields ``turns`` and ``unit``."""

_TURNS: list[tuple[str, TurnChoice]] = [
    ("Those of the customer", "customer"),
    ("The customer's first", "first"),
    ("Those of agents and bots", "agent"),
    ("All", "all"),
]
_UNITS: list[tuple[str, Unit]] = [
    ("Whole dialogues", "dialogue"),
    ("Each turn by itself", "utterance"),
]


def turns_and_unit() -> dict[str, Any]:
    """Make the controls by which turns of dialogues are chosen, by the names of their fields."""
    return {
        "turns": widgets.Dropdown(options=_TURNS, value="customer"),
        "unit": widgets.Dropdown(options=_UNITS, value="dialogue"),
    }


class MoreFields(widgets.Accordion):  # type: ignore[misc]
    """Rows of a form that are folded away; it isn't there while none of them is shown.

    Parameters
    ----------
    rows : mapping of str to widget
        By the names of their fields.
    """

    def __init__(self, rows: Mapping[str, Any]) -> None:
        self._rows = dict(rows)
        self._offered = set(rows)
        place = widgets.VBox(list(rows.values()))
        super().__init__([place], titles=("More",), selected_index=None)
        self.add_class("nbt-more")

    def offer(self, **shown: bool) -> None:
        """Show a row or hide it, by the name of its field."""
        for name, wanted in shown.items():
            self._rows[name].layout.display = None if wanted else "none"
            (self._offered.add if wanted else self._offered.discard)(name)
        self.layout.display = None if self._offered else "none"

    def offers(self, name: str) -> bool:
        """Tell whether a field is shown."""
        return name in self._offered

    def unfold(self) -> None:
        """Show the rows."""
        self.selected_index = 0
