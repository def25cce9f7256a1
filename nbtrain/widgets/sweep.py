"""The sweep panel: which numbers of clusters, press Sweep, read the short list, choose, train."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ..checks import DataReport
from ..documents import DataSchema
from ..errors import DataError, NbtrainError, Problem, RequestError
from ..markup import escape
from ..results import TrainingResult
from ..runs import Run
from ..services.base import TrainingService
from ..sweep_results import Choice, Recommendation
from ..sweep_tables import SWEEP_TABLE_STYLE, best_fit, candidates_html, fit_html, scores_html
from ..sweeps import Sweep, sweep
from ..tables import TABLE_STYLE, clusters_html, overlaps_html
from ..tasks import Clustering
from ..training import DataFile, TrainingRequest
from .clustering_data import ClusteringData
from .code import label_code
from .fields import Messages
from .monitor import open_picture
from .panel import RunPanel
from .service import ServiceForm
from .sweep_code import sweep_code
from .sweep_form import SweepForm
from .sweep_monitor import SweepMonitor

if TYPE_CHECKING:
    import pandas as pd
    from IPython.display import DisplayHandle

__all__ = ["SweepPanel"]


class SweepPanel(RunPanel):
    """A form for a sweep: a skin over :func:`sweep`, :class:`SweepMonitor` and ``sweep.train``.

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
    model_id, language
        What the form shows at first. The range is that of :func:`default_range`.
    service : TrainingService, optional
        Where to sweep; if it is not given, the form offers the local service and Knovvu.
    folder : path
        Where the data file is written when the sweep begins, as ``<model id>.dialogue.json`` or
        ``<model id>.intent.json``.

    Raises
    ------
    RequestError
        If not exactly one of ``df`` and ``data`` is given, or ``df`` without ``text``.

    Attributes
    ----------
    form : SweepForm
        The controls of the sweep, in ``form.fields``.
    service_form : ServiceForm
    report : DataReport or None
        What :func:`check` says of ``df``.
    sweep : Sweep or None
        The newest sweep.
    sweep_monitor : SweepMonitor or None
        What shows it.
    recommendation : Recommendation
        Its short list.
    choice : Choice or None
        The number of clusters that the user took.
    run : Run or None
        The newest training.
    result : TrainingResult or None
        Its result, once there.
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
        service: TrainingService | None = None,
        folder: str | os.PathLike[str] = ".",
    ) -> None:
        given = ClusteringData.of(
            df, data, language=language, service=service,
            text=text, dialogue_id=dialogue_id, speaker=speaker, timestamp=timestamp,
            intent=intent, speakers=speakers,
        )  # fmt: skip
        self._given, self.report = given, given.report
        self.form = SweepForm(given.schema, given.documents, model_id=model_id, language=language)
        self.sweep: Sweep | None = None
        self.sweep_monitor: SweepMonitor | None = None
        self._sweeping = False
        self._sweep_picture: DisplayHandle | None = None
        self._sweep_table: DisplayHandle | None = None
        self._sweep_button = widgets.Button(
            description="Sweep", button_style="primary", icon="play", layout={"flex": "0 0 auto"}
        )
        self._sweep_button.add_class("nbt-start-sweep")
        self._sweep_place = widgets.VBox(layout={"width": "100%", "overflow": "visible"})
        self._sweep_messages = Messages("sweep-problems")
        super().__init__(
            "How many clusters?",
            service_form=ServiceForm(service),
            forms=(self.form,),
            df=df, data=data, columns=given.columns, folder=folder,
        )  # fmt: skip
        # The Train button, and what it says, come after what the sweep has found.
        self._button.layout.width = "auto"
        row = widgets.HBox([self._sweep_button, self._sweep_messages], layout={"margin": "8px 0"})
        children = list(self.children)
        at = next(i for i, child in enumerate(children) if self._button in _parts(child))
        self.children = (*children[:at], row, self._sweep_place, *children[at:])
        self.add_class("nbt-sweep-panel")
        self._sweep_button.on_click(self._sweep_pressed)
        self._offer_training()

    # --- the plain API that the form is a skin of ----------------------------------------

    @property
    def recommendation(self) -> Recommendation:
        """The short list, empty as long as there is none."""
        monitor = self.sweep_monitor
        return Recommendation() if monitor is None else monitor.recommendation

    @property
    def choice(self) -> Choice | None:
        """The number of clusters that the user took, and why."""
        return None if self.sweep_monitor is None else self.sweep_monitor.choice

    @property
    def request(self) -> TrainingRequest:
        """The request as the form and the DataFrame have it now; writes the data file.

        Raises
        ------
        RequestError, DataError
            Listing everything that is wrong.
        """
        problems = self._problems()
        if problems:
            raise RequestError("This can't be swept as it stands:", problems)
        values = {name: control.value for name, control in self.form.fields.items()}
        return TrainingRequest(
            values["model_id"], self._data_file(), self.form.task(), values["language"]
        )

    @property
    def code(self) -> str:
        """The Python that does the same; it expects the DataFrame as ``df``."""
        return sweep_code(
            self.form,
            columns=None if self._df is None else self._columns,
            data_path=str(self._path),
            schema=self._schema.value,
            service=self.service_form.code,
            choice=self.choice,
        )

    def start(self) -> Sweep:
        """Begin the sweep and watch it, as the button does; returns at once.

        Raises
        ------
        RequestError, DataError, ServiceError
            As :func:`sweep` does.
        """
        with self._lock:
            form = self.form
            begun = sweep(
                self.request,
                form.n_clusters,
                random_state=form.random_state,
                service=self.service_form.service(),
                budget_seconds=form.budget_seconds,
                budget_fits=form.budget_fits,
            )
            if self.sweep_monitor is not None:
                self.sweep_monitor.close()
                self.sweep_monitor, self._sweep_place.children = None, ()
            for place in (self._sweep_picture, self._sweep_table):
                if place is not None:
                    place.update({"text/html": ""}, raw=True)  # type: ignore[no-untyped-call]
            self.sweep = begun
            monitor = SweepMonitor(begun, picture=self._sweep_picture, context=self._context)
            self.sweep_monitor = monitor
            self._sweep_place.children = (monitor,)
            self._sweeping = True
            self._sweep_button.disabled = True
            self._sweep_messages.say("")
            self._changed()
        monitor.on_change(self._changed)
        monitor.on_end(self._sweep_ended)
        return begun

    def _submit(self) -> Run:
        monitor = self.sweep_monitor
        n_clusters = None if monitor is None else monitor.n_clusters
        if self.sweep is None or n_clusters is None:
            fix = "Press Sweep, and choose a number of clusters."
            raise RequestError(
                "Nothing can be trained yet:", [Problem("n_clusters", "is not chosen", fix)]
            )
        return self.sweep.train(n_clusters)

    # --- data ----------------------------------------------------------------------------

    @property
    def _schema(self) -> DataSchema:
        return self._given.schema

    @property
    def _stem(self) -> str:
        return str(self.form.fields["model_id"].value)

    def _write(self, path: Path) -> DataFile:
        return self._given.write(path)

    def _report(self) -> DataReport | None:
        return self.report

    def _problems(self) -> list[Problem]:
        errors = list(self.report.errors) if self.report is not None else []
        return errors + self.form.problems() + self.service_form.problems()

    # --- what shows ----------------------------------------------------------------------

    def _open_outputs(self) -> None:
        self._sweep_picture, self._sweep_table = open_picture(), open_picture()
        super()._open_outputs()

    def _offer(self) -> None:
        capabilities = self.service_form.capabilities
        self.form.offer(turns=capabilities.turns, embedder=capabilities.embedder)

    def _refresh(self, problems: list[Problem]) -> list[Problem]:
        self.form.show_problems()
        own = {problem.where for problem in self.form.problems()}
        return [problem for problem in problems if problem.where not in own]

    def _check(self) -> None:
        with self._lock:
            self._offer()
            problems = self._problems()
            self._sweep_messages.list(self._refresh(problems))
            self._sweep_button.disabled = bool(problems) or self._sweeping
            self._changed()

    def _changed(self) -> None:
        # Takes no lock: this may be a thread that holds the monitor's.
        self._offer_training()
        self._code.value = f"<pre>{escape(self.code)}</pre>"

    def _offer_training(self) -> None:
        monitor = self.sweep_monitor
        n_clusters = None if monitor is None else monitor.n_clusters
        self._button.disabled = n_clusters is None or self._training
        self._button.layout.display = "none" if n_clusters is None else None
        many = "…" if n_clusters is None else f"{n_clusters}"
        self._button.description = f"Train with {many} clusters"

    def _sweep_pressed(self, _button: object) -> None:
        with self._lock:
            if self._sweeping:
                return
            self._sweep_button.disabled = True
            self._sweep_messages.say("Sending the data …")
            try:
                self.start()
            except (RequestError, DataError) as error:
                self._sweep_messages.list(error.problems, error.summary)
            except NbtrainError as error:
                self._sweep_messages.list([], str(error))
            except Exception as error:
                # Nobody would see the traceback of a click.
                self._sweep_messages.list([], f"{type(error).__name__}: {error}")
            self._sweep_button.disabled = self._sweeping

    def _sweep_ended(self, monitor: SweepMonitor) -> None:
        # In the monitor's thread: traits are set, nothing is printed or displayed.
        with self._lock:
            if monitor is not self.sweep_monitor:
                return
            self._sweeping = False
            self._check()
            self._leave_tables(monitor)

    def _leave_tables(self, monitor: SweepMonitor) -> None:
        """Leave the short list and the tables in the saved notebook.

        As long as the panel itself is on the page they are hidden, as the picture is.
        """
        if self._sweep_table is None:
            return
        listed, fits = monitor.recommendation, monitor.fits
        best = listed.n_clusters
        fit = None if best is None else best_fit(fits, best)
        clusters = "" if fit is None else f"<h4>{best} clusters</h4>{fit_html(fit)}"
        markup = (
            f"<style>{SWEEP_TABLE_STYLE}</style><div class='nbt-static'>"
            f"{candidates_html(listed)}<details><summary>Scores of all {len(fits)} fits</summary>"
            f"<div class='nbt-scroll'>{scores_html(fits, listed)}</div></details>{clusters}</div>"
        )
        bundle = {"text/html": markup, "text/plain": repr(self)}
        self._sweep_table.update(bundle, raw=True)  # type: ignore[no-untyped-call]

    def _without_result(self) -> str:
        return (
            "Trained. This service hands out no clusters; "
            "<code>panel.run.service.infer(…)</code> tells where texts belong."
        )

    def _show_result(self, result: TrainingResult) -> None:
        label = escape(label_code("panel.result", Clustering(unit=result.unit), self._columns))
        notes = "".join(f"<p>Note: {escape(warning)}</p>" for warning in result.warnings)
        self._show(
            f"<style>{TABLE_STYLE}</style><h4>{result.n_clusters} clusters</h4>"
            f"{notes}{clusters_html(result)}{overlaps_html(result)}"
            "<p>In Python they are <code>panel.result</code>, with <code>panel</code> as you named "
            f"it; <code>{label}</code> brings them to your rows.</p>"
        )


def _parts(widget: Any) -> tuple[Any, ...]:
    return tuple(getattr(widget, "children", ()))
