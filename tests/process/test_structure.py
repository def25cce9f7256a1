"""A number of clusters that is chosen for texts with and without structure."""

from __future__ import annotations

import random

import pandas as pd
import pytest

import nbtrain
from nbtrain.services.local import LocalService


@pytest.mark.parametrize("shuffled", [False, True])
def test_auto_warns_of_texts_that_cluster_no_better_than_by_chance(
    service: LocalService, tmp_path_factory: pytest.TempPathFactory, shuffled: bool
) -> None:
    texts = list(nbtrain.samples.sentences(400)["text"])
    if shuffled:
        words = [word for text in texts for word in text.split()]
        random.Random(0).shuffle(words)
        left = iter(words)
        texts = [" ".join(next(left) for _ in text.split()) for text in texts]
    path = tmp_path_factory.mktemp("data") / "texts.json"
    data = nbtrain.write_intents(pd.DataFrame({"text": texts}), path, text="text")
    name = "by-chance" if shuffled else "by-topic"
    result = nbtrain.submit(nbtrain.TrainingRequest(name, data), service).result(timeout=120)
    assert any("no clear structure" in text for text in result.warnings) is shuffled
