"""What a sweep has found, fetched from its service and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any

from .errors import Problem, RequestError
from .progress import RunState
from .services.base import SweepingService
from .sweep_results import SCORES, SweepDocuments, SweepFit

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SweepFindings", "fits_frame", "no_fit"]

Told = tuple[int, Mapping[str, str]]
"""Which of the fits with one number of clusters: its seed, and what else the sweep varies."""


class SweepFindings:
    """The findings of one sweep; what doesn't change once it is there is asked for once.

    Parameters
    ----------
    sweep_id : str
    host : SweepingService
        Where the sweep happens.
    """

    def __init__(self, sweep_id: str, host: SweepingService) -> None:
        self._sweep_id = sweep_id
        self._host = host
        self._lock = RLock()
        self._fits: tuple[SweepFit, ...] = ()
        self._labels: dict[int, Any] = {}
        self._documents: SweepDocuments | None = None
        self._structure: float | None = None
        self._preview: tuple[SweepFit, ...] = ()
        self._outline: tuple[SweepFit, ...] = ()

    def fits(self) -> tuple[SweepFit, ...]:
        """Return the fits so far, in the order in which they were made."""
        with self._lock:
            self._fits += self._host.sweep_fits(self._sweep_id, len(self._fits))
            return self._fits

    def preview(self) -> tuple[SweepFit, ...]:
        """Return the first picture; empty where there is none, or not yet."""
        with self._lock:
            self._preview = self._preview or self._host.sweep_preview(self._sweep_id)
            return self._preview

    def outline(self) -> tuple[SweepFit, ...]:
        """Return the outline over all counts; empty where there is none, or not yet."""
        with self._lock:
            self._outline = self._outline or self._host.sweep_outline(self._sweep_id)
            return self._outline

    def structure(self) -> float | None:
        """Return how much structure there is beyond chance; None if that isn't known."""
        with self._lock:
            if self._structure is None:
                self._structure = self._host.sweep_structure(self._sweep_id)
            return self._structure

    def documents(self) -> SweepDocuments:
        """Return the documents, in the order of the labels."""
        with self._lock:
            if self._documents is None:
                self._documents = self._host.sweep_documents(self._sweep_id)
            return self._documents

    def labels(self, number: int) -> Any:
        """Return the labels of a fit by its number, ndarray of int, shape (n_documents,)."""
        with self._lock:
            if number not in self._labels:
                self._labels[number] = self._host.sweep_labels(self._sweep_id, number)
            return self._labels[number]

    def successes(self, told: Told) -> list[SweepFit]:
        """Return the fits of one seed and choice of the options that succeeded."""
        random_state, options = told
        return [
            fit
            for fit in self.fits()
            if fit.state is RunState.SUCCEEDED
            and fit.random_state == random_state
            and dict(fit.options) == dict(options)
        ]

    def number(self, n_clusters: int, told: Told) -> int:
        """Return the number of a fit that succeeded.

        Raises
        ------
        RequestError
            If there is none, at least so far.
        """
        found = self.successes(told)
        wanted = [fit.key for fit in found if fit.n_clusters == n_clusters]
        for number, fit in enumerate(self._fits, start=1):
            if fit.key in wanted and fit.state is RunState.SUCCEEDED:
                return number
        raise no_fit(n_clusters, found)


def fits_frame(fits: Sequence[SweepFit]) -> pd.DataFrame:
    """Show fits as the table of :meth:`nbtrain.Sweep.frame`."""
    import pandas as pd

    fits = sorted(fits, key=lambda fit: fit.key)
    options = sorted({name for fit in fits for name in fit.options})
    told = [name for name in SCORES if any(name in fit.scores for fit in fits)]
    columns: dict[str, Any] = {
        "n_clusters": [fit.n_clusters for fit in fits],
        "random_state": [fit.random_state for fit in fits],
        **{name: [fit.options.get(name, "") for fit in fits] for name in options},
        "state": [fit.state.value for fit in fits],
        **{name: [fit.scores.get(name, float("nan")) for fit in fits] for name in told},
        "elapsed": [fit.elapsed for fit in fits],
        "message": [fit.message for fit in fits],
    }
    return pd.DataFrame(columns)


def no_fit(n_clusters: object, fits: Sequence[SweepFit]) -> RequestError:
    """Make the error that these fits have none of so many clusters."""
    there = ", ".join(map(str, sorted({fit.n_clusters for fit in fits}))) or "none"
    what = f"is {n_clusters!r}, of which the sweep has no such fit"
    problem = Problem("n_clusters", what, f"There are so far: {there}.")
    return RequestError("There is nothing to show:", [problem])
