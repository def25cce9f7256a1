"""Progress never falls and doesn't flood."""

from __future__ import annotations

import pytest

from nbtrain.progress import EpochStats
from nbtrain.protocols.job import Message, Progress
from nbtrain.worker.expected_times import classification_times, clustering_times, fit_ends
from nbtrain.worker.reporting import Reporter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_rises_from_stage_to_stage() -> None:
    sent: list[Message] = []
    clock = Clock()
    reporter = Reporter(sent.append, {"reading": 1.0, "embedding": 5.0, "clustering": 2.0}, clock)
    for name in ("reading", "embedding", "clustering"):
        reporter.stage(name)
        for share in (0.5, 0.2, 1.0, 1.7, -1.0):
            clock.now += 1.0
            reporter.step(share)
    told = [message for message in sent if isinstance(message, Progress)]
    fractions = [message.fraction for message in told]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert [message.stage for message in told[::6]] == ["reading", "embedding", "clustering"]


def test_at_most_ten_messages_a_second() -> None:
    sent: list[Message] = []
    clock = Clock()
    reporter = Reporter(sent.append, {"embedding": 1.0}, clock)
    reporter.stage("embedding")
    step = reporter.part(0.5, 1.0)
    for number in range(1000):
        clock.now = number / 1000
        step(number / 1000)
    assert 9 <= len(sent) <= 11


def test_epochs_are_numbered_and_timed() -> None:
    sent: list[Message] = []
    clock = Clock()
    reporter = Reporter(sent.append, {"clustering": 1.0}, clock)
    clock.now = 2.0
    reporter.epoch({"objective": 0.5})
    reporter.epoch({"objective": 0.6})
    assert sent == [EpochStats(1, {"objective": 0.5}, 2.0), EpochStats(2, {"objective": 0.6}, 2.0)]


def test_a_better_estimate_never_lets_the_fraction_fall() -> None:
    sent: list[Message] = []
    clock = Clock()
    reporter = Reporter(sent.append, {"reading": 1.0, "embedding": 1.0}, clock)
    reporter.stage("reading")
    clock.now = 1.0
    reporter.step(1.0)
    reporter.expect({"reading": 1.0, "embedding": 3.0})
    reporter.stage("embedding")
    first, second = reporter.parts([1.0, 2.0])
    clock.now = 2.0
    first(1.0)
    clock.now = 3.0
    second(0.5)
    told = [message.fraction for message in sent if isinstance(message, Progress)]
    assert told == [0.0, 0.5, 0.5, 0.5, 0.75]


@pytest.mark.parametrize("n_texts", [0, 1, 500, 22_500, 1_000_000])
def test_every_stage_is_expected_to_take_time(n_texts: int) -> None:
    plain = clustering_times(n_texts, auto=True)
    assert list(plain) == [
        "reading", "embedding", "choosing", "clustering", "mapping", "naming", "saving",
    ]  # fmt: skip
    assert "choosing" not in clustering_times(n_texts, auto=False)
    assert min(plain.values()) >= 0
    words, subwords, pairs = fit_ends(n_texts)
    assert 0 <= words <= subwords <= pairs <= 1
    neural = clustering_times(n_texts, auto=True, neural=True)
    assert neural["embedding"] >= plain["embedding"]
    assert min(classification_times(n_texts, 20).values()) > 0


def test_a_neural_model_takes_most_of_the_time() -> None:
    neural = clustering_times(20_000, auto=True, neural=True)
    assert neural["embedding"] / sum(neural.values()) > 0.85
    neural = classification_times(20_000, 20, neural=True)
    assert neural["features"] / sum(neural.values()) > 0.6
