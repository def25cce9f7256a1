"""The client of Einstein Language against the local service: the same calls, really trained.

Section numbers are those of the protocol's reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

import nbtrain
from nbtrain import (
    DataFile,
    EinsteinService,
    IntentClassification,
    LocalService,
    TrainingRequest,
    attach,
    connect_einstein,
    submit,
)
from nbtrain.errors import AuthenticationFailed, DataError, RequestRejected, RunNotFound
from nbtrain.home import ServiceRecord
from nbtrain.progress import RunState

from ..daemon_process import RunningDaemon, start_daemon
from .einstein_vendor import private_key

ACCOUNT = "me@example.com"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """A service that knows the public key of an account."""
    folder = tmp_path_factory.mktemp("einstein")
    private = load_pem_private_key(private_key().encode(), None)
    public = folder / "public.pem"
    public.write_bytes(
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    with start_daemon(folder / "home", public_key=public) as daemon:
        yield daemon


@pytest.fixture
def client(daemon: RunningDaemon) -> EinsteinService:
    return connect_einstein(daemon.url, ACCOUNT, private_key())


@pytest.fixture
def frame() -> pd.DataFrame:
    return nbtrain.samples.sentences(260, n_intents=4)


@pytest.fixture
def data(frame: pd.DataFrame, tmp_path: Path) -> DataFile:
    return write(frame[:200], tmp_path / "data.json")


def write(df: pd.DataFrame, path: Path) -> DataFile:
    return nbtrain.write_intents(df, path, text="text", intent="intent", schema="utterance")


def test_an_assertion_opens_the_local_service(daemon: RunningDaemon) -> None:
    """4: the same key pair, and another one."""
    assert connect_einstein(daemon.url, ACCOUNT, private_key()).datasets.all() is not None
    with pytest.raises(AuthenticationFailed):
        EinsteinService(daemon.url, access_token="made-up").datasets.all()


def test_a_refresh_token_opens_it_too(daemon: RunningDaemon, client: EinsteinService) -> None:
    """4."""
    refresh = client.refresh_token()
    again = EinsteinService(daemon.url, refresh_token=refresh)
    assert again.datasets.all() == client.datasets.all()


def test_an_intent_model_from_data_to_labels(
    client: EinsteinService, data: DataFile, frame: pd.DataFrame
) -> None:
    """7 to 13, by the client alone."""
    run = submit(TrainingRequest("whole-way", data, IntentClassification(12)), client)
    numbers: list[int] = []
    fractions = []
    for update in run.watch(0.05, timeout=120):
        numbers += [stats.epoch for stats in update.epochs]
        fractions.append(update.status.fraction)
        assert update.status.model_id == "whole-way"
    assert update.status.state is RunState.SUCCEEDED, update.status.message
    assert numbers == list(range(1, len(numbers) + 1))
    assert 1 <= len(numbers) <= 12
    assert fractions == sorted(fractions)
    metrics = {"train_loss", "test_loss", "train_accuracy", "test_accuracy", "macro_f1"}
    history = run.history()
    assert set(history.metrics) == metrics
    assert all(stats.confusion for stats in history.epochs)
    result = run.result()
    counts = frame[:200]["intent"].value_counts()
    assert {c.name: c.size for c in result.clusters} == counts.to_dict()
    evaluation = result.evaluation
    assert evaluation is not None
    assert evaluation.confusion.labels == tuple(frame[:200]["intent"].unique())
    assert evaluation.train_size + evaluation.test_size == len(frame[:200].drop_duplicates())
    assert evaluation.confusion.texts == evaluation.test_size
    assert evaluation.best_epoch in numbers
    told = nbtrain.predict(frame[200:], run, text="text", intent="told")
    assert (told["told"] == told["intent"]).mean() > 0.8
    assert attach("whole-way", client).run_id == run.run_id


def test_retrain_adds_examples_and_keeps_the_model(
    client: EinsteinService, data: DataFile, tmp_path: Path
) -> None:
    """7.3, 10."""
    run = submit(TrainingRequest("again", data, IntentClassification(3)), client)
    assert run.wait(120).state is RunState.SUCCEEDED
    training = client.models.training(run.run_id)
    before = client.datasets.get(training.dataset_id)
    extra = pd.DataFrame({"text": [f"my cat number {n} meows" for n in range(20)]})
    # Of one label only, which is not enough to train on, but to add.
    extra["intent"] = "cats"
    more = nbtrain.write_intents(extra, tmp_path / "more.json", text="text", intent="intent")
    again = run.retrain(IntentClassification(30), more)
    assert again.run_id == run.run_id
    assert again.wait(120).state is RunState.SUCCEEDED
    after = client.datasets.get(training.dataset_id)
    assert after.examples == before.examples + 20
    assert [label.name for label in after.labels][-1] == "cats"
    assert again.predict(["my cat number 7 meows"])[0].predictions[0].label == "cats"
    assert len(client.models.of_dataset(training.dataset_id)) == 1


def test_out_of_domain_texts_have_no_label(client: EinsteinService, tmp_path: Path) -> None:
    """13: an empty array for what is outside all labels."""
    frame = nbtrain.samples.sentences(500)
    task = IntentClassification(out_of_domain=True)
    run = submit(TrainingRequest("domain", write(frame, tmp_path / "d.json"), task), client)
    assert run.wait(120).state is RunState.SUCCEEDED
    outside = ["zzyzx qwv kjhgf", "play some jazz", "the mitochondria is the powerhouse of a cell"]
    known = frame["text"].tolist()[:20]
    told = nbtrain.predict(pd.DataFrame({"text": [*outside, *known]}), run, text="text")
    assert told["intent"][:3].isna().sum() >= 2
    assert told["confidence"].isna().tolist() == told["intent"].isna().tolist()
    assert told["intent"][3:].notna().sum() >= 18


def test_data_sets_by_hand(client: EinsteinService, tmp_path: Path) -> None:
    """5 to 8: the vendor's formats, examples, deletion."""
    path = tmp_path / "weather.csv"
    path.write_text('"what\'s the temperature",current-weather\nwill it rain,forecast\n'
                    '"rain, again?",forecast\nwill it rain,forecast\n')  # fmt: skip
    dataset = client.datasets.upload(path, "weather", language="de_DE")
    assert (dataset.examples, dataset.duplicates, dataset.language) == (3, 1, "de_DE")
    assert client.datasets.named("weather")[0].dataset_id == dataset.dataset_id
    texts = [example.text for example in client.datasets.examples(dataset.dataset_id)]
    assert sorted(texts) == ["rain, again?", "what's the temperature", "will it rain"]
    forecast = dataset.labels[1]
    of_label = client.datasets.examples(dataset.dataset_id, label_id=forecast.label_id)
    assert {example.label.name for example in of_label} == {"forecast"}
    client.datasets.delete(dataset.dataset_id)
    with pytest.raises(RequestRejected) as caught:
        client.datasets.get(dataset.dataset_id)
    assert caught.value.status == 404
    (tmp_path / "one.csv").write_text("only one column\n")
    with pytest.raises((DataError, RequestRejected), match="one column"):
        client.datasets.upload(tmp_path / "one.csv", "one")


