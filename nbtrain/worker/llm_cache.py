"""Answers of language models, kept by content: the same question is not paid for twice.

The key is a hash of model, address and prompt; keys of providers are in no part of it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from ..llm import LLMSettings
from ..name_prompts import NamePrompt

__all__ = ["AnswerCache"]

MOST_ANSWERS = 20_000

_WAIT = 5.0
_TABLE = """CREATE TABLE IF NOT EXISTS answers (
    number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, description TEXT NOT NULL)"""


class AnswerCache:
    """Names and descriptions by what was asked. A cache that can't be used is as good as empty.

    Each call opens the database anew, so that threads and processes may share the file.

    Parameters
    ----------
    path : Path or None
        An SQLite file, made if it isn't there; None keeps nothing.
    settings : LLMSettings
    """

    def __init__(self, path: Path | None, settings: LLMSettings) -> None:
        self._path = path
        self._model = [settings.provider, settings.model, settings.endpoint().url]

    def get(self, prompt: NamePrompt) -> tuple[str, str] | None:
        """Return the name and the description that this prompt was answered with before."""
        if self._path is None or not self._path.exists():
            return None
        query = "SELECT name, description FROM answers WHERE hash = ?"
        with suppress(sqlite3.Error), closing(self._open(self._path)) as db:
            row = db.execute(query, (self._hash(prompt),)).fetchone()
            return (str(row[0]), str(row[1])) if row else None
        return None

    def put(self, prompt: NamePrompt, name: str, description: str) -> None:
        """Keep an answer; the oldest ones make room for it."""
        if self._path is None:
            return
        with suppress(sqlite3.Error), closing(self._open(self._path)) as db, db:
            db.execute(_TABLE)
            db.execute(
                "INSERT OR REPLACE INTO answers (hash, name, description) VALUES (?, ?, ?)",
                (self._hash(prompt), name, description),
            )
            db.execute(
                "DELETE FROM answers WHERE number <= (SELECT max(number) FROM answers) - ?",
                (MOST_ANSWERS,),
            )

    def _open(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=_WAIT)

    def _hash(self, prompt: NamePrompt) -> str:
        asked = json.dumps([*self._model, prompt.system, prompt.user])
        return hashlib.sha256(asked.encode()).hexdigest()
