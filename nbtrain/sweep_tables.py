"""The tables of a sweep as HTML: text twins of its pictures, for pages and widgets alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from .intent_tables import INTENT_TABLE_STYLE, table_html
from .markup import escape
from .progress import RunState
from .sweep_charts import by_clusters, named_fit
from .sweep_moves import Comparison
from .sweep_results import SCORES, Candidate, Recommendation, SweepFit

__all__ = [
    "SWEEP_TABLE_STYLE",
    "best_fit",
    "candidates_html",
    "fit_html",
    "flows_html",
    "scores_html",
    "sweep_html",
]

SWEEP_TABLE_STYLE = f"""{INTENT_TABLE_STYLE}
.nbt-candidates {{ margin: 4px 0; padding-left: 1.4em; line-height: 1.45; }}
.nbt-short-list p {{ margin: 4px 0; line-height: 1.45; }}
.nbt-candidates li {{ margin: 2px 0; }}
.nbt-sweep .widget-html-content {{ min-width: 0; }}
.nbt-sweep .nbt-scroll {{ padding-right: 16px; }}
.nbt-scores tr > :first-child {{ position: sticky; left: 0; padding-left: 4px;
  background: var(--jp-layout-color0, Canvas); }}
.nbt-sweep-moved td:last-child {{ min-width: 9em; overflow-wrap: anywhere; }}
.jp-OutputArea-child:has(.nbt-sweep .nbt-chart[data-live])
  ~ .jp-OutputArea-child:has(.nbt-static) {{ display: none; }}
