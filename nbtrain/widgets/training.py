"""The training panel: fill in, press Train, watch, read the clusters."""

from __future__ import annotations

import contextvars
import os
from collections.abc import Mapping
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

import ipywidgets as widgets

from ..checks import DataReport, check
from ..documents import DataSchema
from ..errors import DataError, NbtrainError, Problem, RequestError
from ..files import check_unchanged
from ..frames import write_dialogues, write_intents
from ..markup import escape
from ..progress import RunState
from ..results import TrainingResult
from ..runs import Run, default_service, submit
from ..services.base import TrainingService
from ..tables import TABLE_STYLE, clusters_html
from ..tasks import Clustering
from ..training import DataFile, TrainingRequest, language_problems
from .closing import close_parts
from .code import training_code
from .fields import Messages, heading
from .form import RequestForm
from .llm import LLMForm
from .monitor import RunMonitor, open_picture
from .naming import NamingBox
from .service import ServiceForm

if TYPE_CHECKING:
    import pandas as pd
    from IPython.display import DisplayHandle

__all__ = ["TrainingPanel"]


class TrainingPanel(widgets.VBox):  # type: ignore[misc]
    """A form for a training request: a skin over :func:`submit` and :class:`RunMonitor`.

    Parameters
    ----------
    df : DataFrame, optional
        Conversations (then name ``dialogue_id`` and ``speaker``) or sentences.
    text, dialogue_id, speaker, timestamp, intent : str, optional
        Columns of ``df``, as in :func:`write_dialogues` and :func:`write_intents`.
    speakers : mapping, optional
        What the data's own words for speakers mean.
    data : DataFile, optional
        A data file that exists already, in place of ``df``.
    model_id, language, n_clusters
        What the form shows at first.
    service : TrainingService, optional
        Where to train; if it is not given, the form offers the local service and Knovvu.
    folder : path
        Where the data file is written when training begins, as ``<model id>.dialogue.json`` or
        ``<model id>.intent.json``.

    Raises
    ------
    RequestError
        If not exactly one of ``df`` and ``data`` is given, or ``df`` without ``text``.

    Attributes
    ----------
    form : RequestForm
        The controls of the request, in ``form.fields``.
    llm_form : LLMForm
        Whether and how a language model names the clusters, in ``llm_form.fields``.
    service_form : ServiceForm
        The choice of the service and its credentials, in ``service_form.fields``.
    report : DataReport or None
        What :func:`check` says of ``df``.
    run : Run or None
        The newest run.
    result : TrainingResult or None
        Its result, once there.
    monitor : RunMonitor or None
        What shows the run.
    """

    def __init__(
        self,
        df: pd.DataFrame | None = None,
        *,
        text: str | None = None,
        dialogue_id: str | None = None,
        speaker: str | None = None,
        timestamp: str | None = None,
        intent: str | None = None,
        speakers: Mapping[Any, str] | None = None,
        data: DataFile | None = None,
        model_id: str = "",
        language: str = "en-US",
        n_clusters: int | Literal["auto"] = "auto",
        service: TrainingService | None = None,
        folder: str | os.PathLike[str] = ".",
    ) -> None:
        problems = language_problems(language)
        if (df is None) == (data is None) or (df is not None and text is None):
            fix = "Give a DataFrame and its text column, or a data file."
            problems.append(Problem("df, data", "are not as they should be", fix))
        if problems:
            raise RequestError("The panel can't be made:", problems)
        # Threads that are started later must belong to this cell, not to whatever runs then.
        self._context = contextvars.copy_context()
        self._lock = RLock()
        self._df, self._data, self._folder = df, data, Path(folder)
        named: dict[str, Any] = {
            "text": text, "dialogue_id": dialogue_id, "speaker": speaker,
            "timestamp": timestamp, "intent": None if dialogue_id else intent,
            "speakers": speakers,
        }  # fmt: skip
        self._columns = {name: value for name, value in named.items() if value is not None}
        self.report: DataReport | None = None if df is None else check(df, **self._columns)
        self.run: Run | None = None
        self.result: TrainingResult | None = None
        self.monitor: RunMonitor | None = None
        self._training = False
        self._written: DataFile | None = None
        # Outputs of the cell that shows the panel; they stay in the saved notebook.
        self._picture: DisplayHandle | None = None
        self._table: DisplayHandle | None = None
        self.form = RequestForm(
            self._schema,
            data.documents if data is not None else self.report.documents if self.report else 0,
            model_id=model_id, language=language, n_clusters=n_clusters,
        )  # fmt: skip
        self.service_form = ServiceForm(service)
        self.llm_form = LLMForm()
        self._messages = Messages("messages")
        self._button = widgets.Button(description="Train", button_style="primary", icon="play")
        self._button.layout.flex = "0 0 auto"
        self._button.add_class("nbt-train")
        self._place = widgets.VBox()
        self._clusters = widgets.HTML()
        self._clusters.add_class("nbt-clusters")
        self._code = widgets.HTML()
        self._code.add_class("nbt-code")
        super().__init__([
            heading("Train a cluster model"),
            widgets.HTML(self._data_html()),
            self.service_form,
            self.form,
            self.llm_form,
            widgets.Accordion([self._code], titles=("Python code",), selected_index=None),
            widgets.HBox([self._button, self._messages], layout={"margin": "8px 0"}),
            self._place,
            self._clusters,
        ])  # fmt: skip
        self.add_class("nbt-training")
        self.form.on_change(self._check)
        self.service_form.on_change(self._check)
        self.llm_form.on_change(self._check)
        self._button.on_click(self._pressed)
        self._check()

    def __repr__(self) -> str:
        return f"<TrainingPanel: {self._facts}>"

    # --- the plain API that the form is a skin of ----------------------------------------

    @property
    def request(self) -> TrainingRequest:
        """The request as the form has it now; writes the data file if it isn't there yet.

        Raises
        ------
        RequestError, DataError
            Listing everything that is wrong.
        """
        problems = self._problems()
        secondary = None
        try:
            secondary = self.form.secondary_data()
        except DataError as error:
            problems += error.problems
        if problems:
            raise RequestError("This can't be trained as it stands:", problems)
        values = {name: control.value for name, control in self.form.fields.items()}
        return TrainingRequest(
            model_id=values["model_id"],
            data=self._data_file(),
            task=self._task(),
            language=values["language"],
            secondary_data=secondary,
            force_train=values["force_train"],
        )

    @property
    def code(self) -> str:
        """The Python that does the same; it expects the DataFrame as ``df``."""
        values = {name: control.value for name, control in self.form.fields.items()}
        return training_code(
            columns=None if self._df is None else self._columns,
            data_path=str(self._path),
            schema=self._schema.value,
            model_id=values["model_id"],
            task=self._task(),
            language=values["language"],
            secondary_path=self.form.secondary_path,
            force_train=values["force_train"],
            service=self.service_form.code,
            with_result=self.service_form.capabilities.result,
            llm_code=self.llm_form.code,
        )

    def train(self) -> Run:
        """Submit the request and watch its run, as the button does; returns at once.

        Raises
        ------
        RequestError, DataError, ServiceError
            As :attr:`request` and :func:`submit` do.
        """
        with self._lock:
            request = self.request
            service: Any = self.service_form.service()
            settings = self.llm_form.settings() if self.llm_form.llm() else None
            if settings is not None:
                service = service if service is not None else default_service()
                service.configure_llm(settings)
            run = submit(request, service)
            self.run, self.result = run, None
            if self.monitor is not None:
                self.monitor.close()
            if self._picture is not None:
                self._picture.update({"text/html": ""}, raw=True)  # type: ignore[no-untyped-call]
            self._show_clusters("")
            self._training = True
            self.monitor = RunMonitor(run, picture=self._picture, context=self._context)
            self._place.children = (self.monitor,)
            self._button.disabled = True
            self._messages.say(run.first_status.message)
        self.monitor.on_end(self._ended)
        return run

    def close(self) -> None:
        """Close every part; a run goes on in its service."""
        close_parts(self)
        super().close()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        # Opened here, in the cell: what a run leaves would else land in whatever cell ran last.
        self._picture, self._table = open_picture(), open_picture()

    # --- data ----------------------------------------------------------------------------

    @property
    def _schema(self) -> DataSchema:
        if self._data is not None:
            return self._data.schema
        return DataSchema.DIALOGUE if "dialogue_id" in self._columns else DataSchema.INTENT

    @property
    def _path(self) -> Path:
        if self._data is not None:
            return self._data.path
        stem = self.form.fields["model_id"].value or "data"
        return self._folder / f"{stem}.{self._schema}.json"

    @property
    def _facts(self) -> str:
        data = self._data
        if data is not None:
            return f"{data.path.name}: {data.documents:,} documents, {data.words:,} words."
        return self.report.summary if self.report is not None else ""

    def _data_html(self) -> str:
        listed = [] if self.report is None else [*self.report.errors, *self.report.warnings]
        items = "".join(f"<li>{escape(problem)}</li>" for problem in listed)
        problems = f"<details><summary>Problems</summary><ul>{items}</ul></details>"
        return f"<div class='nbt-data'>{escape(self._facts)}{problems if items else ''}</div>"

    def _data_file(self) -> DataFile:
        if self._data is not None:
            return self._data
        written, path = self._written, self._path
        if written is not None and written.path == path and _is_unchanged(written):
            return written
        writer: Any = write_dialogues if self._schema is DataSchema.DIALOGUE else write_intents
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = Problem(str(path.parent), f"can't be made: {error.strerror or error}")
            raise DataError("The data file was not written.", [problem]) from error
        file: DataFile = writer(self._df, path, **self._columns)
        self._written = file
        return file

    def _problems(self) -> list[Problem]:
        errors = list(self.report.errors) if self.report is not None else []
        problems = errors + self.form.problems() + self.service_form.problems()
        llm = self.llm_form.llm()
        return problems + (llm.problems() if llm else []) + self.llm_form.problems()

    def _task(self) -> Clustering:
        return self.form.task(self.llm_form.llm())

    # --- events --------------------------------------------------------------------------

    def _check(self) -> None:
        with self._lock:
            problems = self._problems()
            self.llm_form.offer(naming=self.service_form.capabilities.naming)
            self.form.show_problems()
            n_clusters = self._task().n_clusters
            most = max(2, min(self.form.documents // 8, 300))
            ends = n_clusters if isinstance(n_clusters, int) else (2, most)
            self.llm_form.show_estimate(ends, self.form.fields["language"].value)
            self._messages.list(p for p in problems if p.where not in ("model_id", "n_clusters"))
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

    def _show_clusters(self, markup: str) -> None:
        if self._table is None:
            self._clusters.value = markup
        else:
            bundle = {"text/html": markup, "text/plain": repr(self)}
            self._table.update(bundle, raw=True)  # type: ignore[no-untyped-call]

    def _ended(self, monitor: RunMonitor) -> None:
        # In the monitor's thread: traits are set, nothing is printed or displayed.
        succeeded = monitor.status is not None and monitor.status.state is RunState.SUCCEEDED
        result, problem = None, ""
        if succeeded and monitor.run.service.capabilities.result:
            try:
                result = monitor.run.result()
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
            elif succeeded:
                self._show_clusters(
                    "<p>Trained. This service hands out no clusters; "
                    "<code>panel.run.service.infer(…)</code> tells where texts belong.</p>"
                )

    def _named(self, run: Run, result: TrainingResult) -> None:
        with self._lock:
            # A newer run may have taken this one's place while its clusters were being named.
            if self.run is run:
                self._show_result(result)

    def _show_result(self, result: TrainingResult) -> None:
        notes = "".join(f"<p>Note: {escape(warning)}</p>" for warning in result.warnings)
        self._show_clusters(
            f"<style>{TABLE_STYLE}</style><h4>{result.n_clusters} clusters</h4>"
            f"{notes}{clusters_html(result)}"
            "<p>In Python they are <code>panel.result</code>, with <code>panel</code> as you named "
            "it; <code>nbtrain.label(df, panel.result)</code> brings them to your rows.</p>"
        )
        self.result = result
        run = self.run
        named_before = len(self._place.children) > 1
        if run is not None and run.service.capabilities.naming and not named_before:
            box = NamingBox(
                run,
                self.llm_form.options,
                self.llm_form.settings,
                lambda named: self._named(run, named),
                self._context,
            )
            self._place.children = (*self._place.children, box)


def _is_unchanged(file: DataFile) -> bool:
    try:
        check_unchanged(file)
    except DataError:
        return False
    return True
