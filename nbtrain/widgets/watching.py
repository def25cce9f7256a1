"""Watching something in a thread, showing it, and leaving a picture of it in the notebook."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self

import ipywidgets

from ..errors import NbtrainError, WaitTimeout
from ..markup import escape
from ..progress import RunState, RunStatus
from .chart import LiveChart
from .closing import close_parts
from .saved_output import SavedOutput, open_output

__all__ = ["FASTEST", "WatchingBox", "reason"]

FASTEST = 0.25
"""Seconds between two looks, and between two redraws, at least."""
_COLOURS = {
    RunState.SUCCEEDED: "var(--jp-success-color1, #1b7f3b)",
    RunState.FAILED: "var(--jp-error-color1, #c62828)",
    RunState.CANCELLED: "var(--jp-warn-color1, #b45309)",
}


class WatchingBox(ipywidgets.VBox):  # type: ignore[misc]
    """What shows something that goes on elsewhere: a status line, a live chart, a picture.

    Made into a whole by its subclasses, which call :meth:`_start` when they are ready.

    Parameters
    ----------
    chart : LiveChart
    stop : tuple of str
        Words of the button that ends it, before and after it is pressed, and its tooltip.
    picture : SavedOutput, optional
        Where the picture goes, if not where the box itself is displayed.
    context : contextvars.Context, optional
        The context of the cell that made the panel.
    """

    chart: LiveChart
    error: Exception | None
    children: Any

    def __init__(
        self,
        chart: LiveChart,
        *,
        stop: tuple[str, str, str],
        picture: SavedOutput | None,
        context: contextvars.Context | None,
    ) -> None:
        self.chart = chart
        self.error = None
        self._pictures = [picture] if picture is not None else []
        self._own_pictures: list[SavedOutput] = []
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._over = threading.Event()
        self._callbacks: list[Callable[[Self], object]] = []
        self._notes: list[str] = []
        self._status = ipywidgets.HTML(layout={"flex": "1 1 auto", "margin": "2px 8px"})
        self._status.add_class("nbt-status")
        self._stop_word, self._stopping_word, tooltip = stop
        self._cancel = ipywidgets.Button(
            description=self._stop_word,
            tooltip=tooltip,
            icon="stop",
            layout={"flex": "0 0 auto"},
        )
        self._cancel.add_class("nbt-cancel")
        self._cancel.on_click(self._on_cancel)
        row = ipywidgets.HBox(
            [self._status, self._cancel], layout={"align_items": "center", "width": "100%"}
        )
        # A box with a fraction of a pixel too much would get a scrollbar of its own.
        layout = {"width": "100%", "overflow": "visible"}
        super().__init__([row, chart], layout=layout)
        # A thread of its own context would lose the page after a reload: its messages would be
        # answered to whoever asked the kernel last.
        self._context = context.copy() if context is not None else contextvars.copy_context()

    # --- what each has of its own ----------------------------------------------------------

    @property
    def status(self) -> RunStatus | None:
        """Where it stood when last seen."""
        raise NotImplementedError

    @property
    def _what(self) -> str:
        """What is watched, in words that begin a sentence."""
        raise NotImplementedError

    def _updates(self) -> Iterator[Any]:
        """Yield what is new until it has ended."""
        raise NotImplementedError

    def _take(self, update: Any) -> None:
        """Take in what is new, and show it if it is time to."""
        raise NotImplementedError

    def _show(self) -> None:
        """Show all that was taken in."""
        raise NotImplementedError

    def _words(self) -> list[str]:
        """Return the sentences of the status line."""
        raise NotImplementedError

    def _bundle(self) -> Mapping[str, Any]:
        """Return the picture that stays in the notebook."""
        raise NotImplementedError

    def _cancel_it(self) -> None:
        """End it; returns when it has ended."""
        raise NotImplementedError

    def _before_end(self) -> None:
        """Fetch what belongs to the last state."""

    # --- displaying --------------------------------------------------------------------------

    def show(self) -> None:
        """Display the monitor, and below it the place for the picture."""
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        picture = open_output()
        self._own_pictures += [picture] if picture is not None else []
        self.add_picture(picture)

    def add_picture(self, picture: SavedOutput | None) -> None:
        """Leave the picture in another place, too; at once if what it shows has ended."""
        with self._lock:
            if picture is not None:
                self._pictures.append(picture)
                if self._over.is_set():
                    self._fill_pictures([picture])

    def _ipython_display_(self) -> None:
        self.show()

    def on_end(self, callback: Callable[[Self], object]) -> None:
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
        """Wait until it has ended and its picture is in the notebook.

        Cells of a notebook that nbconvert or papermill executes call this rather than the
        ``wait`` of what is watched, which may return a moment before the picture is there.

        Raises
        ------
        WaitTimeout
            If it takes longer than ``timeout`` seconds; run and monitor go on.
        Exception
            The ``error`` that ended watching early.
        """
        if not self._over.wait(timeout):
            raise WaitTimeout(f"{self._what} has not ended after {timeout:g} s; it goes on.")
        if self._closed.is_set():
            what = self._what[:1].lower() + self._what[1:]
            raise WaitTimeout(f"The monitor of {what} was closed; it goes on.")
        if not self.chart.greeted:
            self._leave()
        if self.error is not None:
            raise self.error
        assert self.status is not None
        return self.status

    def close(self) -> None:
        """Stop watching and take the monitor off the page; what it watches goes on."""
        if "_closed" not in vars(self):
            # It could not be made; ipywidgets closes what goes out of memory.
            return
        self._closed.set()
        self._over.set()
        with self._lock:
            for picture in self._own_pictures:
                picture.close()
            close_parts(self)
            super().close()

    # --- watching, in a thread ---------------------------------------------------------------

    def _start(self, name: str) -> None:
        self._thread = threading.Thread(
            target=self._context.run, args=(self._watch,), daemon=True, name=f"watch-{name}"
        )
        self._thread.start()

    def _watch(self) -> None:
        try:
            for update in self._updates():
                if self._closed.is_set():
                    return
                self._take(update)
        except Exception as error:
            self.error = error
        if not self._closed.is_set():
            self._before_end()
            try:
                self._end()
            except Exception as error:
                self._note(f"The last state could not be shown: {reason(error)}")

    def _show_status(self) -> None:
        status = self.status
        state = status.state if status is not None else RunState.QUEUED
        percent = int(100 * status.fraction) if status is not None else 0
        words = self._words()
        if self.error is not None:
            words.append(f"Watching stopped: {reason(self.error)}")
        words += self._notes
        colour = _COLOURS.get(state, "var(--jp-brand-color1, #1565c0)")
        # Read out when it is final, not four times a second.
        live = "polite" if state.ended or self.error is not None else "off"
        self._status.value = (
            f'<div role="status" aria-live="{live}" data-state="{state.value}" '
            f'data-percent="{percent}" style="line-height:1.4"><b style="color:{colour}">'
            f"● {'' if state.ended else escape(state.value)}</b> {escape(' '.join(words))}</div>"
        )

    def _end(self) -> None:
        # A page hears everything. Without one this may be nbconvert or papermill, and they hear
        # only what belongs to the cell that they are executing: what has no context does.
        if self.chart.greeted:
            self._leave()
        else:
            contextvars.Context().run(self._leave)
        with self._lock:
            self._over.set()
            callbacks = [] if self._closed.is_set() else self._callbacks
            self._callbacks = []
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

    def _fill_pictures(self, pictures: Iterable[SavedOutput]) -> None:
        bundle = self._bundle()
        for picture in pictures:
            picture.fill(bundle)

    def _call(self, callback: Callable[[Self], object]) -> None:
        # In a thread nobody would see the traceback.
        try:
            callback(self)
        except Exception as error:
            self._note(f"What was to follow failed: {reason(error)}")

    # --- ending it -----------------------------------------------------------------------------

    def _on_cancel(self, _button: Any) -> None:
        self._cancel.disabled = True
        self._cancel.description = self._stopping_word
        # The service answers once the work has really stopped; clicks shall not wait for that.
        context = self._context.copy()
        threading.Thread(target=context.run, args=(self._stop,), daemon=True).start()

    def _stop(self) -> None:
        try:
            self._cancel_it()
        except Exception as error:
            self._note(f"{self._stopping_word.rstrip('…')} failed: {reason(error)}")
            with self._lock:
                if not self._over.is_set():
                    self._cancel.disabled = False
                    self._cancel.description = self._stop_word

    def _note(self, text: str) -> None:
        with self._lock:
            self._notes.append(text)
            self._show_status()


def reason(error: Exception) -> str:
    """Write an error for a status line: those of ours are written to be read."""
    return str(error) if isinstance(error, NbtrainError) else f"{type(error).__name__}: {error}"
