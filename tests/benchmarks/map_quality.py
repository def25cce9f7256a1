"""The map of documents beside principal components and scikit-learn's t-SNE, in one run.

A script, not a test::

    python -m tests.benchmarks.map_quality [clinc150 banking77 xsid-tr ...]

For each data set it prints, over at most 5,000 texts: trustworthiness (are neighbours on the map
neighbours in the vectors, by cosine, of ten), how many of the ten nearest on the map are of the
same cluster, the silhouette of the clusters on the map, and processor seconds of one thread. Then
the bytes that the map takes in the result's JSON.

    trust, silhouette, seconds    clinc150           banking77          xsid-tr
    nbtrain                       0.999  0.78  2.6   0.999  0.54  2.8   0.996  0.68  0.4
    principal components          0.806 -0.17  0.0   0.817 -0.15  0.0   0.953  0.31  0.0
    scikit-learn's t-SNE          1.000  0.67 19.0   0.999  0.52 19.8   0.997  0.69  1.4

22,500 texts took 83 KB of a result of 1.4 MB.
"""

from __future__ import annotations

import json
import sys
from functools import partial

if __name__ == "__main__":
    from nbtrain.worker.__main__ import limit_threads

    limit_threads()

import numpy as np
from scipy.spatial import cKDTree
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.metrics import silhouette_score

from nbtrain.documents import DataSchema
from nbtrain.protocols.local import result_to_json
from nbtrain.results import TrainingResult
from nbtrain.worker.clustering import spherical_kmeans
from nbtrain.worker.document_map import map_documents
from nbtrain.worker.layout import layout, stratified_sample

from .clustering_quality import Array, embed, load, timed

_MOST = 5000


def show(title: str, rows: Array, labels: Array, places: Array, seconds: float) -> None:
    """Print one row."""
    trust = trustworthiness(rows, places, n_neighbors=10, metric="cosine")
    nearest = cKDTree(places).query(places, 11)[1][:, 1:]
    same = (labels[nearest] == labels[:, None]).mean()
    apart = silhouette_score(places, labels)
    print(f"  {title:14} {trust:.4f}  {same:.3f}  {apart:13.2f}  {seconds:11.1f}", flush=True)


def main(names: list[str]) -> None:
    """Print one block per data set."""
    for name in names:
        passages, truth, language = load(name)
        rows, row_of = embed(passages, language)
        weights = np.bincount(row_of).astype(np.float32)
        fit = spherical_kmeans(rows, len(set(truth)), weights, np.random.default_rng(0))
        chosen = stratified_sample(fit.labels, _MOST, np.random.default_rng(0))
        some, labels = rows[chosen], fit.labels[chosen]
        print(f"{name:15}  trust   same cluster  silhouette  seconds")
        places, seconds = timed(partial(layout, some, np.random.default_rng(0)))
        show("nbtrain", some, labels, places, seconds)
        places, seconds = timed(partial(PCA(2).fit_transform, some))
        show("components", some, labels, places, seconds)
        tsne = TSNE(metric="cosine", init="pca", random_state=0, n_jobs=1)
        places, seconds = timed(partial(tsne.fit_transform, some))
        show("scikit-learn", some, labels, places, seconds)
        found = map_documents(rows, fit.labels, row_of, np.random.default_rng(0))
        empty = TrainingResult("r", "m", DataSchema.INTENT, (), (), (), (), document_map=found)
        size = len(json.dumps(result_to_json(empty)["document_map"]))
        print(f"  {len(found.documents):,} of {len(row_of):,} texts in {size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:] or ["clinc150", "banking77", "xsid-tr"])
