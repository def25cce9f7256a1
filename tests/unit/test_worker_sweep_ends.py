"""Sweeps that end early or are interrupted: what is there goes together, with its map."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbtrain.errors import RunFailed
from nbtrain.protocols.job import Message, Progress
from nbtrain.protocols.sweep_job import MAP_FILE, SweepJob, fit_file, fit_files
from nbtrain.sweep_plans import SweepPlan
from nbtrain.worker import document_map, sweep_job, sweep_map
from nbtrain.worker.sweep_files import SweepFiles
from nbtrain.worker.sweep_job import run_sweep

from .test_worker_sweep_job import TEXTS, make_job


def end_after(job: SweepJob, fits: int) -> list[float]:
    """Carry a job out until so many fits are there, as if it was stopped then."""
    fractions: list[float] = []

    def hear(message: Message) -> None:
        if isinstance(message, Progress):
            fractions.append(message.fraction)

    add = SweepFiles.add

    class Stopped(Exception):
        pass

    def add_or_stop(self: SweepFiles, *what: Any) -> None:
        if fit_file(job.folder, fits).exists():
            raise Stopped
        add(self, *what)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SweepFiles, "add", add_or_stop)
        with pytest.raises(Stopped):
            run_sweep(job, hear)
    return fractions


def test_a_sweep_that_is_stopped_has_a_map(tmp_path: Path) -> None:
    whole = make_job(tmp_path / "a", TEXTS, SweepPlan((2, 12, 5, 8, 3, 10, 4, 6, 7, 9)))
    told: list[Message] = []
    run_sweep(whole, told.append)
    fractions = [message.fraction for message in told if isinstance(message, Progress)]
    assert fractions == sorted(fractions)
    stopped = make_job(tmp_path / "b", TEXTS, whole.plan)
    fractions = end_after(stopped, 8)
    assert fractions == sorted(fractions)
    assert (stopped.folder / MAP_FILE).read_bytes() == (whole.folder / MAP_FILE).read_bytes()
    # The first picture stands before it.
    early = make_job(tmp_path / "c", TEXTS, whole.plan)
    end_after(early, 7)
    assert not (early.folder / MAP_FILE).exists()


def test_a_sweep_that_is_out_of_its_budget_has_a_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(tmp_path / "a", TEXTS, SweepPlan((2, 9, 4, 6), budget_seconds=100.0))
    # It is used up with the first fit.
    monkeypatch.setattr(sweep_job, "_over_budget", lambda job, _: fit_file(job.folder, 1).exists())
    assert "the budget of 100 s is used up" in run_sweep(job, lambda message: None)
    assert len(list(fit_files(job.folder))) == 1
    assert (job.folder / MAP_FILE).exists()


def test_vectors_that_were_changed_meanwhile_are_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "vectors.npy"
    np.save(path, rng.standard_normal((len(TEXTS), 8)), allow_pickle=False)
    plan = SweepPlan((2, 6, 4, 3), embedders=(None, str(path)))
    job = make_job(tmp_path / "a", TEXTS, plan)
    end_after(job, 6)
    before = path.read_bytes()
    np.save(path, rng.standard_normal((len(TEXTS), 8)), allow_pickle=False)
    with pytest.raises(RunFailed, match=r"vectors\.npy is not what it was when this sweep began"):
        run_sweep(job, lambda message: None)
    assert len(list(fit_files(job.folder))) == 6
    # The very same again: it goes on.
    path.write_bytes(before)
    run_sweep(job, lambda message: None)
    assert len(list(fit_files(job.folder))) == 8
    # Nothing is needed of them any more.
    path.write_bytes(b"")
    run_sweep(job, lambda message: None)


def test_the_map_is_the_same_wherever_a_sweep_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So few texts are on it that clusters have a say in which.
    sampled = partial(document_map.map_documents, most=60)
    monkeypatch.setattr(sweep_map, "map_documents", sampled)
    plan = SweepPlan((2, 3, 4, 5, 6, 7, 8, 9, 10))
    whole = make_job(tmp_path / "whole", TEXTS, plan)
    run_sweep(whole, lambda message: None)
    expected = (whole.folder / MAP_FILE).read_bytes()
    for fits in (5, 8, 9):
        job = make_job(tmp_path / f"after-{fits}", TEXTS, plan)
        # As if it was killed while the map was made.
        if fits < 9:
            end_after(job, fits)
        else:
            run_sweep(job, lambda message: None)
        (job.folder / MAP_FILE).unlink(missing_ok=True)
        told: list[Message] = []
        run_sweep(job, told.append)
        assert (job.folder / MAP_FILE).read_bytes() == expected
        fractions = [message.fraction for message in told if isinstance(message, Progress)]
        assert fractions == sorted(fractions)


def test_a_sweep_killed_in_its_map_after_its_budget_gets_its_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(tmp_path / "a", TEXTS, SweepPlan((2, 9, 4, 6), budget_seconds=100.0))
    end_after(job, 2)
    assert not (job.folder / MAP_FILE).exists()
    monkeypatch.setattr(sweep_job, "_over_budget", lambda job, _: True)
    assert "Stopped after 2 of 4 fits" in run_sweep(job, lambda message: None)
    assert len(list(fit_files(job.folder))) == 2
    assert (job.folder / MAP_FILE).exists()


def test_changed_vectors_make_no_map_of_fits_of_others(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "vectors.npy"
    np.save(path, rng.standard_normal((len(TEXTS), 8)), allow_pickle=False)
    job = make_job(tmp_path / "a", TEXTS, SweepPlan((2, 4), embedders=(str(path),)))
    run_sweep(job, lambda message: None)
    (job.folder / MAP_FILE).unlink()
    np.save(path, rng.standard_normal((len(TEXTS), 8)), allow_pickle=False)
    with pytest.raises(RunFailed, match="is not what it was"):
        run_sweep(job, lambda message: None)
    assert not (job.folder / MAP_FILE).exists()


def test_stages_that_are_done_take_no_part_of_the_progress(tmp_path: Path) -> None:
    first = make_job(tmp_path / "a", TEXTS, SweepPlan((2, 4)))
    run_sweep(first, lambda message: None)
    told: list[Message] = []
    run_sweep(
        make_job(tmp_path / "b", TEXTS, SweepPlan((9,)), earlier=(first.folder,)), told.append
    )
    progress = [message for message in told if isinstance(message, Progress)]
    begun = next(message for message in progress if message.stage == "embedding")
    last = progress[-1]
    assert last.stage == "clustering"
    # Nothing looks at the texts once more, and no map comes after the fits.
    assert begun.fraction < 0.5
    assert last.fraction > 0.9
