"""Intents and confused pairs as HTML tables, for pages and widgets alike."""

from __future__ import annotations

from collections.abc import Iterable

from .confusion import ConfusedPair, confused_pairs
from .evaluation import Evaluation
from .markup import escape

__all__ = ["INTENT_TABLE_STYLE", "evaluation_html", "intents_html", "pairs_html", "table_html"]

INTENT_TABLE_STYLE = """
table.nbt-intents { border-collapse: collapse; line-height: 1.4; margin: 4px 0 12px;
  table-layout: auto; }
table.nbt-intents th, table.nbt-intents td { text-align: left !important; vertical-align: top;
  padding: 3px 14px 3px 0; white-space: normal; overflow-wrap: break-word;
  border-bottom: 1px solid var(--jp-border-color2, #8885); }
table.nbt-intents tbody tr { background: none !important; }
table.nbt-intents .nbt-number { text-align: right !important; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.nbt-intents summary { cursor: pointer; }
.nbt-intents ul { margin: 2px 0 6px; padding-left: 1.4em; }
.nbt-intents .nbt-bar { display: block; height: 4px; border-radius: 2px; margin-top: 3px;
  min-width: 1px; background: var(--jp-brand-color1, #1976d2); }
.nbt-scroll { max-height: 26em; overflow: auto; margin-bottom: 8px; }
"""

_MOST_PAIRS = 100
_MOST_TEXTS = 5
_LONGEST = 160


def intents_html(evaluation: Evaluation) -> str:
    """Write what the held-out texts say of each intent, the least well told first."""
    matrix = evaluation.confusion
    taken: dict[str, ConfusedPair] = {}
    for pair in confused_pairs(evaluation):
        taken.setdefault(pair.label, pair)
    parts = zip(
        matrix.labels, matrix.support, matrix.precision, matrix.recall, matrix.f1, strict=True
    )
    listed = sorted(parts, key=lambda part: part[4])
    rows = []
    for label, support, precision, recall, f1 in listed:
        threshold = evaluation.thresholds.get(label)
        other = taken.get(label)
        scores = [precision, recall, f1] if support else [None, None, None]
        rows.append([
            escape(label),
            f"{support:,}",
            *(_share(score) for score in scores),
            _share(threshold),
            f"{escape(other.predicted)} ({other.count:,})" if other else "",
        ])  # fmt: skip
    heads = ["Intent", "#Held out", "#Precision", "#Recall", "#F1", "#Threshold"]
    return table_html([*heads, "Most often taken for"], rows)


def pairs_html(evaluation: Evaluation) -> str:
    """Write the pairs of labels that were confused, with their texts to fold out."""
    pairs = confused_pairs(evaluation)
    rows = (
        [
            escape(pair.label),
            escape(pair.predicted),
            f"{pair.count:,}",
            _share(pair.share),
            _texts(pair),
        ]
        for pair in pairs[:_MOST_PAIRS]
    )
    table = table_html(["Is", "Taken for", "#Texts", "#Of its texts", "Which"], rows)
    left = len(pairs) - _MOST_PAIRS
    return table + (f"<p>and {left:,} rarer pairs.</p>" if left > 0 else "")


def evaluation_html(evaluation: Evaluation) -> str:
    """Write both tables, each to fold out; the looks are in :data:`INTENT_TABLE_STYLE`."""
    pairs = len(confused_pairs(evaluation))
    return (
        "<details open><summary>Every intent, the least well told first</summary>"
        f"<div class='nbt-scroll'>{intents_html(evaluation)}</div></details>"
        f"<details><summary>What was confused: {pairs:,} "
        f"{'pair' if pairs == 1 else 'pairs'} of intents, with the texts</summary>"
        f"<div class='nbt-scroll'>{pairs_html(evaluation)}</div></details>"
    )


def _texts(pair: ConfusedPair) -> str:
    if not pair.texts:
        return ""
    # The confidence of a text without a label is that of the likeliest one.
    sure = [f" ({_share(one.confidence)})" if one.predicted else "" for one in pair.texts]
    items = "".join(
        f"<li>{escape(_cut(one.text))}{how}</li>"
        for one, how in list(zip(pair.texts, sure, strict=True))[:_MOST_TEXTS]
    )
    first = escape(_cut(pair.texts[0].text)[:60])
    return f"<details><summary>{first}</summary><ul>{items}</ul></details>"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def table_html(heads: Iterable[str], rows: Iterable[list[str]]) -> str:
    """Write a table of cells that are HTML already; heads of columns of numbers begin with #."""
    names = list(heads)
    kinds = [" class='nbt-number'" if name.startswith("#") else "" for name in names]
    head = "".join(
        f"<th{kind}>{name.removeprefix('#')}</th>" for kind, name in zip(kinds, names, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return f"<table class='nbt-intents'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
