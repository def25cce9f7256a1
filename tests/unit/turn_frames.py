"""DataFrames of turns whose cells and columns one chooses, and what is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from nbtrain import check, write_dialogues

NAMES: dict[str, Any] = {"text": "said", "dialogue_id": "conv", "speaker": "who"}


def frame(**columns: list[Any]) -> pd.DataFrame:
    rows = max(map(len, columns.values()))
    return pd.DataFrame(
        {name: pd.Series(column, dtype=object) for name, column in columns.items()},
        index=range(rows),
    )


def turns(**columns: list[Any]) -> pd.DataFrame:
    rows = max(map(len, columns.values()), default=1)
    usual: dict[str, list[Any]] = {
        "conv": [1] * rows,
        "who": ["user"] * rows,
        "said": ["hi"] * rows,
    }
    return frame(**(usual | columns))


def written(df: pd.DataFrame, path: Path, **names: Any) -> dict[str, list[dict[str, str]]]:
    file = write_dialogues(df, path, **(NAMES | names))
    return {d["dialogueId"]: d["turns"] for d in json.loads(file.path.read_bytes())}


def errors(df: Any, **names: Any) -> list[str]:
    return [str(problem) for problem in check(df, **(NAMES | names)).errors]
