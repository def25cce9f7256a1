"""A finished run as one HTML page: no scripts, no links, everything escaped."""

from __future__ import annotations

import os
from pathlib import Path

from .evaluation_svg import confusion_svg, curve_svg, evaluation_sentence
from .intent_tables import INTENT_TABLE_STYLE, evaluation_html
from .map_figure import map_svg
from .markup import escape
from .progress import History
from .results import TrainingResult
from .svg import training_svg
from .tables import TABLE_STYLE, clusters_html, overlaps_html
from .writing import write_atomically

__all__ = ["write_report"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
svg { max-width: 100%; height: auto; }
dt { font-weight: 600; } dd { margin: 0 0 .3rem; overflow-wrap: anywhere; }
"""


def write_report(
    path: str | os.PathLike[str], result: TrainingResult, history: History | None = None
) -> Path:
    """Write a page with the clusters of a run, its learning curve and where it came from.

    Of an intent model it has what the held-out texts say: confusion matrix, precision and recall,
    and every intent's own.

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
    with write_atomically(path, "report") as file:
        file.write(_page(result, history).encode())
    return Path(path)


def _page(result: TrainingResult, history: History | None) -> str:
    evaluation = result.evaluation
    kind = "clusters" if evaluation is None else "intents"
    title = escape(f"{result.model_id}: {result.n_clusters} {kind}")
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}{TABLE_STYLE}{INTENT_TABLE_STYLE}</style></head><body><h1>{title}</h1>",
        f"<p>{result.documents:,} documents. {_scores(result)}</p>",
        *(f"<p><strong>Note:</strong> {escape(warning)}</p>" for warning in result.warnings),
    ]
    if evaluation is not None:
        parts += [
            f"<h2>Held-out texts</h2><p>{escape(evaluation_sentence(evaluation))}</p>",
            evaluation_html(evaluation),
            confusion_svg(evaluation.confusion),
            *([curve_svg(evaluation.curve)] if evaluation.curve.threshold else []),
        ]
    parts += [f"<h2>{kind.capitalize()}</h2>", clusters_html(result), overlaps_html(result)]
    if drawn := map_svg(result):
        parts += ["<h2>Map</h2>", drawn]
    if history is not None and history.epochs:
        parts += ["<h2>Training</h2>", training_svg(history, evaluation)]
    facts = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in _facts(result))
    parts += ["<h2>Where it came from</h2><dl>", facts, "</dl></body></html>\n"]
    return "\n".join(parts)


def _scores(result: TrainingResult) -> str:
    return " ".join(f"{escape(name)} {value:.3f}." for name, value in result.metrics.items())


def _facts(result: TrainingResult) -> list[tuple[str, str]]:
    return [("run", result.run_id), *result.provenance.items()]
