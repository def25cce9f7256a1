"""Watching a sweep: its live chart, the short list, the fits to look into, and the choice."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ..charts import duration, headline
from ..errors import NbtrainError
from ..progress import RunState, RunStatus
from ..recommendation import FEWEST
from ..sweep_charts import (
    SAMPLED,
    by_clusters,
    shown_scores,
    sweep_bundle,
    sweep_chart,
    sweep_marks,
    sweep_notes,
    sweep_points,
)
from ..sweep_results import Choice, Recommendation, SweepFit, SweepUpdate
from ..sweep_tables import candidates_html
from .fields import Messages
from .pick_chart import PickChart
from .saved_output import SavedOutput
from .sweep_explorer import SweepExplorer
from .watching import FASTEST, WatchingBox, reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..sweeps import Sweep

__all__ = ["SweepMonitor"]

_HINT = "A click on the chart, or the arrow keys when it has the focus, opens a number of clusters."


class SweepMonitor(WatchingBox):
    """Show a sweep while it goes on, and look into what it has found.

    Displayed, it is a status line with a Stop button over a live chart, which fills as the fits
    come; the short list with its reasons; and the fits to look into. As long as there are fewer
    than four fits, faint lines tell what a sample of the texts says. A click on the chart, or an
    arrow key, opens a number of clusters. A picture of the chart stays in the saved notebook.

    Parameters
    ----------
    sweep : Sweep
        From :func:`nbtrain.sweep` or :func:`nbtrain.attach_sweep`.
    interval : float
        Seconds between two looks at the sweep; 0.25 is the least.
    picture, context
        As for :class:`RunMonitor`.

    Attributes
    ----------
    sweep : Sweep
    fits : tuple of SweepFit
        All that were seen so far.
    recommendation : Recommendation
        What they say so far.
    choice : Choice or None
        The number of clusters that the user took.
    chart : PickChart
    explorer : SweepExplorer
    error : Exception or None
        Why watching stopped before the sweep had ended.

    Notes
    -----
    Stable CSS classes: ``nbt-sweep``, and in it ``nbt-status``, ``nbt-cancel``,
    ``nbt-live-chart``, ``nbt-short-list``, ``nbt-sweep-further``, ``nbt-reason`` and
    ``nbt-choose``.
    """

    chart: PickChart

    def __init__(
        self,
        sweep: Sweep,
        *,
        interval: float = FASTEST,
        picture: SavedOutput | None = None,
        context: contextvars.Context | None = None,
    ) -> None:
        self.sweep = sweep
        self.recommendation = Recommendation()
        self.choice: Choice | None = sweep.choice()
        self._interval = max(FASTEST, interval)
        self._last: RunStatus | None = None
        self._fits: dict[Any, SweepFit] = {}
        self._new: list[SweepFit] = []
        self._shown_at = -FASTEST
        self._listeners: list[Callable[[], object]] = []
        self._sample: tuple[SweepFit, ...] = ()
        # At first there is nothing to see but the first picture.
        self._looks: tuple[tuple[str, ...], bool] = (SAMPLED, True)
        chart = PickChart(
            sweep_chart(sweep.plan.n_clusters, SAMPLED, sample=True),
            title=sweep.request.model_id,
        )
        super().__init__(
            chart,
            stop=("Stop", "Stopping…", "Stop the sweep; the fits that are there stay"),
            picture=picture,
            context=context,
        )
        self._list = widgets.HTML()
        self._list.add_class("nbt-short-list")
        self.explorer = SweepExplorer(sweep, self._context, self._lock)
        self._why = widgets.Text(
            placeholder="why this number",
            description="Reason",
            layout={"flex": "1 1 16em", "width": "auto", "max_width": "40em"},
            style={"description_width": "initial"},
        )
        self._why.add_class("nbt-reason")
        self._choose = widgets.Button(description="Choose", icon="check", disabled=True)
        self._choose.layout.width = "auto"
        self._choose.add_class("nbt-choose")
        self._chosen = Messages("chosen")
        self._further = widgets.Button(
            icon="play",
            # As wide as its words, not as the page.
            layout={"width": "max-content", "display": "none", "margin": "4px 0 8px"},
        )
        self._further.add_class("nbt-sweep-further")
        self._go_further: Callable[[int], object] | None = None
        row = {"flex_flow": "row wrap", "align_items": "center", "width": "100%"}
        hint = widgets.HTML(f"<div class='nbt-sweep-note nbt-hint'>{_HINT}</div>")
        self.children = (
            *self.children,
            hint,
            self._list,
            self._further,
            self.explorer,
            widgets.HBox([self._why, self._choose], layout=row),
            self._chosen,
        )
        self.add_class("nbt-sweep")
        chart.on_pick(lambda x: self.look_at(int(x)))
        self.explorer.on_open(self._opened)
        self._choose.on_click(self._on_choose)
        self._further.on_click(self._on_further)
        self._show_choice()
        self._show_status()
        self._start(sweep.sweep_id)

    def __repr__(self) -> str:
        where = headline(self._last) if self._last is not None else "not seen yet"
        return f"<SweepMonitor of sweep {self.sweep.sweep_id}: {where}>"

    @property
    def fits(self) -> tuple[SweepFit, ...]:
        """All fits that were seen so far: those of the first embedder and seed come first."""
        with self._lock:
            return self.sweep.plan.in_order(self._fits.values())

    @property
    def status(self) -> RunStatus | None:
        """Where the sweep stood when last seen."""
        return self._last

    @property
    def n_clusters(self) -> int | None:
        """The number that was chosen, or else the one that is looked at."""
        return self.choice.n_clusters if self.choice is not None else self.explorer.opened

    # --- what one does with it -----------------------------------------------------------------

    def look_at(self, n_clusters: int) -> None:
        """Look at a number of clusters that was tried; KeyError if it was not."""
        self.explorer.look_at(n_clusters)

    def choose(self, n_clusters: int, reason: str = "") -> Choice:
        """Record which number of clusters is taken, and why."""
        choice = self.sweep.choose(n_clusters, reason)
        with self._lock:
            self.choice = choice
            self._show_choice()
        self._tell()
        return choice

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call back when another number of clusters is opened or chosen."""
        self._listeners.append(callback)

    def offer_further(self, callback: Callable[[int], object]) -> None:
        """Offer a button by the short list where the texts point to more than was tried.

        A click on it calls ``callback(up_to)``, with :attr:`Recommendation.up_to`.
        """
        with self._lock:
            self._go_further = callback
            self._show_further()

    def _show_further(self) -> None:
        up_to, status = self.recommendation.up_to, self._last
        ended = status is not None and status.state.ended
        if up_to is None or not ended or self._go_further is None:
            self._further.layout.display = "none"
            return
        self._further.description = f"Sweep up to {up_to}"
        self._further.layout.display = None

    def _on_further(self, _button: object) -> None:
        up_to = self.recommendation.up_to
        if up_to is not None and self._go_further is not None:
            self._go_further(up_to)

    def _opened(self, n_clusters: int) -> None:
        with self._lock:
            self._choose.disabled = False
            self._choose.description = f"Choose {n_clusters} clusters"
            marks = sweep_marks(self.recommendation, n_clusters, sample=self._is_early)
            self.chart.insert({}, marks=marks)
        self._tell()

    def _on_choose(self, _button: object) -> None:
        opened = self.explorer.opened
        if opened is None:
            return
        try:
            self.choose(opened, self._why.value.strip())
        except Exception as error:
            self._chosen.list([], f"The choice was not recorded: {reason(error)}")

    def _show_choice(self) -> None:
        if self.choice is None:
            return
        why = f": {self.choice.reason}" if self.choice.reason else ""
        self._chosen.say(f"You chose {self.choice.n_clusters} clusters{why}", good=True)

    def _tell(self) -> None:
        for callback in self._listeners:
            callback()

    # --- watching, in a thread -------------------------------------------------------------------

    @property
    def _what(self) -> str:
        return f"Sweep {self.sweep.sweep_id}"

    def _updates(self) -> Iterator[SweepUpdate]:
        return self.sweep.watch(self._interval)

    def _take(self, update: SweepUpdate) -> None:
        first_picture = self._look_at_sample()
        with self._lock:
            if first_picture:
                self._sample = first_picture
            self._last = update.status
            for fit in update.fits:
                self._fits[fit.key] = fit
                self._new.append(fit)
            now = time.monotonic()
            due = now - self._shown_at >= FASTEST and not update.status.state.ended
            if due:
                self._shown_at = now
        if due:
            self._advise()
            with self._lock:
                self._show()

    def _before_end(self) -> None:
        self._advise()

    def _advise(self) -> None:
        """Fetch the short list, without the lock: clicks shall not wait for the service."""
        if not self._new and not (self._is_early and self._sample):
            return
        try:
            advice = self.sweep.recommendation()
        except Exception as error:
            # Watching has a patience of its own; the last word is said in any case.
            if self.error is not None or (self._last is not None and self._last.state.ended):
                self._note(f"The short list could not be brought up to date: {reason(error)}")
            return
        with self._lock:
            self.recommendation = advice

    def _show(self) -> None:
        status = self._last
        assert status is not None
        new, self._new = self._new, []
        title = f"{self.sweep.request.model_id} · {headline(status)}"
        if new or (self._is_early and self._sample):
            self._show_fits(new, title, finished=status.state.ended)
        else:
            self.chart.insert({}, title=title)
            if status.state.ended:
                self._explore(self.fits, finished=True)
        self._show_further()
        self._show_status()

    def _show_fits(self, new: list[SweepFit], title: str, *, finished: bool) -> None:
        fits = self.fits
        sample = self._sample if self._is_early else ()
        marks = sweep_marks(self.recommendation, self.explorer.opened, sample=self._is_early)
        points = sweep_points(fits, self.recommendation, sample)
        looks = (shown_scores(fits) if by_clusters(fits) else SAMPLED, self._is_early)
        if looks != self._looks:
            self._looks = looks
            chart = sweep_chart(self.sweep.plan.n_clusters, looks[0], sample=looks[1])
            self.chart.replace(chart, points, title=title, marks=marks)
        counts = {fit.n_clusters for fit in new}
        notes = sweep_notes(fit for fit in fits if fit.n_clusters in counts)
        notes = (
            sweep_notes(one for one in sample if one.n_clusters not in by_clusters(fits)) | notes
        )
        known = self.chart.counts
        points = {name: listed for name, listed in points.items() if name in known}
        self.chart.insert(points, notes=notes, title=title, marks=marks)
        self._list.value = candidates_html(self.recommendation)
        self._explore(fits, finished=finished)

    def _explore(self, fits: tuple[SweepFit, ...], *, finished: bool) -> None:
        chosen = None if self.choice is None else self.choice.n_clusters
        self.explorer.update(fits, self.recommendation, finished=finished, chosen=chosen)

    @property
    def _is_early(self) -> bool:
        """Whether there are so few fits that the first picture, from a sample, tells more."""
        return len(by_clusters(self.fits)) < FEWEST

    def _look_at_sample(self) -> tuple[SweepFit, ...]:
        """Return the first picture if it is there and new, as far as it lies in the range."""
        if self._sample or not self._is_early:
            return ()
        try:
            seen = self.sweep.preview()
        except NbtrainError:
            # Watching goes on without it.
            return ()
        ends = min(self.sweep.plan.n_clusters), max(self.sweep.plan.n_clusters)
        return tuple(fit for fit in seen if ends[0] <= fit.n_clusters <= ends[1])

    def _words(self) -> list[str]:
        status, fits = self._last, self.fits
        if status is None:
            return []
        failed = [fit for fit in fits if fit.state is RunState.FAILED]
        made = sum(fit.state is RunState.SUCCEEDED for fit in fits)
        tried = len(by_clusters(fits))
        words = [f"{made:,} of {self._planned:,} {'fit' if self._planned == 1 else 'fits'}"]
        if tried and tried != made:
            words[0] += f", {tried:,} {'number' if tried == 1 else 'numbers'} of clusters"
        words[0] += "."
        # A sweep of which nothing came has the same to say.
        if failed and status.message != failed[0].message:
            words.append(f"{len(failed):,} failed: {failed[0].message}")
        if status.state.ended:
            how = {RunState.SUCCEEDED: "Finished", RunState.CANCELLED: "Stopped"}
            after = f" after {duration(status.elapsed)}" if status.elapsed is not None else ""
            words.insert(0, f"{how.get(status.state, 'Failed')}{after}.")
        # That it was stopped is said already.
        said = status.state is RunState.CANCELLED or not status.message
        return words if said else [*words, status.message]

    @property
    def _planned(self) -> int:
        plan = self.sweep.plan
        return plan.all_fits if plan.budget_fits is None else min(plan.all_fits, plan.budget_fits)

    def _bundle(self) -> Mapping[str, Any]:
        return sweep_bundle(self.fits, self.recommendation)

    def _cancel_it(self) -> None:
        self.sweep.cancel()
