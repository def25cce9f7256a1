"""What a sweep tries: numbers of clusters, seeds and embedders, in which order, and how long."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import islice
from numbers import Integral
from os import PathLike, fspath
from typing import Any

from .errors import Problem, RequestError
from .sweep_results import SweepFit
from .tasks import Clustering
from .training import TrainingRequest

__all__ = ["MOST_FITS", "ORDERS", "SweepPlan", "coarse_to_fine", "make_plan"]

MOST_FITS = 10_000
"""So many fits a sweep may have."""

MOST_RUNS_AT_ONCE = 32

ORDERS = ("coarse to fine", "rising", "as given")
"""In which the numbers of clusters may be tried."""


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """The fits of a sweep, in the order in which they are made.

    Parameters
    ----------
    n_clusters : tuple of int
    random_states : tuple of int
        They drive the clusterings only. The vectors of the texts, and what fits are measured by,
        are the same for every seed.
    embedders : tuple of (str or None)
        As for :class:`~nbtrain.Clustering`.
    budget_seconds : float or None
        When so much time was worked, the sweep ends with the fits that are there; if their map is
        missing, it takes some seconds more.
    budget_fits : int or None
        At most so many fits are made.
    max_runs_at_once : int
        Where each fit is a run of its own, so many are in progress at most.

    Examples
    --------
    >>> plan = SweepPlan((2, 8, 4), (0, 1), budget_fits=4)
    >>> [(fit.n_clusters, fit.random_state) for fit in plan.fits()]
    [(2, 0), (8, 0), (4, 0), (2, 1)]
    """

    n_clusters: tuple[int, ...]
    random_states: tuple[int, ...] = (0,)
    embedders: tuple[str | None, ...] = field(default=(None,))
    budget_seconds: float | None = None
    budget_fits: int | None = None
    max_runs_at_once: int = 1

    @property
    def all_fits(self) -> int:
        """Number of fits without a budget."""
        return len(self.n_clusters) * len(self.random_states) * len(self.embedders)

    def fits(self) -> Iterator[SweepFit]:
        """Yield the fits to be made, empty, within the budget of fits.

        All numbers of clusters with the first seed come first, so that the picture is whole before
        it is repeated.
        """
        left = self.all_fits if self.budget_fits is None else self.budget_fits
        for embedder in self.embedders:
            options = {} if embedder is None else {"embedder": embedder}
            for seed in self.random_states:
                for k in self.n_clusters[: max(left, 0)]:
                    yield SweepFit(k, seed, options)
                left -= len(self.n_clusters)

    def in_order(self, fits: Iterable[SweepFit]) -> tuple[SweepFit, ...]:
        """Sort fits: those of the first embedder and seed first, each by rising number of clusters.

        Where one fit stands for all of its number of clusters, it is the first one.

        Examples
        --------
        >>> plan = SweepPlan((2, 3), (7, 0))
        >>> found = plan.in_order([SweepFit(3, 0), SweepFit(2, 0), SweepFit(3, 7), SweepFit(2, 7)])
        >>> [(fit.n_clusters, fit.random_state) for fit in found]
        [(2, 7), (3, 7), (2, 0), (3, 0)]
        """
        embedders = {embedder or "": place for place, embedder in enumerate(self.embedders)}
        seeds = {seed: place for place, seed in enumerate(self.random_states)}

        def place(fit: SweepFit) -> tuple[int, int, int]:
            embedder = embedders.get(fit.options.get("embedder", ""), len(embedders))
            return embedder, seeds.get(fit.random_state, len(seeds)), fit.n_clusters

        return tuple(sorted(fits, key=place))

    def cut_short(self, made: int) -> str:
        """Say which budget ended a sweep after so many fits; nothing if all were made.

        Examples
        --------
        >>> SweepPlan((2, 8, 4), budget_fits=2).cut_short(2)
        'Stopped after 2 of 3 fits: the budget is 2 fits.'
        """
        if made >= self.all_fits:
            return ""
        begun = f"Stopped after {made:,} of {self.all_fits:,} fits"
        if self.budget_fits is not None and made >= self.budget_fits:
            return f"{begun}: the budget is {self.budget_fits:,} fits."
        return f"{begun}: the budget of {self.budget_seconds:g} s is used up."

    def problems(self, documents: int | None = None) -> list[Problem]:
        """List what is wrong, given how many documents there are."""
        problems = []
        for value in self.n_clusters:
            problems += Clustering(value).problems(documents)
        for seed in self.random_states:
            problems += Clustering(random_state=seed).problems()
        for embedder in self.embedders:
            problems += Clustering(embedder=embedder).problems()
        for name, one in (
            ("n_clusters", "number of clusters"),
            ("random_state", "seed"),
            ("embedder", "embedder"),
        ):
            values = getattr(self, _FIELDS[name])
            if not values:
                problems.append(Problem(name, "is empty", f"Give at least one {one}."))
            elif len(set(values)) < len(values):
                problems.append(Problem(name, "holds a value twice", "Give each once."))
        if self.all_fits > MOST_FITS:
            what = f"makes {self.all_fits:,} fits of one sweep, or more"
            problems.append(Problem("n_clusters", what, f"At most {MOST_FITS:,} are possible."))
        at_once: object = self.max_runs_at_once
        if type(at_once) is not int or not 1 <= at_once <= MOST_RUNS_AT_ONCE:
            fix = f"Give a whole number from 1 to {MOST_RUNS_AT_ONCE}."
            problems.append(Problem("max_runs_at_once", f"is {at_once!r}", fix))
        return problems + _budget_problems(self.budget_seconds, self.budget_fits)


_FIELDS = {"n_clusters": "n_clusters", "random_state": "random_states", "embedder": "embedders"}


def _budget_problems(seconds: object, fits: object) -> list[Problem]:
    problems = []
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if seconds is not None and not (number and 0 < float(str(seconds)) < float("inf")):
        fix = "Give a number of seconds above 0, or None."
        problems.append(Problem("budget_seconds", f"is {seconds!r}", fix))
    if fits is not None and (type(fits) is not int or fits < 1):
        fix = "Give a whole number, 1 or more, or None."
        problems.append(Problem("budget_fits", f"is {fits!r}", fix))
    return problems


def make_plan(
    request: object,
    n_clusters: object,
    *,
    random_state: object = 0,
    embedder: object = None,
    budget_seconds: float | None = None,
    budget_fits: int | None = None,
    order: str = ORDERS[0],
    max_runs_at_once: int = 1,
) -> SweepPlan:
    """Make a plan from what a user wrote.

    Parameters
    ----------
    request : TrainingRequest
        Its task is a :class:`~nbtrain.Clustering`. Its embedder counts if none is given here.
    n_clusters, random_state, embedder : a value or values
    budget_seconds, budget_fits, order, max_runs_at_once
        See :class:`SweepPlan` and :data:`ORDERS`.

    Raises
    ------
    RequestError
        Listing everything that is wrong.
    """
    problems: list[Problem] = []
    documents: int | None = None
    if not isinstance(request, TrainingRequest):
        problems.append(Problem("request", f"is a {type(request).__name__}", "Make one."))
    else:
        if not isinstance(request.task, Clustering):
            what = f"is {type(request.task).__name__}, which has no number of clusters"
            problems.append(Problem("request.task", what, "Give Clustering()."))
        else:
            embedder = request.task.embedder if embedder is None else embedder
            # Each turn may be a document of its own; how many there are is seen later.
            documents = request.data.documents if request.task.unit == "dialogue" else None
    counts = _whole("n_clusters", n_clusters, problems)
    if order not in ORDERS:
        fix = f"Known: {', '.join(map(repr, ORDERS))}."
        problems.append(Problem("order", f"is {order!r}", fix))
    elif not problems and order != "as given" and len(counts) <= MOST_FITS:
        rising = sorted(set(counts))
        counts = coarse_to_fine(rising) if order == ORDERS[0] else rising
    plan = SweepPlan(
        tuple(counts),
        tuple(_whole("random_state", random_state, problems)),
        tuple(_listed(embedder, (str, PathLike, type(None)))),
        budget_seconds,
        _plain(budget_fits),
        _plain(max_runs_at_once),
    )
    named = {problem.where for problem in problems}
    problems += [p for p in plan.problems(documents) if p.where not in named]
    if problems:
        raise RequestError("This can't be swept as it stands:", dict.fromkeys(problems))
    return plan


def _plain(value: Any) -> Any:
    # numpy's whole numbers are not ints, and would break JSON further on.
    return int(value) if not isinstance(value, bool) and isinstance(value, Integral) else value


def _whole(name: str, given: object, problems: list[Problem]) -> list[int]:
    found = []
    for value in _listed(given, (str, bytes)):
        if not isinstance(value, bool) and isinstance(value, Integral):
            found.append(int(value))
        else:
            fix = "Give whole numbers, such as range(2, 31)."
            problems.append(Problem(name, f"holds {value!r}", fix))
    return found


def _listed(given: object, single: tuple[type, ...]) -> list[Any]:
    one = isinstance(given, single) or not isinstance(given, Iterable)
    # More than that is a mistake, and may not end.
    values = [given] if one else list(islice(given, MOST_FITS + 1))  # type: ignore[call-overload]
    return [fspath(value) if isinstance(value, PathLike) else value for value in values]


def coarse_to_fine(ks: Sequence[int]) -> list[int]:
    """Order numbers of clusters so that the first few show the shape of the whole range.

    Both ends first, then whatever lies in the middle of the widest gap, by ratio.

    Examples
    --------
    >>> coarse_to_fine(range(2, 11))
    [2, 10, 4, 6, 3, 8, 5, 7, 9]
    """
    left = sorted(set(ks))
    if len(left) < 3:
        return left
    order = [left[0], left[-1]]
    gaps: list[tuple[float, int, int, int]] = []

    def add(low: int, high: int) -> None:
        if high - low >= 2:
            # Of gaps that are equally wide the earlier one.
            heappush(gaps, (-left[high] / max(left[low], 1), len(order), low, high))

    add(0, len(left) - 1)
    while gaps:
        _, _, low, high = heappop(gaps)
        middle = (left[low] * left[high]) ** 0.5
        place = bisect_left(left, middle, low + 1, high - 1)
        if place > low + 1 and middle - left[place - 1] <= left[place] - middle:
            place -= 1
        order.append(left[place])
        add(low, place)
        add(place, high)
    return order
