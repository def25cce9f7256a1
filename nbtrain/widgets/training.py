"""The training panel: fill in, press Train, watch, read the clusters."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from ..errors import DataError, Problem, RequestError
from ..map_figure import map_svg
from ..markup import escape
from ..results import TrainingResult
from ..runs import Run, default_service, submit
from ..services.base import TrainingService
from ..tables import TABLE_STYLE, clusters_html, overlaps_html
from ..tasks import Clustering
from ..training import DataFile, TrainingRequest
from .clustering_data import ClusteringData
from .clustering_panel import ClusteringPanel
from .code import label_code, training_code
from .form import RequestForm
from .llm import LLMForm
from .naming import NamingBox

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TrainingPanel"]


class TrainingPanel(ClusteringPanel):
    """A form for a clustering: a skin over :func:`submit` and :class:`RunMonitor`.

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

    form: RequestForm

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
        given = ClusteringData.of(
            df, data, language=language, service=service,
            text=text, dialogue_id=dialogue_id, speaker=speaker, timestamp=timestamp,
            intent=intent, speakers=speakers,
        )  # fmt: skip
        self.form = RequestForm(
            given.schema, given.documents,
            model_id=model_id, language=language, n_clusters=n_clusters,
        )  # fmt: skip
        self.llm_form = LLMForm()
        super().__init__(
            "Train a cluster model", given,
            forms=(self.form, self.llm_form), service=service, folder=folder,
        )  # fmt: skip
        self._outcome.add_class("nbt-clusters")

    # --- the plain API that the form is a skin of ----------------------------------------

    @property
    def request(self) -> TrainingRequest:
        """The request as the form and the DataFrame have it now; writes the data file.

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

    def _submit(self) -> Run:
        request = self.request
        service: Any = self.service_form.service()
        settings = self.llm_form.settings() if self.llm_form.llm() else None
        if settings is not None:
            service = service if service is not None else default_service()
            service.configure_llm(settings)
        return submit(request, service)

    # --- data ----------------------------------------------------------------------------

    def _problems(self) -> list[Problem]:
        errors = list(self.report.errors) if self.report is not None else []
        problems = errors + self.form.problems() + self.service_form.problems()
        llm = self.llm_form.llm()
        return problems + (llm.problems() if llm else []) + self.llm_form.problems()

    def _task(self) -> Clustering:
        return self.form.task(self.llm_form.llm())

    # --- what shows ----------------------------------------------------------------------

    def _offer(self) -> None:
        super()._offer()
        self.llm_form.offer(naming=self.service_form.capabilities.naming)

    def _refresh(self, problems: list[Problem]) -> list[Problem]:
        self.form.show_problems()
        n_clusters = self._task().n_clusters
        most = max(2, min(self.form.documents // 8, 300))
        ends = n_clusters if isinstance(n_clusters, int) else (2, most)
        self.llm_form.show_estimate(ends, self.form.fields["language"].value)
        return [p for p in problems if not self.form.explains(p)]

    def _named(self, run: Run, result: TrainingResult) -> None:
        with self._lock:
            # A newer run may have taken this one's place while its clusters were being named.
            if self.run is run:
                self._show_result(result)
                self.result = result

    def _show_result(self, result: TrainingResult) -> None:
        task = Clustering(unit=result.unit)
        label = escape(label_code("panel.result", task, self._columns))
        notes = "".join(f"<p>Note: {escape(warning)}</p>" for warning in result.warnings)
        self._show(
            f"<style>{TABLE_STYLE}</style><h4>{result.n_clusters} clusters</h4>"
            f"{notes}{clusters_html(result)}{overlaps_html(result)}{_map_html(result)}"
            "<p>In Python they are <code>panel.result</code>, with <code>panel</code> as you named "
            f"it; <code>{label}</code> brings them to your rows.</p>"
        )
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


def _map_html(result: TrainingResult) -> str:
    """Fold the map away: a picture, as it stays in the saved notebook."""
    drawn = map_svg(result)
    return drawn and (
        "<details class='nbt-map-place'><summary style='cursor:pointer;margin-top:8px'>"
        f"Map of the texts</summary>{drawn}<p><code>nbtrain.cluster_map(panel.result)</code> is "
        "the same to zoom into, with the texts.</p></details>"
    )
