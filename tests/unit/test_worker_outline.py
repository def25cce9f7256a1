"""The outline of a sweep: all counts that the texts bear, looked at on samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nbtrain
from nbtrain.documents import DataSchema
from nbtrain.progress import RunState
from nbtrain.protocols.job import Message, Progress
from nbtrain.protocols.sweep_job import MAP_FILE, OUTLINE_FILE, PREVIEW_FILE, SweepJob, fit_files
from nbtrain.protocols.sweeps import fit_from_json
from nbtrain.sweep_plans import SweepPlan
from nbtrain.sweep_results import SweepFit
from nbtrain.worker.outline import outline
from nbtrain.worker.sweep_job import run_sweep
from nbtrain.worker.word_vectors import unit_rows

TEXTS = [str(text) for text in nbtrain.samples.sentences(250, n_intents=6)["text"]]


def blobs(n_blobs: int, per_blob: int, noise: float, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    rows = np.repeat(unit_rows(rng.standard_normal((n_blobs, 60))), per_blob, axis=0)
    return unit_rows(rows + noise * rng.standard_normal(rows.shape)).astype(np.float32)


def test_more_rounds_make_the_curve_steadier() -> None:
    rows = blobs(20, 40, 0.35)
    weights = np.ones(len(rows))

    def gaps(n_rounds: int) -> float:
        values = [
            [fit.scores["neighbour_agreement"] for fit in outline(own, weights, n_rounds=n_rounds)]
            for own in (rows, rows[::-1].copy())
        ]
        return float(np.abs(np.array(values[0]) - np.array(values[1])).mean())

    assert gaps(6) < gaps(1)


def test_equal_rows_are_told_equally_and_so_is_the_progress() -> None:
    rows, told = blobs(9, 30, 0.3), list[float]()
    first = outline(rows, np.ones(270), told.append)
    assert first == outline(rows, np.ones(270))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert [fit.n_clusters for fit in first][:3] == [2, 3, 4]
    assert first[-1].n_clusters == 33


@pytest.mark.parametrize("n", [4, 5, 8])
def test_a_handful_of_rows_has_an_outline(n: int) -> None:
    found = outline(unit_rows(np.random.default_rng(0).standard_normal((n, 8))), np.ones(n))
    assert 2 <= found[-1].n_clusters < n


def make_job(folder: Path, ks: tuple[int, ...], **more: Any) -> SweepJob:
    folder.mkdir()
    data = folder / "data.json"
    nbtrain.write_intents(pd.DataFrame({"text": TEXTS}), data, text="text")
    return SweepJob("s", folder, data, DataSchema.INTENT, "en-US", SweepPlan(ks), **more)


def outlined(job: SweepJob) -> list[SweepFit]:
    told = json.loads((job.folder / OUTLINE_FILE).read_text())
    return [fit_from_json(entry) for entry in told]


def stages(job: SweepJob) -> list[str]:
    said: list[Message] = []
    run_sweep(job, said.append)
    return list(dict.fromkeys(m.stage for m in said if isinstance(m, Progress)))


def test_it_comes_before_the_fits_and_holds_more_counts_than_they(tmp_path: Path) -> None:
    job = make_job(tmp_path / "a", (3, 2))
    told = stages(job)
    assert told.index("embedding") < told.index("outlining") < told.index("clustering")
    assert max(fit.n_clusters for fit in outlined(job)) > 20


def test_other_counts_are_tried_without_drawing_it_anew(tmp_path: Path) -> None:
    first = make_job(tmp_path / "a", (3, 2))
    run_sweep(first, lambda message: None)
    second = make_job(tmp_path / "b", (3, 9), earlier=(first.folder,))
    assert "outlining" not in stages(second)
    assert outlined(second) == outlined(first)
    assert (second.folder / PREVIEW_FILE).read_bytes() == (first.folder / PREVIEW_FILE).read_bytes()
    # The third takes all of it from the second.
    third = make_job(tmp_path / "c", (9,), earlier=(second.folder,))
    assert not {"embedding", "outlining", "clustering", "mapping"} & set(stages(third))
    assert outlined(third) == outlined(first)
    assert (third.folder / MAP_FILE).read_bytes() == (first.folder / MAP_FILE).read_bytes()


def test_one_that_is_missing_is_drawn_when_the_sweep_goes_on(tmp_path: Path) -> None:
    job = make_job(tmp_path / "a", (3, 2))
    run_sweep(job, lambda message: None)
    expected = outlined(job)
    (job.folder / OUTLINE_FILE).unlink()
    assert "outlining" in stages(job)
    assert outlined(job) == expected
    assert len(list(fit_files(job.folder))) == 2


def test_counts_that_labelled_intents_rule_out_are_marked(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    said = pd.DataFrame({"text": TEXTS, "dialogue_id": range(len(TEXTS)), "speaker": "customer"})
    columns: dict[str, Any] = {"dialogue_id": "dialogue_id", "speaker": "speaker", "text": "text"}
    nbtrain.write_dialogues(said, folder / "data.json", **columns)
    known = nbtrain.samples.sentences(120, n_intents=4)
    nbtrain.write_intents(known, folder / "known.json", text="text", intent="intent")
    job = SweepJob(
        *("s", folder, folder / "data.json", DataSchema.DIALOGUE, "en-US", SweepPlan((4, 6))),
        secondary_data=folder / "known.json",
    )
    run_sweep(job, lambda message: None)
    found = outlined(job)
    assert {fit.n_clusters for fit in found if fit.state is RunState.FAILED} == {2, 3}
    assert all("neighbour_agreement" in fit.scores for fit in found)


def test_what_was_made_of_other_rows_is_not_taken_over(tmp_path: Path) -> None:
    # Texts of the same words in another order are one row, unless more rows are wanted.
    pairs = [f"{a} {b}" for a in ("kart", "para", "fatura") for b in ("kayıp", "nerede", "yok")]
    texts = [*pairs, *(" ".join(reversed(text.split())) for text in pairs)]

    def job(name: str, ks: tuple[int, ...], **more: Any) -> SweepJob:
        (tmp_path / name).mkdir()
        data = tmp_path / name / "data.json"
        nbtrain.write_intents(pd.DataFrame({"text": texts}), data, text="text")
        plan = SweepPlan(ks)
        return SweepJob("s", tmp_path / name, data, DataSchema.INTENT, "tr-TR", plan, **more)

    merged, whole = job("merged", (2, 3)), job("whole", (2, 3, 14))
    run_sweep(merged, lambda message: None)
    run_sweep(whole, lambda message: None)
    assert outlined(merged) != outlined(whole)
    after = job("after", (2, 3, 14), earlier=(merged.folder,))
    run_sweep(after, lambda message: None)
    assert outlined(after) == outlined(whole)
    assert not any(data["taken_over"] for _, data in fit_files(after.folder))
    # Rows that agree are found further back, through a sweep that took them over itself.
    between = job("between", (2, 3), earlier=(after.folder, merged.folder))
    run_sweep(between, lambda message: None)
    last = job("last", (2, 3), earlier=(between.folder,))
    run_sweep(last, lambda message: None)
    assert outlined(last) == outlined(merged)
    assert all(data["taken_over"] for _, data in fit_files(last.folder))
