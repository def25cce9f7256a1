"""Models that are trained again, deleted by a cancel, or not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import nbtrain
from nbtrain import (
    EinsteinService,
    IntentClassification,
    TrainingRequest,
    submit,
)
from nbtrain.documents import DataSchema
from nbtrain.errors import (
    DataError,
    NotSupported,
    RequestError,
    RunCancelled,
    RunNotFinished,
    RunNotFound,
)
from nbtrain.progress import RunState
from tests.contract.einstein_client.rows import ROWS, write
from tests.contract.einstein_vendor import Einstein


def test_a_model_is_trained_again_in_place(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, tmp_path: Path
) -> None:
    """10: retrain keeps the model's id; examples come before it."""
    run = submit(request_, client)
    run.wait()
    more = write(tmp_path / "more.json", [("where, oh where", "a"), ("a cable", "c")])
    again = run.retrain(IntentClassification(20), more)
    assert again.run_id == run.run_id
    assert einstein.data[1_000_001].rows == [*ROWS, ("where, oh where", "a"), ("a cable", "c")]
    assert einstein.started[-1] == {
        "modelId": run.run_id, "algorithm": "multilingual-intent", "epochs": "20",
    }  # fmt: skip
    with pytest.warns(UserWarning, match="nothing was added"):
        busy = run.retrain(data=more)
    assert busy.run_id == run.run_id
    assert len(einstein.data[1_000_001].files) == 2
    assert again.wait().state is RunState.SUCCEEDED
    run.retrain()
    assert einstein.started[-1] == {"modelId": run.run_id}
    assert len(einstein.models) == 1


def test_bad_retrainings_are_not_sent(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest, tmp_path: Path
) -> None:
    run = submit(request_, client)
    free = nbtrain.write_intents(
        pd.DataFrame({"text": ["one", "two"]}), tmp_path / "free.json", text="text"
    )
    with pytest.raises(RequestError, match="epochs: is 0"):
        run.retrain(IntentClassification(0), free)
    with pytest.raises(RequestError, match="holds dialogues"):
        run.retrain(data=replace(free, schema=DataSchema.DIALOGUE))
    run.wait()
    with pytest.raises(DataError, match="2 texts without intent"):
        run.retrain(data=free)
    for task, data in [("again", None), (None, "more.json")]:
        with pytest.raises(RequestError, match="is a str"):
            run.retrain(task, data)  # type: ignore[arg-type]
    with pytest.raises(RunNotFound):
        client.retrain("A" * 26)
    assert einstein.count("retrain") == 0


def test_cancel_deletes_a_model_that_was_never_trained(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    run = submit(request_, client)
    with pytest.raises(RunNotFinished):
        client.result(run.run_id)
    assert run.cancel().state is RunState.CANCELLED
    assert einstein.models == {}
    assert run.wait().state is RunState.CANCELLED
    assert client.epochs(run.run_id) == ()
    with pytest.raises(RunCancelled):
        run.result()


def test_cancel_never_deletes_a_trained_model(
    client: EinsteinService, einstein: Einstein, request_: TrainingRequest
) -> None:
    run = submit(request_, client)
    run.wait()
    assert run.cancel().state is RunState.SUCCEEDED
    again = run.retrain()
    with pytest.raises(NotSupported, match="trained again"):
        again.cancel()
    assert list(einstein.models) == [run.run_id]


def test_unknown_models_are_not_found(client: EinsteinService) -> None:
    calls: list[Callable[[str], object]] = [
        client.status, client.epochs, client.result, client.cancel, client.retrain,
        lambda run_id: client.predict(run_id, ["text"]),
    ]  # fmt: skip
    for call in calls:
        for name in ("A" * 26, "no-such-model", "../../etc"):
            with pytest.raises(RunNotFound):
                call(name)
