"""What a finished run hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .documents import DataSchema
from .evaluation import Evaluation
from .turns import TurnChoice, Unit

__all__ = ["Cluster", "Inference", "Prediction", "TrainingResult"]


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
    """

    text: str
    normalized_text: str
    predictions: tuple[Prediction, ...]
