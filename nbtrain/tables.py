"""The clusters of a result as an HTML table, for pages and widgets alike."""

from __future__ import annotations

from collections.abc import Iterable

from .markup import escape
from .results import Cluster, Overlap, TrainingResult

__all__ = ["TABLE_STYLE", "clusters_html", "overlaps_html"]

_MOST_OVERLAPS = 10

TABLE_STYLE = """
table.nbt-table { border-collapse: collapse; width: 100%; line-height: 1.4; margin: 0;
  table-layout: auto; }
table.nbt-table th, table.nbt-table td { text-align: left !important; vertical-align: top;
  padding: 4px 12px 4px 0; max-width: none; white-space: normal;
  border-bottom: 1px solid var(--jp-border-color2, #8885); }
table.nbt-table tbody tr { background: none !important; }
table.nbt-table .nbt-number { text-align: right !important; font-variant-numeric: tabular-nums; }
table.nbt-table td:nth-child(2) { min-width: 9em; }
table.nbt-table td:last-child { width: 60%; }
.nbt-table summary { cursor: pointer; }
.nbt-table .nbt-description { opacity: 0.75; font-size: 90%; margin-top: 2px; }
.nbt-table ul { margin: 2px 0 6px; padding-left: 1.4em; }
.nbt-table p { margin: 6px 0 0; }
.nbt-overlaps table { border-collapse: collapse; line-height: 1.4; margin: 4px 0; }
.nbt-overlaps th, .nbt-overlaps td { text-align: left !important; vertical-align: top;
  padding: 4px 16px 4px 0; white-space: normal; max-width: none;
  border-bottom: 1px solid var(--jp-border-color2, #8885); }
.nbt-overlaps tbody tr { background: none !important; }
.nbt-overlaps .nbt-number { text-align: right !important; font-variant-numeric: tabular-nums; }
.nbt-overlaps summary { cursor: pointer; margin-top: 8px; }
.nbt-share { display: block; height: 4px; border-radius: 2px; margin-top: 3px; min-width: 1px;
  background: var(--jp-brand-color1, #1976d2); }
"""


def clusters_html(result: TrainingResult) -> str:
    """Write the clusters as a table: number, name, size, and texts that fold out.

    Everything that comes from the data is escaped. The looks are in :data:`TABLE_STYLE`.
    """
    largest = max((cluster.size for cluster in result.clusters), default=1)
    rows = "".join(_row(cluster, largest) for cluster in result.clusters)
    return (
        "<table class='nbt-table'><thead><tr><th class='nbt-number'>#</th><th>Name</th>"
        "<th class='nbt-number'>Size</th><th>Key words, examples</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def overlaps_html(result: TrainingResult) -> str:
    """Write the pairs of clusters that share most borderline documents; empty if none do."""
    if not result.overlaps:
        return ""
    rows = "".join(_overlap(result, overlap) for overlap in result.overlaps[:_MOST_OVERLAPS])
    return (
        "<details class='nbt-overlaps'><summary>Clusters that overlap</summary>"
        "<table><thead><tr><th>Cluster</th><th>and</th><th class='nbt-number'>Between them</th>"
        "<th class='nbt-number'>Of the smaller</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></details>"
    )


def _overlap(result: TrainingResult, overlap: Overlap) -> str:
    names = "".join(
        f"<td>{place}: {escape(result.clusters[place].name)}</td>"
        for place in (overlap.first, overlap.second)
    )
    return (
        f"<tr>{names}<td class='nbt-number'>{overlap.documents:,}</td>"
        f"<td class='nbt-number'>{overlap.share:.0%}</td></tr>"
    )


def _row(cluster: Cluster, largest: int) -> str:
    share = 100 * cluster.size / largest
    return (
        f"<tr><td class='nbt-number'>{cluster.cluster_id}</td><td>{escape(cluster.name)}"
        f"{_described(cluster)}</td>"
        f"<td class='nbt-number'>{cluster.size:,}"
        f"<span class='nbt-share' style='width:{share:.1f}%'></span></td>"
        f"<td><details><summary>{escape(', '.join(cluster.keywords))}</summary>"
        f"{_texts('Examples', cluster.examples)}{_texts('Borderline', cluster.borderline)}"
        "</details></td></tr>"
    )


def _described(cluster: Cluster) -> str:
    text = escape(cluster.description)
    return f"<div class='nbt-description'>{text}</div>" if text else ""


def _texts(title: str, texts: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<p>{title}</p><ul>{items}</ul>" if items else ""
