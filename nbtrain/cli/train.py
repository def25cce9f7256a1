"""``nbtrain train``: a CSV file in, the same rows with clusters out."""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from pathlib import Path

import pandas as pd

from ..errors import DataError, Problem, RequestError
from ..frames import label, write_dialogues, write_intents
from ..report import write_report
from ..runs import submit
from ..training import MODEL_ID_MAX, Clustering, TrainingRequest
from .terminal import follow, terminal_table

__all__ = ["train"]


def train(arguments: argparse.Namespace) -> int:
    """Read, convert, train, write."""
    if (arguments.dialogue is None) != (arguments.speaker is None):
        missing = "--speaker" if arguments.speaker is None else "--dialogue"
        problem = Problem(missing, "is missing", "Dialogues need both columns.")
        raise RequestError("The command is incomplete:", [problem])
    source, out = Path(arguments.file), Path(arguments.out)
    df = _read(source)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.json"
        if arguments.dialogue is None:
            data = write_intents(df, path, text=arguments.text)
        else:
            data = write_dialogues(
                df, path, dialogue_id=arguments.dialogue, speaker=arguments.speaker,
                text=arguments.text,
            )  # fmt: skip
        task = Clustering(arguments.n_clusters, random_state=arguments.random_state)
        model_id = arguments.model_id or _model_id(source)
        request = TrainingRequest(model_id, data, task, language=arguments.language)
        run = submit(request)
        history = follow(run)
    result = run.result()
    _write(label(df, result, by=arguments.dialogue or arguments.text), out)
    print(terminal_table(result))
    for warning in result.warnings:
        print(f"Note: {warning}")
    print(f"{len(df):,} rows in {result.n_clusters} clusters: {out}")
    if arguments.report:
        print(f"Report: {write_report(arguments.report, result, history)}")
    return 0


def _read(path: Path) -> pd.DataFrame:
    try:
        # As text, and "NA" or "null" as the words they are.
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        problem = Problem(str(path), f"can't be read: {reason or error}")
        raise DataError("There is nothing to train on.", [problem]) from error


def _write(df: pd.DataFrame, path: Path) -> None:
    # The partial file keeps the ending, by which pandas chooses the compression.
    partial = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        df.to_csv(partial, index=False, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        problem = Problem(str(path), f"can't be written: {error.strerror or error}")
        raise DataError("The labels were not written.", [problem]) from error


def _model_id(path: Path) -> str:
    stem = path.name.split(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", stem)[:MODEL_ID_MAX].strip("-") or "model"
