"""Vectors of a neural model, kept by content: a text that was read once isn't read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from .bags import Array
from .feature_cache import FeatureCache

__all__ = ["VectorCache", "text_hashes"]


class VectorCache:
    """The vectors that a model made of texts, in entries of some thousand texts each.

    Parameters
    ----------
    cache : FeatureCache
    model : str
        All that a vector depends on beside the text.

    Examples
    --------
    >>> vectors = VectorCache(FeatureCache(None), "a model")
    >>> vectors.keep(text_hashes(["a text"]), np.ones((1, 3), np.float32))
    >>> vectors.known(text_hashes(["a text"])).tolist()
    [False]
    """

    def __init__(self, cache: FeatureCache, model: str) -> None:
        self._cache = cache
        self._prefix = f"vectors-{hashlib.sha256(model.encode()).hexdigest()[:24]}-"

    def known(self, hashes: Array) -> Array:
        """Return which texts have a vector, bool of shape (n_texts,)."""
        known = np.zeros(len(hashes), bool)
        for places, _ in self.find(hashes):
            known[places] = True
        return known

    def find(self, hashes: Array) -> Iterator[tuple[Array, Array]]:
        """Yield places of texts and their vectors, entry by entry, so that few are in memory.

        Parameters
        ----------
        hashes : ndarray of uint64, shape (n_texts, 2)
            Of :func:`text_hashes`.

        Yields
        ------
        places : ndarray of int, shape (n_found,)
        vectors : ndarray of float32, shape (n_found, n_dimensions)
        """
        for key in self._cache.keys(self._prefix) if len(hashes) else ():
            found = self._cache.get(key)
            if found is None:
                continue
            kept, vectors = found[0]["hashes"], found[0]["vectors"]
            # Sorted by the first half; the other half tells whether it is the text.
            at = np.minimum(np.searchsorted(kept[:, 0], hashes[:, 0]), len(kept) - 1)
            places = np.flatnonzero((kept[at] == hashes).all(axis=1))
            if len(places):
                yield places, vectors[at[places]]

    def keep(self, hashes: Array, vectors: Array) -> None:
        """Keep vectors of texts."""
        if not len(hashes):
            return
        order = np.argsort(hashes[:, 0], kind="stable")
        hashes = hashes[order]
        name = hashlib.sha256(hashes.tobytes()).hexdigest()[:24]
        self._cache.put(f"{self._prefix}{name}", {"hashes": hashes, "vectors": vectors[order]}, {})


def text_hashes(texts: Sequence[str]) -> Array:
    """Return a hash of 128 bits for each text, uint64 of shape (n_texts, 2)."""
    digests = (
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        for text in texts
    )
    return np.frombuffer(b"".join(digests), np.dtype("<u8")).reshape(-1, 2)
