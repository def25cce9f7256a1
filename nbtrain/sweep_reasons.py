"""Why a number of clusters is on the short list, as a person would say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .count_readings import FEWEST, SAME, FitView, factor, high_end, low_end, nearest
from .sweep_moves import Split
from .sweep_results import Candidate, FitCluster

__all__ = ["advice_for", "outside", "reason_for", "summary_of"]

# Hennig (2007): what comes back so well is stable, and what comes back so badly is doubtful.
_STABLE, _DOUBTFUL = 0.85, 0.6
_MANY_BORDERLINE = 0.05
_UNCLEAR = "The curves say hardly more for it than they would for the same words in random order."
_SHOWN = 2
_FEW_TEXTS = 500
# So near an end of what was tried, the curve beyond it might say something else.
_END = 0.9


def reason_for(
    views: Mapping[int, FitView],
    counts: Sequence[int],
    place: int,
    readings: Mapping[str, int | None],
    n_texts: int | None,
    splits: Callable[[int, int], Sequence[Split]] | None,
    wanted: int | None = None,
    most: int = 0,
    *,
    clear: bool = True,
) -> str:
    """Return the sentences for one of the counts of the short list, of which the first is best."""
    k, best = counts[place], counts[0]
    view = views[k]
    sentences = []
    if place == 0:
        why = _why_best(k, list(views), readings, wanted, most)
        sentences.append(why if clear else _UNCLEAR)
    elif k < best:
        told = _splits(splits, k, best)
        joined = f": {told}" if told else ""
        sentences.append(f"Coarser: keeps together what {best} splits{joined}.")
    else:
        told = _splits(splits, best, k)
        sentences.append(f"Finer: splits {told}." if told else f"Finer than {best}.")
    sentences.append(_how_stable(view))
    sentences.append(_how_large(view, n_texts))
    return " ".join(filter(None, sentences))


def _why_best(
    k: int, ks: Sequence[int], readings: Mapping[str, int | None], wanted: int | None, most: int
) -> str:
    """Say why a count is best: itself between the two ends, nearest to what is, or a peak."""
    low, high = low_end(readings), high_end(readings)
    if high is None:
        return f"With more than {k} clusters texts get closer to their centres only slowly."
    if wanted and k != nearest(ks, wanted):
        return (
            f"At {k} the clusters agree better with which texts lie near each other than at about "
            f"{wanted}, which lies between two kinds of groups, coarse and fine ones."
        )
    if low is None or low >= high or round(low / k, 1) == round(high / k, 1) == 1.0:
        return (
            f"At {k} the clusters agree best with which texts lie near each other; fewer throw "
            "groups together, more cut them."
        )
    between = f"{k} lies between"
    far = wanted and (outside(ks, wanted) or factor(k, wanted) >= SAME)
    if far or not low <= k <= high:
        between = f"about {wanted} lies between, and {k} is nearest of those tried"
    if wanted and wanted > high:
        between = f"labelled intents need more, and {k} is nearest of those tried"
    return (
        f"Up to about {low}, each further cluster tells more groups apart; "
        f"{_at_the_high_end(high, most)}; {between}."
    )


def _at_the_high_end(high: int, most: int) -> str:
    # Nobody has looked beyond the last one.
    rises = high >= _END * most > 0
    return (
        f"the agreement still rises at {most}" if rises else f"beyond about {high}, groups are cut"
    )


def _splits(splits: Callable[[int, int], Sequence[Split]] | None, few: int, many: int) -> str:
    """Name the largest clusters that split from the one count to the other."""
    found = list(splits(few, many)) if splits is not None else []
    found.sort(key=lambda split: (-split.cluster.size, split.cluster.cluster_id))
    told = []
    for split in found[:_SHOWN]:
        parts = [part.cluster for part in split.parts]
        told.append(f"“{split.cluster.name}” into {_listed(parts)}{_both(parts)}")
    more = len(found) - len(told)
    return "; ".join(told) + (f"; and {more:,} more" if more > 0 else "")


def _listed(clusters: Sequence[FitCluster], most: int = 3) -> str:
    names = [f"“{cluster.name}”" for cluster in clusters[:most]]
    if len(clusters) > most:
        names.append(f"{len(clusters) - most:,} more")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _both(clusters: Sequence[FitCluster]) -> str:
    known = [cluster.stability for cluster in clusters if cluster.stability is not None]
    if len(known) < len(clusters):
        return ""
    word = "both" if len(known) == 2 else "all"
    if min(known) >= _STABLE:
        return f" ({word} stable)"
    doubtful = [c.name for c in clusters if (c.stability or 0.0) < _DOUBTFUL]
    return f" ({', '.join(f'“{name}”' for name in doubtful[:2])} doubtful)" if doubtful else ""


def _how_stable(view: FitView) -> str:
    told = [cluster for cluster in view.fit.clusters if cluster.stability is not None]
    if not told:
        whole = view.score("stability")
        return "" if whole is None else f"Agreement with clusterings of other texts: {whole:.2f}."
    stable = sum((cluster.stability or 0.0) >= _STABLE for cluster in told)
    doubtful = [cluster for cluster in told if (cluster.stability or 0.0) < _DOUBTFUL]
    if stable == len(told):
        return f"All {len(told):,} clusters come back when other texts are drawn."
    many = f"{stable:,} of" if stable else "None of the"
    comes = "comes" if stable < 2 else "come"
    text = f"{many} {len(told):,} clusters {comes} back when other texts are drawn"
    if doubtful:
        doubtful.sort(key=lambda cluster: cluster.stability or 0.0)
        text += f"; in doubt {'is' if len(doubtful) == 1 else 'are'} {_listed(doubtful, _SHOWN)}"
    return text + "."


def _how_large(view: FitView, n_texts: int | None) -> str:
    parts = []
    borderline = view.score("borderline")
    if borderline is not None and borderline >= _MANY_BORDERLINE:
        parts.append(f"{borderline:.0%} of the texts could as well lie in another cluster")
    smallest = view.score("smallest")
    if smallest is not None and n_texts and 0 < smallest * n_texts < 5.5:
        count = round(smallest * n_texts)
        parts.append(f"the smallest cluster holds {count} text{'' if count == 1 else 's'}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""


def summary_of(
    candidates: Sequence[Candidate] | None,
    ks: Sequence[int],
    *,
    clear: bool = True,
    scored: bool = True,
    wanted: int | None = None,
    high: int | None = None,
    reach: tuple[int, int] = (0, 0),
    up_to: int | None = None,
) -> str:
    """Say in a sentence or two what the data say.

    Parameters
    ----------
    candidates : sequence of Candidate or None
    ks : sequence of int
        The numbers of clusters that were fitted, rising.
    clear, scored : bool
        Whether there is clear structure, and whether the fits have scores to read.
    wanted : int, optional
        The number that the curves point to.
    high : int, optional
        The summit of the agreement.
    reach : tuple of int
        The smallest and the largest number that the curves tell of.
    up_to : int, optional
        How far to try, if the curves point to more than was tried.
    """
    if candidates is None:
        if not scored:
            return "This service tells no scores from which a number of clusters can be read."
        tried = {0: "No number", 1: "One number"}.get(len(ks), f"{len(ks)} numbers")
        return f"{tried} of clusters tried so far: too few for a short list, which needs {FEWEST}."
    first, others = candidates[0], candidates[1:]
    if not clear:
        return (
            "There is no clear structure here: the texts cluster hardly better than the same words "
            f"in random order would. If you need groups all the same, {first.n_clusters} would do."
        )
    if outside(ks, wanted):
        more, end = ("more", ks[-1]) if (wanted or 0) > ks[-1] else ("fewer", ks[0])
        further = f"up to about {up_to}" if up_to else f"{more} than {end}"
        return (
            f"The texts point to {more} clusters than were tried, about {wanted}: try {further}, "
            f"too. Of those tried, {first.n_clusters} is nearest."
        )
    ends = _beyond(first.n_clusters, ks, wanted, high, reach)
    ties = [candidate for candidate in others if candidate.tie]
    if ties:
        names = " and ".join(str(candidate.n_clusters) for candidate in ties)
        return f"{first.n_clusters} clusters; {names} would do as well: a tie.{ends}"
    if not others:
        return f"{first.n_clusters} clusters.{ends}"
    return f"{first.n_clusters} clusters; or {_views(first, others)}.{ends}"


def outside(ks: Sequence[int], wanted: int | None) -> bool:
    """Say whether the count that the curves point to lies outside of what was tried."""
    return bool(wanted) and not ks[0] * _END <= (wanted or 0) <= ks[-1] / _END


def _beyond(
    best: int, ks: Sequence[int], wanted: int | None, high: int | None, reach: tuple[int, int]
) -> str:
    """Say so if the range may end before the data do, or leaves out what they point to."""
    if wanted and best == nearest(ks, wanted) and factor(best, wanted) >= SAME:
        return f" The texts point to about {wanted}."
    if reach[1] <= ks[-1] and max(best, high or 0) >= _END * ks[-1]:
        return f" The agreement still rises at {ks[-1]}: try more than {ks[-1]}, too."
    if 2 < ks[0] <= reach[0] and ks[0] >= _END * best:
        return f" That is about the fewest that were tried: try fewer than {ks[0]}, too."
    return ""


def _views(first: Candidate, others: Sequence[Candidate]) -> str:
    """Say which of the others are coarser and which finer."""
    coarser = [str(other.n_clusters) for other in others if other.n_clusters < first.n_clusters]
    finer = [str(other.n_clusters) for other in others if other.n_clusters > first.n_clusters]
    told = [f"{' or '.join(coarser)} for a coarser view"] if coarser else []
    if finer:
        told.append(f"{' or '.join(finer)} for a finer {'one' if coarser else 'view'}")
    return ", ".join(told)


def advice_for(n_texts: int | None) -> str:
    """Say what would help where there is no clear structure."""
    advice = [
        "check that the text column is the right one, and in the language that was named",
        "leave out texts that say nothing, such as greetings and signatures",
        "give some labelled intents as second data",
        "put a neural model beside (embedder=…)",
    ]
    if n_texts is not None and n_texts < _FEW_TEXTS:
        advice.insert(0, f"bring more texts than {n_texts:,}")
    text = "; ".join(advice)
    return text[0].upper() + text[1:] + "."