.nbt-sweep-note {{ color: var(--jp-ui-font-color2, #666); line-height: 1.4; }}
"""

_MOST_FLOWS = 120
_MOST_FITS = 120
_MOST_EXAMPLES = 5
_LONGEST = 160
_KEYWORDS = 6
# Beside the number of clusters there is room for so many scores; the others come after.
_FIRST = (
    "stability", "predictability", "neighbour_agreement", "cluster_agreement", "objective",
    "silhouette",
)  # fmt: skip


def candidates_html(recommendation: Recommendation) -> str:
    """Write the short list: the summary, each candidate with its reasons, and what would help."""
    parts = []
    if recommendation.summary:
        parts.append(f"<p>{escape(recommendation.summary)}</p>")
    items = "".join(
        _candidate(candidate, place) for place, candidate in enumerate(recommendation.candidates)
    )
    if items:
        parts.append(f"<ol class='nbt-candidates'>{items}</ol>")
    if recommendation.advice:
        parts.append(f"<p>What would help: {escape(recommendation.advice)}</p>")
    return "".join(parts)


def sweep_html(fits: Sequence[SweepFit], recommendation: Recommendation) -> str:
    """Write all that a sweep has found, with its style: short list, scores, clusters of the best.

    Examples
    --------
    >>> "Scores of the fits" in sweep_html([SweepFit(4)], Recommendation())
    True
    """
    best = recommendation.n_clusters
    fit = None if best is None else best_fit(fits, best)
    clusters = "" if fit is None else f"<h4>{best} clusters</h4>{fit_html(fit)}"
    return (
        f"<style>{SWEEP_TABLE_STYLE}</style>{candidates_html(recommendation)}"
        f"<details><summary>Scores of the fits</summary>"
        f"<div class='nbt-scroll'>{scores_html(fits, recommendation)}</div></details>{clusters}"
    )


def _candidate(candidate: Candidate, place: int) -> str:
    tie = " <i>(near tie)</i>" if candidate.tie and place else ""
    how = "" if candidate.stability is None else f" Stability {candidate.stability:.2f}."
    return (
        f"<li><b>{candidate.n_clusters} clusters</b>{tie}: {escape(candidate.reason)}"
        f"{escape(how if 'tability' not in candidate.reason else '')}</li>"
    )


def scores_html(fits: Iterable[SweepFit], recommendation: Recommendation | None = None) -> str:
    """Write fits with their scores, by rising number of clusters; failures say why.

    At most 120, so that a page stays quick.
    """
    fits = sorted(fits, key=lambda fit: fit.key)
    known = {name for fit in fits for name in fit.scores}
    rest = sorted(known - set(_FIRST), key=lambda name: [*SCORES, name].index(name))
    names = [name for name in _FIRST if name in known] + rest
    options = sorted({name for fit in fits for name in fit.options})
    seeds = len({fit.random_state for fit in fits}) > 1
    listed = {c.n_clusters for c in recommendation.candidates} if recommendation else set()
    rows = []
    for fit in fits:
        mark = "★ " if fit.n_clusters in listed else ""
        row = [f"{mark}{fit.n_clusters}", *([f"{fit.random_state}"] if seeds else [])]
        row += [escape(fit.options.get(name, "")) for name in options]
        row += [_number(fit.scores.get(name)) for name in names]
        ended = fit.state is RunState.SUCCEEDED
        row.append("" if ended else escape(f"{fit.state.value}: {fit.message}".strip(": ")))
        rows.append(row)
    heads = ["#Clusters", *(["#Seed"] if seeds else []), *(escape(o) for o in options)]
    heads += [
        f"#<span title='{escape(SCORES.get(n, ''))}'>{escape(n.replace('_', ' '))}</span>"
        for n in names
    ]
    more = len(rows) - _MOST_FITS
    words = f"<p>and {more:,} more fits; <code>sweep.frame()</code> has all.</p>"
    left_out = words if more > 0 else ""
    rows = rows[:_MOST_FITS]
    if not any(row[-1] for row in rows):
        table = table_html(heads, [row[:-1] for row in rows])
    else:
        table = table_html([*heads, "State"], rows)
    return f"<div class='nbt-scores'>{table}</div>{left_out}"


def fit_html(fit: SweepFit) -> str:
    """Write the clusters of one fit: number, name, size, stability, key words and examples."""
    if not fit.clusters:
        return "<p>The service doesn't tell the clusters of this fit.</p>"
    largest = max(1, *(cluster.size for cluster in fit.clusters))
    stable = any(cluster.stability is not None for cluster in fit.clusters)
    rows = []
    for cluster in fit.clusters:
        bar = f"<span class='nbt-bar' style='width:{100 * cluster.size / largest:.1f}%'></span>"
        row = [f"{cluster.cluster_id}", escape(cluster.name), f"{cluster.size:,}{bar}"]
        row += [_stability(cluster.stability)] if stable else []
        row.append(_texts(cluster.keywords, cluster.examples))
        rows.append(row)
    heads = ["##", "Name", "#Size", *(["#Stability"] if stable else [])]
    return table_html([*heads, "Key words, examples"], rows)


def _stability(value: float | None) -> str:
    if value is None:
        return "–"
    word = "doubtful" if value < 0.6 else "always comes back" if value > 0.85 else "comes back"
    return f"<span title='{word}'>{value:.2f}</span>"


def _texts(keywords: Sequence[str], examples: Sequence[str]) -> str:
    words = escape(", ".join(keywords[:_KEYWORDS])) or "Examples"
    items = "".join(f"<li>{escape(_cut(text))}</li>" for text in examples[:_MOST_EXAMPLES])
    return f"<details><summary>{words}</summary><ul>{items}</ul></details>" if items else words


def flows_html(comparison: Comparison) -> str:
    """Write what moves where between two fits, by cluster of the first.

    At most 120 flows, so that a page stays quick; of the others it says how many there are.
    """
    first, second = comparison.first.n_clusters, comparison.second.n_clusters
    order = {c.cluster_id: c.size for c in comparison.first.clusters}
    flows = sorted(
        comparison.flows,
        key=lambda f: (-order.get(f.from_cluster, 0), f.from_cluster, -f.documents),
    )
    rows, before = [], None
    for flow in flows[:_MOST_FLOWS]:
        name = escape(flow.from_name)
        again = f"<span style='opacity:0.55'>{name}</span>"
        rows.append([
            again if flow.from_cluster == before else name,
            escape(flow.to_name),
            f"{flow.documents:,}",
            f"{flow.share:.0%}",
            _moved(flow.examples),
        ])  # fmt: skip
        before = flow.from_cluster
    heads = [f"Of {first} clusters", f"In {second} clusters", "#Documents", "#Share", "Which"]
    left = flows[_MOST_FLOWS:]
    documents = sum(flow.documents for flow in left)
    more = f"<p>and {len(left):,} more flows of {documents:,} documents.</p>" if left else ""
    return table_html(heads, rows) + more


def _moved(examples: Sequence[str]) -> str:
    if not examples:
        return ""
    items = "".join(f"<li>{escape(_cut(text))}</li>" for text in examples[:_MOST_EXAMPLES])
    return f"<details><summary>{escape(_cut(examples[0], 60))}</summary><ul>{items}</ul></details>"


def _cut(text: str, longest: int = _LONGEST) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _number(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    # As many decimals in all rows of a column, so that they can be compared.
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"


def best_fit(fits: Iterable[SweepFit], n_clusters: int) -> SweepFit | None:
    """Return the fit that stands for a number of clusters, None if it was not tried."""
    group = by_clusters(fits).get(n_clusters)
    return named_fit(group) if group else None
