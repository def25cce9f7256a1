"""The sweep panel: which numbers of clusters, press Sweep, read the short list, choose, train."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ..errors import DataError, NbtrainError, Problem, RequestError
from ..markup import escape
from ..results import TrainingResult
from ..runs import Run, default_service
from ..services.base import TrainingService
from ..sweep_results import Choice, Recommendation
from ..sweep_tables import sweep_html
from ..sweeps import Sweep, attach_sweep, sweep
from ..tables import TABLE_STYLE, clusters_html, overlaps_html
from ..tasks import Clustering
from ..training import DataFile, TrainingRequest
from .clustering_data import ClusteringData
from .clustering_panel import ClusteringPanel
from .code import label_code
from .earlier_sweep import find_earlier, newest_sweep
from .fields import Messages
from .saved_output import SavedOutput
from .sweep_code import sweep_code
from .sweep_form import SweepForm
from .sweep_monitor import SweepMonitor
from .watching import reason

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SweepPanel"]


class SweepPanel(ClusteringPanel):
    """A form for a sweep: a skin over :func:`sweep`, :class:`SweepMonitor` and ``sweep.train``.

    The newest sweep of this model id, in progress or ended, is taken up again if it is of the same
    data: run the cell anew after a restart of the kernel, and it is on show with all it found.

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

    form: SweepForm

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
        self.form = SweepForm(given.schema, given.documents, model_id=model_id, language=language)
        self.sweep: Sweep | None = None
        self.sweep_monitor: SweepMonitor | None = None
        self._sweeping = False
        self._sweep_picture: SavedOutput | None = None
        self._sweep_table: SavedOutput | None = None
        self._sweep_button = widgets.Button(
            description="Sweep", button_style="primary", icon="play", layout={"flex": "0 0 auto"}
        )
        self._sweep_button.add_class("nbt-start-sweep")
        self._sweep_place = widgets.VBox(layout={"width": "100%", "overflow": "visible"})
        self._sweep_messages = Messages("sweep-problems")
        self._taken_up = Messages("taken-up")
        super().__init__(
            "How many clusters?", given, forms=(self.form,), service=service, folder=folder
        )
        # The Train button, and what it says, come after what the sweep has found.
        self._button.layout.width = "auto"
        row = widgets.HBox([self._sweep_button, self._sweep_messages], layout={"margin": "8px 0"})
        children = list(self.children)
        at = next(i for i, child in enumerate(children) if self._button in _parts(child))
        self.children = (*children[:at], row, self._sweep_place, *children[at:])
        self.add_class("nbt-sweep-panel")
        self._sweep_button.on_click(self._sweep_pressed)
        self._offer_training()
        self._take_up()

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
            self._taken_up.say("")
            monitor = self._watch(begun)
        self._follow(monitor)
        return begun

    def attach(self, sweep_id: str | None = None) -> Sweep:
        """Show a sweep that is there, in progress or ended, and what it was asked for.

        Where a sweep is so many runs, and was interrupted, it goes on by this, as it does by
        :func:`nbtrain.attach_sweep`.

        Parameters
        ----------
        sweep_id : str, optional
            By default the newest one of the form's model id.

        Raises
        ------
        RunNotFound
            If there is none.
        RequestError
            If it is of other data or of another language than the panel's, or another kernel is
            at it.
        ServiceError
            If the service can't be reached.
        """
        with self._lock:
            service = self.service_form.service() or default_service()
            newest = newest_sweep(service, self._path, self._stem)
            found = attach_sweep(sweep_id or newest, service)
            if not self._is_of_my_data(found.request):
                fix = "Give the panel its data and language, or show it by SweepMonitor."
                what = "is of a sweep of other data or in another language"
                problem = Problem("sweep_id", what, fix)
                raise RequestError("This sweep can't be shown here:", [problem])
        self._show_again(found)
        return found

    def _show_again(self, found: Sweep) -> None:
        with self._lock:
            self.form.show(found.request, found.plan)
            all_said = self.form.says(found.plan)
            unsaid = "" if all_said else " The form can't say all that it was asked for."
            more = "Once it has ended, Sweep begins another one."
            self._taken_up.say(f"This sweep was there already. {more}{unsaid}")
            monitor = self._watch(found)
        self._follow(monitor)

    def _take_up(self) -> None:
        """Show what an earlier kernel has swept; whatever is in the way, the form is there."""
        if not self._stem or self._problems():
            return
        connect, note = self.service_form.service, ""
        try:
            earlier = find_earlier(connect, self._path, self._stem, self._is_of_my_data)
            note = earlier.note
            if earlier.sweep is not None:
                self._show_again(earlier.sweep)
            elif earlier.asked is not None:
                self.form.show(*earlier.asked)
        except Exception as error:
            note = f"Earlier sweeps of this model id can't be shown: {reason(error)}"
        if note:
            self._taken_up.say(note)
            self._sweep_place.children = (self._taken_up,)

    def _watch(self, swept: Sweep) -> SweepMonitor:
        """Put a sweep in the place of the one that is shown."""
        if self.sweep_monitor is not None:
            self.sweep_monitor.close()
            self.sweep_monitor, self._sweep_place.children = None, ()
        for place in (self._sweep_picture, self._sweep_table):
            if place is not None:
                place.clear()
        monitor = SweepMonitor(swept, picture=self._sweep_picture, context=self._context)
        self.sweep, self.sweep_monitor = swept, monitor
        self._sweep_place.children = (self._taken_up, monitor)
        self._sweeping = True
        self._sweep_button.disabled = True
        self._sweep_messages.say("")
        self._changed()
        return monitor

    def _follow(self, monitor: SweepMonitor) -> None:
        monitor.on_change(self._changed)
        monitor.on_end(self._sweep_ended)
        monitor.offer_further(self._sweep_up_to)

    def _submit(self) -> Run:
        monitor = self.sweep_monitor
        n_clusters = None if monitor is None else monitor.n_clusters
        if self.sweep is None or n_clusters is None:
            fix = "Press Sweep, and choose a number of clusters."
            problem = Problem("n_clusters", "is not chosen", fix)
            raise RequestError("Nothing can be trained yet:", [problem])
        return self.sweep.train(n_clusters)

    # --- data ----------------------------------------------------------------------------

    def _problems(self) -> list[Problem]:
        errors = list(self.report.errors) if self.report is not None else []
        return errors + self.form.problems() + self.service_form.problems()

    # --- what shows ----------------------------------------------------------------------

    def _open_outputs(self) -> None:
        with self._lock:
            self._sweep_picture = self._open_output()
            self._sweep_table = self._open_output()
            if self.sweep_monitor is not None:
                # It was taken up again before the panel was displayed.
                self.sweep_monitor.add_picture(self._sweep_picture)
                if not self._sweeping:
                    self._leave_tables(self.sweep_monitor)
        super()._open_outputs()

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

    def _sweep_up_to(self, up_to: int) -> None:
        self.form.fields["to"].value = str(up_to)
        self._sweep_pressed(self._sweep_button)

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
        markup = f"<div class='nbt-static'>{sweep_html(monitor.fits, monitor.recommendation)}</div>"
        self._sweep_table.fill({"text/html": markup, "text/plain": repr(self)})

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
