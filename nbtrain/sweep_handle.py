"""A sweep in hand: follow it, read what it found, choose, train the one that fits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING, Any

from .errors import (
    NbtrainError,
    Problem,
    RequestError,
)
from .files import check_unchanged
from .looking import look_until_ended
from .progress import RunState, RunStatus
from .recommendation import recommend
from .runs import Run, handed_in, submit
from .services.base import SweepingService, TrainingService
from .sweep_findings import SweepFindings, fits_frame, no_fit
from .sweep_moves import Comparison, Split, compare_fits, splits_between
from .sweep_plans import SweepPlan
from .sweep_results import (
    Choice,
    Recommendation,
    SweepDocuments,
    SweepFit,
    SweepUpdate,
)
from .tasks import Clustering
from .training import TrainingRequest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sweep"]


class Sweep:
    """One sweep, made by :func:`nbtrain.sweep` and :func:`nbtrain.attach_sweep`.

    ``await sweep`` waits for its end without blocking the event loop.

    Attributes
    ----------
    sweep_id : str
        What :func:`nbtrain.attach_sweep` takes.
    service : TrainingService
        Where it happens.
    """

    def __init__(
        self,
        sweep_id: str,
        service: TrainingService,
        host: SweepingService,
        asked: tuple[TrainingRequest, SweepPlan] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.sweep_id = sweep_id
        self.service = service
        self._host = host
        self._asked = asked
        self._clock = clock
        self._sleep = sleep
        self._findings = SweepFindings(sweep_id, host)
        self._lock = RLock()

    def __repr__(self) -> str:
        return f"<Sweep {self.sweep_id} on {self.service!r}>"

    def __await__(self) -> Generator[Any, None, RunStatus]:
        return asyncio.to_thread(self.wait).__await__()

    @property
    def request(self) -> TrainingRequest:
        """What was asked for; found again, its data are the service's copies."""
        return self._asked_for()[0]

    @property
    def plan(self) -> SweepPlan:
        """The fits that were asked for, and in which order they are made."""
        return self._asked_for()[1]

    # --- following it --------------------------------------------------------------------

    def status(self) -> RunStatus:
        """Ask where the sweep stands; its ``run_id`` is the sweep's id."""
        return self._host.sweep_status(self.sweep_id)

    def fits(self) -> tuple[SweepFit, ...]:
        """Return the fits so far, in the order in which they were made, failed ones too."""
        return self._findings.fits()

    def watch(
        self, interval: float = 0.25, *, after: int = 0, timeout: float | None = None
    ) -> Iterator[SweepUpdate]:
        """Follow the sweep until it ends; by the last update all fits were told.

        Parameters
        ----------
        interval : float
            Seconds between two looks.
        after : int
            How many fits are known already.
        timeout : float, optional
            Seconds after which to give up; by default never.

        Yields
        ------
        SweepUpdate
            At every look, whether or not anything is new.

        Raises
        ------
        ServiceUnavailable, UnexpectedResponse
            If the service can't be reached or answers no sense for a minute; the sweep may go on
            nevertheless.
        WaitTimeout
            If it takes longer than ``timeout``; the sweep goes on.
        """
        known = after

        def look() -> SweepUpdate:
            nonlocal known
            # Status before fits: the other order could miss the last ones.
            status, fits = self.status(), self.fits()
            new, known = fits[known:], max(known, len(fits))
            return SweepUpdate(status, new)

        def late() -> str:
            return f"Sweep {self.sweep_id} takes longer than {timeout:g} s; it goes on."

        return look_until_ended(
            look, interval=interval, timeout=timeout, late=late,
            clock=self._clock, sleep=self._sleep,
        )  # fmt: skip

    def wait(self, timeout: float | None = None) -> RunStatus:
        """Wait until the sweep has ended, however it ended.

        Raises
        ------
        WaitTimeout
            If it takes longer than ``timeout`` seconds; the sweep goes on.
        """
        status: RunStatus | None = None
        for update in self.watch(timeout=timeout):
            status = update.status
        assert status is not None
        return status

    def cancel(self) -> RunStatus:
        """Stop the sweep; the fits so far stay."""
        return self._host.cancel_sweep(self.sweep_id)

    # --- what it found -------------------------------------------------------------------

    def frame(self) -> pd.DataFrame:
        """Show the fits so far as a table.

        Returns
        -------
        DataFrame
            One row a fit, by number of clusters, seed and options: ``n_clusters``,
            ``random_state``, what else the sweep varies, ``state``, the scores that the service
            tells (see :data:`nbtrain.sweep_results.SCORES`), ``elapsed`` (seconds), ``message``.
        """
        return fits_frame(self.fits())

    def fit(self, n_clusters: int, random_state: int | None = None, **options: str) -> SweepFit:
        """Return one fit that succeeded.

        Parameters
        ----------
        n_clusters : int
        random_state : int, optional
            By default the plan's first seed.
        **options : str
            What else the sweep varies, such as ``embedder``; by default the first of each.

        Raises
        ------
        RequestError
            If there is none, at least so far.
        """
        return self.fits()[self._number(n_clusters, random_state, options) - 1]

    def labels(
        self, n_clusters: int, random_state: int | None = None, **options: str
    ) -> dict[str, int]:
        """Return the cluster of each document in one fit, by document id; see :meth:`fit`."""
        labels = self._findings.labels(self._number(n_clusters, random_state, options))
        return dict(zip(self._findings.documents().ids, labels.tolist(), strict=True))

    def preview(self) -> tuple[SweepFit, ...]:
        """Return a first picture from a sample of the texts: no labels, only the agreement.

        Empty where the service makes none, or hasn't yet.
        """
        return self._findings.preview()

    def recommendation(self) -> Recommendation:
        """Return the short list of counts as the fits so far have it, with reasons.

        Where the service looks at all counts that the texts bear, whichever were asked for, the
        list is read from that: trying other counts doesn't change what it points to.
        As long as there are too few fits it is that of the :meth:`preview`, as far as that lies in
        the range of the sweep, and says so.
        """
        structure = self._findings.structure()
        documents = self.request.data.documents
        fits = self.plan.in_order(self.fits())
        found = recommend(
            fits,
            documents,
            outline=self._findings.outline(),
            structure=structure,
            splits=self._splits,
        )
        if found.candidates or not (preview := self.preview()):
            return found
        ends = min(self.plan.n_clusters), max(self.plan.n_clusters)
        within = [fit for fit in preview if ends[0] <= fit.n_clusters <= ends[1]]
        # Where it is drawn by now, the outline knows more than the sample.
        outline = self._findings.outline() or preview
        early = recommend(
            within,
            documents,
            outline=outline,
            structure=structure,
            planned=self.plan.n_clusters,
        )
        if not early.candidates:
            return found
        return replace(early, summary=f"From a sample of the texts, so far: {early.summary}")

    def _splits(self, few: int, many: int) -> list[Split]:
        try:
            numbers = [self._number(k, None, {}) for k in (few, many)]
            labels = [self._findings.labels(number) for number in numbers]
            counts = self._findings.documents().counts
        except NbtrainError:
            # The reasons then name no clusters.
            return []
        return list(splits_between([self.fits()[n - 1] for n in numbers], labels, counts))

    def compare(
        self, a: int, b: int, random_state: int | None = None, **options: str
    ) -> Comparison:
        """Put two fits side by side: what moves where from ``a`` clusters to ``b``."""
        first = self._number(a, random_state, options)
        second = self._number(b, random_state, options)
        fits = self.fits()
        return compare_fits(
            fits[first - 1],
            fits[second - 1],
            self._findings.labels(first),
            self._findings.labels(second),
            self._findings.documents(),
        )

    def splits(self, random_state: int | None = None, **options: str) -> tuple[Split, ...]:
        """Return which clusters split from each number of clusters to the next one there is."""
        counts = sorted(
            {fit.n_clusters for fit in self._findings.successes(self._told(random_state, options))}
        )
        numbers = [self._number(count, random_state, options) for count in counts]
        if len(numbers) < 2:
            return ()
        fits = self.fits()
        labels = [self._findings.labels(number) for number in numbers]
        chosen = [fits[number - 1] for number in numbers]
        return tuple(splits_between(chosen, labels, self._findings.documents().counts))

    def map(self) -> pd.DataFrame | None:
        """Return places in the plane: near on it is what is near in the vectors.

        Returns
        -------
        DataFrame or None
            Columns ``x`` and ``y``, by document id; documents that the map leaves out are not
            there. None where the service makes no map, or hasn't yet.
        """
        import pandas as pd

        places = self._host.sweep_positions(self.sweep_id)
        if places is None:
            return None
        index = pd.Index(self._findings.documents().ids, name="document")
        return pd.DataFrame(places, columns=["x", "y"], index=index).dropna()

    def documents(self) -> SweepDocuments:
        """Return the documents: ids, what a reader is shown of them, and how often each came.

        Raises
        ------
        RunNotFinished
            If the service has not read them yet.
        """
        return self._findings.documents()

    # --- taking one ----------------------------------------------------------------------

    def choose(self, n_clusters: int, reason: str = "") -> Choice:
        """Note which number of clusters you take, and why; it is kept on disk.

        Raises
        ------
        RequestError
            If the sweep has no such fit.
        """
        given: object = reason
        if not isinstance(given, str):
            problem = Problem("reason", f"is a {type(given).__name__}", "Give a text.")
            raise RequestError("This choice can't be noted:", [problem])
        fits = [fit for fit in self.fits() if fit.state is RunState.SUCCEEDED]
        if n_clusters not in {fit.n_clusters for fit in fits}:
            raise no_fit(n_clusters, fits)
        return self._host.choose_in_sweep(self.sweep_id, int(n_clusters), reason)

    def choice(self) -> Choice | None:
        """Return what was chosen last, None if nothing was."""
        return self._host.sweep_choice(self.sweep_id)

    def train(self, n_clusters: int | None = None, model_id: str | None = None) -> Run:
        """Train a model with one number of clusters, the sweep's request otherwise the same.

        Parameters
        ----------
        n_clusters : int, optional
            By default what was chosen, else what is recommended first.
        model_id : str, optional
            By default that of the request.

        Returns
        -------
        Run
            At once. The local service begins at the clusters of the fit and refines them, so
            that what you get is what you saw; with labelled intents, and elsewhere, it begins anew.

        Raises
        ------
        RequestError
            If nothing was chosen and nothing is recommended, or the request is no longer valid.
        """
        request = self.request
        taken: Any = n_clusters
        if taken is None:
            choice = self.choice()
            taken = choice.n_clusters if choice else self.recommendation().n_clusters
        if taken is None:
            fix = "Give a number, or note one with choose()."
            problem = Problem("n_clusters", "is not chosen, and none is recommended", fix)
            raise RequestError("Nothing was submitted:", [problem])
        assert isinstance(request.task, Clustering)
        plan = self.plan
        task = replace(
            request.task,
            n_clusters=taken,
            random_state=plan.random_states[0],
            embedder=plan.embedders[0],
        )
        model_id = request.model_id if model_id is None else model_id
        request = replace(request, task=task, model_id=model_id, force_train=True)
        if taken not in {fit.n_clusters for fit in self._findings.successes(self._told(None, {}))}:
            return submit(request, self.service)
        check_unchanged(request.data, request.secondary_data)
        number = self._number(taken, None, {})
        first = self._host.train_fit(self.sweep_id, number, request)
        return handed_in(first, self.service)

    # --- within --------------------------------------------------------------------------

    def _asked_for(self) -> tuple[TrainingRequest, SweepPlan]:
        with self._lock:
            if self._asked is None:
                self._asked = self._host.sweep_request(self.sweep_id)
            return self._asked

    def _number(self, n_clusters: int, random_state: int | None, options: dict[str, str]) -> int:
        return self._findings.number(n_clusters, self._told(random_state, options))

    def _told(
        self, random_state: int | None, options: dict[str, str]
    ) -> tuple[int, dict[str, str]]:
        # The first seed and options unless others are named.
        if random_state is None or not options:
            first = next(self.plan.fits())
            random_state = first.random_state if random_state is None else random_state
            options = options or dict(first.options)
        return random_state, {name: str(value) for name, value in options.items() if value}
