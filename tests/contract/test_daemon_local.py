"""What no vendor has: health, runs, epochs, results; and the progress call's side effect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from nbtrain import __version__
from nbtrain.progress import RunState
from nbtrain.protocols.knovvu import progress_path
from nbtrain.protocols.local import PREFIX, epoch_from_json, result_from_json, status_from_json
from tests.daemon_process import SENTENCES, RunningDaemon, freeze, start_daemon, thaw, wait_until

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


@pytest.fixture(scope="module")
def trained(daemon: RunningDaemon) -> str:
    run_id = str(daemon.train(modelId="trained").json()["id"])
    assert daemon.wait_for(run_id)["state"] == "succeeded"
    return run_id


@pytest.fixture(scope="module")
def failed(daemon: RunningDaemon) -> str:
    run_id = str(daemon.train(["the same"] * 9, modelId="failed").json()["id"])
    assert daemon.wait_for(run_id)["state"] == "failed"
    return run_id


def test_health(daemon: RunningDaemon, client: httpx.Client) -> None:
    wait_until(lambda: not daemon.active_runs())
    assert client.get(f"{PREFIX}/health").json() == {
        "version": __version__,
        "pid": daemon.process.pid,
        "active_runs": 0,
    }


def test_a_status_by_run_id_and_by_model_id(client: httpx.Client, trained: str) -> None:
    by_run = client.get(f"{PREFIX}/runs/{trained}").json()
    assert by_run == client.get(f"{PREFIX}/runs/trained").json()
    status = status_from_json(by_run)
    assert (status.run_id, status.model_id) == (trained, "trained")
    assert (status.state, status.stage, status.fraction) == (RunState.SUCCEEDED, "done", 1.0)
    assert status.elapsed is not None
    assert 0 < status.elapsed < 30
    age = datetime.now(UTC) - datetime.fromisoformat(by_run["created"])
    assert 0 <= age.total_seconds() < 300


def test_runs_come_newest_first(client: httpx.Client, trained: str, failed: str) -> None:
    ids = [run["run_id"] for run in client.get(f"{PREFIX}/runs").json()["runs"]]
    assert ids.index(failed) < ids.index(trained)


def test_epochs(client: httpx.Client, trained: str) -> None:
    path = f"{PREFIX}/runs/{trained}/epochs"
    every = [epoch_from_json(entry) for entry in client.get(path).json()["epochs"]]
    assert [stats.epoch for stats in every] == list(range(1, len(every) + 1))
    assert len(every) >= 2
    assert {"objective", "moved", "silhouette"} <= set(every[0].metrics)
    assert [stats.elapsed for stats in every] == sorted(stats.elapsed for stats in every)
    later = client.get(path, params={"after": 1}).json()["epochs"]
    assert [entry["epoch"] for entry in later] == [stats.epoch for stats in every[1:]]
    assert client.get(path, params={"after": len(every)}).json() == {"epochs": []}


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "", "٣", "9" * 30])
def test_epochs_after_nonsense(client: httpx.Client, trained: str, after: str) -> None:
    answer = client.get(f"{PREFIX}/runs/{trained}/epochs", params={"after": after})
    assert answer.status_code == 400
    assert "after" in answer.json()["error"]["message"]


def test_a_result(client: httpx.Client, trained: str) -> None:
    answer = client.get(f"{PREFIX}/runs/{trained}/result")
    assert answer.headers["content-type"].startswith("application/json")
    result = result_from_json(answer.json())
    assert (result.run_id, result.model_id) == (trained, "trained")
    assert result.document_ids == tuple(SENTENCES)
    assert result.n_clusters == 4
    assert sum(cluster.size for cluster in result.clusters) == len(SENTENCES)


def test_no_result_of_a_failed_run(client: httpx.Client, failed: str) -> None:
    reason = client.get(f"{PREFIX}/runs/{failed}").json()["message"]
    assert reason
    answer = client.get(f"{PREFIX}/runs/{failed}/result")
    assert (answer.status_code, answer.json()["error"]["message"]) == (410, reason)


def test_no_result_before_the_end(daemon: RunningDaemon, client: httpx.Client) -> None:
    wait_until(lambda: not daemon.active_runs())
    daemon.train(modelId="early")
    [worker] = wait_until(daemon.worker_pids)
    freeze(worker)
    answer = client.get(f"{PREFIX}/runs/early/result")
    assert answer.status_code == 409
    assert "running" in answer.json()["error"]["message"]
    progress = client.get(progress_path("early")).json()
    assert progress["inferenceStatus"] is None
    assert progress["trainingStatus"] not in ("Completed", "Failed")
    assert 0 <= progress["percent"] < 100
    thaw(worker)
    daemon.wait_for("early")


def test_progress_publishes_a_trained_model(daemon: RunningDaemon, client: httpx.Client) -> None:
    daemon.train(modelId="published")
    daemon.wait_for("published")
    polls: list[dict[str, object]] = []

    def is_running() -> bool:
        polls.append(client.get(progress_path("published")).json())
        return polls[-1]["inferenceStatus"] == "Running"

    wait_until(is_running)
    told = [poll["inferenceStatus"] for poll in polls]
    assert (told[0], set(told[:-1])) == ("Pending", {"Pending"})
    assert {(poll["percent"], poll["trainingStatus"]) for poll in polls} == {(100, "Completed")}


def test_progress_of_a_failed_model(client: httpx.Client, failed: str) -> None:
    progress = client.get(progress_path("failed")).json()
    assert (progress["trainingStatus"], progress["inferenceStatus"]) == ("Failed", None)
    assert progress["percent"] < 100


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", progress_path("nobody")),
        ("GET", progress_path(UNKNOWN)),
        ("GET", f"{PREFIX}/runs/{UNKNOWN}"),
        ("GET", f"{PREFIX}/runs/nobody"),
        ("GET", f"{PREFIX}/runs/nobody/epochs"),
        ("GET", f"{PREFIX}/runs/nobody/result"),
        ("POST", f"{PREFIX}/runs/nobody/cancel"),
        ("GET", f"{PREFIX}/runs/..%2F..%2Fservice.json"),
        ("GET", f"{PREFIX}/runs/%27%20OR%201=1"),
    ],
)
def test_what_is_unknown(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].endswith(".")


def test_a_run_is_not_found_as_a_model(client: httpx.Client, trained: str) -> None:
    assert client.get(progress_path(trained)).status_code == 404


def test_cancelling_an_ended_run_changes_nothing(
    client: httpx.Client, trained: str, failed: str
) -> None:
    for run_id in (trained, failed):
        before = client.get(f"{PREFIX}/runs/{run_id}").json()
        answer = client.post(f"{PREFIX}/runs/{run_id}/cancel")
        assert (answer.status_code, answer.json()) == (200, before)
