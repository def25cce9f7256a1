"""Which embedder a job asks for, and how another one is put beside the lexical one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..protocols.job import Job
from ..training import CLASSIFICATION_LANGUAGES
from .bags import Array
from .feature_cache import FeatureCache
from .features import Embedder, LexicalEmbedder
from .model_folder import ModelFolder, find_model
from .word_vectors import unit_rows
from .words import Language

__all__ = [
    "SEED",
    "JoinedEmbedder",
    "embedder_from_state",
    "embedder_of",
    "lexical_part",
    "neural_of",
    "other_from_state",
    "with_lexical",
]

Passages = Sequence[Sequence[str]]

SEED = 0
"""Of all draws by which texts are embedded and measured, whatever the task's random_state is."""

# Measured on BANKING77 and CLINC150: 0.7 and 1 are worse, 2 is no better.
_SHARE = 1.5
_BLOCK = 5000


def _quiet(share: float) -> None:
    pass


class JoinedEmbedder:
    """Lexical vectors and those of another embedder side by side: the pair beats either alone.

    Parameters
    ----------
    lexical : LexicalEmbedder
    other : Embedder
    share : float
        Length of the other's rows; that of the lexical ones is 1.
    """

    def __init__(self, lexical: LexicalEmbedder, other: Embedder, share: float = _SHARE) -> None:
        self.lexical = lexical
        self.other = other
        self.share = share
        self.name = f"{other.name}, beside {lexical.name}"

    def fit(
        self,
        texts: Passages,
        progress: Callable[[float], None] = _quiet,
        labels: Array | None = None,
    ) -> None:
        """Learn from the corpus; the other embedder has nothing to learn."""
        self.lexical.fit(texts, progress, labels)

    def transform(self, texts: Passages, progress: Callable[[float], None] = _quiet) -> Array:
        """Embed texts; rows have unit length."""
        rows = self.other.transform(texts, lambda share: progress(0.9 * share))
        n_lexical = self.lexical.n_dimensions
        result = np.empty((len(texts), n_lexical + rows.shape[1]), np.float32)
        # In blocks, as all of these together would take as much memory again.
        for start in range(0, len(texts), _BLOCK):
            part = slice(start, start + _BLOCK)
            lexical = self.lexical.transform(texts[part])
            both = np.hstack([lexical, np.float32(self.share) * rows[part]])
            result[part] = unit_rows(both)
            progress(0.9 + 0.1 * min(1.0, (start + _BLOCK) / len(texts)))
        return result

    def identity(self, texts: Passages) -> list[str]:
        """Return what both depend on."""
        return [*self.lexical.identity(texts), str(self.share), *self.other.identity(texts)]

    def n_unread(self, texts: Passages) -> int:
        """Return how many of the texts the other one has yet to read."""
        return self.other.n_unread(texts)

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return the lexical embedder's state, and where the other one is."""
        arrays, rest = self.lexical.state()
        return arrays, rest | {"beside": {**self.other.state()[1], "share": self.share}}


def embedder_of(job: Job) -> tuple[Embedder, list[str]]:
    """Make the embedder of a clustering, and warnings if it isn't the one that was asked for.

    Raises
    ------
    RunFailed
        If the one asked for isn't there or can't be run.
    """
    lexical = LexicalEmbedder(Language(job.language), SEED)
    asked = job.task.embedder
    if asked is not None and asked.lower().endswith(".npy"):
        from .precomputed import PrecomputedEmbedder

        return JoinedEmbedder(lexical, PrecomputedEmbedder(Path(asked).expanduser(), job)), []
    other, warnings = neural_of(job)
    return (lexical if other is None else JoinedEmbedder(lexical, other)), warnings


def lexical_part(embedder: Embedder) -> LexicalEmbedder | None:
    """Return the part of an embedder that knows words; None if there is none."""
    part = embedder.lexical if isinstance(embedder, JoinedEmbedder) else embedder
    return part if isinstance(part, LexicalEmbedder) else None


def neural_of(job: Job) -> tuple[Embedder | None, list[str]]:
    """Load the neural embedder that a job asks for, if it knows the job's language.

    Returns
    -------
    embedder : Embedder or None
    warnings : list of str

    Raises
    ------
    RunFailed
        If it isn't there or can't be run.
    """
    if job.task.embedder is None:
        return None, []
    model = find_model(job.task.embedder)
    if model.languages and Language(job.language).name not in model.languages:
        return None, [_foreign(model, job.language)]
    # Imported here, as only this wants the extra.
    from .neural import NeuralEmbedder

    return NeuralEmbedder(model, FeatureCache(job.cache)), []


def with_lexical(embedder: Embedder, arrays: dict[str, Array], rest: dict[str, Any]) -> Embedder:
    """Return a fitted embedder: this one, and the state of the lexical one, learned before."""
    lexical = LexicalEmbedder.from_state(arrays, rest)
    if isinstance(embedder, JoinedEmbedder):
        return JoinedEmbedder(lexical, embedder.other, embedder.share)
    return lexical


def embedder_from_state(arrays: dict[str, Array], rest: dict[str, Any]) -> Embedder:
    """Restore what an embedder's ``state`` returned.

    Raises
    ------
    RunFailed
        If the embedder beside the lexical one is gone.
    """
    lexical = LexicalEmbedder.from_state(arrays, rest)
    if "beside" not in rest:
        return lexical
    return JoinedEmbedder(lexical, other_from_state(rest["beside"]), float(rest["beside"]["share"]))


def other_from_state(rest: dict[str, Any]) -> Embedder:
    """Restore an embedder that was trained elsewhere."""
    if "precomputed" in rest:
        from .precomputed import PrecomputedEmbedder

        return PrecomputedEmbedder.from_state(rest)
    from .neural import NeuralEmbedder

    return NeuralEmbedder.from_state(rest)


def _foreign(model: ModelFolder, language: str) -> str:
    names = {code[:2]: name for code, name in CLASSIFICATION_LANGUAGES.items()}
    known = sorted(model.languages)
    shown = ", ".join(names.get(code, code) for code in known[:8]) + (", …" * (len(known) > 8))
    return (
        f"The embedder {model.asked!r} knows {shown}, not {names.get(language[:2], language)}, so "
        "it was not used: on other languages such a model does harm. If it does know the language, "
        "say so by 'language:' at the head of the README.md in its folder."
    )
