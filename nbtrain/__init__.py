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
    "TrainingService": "services.base",
    "ServiceUnavailable": "errors",
    "RunNotFound": "errors",
    "NotSupported": "errors",
    "Cluster": "results",
    "Clustering": "tasks",
    "Comparison": "sweep_moves",
    "DataError": "errors",
    "DataFile": "training",
    "DataReport": "checks",
    "ConfusionMatrix": "evaluation",
    "EinsteinService": "services.einstein",
    "EpochStats": "progress",
    "Evaluation": "evaluation",
    "EvaluationView": "widgets.evaluation",
    "History": "progress",
    "IntentClassification": "tasks",
    "IntentPanel": "widgets.intents",
    "IntentReport": "intent_checks",
    "LLM": "tasks",
    "LLMSettings": "llm",
    "LocalService": "services.local",
    "KnovvuService": "services.knovvu",
    "NamePreview": "naming",
    "NbtrainError": "errors",
    "Recommendation": "sweep_results",
    "RequestError": "errors",
    "Run": "runs",
    "RunFailed": "errors",
    "RunCancelled": "errors",
    "RunState": "progress",
    "RunStatus": "progress",
    "ServiceError": "errors",
    "Sweep": "sweep_handle",
    "SweepFit": "sweep_results",
    "SweepMonitor": "widgets.sweep_monitor",
    "SweepPanel": "widgets.sweep",
    "TrainingPanel": "widgets.training",
    "RunMonitor": "widgets.monitor",
    "TrainingRequest": "training",
    "TrainingResult": "results",
    "WaitTimeout": "errors",
    "attach": "runs",
    "attach_sweep": "sweeps",
    "check": "checks",
    "check_intents": "intent_checks",
    "connect_einstein": "services.einstein_credentials",
    "connect_knovvu": "services.credentials",
    "cluster_map": "map_figure",
    "cluster_table": "frames",
    "count_words": "documents",
    "estimate_naming": "naming",
    "export_intents": "exports",
    "label": "labels",
    "predict": "predictions",
    "read_data_file": "files",
    "submit": "runs",
    "sweep": "sweeps",
    "write_dialogues": "frames",
    "write_intents": "frames",
    "write_report": "report",
}

# Modules that are part of the public surface as they are.
_MODULES = ("samples", "testing")

__all__ = ["__version__", *_MODULES, *_HOME]

if TYPE_CHECKING:
    from . import samples as samples
    from . import testing as testing
    from .checks import DataReport as DataReport
    from .checks import check as check
    from .documents import count_words as count_words
    from .errors import DataError as DataError
    from .errors import NbtrainError as NbtrainError
    from .errors import NotSupported as NotSupported
    from .errors import RequestError as RequestError
    from .errors import RunCancelled as RunCancelled
    from .errors import RunFailed as RunFailed
    from .errors import RunNotFound as RunNotFound
    from .errors import ServiceError as ServiceError
    from .errors import ServiceUnavailable as ServiceUnavailable
    from .errors import WaitTimeout as WaitTimeout
    from .evaluation import ConfusionMatrix as ConfusionMatrix
    from .evaluation import Evaluation as Evaluation
    from .exports import export_intents as export_intents
    from .files import read_data_file as read_data_file
    from .frames import cluster_table as cluster_table
    from .frames import write_dialogues as write_dialogues
    from .frames import write_intents as write_intents
    from .intent_checks import IntentReport as IntentReport
    from .intent_checks import check_intents as check_intents
    from .labels import label as label
    from .llm import LLMSettings as LLMSettings
    from .map_figure import cluster_map as cluster_map
    from .naming import NamePreview as NamePreview
    from .naming import estimate_naming as estimate_naming
    from .predictions import predict as predict
    from .progress import EpochStats as EpochStats
    from .progress import History as History
    from .progress import RunState as RunState
    from .progress import RunStatus as RunStatus
    from .report import write_report as write_report
    from .results import Cluster as Cluster
    from .results import TrainingResult as TrainingResult
    from .runs import Run as Run
    from .runs import attach as attach
    from .runs import submit as submit
    from .services.base import TrainingService as TrainingService
    from .services.credentials import connect_knovvu as connect_knovvu
    from .services.einstein import EinsteinService as EinsteinService
    from .services.einstein_credentials import connect_einstein as connect_einstein
    from .services.knovvu import KnovvuService as KnovvuService
    from .services.local import LocalService as LocalService
    from .sweep_handle import Sweep as Sweep
    from .sweep_moves import Comparison as Comparison
    from .sweep_results import Recommendation as Recommendation
    from .sweep_results import SweepFit as SweepFit
    from .sweeps import attach_sweep as attach_sweep
    from .sweeps import sweep as sweep
    from .tasks import LLM as LLM
    from .tasks import Clustering as Clustering
    from .tasks import IntentClassification as IntentClassification
    from .training import DataFile as DataFile
    from .training import TrainingRequest as TrainingRequest
    from .widgets.evaluation import EvaluationView as EvaluationView
    from .widgets.intents import IntentPanel as IntentPanel
    from .widgets.monitor import RunMonitor as RunMonitor
    from .widgets.sweep import SweepPanel as SweepPanel
    from .widgets.sweep_monitor import SweepMonitor as SweepMonitor
    from .widgets.training import TrainingPanel as TrainingPanel


if not TYPE_CHECKING:  # a type checker shall find misspelt names

    def __getattr__(name: str) -> Any:
        if name in _HOME:
            value = getattr(import_module(f".{_HOME[name]}", __name__), name)
            globals()[name] = value
            return value
        if name in _MODULES:
            return import_module(f".{name}", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
