"""The JavaScript halves of widgets."""

from __future__ import annotations

from pathlib import Path

__all__ = ["module_source"]


def module_source(name: str) -> str:
    """Return a module without indentation and comments: every widget's state has a copy."""
    source = Path(__file__).with_name(name).read_text(encoding="utf-8")
    lines = [line.strip() for line in source.splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//"))
