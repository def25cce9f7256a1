"""Einstein's models trained again in place. Sections are those of the protocol reference."""

from __future__ import annotations

import httpx

from nbtrain.protocols.local import PREFIX
from tests.daemon_process import RunningDaemon, on_linux, thaw, wait_until
from tests.einstein_calls import (
    ROWS,
    begun,
    csv,
    hold,
    make_dataset,
    message,
    predict,
    retrain,
    status,
    trained,
    wait_for,
)


@on_linux
def test_the_old_model_answers_until_the_new_one_succeeds(
    daemon: RunningDaemon, client: httpx.Client
) -> None:
    """Section 10: the id stays; metrics and predictions are the old ones meanwhile."""
    dataset_id = make_dataset(client, [row for row in ROWS if row[1] != "invoice"])
    model_id = trained(client, dataset_id, algorithm="intent", trainParams='{"randomState": 1}')
    before = status(client, model_id)
    added = client.put(
        f"/v2/language/datasets/{dataset_id}/upload",
        files={"data": ("more.csv", csv(row for row in ROWS if row[1] == "invoice"))},
    )
    assert added.status_code == 200, added.text
    ready = f"/v2/language/datasets/{dataset_id}"
    wait_until(lambda: client.get(ready).json()["available"] or None)
    again = begun(retrain(client, model_id, epochs="30"))
    assert (again["modelId"], again["name"]) == (model_id, "Topics")
    assert (again["algorithm"], again["trainParams"]) == ("intent", None)
    assert again["trainStats"] is None
    assert again["createdAt"] == before["createdAt"]
    worker = hold(daemon)
    metrics = client.get(f"/v2/language/models/{model_id}").json()["metricsData"]
    assert len(metrics["labels"]) == 3
    answer = predict(client, model_id, "where is my invoice today").json()
    assert "invoice" not in {entry["label"] for entry in answer["probabilities"]}
    thaw(worker)
    assert wait_for(client, model_id)["status"] == "SUCCEEDED"
    after = status(client, model_id)
    assert after["datasetVersionId"] != before["datasetVersionId"]
    assert after["trainStats"]["labels"] == 4
    answer = predict(client, model_id, "where is my invoice today").json()
    assert answer["probabilities"][0]["label"] == "invoice"
    listed = client.get(f"/v2/language/datasets/{dataset_id}/models").json()["data"]
    assert [model["modelId"] for model in listed] == [model_id]


@on_linux
def test_a_retraining_that_is_cancelled_leaves_the_old_model(
    daemon: RunningDaemon, client: httpx.Client
) -> None:
    """Section 10, our choice; section 11: KILLED."""
    model_id = trained(client, make_dataset(client), epochs="3")
    begun(retrain(client, model_id))
    worker = hold(daemon)
    with daemon.client() as other:
        cancelled = other.post(f"{PREFIX}/runs/{model_id}/cancel").json()
    assert cancelled["state"] == "cancelled"
    now = status(client, model_id)
    assert (now["status"], now["trainStats"]) == ("KILLED", None)
    assert predict(client, model_id, "where is my card").status_code == 200
    wait_until(lambda: worker not in daemon.worker_pids())


def test_retraining_what_is_gone(client: httpx.Client) -> None:
    """Section 10: 404 for a missing model; 400 if the data set was deleted, the model stays."""
    message(retrain(client, "A" * 26), 404)
    message(retrain(client, ""), 400)
    dataset_id = make_dataset(client)
    model_id = trained(client, dataset_id, epochs="3")
    assert client.delete(f"/v2/language/datasets/{dataset_id}").status_code == 200
    assert "deleted" in message(retrain(client, model_id), 400)
    assert predict(client, model_id, "where is my card").status_code == 200


def test_feedback_is_learned_from_only_if_asked(client: httpx.Client) -> None:
    """Sections 8 and 9: withFeedback, as truth value or as text."""
    dataset_id = make_dataset(client)
    model_id = trained(client, dataset_id, epochs="3")
    for number in range(5):
        sent = client.post(
            "/v2/language/feedback",
            data={
                "document": f"the plastic thing {number}",
                "expectedLabel": "card",
                "modelId": model_id,
            },
        )
        assert sent.status_code == 200, sent.text
    sizes = []
    for params in ("{}", '{"withFeedback": true}', '{"withFeedback": "true"}'):
        begun(retrain(client, model_id, trainParams=params, epochs="3"))
        sizes.append(wait_for(client, model_id)["trainStats"]["examples"])
    assert sizes == [80, 85, 85]
