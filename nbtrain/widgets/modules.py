"""The JavaScript halves of widgets."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["module_source"]


def module_source(*names: str) -> str:
    """Return modules, in a row, without indentation and comments: every widget has a copy."""
    folder = Path(__file__).parent
    source = "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
    # Nothing that is quoted there holds two strokes between spaces.
    lines = [re.sub(r"(^|\s)//\s.*", "", line).strip() for line in source.splitlines()]
    return "\n".join(filter(None, lines))
