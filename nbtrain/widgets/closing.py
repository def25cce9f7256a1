"""Taking widgets off the page, with all that belongs to them."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

__all__ = ["close_parts"]


def close_parts(widget: Any) -> None:
    """Close what a widget is made of: children of children, layouts and styles.

    ipywidgets' own ``close`` leaves all these registered in kernel and page. The widget itself is
    left to its own ``close``, which is where this is called from.
    """
    for child in getattr(widget, "children", ()):
        close_parts(child)
        child.close()
    for part in (getattr(widget, "layout", None), getattr(widget, "style", None)):
        if isinstance(part, widgets.Widget):
            part.close()
