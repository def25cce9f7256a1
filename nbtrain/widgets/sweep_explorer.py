"""Looking into a sweep: the clusters of one fit, two fits side by side, the map, all scores."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ..flow_figure import flow_sentence, flow_svg
from ..markup import escape
from ..sweep_charts import by_clusters
from ..sweep_results import Recommendation, SweepFit
from ..sweep_tables import SWEEP_TABLE_STYLE, best_fit, fit_html, flows_html, scores_html
from .closing import close_parts
from .text_map import TextMap
from .watching import reason

if TYPE_CHECKING:
    from ..sweeps import Sweep

__all__ = ["SweepExplorer"]

_VIEWS = ("Clusters", "Compare two", "Map", "All scores")
_SCROLL = "<div class='nbt-scroll' tabindex='0' role='region' aria-label='{}'>{}</div>"
_FEW = 5
_NOT_YET = "The map of the texts is made after the first fits."
_NO_MAP = "This sweep has no map of the texts: it ended before, or its service makes none."


class SweepExplorer(widgets.VBox):  # type: ignore[misc]
    """Four views of the fits that there are; what a view shows is fetched when it is looked at.

    Parameters
    ----------
    sweep : Sweep
    context : contextvars.Context
        Of the cell that made it.
    lock : RLock, optional
        That of the monitor which it belongs to.

    Attributes
    ----------
    opened : int or None
        The number of clusters that is looked at.
    fields : dict of str to widget
        The controls: ``view``, ``opened``, ``left`` and ``right``.
    """

    def __init__(
        self, sweep: Sweep, context: contextvars.Context, lock: threading.RLock | None = None
    ) -> None:
        self._sweep, self._context = sweep, context
        # One lock for all that belongs together, or two threads might wait for each other.
        self._lock = lock or threading.RLock()
        self._fits: tuple[SweepFit, ...] = ()
        self._recommendation = Recommendation()
        self._callbacks: list[Callable[[int], object]] = []
        self._quiet = self._by_user = self._finished = False
        self._splits: Any = None
        self._places: Any = None
        self._asked: dict[str, object] = {}
        self.map: TextMap | None = None
        self.opened: int | None = None
        narrow = {
            "layout": {"width": "max-content", "min_width": "7em"},
            "style": {"description_width": "initial"},
        }
        self.fields: dict[str, Any] = {
            "view": widgets.ToggleButtons(options=_VIEWS, style={"button_width": "auto"}),
            "opened": widgets.Dropdown(description="Number of clusters", disabled=True, **narrow),
            "left": widgets.Dropdown(description="From", **narrow),
            "right": widgets.Dropdown(description="to", **narrow),
        }
        for name, control in self.fields.items():
            control.add_class(f"nbt-sweep-{name}")
        self._parts = {
            name: widgets.HTML() for name in ("split", "table", "flows", "moved", "says", "scores")
        }
        for name, part in self._parts.items():
            part.add_class(f"nbt-sweep-{name}")
        self._map_place = widgets.VBox()
        row = {"flex_flow": "row wrap", "align_items": "center"}
        self._views = {
            "Clusters": widgets.VBox([self._parts["split"], self._parts["table"]]),
            "Compare two": widgets.VBox([
                widgets.HBox([self.fields["left"], self.fields["right"]], layout=row),
                self._parts["flows"],
                self._parts["moved"],
            ]),
            "Map": widgets.VBox([self._parts["says"], self._map_place]),
            "All scores": widgets.VBox([self._parts["scores"]]),
        }  # fmt: skip
        style = widgets.HTML(f"<style>{SWEEP_TABLE_STYLE}</style>", layout={"display": "none"})
        head = widgets.HBox([self.fields["view"]], layout=row)
        super().__init__([style, head, self.fields["opened"], *self._views.values()])
        self.add_class("nbt-sweep-explorer")
        self.layout.width, self.layout.overflow = "100%", "visible"
        self.fields["view"].observe(lambda _change: self._show_view(), names="value")
        self.fields["opened"].observe(self._opened_by_user, names="value")
        for name in ("left", "right"):
            self.fields[name].observe(self._sides_chosen, names="value")
        self._show_view()

    # --- what there is -----------------------------------------------------------------------

    def update(
        self,
        fits: Sequence[SweepFit],
        recommendation: Recommendation,
        *,
        finished: bool = False,
        chosen: int | None = None,
    ) -> None:
        """Offer what there is by now; until the user opens one, the chosen or best fit is open."""
        with self._lock:
            self._fits, self._recommendation = tuple(fits), recommendation
            self._finished = finished
            counts = list(by_clusters(fits))
            self._offer(counts)
            best = chosen if chosen in counts else recommendation.n_clusters
            if not self._by_user and best in counts and best != self.opened:
                self._open(best)
            elif self.opened is None and counts and finished:
                self._open(counts[len(counts) // 2])
            self._choose_sides(counts)
            shown = self.fields["view"].value
            if finished or shown == "All scores" or (shown == "Map" and self.map is None):
                self._show_view()

    def _offer(self, counts: Sequence[int]) -> None:
        words = {c.n_clusters: "near tie" if c.tie else "listed"
                 for c in self._recommendation.candidates}  # fmt: skip
        if self._recommendation.n_clusters is not None:
            best = "best" if self._recommendation.up_to is None else "nearest"
            words[self._recommendation.n_clusters] = best
        options = [(f"{k} ({words[k]})" if k in words else str(k), k) for k in counts]
        for name in ("opened", "left", "right"):
            control = self.fields[name]
            control.disabled = not counts
            if tuple(control.options) == tuple(options):
                continue
            value = control.value
            self._quietly(name, options=options)
            self._quietly(name, value=value if value in counts else None)

    def _quietly(self, name: str, **traits: Any) -> None:
        """Change a control without taking it for the user's doing."""
        self._quiet = True
        try:
            for trait, value in traits.items():
                setattr(self.fields[name], trait, value)
        finally:
            self._quiet = False

    def _choose_sides(self, counts: Sequence[int]) -> None:
        """Put the two best candidates side by side, as long as the user has not chosen."""
        listed = [c.n_clusters for c in self._recommendation.candidates if c.n_clusters in counts]
        pair = sorted(listed[:2])
        if len(pair) < 2 and self.opened in counts and len(counts) > 1:
            place = min(counts.index(self.opened), len(counts) - 2)
            pair = [counts[place], counts[place + 1]]
        if len(pair) == 2 and "sides" not in self._asked:
            self._quietly("left", value=pair[0])
            self._quietly("right", value=pair[1])

    # --- opening -----------------------------------------------------------------------------

    def on_open(self, callback: Callable[[int], object]) -> None:
        """Call ``callback(n_clusters)`` when another fit is looked at."""
        self._callbacks.append(callback)

    def look_at(self, n_clusters: int) -> None:
        """Look at a number of clusters that was tried.

        Raises
        ------
        KeyError
            If it was not tried, or its fit failed.
        """
        with self._lock:
            if n_clusters not in by_clusters(self._fits):
                raise KeyError(f"{n_clusters} clusters were not tried.")
            self._by_user = True
            self._open(n_clusters)

    def _open(self, n_clusters: int) -> None:
        self.opened = n_clusters
        self._quietly("opened", value=n_clusters)
        self._show_view()
        for callback in self._callbacks:
            callback(n_clusters)

    def _opened_by_user(self, change: dict[str, Any]) -> None:
        with self._lock:
            if not self._quiet and change["new"] is not None and change["new"] != self.opened:
                self.look_at(change["new"])

    def _sides_chosen(self, _change: object) -> None:
        with self._lock:
            if not self._quiet:
                self._asked["sides"] = True
                self._show_view()

    # --- the views ---------------------------------------------------------------------------

    def _show_view(self) -> None:
        with self._lock:
            chosen = self.fields["view"].value
            for name, view in self._views.items():
                view.layout.display = None if name == chosen else "none"
            if chosen != "All scores":
                # A large table that is made in no time need not be kept, nor sent to a new page.
                self._parts["scores"].value = ""
            needed = chosen in ("Clusters", "Map") and bool(by_clusters(self._fits))
            self.fields["opened"].layout.display = None if needed else "none"
            {
                "Clusters": self._show_clusters,
                "Compare two": self._show_comparison,
                "Map": self._show_map,
                "All scores": self._show_scores,
            }[chosen]()

    def _show_clusters(self) -> None:
        fit = None if self.opened is None else best_fit(self._fits, self.opened)
        if fit is None:
            self._say("table", self._nothing)
            return
        table = _SCROLL.format(f"Clusters of the fit with {fit.n_clusters}", fit_html(fit))
        self._parts["table"].value = table
        if self._splits:
            self._parts["split"].value = self._splits_html(fit.n_clusters)
        if self._finished and self._splits is None and fit.clusters:
            self._splits = ()
            self._later("splits", self._sweep.splits, self._splits_came, "all")

    @property
    def _nothing(self) -> str:
        return "There is no fit to look at." if self._finished else "Nothing is open yet."

    def _splits_html(self, n_clusters: int) -> str:
        mine = [str(split) for split in self._splits or () if split.n_to == n_clusters]
        if not mine:
            return ""
        items = "".join(f"<li>{escape(text)}.</li>" for text in mine)
        shut = "" if len(mine) <= _FEW else f"<summary>{len(mine)} clusters split</summary>"
        listed = f"<ul class='nbt-candidates nbt-splits'>{items}</ul>"
        return f"<details>{shut}{listed}</details>" if shut else listed

    def _splits_came(self, splits: Any) -> None:
        self._splits = splits
        if self.fields["view"].value == "Clusters":
            self._show_clusters()

    def _show_comparison(self) -> None:
        pair = self.fields["left"].value, self.fields["right"].value
        if None in pair or pair[0] == pair[1]:
            self._asked.pop("comparison", None)
            self._parts["moved"].value = ""
            self._say("flows", "Two different numbers of clusters can be compared.")
            return
        if self._asked.get("comparison") == pair:
            return
        self._say("flows", f"Comparing {pair[0]} with {pair[1]} …")
        self._parts["moved"].value = ""
        self._later("comparison", lambda: self._sweep.compare(*pair), self._comparison_came, pair)

    def _comparison_came(self, comparison: Any) -> None:
        sentence = f"<p class='nbt-sweep-note'>{escape(flow_sentence(comparison))}</p>"
        self._parts["flows"].value = sentence + flow_svg(comparison)
        self._parts["moved"].value = _SCROLL.format("What moved where", flows_html(comparison))

    def _show_map(self) -> None:
        fit = None if self.opened is None else best_fit(self._fits, self.opened)
        if fit is None:
            self._say("says", self._nothing)
            return
        if self._asked.get("map") == fit.key:
            return
        self._say("says", "Fetching the map …")

        def fetch() -> Any:
            places = self._places if self._places is not None else self._sweep.map()
            if places is None:
                return None
            # An empty name is no embedder, which need not be the sweep's first.
            options = {"embedder": "", **fit.options}
            labels = self._sweep.labels(fit.n_clusters, fit.random_state, **options)
            # The map may leave documents out.
            return fit, places, [labels[document] for document in places.index]

        self._later("map", fetch, self._map_came, fit.key)

    def _map_came(self, found: Any) -> None:
        if found is None:
            self._asked.pop("map")  # so that it is asked for again
            self._say("says", _NO_MAP if self._finished else _NOT_YET)
            return
        fit, self._places, labels = found
        if self.map is None:
            self.map = TextMap(self._places.to_numpy())
            self._map_place.children = (self.map,)
        self.map.show(labels, fit.clusters)
        self._say("says", "Texts that are near each other are alike.")

    def _show_scores(self) -> None:
        table = scores_html(self._fits, self._recommendation)
        self._parts["scores"].value = _SCROLL.format("Scores of all fits", table)

    def _say(self, part: str, text: str) -> None:
        self._parts[part].value = f"<p class='nbt-sweep-note' role='status'>{escape(text)}</p>"

    # --- fetching, in threads ------------------------------------------------------------------

    def _later(
        self,
        name: str,
        fetch: Callable[[], Any],
        came: Callable[[Any], None],
        key: object,
    ) -> None:
        """Fetch what a view needs without holding up the kernel; the newest wish counts."""
        self._asked[name] = key
        places = {"comparison": "flows", "map": "says", "splits": "split"}

        def work() -> None:
            try:
                found = fetch()
            except Exception as error:
                with self._lock:
                    if self._asked.get(name) == key:
                        self._asked.pop(name)
                        if name == "splits":
                            self._splits = None  # so that they are asked for again
                        self._say(places[name], f"This could not be fetched: {reason(error)}")
                return
            with self._lock:
                if self._asked.get(name) == key:
                    came(found)

        context = self._context.copy()
        threading.Thread(target=context.run, args=(work,), daemon=True).start()

    def close(self) -> None:
        """Take it off the page, with all its parts."""
        with self._lock:
            self._asked.clear()
            close_parts(self)
            super().close()
