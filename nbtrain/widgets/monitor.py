"""Watching one run: where it stands, its live chart, and a button to cancel it."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets

from ..charts import (
    CLUSTERING_METRICS,
    headline,
    step_word,
    training_chart,
    training_marks,
    training_points,
)
from ..errors import NbtrainError, WaitTimeout
from ..evaluation import Evaluation
from ..markup import escape
from ..progress import History, RunState, RunStatus, Update
from ..results import TrainingResult
from ..svg import training_bundle, training_sentence
from .chart import LiveChart
from .closing import close_parts

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from ..runs import Run

__all__ = ["RunMonitor", "open_picture"]

_FASTEST = 0.25
_COLOURS = {
    RunState.SUCCEEDED: "var(--jp-success-color1, #1b7f3b)",
    RunState.FAILED: "var(--jp-error-color1, #c62828)",
    RunState.CANCELLED: "var(--jp-warn-color1, #b45309)",
}


def open_picture() -> DisplayHandle | None:
    """Display nothing yet, in a place that a run's picture fills when the run has ended.

    The picture is an output of its own: it stays in the saved notebook, where a widget does not.
    None where there is no notebook to display in.
    """
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        return None
    handle: DisplayHandle | None = display(  # type: ignore[no-untyped-call]
        {"text/html": ""}, raw=True, display_id=True
    )
    return handle


class RunMonitor(ipywidgets.VBox):  # type: ignore[misc]
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
    picture : DisplayHandle, optional
        Where the picture goes when the monitor is part of a larger panel, from
        :func:`open_picture`. Displayed by itself, the monitor opens its own.
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
        interval: float = _FASTEST,
        picture: DisplayHandle | None = None,
        context: contextvars.Context | None = None,
        metrics: Iterable[str] = CLUSTERING_METRICS,
    ) -> None:
        self.run = run
        self.history = History()
        self.error: Exception | None = None
        self.evaluation: Evaluation | None = None
        self._result: TrainingResult | None = None
        self._interval = max(_FASTEST, interval)
        self._pictures = [picture] if picture is not None else []
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._over = threading.Event()
        self._callbacks: list[Callable[[RunMonitor], object]] = []
        self._notes: list[str] = []
        self._latest: dict[str, float] = {}
        self._shown_at = -_FASTEST
        self._running_since: float | None = None
        self._epochs_shown = self._progress_shown = 0
        self.chart = LiveChart(training_chart(metrics), title=run.model_id)
        self._status = ipywidgets.HTML(layout={"flex": "1 1 auto", "margin": "2px 8px"})
        self._status.add_class("nbt-status")
        self._cancel = ipywidgets.Button(
            description="Cancel", tooltip="Stop this run", icon="stop", layout={"flex": "0 0 auto"}
        )
        self._cancel.add_class("nbt-cancel")
        self._cancel.on_click(self._on_cancel)
        if not run.service.capabilities.cancel:
            self._cancel.layout.display = "none"
        row = ipywidgets.HBox(
            [self._status, self._cancel], layout={"align_items": "center", "width": "100%"}
        )
        # A box with a fraction of a pixel too much would get a scrollbar of its own.
        layout = {"width": "100%", "overflow": "visible"}
        super().__init__([row, self.chart], layout=layout)
        self.add_class("nbt-monitor")
        self._show_status()
        # A thread of its own context would lose the page after a reload: its messages would be
        # answered to whoever asked the kernel last.
        self._context = context.copy() if context is not None else contextvars.copy_context()
        self._thread = threading.Thread(
            target=self._context.run, args=(self._watch,), daemon=True, name=f"watch-{run.run_id}"
        )
        self._thread.start()

    def __repr__(self) -> str:
        status = self.status
        where = headline(status) if status is not None else "not seen yet"
        return f"<RunMonitor of run {self.run.run_id}: {where}>"

    @property
    def status(self) -> RunStatus | None:
        """Where the run stood when last seen."""
        return self.history.status

    # --- displaying --------------------------------------------------------------------------

    def show(self) -> None:
        """Display the monitor, and below it the place for the picture."""
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        with self._lock:
            picture = open_picture()
            if picture is not None:
                self._pictures.append(picture)
                if self._over.is_set():
                    self._fill_pictures([picture])

    def _ipython_display_(self) -> None:
        self.show()

    def on_end(self, callback: Callable[[RunMonitor], object]) -> None:
        """Call ``callback(monitor)`` from the watching thread when watching has ended.

        That is when the run has ended, or can't be watched any more: then ``error`` is set. At
        once if that has happened already; never after :meth:`close`.
        """
        with self._lock:
            if not self._over.is_set():
                self._callbacks.append(callback)
            if not self._over.is_set() or self._closed.is_set():
                return
        self._call(callback)

    def wait(self, timeout: float | None = None) -> RunStatus:
        """Wait until the run has ended and its picture is in the notebook.

        Cells of a notebook that nbconvert or papermill executes call this rather than
        :meth:`Run.wait`, which may return a moment before the picture is there.

        Raises
        ------
        WaitTimeout
            If it takes longer than ``timeout`` seconds; run and monitor go on.
        Exception
            The ``error`` that ended watching early.
        """
        if not self._over.wait(timeout):
            raise WaitTimeout(
                f"Run {self.run.run_id} has not ended after {timeout:g} s; it goes on."
            )
        if self._closed.is_set():
            raise WaitTimeout(f"The monitor of run {self.run.run_id} was closed; the run goes on.")
        if not self.chart.greeted:
            self._leave()
        if self.error is not None:
            raise self.error
        assert self.status is not None
        return self.status

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

    def close(self) -> None:
        """Stop watching and take the monitor off the page; the run itself goes on."""
        self._closed.set()
        self._over.set()
        with self._lock:
            close_parts(self)
            super().close()

    # --- watching, in a thread ---------------------------------------------------------------

    def _watch(self) -> None:
        try:
            for update in self.run.watch(self._interval):
                if self._closed.is_set():
                    return
                self._take(update)
        except Exception as error:
            self.error = error
        if not self._closed.is_set():
            self._evaluate()
            try:
                self._end()
            except Exception as error:
                self._note(f"The last state could not be shown: {_reason(error)}")

    def _evaluate(self) -> None:
        """Fetch what the chart can't know: why an intent model stopped, and at which epoch."""
        succeeded = self.status is not None and self.status.state is RunState.SUCCEEDED
        epochs = step_word(self.history.metrics) == "epoch"
        if not (succeeded and epochs and self.run.service.capabilities.result):
            return
        try:
            self.evaluation = self.result().evaluation
        except Exception as error:
            self._note(f"The evaluation could not be fetched: {_reason(error)}")

    def _take(self, update: Update) -> None:
        with self._lock:
            self.history.add(replace(update, status=self._timed(update.status)))
            for stats in update.epochs:
                self._latest.update(stats.metrics)
            now = time.monotonic()
            if now - self._shown_at >= _FASTEST and not update.status.state.ended:
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

    def _show_status(self) -> None:
        status = self.status
        state = status.state if status is not None else RunState.QUEUED
        percent = int(100 * status.fraction) if status is not None else 0
        words = [training_sentence(self.history)] if state.ended else self._waiting(status)
        if self.error is not None:
            words.append(f"Watching stopped: {_reason(self.error)}")
        words += self._notes
        colour = _COLOURS.get(state, "var(--jp-brand-color1, #1565c0)")
        # Read out when it is final, not four times a second.
        live = "polite" if state.ended or self.error is not None else "off"
        self._status.value = (
            f'<div role="status" aria-live="{live}" data-state="{state.value}" '
            f'data-percent="{percent}" style="line-height:1.4"><b style="color:{colour}">'
            f"● {'' if state.ended else escape(state.value)}</b> {escape(' '.join(words))}</div>"
        )

    def _waiting(self, status: RunStatus | None) -> list[str]:
        if status is not None and status.state is RunState.QUEUED:
            place = status.queue_position
            return [] if place is None else [f"Place {place:,} in the queue."]
        values = ", ".join(f"{name} {value:.3g}" for name, value in self._latest.items())
        step = step_word(self.history.metrics)
        return [f"{step} {self.history.last_epoch:,}: {values}"] if values else []

    def _end(self) -> None:
        # A page hears everything. Without one this may be nbconvert or papermill, and they hear
        # only what belongs to the cell that they are executing: what has no context does.
        if self.chart.greeted:
            self._leave()
        else:
            contextvars.Context().run(self._leave)
        with self._lock:
            self._over.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            self._call(callback)

    def _leave(self) -> None:
        """Show the last state, and leave it behind in the notebook."""
        with self._lock:
            if self.status is not None:
                self._show()
            self.chart.finish()
            self._show_status()
            self._status.send_state("value")
            self._cancel.disabled = True
            self._cancel.layout.display = "none"
            self._fill_pictures(self._pictures)

    def _fill_pictures(self, pictures: list[DisplayHandle]) -> None:
        bundle = training_bundle(self.history, self.evaluation)
        for picture in pictures:
            picture.update(bundle, raw=True)  # type: ignore[no-untyped-call]

    def _call(self, callback: Callable[[RunMonitor], object]) -> None:
        # In a thread nobody would see the traceback.
        try:
            callback(self)
        except Exception as error:
            self._note(f"What was to follow failed: {_reason(error)}")

    # --- cancelling --------------------------------------------------------------------------

    def _on_cancel(self, _button: Any) -> None:
        self._cancel.disabled = True
        self._cancel.description = "Cancelling…"
        # The service answers once the work has really stopped; clicks shall not wait for that.
        context = self._context.copy()
        threading.Thread(target=context.run, args=(self._stop_run,), daemon=True).start()

    def _stop_run(self) -> None:
        try:
            self.run.cancel()
        except Exception as error:
            self._note(f"Cancelling failed: {_reason(error)}")
            with self._lock:
                if not self._over.is_set():
                    self._cancel.disabled = False
                    self._cancel.description = "Cancel"

    def _note(self, text: str) -> None:
        with self._lock:
            self._notes.append(text)
            self._show_status()


def _reason(error: Exception) -> str:
    # Errors of ours are written to be read; any other is named too.
    return str(error) if isinstance(error, NbtrainError) else f"{type(error).__name__}: {error}"
