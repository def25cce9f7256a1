"""``nbtrain demo``: the main job on the bundled conversations, without a notebook."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tempfile
from pathlib import Path

from .. import samples
from ..checks import check
from ..frames import write_dialogues
from ..home import state_folder
from ..labels import label
from ..report import write_report
from ..runs import submit
from ..tasks import Clustering
from ..training import TrainingRequest
from .terminal import follow, terminal_table

__all__ = ["demo"]


def demo(arguments: argparse.Namespace) -> int:
    """Generate, check, convert, train, label, report."""
    say = sys.stderr if arguments.json else sys.stdout
    df = samples.conversations(language=arguments.language)
    report = check(df, text="text", dialogue_id="dialogue_id", speaker="speaker")
    print(f"Bundled conversations: {report.summary}", file=say)
    with tempfile.TemporaryDirectory() as folder:
        data = write_dialogues(
            df, Path(folder) / "dialogues.json",
            dialogue_id="dialogue_id", speaker="speaker", text="text",
        )  # fmt: skip
        task = Clustering(arguments.n_clusters, random_state=arguments.random_state)
        request = TrainingRequest(
            f"nbtrain-demo-{secrets.token_hex(4)}", data, task, language=arguments.language
        )
        run = submit(request)
        history = follow(run)
    result = run.result()
    labelled = label(df, result)
    reports = state_folder() / "reports"
    reports.mkdir(exist_ok=True)
    page = write_report(arguments.report or reports / f"{run.run_id}.html", result, history)
    if arguments.json:
        print(json.dumps({
            "state": run.status().state.value,
            "documents": result.documents,
            "clusters": result.n_clusters,
            "rows": len(labelled),
            "words": int(report.words),
            "run_id": run.run_id,
            "metrics": dict(result.metrics),
            "table": [
                {"cluster": c.cluster_id, "name": c.name, "size": c.size, "keywords": c.keywords}
                for c in result.clusters
            ],
            "report": str(page),
        }, ensure_ascii=False))  # fmt: skip
    else:
        true_count = df["intent"].nunique()
        print(f"\n{terminal_table(result)}\n")
        print(f"{result.n_clusters} clusters; the generator knows {true_count} intents.")
        for warning in result.warnings:
            print(f"Note: {warning}")
        print(f"Report: {page}")
    return 0
