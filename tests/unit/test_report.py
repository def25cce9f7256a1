"""A finished run as one page."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from nbtrain.progress import History
from nbtrain.report import write_report
from nbtrain.testing import training_script
from tests.intent_runs import evaluation, intent_result, intent_script


class Tags(HTMLParser):
    """Counts the elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1


def page(path: Path, history: History, **changes: object) -> str:
    result = replace(intent_result(evaluation(12)), **changes)  # type: ignore[arg-type]
    return write_report(path / "report.html", result, history).read_text(encoding="utf-8")


def test_a_report_of_an_intent_model_has_its_evaluation(tmp_path: Path) -> None:
    history = History()
    for update in intent_script(6):
        history.add(update)
    text = page(tmp_path, history)
    assert "demo: 12 intents" in text
    assert "Of 240 held-out texts 90.0% were labelled correctly" in text
    assert "best epoch: 4" in text
    tags = Tags(text).seen
    assert (tags["svg"], tags["table"]) == (3, 3)
    assert "script" not in tags
    assert "img" not in tags


def test_a_report_of_clusters_has_none(tmp_path: Path) -> None:
    history = History()
    for update in training_script(3):
        history.add(update)
    text = page(tmp_path, history, evaluation=None)
    assert "demo: 12 clusters" in text
    tags = Tags(text).seen
    assert (tags["svg"], tags["table"]) == (1, 1)
