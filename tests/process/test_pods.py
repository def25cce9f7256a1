"""Published models: processes that start, answer, time out, make room, die and come back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from nbtrain.protocols.job import Failed
from nbtrain.protocols.knovvu import progress_path
from nbtrain.protocols.knovvu_inference import POD_TIMED_OUT, ready_path
from nbtrain.protocols.pod import Deployment, Ready, read_reply
from tests.daemon_process import (
    PATIENCE,
    SENTENCES,
    RunningDaemon,
    freeze,
    is_alive,
    start_daemon,
    thaw,
    wait_until,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

ORPHAN_LIMIT = 2.0


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


def trained(daemon: RunningDaemon, model_id: str) -> str:
    run_id = str(daemon.train(modelId=model_id).json()["id"])
    assert daemon.wait_for(run_id)["state"] == "succeeded"
    return run_id


def inference_status(daemon: RunningDaemon, model_id: str) -> str | None:
    with daemon.client() as client:
        status: str | None = client.get(progress_path(model_id)).json()["inferenceStatus"]
        return status


def is_ready(daemon: RunningDaemon, model_id: str) -> bool:
    with daemon.client() as client:
        answer = client.get(ready_path(model_id))
    assert answer.status_code == 200
    assert answer.text in ("true", "false")
    return answer.text == "true"


def assert_unavailable(answer: httpx.Response, *words: str) -> None:
    assert answer.status_code == 503, answer.text
    message = answer.json()["error"]["message"]
    assert all(word in message for word in words), message


# --- answering -------------------------------------------------------------------------------


def test_a_model_says_of_its_own_texts_what_the_training_said(daemon: RunningDaemon) -> None:
    trained(daemon, "honest")
    daemon.publish("honest")
    assert is_ready(daemon, "honest")
    with daemon.client() as client:
        result = client.get("/nbtrain/v1/runs/honest/result").json()
    answer = daemon.infer("honest", *result["document_ids"], batchSize=1)
    assert answer.status_code == 200, answer.text
    entries = answer.json()["result"]
    assert [entry["text"] for entry in entries] == result["document_ids"]
    names = {cluster["cluster_id"]: cluster["name"] for cluster in result["clusters"]}
    told = [entry["predictions"][0]["clusterId"] for entry in entries]
    same = sum(a == b for a, b in zip(told, result["cluster_ids"], strict=True))
    assert same >= 0.95 * len(told)
    for entry in entries:
        assert {p["clusterId"]: p["label"] for p in entry["predictions"]} == names
        confidences = [p["confidence"] for p in entry["predictions"]]
        assert confidences == sorted(confidences, reverse=True)
        assert sum(confidences) == pytest.approx(1, abs=1e-4)
        top = entry["predictions"][0]
        assert (entry["topPrediction"], entry["topConfidence"]) == (top["label"], top["confidence"])


def test_a_pod_is_light(daemon: RunningDaemon) -> None:
    trained(daemon, "light")
    before = set(daemon.pod_pids())
    daemon.publish("light")
    assert daemon.infer("light", *SENTENCES).status_code == 200
    [pid] = set(daemon.pod_pids()) - before
    libraries = Path(f"/proc/{pid}/maps").read_text()
    assert "numpy" in libraries
    assert "scipy" in libraries
    assert not any(name in libraries for name in ("sklearn", "pandas", "pyarrow"))
    # The one that computes, and the one that reads: none of the linear algebra's own.
    assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 2


def test_many_requests_at_the_same_time(daemon: RunningDaemon) -> None:
    trained(daemon, "many")
    daemon.publish("many")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: daemon.infer("many", f"parcel {n}"), range(40)))
    assert {answer.status_code for answer in answers} == {200}
    texts = [answer.json()["result"][0]["text"] for answer in answers]
    assert texts == [f"parcel {n}" for n in range(40)]


# --- before and after ------------------------------------------------------------------------


def test_a_model_is_published_by_its_progress_call(daemon: RunningDaemon) -> None:
    trained(daemon, "shy")
    assert not is_ready(daemon, "shy")
    assert_unavailable(daemon.infer("shy", "hello"), "not published")
    assert inference_status(daemon, "shy") == "Pending"
    wait_until(lambda: is_ready(daemon, "shy"))
    assert daemon.infer("shy", "hello").status_code == 200


def test_after_the_idle_time_out_a_model_is_redeployed_without_training(tmp_path: Path) -> None:
    with start_daemon(tmp_path, pod_idle=0.4) as daemon:
        run_id = trained(daemon, "idle")
        epochs = daemon.epochs("idle")
        daemon.publish("idle")
        [pod] = daemon.pod_pids()
        wait_until(lambda: not is_ready(daemon, "idle"))
        wait_until(lambda: not is_alive(pod))
        answer = daemon.infer("idle", "hello")
        assert_unavailable(answer)
        assert answer.json()["error"]["message"] == POD_TIMED_OUT
        # Polling doesn't bring it back: the vendor wants the training request for that.
        assert [inference_status(daemon, "idle") for _ in range(3)] == [None] * 3
        assert daemon.pod_pids() == []

        experiment = daemon.train(modelId="idle", forceTrain="false").json()
        assert (experiment["id"], experiment["statusMessage"]) == (run_id, "Completed")
        [endpoint] = experiment["endpoints"]
        assert {tuple(metric) for metric in experiment["experimentMetrics"]} == {
            ("name", "value", "step")
        }
        assert {metric["step"] for metric in experiment["experimentMetrics"]} == {
            entry["epoch"] for entry in epochs
        }
        wait_until(lambda: is_ready(daemon, "idle"))
        answer = httpx.post(endpoint, json={"inputs": [{"text": "where is my parcel"}]})
        assert answer.status_code == 200
        assert daemon.worker_pids() == []
        with daemon.client() as client:
            runs = client.get("/nbtrain/v1/runs").json()["runs"]
        assert [run["run_id"] for run in runs] == [run_id]

        wait_until(lambda: not is_ready(daemon, "idle"))
        retrained = daemon.train(modelId="idle", forceTrain="true").json()
        assert retrained["id"] != run_id
        assert daemon.wait_for("idle")["state"] == "succeeded"
        daemon.publish("idle")


def test_the_idle_time_counts_from_the_last_request(tmp_path: Path) -> None:
    with start_daemon(tmp_path, pod_idle=2.0) as daemon:
        trained(daemon, "busy")
        daemon.publish("busy")
        pods = daemon.pod_pids()
        began = time.monotonic()
        while time.monotonic() - began < 3.0:
            assert daemon.infer("busy", "hello").status_code == 200
            time.sleep(0.3)
        assert daemon.pod_pids() == pods
        while is_ready(daemon, "busy"):  # which is no request in this sense
            assert time.monotonic() - began < 10
            time.sleep(0.1)


def test_the_least_recently_used_pod_makes_room(tmp_path: Path) -> None:
    with start_daemon(tmp_path, max_pods=2) as daemon:
        for name in ("first", "second", "third"):
            trained(daemon, name)
        daemon.publish("first")
        daemon.publish("second")
        assert daemon.infer("first", "hello").status_code == 200
        daemon.publish("third")
        wait_until(lambda: len(daemon.pod_pids()) == 2)
        assert [is_ready(daemon, name) for name in ("first", "second", "third")] == [
            True, False, True,
        ]  # fmt: skip
        assert_unavailable(daemon.infer("second", "hello"), POD_TIMED_OUT)
        assert inference_status(daemon, "second") is None
        daemon.train(modelId="second", forceTrain="false")
        wait_until(lambda: is_ready(daemon, "second"))
        assert not is_ready(daemon, "first")


def test_an_earlier_model_answers_while_it_is_trained_again(daemon: RunningDaemon) -> None:
    trained(daemon, "steady")
    daemon.publish("steady")
    before = set(daemon.pod_pids())
    daemon.train(SENTENCES * 30, modelId="steady", numClusters="3")
    [worker] = wait_until(daemon.worker_pids)
    freeze(worker)
    assert inference_status(daemon, "steady") is None
    assert is_ready(daemon, "steady")
    assert len(daemon.infer("steady", "hello").json()["result"][0]["predictions"]) == 4
    thaw(worker)
    daemon.wait_for("steady")
    daemon.publish("steady")
    assert len(daemon.infer("steady", "hello").json()["result"][0]["predictions"]) == 3
    wait_until(lambda: len(before - set(daemon.pod_pids())) == 1)


# --- dying -----------------------------------------------------------------------------------


def test_a_pod_that_is_killed_is_reported_and_comes_back(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        trained(daemon, "mortal")
        daemon.publish("mortal")
        [pod] = daemon.pod_pids()
        os.kill(pod, signal.SIGKILL)
        wait_until(lambda: not is_ready(daemon, "mortal"))
        assert_unavailable(daemon.infer("mortal", "hello"), "SIGKILL")
        daemon.publish("mortal")
        [second] = daemon.pod_pids()
        assert second != pod

        freeze(second)
        with ThreadPoolExecutor(3) as threads:
            asking = [threads.submit(daemon.infer, "mortal", "hello") for _ in range(3)]
            time.sleep(0.2)
            os.kill(second, signal.SIGKILL)
            for answer in asking:
                assert_unavailable(answer.result(PATIENCE), "SIGKILL")
        assert daemon.train(modelId="mortal", forceTrain="false").status_code == 200
        wait_until(lambda: is_ready(daemon, "mortal"))
        assert daemon.infer("mortal", "hello").status_code == 200


def test_a_model_that_cannot_be_loaded_says_so(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        run_id = trained(daemon, "broken")
        path = tmp_path / "runs" / run_id / "model.npz"
        good = path.read_bytes()
        path.write_bytes(good[: len(good) // 2])
        assert inference_status(daemon, "broken") == "Pending"
        wait_until(lambda: inference_status(daemon, "broken") is None)
        answer = daemon.infer("broken", "hello")
        assert_unavailable(answer, "can't be loaded", "damaged")
        assert str(tmp_path) not in answer.text
        wait_until(lambda: not daemon.pod_pids())
        path.write_bytes(good)
        daemon.train(modelId="broken", forceTrain="false")
        wait_until(lambda: is_ready(daemon, "broken"))


def test_no_pod_outlives_a_service_that_is_killed(tmp_path: Path) -> None:
    with start_daemon(tmp_path) as daemon:
        trained(daemon, "orphan")
        daemon.publish("orphan")
        [pod] = daemon.pod_pids()
        daemon.process.kill()
        daemon.process.wait()
        wait_until(lambda: not is_alive(pod), patience=ORPHAN_LIMIT)
    with start_daemon(tmp_path) as daemon:
        assert not is_ready(daemon, "orphan")
        assert_unavailable(daemon.infer("orphan", "hello"), "not published")
        assert daemon.pod_pids() == []
        daemon.publish("orphan")
        assert daemon.infer("orphan", "hello").status_code == 200


@pytest.mark.parametrize("frozen", [False, True])
def test_an_orderly_stop_ends_the_pods(tmp_path: Path, frozen: bool) -> None:
    with start_daemon(tmp_path) as daemon:
        trained(daemon, "leaving")
        daemon.publish("leaving")
        [pod] = daemon.pod_pids()
        if frozen:
            freeze(pod)
        daemon.process.terminate()
        assert daemon.process.wait(10) == 0
        assert not is_alive(pod)


# --- the process alone -----------------------------------------------------------------------


def test_the_process_exits_at_the_end_of_its_input(daemon: RunningDaemon) -> None:
    folder = daemon.home / "runs" / trained(daemon, "alone")
    command = [sys.executable, "-m", "nbtrain.worker", "--pod"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(Deployment(folder, "en-US").to_line().encode() + b"\n")
        process.stdin.flush()
        assert read_reply(process.stdout.readline()) == Ready("clustering")
        # What the service never sends: it is answered, and the next request, too.
        process.stdin.write(b"nonsense\n" + b'{"inputs": [{"text": "a\\u2028b"}], "topN": 1}\n')
        process.stdin.flush()
        assert isinstance(read_reply(process.stdout.readline()), Failed)
        assert process.stdout.readline().startswith(b'{"text": "a\\u2028b"')
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_the_process_without_a_model(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbtrain.worker", "--pod"]
    line = Deployment(tmp_path, "en-US").to_line() + "\n"
    done = subprocess.run(command, input=line.encode(), capture_output=True, timeout=PATIENCE)
    # Its input may end before it has said why.
    assert done.stdout == b"" or isinstance(read_reply(done.stdout), Failed)
