"""A result becomes labelled intents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbtrain import DataError, TrainingResult, export_intents
from nbtrain.documents import DataSchema, Utterance
from nbtrain.files import read_utterances
from nbtrain.results import Cluster

NAMES: dict[str, Any] = {"dialogue_id": "conv", "speaker": "who", "text": "said"}
CLUSTERS = (Cluster(0, "card, lost", 2), Cluster(1, "fee", 1))


def result(schema: DataSchema, *documents: str) -> TrainingResult:
    return TrainingResult(
        "r",
        "m",
        schema,
        CLUSTERS,
        documents,
        (0, 1, 0)[: len(documents)],
        (0.9, 0.2, 0.5)[: len(documents)],
    )


def turns() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "conv": [1, 2, 1, 1, 3, 4],
            "who": ["user", "user", "agent", "user", "agent", "user"],
            "said": ["card lost", "a fee", "I see", "please help", "Anyone?", "other"],
        }
    )


def test_what_the_customer_said_is_labelled(tmp_path: Path) -> None:
    path = tmp_path / "i.json"
    file = export_intents(result(DataSchema.DIALOGUE, "1", "2", "3"), path, turns(), **NAMES)
    assert (file.path, file.schema, file.documents) == (path, DataSchema.INTENT, 3)
    assert list(read_utterances(path)) == [
        Utterance("card lost\nplease help", "card, lost"),
        Utterance("a fee", "fee"),
        Utterance("Anyone?", "card, lost"),
    ]


def test_unsure_documents_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "i.json"
    told = result(DataSchema.INTENT, "lost", "fee", "stolen")
    export_intents(told, path, min_confidence=0.5)
    assert list(read_utterances(path)) == [
        Utterance("lost", "card, lost"),
        Utterance("stolen", "card, lost"),
    ]
    with pytest.raises(DataError, match=r"min_confidence: is 0\.95"):
        export_intents(told, path, min_confidence=0.95)


@pytest.mark.parametrize(
    ("df", "names", "says"),
    [
        (None, NAMES, "df: is not given"),
        (turns(), {}, "text: is not named"),
        (turns(), {**NAMES, "speaker": None}, "speaker: is not named"),
        (turns(), {**NAMES, "text": "sad"}, "Did you mean 'said'"),
        (turns().assign(conv=9), NAMES, "conv: holds none of the dialogues"),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, df: Any, names: Any, says: str) -> None:
    with pytest.raises(DataError, match=says):
        export_intents(result(DataSchema.DIALOGUE, "1", "2"), tmp_path / "i.json", df, **names)
    assert not list(tmp_path.iterdir())
