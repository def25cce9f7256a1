"""Settings of a model: said again, from the environment, sent by the vendor's clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbtrain import LLM, LLMSettings, LocalService
from nbtrain.errors import RequestError, ServiceError
from nbtrain.protocols.knovvu_llm import LLM_PATH
from nbtrain.training import DataFile
from tests.contract.llm_naming.calls import KEY, train
from tests.llm_server import Asked, LLMServer, Said


def test_settings_are_said_again_to_a_new_service(
    tmp_path: Path, data: DataFile, model: LLMServer
) -> None:
    service = LocalService(tmp_path)
    try:
        service.configure_llm(LLMSettings("vllm", "again", base_url=model.url))
        train(service, data, "first")
        service.stop()
        named = service.name_clusters("first")
        assert all(cluster.description for cluster in named.clusters)
    finally:
        service.stop()


def test_a_service_that_stops_while_it_names(
    tmp_path: Path, data: DataFile, model: LLMServer
) -> None:
    service = LocalService(tmp_path)
    try:
        service.configure_llm(LLMSettings("vllm", "stopping", base_url=model.url))
        before = train(service, data, "stopped")

        def stop(asked: Asked) -> Said:
            service.stop()
            return Said(delay=0.1, content="{}")

        model.script = stop
        with pytest.raises(ServiceError):
            service.name_clusters("stopped", top_n=1)
        again = LocalService(tmp_path)
        assert again.result("stopped") == before
    finally:
        service.stop()


def test_the_environments_openai(
    tmp_path: Path, data: DataFile, model: LLMServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", model.url)
    service = LocalService(tmp_path)
    try:
        assert not any(c.description for c in train(service, data, "unasked").clusters)
        assert model.asked == []
        result = train(service, data, "env", LLM())
        assert all(cluster.description for cluster in result.clusters)
    finally:
        service.stop()
    (sent,) = {asked.headers["Authorization"] for asked in model.asked}
    assert sent == f"Bearer {KEY}"
    assert {asked.body["model"] for asked in model.asked} == {"gpt-4o-mini"}


def test_a_client_written_for_the_vendor(service: LocalService, model: LLMServer) -> None:
    http = service._connect()
    body = {
        "productName": "Another", "moduleName": "Cluster", "model": "gpt-4o",
        "providerSettings": {"provider": "OPENAI", "OPENAI_API_KEY": KEY, "GROQ_API_KEY": ""},
    }  # fmt: skip
    answer = http.post(LLM_PATH, lambda: body).object()
    assert answer["providerSettings"] == {"provider": "OpenAi", "OPENAI_API_KEY": "***"}
    assert (answer["productName"], answer["moduleName"]) == ("Another", "cluster")
    for provider in ("Sestek", "vllm", "AwsBedrock", "Bard"):
        wrong = {**body, "providerSettings": {"provider": provider}}
        answered = http.post(LLM_PATH, lambda wrong=wrong: wrong)  # type: ignore[misc]
        assert answered.status == 400
        assert answered.json["error"]["validationErrors"]
    with pytest.raises(RequestError, match="no public address"):
        service.configure_llm(LLMSettings("Sestek", "m"))
