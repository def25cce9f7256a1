"""Labelled rows, and the file that holds them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import nbtrain
from nbtrain import (
    DataFile,
)

ROWS = [("where is it", "a"), ("lost it", "a"), ("send it back", "b"), ("refund, please", "b"),
        ('he said "no"', "b"), ("lost it", "a")]  # fmt: skip


def write(path: Path, rows: list[tuple[str, str]]) -> DataFile:
    df = pd.DataFrame(rows, columns=["text", "intent"])
    return nbtrain.write_intents(df, path, text="text", intent="intent", schema="utterance")
