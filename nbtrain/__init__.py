"""Train text-cluster models from a DataFrame in JupyterLab.

Public names load on first use, so that ``import nbtrain`` costs nothing and pulls in no
third-party package.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

# Public name -> the module that defines it.
_HOME = {
    "Clustering": "training",
    "DataError": "errors",
    "DataFile": "training",
    "DataReport": "checks",
    "EpochStats": "progress",
    "History": "progress",
    "LLM": "training",
    "LocalService": "services.local",
    "KnovvuService": "services.knovvu",
    "NbtrainError": "errors",
    "RequestError": "errors",
    "Run": "runs",
    "RunFailed": "errors",
    "RunCancelled": "errors",
    "RunState": "progress",
    "RunStatus": "progress",
    "ServiceError": "errors",
    "TrainingPanel": "widgets.training",
    "RunMonitor": "widgets.monitor",
    "TrainingRequest": "training",
    "TrainingResult": "results",
    "WaitTimeout": "errors",
    "attach": "runs",
    "check": "checks",
    "cluster_table": "frames",
    "count_words": "documents",
    "label": "frames",
    "read_data_file": "files",
    "submit": "runs",
    "write_dialogues": "frames",
    "write_intents": "frames",
    "write_report": "report",
}

__all__ = ["__version__", "samples", *_HOME]

if TYPE_CHECKING:
    from . import samples
    from .checks import DataReport, check
    from .documents import count_words
    from .errors import (
        DataError,
        NbtrainError,
        RequestError,
        RunCancelled,
        RunFailed,
        ServiceError,
        WaitTimeout,
    )
    from .files import read_data_file
    from .frames import cluster_table, label, write_dialogues, write_intents
    from .progress import EpochStats, History, RunState, RunStatus
    from .report import write_report
    from .results import TrainingResult
    from .runs import Run, attach, submit
    from .services.knovvu import KnovvuService
    from .services.local import LocalService
    from .training import LLM, Clustering, DataFile, TrainingRequest
    from .widgets.monitor import RunMonitor
    from .widgets.training import TrainingPanel


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value
    if name == "samples":
        return import_module(".samples", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
