"""What a finished run hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .documents import DataSchema
from .evaluation import Evaluation
from .turns import TurnChoice, Unit

__all__ = ["Cluster", "DocumentMap", "Inference", "Overlap", "Prediction", "TrainingResult"]


@dataclass(frozen=True, slots=True)
class Cluster:
    """One group of texts.

    Parameters
    ----------
    cluster_id : int
        0-based; clusters are numbered by falling size.
    name : str
        Made of key words or by a language model; unique in its result.
    size : int
        Number of documents; a sentence that came several times counts as often.
    keywords : tuple of str
        Most telling words, best first.
    examples : tuple of str
        Texts nearest the centre, nearest first.
    borderline : tuple of str
        Texts that could as well lie in another cluster, least certain first.
    description : str
        One sentence by a language model; empty if none was asked.
    """

    cluster_id: int
    name: str
    size: int
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    borderline: tuple[str, ...] = ()
    description: str = ""


class Overlap(NamedTuple):
    """What two clusters share.

    Parameters
    ----------
    first, second : int
        The pair, the larger cluster first.
    documents : int
        Number of those between the two: of one of them, with the other one nearest, and
        hardly farther than the own (a confidence below 0.1).
    share : float
        That number as a share of the smaller cluster, 0 to 1.
    """

    first: int
    second: int
    documents: int
    share: float


@dataclass(frozen=True, slots=True)
class DocumentMap:
    """Documents on a plane: those that are alike lie near each other.

    Parameters
    ----------
    documents : tuple of int
        Places in the result's ``document_ids``, rising; of many documents a sample, in which small
        clusters have more than their share.
    x, y : tuple of float
        Where each lies, parallel; the longer side goes from 0 to 100. Only distances to near
        neighbours tell something.
    """

    documents: tuple[int, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Clusters, and the cluster of every document.

    Parameters
    ----------
    run_id, model_id : str
        The run that made it, and the user's name for the model.
    schema : DataSchema
        What a document is: with ``dialogue`` one conversation, or one turn of it, see ``unit``;
        with ``intent`` one text.
    clusters : tuple of Cluster
        By falling size; ``clusters[i].cluster_id == i``.
    document_ids : tuple of str
        Dialogue ids, or the distinct texts themselves, in the order of the data file. Of turns
        the dialogue's id and the turn's 0-based number in it: ``"c-1#3"``.
    cluster_ids : tuple of int
        The cluster of each document, parallel to ``document_ids``.
    confidences : tuple of float
        How clearly each document lies in its cluster, 0 (as well elsewhere) to 1; parallel.
    metrics : mapping of str to float
        Scores of the whole clustering, such as ``silhouette`` (-1 to 1).
    warnings : tuple of str
        Whatever the user should know; may be empty.
    provenance : mapping of str to str
        How the result came about: version, method, seed, hash of the data, times.
    evaluation : Evaluation or None
        Of an intent classification: what the held-out texts say of it.
    turns : {"customer", "agent", "all", "first"}
        Of dialogues: which turns were clustered.
    fingerprints : mapping of str to str
        Where each turn is a document: a hash of each dialogue's turns in their order, by dialogue
        id, so that turns are found again only where they are the same. Empty otherwise.
    overlaps : tuple of Overlap
        Of a clustering: pairs of clusters with borderline documents between them, those that
        share most first; the first 200.
    document_map : DocumentMap or None
        Of a clustering: see :func:`nbtrain.cluster_map`, which draws it.
    """

    run_id: str
    model_id: str
    schema: DataSchema
    clusters: tuple[Cluster, ...]
    document_ids: tuple[str, ...]
    cluster_ids: tuple[int, ...]
    confidences: tuple[float, ...]
    metrics: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    turns: TurnChoice = "customer"
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    overlaps: tuple[Overlap, ...] = ()
    document_map: DocumentMap | None = None

    @property
    def unit(self) -> Unit:
        """Of dialogues: whether each dialogue has a cluster, or each turn of its own."""
        return "utterance" if self.fingerprints else "dialogue"

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.clusters)

    @property
    def documents(self) -> int:
        """Number of documents, repeated sentences counted as often as they came."""
        return sum(cluster.size for cluster in self.clusters)

    def overlaps_of(self, cluster_id: int) -> tuple[Overlap, ...]:
        """Return the overlaps that a cluster is part of, the largest first.

        Examples
        --------
        >>> both = (Overlap(0, 1, 4, 0.5), Overlap(1, 2, 1, 0.25))
        >>> result = TrainingResult("r", "m", DataSchema.INTENT, (), (), (), (), overlaps=both)
        >>> [overlap.documents for overlap in result.overlaps_of(1)]
        [4, 1]
        """
        return tuple(each for each in self.overlaps if cluster_id in (each.first, each.second))

    @property
    def labels(self) -> dict[str, int]:
        """Cluster id by document id."""
        return dict(zip(self.document_ids, self.cluster_ids, strict=True))

    def __repr__(self) -> str:
        return (
            f"<TrainingResult of run {self.run_id}: {self.documents:,} documents "
            f"in {self.n_clusters} clusters>"
        )


class Prediction(NamedTuple):
    """One place where a text may belong.

    Parameters
    ----------
    label : str
        Name of the cluster or of the intent.
    cluster_id : int or None
        None for an intent, which is no cluster.
    confidence : float
        0 to 1; those of a text sum to 1 over all labels.
    """

    label: str
    cluster_id: int | None
    confidence: float


class Inference(NamedTuple):
    """What a trained model says of one text.

    Parameters
    ----------
    text : str
    normalized_text : str
        What the model saw of it.
    predictions : tuple of Prediction
        Likeliest first.
    out_of_domain : bool or None
        Whether it is unlike all that the model has learned from; then its clusters say little, and
        an intent model gives it no intent. None where that isn't told: by services of vendors, and
        by intent models trained without ``out_of_domain=True``.
    """

    text: str
    normalized_text: str
    predictions: tuple[Prediction, ...]
    out_of_domain: bool | None = None
