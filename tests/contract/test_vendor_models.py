"""Models at the vendor: modules, readiness, inference, and the language model."""

from __future__ import annotations

import json
import logging
import traceback
from typing import Any

import pytest

from nbtrain import KnovvuService, NbtrainError
from nbtrain.errors import (
    AuthenticationFailed,
    NotSupported,
    RequestError,
    RunNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)
from nbtrain.llm import LLMSettings
from nbtrain.testing import FakeClock

from .vendor import Call, Quirk, Training, Vendor


@pytest.fixture
def published(vendor: Vendor) -> Training:
    training = Training({"modelId": "topics"}, {}, stage=8, inference="Running")
    vendor.trainings.append(training)
    return training


@pytest.mark.parametrize(
    "quirk",
    [Quirk(status=404), Quirk(status=500), Quirk(status=401), Quirk(body="<html>"),
     Quirk(body="[]"), Quirk(body={"modules": 5}), Quirk(cut=-1),
     Quirk(status=302, headers={"Location": "/login"})],
)  # fmt: skip
def test_modules_that_cannot_be_checked(
    client: KnovvuService, vendor: Vendor, quirk: Quirk
) -> None:
    vendor.script("modules", *[quirk] * 9)
    assert client.modules("en-US") is None


def test_modules_that_can_be_checked(client: KnovvuService, vendor: Vendor) -> None:
    listed = [{"name": "cluster", "available": True}, {"name": "news", "available": True}]
    vendor.script("modules", Quirk(body={"available": True, "modules": listed}))
    assert client.modules("en-US") == {"clustering": True}


@pytest.mark.parametrize(
    ("body", "ready"),
    [("true", True), ("false", False), (" True\n", True), ('"true"', True), ("False", False)],
)
def test_readiness(client: KnovvuService, vendor: Vendor, body: str, ready: bool) -> None:
    vendor.script("ready", Quirk(body=body))
    assert client.ready("topics") is ready


@pytest.mark.parametrize("body", ["", "null", "1", "maybe", "{}", "<html><title>Hi</title>"])
def test_no_readiness(client: KnovvuService, vendor: Vendor, body: str) -> None:
    vendor.script("ready", Quirk(body=body))
    with pytest.raises(UnexpectedResponse, match="true or false was expected"):
        client.ready("topics")


def test_a_model_that_is_not_there(client: KnovvuService) -> None:
    with pytest.raises(RunNotFound, match="topics"):
        client.ready("topics")
    with pytest.raises(RunNotFound, match="acme-topics"):
        client.infer("topics", ["text"], tenant="acme")


def test_texts_are_labelled(client: KnovvuService, vendor: Vendor, published: Training) -> None:
    texts = [f"Text {number}" for number in range(5)]
    found = client.infer("topics", iter(texts), tenant="acme", top_n=2, batch_size=2)
    assert [each.text for each in found] == texts
    assert found[0].predictions == (("b", None, 0.7), ("a", None, 0.3))
    calls = [call for call in vendor.calls if call.route == "infer"]
    assert [call.path for call in calls] == [
        "/published/acme-topics/v1/text/clustering/inference"
    ] * 3
    assert json.loads(calls[2].body) == {"inputs": [{"text": "Text 4"}], "topN": 2}
    # As in the vendor's samples.
    assert all("authorization" not in call.headers for call in calls)
    assert client.infer("topics", [], tenant="acme") == []


def test_inference_has_a_client_of_its_own(
    vendor: Vendor, clock: FakeClock, published: Training
) -> None:
    client = KnovvuService(
        vendor.url, "trainer", vendor.clients["trainer"], sleep=clock.sleep,
        inference_client_id="AIModule_SestekAI_App",
        inference_client_secret=vendor.clients["AIModule_SestekAI_App"],
    )  # fmt: skip
    assert len(client.infer("topics", ["a"], tenant="acme", kind="classification")) == 1
    vendor.expire()
    assert len(client.infer("topics", ["a"], tenant="acme")) == 1
    assert vendor.count("token") == 2
    assert client.ready("topics")
    assert vendor.count("token") == 3


def test_a_model_that_timed_out(client: KnovvuService, vendor: Vendor, published: Training) -> None:
    published.inference = None
    with pytest.raises(ServiceUnavailable, match=r"inactivity timeout.*force_train=False"):
        client.infer("topics", ["text"], tenant="acme")
    assert vendor.count("infer") == 1
    assert not client.ready("topics")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "has no result"), ({"result": []}, "0 labels for 1 texts"), ("[]", "JSON object"),
        ({"result": [{"text": "a", "predictions": [{"label": "x"}]}]}, "confidence"),
        ({"result": [5]}, "can't be read"), ("<html><title>Hm", "a page titled 'Hm'"),
    ],
)  # fmt: skip
def test_labels_that_make_no_sense(
    client: KnovvuService, vendor: Vendor, body: Any, said: str
) -> None:
    vendor.script("infer", Quirk(body=body))
    with pytest.raises(UnexpectedResponse, match=said):
        client.infer("topics", ["text"], tenant="acme")


def test_inference_without_a_token_where_one_is_wanted(
    client: KnovvuService, vendor: Vendor
) -> None:
    vendor.script("infer", Quirk(status=401))
    with pytest.raises(AuthenticationFailed, match="inference_client_id"):
        client.infer("topics", ["text"], tenant="acme")


def test_every_wrong_argument_is_listed(client: KnovvuService, vendor: Vendor) -> None:
    texts: Any = ["a", 5, None]
    with pytest.raises(RequestError) as caught:
        client.infer("topics", texts, tenant="", kind="sorting", batch_size=0)
    assert [problem.where for problem in caught.value.problems] == [
        "texts", "tenant", "kind", "batch_size",
    ]  # fmt: skip
    with pytest.raises(RequestError, match="one text"):
        client.infer("topics", "text", tenant="acme")
    assert vendor.calls == []


# --- the language model ----------------------------------------------------------------------


def test_llm_settings_are_stored(client: KnovvuService, vendor: Vendor) -> None:
    client.configure_llm(LLMSettings("groq", "llama", {"GROQ_API_KEY": "gsk-C4nary"}))
    call = vendor.calls[-1]
    assert call.path == "/sestekai-api/api/external/llm-configurations"
    assert json.loads(call.body) == {
        "productName": "CA", "moduleName": "cluster", "model": "llama",
        "providerSettings": {"provider": "Groq", "GROQ_API_KEY": "gsk-C4nary"},
    }  # fmt: skip


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 500, 503])
def test_no_key_is_shown(
    client: KnovvuService, vendor: Vendor, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(call: Call) -> object:
        return {"error": {"message": call.body.decode()}}

    headers = {"Location": "//other.example.com"} if status == 302 else {}
    vendor.script("llm", *[Quirk(status=status, body=echo, headers=headers)] * 9)
    settings = LLMSettings("openai", "gpt", {"OPENAI_API_KEY": "sk-C4nary"})
    shown = repr(settings)
    try:
        client.configure_llm(settings)
    except NbtrainError as error:
        shown += "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )
    assert status == 200 or "configure_llm" in shown
    assert "C4nary" not in shown + caplog.text


def test_what_the_vendor_has_no_field_for(client: KnovvuService, vendor: Vendor) -> None:
    with pytest.raises(NotSupported, match="base_url"):
        client.configure_llm(LLMSettings("vllm", "llama", base_url="http://127.0.0.1:1/v1"))
    assert vendor.count("llm") == 0
