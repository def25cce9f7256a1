"""What panels have in common: data, a form, a Train button, a watched run, and what it leaves."""

from __future__ import annotations

import contextvars
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ..charts import CLUSTERING_METRICS
from ..documents import DataSchema
from ..errors import DataError, NbtrainError, Problem, RequestError
from ..markup import escape
from ..progress import RunState
from ..results import TrainingResult
from ..runs import Run
from ..services.base import Capabilities
from ..training import DataFile
from .closing import close_parts
from .fields import Messages, heading
from .monitor import RunMonitor
from .saved_output import SavedOutput, open_output
from .service import ServiceForm

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RunPanel", "argument_problems"]


class RunPanel(widgets.VBox):  # type: ignore[misc]
    """A form for a training request: a skin over :func:`submit` and :class:`RunMonitor`.

    What is trained, and what is shown of its result, is up to panels made from this one. They set
    what their own methods need, and then call this constructor.

    Parameters
    ----------
    title : str
        Heading of the form.
    service_form : ServiceForm
        Where to train.
    forms : sequence of widget
        The form's other parts, each of which tells of changes by ``on_change``.
    df : DataFrame or None
    data : DataFile or None
        In place of ``df``.
    columns : mapping
        Arguments of the function that writes ``df``.
    folder : path
        Where the data file is written.
    """

    metrics: Iterable[str] = CLUSTERING_METRICS
    """What the chart is laid out for at first."""
    children: Any
    # Here, since ipywidgets closes even what could not be made.
    _opened: tuple[SavedOutput, ...] = ()

    def __init__(
        self,
        title: str,
        *,
        service_form: ServiceForm,
        forms: Sequence[Any],
        df: pd.DataFrame | None,
        data: DataFile | None,
        columns: Mapping[str, Any],
        folder: str | os.PathLike[str],
    ) -> None:
        # Threads that are started later must belong to this cell, not to whatever runs then.
        self._context = contextvars.copy_context()
        self._lock = RLock()
        self._df, self._data, self._folder = df, data, Path(folder)
        self._columns = dict(columns)
        self.service_form = service_form
        self.run: Run | None = None
        self.result: TrainingResult | None = None
        self.monitor: RunMonitor | None = None
        self._training = False
        # Outputs of the cell that shows the panel; they stay in the saved notebook.
        self._picture: SavedOutput | None = None
        self._table: SavedOutput | None = None
        self._messages = Messages("messages")
        self._button = widgets.Button(description="Train", button_style="primary", icon="play")
        self._button.layout.flex = "0 0 auto"
        self._button.add_class("nbt-train")
        self._place = widgets.VBox()
        self._outcome = widgets.HTML()
        self._outcome.add_class("nbt-outcome")
        self._code = widgets.HTML()
        self._code.add_class("nbt-code")
        super().__init__([
            heading(title),
            widgets.HTML(self._data_html()),
            service_form,
            *forms,
            widgets.Accordion([self._code], titles=("Python code",), selected_index=None),
            widgets.HBox([self._button, self._messages], layout={"margin": "8px 0"}),
            self._place,
            self._outcome,
        ])  # fmt: skip
        self.add_class("nbt-training")
        for form in (service_form, *forms):
            form.on_change(self._check)
        self._button.on_click(self._pressed)
        self._check()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._facts}>"

    # --- what each panel has of its own ---------------------------------------------------

    @property
    def code(self) -> str:
        """The Python that does the same; it expects the DataFrame as ``df``."""
        raise NotImplementedError

    def _submit(self) -> Run:
        """Submit what the form has now."""
        raise NotImplementedError

    def _offer(self) -> None:
        """Show what the chosen service can do, and nothing else."""
        raise NotImplementedError

    def _problems(self) -> list[Problem]:
        """List what keeps the form from being submitted."""
        raise NotImplementedError

    def _refresh(self, problems: list[Problem]) -> list[Problem]:
        """Bring the form up to date; returns the problems that no field of it shows."""
        raise NotImplementedError

    def _show_result(self, result: TrainingResult) -> None:
        """Show the result of the run."""
        raise NotImplementedError

    def _without_result(self) -> str:
        """Say, in HTML, that a service hands out no results."""
        raise NotImplementedError

    @property
    def _schema(self) -> DataSchema:
        raise NotImplementedError

    @property
    def _stem(self) -> str:
        """Name of the data file, without its endings."""
        raise NotImplementedError

    def _write(self, path: Path) -> DataFile:
        """Write the data file."""
        raise NotImplementedError

    def _report(self) -> Any:
        """Return the check of ``df``, with ``summary``, ``errors`` and ``warnings``, if any."""
        raise NotImplementedError

    # --- training -------------------------------------------------------------------------

    def train(self) -> Run:
        """Submit the request and watch its run, as the button does; returns at once.

        Raises
        ------
        RequestError, DataError, ServiceError
            As ``submit`` does.
        """
        with self._lock:
            run = self._submit()
            self.run, self.result = run, None
            if self.monitor is not None:
                self.monitor.close()
            self._clear()
            self._training = True
            self.monitor = RunMonitor(
                run, picture=self._picture, context=self._context, metrics=self.metrics
            )
            self._place.children = (self.monitor,)
            self._button.disabled = True
            self._messages.say(run.first_status.message)
        self.monitor.on_end(self._ended)
        return run

    def _clear(self) -> None:
        """Take away what an earlier run has left."""
        if self._picture is not None:
            self._picture.clear()
        for part in self._place.children:
            if part is not self.monitor:
                close_parts(part)
                part.close()
        self._show("")

    def close(self) -> None:
        """Close every part; a run goes on in its service."""
        for output in self._opened:
            output.close()
        close_parts(self)
        super().close()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        # Opened here, in the cell: what a run leaves would else land in whatever cell ran last.
        self._open_outputs()

    def _open_outputs(self) -> None:
        self._picture, self._table = self._open_output(), self._open_output()

    def _open_output(self) -> SavedOutput | None:
        output = open_output()
        self._opened += () if output is None else (output,)
        return output

    # --- data -----------------------------------------------------------------------------

    @property
    def _path(self) -> Path:
        if self._data is not None:
            return self._data.path
        return self._folder / f"{self._stem or 'data'}.{self._schema}.json"

    @property
    def _facts(self) -> str:
        data, report = self._data, self._report()
        if data is not None:
            return f"{data.path.name}: {data.documents:,} documents, {data.words:,} words."
        return str(report.summary) if report is not None else ""

    def _data_html(self) -> str:
        report = self._report()
        listed = [] if report is None else [*report.errors, *report.warnings]
        items = "".join(f"<li>{escape(problem)}</li>" for problem in listed)
        problems = f"<details><summary>Problems</summary><ul>{items}</ul></details>"
        return f"<div class='nbt-data'>{escape(self._facts)}{problems if items else ''}</div>"

    def _data_file(self) -> DataFile:
        if self._data is not None:
            return self._data
        # Anew each time: rows may have been mended since, and the same rows give the same file.
        path = self._path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = Problem(str(path.parent), f"can't be made: {error.strerror or error}")
            raise DataError("The data file was not written.", [problem]) from error
        return self._write(path)

    # --- events ---------------------------------------------------------------------------

    def _check(self) -> None:
        with self._lock:
            self._offer()
            problems = self._problems()
            self._messages.list(self._refresh(problems))
            self._button.disabled = bool(problems) or self._training
            self._code.value = f"<pre>{escape(self.code)}</pre>"

    def _pressed(self, _button: object) -> None:
        with self._lock:
            if self._training:
                return
            self._button.disabled = True
            self._messages.say("Sending the data …")
            try:
                self.train()
            except (RequestError, DataError) as error:
                self._messages.list(error.problems, error.summary)
                self._button.disabled = False
            except NbtrainError as error:
                self._messages.list([], str(error))
                self._button.disabled = False
            except Exception as error:
                # Nobody would see the traceback of a click.
                self._messages.list([], f"{type(error).__name__}: {error}")
                self._button.disabled = False

    def _show(self, markup: str) -> None:
        """Show HTML below the run, where it stays in the saved notebook."""
        if self._table is None:
            self._outcome.value = markup
        else:
            bundle = {"text/html": markup, "text/plain": repr(self)}
            self._table.fill(bundle)

    def _ended(self, monitor: RunMonitor) -> None:
        # In the monitor's thread: traits are set, nothing is printed or displayed.
        succeeded = monitor.status is not None and monitor.status.state is RunState.SUCCEEDED
        result, problem = None, ""
        if succeeded and monitor.run.service.capabilities.result:
            try:
                result = monitor.result()
            except NbtrainError as error:
                problem = f"The result could not be fetched: {error}"
        with self._lock:
            # Until here the button was locked, so no newer run can have taken this one's place.
            if monitor is not self.monitor:
                return
            self._training = False
            self._check()
            if problem:
                self._messages.list([], problem)
            elif result is not None:
                self._show_result(result)
                self.result = result
            elif succeeded:
                self._show(f"<p>{self._without_result()}</p>")


def argument_problems(data: object, service: object) -> list[Problem]:
    """List what is wrong with the data file and the service that a panel is given."""
    problems = []
    if data is not None and not isinstance(data, DataFile):
        fix = "Make one with write_dialogues, write_intents or read_data_file."
        problems.append(Problem("data", f"is a {type(data).__name__}", fix))
    if service is not None and not isinstance(getattr(service, "capabilities", None), Capabilities):
        fix = "Give LocalService() or what a connect function returns."
        problems.append(Problem("service", f"is a {type(service).__name__}", fix))
    return problems
