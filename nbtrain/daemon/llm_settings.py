"""Settings of language models: in the memory of this process, and nowhere else."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import RequestError
from ..llm import LLMSettings
from ..protocols.naming import Naming
from ..tasks import LLM

__all__ = ["CACHE_FILE", "LLMStore"]

CACHE_FILE = "names.sqlite"
"""Answers by content, in the state folder; no keys."""

_DEFAULT_MODEL = "gpt-4o-mini"

log = logging.getLogger("nbtrain.daemon")


class LLMStore:
    """Settings by product, and what the environment gives where none are stored.

    Parameters
    ----------
    cache : Path
        Where workers keep answers.
    environment : mapping, optional
        By default that of this process: ``OPENAI_API_KEY``, ``OPENAI_BASE_URL`` and
        ``OPENAI_MODEL``.
    """

    def __init__(self, cache: Path, environment: Mapping[str, str] | None = None) -> None:
        self._cache = cache
        self._environment = os.environ if environment is None else environment
        self._stored: dict[str, LLMSettings] = {}

    def put(self, product_name: str, settings: LLMSettings) -> None:
        """Store settings, or replace those of the product.

        Raises
        ------
        RequestError
            If this service can't call that model.
        """
        problems = settings.call_problems()
        if problems:
            raise RequestError("Your request is not valid.", problems)
        self._stored[product_name] = settings

    def naming(self, product_name: str, options: LLM | None, *, asked: bool) -> Naming | None:
        """Return how the clusters of a product are named; None if by key words.

        Settings that are stored count whether or not a request asks for a model; those of the
        environment only if it does. No options means that no model may be used.
        """
        if options is None:
            return None
        settings = self._stored.get(product_name) or (self._from_environment() if asked else None)
        return Naming(settings, options, self._cache) if settings else None

    def _from_environment(self) -> LLMSettings | None:
        key = self._environment.get("OPENAI_API_KEY", "")
        if not key:
            return None
        try:
            return LLMSettings(
                "OpenAi",
                self._environment.get("OPENAI_MODEL") or _DEFAULT_MODEL,
                {"OPENAI_API_KEY": key},
                base_url=self._environment.get("OPENAI_BASE_URL") or None,
            )
        except RequestError as error:  # whose problems tell no key
            log.warning("the environment's OpenAI settings can't be used: %s", error)
            return None
