"""Watching one run: where it stands, its live chart, and a button to cancel it."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..charts import (
    CLUSTERING_METRICS,
    headline,
    step_word,
    training_chart,
    training_marks,
    training_points,
)
from ..evaluation import Evaluation
from ..progress import History, RunState, RunStatus, Update
from ..results import TrainingResult
from ..svg import training_bundle, training_sentence
from .chart import LiveChart
from .saved_output import SavedOutput
from .watching import FASTEST, WatchingBox, reason

if TYPE_CHECKING:
    from ..runs import Run

__all__ = ["RunMonitor"]


class RunMonitor(WatchingBox):
    """Show one run while it goes on, and leave a picture of it in the notebook.

    Displayed, it is a status line with a Cancel button over a live chart. The picture is an
    output of its own, filled when the run has ended. It shows in the saved notebook without a
    kernel; as long as the live chart is on the page it is hidden.

    Parameters
    ----------
    run : Run
        From :func:`nbtrain.submit` or :func:`nbtrain.attach`.
    interval : float
        Seconds between two looks at the run; 0.25 is the least.
    picture : SavedOutput, optional
        Where the picture goes when the monitor is part of a larger panel, from
        :func:`open_output`. Displayed by itself, the monitor opens its own.
    context : contextvars.Context, optional
        The context of the cell that made the panel; needed only when the monitor is made in a
        widget's callback, whose own context may not outlive a reload of the page.
    metrics : iterable of str
        What the chart is laid out for until the run's own metrics are known.

    Attributes
    ----------
    run : Run
    history : History
        All that was seen of the run so far.
    chart : LiveChart
    error : Exception or None
        Why watching stopped before the run had ended.
    evaluation : Evaluation or None
        Of an intent model that was trained: its best epoch and where it stopped are marked.

    Notes
    -----
    Stable CSS classes: ``nbt-monitor``, and in it ``nbt-status``, ``nbt-cancel`` and
    ``nbt-live-chart``. The status line's element has ``data-state`` and ``data-percent``.
    """

    def __init__(
        self,
        run: Run,
        *,
        interval: float = FASTEST,
        picture: SavedOutput | None = None,
        context: contextvars.Context | None = None,
        metrics: Iterable[str] = CLUSTERING_METRICS,
    ) -> None:
        self.run = run
        self.history = History()
        self.evaluation: Evaluation | None = None
        self._result: TrainingResult | None = None
        self._interval = max(FASTEST, interval)
        self._latest: dict[str, float] = {}
        self._shown_at = -FASTEST
        self._running_since: float | None = None
        self._epochs_shown = self._progress_shown = 0
        super().__init__(
            LiveChart(training_chart(metrics), title=run.model_id),
            stop=("Cancel", "Cancelling…", "Stop this run"),
            picture=picture,
            context=context,
        )
        if not run.service.capabilities.cancel:
            self._cancel.layout.display = "none"
        self.add_class("nbt-monitor")
        self._show_status()
        self._start(run.run_id)

    def __repr__(self) -> str:
        status = self.status
        where = headline(status) if status is not None else "not seen yet"
        return f"<RunMonitor of run {self.run.run_id}: {where}>"

    @property
    def status(self) -> RunStatus | None:
        """Where the run stood when last seen."""
        return self.history.status

    @property
    def _what(self) -> str:
        return f"Run {self.run.run_id}"

    def result(self) -> TrainingResult:
        """Return the result of the run, which is fetched only once.

        Raises
        ------
        RunFailed, RunCancelled, ServiceError
            As :meth:`Run.result` does.
        """
        if self._result is None:
            self._result = self.run.result()
        return self._result

    # --- watching, in a thread ---------------------------------------------------------------

    def _updates(self) -> Iterator[Update]:
        return self.run.watch(self._interval)

    def _before_end(self) -> None:
        """Fetch what the chart can't know: why an intent model stopped, and at which epoch."""
        succeeded = self.status is not None and self.status.state is RunState.SUCCEEDED
        epochs = step_word(self.history.metrics) == "epoch"
        if not (succeeded and epochs and self.run.service.capabilities.result):
            return
        try:
            self.evaluation = self.result().evaluation
        except Exception as error:
            self._note(f"The evaluation could not be fetched: {reason(error)}")

    def _take(self, update: Update) -> None:
        with self._lock:
            self.history.add(replace(update, status=self._timed(update.status)))
            for stats in update.epochs:
                self._latest.update(stats.metrics)
            now = time.monotonic()
            if now - self._shown_at >= FASTEST and not update.status.state.ended:
                self._shown_at = now
                self._show()

    def _timed(self, status: RunStatus) -> RunStatus:
        """Time the run ourselves where its service doesn't."""
        if status.elapsed is not None or status.state is RunState.QUEUED:
            return status
        if self._running_since is None:
            self._running_since = time.monotonic()
        return replace(status, elapsed=time.monotonic() - self._running_since)

    def _show(self) -> None:
        history = self.history
        assert history.status is not None
        title = f"{history.status.model_id} · {headline(history.status)}"
        new = training_points(
            history, epochs_from=self._epochs_shown, progress_from=self._progress_shown
        )
        self._epochs_shown, self._progress_shown = len(history.epochs), len(history.progress)
        marks = training_marks(history, self.evaluation)
        if new.keys() <= self.chart.counts.keys():
            self.chart.append(new, title=title, marks=marks)
        else:
            chart = training_chart(history.metrics)
            self.chart.replace(chart, training_points(history), title=title, marks=marks)
        self._show_status()

    def _words(self) -> list[str]:
        status = self.status
        if status is not None and status.state.ended:
            return [training_sentence(self.history)]
        return self._waiting(status)

    def _waiting(self, status: RunStatus | None) -> list[str]:
        if status is not None and status.state is RunState.QUEUED:
            place = status.queue_position
            return [] if place is None else [f"Place {place:,} in the queue."]
        values = ", ".join(f"{name} {value:.3g}" for name, value in self._latest.items())
        step = step_word(self.history.metrics)
        return [f"{step} {self.history.last_epoch:,}: {values}"] if values else []

    def _bundle(self) -> Mapping[str, Any]:
        return training_bundle(self.history, self.evaluation)

    def _cancel_it(self) -> None:
        self.run.cancel()
