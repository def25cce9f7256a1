"""A sweep that was there before its panel: found, and told apart from those of other data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import RunNotFound
from ..file_lock import FileLock
from ..runs import default_service
from ..services.base import TrainingService
from ..services.local import LocalService
from ..sweep_journal import Journal, journal_path
from ..sweep_plans import SweepPlan
from ..sweep_runs import is_driven_here
from ..sweeps import Sweep, attach_sweep
from ..training import TrainingRequest

__all__ = ["EarlierSweep", "find_earlier", "newest_sweep"]

_OTHER = (
    "There is a sweep of this model id, but of other data or in another language. "
    "Sweep begins a new one."
)


@dataclass(frozen=True, slots=True)
class EarlierSweep:
    """What was found; all empty if there is none.

    Parameters
    ----------
    sweep : Sweep or None
        To be shown.
    asked : tuple of TrainingRequest and SweepPlan, or None
        Of one that would go on, and cost money, if it were attached.
    note : str
        Why there is none to show.
    """

    sweep: Sweep | None = None
    asked: tuple[TrainingRequest, SweepPlan] | None = None
    note: str = ""


def newest_sweep(service: TrainingService, data_path: Path, model_id: str) -> str:
    """Return by what :func:`nbtrain.attach_sweep` finds the newest sweep of a model id."""
    return model_id if service.capabilities.sweep else str(journal_path(data_path, model_id))


def find_earlier(
    connect: Callable[[], TrainingService | None],
    data_path: Path,
    model_id: str,
    is_of_my_data: Callable[[TrainingRequest], bool],
) -> EarlierSweep:
    """Look for the newest sweep of a model id, without beginning anything that costs money.

    Parameters
    ----------
    connect : callable
        Returns the service, None for the default one.
    data_path : Path
        Where the data file of such a sweep lies.
    model_id : str
    is_of_my_data : callable
        Tells whether a request is of the data and the language at hand.

    Raises
    ------
    ServiceError
        If the service can't be reached or says no.
    DataError
        If the data of the sweep are gone.
    """
    service = connect() or default_service()
    if isinstance(service, LocalService) and not service.used:
        return EarlierSweep()
    where = newest_sweep(service, data_path, model_id)
    try:
        if not service.capabilities.sweep:
            journal = Journal.load(Path(where))
            going_on = journal.service == service.name and not journal.state.ended
            if going_on and not is_driven_here(journal.path):
                mine = is_of_my_data(journal.request)
                return _not_here(journal) if mine else EarlierSweep(note=_OTHER)
        found = attach_sweep(where, service)
    except RunNotFound:
        return EarlierSweep()
    return EarlierSweep(found) if is_of_my_data(found.request) else EarlierSweep(note=_OTHER)


def _not_here(journal: Journal) -> EarlierSweep:
    """Tell of a sweep that would go on here: no kernel is at it, or another one."""
    made = f"{len(journal.fits):,} of {sum(1 for _ in journal.plan.fits()):,} fits"
    lock = FileLock(journal.path)
    if lock.acquire():
        lock.release()
        note = (
            f"A sweep of this model id was interrupted after {made}. Sweep goes on with what the "
            "form says, panel.attach() with all of it."
        )
    else:
        note = f"Another kernel is at a sweep of this model id: {made}. Wait for it, or cancel it."
    return EarlierSweep(asked=(journal.request, journal.plan), note=note)
