"""The client of Einstein Language: trainings sent once, watched, trained again, asked.

Against a scripted stand-in, for what the hosted service may do and the local one doesn't. Section
numbers are those of the protocol's reference.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import nbtrain
from nbtrain import (
    Clustering,
    DataFile,
    EinsteinService,
    IntentClassification,
    TrainingRequest,
    attach,
    submit,
)
from nbtrain.documents import DataSchema
from nbtrain.errors import (
    DataError,
    NotSupported,
    RequestError,
    RequestRejected,
    RunCancelled,
    RunNotFinished,
    RunNotFound,
    ServiceUnavailable,
    SubmitUncertain,
)
from nbtrain.progress import RunState
from nbtrain.services.base import ALREADY_TRAINING
from nbtrain.services.connection import Limits
from nbtrain.services.einstein_datasets import EinsteinDatasets
from nbtrain.services.submission import FOUND
from nbtrain.testing import FakeClock

from .einstein_vendor import Einstein, private_key
from .vendor import Quirk

ROWS = [("where is it", "a"), ("lost it", "a"), ("send it back", "b"), ("refund, please", "b"),
        ('he said "no"', "b"), ("lost it", "a")]  # fmt: skip


@pytest.fixture
def einstein() -> Iterator[Einstein]:
    with Einstein() as einstein:
        yield einstein


@pytest.fixture
def client(einstein: Einstein, clock: FakeClock) -> EinsteinService:
    return make(einstein, clock, Limits(read=0.5, accept=0.5, answer=0.5))


def make(einstein: Einstein, clock: FakeClock, limits: Limits | None = None) -> EinsteinService:
    start = time.monotonic()
    return EinsteinService(
        einstein.url,
        "me@example.com",
        private_key(),
        limits=limits,
        clock=lambda: clock() + time.monotonic() - start,
        sleep=clock.sleep,
        chance=lambda: 1.0,
    )


@pytest.fixture
def labelled(tmp_path: Path) -> DataFile:
    return write(tmp_path / "labelled.json", ROWS)


def write(path: Path, rows: list[tuple[str, str]]) -> DataFile:
    df = pd.DataFrame(rows, columns=["text", "intent"])
    return nbtrain.write_intents(df, path, text="text", intent="intent", schema="utterance")


@pytest.fixture
def request_(labelled: DataFile) -> TrainingRequest:
    return TrainingRequest("topics", labelled, IntentClassification())


# --- training --------------------------------------------------------------------------------


def test_data_and_training_are_sent_as_the_pages_say(
    client: EinsteinService, einstein: Einstein, labelled: DataFile
) -> None:
    """5, 7.1, 9: CSV without a header; what differs from the defaults goes into trainParams."""
    einstein.loading = 2
    task = IntentClassification(
        50, 7, train_share=0.7, out_of_domain=True, with_feedback=True
    )  # fmt: skip
    status = client.submit(TrainingRequest("topics", labelled, task, language="de-DE"))
    assert (status.state, status.model_id, status.queue_position) == (
        RunState.QUEUED, "topics", 1,
    )  # fmt: skip
    assert status.run_id in einstein.models
    data = einstein.data[1_000_001]
    assert data.fields == {
        "type": "text-intent", "language": "de_DE", "name": f"topics {labelled.sha256[:12]}",
    }  # fmt: skip
    assert data.rows == ROWS
    assert einstein.started == [
        {"datasetId": "1000001", "name": "topics", "algorithm": "multilingual-intent-ood",
         "epochs": "50", "trainParams": '{"trainSplitRatio": 0.7, "withFeedback": true}'}
    ]  # fmt: skip
    # Plain parameters are parts without a file name, with a boundary (2).
    call = next(call for call in einstein.calls if call.route == "train")
    assert "boundary=" in call.headers["content-type"]
    assert b"filename" not in call.body


def test_a_run_is_watched_to_its_end(
    client: EinsteinService, request_: TrainingRequest, tmp_path: Path
) -> None:
    """11, 12: a 404 of the learning curve while training is no data yet; then pages of 25."""
    run = submit(request_, client)
    updates = list(run.watch(0.0))
    states = [update.status.state for update in updates]
    assert states == [RunState.QUEUED, *[RunState.RUNNING] * 3, RunState.SUCCEEDED]
    fractions = [update.status.fraction for update in updates]
    assert fractions == sorted(fractions)
    assert [len(update.epochs) for update in updates] == [0, 0, 0, 0, 30]
    assert [stats.epoch for stats in updates[-1].epochs] == list(range(1, 31))
    assert run.history().last_epoch == 30
    result = run.result()
    assert [(c.cluster_id, c.name, c.size) for c in result.clusters] == [(0, "b", 3), (1, "a", 2)]
    assert result.evaluation is not None
    assert (result.evaluation.best_epoch, result.evaluation.last_epoch) == (12, 30)
    assert result.evaluation.stopped_early
    assert result.evaluation.confusion.labels == ("a", "b")
    assert result.metrics == {"accuracy": 1.0, "macro_f1": 1.0, "loss": 0.5}
    assert "nbtrain.predict" in result.warnings[0]
    with pytest.raises(DataError, match=r"nbtrain\.predict"):
        nbtrain.label(pd.DataFrame(ROWS, columns=["text", "intent"]), result)
    with pytest.raises(DataError, match="no labels of single texts"):
        nbtrain.export_intents(result, tmp_path / "export.json")
    assert attach("topics", client).run_id == run.run_id


def test_the_same_data_are_sent_once(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    first = submit(request_, client)
    with pytest.warns(UserWarning, match="was not taken"):
        again = submit(request_, client)
    assert again.run_id == first.run_id
    first.wait()
    kept = submit(replace(request_, force_train=False), client)
    assert (kept.run_id, len(einstein.started)) == (first.run_id, 1)
    anew = submit(request_, client)
    assert anew.run_id != first.run_id
    assert (len(einstein.started), len(einstein.data)) == (2, 1)
    assert attach("topics", client).run_id == anew.run_id
    other = submit(replace(request_, language="fr-FR"), client)
    assert (len(einstein.data), other.run_id) == (2, list(einstein.models)[-1])


def test_a_data_set_that_holds_something_else_is_not_taken(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    submit(request_, client).wait()
    einstein.data[1_000_001].rows.append(("more", "a"))
    submit(request_, client)
    assert len(einstein.data) == 2
    assert einstein.data[1_000_002].rows == ROWS


def test_large_data_go_in_parts(
    client: EinsteinService, einstein: Einstein, labelled: DataFile
) -> None:
    """5: at most 25 MB a file; the rest is added (7.3)."""
    datasets = EinsteinDatasets(client._http, part_bytes=40)
    dataset = datasets.upload(labelled, "parts")
    data = einstein.data[dataset.dataset_id]
    assert data.rows == ROWS
    assert len(data.files) == 3
    assert max(map(len, data.files)) <= 40
    assert (dataset.examples, dataset.duplicates, dataset.available) == (5, 1, True)


def test_what_cannot_be_loaded_says_why(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    einstein.failure = "the moon is full"
    with pytest.raises(DataError, match="the moon is full"):
        submit(request_, client)
    assert einstein.started == []


def test_what_einstein_cannot_train_is_not_sent(
    client: EinsteinService, einstein: Einstein, labelled: DataFile, tmp_path: Path
) -> None:
    free = nbtrain.write_intents(
        pd.DataFrame({"text": ["one", "two"]}), tmp_path / "free.json", text="text"
    )
    with pytest.raises(RequestError, match="Clustering, which Einstein does not know"):
        submit(TrainingRequest("topics", free, Clustering()), client)
    many = replace(labelled, words=3_000_001)
    with pytest.raises(RequestError, match="3,000,001 words"):
        client.submit(TrainingRequest("topics", many, IntentClassification()))
    assert einstein.calls == []


# What may happen to the answer of a training that was accepted.
PAGE = "<html><head><title>504 Gateway Time-out</title></head></html>"
LOST = {
    "no answer": Quirk(act=True, cut=-1),
    "cut answer": Quirk(act=True, cut=20),
    "time-out": Quirk(act=True, pause=0.9),
    "502": Quirk(act=True, status=502, body=PAGE),
    "504": Quirk(act=True, status=504, body={"message": "Endpoint request timed out"}),
    "408": Quirk(act=True, status=408, body=""),
    "500 empty": Quirk(act=True, status=500, body=""),
    "500 told": Quirk(act=True, status=500, body={"message": "oh"}),
    "503": Quirk(act=True, status=503, body="upstream connect error"),
    "page": Quirk(act=True, status=200, body="<!doctype html><title>Please wait</title>"),
}


@pytest.mark.parametrize("quirk", LOST.values(), ids=LOST)
def test_a_training_whose_answer_is_lost_is_found(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, quirk: Quirk
) -> None:
    einstein.script("train", quirk)
    status = client.submit(request_)
    assert (status.run_id, status.message) == (next(iter(einstein.models)), FOUND)
    assert einstein.count("train") == len(einstein.started) == 1


@pytest.mark.parametrize("quirk", LOST.values(), ids=LOST)
def test_what_is_not_found_is_not_sent_again(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, quirk: Quirk,
    clock: FakeClock,
) -> None:  # fmt: skip
    submit(request_, client).wait()  # an older model, that must not be taken for this one
    before = clock.now
    body = b"" if quirk.body is None else quirk.body
    einstein.script("train", replace(quirk, act=False, body=body))
    if quirk.status == 503:
        with pytest.raises(ServiceUnavailable, match="upstream"):
            client.submit(request_)
    elif isinstance(quirk.body, dict) and quirk.status == 500:
        with pytest.raises(RequestRejected, match="oh"):
            client.submit(request_)
    else:
        with pytest.raises(SubmitUncertain, match=r"attach\('topics'\)"):
            client.submit(request_)
        # The looks, and perhaps a retry of one on the connection that was cut.
        assert 7.0 <= clock.now - before < 8.0
    assert (einstein.count("train"), len(einstein.started)) == (2, 1)


def test_a_refusal_is_said_as_it_is(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    said = {"message": "The dataset has more than 3,000,000 words."}
    einstein.script("train", Quirk(status=400, body=said))
    with pytest.raises(RequestRejected, match="more than 3,000,000 words"):
        client.submit(request_)


def test_somebody_else_was_quicker(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    """9: the words of the refusal are not to be relied on (14)."""

    def start_another(call: object) -> dict[str, str]:
        fields = {"datasetId": "1000001", "name": "by-somebody"}
        from .einstein_vendor import Model

        einstein.models["N" * 26] = Model("N" * 26, 1_000_001, fields)
        return {"message": "Nein"}

    einstein.script("train", Quirk(status=400, body=start_another))
    status = client.submit(request_)
    assert (status.run_id, status.message) == ("N" * 26, ALREADY_TRAINING)


def test_an_upload_whose_answer_is_lost_is_found(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    einstein.script("upload", Quirk(act=True, cut=-1))
    client.submit(request_)
    assert (len(einstein.data), len(einstein.started)) == (1, 1)
    assert einstein.count("upload") == 1


@pytest.mark.parametrize("quirk", [Quirk(cut=-1), Quirk(status=503)])
def test_an_upload_that_did_not_arrive_is_not_trained(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, quirk: Quirk
) -> None:
    einstein.script("upload", quirk)
    with pytest.raises(ServiceUnavailable):
        client.submit(request_)
    assert einstein.started == []
    client.submit(request_)
    assert len(einstein.started) == 1


# --- retraining ------------------------------------------------------------------------------


def test_a_model_is_trained_again_in_place(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, tmp_path: Path
) -> None:
    """10: retrain keeps the model's id; examples come before it."""
    run = submit(request_, client)
    run.wait()
    more = write(tmp_path / "more.json", [("where, oh where", "a"), ("a cable", "c")])
    again = run.retrain(IntentClassification(20), more)
    assert again.run_id == run.run_id
    assert einstein.data[1_000_001].rows == [*ROWS, ("where, oh where", "a"), ("a cable", "c")]
    assert einstein.started[-1] == {
        "modelId": run.run_id, "algorithm": "multilingual-intent", "epochs": "20",
    }  # fmt: skip
    with pytest.warns(UserWarning, match="nothing was added"):
        busy = run.retrain(data=more)
    assert busy.run_id == run.run_id
    assert len(einstein.data[1_000_001].files) == 2
    assert again.wait().state is RunState.SUCCEEDED
    run.retrain()
    assert einstein.started[-1] == {"modelId": run.run_id}
    assert len(einstein.models) == 1


