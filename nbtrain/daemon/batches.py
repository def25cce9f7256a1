"""What a training process says, gathered until it is worth a write to disk."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ..progress import EpochStats
from ..protocols.job import Done, Failed, Message, Progress

__all__ = ["Batch", "in_batches"]

BATCH_SECONDS = 0.1


@dataclass(slots=True)
class Batch:
    """What a training process has said and the store doesn't have yet."""

    stage: str | None = None
    fraction: float = 0.0
    epochs: list[EpochStats] = field(default_factory=list)
    final: Done | Failed | None = None

    def add(self, message: Message, elapsed_before: float) -> None:
        """Take a message of a process that began after so many seconds of work."""
        match message:
            case Progress(stage, fraction):
                self.stage = str(stage)
                if math.isfinite(fraction):
                    self.fraction = min(1.0, max(self.fraction, fraction))
            case EpochStats():
                metrics = {k: v for k, v in message.metrics.items() if math.isfinite(v)}
                elapsed = message.elapsed + elapsed_before
                self.epochs.append(replace(message, metrics=metrics, elapsed=elapsed))
            case Done() | Failed():
                self.final = message


async def in_batches(messages: AsyncIterator[Message]) -> AsyncIterator[list[Message]]:
    """Gather messages for a moment, so that the disk is synced ten times a second at most."""
    queue: asyncio.Queue[Message | None] = asyncio.Queue()

    async def fill() -> None:
        try:
            async for message in messages:
                queue.put_nowait(message)
                if isinstance(message, Done | Failed):
                    break
        finally:
            queue.put_nowait(None)

    filler = asyncio.create_task(fill())
    ended = False
    try:
        while not ended:
            batch = [await queue.get()]
            with suppress(TimeoutError):
                async with asyncio.timeout(BATCH_SECONDS):
                    while batch[-1] is not None:
                        batch.append(await queue.get())
            ended = batch[-1] is None
            yield [message for message in batch if message is not None]
        await filler
    finally:
        filler.cancel()
