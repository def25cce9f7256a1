"""What the panels for clusterings have in common: their data, and what is said without a result."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..checks import DataReport
from ..documents import DataSchema
from ..services.base import TrainingService
from ..training import DataFile, TrainingRequest
from .clustering_data import ClusteringData
from .panel import RunPanel
from .service import ServiceForm

__all__ = ["ClusteringPanel"]


class ClusteringPanel(RunPanel):
    """A panel for conversations or sentences.

    Panels made from it set ``form``, whose fields have a ``model_id``, before they call this
    constructor.

    Parameters
    ----------
    title : str
    given : ClusteringData
    forms : sequence of widget
        As for :class:`RunPanel`.
    service : TrainingService or None
    folder : path

    Attributes
    ----------
    report : DataReport or None
        What :func:`nbtrain.check` says of the DataFrame.
    """

    form: Any

    def __init__(
        self,
        title: str,
        given: ClusteringData,
        *,
        forms: Sequence[Any],
        service: TrainingService | None,
        folder: str | os.PathLike[str],
    ) -> None:
        self._given, self.report = given, given.report
        super().__init__(
            title,
            service_form=ServiceForm(service),
            forms=forms,
            df=given.df, data=given.data, columns=given.columns, folder=folder,
        )  # fmt: skip

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

    def _offer(self) -> None:
        capabilities = self.service_form.capabilities
        self.form.offer(turns=capabilities.turns, embedder=capabilities.embedder)

    def _without_result(self) -> str:
        return (
            "Trained. This service hands out no clusters; "
            "<code>panel.run.service.infer(…)</code> tells where texts belong."
        )

    def _is_of_my_data(self, request: TrainingRequest) -> bool:
        """Tell whether a request is of the panel's data, in the form's language."""
        language = self.form.fields["language"].value
        if request.language != language or request.secondary_data is not None:
            return False
        if self._data is not None:
            return self._data.sha256 == request.data.sha256
        # The same rows give the same file.
        with TemporaryDirectory() as folder:
            return self._write(Path(folder) / self._path.name).sha256 == request.data.sha256