def test_feedback_is_learned_from(client: EinsteinService, data: DataFile) -> None:
    """8, 9: with withFeedback only."""
    run = submit(TrainingRequest("feedback", data, IntentClassification(20)), client)
    assert run.wait(120).state is RunState.SUCCEEDED
    label = client.datasets.get(client.models.training(run.run_id).dataset_id).labels[0].name
    for number in range(10):
        client.datasets.send_feedback(run.run_id, f"my cat number {number} meows", label)
    plain = run.retrain(IntentClassification(20))
    assert plain.wait(120).state is RunState.SUCCEEDED
    without = client.models.training(run.run_id).stats
    run.retrain(IntentClassification(20, with_feedback=True)).wait(120)
    with_them = client.models.training(run.run_id).stats
    assert without is not None
    assert with_them is not None
    assert with_them.examples == without.examples + 10


def test_a_run_is_cancelled(client: EinsteinService, tmp_path: Path) -> None:
    """7.5: deleting a model stops its training."""
    df = nbtrain.samples.sentences(6000)
    data = write(df, tmp_path / "large.json")
    run = submit(TrainingRequest("stopped", data, IntentClassification(1000)), client)
    assert run.cancel().state is RunState.CANCELLED
    assert run.wait().state is RunState.CANCELLED
    with pytest.raises(RunNotFound):
        EinsteinService.status(
            connect_einstein(client._base_url, ACCOUNT, private_key()), run.run_id
        )


def test_a_model_in_training_again_answers_as_before(service: LocalService, data: DataFile) -> None:
    """10: until the new run succeeds, predictions use the old model; also by the model's name."""
    run = submit(TrainingRequest("steady", data, IntentClassification(5)), service)
    run.result(120)
    before = run.predict(["where is my card"])
    for ended in (False, True):
        again = run.retrain(IntentClassification(1000))
        if ended:
            again.cancel()
        assert attach("steady", service).run_id == again.run_id
        assert again.predict(["where is my card"]) == before
        again.cancel()


def test_both_clients_see_the_same_run(service: LocalService, data: DataFile) -> None:
    """The local service's own client, and the vendor's pointed at it."""
    run = submit(TrainingRequest("both", data, IntentClassification(10)), service)
    result = run.result(120)
    assert result.evaluation is not None
    record = ServiceRecord.load(service.home)
    assert record is not None
    token = RunningDaemon(record.url, record.client_id, record.client_secret, None, service.home)  # type: ignore[arg-type]
    vendor = EinsteinService(record.url, access_token=token.token())
    seen = attach("both", vendor)
    other = seen.result()
    assert other.evaluation is not None
    assert other.evaluation.confusion == result.evaluation.confusion
    assert other.evaluation.curve == result.evaluation.curve
    assert other.evaluation.best_epoch == result.evaluation.best_epoch
    told = [(e.epoch, dict(e.metrics), e.confusion) for e in service.epochs(run.run_id)]
    assert [(e.epoch, dict(e.metrics), e.confusion) for e in vendor.epochs(seen.run_id)] == told
    texts = ["where is my card", "cancel it"]
    ours, theirs = run.predict(texts), seen.predict(texts)
    assert [i.predictions[0].label for i in ours] == [i.predictions[0].label for i in theirs]
