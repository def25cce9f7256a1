"""Clusters that get their names after the training."""

from __future__ import annotations

import httpx
import pytest

import nbtrain
from nbtrain import LLM, LLMSettings, LocalService
from nbtrain.errors import RequestError, RequestRejected, RunNotFound
from nbtrain.home import ServiceRecord
from nbtrain.protocols.knovvu import TOKEN_PATH
from nbtrain.protocols.local import PREFIX
from nbtrain.training import DataFile
from tests.contract.llm_naming.calls import settings, train
from tests.daemon_process import wait_until
from tests.llm_server import LLMServer, Said, good, named


def test_the_top_n_and_the_rest_later(
    service: LocalService, data: DataFile, model: LLMServer
) -> None:
    service.configure_llm(settings(model, "some"))
    first = train(service, data, "some", LLM(top_n=2, max_tokens=100_000))
    assert [bool(cluster.description) for cluster in first.clusters] == [True] * 2 + [False] * 4
    assert first.warnings == ()

    model.script = lambda asked: named("Another name", "Another description.")
    one = service.name_clusters("some", clusters=[4])
    assert one.clusters[4].name == "Another name"
    assert one.clusters[:4] == first.clusters[:4]
    assert one.labels == first.labels
    assert len(service.name_audit("some")) == 3

    both = service.name_clusters("some", clusters=[4, 5])
    assert both.clusters[4].name == "Another name"
    assert both.clusters[5].name.startswith("Another name (")


def test_a_published_model_answers_with_the_new_names(
    service: LocalService, data: DataFile, model: LLMServer
) -> None:
    service.configure_llm(settings(model))
    train(service, data, "published")
    record = ServiceRecord.load(service.home)
    assert record is not None
    form = {
        "client_id": record.client_id,
        "client_secret": record.client_secret,
        "grant_type": "client_credentials",
    }
    token = httpx.post(record.url + TOKEN_PATH, data=form).json()["access_token"]
    with httpx.Client(
        base_url=record.url, headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        progress = "/sestekai-api/api/external/trainings/published/progress"

        def labels() -> set[str] | None:
            if client.get(progress).json()["inferenceStatus"] != "Running":
                return None
            answer = client.post(
                "/published/local-published/v1/text/clustering/inference",
                json={"inputs": [{"text": "where is my parcel"}]},
            )
            if answer.status_code != 200:
                return None
            predictions = answer.json()["result"][0]["predictions"]
            return {prediction["label"] for prediction in predictions}

        before = wait_until(labels)
        named = service.name_clusters("published")
        after = wait_until(labels)
    assert before != after == {cluster.name for cluster in named.clusters}


def test_the_preview_sends_nothing_and_tells_all(
    service: LocalService, data: DataFile, model: LLMServer
) -> None:
    service.configure_llm(settings(model, "previewed"))
    train(service, data, "previewed")
    estimate = nbtrain.estimate_naming(6, settings(model))
    preview = service.preview_names("previewed")
    assert model.asked == []
    assert preview.model == "previewed"
    assert preview.cost is not None
    assert estimate.tokens[0] <= preview.tokens[0] < preview.tokens[1] <= estimate.tokens[1]
    service.name_clusters("previewed", clusters=range(6), max_tokens=preview.tokens[1])
    sent = ["\n\n".join(m["content"] for m in asked.body["messages"]) for asked in model.asked]
    assert sorted(sent) == sorted(map(str, preview.prompts))
    assert preview.tokens[0] <= model.spent <= preview.tokens[1]
    spent = sum(record.cost or 0 for record in service.name_audit("previewed"))
    assert preview.cost[0] <= spent <= preview.cost[1]
    assert len(service.preview_names("previewed", top_n=2).prompts) == 2
    only = service.preview_names("previewed", clusters=[3])
    assert [prompt.cluster_id for prompt in only.prompts] == [3]


def test_what_can_not_be_named(service: LocalService, data: DataFile, model: LLMServer) -> None:
    train(service, data, "wrong")
    service.configure_llm(LLMSettings("vllm", "free", base_url=model.url))
    with pytest.raises(RequestError, match="clusters: holds 99"):
        service.name_clusters("wrong", clusters=[99])
    with pytest.raises(RequestError, match="top_n"):
        service.preview_names("wrong", top_n=0)
    with pytest.raises(RequestError, match="max_tokens"):
        service.name_clusters("wrong", max_tokens=-1)
    with pytest.raises(RequestRejected, match="without prices"):
        service.name_clusters("wrong", max_cost=1.0)
    with pytest.raises(RunNotFound):
        service.name_audit("never-heard-of")
    assert service.name_audit("wrong") == []
    assert model.asked == []


def test_only_one_naming_of_a_run_at_a_time(
    service: LocalService, data: DataFile, model: LLMServer
) -> None:
    service.configure_llm(LLMSettings("vllm", "slow", base_url=model.url))
    train(service, data, "twice")
    model.script = lambda asked: Said(good(asked).content, delay=0.4)
    path = f"{PREFIX}/runs/twice/names"
    http = service._connect()
    assert http.post(path, lambda: {"clusters": [0]}).status == 202
    with pytest.raises(RequestRejected, match="already"):
        service.name_clusters("twice")
    told = wait_until(lambda: (t := http.get(path).object())["state"] != "running" and t)
    assert told == {"state": "done", "fraction": 1.0, "message": ""}
