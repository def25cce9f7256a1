"""Odd answers that are understood all the same: pages in HTML, percent as text, loose words."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import pytest

from nbtrain.protocols import knovvu
from nbtrain.secret import Secret
from nbtrain.services.answers import read_answer


@pytest.mark.parametrize(("percent", "fraction"), [("40%", 0.4), ("40 %", 0.4), ("40,5", 0.405)])
def test_percent_as_text(percent: str, fraction: float) -> None:
    read = knovvu.status_from_progress("m", {"PERCENT": percent, "TrainingStatus": "training"})
    assert read.fraction == pytest.approx(fraction)
    assert read.stage == "training"


@pytest.mark.parametrize(
    ("word", "read", "message"),
    [
        ("Pending", "Pending", "The model is being published."),
        (" running ", "Running", "The model is published."),
        ("Sleeping", "Sleeping", ""),
        ("", None, ""),
        ("null", None, ""),
        (None, None, ""),
        (5, None, ""),
    ],
)
def test_whether_a_model_is_published(word: Any, read: str | None, message: str) -> None:
    told = {"percent": 100, "trainingStatus": "Completed", "inferenceStatus": word}
    assert knovvu.inference_status(told) == read
    assert knovvu.status_from_progress("m", told).message == message
    running = told | {"trainingStatus": "Training"}
    assert knovvu.status_from_progress("m", running).message == ""


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("<html><head><title> 502 Bad\nGateway </title></head><h1>No</h1>", "502 Bad Gateway"),
        ("<!DOCTYPE html>\n<TITLE>A &amp; B &lt;C&gt;</TITLE>", "A & B <C>"),
        ("<html><title></title><body><h1>Sorry</h1><p>Try later.", "Sorry Try later."),
        ("<html><script>var a = '<b>x</b>';</script><style>p {}</style><p>Down", "Down"),
        ("<html><!-- a <b> comment -->Down", "Down"),
        ("<html>" * 1000, "The service gave no reason."),
        ("<html><script>", "The service gave no reason."),
        ("<html><title>" * 5000, "The service gave no reason."),
        ("<html><!--" * 5000, "The service gave no reason."),
        ("5 < 6", "5 < 6"),
        ("a\x1b[31mb\u202e\x00c\r\nd", "a[31mbc d"),
    ],
)
def test_pages_and_texts_in_place_of_an_answer(page: str, message: str) -> None:
    assert knovvu.error_message(None, page) == message


@pytest.mark.parametrize("text", ["word " * 1000, "<html>" + "word " * 1000, "x" * 10**6])
def test_a_long_text_is_cut(text: str) -> None:
    message = knovvu.error_message(None, text)
    assert len(message) <= 300
    assert message.endswith("…")
    assert len(knovvu.error_message({"message": text}, "")) <= 1000


ODD = 'ab"cd\\ef&gh1'


@pytest.mark.parametrize(
    "page",
    [
        json.dumps({"error": {"message": f"wrong secret: {ODD}"}}),
        f"<html><title>wrong secret: {escape(ODD)}</title>",
    ],
)
def test_a_secret_that_is_repeated_is_scrubbed_however_it_is_written(page: str) -> None:
    answer = read_answer(400, page.encode(), secrets=[Secret(ODD)])
    assert "wrong secret: ***" in answer.message
    assert "gh1" not in repr(answer) + answer.message
