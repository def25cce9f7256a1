"""The largest sweeps: what is possible is taken, and what is not is said before it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

import nbtrain
from nbtrain import LocalService, RunState
from nbtrain.documents import Utterance
from nbtrain.errors import RequestError
from nbtrain.files import write_intent_file
from nbtrain.sweep_plans import MOST_FITS


@pytest.fixture
def request_of_many(tmp_path: Path) -> nbtrain.TrainingRequest:
    texts = [Utterance(f"text {n} of {n % 7}") for n in range(MOST_FITS + 1)]
    return nbtrain.TrainingRequest("many", write_intent_file(texts, tmp_path / "texts.json"))


def test_every_plan_that_is_possible_can_be_sent(
    request_of_many: nbtrain.TrainingRequest, service: LocalService
) -> None:
    counts = range(2, MOST_FITS + 2)
    sweep = nbtrain.sweep(request_of_many, counts, service=service)
    assert sorted(nbtrain.attach_sweep(sweep.sweep_id, service).plan.n_clusters) == list(counts)
    assert sweep.cancel().state is RunState.CANCELLED


def test_what_is_too_long_is_said_before_it_is_sent(
    request_of_many: nbtrain.TrainingRequest, service: LocalService
) -> None:
    before = service.sweeps()
    embedders = [f"/a/long/path/{'x' * 200}/{n}" for n in range(2_000)]
    with pytest.raises(RequestError, match=r"embedder: takes too much room\. Make several sweeps"):
        nbtrain.sweep(request_of_many, [2], embedder=embedders, service=service)
    assert service.sweeps() == before
