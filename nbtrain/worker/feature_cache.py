"""Arrays kept by content in the state folder, so that later runs needn't compute them again.

An entry is a folder with ``arrays.npz``, ``rest.json`` and a manifest of their hashes; no pickle.
It appears complete or not at all, never changes, and goes when others need its room. Any of it
may be deleted at any time.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..protocols.job import CacheFolder
from .bags import Array
from .corpus import file_sha256

__all__ = ["FeatureCache", "surroundings"]

_ARRAYS = "arrays.npz"
_REST = "rest.json"
_MANIFEST = "manifest.json"
_PARTIAL = ".part"
_DISK_SHARE = 0.1
_LARGEST_SHARE = 0.5
_MOST_ENTRIES = 1000
_STALE_SECONDS = 3600.0


class FeatureCache:
    """Entries by key. A cache that can't be used is as good as empty.

    Processes may share the folder: two that make the same entry make equal ones, and the one that
    comes second leaves the first one's. What is read while it is removed counts as not there.

    Parameters
    ----------
    folder : CacheFolder or None
        None keeps nothing. All entries together take no more than its ``limit`` and a tenth of
        the disk's free space; one takes half of that at most.

    Examples
    --------
    >>> cache = FeatureCache(None)
    >>> cache.put("key", {"rows": np.ones(3)}, {})
    >>> cache.get("key") is None
    True
    """

    def __init__(self, folder: CacheFolder | None) -> None:
        self._folder = None if folder is None or folder.limit <= 0 else folder.path
        self._limit = 0 if folder is None else folder.limit

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin like this, sorted."""
        return sorted(path.name for path in self._entries() if path.name.startswith(prefix))

    def get(self, key: str) -> tuple[dict[str, Array], dict[str, Any]] | None:
        """Return what was kept under a key, arrays and the rest; None if there is nothing.

        An entry that is not what was written is removed.
        """
        if self._folder is None:
            return None
        entry = self._folder / key
        try:
            hashes = json.loads((entry / _MANIFEST).read_text(encoding="utf-8"))
            if hashes != _hashes(entry):
                raise ValueError(f"{entry} isn't what was written.")
            rest = json.loads((entry / _REST).read_text(encoding="utf-8"))
            with np.load(entry / _ARRAYS, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, BadZipFile):
            self.discard(key)
            return None
        with suppress(OSError):
            os.utime(entry)
        return arrays, rest

    def put(self, key: str, arrays: Mapping[str, Array], rest: Mapping[str, Any]) -> None:
        """Keep arrays, and JSON; a full disk costs no more than that."""
        if self._folder is None:
            return
        partial = self._folder / f"{token_hex(8)}{_PARTIAL}"
        kept: dict[str, Any] = dict(arrays)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            told = json.dumps(rest)
            if not self._make_room(len(told) + sum(array.nbytes for array in arrays.values())):
                return
            partial.mkdir(mode=0o700)
            np.savez(partial / _ARRAYS, **kept)
            (partial / _REST).write_text(told, encoding="utf-8")
            (partial / _MANIFEST).write_text(json.dumps(_hashes(partial)), encoding="utf-8")
            # Where another process was quicker this fails, and its entry stays.
            partial.rename(self._folder / key)
        except OSError:
            pass
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def discard(self, key: str) -> None:
        """Remove an entry; moved away first, so that nobody finds half of it."""
        if self._folder is None:
            return
        gone = self._folder / f"{token_hex(8)}{_PARTIAL}"
        with suppress(OSError):
            (self._folder / key).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _entries(self) -> list[Path]:
        if self._folder is None:
            return []
        try:
            return [path for path in self._folder.iterdir() if path.suffix != _PARTIAL]
        except OSError:
            return []

    def _make_room(self, size: int) -> bool:
        """Remove what was used least recently, until so many bytes fit; False if they can't."""
        assert self._folder is not None
        self._remove_stale(self._folder)
        used = [(_last_use(path), _size(path), path.name) for path in self._entries()]
        total = sum(bytes_ for _, bytes_, _ in used)
        free = shutil.disk_usage(self._folder).free
        limit = min(self._limit, int(_DISK_SHARE * (free + total)))
        if size > _LARGEST_SHARE * limit:
            return False
        used.sort()
        count = len(used)
        for _, bytes_, key in used:
            if total + size <= limit and count < _MOST_ENTRIES:
                break
            self.discard(key)
            total -= bytes_
            count -= 1
        return True

    def _remove_stale(self, folder: Path) -> None:
        """Remove what a process left that was ended while it wrote."""
        for path in folder.glob(f"*{_PARTIAL}"):
            if time.time() - _last_use(path) > _STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def surroundings() -> list[str]:
    """Return what numbers depend on beside data, settings and code, in their last digits."""
    return [
        ".".join(platform.python_version_tuple()[:2]),
        *(f"{name} {version(name)}" for name in ("numpy", "scipy")),
        f"{sys.platform} {platform.machine()}",
        os.environ.get("OPENBLAS_CORETYPE", ""),
    ]


def _hashes(entry: Path) -> dict[str, str]:
    return {name: file_sha256(entry / name) for name in (_ARRAYS, _REST)}


def _last_use(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size(entry: Path) -> int:
    try:
        return sum(path.stat().st_size for path in entry.iterdir())
    except OSError:
        return 0
