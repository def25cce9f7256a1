"""The service is killed or stopped in the middle of Einstein's trainings, and started again."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from nbtrain.daemon.dataset_store import (
    add_dataset,
    add_examples,
    delete_dataset,
    end_upload,
    purge,
)
from nbtrain.daemon.einstein.training_data import prepare_training
from nbtrain.daemon.example_store import examples_after
from nbtrain.daemon.model_store import add_training
from nbtrain.daemon.storage import StoreThread
from nbtrain.daemon.store import DATABASE, Store, StoredRun
from nbtrain.daemon.supervisor import Supervisor
from nbtrain.documents import Utterance
from nbtrain.errors import RunFailed
from nbtrain.progress import RunState
from nbtrain.protocols.einstein_dataset_forms import UploadForm
from tests.daemon_process import RunningDaemon, is_alive, start_daemon, stop, thaw, wait_until
from tests.einstein_calls import (
    Json,
    begun,
    hold,
    make_dataset,
    noise,
    predict,
    retrain,
    status,
    train,
    trained,
    wait_for,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

ROWS = noise(1600, 40)
EPOCHS = "100"


def kill(daemon: RunningDaemon) -> None:
    daemon.process.kill()
    assert daemon.process.wait() == -signal.SIGKILL


def curve(client: httpx.Client, model_id: str) -> list[Json]:
    """Read the whole learning curve."""
    found: list[Json] = []
    while True:
        path = f"/v2/language/models/{model_id}/lc"
        answer = client.get(path, params={"offset": len(found)})
        if answer.status_code == 404:
            return []
        page = answer.json()["data"]
        if not page:
            return found
        found += page


def watch(client: httpx.Client, model_id: str) -> tuple[list[float], Json]:
    """Poll a training to its end; return all progress seen, and its last object."""
    progress: list[float] = []

    def ended() -> Json | None:
        training = status(client, model_id)
        progress.append(training["progress"])
        return training if training["status"] not in ("QUEUED", "RUNNING") else None

    return progress, wait_until(ended, patience=90)


@pytest.mark.parametrize("how", ["kill -9", "in order"])
def test_the_service_ends_in_the_middle_of_a_training(tmp_path: Path, how: str) -> None:
    with start_daemon(tmp_path, max_workers=1) as daemon, daemon.client() as client:
        dataset_id = make_dataset(client, ROWS)
        model_id = begun(train(client, dataset_id, epochs=EPOCHS))["modelId"]
        second = begun(train(client, make_dataset(client)))["modelId"]
        worker = hold(daemon, lambda: len(curve(client, model_id)) >= 3)
        before, epochs_before = status(client, model_id), curve(client, model_id)
        assert before["status"] == "RUNNING"
        if how == "kill -9":
            kill(daemon)
            thaw(worker)
        else:
            stop(daemon.process)
        wait_until(lambda: not is_alive(worker))
    with start_daemon(tmp_path, max_workers=1) as daemon, daemon.client() as client:
        first_look = status(client, model_id)
        assert (first_look["status"], first_look["epochs"]) == ("RUNNING", int(EPOCHS))
        assert first_look["datasetVersionId"] == before["datasetVersionId"]
        assert curve(client, model_id)[: len(epochs_before)] == epochs_before
        assert status(client, second)["queuePosition"] == 1
        # What is added now is not for this training: its data were written down before.
        added = client.put(
            f"/v2/language/datasets/{dataset_id}/upload",
            files={"data": ("more.csv", b"one more text,label-0\nand another,label-1\n")},
        )
        assert added.status_code == 200
        progress, last = watch(client, model_id)
        assert last["status"] == "SUCCEEDED", last
        assert progress == sorted(progress)
        assert progress[0] >= before["progress"]
        whole = curve(client, model_id)
        assert whole[: len(epochs_before)] == epochs_before
        numbers = [entry["epoch"] for entry in whole]
        assert numbers == list(range(1, last["trainStats"]["lastEpochDone"] + 1))
        assert last["trainStats"]["examples"] == len(ROWS)
        elapsed = [entry["elapsed"] for entry in daemon.epochs(model_id)]
        assert elapsed == sorted(elapsed)
        assert wait_for(client, second)["status"] == "SUCCEEDED"


def test_a_restart_gives_the_curve_that_there_would_have_been(tmp_path: Path) -> None:
    params = json.dumps({"randomState": 7})
    rows = ROWS[:800]
    with start_daemon(tmp_path, max_workers=1) as daemon, daemon.client() as client:
        dataset_id = make_dataset(client, rows)
        undisturbed = trained(client, dataset_id, epochs="30", trainParams=params)
        expected = curve(client, undisturbed)
        model_id = begun(train(client, dataset_id, epochs="30", trainParams=params))["modelId"]
        worker = hold(daemon, lambda: curve(client, model_id))
        kill(daemon)
        thaw(worker)
    with start_daemon(tmp_path, max_workers=1) as daemon, daemon.client() as client:
        assert wait_for(client, model_id)["status"] == "SUCCEEDED"
        assert curve(client, model_id) == expected


def test_a_retraining_that_is_interrupted(tmp_path: Path) -> None:
    with start_daemon(tmp_path, max_workers=1) as daemon, daemon.client() as client:
        dataset_id = make_dataset(client)
        model_id = trained(client, dataset_id)
        before = predict(client, model_id, "where is my card").json()
        begun(retrain(client, model_id, epochs="2"))
        worker = hold(daemon)
        kill(daemon)
        thaw(worker)
    with start_daemon(tmp_path, max_workers=1) as daemon, daemon.client() as client:
        worker = hold(daemon)
        # The old model answers, in a service that has never seen it.
        assert predict(client, model_id, "where is my card").json() == before
        thaw(worker)
        last = wait_for(client, model_id)
        assert (last["status"], last["epochs"]) == ("SUCCEEDED", 2)
        assert predict(client, model_id, "where is my card").json() != before


def test_deleted_models_stay_deleted(tmp_path: Path) -> None:
    with start_daemon(tmp_path, max_workers=1) as daemon, daemon.client() as client:
        dataset_id = make_dataset(client)
        model_id = begun(train(client, dataset_id))["modelId"]
        hold(daemon)
        deletion = client.delete(f"/v2/language/models/{model_id}").json()
        kill(daemon)
    with start_daemon(tmp_path, max_workers=1) as daemon, daemon.client() as client:
        assert client.get(f"/v2/language/train/{model_id}").status_code == 404
        assert client.get(f"/v2/language/deletion/{deletion['id']}").json() == deletion
        assert wait_for(client, begun(train(client, dataset_id))["modelId"])


def test_an_orderly_end_while_the_data_are_written_is_no_attempt(tmp_path: Path) -> None:
    store = Store(tmp_path / DATABASE)
    fields = {"type": "text-intent", "language": "en-US", "algorithm": "intent"}
    add_training(store, run_id="r", model_id="M", name="m", dataset_id=None, fields=fields)

    async def start_and_stop() -> None:
        preparing = asyncio.Event()

        async def prepare(run: StoredRun, folder: Path) -> None:
            preparing.set()
            await asyncio.sleep(60)

        supervisor = Supervisor(StoreThread(store), tmp_path, max_workers=1, prepare=prepare)
        await supervisor.start()
        await asyncio.wait_for(preparing.wait(), 10)
        await supervisor.stop()

    for _ in range(4):
        asyncio.run(start_and_stop())
    run = store.find("r")
    store.close()
    assert run is not None
    assert (run.status.state, run.attempts) == (RunState.RUNNING, 0)


def test_a_data_set_that_is_deleted_while_it_is_read(tmp_path: Path) -> None:
    """A training doesn't go on with what was left of it; only an added one can be deleted."""
    store = Store(tmp_path / DATABASE)
    own, added = (_filled(store, texts) for texts in (("a", "b"), ("c", "d")))
    fields = {"trainParams": json.dumps({"withGlobalDatasetId": added})}
    add_training(store, run_id="r", model_id="M", name="m", dataset_id=own, fields=fields)
    run = store.find("r")
    assert run is not None

    class Deleting(StoreThread):
        async def __call__(self, method: Any, *args: Any, **kwargs: Any) -> Any:
            if method is examples_after and args[0] == added:
                await super().__call__(delete_dataset, added)
                while await super().__call__(purge, 1):
                    pass
            return await super().__call__(method, *args, **kwargs)

    with pytest.raises(RunFailed, match=f"no dataset {added} any more"):
        asyncio.run(prepare_training(Deleting(store), run, tmp_path / "r"))
    assert not (tmp_path / "r" / "data.json").exists()


def _filled(store: Store, texts: tuple[str, ...]) -> int:
    name = f"upload of {texts[0]}"
    dataset, _ = add_dataset(store, UploadForm("text-intent"), "", name, "")
    add_examples(store, name, [Utterance(text, f"label of {text}") for text in texts])
    end_upload(store, name)
    return dataset.dataset_id
