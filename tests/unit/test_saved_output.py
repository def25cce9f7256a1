"""What is left in a saved notebook: kept for a page that was reloaded, which is told of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ipywidgets.widgets.widget import _instances

from nbtrain.widgets.saved_output import SavedOutput, open_output
from tests.comm import Recorder, answer, recording

BUNDLE = {"text/html": "<p>12 clusters</p>", "text/plain": "12 clusters"}


@pytest.fixture
def comms() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


def test_the_first_page_hears_of_it_as_of_any_output(comms: Recorder) -> None:
    output = SavedOutput()
    answer(output, {"kind": "hello"})
    output.fill(BUNDLE)
    assert comms.custom(output) == []
    output.close()


def test_a_page_that_was_reloaded_is_told(comms: Recorder) -> None:
    output = SavedOutput()
    answer(output, {"kind": "hello"})
    answer(output, {"kind": "hello"})
    assert comms.custom(output) == []
    output.fill(BUNDLE)
    told = {"kind": "fill", "id": output.model_id, "data": BUNDLE}
    assert comms.custom(output) == [told]
    # A page that comes later still has it empty, maybe.
    answer(output, {"kind": "hello"})
    assert comms.custom(output) == [told, told]
    output.clear()
    assert comms.custom(output)[-1]["data"] == {"text/html": ""}
    output.close()


def test_other_messages_are_passed_over(comms: Recorder) -> None:
    output = SavedOutput()
    output.fill(BUNDLE)
    for message in ({"kind": "fill"}, {}):
        answer(output, message)
    assert comms.custom(output) == []
    output.close()


def test_without_a_notebook_there_is_none_and_closing_leaves_nothing(comms: Recorder) -> None:
    assert open_output() is None
    before = set(_instances)
    SavedOutput().close()
    assert set(_instances) == before
