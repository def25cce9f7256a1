"""Texts that are labelled, one call each; feedback."""

from __future__ import annotations

import pandas as pd
import pytest

import nbtrain
from nbtrain import (
    EinsteinService,
    TrainingRequest,
    submit,
)
from nbtrain.errors import (
    RequestError,
    ServiceUnavailable,
)
from nbtrain.testing import FakeClock
from tests.contract.einstein_vendor import Einstein, private_key
from tests.contract.vendor import Quirk


def test_texts_are_labelled_in_their_order(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    """13: one call a text; an empty array for a text outside all labels."""
    run = submit(request_, client)
    run.wait()
    texts = [f"text {number % 40}" for number in range(60)]
    found = run.predict(["weather?", *texts, " "])
    assert [inference.text for inference in found] == ["weather?", *texts, " "]
    assert found[0].predictions == found[-1].predictions == ()
    assert [p.label for p in found[1].predictions] == ["a", "b"]
    assert einstein.count("intent") == 41
    assert [len(i.predictions) for i in client.predict("topics", ["text"], top_n=1)] == [1]


def test_a_dataframe_is_labelled(client: EinsteinService, request_: TrainingRequest) -> None:
    run = submit(request_, client)
    run.wait()
    df = pd.DataFrame({"said": ["lost", None, "weather", "", "lost"]}, index=[5, 4, 3, 2, 2])
    told = nbtrain.predict(df, run, text="said", intent="told", confidence="sure")
    assert list(told.columns) == ["said", "told", "sure", "out_of_domain"]
    assert told["out_of_domain"].isna().all()
    assert list(told.index) == list(df.index)
    assert told["told"].isna().tolist() == [False, True, True, True, False]
    assert told["sure"].isna().tolist() == [False, True, True, True, False]
    assert told["told"].iloc[4] == "a"
    assert told["sure"].iloc[0] == 0.7
    assert list(df.columns) == ["said"]


def test_the_vendors_own_models_answer(client: EinsteinService, einstein: Einstein) -> None:
    assert client.predict("CommunitySentiment", ["good"])[0].predictions[0].label == "positive"
    assert client.predict("GlobalIntentModel", ["good"])[0].predictions[0].label == "a"
    assert einstein.count("training") == 0


@pytest.mark.parametrize(
    ("texts", "top_n"), [("one text", None), (["a", None, 5], None), (["a"], 0), (["a"], True)]
)
def test_what_is_no_text_is_not_sent(
    client: EinsteinService, einstein: Einstein, texts: list[str], top_n: int | None
) -> None:
    with pytest.raises(RequestError, match="can't be labelled"):
        client.predict("M" * 26, texts, top_n)
    assert einstein.calls == []


def test_busy_predictions_are_repeated_after_the_pause_that_is_asked_for(
    client: EinsteinService, einstein: Einstein, clock: FakeClock
) -> None:
    """14: 5xx and 429 again, after Retry-After."""
    einstein.script("intent", Quirk(status=429, headers={"Retry-After": "17"}), Quirk(status=500))
    assert client.predict("GlobalIntentModel", ["text"])[0].predictions
    assert clock.now == 17.5


def test_a_limit_that_is_used_up_is_said(einstein: Einstein, clock: FakeClock) -> None:
    # The threads sleep by a clock of their own; the answers' time limit goes by the real one.
    client = EinsteinService(einstein.url, "me@example.com", private_key(), sleep=clock.sleep)
    said = {"message": "You have reached your predictions limit", "object": "error"}
    einstein.script("intent", *[Quirk(status=429, body=said)] * 99)
    with pytest.raises(ServiceUnavailable, match="reached your predictions limit"):
        client.predict("GlobalIntentModel", [f"text {number}" for number in range(50)])
    assert einstein.count("intent") <= 16  # four texts at once, four times each


def test_feedback_is_sent(client: EinsteinService, einstein: Einstein) -> None:
    """8."""
    example = client.datasets.send_feedback("M" * 26, "it is lost", "a")
    assert (example.text, example.label.name) == ("it is lost", "a")
