"""Progress never falls and doesn't flood."""

from __future__ import annotations

from nbtrain.progress import EpochStats
from nbtrain.protocols.job import Message, Progress
from nbtrain.worker.reporting import Reporter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_rises_from_stage_to_stage() -> None:
    sent: list[Message] = []
    clock = Clock()
    reporter = Reporter(sent.append, ["reading", "embedding", "clustering"], clock)
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
    reporter = Reporter(sent.append, ["embedding"], clock)
    reporter.stage("embedding")
    step = reporter.part(0.5, 1.0)
    for number in range(1000):
        clock.now = number / 1000
        step(number / 1000)
    assert 9 <= len(sent) <= 11


def test_epochs_are_numbered_and_timed() -> None:
    sent: list[Message] = []
    clock = Clock()
    reporter = Reporter(sent.append, ["clustering"], clock)
    clock.now = 2.0
    reporter.epoch({"objective": 0.5})
    reporter.epoch({"objective": 0.6})
    assert sent == [EpochStats(1, {"objective": 0.5}, 2.0), EpochStats(2, {"objective": 0.6}, 2.0)]


def test_a_neural_model_takes_most_of_the_time() -> None:
    told: list[Message] = []
    stages = ["reading", "embedding", "clustering"]
    for neural in (False, True):
        Reporter(told.append, stages, neural=neural).stage("clustering")
    plain, neural_one = told
    assert isinstance(plain, Progress)
    assert isinstance(neural_one, Progress)
    assert plain.fraction < 0.7 < 0.85 < neural_one.fraction
