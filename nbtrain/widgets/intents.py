"""The intent panel: look at the labels, press Train, watch, see what is confused with what."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..charts import INTENT_METRICS
from ..documents import DataSchema
from ..errors import Problem, RequestError
from ..evaluation_svg import evaluation_bundle
from ..frames import write_intents
from ..intent_checks import IntentReport, check_intents
from ..intent_tables import INTENT_TABLE_STYLE, table_html
from ..markup import escape
from ..results import TrainingResult
from ..runs import Run, attach, submit
from ..services.base import TrainingService
from ..tasks import IntentClassification
from ..training import CLASSIFICATION_LANGUAGES, DataFile, TrainingRequest, language_problems
from .code import intent_code
from .evaluation import EvaluationView, evaluation_tables
from .intent_form import IntentForm
from .panel import RunPanel, argument_problems
from .saved_output import SavedOutput
from .service import ServiceForm

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["IntentPanel"]


class IntentPanel(RunPanel):
    """A form for an intent model: a skin over :func:`submit` and :class:`RunMonitor`.

    Parameters
    ----------
    df : DataFrame, optional
        One row a text.
    text, intent : str, optional
        Columns of ``df``: the texts, and their labels.
    data : DataFile, optional
        A data file of the schema ``utterance`` that exists already, in place of ``df``.
    model_id, language, epochs
        What the form shows at first.
    service : TrainingService, optional
        Where to train; if it is not given, the form offers the local service, Knovvu and
        Einstein Language.
    folder : path
        Where the data file is written when training begins, as ``<model id>.utterance.json``.

    Raises
    ------
    RequestError
        If not exactly one of ``df`` and ``data`` is given, or ``df`` without its columns.

    Attributes
    ----------
    form : IntentForm
        The controls of the request, in ``form.fields``.
    service_form : ServiceForm
        The choice of the service and its credentials, in ``service_form.fields``.
    report : IntentReport or None
        What :func:`check_intents` says of ``df``.
    run : Run or None
        The newest run; ``run.predict(texts)`` labels new texts.
    result : TrainingResult or None
        Its result, once there; ``result.evaluation`` is what is shown of it.
    monitor : RunMonitor or None
        What shows the run.
    evaluation_view : EvaluationView or None
        What shows the result.
    """

    metrics = INTENT_METRICS

    def __init__(
        self,
        df: pd.DataFrame | None = None,
        *,
        text: str | None = None,
        intent: str | None = None,
        data: DataFile | None = None,
        model_id: str = "",
        language: str = "en-US",
        epochs: int | Literal["auto"] = "auto",
        service: TrainingService | None = None,
        folder: str | os.PathLike[str] = ".",
    ) -> None:
        problems = language_problems(language, CLASSIFICATION_LANGUAGES)
        problems += argument_problems(data, service)
        if (df is None) == (data is None) or (df is not None and None in (text, intent)):
            fix = "Give a DataFrame and the columns of its texts and intents, or a data file."
            problems.append(Problem("df, data", "are not as they should be", fix))
        elif isinstance(data, DataFile) and data.schema is not DataSchema.UTTERANCE:
            what = f"has the schema {data.schema.value!r}"
            fix = "Write or read it with schema='utterance'."
            problems.append(Problem("data", what, fix))
        if problems:
            raise RequestError("The panel can't be made:", problems)
        columns = {} if df is None else {"text": text, "intent": intent}
        self.report: IntentReport | None = None
        if df is not None and text is not None and intent is not None:
            self.report = check_intents(df, text=text, intent=intent)
        self.evaluation_view: EvaluationView | None = None
        self._matrix: SavedOutput | None = None
        self.form = IntentForm(model_id=model_id, language=language, epochs=epochs)
        super().__init__(
            "Train an intent model",
            service_form=ServiceForm(service, task="classification"),
            forms=(self.form,),
            df=df, data=data, columns=columns, folder=folder,
        )  # fmt: skip
        self.add_class("nbt-intent-panel")

    # --- the plain API that the form is a skin of ----------------------------------------

    @property
    def task(self) -> IntentClassification:
        """The task as the form has it now."""
        return self.form.task()

    @property
    def request(self) -> TrainingRequest:
        """The request as the form and the DataFrame have it now; writes the data file.

        Raises
        ------
        RequestError, DataError
            Listing everything that is wrong.
        """
        self._raise_problems()
        return TrainingRequest(
            model_id=self.form.chosen_id,
            data=self._data_file(),
            task=self.task,
            language=self.form.fields["language"].value,
            force_train=self.form.mode != "reuse",
        )

    @property
    def code(self) -> str:
        """The Python that does the same; it expects the DataFrame as ``df``."""
        return intent_code(
            columns=None if self._df is None else self._columns,
            data_path=str(self._path),
            model_id=self.form.chosen_id,
            task=self.task,
            language=self.form.fields["language"].value,
            mode=self.form.mode,
            service=self.service_form.code,
            with_result=self.service_form.capabilities.result,
        )

    def _submit(self) -> Run:
        if self.form.mode != "retrain":
            request = self.request
            return submit(request, self.service_form.service())
        self._raise_problems()
        model = attach(self.form.chosen_id, self.service_form.service())
        return model.retrain(self.task, self._data_file())

    # --- data ----------------------------------------------------------------------------

    @property
    def _schema(self) -> DataSchema:
        return DataSchema.UTTERANCE

    @property
    def _stem(self) -> str:
        return self.form.chosen_id

    def _write(self, path: Path) -> DataFile:
        columns: Any = self._columns
        assert self._df is not None
        return write_intents(self._df, path, **columns, schema="utterance")

    def _report(self) -> IntentReport | None:
        return self.report

    def _data_html(self) -> str:
        return super()._data_html() + _labels_html(self.report)

    def _problems(self) -> list[Problem]:
        errors = list(self.report.errors) if self.report is not None else []
        if self.service_form.name == "knovvu":
            # Of a limit to the number of words Knovvu says nothing.
            errors = [problem for problem in errors if problem.where != "words"]
        return errors + self.form.problems() + self.service_form.problems()

    def _raise_problems(self) -> None:
        problems = self._problems()
        if problems:
            raise RequestError("This can't be trained as it stands:", problems)

    # --- what shows ----------------------------------------------------------------------

    def _open_outputs(self) -> None:
        self._picture, self._matrix = self._open_output(), self._open_output()
        self._table = self._open_output()

    def _clear(self) -> None:
        super()._clear()
        self.evaluation_view = None
        if self._matrix is not None:
            self._matrix.clear()

    def _offer(self) -> None:
        capabilities = self.service_form.capabilities
        self.form.offer(
            retrain=capabilities.retrain, adjust=self.service_form.name != "knovvu",
            embedder=capabilities.embedder,
        )  # fmt: skip

    def _refresh(self, problems: list[Problem]) -> list[Problem]:
        self.form.show_problems()
        return [p for p in problems if not self.form.explains(p)]

    def _without_result(self) -> str:
        return (
            "Trained. This service doesn't tell how good the model is; "
            "<code>panel.run.service.infer(…)</code> labels texts."
        )

    def _show_result(self, result: TrainingResult) -> None:
        notes = "".join(f"<p>Note: {escape(warning)}</p>" for warning in result.warnings)
        closing = (
            "<p>In Python this is <code>panel.result.evaluation</code>, with <code>panel</code> "
            "as you named it; <code>panel.run.predict(texts)</code> labels new texts.</p>"
        )
        evaluation = result.evaluation
        if evaluation is None:
            self._show(f"{notes}<p>The service tells no evaluation.</p>{closing}")
            return
        self.evaluation_view = EvaluationView(evaluation)
        self._place.children = (*self._place.children, self.evaluation_view)
        if self._matrix is not None:
            self._matrix.fill(evaluation_bundle(evaluation))
        self._show(f"{notes}{evaluation_tables(evaluation)['text/html']}{closing}")


def _labels_html(report: IntentReport | None) -> str:
    """Write the labels of data as a table: name, numbers of texts, words, advice."""
    if report is None or not report.labels:
        return ""
    largest = report.labels[0].texts
    bar = "<span class='nbt-bar' style='width:{:.1f}%'></span>"
    rows = (
        [
            escape(label.name),
            f"{label.texts:,}{bar.format(100 * label.texts / largest)}",
            f"{label.distinct:,}",
            f"{label.words:g}",
            escape(label.advice),
        ]
        for label in report.labels
    )
    table = table_html(["Label", "#Texts", "#Different", "#Words, median", "Advice"], rows)
    return (
        f"<style>{INTENT_TABLE_STYLE}</style><details open><summary>{len(report.labels)} "
        f"labels</summary><div class='nbt-scroll nbt-labels'>{table}</div></details>"
    )
