"""``nbtrain train``: a CSV file in, the same rows with clusters out."""

from __future__ import annotations

import argparse
import lzma
import re
import secrets
import tempfile
import zlib
from pathlib import Path
from typing import Any

import pandas as pd

from ..checks import check
from ..documents import DataSchema
from ..errors import DataError, Problem, RequestError
from ..frames import write_dialogues, write_intents
from ..labels import label
from ..report import write_report
from ..runs import submit
from ..tasks import Clustering, turn_problems
from ..training import TrainingRequest, language_problems, model_id_problems
from ..writing import write_atomically
from .terminal import follow, terminal_table

__all__ = ["train"]


def train(arguments: argparse.Namespace) -> int:
    """Read, convert, train, write."""
    source, out = Path(arguments.file), Path(arguments.out)
    model_id = arguments.model_id or _model_id(source)
    task = Clustering(
        arguments.n_clusters, random_state=arguments.random_state,
        embedder=arguments.embedder, turns=arguments.turns, unit=arguments.unit,
    )  # fmt: skip
    columns = {
        "text": arguments.text, "dialogue_id": arguments.dialogue, "speaker": arguments.speaker,
    }  # fmt: skip
    df = _read(source)
    report = check(df, **columns)
    problems = [*report.errors, *model_id_problems(model_id), *_out_problems(out)]
    problems += language_problems(arguments.language) + task.problems(report.documents)
    schema = DataSchema.DIALOGUE if arguments.dialogue is not None else DataSchema.INTENT
    problems += turn_problems(task, schema)
    if arguments.speaker is not None and arguments.dialogue is None:
        problems.append(Problem("--dialogue", "is missing", "Speakers belong to dialogues."))
    if problems:
        raise RequestError("Nothing was trained:", problems)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.json"
        if arguments.dialogue is None:
            data = write_intents(df, path, text=arguments.text)
        else:
            data = write_dialogues(
                df, path, dialogue_id=arguments.dialogue, speaker=arguments.speaker,
                text=arguments.text,
            )  # fmt: skip
        run = submit(TrainingRequest(model_id, data, task, language=arguments.language))
        history = follow(run)
    result = run.result()
    labelled = label(df, result, by=arguments.dialogue or arguments.text)
    with write_atomically(out, "file of labels") as file:
        labelled.to_csv(file, index=False, encoding="utf-8", compression=_compression(out))
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
    except (OSError, ValueError, EOFError, zlib.error, lzma.LZMAError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        problem = Problem(str(path), f"can't be read: {reason or error}")
        raise DataError("There is nothing to train on.", [problem]) from error


def _out_problems(out: Path) -> list[Problem]:
    if out.is_dir() or not out.name:
        return [Problem("--out", f"is {str(out)!r}, a folder", "Name a file.")]
    if not out.parent.is_dir():
        return [Problem("--out", f"lies in {str(out.parent)!r}, which is no folder", "Make it.")]
    return []


def _compression(path: Path) -> Any:
    endings = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip", ".zst": "zstd"}
    return endings.get(path.suffix.lower())


def _model_id(path: Path) -> str:
    # With a random ending: two runs of the same file are two models.
    stem = re.sub(r"[^a-z0-9]+", "-", path.name.split(".")[0].lower())
    return f"{stem[:40].strip('-') or 'model'}-{secrets.token_hex(4)}"
