"""What panels for clusterings are given: conversations or sentences, or a data file of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checks import DataReport, check
from ..documents import DataSchema
from ..errors import Problem, RequestError
from ..frames import write_dialogues, write_intents
from ..services.base import TrainingService
from ..training import DataFile, language_problems
from .panel import argument_problems

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ClusteringData"]


@dataclass(frozen=True, slots=True)
class ClusteringData:
    """Checked arguments: the frame with its columns and its report, or the data file."""

    df: pd.DataFrame | None
    data: DataFile | None
    columns: Mapping[str, Any]
    report: DataReport | None
    schema: DataSchema

    @classmethod
    def of(
        cls,
        df: pd.DataFrame | None,
        data: DataFile | None,
        *,
        language: str,
        service: TrainingService | None,
        **named: Any,
    ) -> ClusteringData:
        """Check what a panel was given; RequestError lists all that is wrong."""
        problems = language_problems(language) + argument_problems(data, service)
        if (df is None) == (data is None) or (df is not None and named["text"] is None):
            fix = "Give a DataFrame and its text column, or a data file."
            problems.append(Problem("df, data", "are not as they should be", fix))
        if problems:
            raise RequestError("The panel can't be made:", problems)
        if named["dialogue_id"]:
            named["intent"] = None
        columns = {name: value for name, value in named.items() if value is not None}
        report = None if df is None else check(df, **columns)
        if data is not None:
            schema = data.schema
        else:
            schema = DataSchema.DIALOGUE if "dialogue_id" in columns else DataSchema.INTENT
        return cls(df, data, columns, report, schema)

    @property
    def documents(self) -> int:
        """How many there are."""
        if self.data is not None:
            return self.data.documents
        return self.report.documents if self.report is not None else 0

    def write(self, path: Path) -> DataFile:
        """Write the data file of the frame."""
        writer: Any = write_dialogues if self.schema is DataSchema.DIALOGUE else write_intents
        file: DataFile = writer(self.df, path, **self.columns)
        return file
