"""Features are reused from run to run of the local service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbtrain.protocols.local import PREFIX
from tests.daemon_process import RunningDaemon, start_daemon

REUSED = "reused from an earlier run"


def result(daemon: RunningDaemon, **fields: str) -> dict[str, Any]:
    run_id = daemon.train(None, **fields).json()["id"]
    assert daemon.wait_for(run_id)["state"] == "succeeded"
    with daemon.client() as client:
        answer: dict[str, Any] = client.get(f"{PREFIX}/runs/{run_id}/result").json()
    return answer


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """What a result says of the data, not of the run."""
    return {
        key: value
        for key, value in answer.items()
        if key not in ("run_id", "model_id", "provenance")
    }


def inferred(daemon: RunningDaemon, model_id: str) -> object:
    daemon.publish(model_id)
    return daemon.infer(model_id, "where is the parcel", "my card", "zzz").json()["result"]


def test_a_run_with_another_number_of_clusters_reuses_them(tmp_path: Path) -> None:
    with start_daemon(tmp_path / "one") as daemon:
        first = result(daemon, modelId="four")
        second = result(daemon, modelId="six", numClusters="6")
        answers = inferred(daemon, "six")
    with start_daemon(tmp_path / "one") as daemon:  # after a restart, too
        third = result(daemon, modelId="again", numClusters="6")
    with start_daemon(tmp_path / "other", feature_cache=0) as daemon:
        alone = result(daemon, modelId="six", numClusters="6")
        assert inferred(daemon, "six") == answers
    sources = [one["provenance"]["features"] for one in (first, second, third, alone)]
    assert sources == ["made in this run", REUSED, REUSED, "made in this run"]
    assert told(second) == told(third) == told(alone)
    assert len(list((tmp_path / "one" / "features").iterdir())) == 1
    assert not (tmp_path / "other" / "features").exists()


@pytest.mark.parametrize("damage", [b"", b"no arrays"])
def test_a_damaged_or_removed_cache_is_no_error(tmp_path: Path, damage: bytes) -> None:
    with start_daemon(tmp_path) as daemon:
        first = result(daemon, modelId="one")
        [arrays] = (tmp_path / "features").rglob("arrays.npz")
        arrays.write_bytes(damage)
        second = result(daemon, modelId="two")
        assert second["provenance"]["features"] == "made in this run"
        (tmp_path / "features").rename(tmp_path / "away")
        third = result(daemon, modelId="three")
        assert third["provenance"]["features"] == "made in this run"
    assert told(first) == told(second) == told(third)
