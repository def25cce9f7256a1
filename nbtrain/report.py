"""A finished run as one HTML page: no scripts, no links, everything escaped."""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from pathlib import Path

from .errors import DataError, Problem
from .progress import History
from .results import Cluster, TrainingResult
from .svg import training_svg

__all__ = ["write_report"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem;
         border-bottom: 1px solid #8884; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; } li { margin: .15rem 0; } svg { max-width: 100%; height: auto; }
.bar { display: inline-block; height: .6rem; background: #3b7dd8; border-radius: 2px; }
dt { font-weight: 600; } dd { margin: 0 0 .3rem; overflow-wrap: anywhere; }
"""


def write_report(
    path: str | os.PathLike[str], result: TrainingResult, history: History | None = None
) -> Path:
    """Write a page with the clusters of a run, its learning curve and where it came from.

    Parameters
    ----------
    path : path
        The file; replaced if it exists.
    result : TrainingResult
    history : History, optional
        For the learning curve.

    Returns
    -------
    Path
        Where the page lies.

    Raises
    ------
    DataError
        If it can't be written there.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(_page(result, history), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        problem = Problem(str(path), f"can't be written: {error.strerror or error}")
        raise DataError("The report was not written.", [problem]) from error
    return path


def _page(result: TrainingResult, history: History | None) -> str:
    title = escape(f"{result.model_id}: {result.n_clusters} clusters")
    largest = max((cluster.size for cluster in result.clusters), default=1)
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>",
        f"<p>{len(result.document_ids):,} documents. {_scores(result)}</p>",
        *(f"<p><strong>Note:</strong> {escape(warning)}</p>" for warning in result.warnings),
        "<h2>Clusters</h2><table><thead><tr><th>#</th><th>Name</th><th>Size</th><th></th>"
        "<th>Key words and examples</th></tr></thead><tbody>",
        *(_row(cluster, largest) for cluster in result.clusters),
        "</tbody></table>",
    ]
    if history is not None and history.epochs:
        parts += ["<h2>Training</h2>", training_svg(history)]
    facts = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in _facts(result))
    parts += ["<h2>Where it came from</h2><dl>", facts, "</dl></body></html>\n"]
    return "\n".join(parts)


def _row(cluster: Cluster, largest: int) -> str:
    width = 6 * cluster.size / largest
    return (
        f'<tr><td class="number">{cluster.cluster_id}</td><td>{escape(cluster.name)}</td>'
        f'<td class="number">{cluster.size:,}</td>'
        f'<td><span class="bar" style="width:{width:.2f}rem"></span></td>'
        f"<td><details><summary>{escape(', '.join(cluster.keywords))}</summary>"
        f"{_listed('Examples', cluster.examples)}{_listed('Borderline', cluster.borderline)}"
        "</details></td></tr>"
    )


def _listed(title: str, texts: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<p>{title}</p><ul>{items}</ul>" if items else ""


def _scores(result: TrainingResult) -> str:
    return " ".join(f"{escape(name)} {value:.3f}." for name, value in result.metrics.items())


def _facts(result: TrainingResult) -> list[tuple[str, str]]:
    return [("run", result.run_id), *result.provenance.items()]
