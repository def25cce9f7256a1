"""What a run looks like in a terminal: a progress bar, and a table of clusters."""

from __future__ import annotations

import shutil
import sys
from typing import TextIO

from ..errors import RunCancelled, RunFailed
from ..progress import History, RunState, RunStatus
from ..results import TrainingResult
from ..runs import Run

__all__ = ["follow", "terminal_table"]

_BAR = 30


def follow(run: Run, stream: TextIO | None = None) -> History:
    """Show a run's progress until it has ended well; an interrupt cancels it.

    Raises
    ------
    RunFailed, RunCancelled
        If it ended otherwise.
    """
    stream = stream if stream is not None else sys.stderr
    history = History()
    shown = ""
    live = stream.isatty()
    try:
        for update in run.watch():
            history.add(update)
            line = _line(update.status, history) if live else update.status.stage
            if line != shown:
                print(f"\r{line:<79}" if live else line, end="" if live else "\n", file=stream)
                stream.flush()
                shown = line
    except KeyboardInterrupt:
        run.cancel()
        print("\nCancelled.", file=stream)
        raise
    if live:
        print(file=stream)
    status = history.status
    assert status is not None
    if status.state is RunState.FAILED:
        raise RunFailed(f"Run {run.run_id} failed: {status.message}")
    if status.state is RunState.CANCELLED:
        raise RunCancelled(f"Run {run.run_id} was cancelled.")
    return history


def _line(status: RunStatus, history: History) -> str:
    done = round(_BAR * status.fraction)
    bar = "█" * done + "░" * (_BAR - done)
    times = f"{status.elapsed or 0:.0f} s"
    if status.remaining is not None:
        times += f", {status.remaining:.0f} s to go"
    epoch = f", iteration {history.last_epoch}" if history.last_epoch else ""
    return f"{bar} {status.fraction:4.0%} {status.stage}{epoch} ({times})"[:79]


def terminal_table(result: TrainingResult) -> str:
    """Write the clusters as lines of text that fit the terminal.

    Examples
    --------
    >>> from nbtrain.documents import DataSchema
    >>> from nbtrain.results import Cluster
    >>> cluster = Cluster(0, "card, lost", 2, ("card", "lost"), ("I lost my card",))
    >>> result = TrainingResult("r", "m", DataSchema.INTENT, (cluster,), ("a", "b"), (0, 0), (1, 1))
    >>> print(terminal_table(result))
    cluster  size  name        example
          0     2  card, lost  I lost my card
    """
    width = max(60, shutil.get_terminal_size((100, 24)).columns)
    names = max([len("name"), *(len(cluster.name) for cluster in result.clusters)])
    lines = [f"{'cluster':>7}  {'size':>4}  {'name':<{names}}  example"]
    for cluster in result.clusters:
        example = " ".join(cluster.examples[0].split()) if cluster.examples else ""
        room = max(10, width - 7 - 2 - 4 - 2 - names - 2)
        if len(example) > room:
            example = example[: room - 1] + "…"
        lines.append(
            f"{cluster.cluster_id:>7}  {cluster.size:>4}  {cluster.name:<{names}}  {example}"
        )
    return "\n".join(lines)