@pytest.mark.parametrize("quirk", LOST.values(), ids=LOST)
def test_a_retraining_whose_answer_is_lost_is_found(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, quirk: Quirk
) -> None:
    run = submit(request_, client)
    run.wait()
    einstein.script("retrain", quirk)
    assert client.retrain(run.run_id).message == FOUND
    assert einstein.count("retrain") == 1


def test_a_retraining_that_did_not_arrive_is_uncertain(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    run = submit(request_, client)
    run.wait()
    einstein.script("retrain", Quirk(cut=-1))
    with pytest.raises(SubmitUncertain):
        client.retrain(run.run_id)
    assert len(einstein.started) == 1


def test_bad_retrainings_are_not_sent(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, tmp_path: Path
) -> None:
    run = submit(request_, client)
    free = nbtrain.write_intents(
        pd.DataFrame({"text": ["one", "two"]}), tmp_path / "free.json", text="text"
    )
    with pytest.raises(RequestError, match="epochs: is 0"):
        run.retrain(IntentClassification(0), free)
    with pytest.raises(RequestError, match="holds dialogues"):
        run.retrain(data=replace(free, schema=DataSchema.DIALOGUE))
    run.wait()
    with pytest.raises(DataError, match="2 texts without intent"):
        run.retrain(data=free)
    for task, data in [("again", None), (None, "more.json")]:
        with pytest.raises(RequestError, match="is a str"):
            run.retrain(task, data)  # type: ignore[arg-type]
    with pytest.raises(RunNotFound):
        client.retrain("A" * 26)
    assert einstein.count("retrain") == 0


# --- cancelling, results ---------------------------------------------------------------------


def test_cancel_deletes_a_model_that_was_never_trained(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    run = submit(request_, client)
    with pytest.raises(RunNotFinished):
        client.result(run.run_id)
    assert run.cancel().state is RunState.CANCELLED
    assert einstein.models == {}
    assert run.wait().state is RunState.CANCELLED
    assert client.epochs(run.run_id) == ()
    with pytest.raises(RunCancelled):
        run.result()


def test_cancel_never_deletes_a_trained_model(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    run = submit(request_, client)
    run.wait()
    assert run.cancel().state is RunState.SUCCEEDED
    again = run.retrain()
    with pytest.raises(NotSupported, match="trained again"):
        again.cancel()
    assert list(einstein.models) == [run.run_id]


def test_unknown_models_are_not_found(client: EinsteinService) -> None:
    calls: list[Callable[[str], object]] = [
        client.status, client.epochs, client.result, client.cancel, client.retrain,
        lambda run_id: client.predict(run_id, ["text"]),
    ]  # fmt: skip
    for call in calls:
        for name in ("A" * 26, "no-such-model", "../../etc"):
            with pytest.raises(RunNotFound):
                call(name)


# --- predictions -----------------------------------------------------------------------------


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
