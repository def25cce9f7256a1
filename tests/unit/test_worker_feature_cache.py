"""What is kept by content: whole or not at all, within bounds, whatever happens to the folder."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbtrain.protocols.job import CacheFolder
from nbtrain.worker.feature_cache import FeatureCache
from nbtrain.worker.vector_cache import VectorCache, text_hashes

Array = np.ndarray[Any, Any]

PLENTY = 100_000_000


def cache(folder: Path, limit: int = PLENTY) -> FeatureCache:
    return FeatureCache(CacheFolder(folder / "features", limit))


def entry(number: int = 0, n_rows: int = 100) -> tuple[dict[str, Array], dict[str, Any]]:
    rows = np.full((n_rows, 25), number, np.float32)
    return {"rows": rows, "row_of": np.arange(3)}, {"number": number, "words": ["ı", "\ud800"]}


def test_what_was_put_is_got(tmp_path: Path) -> None:
    cache(tmp_path).put("a", *entry(7))
    found = cache(tmp_path).get("a")
    assert found is not None
    arrays, rest = found
    assert rest == entry(7)[1]
    assert {name: (array.dtype, array.tobytes()) for name, array in arrays.items()} == {
        name: (array.dtype, array.tobytes()) for name, array in entry(7)[0].items()
    }
    assert cache(tmp_path).get("b") is None


def test_nothing_is_kept_without_a_folder_or_room(tmp_path: Path) -> None:
    for none in (FeatureCache(None), cache(tmp_path, 0)):
        none.put("a", *entry())
        none.discard("a")
        assert none.get("a") is None
        assert none.keys("") == []
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    cache(tmp_path).put("a", *entry())
    assert (tmp_path / "features").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "features" / "a").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["arrays.npz", "rest.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "empty"])
def test_a_damaged_entry_is_removed_and_can_be_made_anew(
    tmp_path: Path, name: str, damage: str
) -> None:
    cache(tmp_path).put("a", *entry())
    path = tmp_path / "features" / "a" / name
    data = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "changed":
            middle = len(data) // 2
            path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        case "gone":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
    assert cache(tmp_path).get("a") is None
    assert not list((tmp_path / "features").iterdir())
    cache(tmp_path).put("a", *entry(1))
    found = cache(tmp_path).get("a")
    assert found is not None
    assert found[1]["number"] == 1


def test_what_was_used_least_recently_goes_first(tmp_path: Path) -> None:
    kept = cache(tmp_path, 45_000)  # four entries of 10 kB
    for number, key in enumerate("abcd"):
        kept.put(key, *entry(number))
        os.utime(tmp_path / "features" / key, (number + 1, number + 1))
    assert kept.get("a") is not None
    kept.put("e", *entry())
    assert kept.keys("") == ["a", "c", "d", "e"]
    size = sum(path.stat().st_size for path in (tmp_path / "features").rglob("*.*"))
    assert size <= 45_000


def test_what_is_too_large_is_not_kept_and_drives_nothing_out(tmp_path: Path) -> None:
    kept = cache(tmp_path, 45_000)
    kept.put("a", *entry())
    kept.put("b", *entry(n_rows=300))
    assert kept.keys("") == ["a"]


def test_what_a_process_left_half_written_is_no_entry_and_goes(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    kept.put("a", *entry())
    old, new = (tmp_path / "features" / name for name in ("old.part", "new.part"))
    for path in (old, new):
        path.mkdir()
    os.utime(old, (time.time() - 10_000,) * 2)
    assert kept.keys("") == ["a"]
    kept.put("b", *entry())
    assert not old.exists()
    assert new.exists()


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let writing fail as on a full disk."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.skipif(sys.platform != "linux", reason="uses a limit of Linux")
def test_a_full_disk_costs_the_entry_only(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    kept.put("a", *entry())
    with no_file_above(5000):
        kept.put("b", *entry())
    assert [path.name for path in (tmp_path / "features").iterdir()] == ["a"]
    kept.put("b", *entry())
    assert kept.keys("") == ["a", "b"]


def test_a_folder_that_can_t_be_made_is_an_empty_cache(tmp_path: Path) -> None:
    (tmp_path / "features").write_text("a file")
    kept = cache(tmp_path)
    kept.put("a", *entry())
    assert kept.get("a") is None
    assert (tmp_path / "features").read_text() == "a file"


def turmoil(folder: Path, seed: int) -> list[tuple[str, int]]:
    """Put, get and remove the same few entries as others do; what was got."""
    kept, rng = cache(folder, 45_000), np.random.default_rng(seed)
    got = []
    for _ in range(150):
        number = int(rng.integers(6))
        key = f"k{number}"
        if rng.random() < 0.1:
            kept.discard(key)
        elif (found := kept.get(key)) is None:
            kept.put(key, *entry(number))
        else:
            assert (found[0]["rows"] == number).all()
            got.append((key, found[1]["number"]))
    return got


def test_processes_share_it_unharmed(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        got = [pair for each in pool.map(turmoil, [tmp_path] * 3, range(3)) for pair in each]
    assert len(got) > 50
    assert {key for key, _ in got} == {f"k{number}" for number in range(6)}
    assert all(key == f"k{number}" for key, number in got)
    assert not list((tmp_path / "features").glob("*.part"))


# --- vectors of texts --------------------------------------------------------------------


def vectors_of(texts: list[str]) -> Array:
    return np.array([[len(text), ord(text[0])] for text in texts], np.float32)


def keep(folder: Path, model: str, texts: list[str]) -> None:
    VectorCache(cache(folder), model).keep(text_hashes(texts), vectors_of(texts))


def test_vectors_are_found_by_text(tmp_path: Path) -> None:
    keep(tmp_path, "m", [f"{letter}{'x' * n}" for letter in "abc" for n in range(50)])
    keep(tmp_path, "m", ["d", "\ud800"])
    kept = VectorCache(cache(tmp_path), "m")
    asked = ["d", "e", "bxx", "\ud800", "axxxx", "d"]
    hashes = text_hashes(asked)
    assert kept.known(hashes).tolist() == [True, False, True, True, True, True]
    found = np.zeros((len(asked), 2), np.float32)
    for places, vectors in kept.find(hashes):
        found[places] = vectors
    there = [0, 2, 3, 4, 5]
    assert (found[there] == vectors_of([asked[place] for place in there])).all()
    assert not found[1].any()


def test_vectors_of_another_model_are_not_found(tmp_path: Path) -> None:
    keep(tmp_path, "m", ["a"])
    other = VectorCache(cache(tmp_path), "another")
    assert not other.known(text_hashes(["a"])).any()
    assert not VectorCache(cache(tmp_path), "m").known(text_hashes([])).any()
