"""Texts -> unit vectors by a neural model that was trained elsewhere, run without torch."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from ..errors import RunFailed
from .bags import Array
from .feature_cache import FeatureCache, surroundings
from .model_folder import ModelFolder, find_model
from .vector_cache import VectorCache, text_hashes
from .word_vectors import unit_rows

__all__ = ["NeuralEmbedder"]

Passages = Sequence[Sequence[str]]

# Padded tokens that go into the network at once: more of them took longer, by the caches.
_BATCH_TOKENS = 1024
_BLOCK = 4096
_FORMAT = 1
_SIGNS_PER_TOKEN = 40
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def _quiet(share: float) -> None:
    pass


class NeuralEmbedder:
    """A sentence-embedding model in ONNX form.

    The vector of a text is the mean of its tokens' vectors, or that of its first token where the
    model's folder says so, at unit length (Reimers and Gurevych, EMNLP 2019). The passages of a
    text are read as one; what is longer than the model reads is cut.

    Parameters
    ----------
    model : str or ModelFolder
        A folder, a name on the Hugging Face Hub, or what was found already.
    cache : FeatureCache, optional
        Where vectors are kept for later runs.

    Raises
    ------
    RunFailed
        If the model can't be found or run, saying what to do.
    """

    def __init__(self, model: str | ModelFolder, cache: FeatureCache | None = None) -> None:
        self.model = model if isinstance(model, ModelFolder) else find_model(model)
        self.name = f"neural: {self.model.asked} ({self.model.onnx.name})"
        try:
            import onnxruntime
            import tokenizers
        except ImportError as error:
            raise RunFailed(
                f"A neural embedder was asked for, but {error.name or 'a package'} is not "
                "installed: pip install 'nbtrain[neural]', or train without embedder."
            ) from error
        options = onnxruntime.SessionOptions()
        # Two trainings run at the same time; and threads that wait must not burn.
        options.intra_op_num_threads = _threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(self.model.onnx), options, providers=["CPUExecutionProvider"]
            )
            path = self.model.folder / "tokenizer.json"
            self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(path))
        # The packages raise classes of their own, all of them plain exceptions.
        except Exception as error:
            raise self._broken(str(error)) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=self.model.longest)
        self._wanted = [entry.name for entry in self._session.get_inputs()]
        if strange := set(self._wanted) - set(_INPUTS):
            raise self._broken(f"it wants {', '.join(sorted(strange))}, which texts don't have")
        about = [_FORMAT, *surroundings(), *self.identity(())]
        self._kept = VectorCache(cache or FeatureCache(None), json.dumps(about))

    def fit(
        self,
        texts: Passages,
        progress: Callable[[float], None] = _quiet,
        labels: Array | None = None,
    ) -> None:
        """Do nothing: there is nothing to learn."""

    def transform(self, texts: Passages, progress: Callable[[float], None] = _quiet) -> Array:
        """Embed texts, those whose vectors are kept from an earlier run without reading them.

        Returns
        -------
        ndarray of shape (n_texts, n_dimensions), float32
            Rows of unit length. Texts that the model reads alike get equal rows.
        """
        hashes = text_hashes(self._joined(texts))
        result: Array | None = None
        missing = np.ones(len(texts), bool)
        for places, vectors in self._kept.find(hashes):
            result = _room(result, len(texts), vectors)
            result[places] = vectors
            missing[places] = False
        unread = np.flatnonzero(missing)
        for start in range(0, len(unread), _BLOCK):
            places = unread[start : start + _BLOCK]
            end = start + len(places)

            def told(share: float, start: int = start, end: int = end) -> None:
                progress((start + share * (end - start)) / len(unread))

            vectors = self._read([texts[place] for place in places], told)
            result = _room(result, len(texts), vectors)
            result[places] = vectors
            self._kept.keep(hashes[places], vectors)
        return np.zeros((0, 1), np.float32) if result is None else result

    def identity(self, texts: Passages) -> list[str]:
        """Return what a vector depends on beside its text."""
        model = self.model
        versions = (f"{name} {version(name)}" for name in ("onnxruntime", "tokenizers"))
        settings = (model.longest, model.first_token, _threads())
        return [model.sha256, model.onnx.name, *versions, *map(str, settings)]

    def n_unread(self, texts: Passages) -> int:
        """Return how many texts have no vector from an earlier run."""
        return int((~self._kept.known(text_hashes(self._joined(texts)))).sum())

    def state(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return where the model lies, and its hash; its weights are not copied."""
        return {}, {"model": self.model.asked, "sha256": self.model.sha256}

    @classmethod
    def from_state(cls, rest: dict[str, Any]) -> NeuralEmbedder:
        """Load the model again.

        Raises
        ------
        RunFailed
            If it is gone or another one now.
        """
        embedder = cls(str(rest["model"]))
        if embedder.model.sha256 != rest["sha256"]:
            raise RunFailed(
                f"The embedder {rest['model']!r} is not the one that this model was trained with; "
                "put that one back, or train again."
            )
        return embedder

    def _read(self, texts: Passages, progress: Callable[[float], None]) -> Array:
        """Return the vectors of texts, by the network."""
        place: dict[tuple[int, ...], int] = {}
        row_of = [place.setdefault(ids, len(place)) for ids in self._tokens(texts)]
        # A network of 8-bit numbers rounds by the largest value in a batch: its texts go in one by
        # one, so that what is said of a text doesn't depend on its company.
        rounded = self.model.onnx.stem != "model"
        rows = self._run(list(place), 1 if rounded else _BATCH_TOKENS, progress)
        return unit_rows(rows[row_of])

    def _joined(self, texts: Passages) -> list[str]:
        longest = self.model.longest * _SIGNS_PER_TOKEN
        return [" ".join(passages)[:longest] for passages in texts]

    def _tokens(self, texts: Passages) -> Iterator[tuple[int, ...]]:
        # Halves of characters can't be encoded.
        plain = [text.encode("utf-8", "replace").decode("utf-8") for text in self._joined(texts)]
        for encoded in self._tokenizer.encode_batch(plain):
            yield tuple(encoded.ids)

    def _run(
        self, tokens: list[tuple[int, ...]], batch_tokens: int, progress: Callable[[float], None]
    ) -> Array:
        """Return the pooled vector of each sequence; short ones and long ones apart."""
        order = sorted(range(len(tokens)), key=lambda place: (len(tokens[place]), tokens[place]))
        total = max(1, sum(map(len, tokens)))
        rows: Array | None = None
        done = 0
        for batch in _batches(order, tokens, batch_tokens):
            found = self._pooled([tokens[place] for place in batch])
            if rows is None:
                rows = np.zeros((len(tokens), found.shape[1]), np.float32)
            rows[batch] = found
            done += sum(len(tokens[place]) for place in batch)
            progress(done / total)
        return np.zeros((0, 1), np.float32) if rows is None else rows

    def _pooled(self, tokens: list[tuple[int, ...]]) -> Array:
        longest = max(1, *map(len, tokens))
        ids = np.zeros((len(tokens), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, sequence in enumerate(tokens):
            ids[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        fed = dict(zip(_INPUTS, (ids, mask, np.zeros_like(ids)), strict=True))
        try:
            found = self._session.run(None, {name: fed[name] for name in self._wanted})[0]
        except Exception as error:
            raise self._broken(str(error)) from error
        if found.ndim == 3 and self.model.first_token:
            found = found[:, 0]
        elif found.ndim == 3:
            held = mask[:, :, None].astype(np.float32)
            found = (found * held).sum(axis=1) / np.maximum(held.sum(axis=1), 1.0)
        if found.ndim != 2 or len(found) != len(tokens) or not np.isfinite(found).all():
            raise self._broken("its output is no vector for each text")
        return np.asarray(found, np.float32)

    def _broken(self, why: str) -> RunFailed:
        said = why.strip().partition("\n")[0][:200]
        return RunFailed(f"The embedder {self.model.asked!r} can't be run: {said}.")


def _threads() -> int:
    return max(1, (os.cpu_count() or 1) // 2)


def _room(rows: Array | None, n_texts: int, vectors: Array) -> Array:
    """Return where the rows of all texts go, made when the first vectors tell how long they are."""
    return np.empty((n_texts, vectors.shape[1]), np.float32) if rows is None else rows


def _batches(order: list[int], tokens: list[tuple[int, ...]], most: int) -> Iterator[list[int]]:
    """Cut an order by rising length into batches of about so many tokens."""
    batch: list[int] = []
    for place in order:
        if batch and (len(batch) + 1) * len(tokens[place]) > most:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
