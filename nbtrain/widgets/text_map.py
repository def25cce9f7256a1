"""A map of texts, coloured by cluster, that shows other clusters without being sent anew."""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets

from ..sweep_results import FitCluster
from .modules import module_source

__all__ = ["TextMap"]

_LONGEST = 60
_MOST_TEXTS = 4_000


class TextMap(anywidget.AnyWidget):
    """Texts as points on a plane; :meth:`show` colours them by the clusters of a fit.

    Of more than 4,000 texts an even sample is shown. A point, or an arrow key, names a cluster;
    :func:`~nbtrain.sweep_tables.fit_html` is the twin for those who don't see it.

    Parameters
    ----------
    positions : array of float, shape (n_texts, 2)
        From ``sweep.map().to_numpy()``.

    Notes
    -----
    For tests in a browser, the element of class ``nbt-points`` has the attributes ``data-points``
    and ``data-clusters``.

    Examples
    --------
    >>> text_map = TextMap([(0.0, 0.0), (1.0, 0.5), (0.2, 0.1)])
    >>> text_map.show([0, 1, 0], [FitCluster(0, "cards", 2), FitCluster(1, "loans", 1)])
    >>> text_map
    <TextMap of 3 texts in 2 clusters>
    >>> text_map.close()
    """

    _esm = module_source("text_map.js")
    positions = traitlets.Bytes(help="x and y of each text, 16 bits each.").tag(sync=True)
    labels = traitlets.Bytes(help="Cluster of each text, 16 bits.").tag(sync=True)
    clusters = traitlets.Unicode("[]", help="Names of the clusters, as JSON.").tag(sync=True)

    def __init__(self, positions: Any) -> None:
        texts = len(positions)
        self._places = range(0, texts, max(1, -(-texts // _MOST_TEXTS)))
        shown = [(float(positions[i][0]), float(positions[i][1])) for i in self._places]
        super().__init__(positions=_packed(shown))
        self.add_class("nbt-text-map")

    def __repr__(self) -> str:
        texts, clusters = len(self._places), len(json.loads(self.clusters))
        return f"<TextMap of {texts:,} texts in {clusters} clusters>"

    def show(self, labels: Sequence[int], clusters: Sequence[FitCluster]) -> None:
        """Colour the texts by their clusters.

        Parameters
        ----------
        labels : sequence of int
            The cluster of each text, in the order of the positions.
        clusters : sequence of FitCluster
            For their names; all that occur in ``labels``.
        """
        names = {one.cluster_id: one.name for one in clusters}
        most = max([*names, *labels], default=-1) + 1
        listed = [_cut(names.get(i, f"cluster {i}")) for i in range(most)]
        self.labels = array("H", [labels[i] for i in self._places]).tobytes()
        self.clusters = json.dumps(listed, ensure_ascii=False)


def _packed(points: Sequence[tuple[float, float]]) -> bytes:
    """Scale each direction to 16 bits."""
    scaled = []
    for values in ([x for x, _ in points], [y for _, y in points]):
        low = min(values, default=0.0)
        room = (max(values, default=1.0) - low) or 1.0
        scaled.append([round(65535 * (value - low) / room) for value in values])
    return array("H", [value for pair in zip(*scaled, strict=True) for value in pair]).tobytes()


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
