"""A model labels the rows of a DataFrame; the service is scripted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import nbtrain
from nbtrain import IntentClassification, Run, attach, predict
from nbtrain.errors import DataError, RequestError
from nbtrain.progress import RunState
from nbtrain.results import Inference, Prediction
from nbtrain.services.base import ALREADY_TRAINING
from nbtrain.testing import ScriptedService, training_script

SAID = {
    "where is it": [Prediction("late", None, 0.8), Prediction("lost", None, 0.2)],
    "it is gone": [Prediction("lost", None, 0.6)],
}


class Counting(ScriptedService):
    """Takes note of the texts that it is asked for."""

    def predict(self, run_id: str, texts: Any, top_n: int | None = None) -> Any:
        asked = list(texts)
        self.asked = asked
        return ScriptedService.predict(self, run_id, asked, top_n)

    asked: list[str]


@pytest.fixture
def service() -> Counting:
    return Counting(training_script(), predictions=SAID)


@pytest.fixture
def run(service: Counting) -> Run:
    return attach("r1", service)


def test_rows_get_label_and_confidence(run: Run, service: Counting) -> None:
    said = ["it is gone", "", None, "weather", "where is it", "it is gone", float("nan"), "  "]
    df = pd.DataFrame({"said": said, "n": range(8)}, index=list("aabbccdd"))
    told = predict(df, run, text="said")
    assert list(told.columns) == ["said", "n", "intent", "confidence", "out_of_domain"]
    assert told.index.equals(df.index)
    known = [0, 4, 5]
    assert told["intent"].iloc[known].tolist() == ["lost", "late", "lost"]
    assert told["confidence"].iloc[known].tolist() == [0.6, 0.8, 0.6]
    others = [1, 2, 3, 6, 7]
    assert told[["intent", "confidence"]].iloc[others].isna().all(axis=None)
    assert told["out_of_domain"].dtype == "boolean"
    assert told["out_of_domain"].tolist() == [
        False, pd.NA, pd.NA, True, False, False, pd.NA, pd.NA,
    ]  # fmt: skip
    assert list(df.columns) == ["said", "n"]
    assert service.asked == ["it is gone", "weather", "where is it"]


def test_a_service_that_does_not_tell_what_is_out_of_domain(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(self: Any, run_id: str, texts: Any, top_n: int | None = None) -> list[Inference]:
        return [Inference(text, text, tuple(SAID.get(text, ()))) for text in texts]

    monkeypatch.setattr(Counting, "predict", silent)
    told = predict(pd.DataFrame({"said": ["it is gone", "weather"]}), run, text="said")
    assert told["out_of_domain"].isna().all()
    assert told["intent"].tolist() == ["lost", pd.NA]


def test_nothing_is_asked_where_there_is_nothing_to_label(run: Run, service: Counting) -> None:
    service.asked = []
    for df in (
        pd.DataFrame({"said": [None, ""]}),
        pd.DataFrame({"said": pd.Series([], dtype=str)}),
    ):
        told = predict(df, run, text="said", intent="told", confidence="sure")
        assert told["told"].isna().all()
        assert told["sure"].isna().all()
    assert service.asked == []


def test_all_that_is_wrong_is_listed(run: Run) -> None:
    df = pd.DataFrame({"said": ["where is it", 5, b"x"], "intent": "true"})
    with pytest.raises(DataError) as caught:
        predict(df, run, text="said", confidence="said")
    text = str(caught.value)
    assert "intent: is a column of these data already" in text
    assert "said: is a column of these data already" in text
    assert "said: holds what is no text (2 rows: 1, 2)" in text
    with pytest.raises(DataError, match="Did you mean 'said'"):
        predict(df, run, text="sad")
    with pytest.raises(DataError, match="as intent is"):
        predict(df, run, text="said", intent="x", confidence="x")
    with pytest.raises(DataError, match="out_of_domain: is 'x' as confidence is"):
        predict(df, run, text="said", intent="z", confidence="x", out_of_domain="x")
    with pytest.raises(DataError, match="not a pandas DataFrame"):
        predict([1], run, text="said")  # type: ignore[arg-type]
    for name in (None, ["told"]):
        with pytest.raises(DataError, match="name of a new column"):
            predict(df, run, text="said", intent=name)  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="submit or attach"):
        predict(df, "r1", text="said")  # type: ignore[arg-type]


@pytest.mark.parametrize("texts", ["where is it", b"where", 5, None])
def test_what_is_no_list_of_texts_is_refused(texts: Any) -> None:
    with pytest.raises(RequestError, match="Give a list of texts"):
        attach("r1", ScriptedService(training_script())).predict(texts)


def test_a_script_is_retrained(run: Run, service: Counting, tmp_path: Path) -> None:
    df = pd.DataFrame({"text": ["one", "two"], "intent": ["a", "b"]})
    data = nbtrain.write_intents(df, tmp_path / "more.json", text="text", intent="intent")
    task = IntentClassification(5)
    again = run.retrain(task, data)
    assert service.retrainings == [(task, data)]
    assert again.first_status.state is RunState.QUEUED
    assert again.model_id == "demo"
    data.path.write_text("[]")
    with pytest.raises(DataError, match="was changed"):
        run.retrain(task, data)


def test_a_training_that_goes_on_already_is_warned_of(
    run: Run, service: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    first = replace(service.status("r1"), message=ALREADY_TRAINING)
    monkeypatch.setattr(Counting, "retrain", lambda self, run_id, task, data: first)
    with pytest.warns(UserWarning, match="nothing was added"):
        assert run.retrain().run_id == "r1"
