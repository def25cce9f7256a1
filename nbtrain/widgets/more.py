"""Fields that few need, folded away at the end of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets

__all__ = ["NEURAL_MODEL", "MoreFields"]

NEURAL_MODEL = (
    "Neural model",
    "Optional: a folder, or a name on the Hugging Face Hub. Its vectors are put beside those that "
    "are learned from the texts; needs <code>nbtrain[neural]</code>.",
)
"""Label and help of the field ``embedder``."""


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
