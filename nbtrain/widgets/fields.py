"""The parts that forms are made of: a control with its help text, and a list of problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ipywidgets as widgets

from ..errors import Problem
from ..markup import escape

__all__ = [
    "INDENT",
    "Messages",
    "field",
    "field_row",
    "heading",
    "number_or_text",
    "subheading",
]

_LABEL_WIDTH = "8.5em"
_SHORT = "5.5em"
INDENT = f"calc({_LABEL_WIDTH} + 10px)"
_STYLE = """<style>
.nbt-form .widget-label { font-weight: 500; }
.nbt-help { color: var(--jp-ui-font-color2, #666); font-size: 12px; line-height: 1.35; }
.nbt-problems { margin: 0; padding-left: 1.2em; line-height: 1.4; }
.nbt-said { line-height: 1.4; }
.nbt-error { color: var(--jp-error-color0, #b71c1c); }
.nbt-good { color: var(--jp-success-color0, #1b5e20); }
[data-jp-theme-light=false] .nbt-error { color: #ff8a80; }
[data-jp-theme-light=false] .nbt-good { color: #81c784; }
.nbt-form code, .nbt-code pre { font-family: var(--jp-code-font-family, monospace);
  font-size: var(--jp-code-font-size, 13px); }
.nbt-prompts pre { white-space: pre-wrap !important; max-height: 24em; overflow-y: auto; }
/* Long lines scroll inside the box, which else would grow out of the panel. */
.nbt-code .widget-html-content { min-width: 0; }
.nbt-form .nbt-code pre, .nbt-code pre { overflow-x: auto; padding: 8px; margin: 0;
  white-space: pre; word-break: normal !important;
  background: var(--jp-cell-editor-background, #f5f5f5);
  border: 1px solid var(--jp-border-color2, #ddd); }
</style>"""


def heading(text: str) -> widgets.HTML:
    """Make the heading of a form; it carries the form's style sheet."""
    return widgets.HTML(f"{_STYLE}<h3 style='margin:4px 0'>{escape(text)}</h3>")


def subheading(text: str) -> widgets.HTML:
    """Make the heading of a part."""
    return widgets.HTML(f"<h4 style='margin:8px 0 2px'>{escape(text)}</h4>")


def field(control: widgets.DOMWidget, label: str, help_text: str, name: str) -> widgets.VBox:
    """Put a label before a control and a short help text below it.

    ``name`` becomes the CSS class of the control: ``nbt-model-id`` for ``model_id``.
    """
    control.description = label
    control.style.description_width = _LABEL_WIDTH
    control.layout.width = "auto"
    control.add_class(f"nbt-{name.replace('_', '-')}")
    helping = widgets.HTML(f"<div class='nbt-help'>{help_text}</div>")
    helping.layout.margin = f"0 0 4px {INDENT}"
    return widgets.VBox([control, helping])


def field_row(
    controls: Sequence[widgets.DOMWidget],
    labels: Sequence[str],
    help_text: str,
    names: Sequence[str],
) -> widgets.VBox:
    """Put several short controls beside each other, the first one's label where all labels are."""
    first = field(controls[0], labels[0], help_text, names[0])
    controls[0].layout.width = f"calc({INDENT} + {_SHORT})"
    controls[0].layout.margin = "2px 0 2px 2px"
    for control, label, name in zip(controls[1:], labels[1:], names[1:], strict=True):
        control.description = label
        control.style.description_width = "initial"
        control.layout.width = f"calc({len(label)} * 0.6em + {_SHORT} + 12px)"
        control.layout.margin = "2px 0 2px 12px"
        control.add_class(f"nbt-{name.replace('_', '-')}")
    row = widgets.HBox(list(controls), layout={"flex_flow": "row wrap"})
    first.children = (row, *first.children[1:])
    return first


class Messages(widgets.HTML):  # type: ignore[misc]
    """One line or a list of problems; escaped, and announced by screen readers."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.add_class(f"nbt-{name}")

    def say(self, text: str, *, good: bool = False) -> None:
        """Show one line."""
        kind = "nbt-said nbt-good" if good else "nbt-said"
        self.value = f"<div role='status' class='{kind}'>{escape(text)}</div>" if text else ""

    def list(self, problems: Iterable[Problem], summary: str = "", *, named: bool = True) -> None:
        """Show problems; none clears the place.

        Without names, where the field that is meant is plain to see.
        """
        texts = [str(problem) for problem in problems] if named else [
            f"{problem.what[:1].upper()}{problem.what[1:]}. {problem.fix}" for problem in problems
        ]  # fmt: skip
        items = "".join(f"<li>{escape(text)}</li>" for text in texts)
        if not items and not summary:
            self.value = ""
            return
        head = f"<div>{escape(summary)}</div>" if summary else ""
        self.value = (
            f"<div role='alert' class='nbt-error'>{head}<ul class='nbt-problems'>{items}</ul></div>"
        )


def number_or_text(typed: str) -> int | str:
    """Return a whole number that was typed; anything else as it is, for a check to explain it."""
    # Endless digits are no number: Python wouldn't read them.
    return int(typed) if typed.removeprefix("-").isdecimal() and len(typed) < 20 else typed
