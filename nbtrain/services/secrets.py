"""A string that doesn't show itself; it lives in the vocabulary, as LLM settings hold some."""

from __future__ import annotations

from ..secret import Secret

__all__ = ["Secret"]
