"""LLM settings: what is checked, where calls go, what the wire carries, what stays hidden."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from nbtrain import LLMSettings
from nbtrain.errors import NotSupported, RequestError
from nbtrain.llm_providers import PROVIDERS
from nbtrain.protocols.knovvu_llm import masked, settings_from_json, settings_to_json
from nbtrain.secret import Secret

KEY = "sk-canary-77aa"
LOCAL = "http://127.0.0.1:8000/v1"

# Addresses as on the providers' own pages.
ENDPOINTS: list[tuple[str, dict[str, str], str, dict[str, str]]] = [
    (
        "OpenAi", {"OPENAI_API_KEY": KEY}, "https://api.openai.com/v1/chat/completions",
        {"Authorization": f"Bearer {KEY}"},
    ),
    (
        "AzureOpenAi",
        {"AZURE_API_KEY": KEY, "AZURE_API_BASE": "https://mine.openai.azure.com/",
         "AZURE_API_VERSION": "2024-10-21"},
        "https://mine.openai.azure.com/openai/deployments/m%2F1/chat/completions"
        "?api-version=2024-10-21",
        {"api-key": KEY},
    ),
    (
        "AwsBedrock", {"AWS_BEARER_TOKEN_BEDROCK": KEY, "AWS_REGION_NAME": "us-west-2"},
        "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/chat/completions",
        {"Authorization": f"Bearer {KEY}"},
    ),
    (
        "GoogleGemini", {"GEMINI_API_KEY": KEY},
        "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
        {"Authorization": f"Bearer {KEY}"},
    ),
    (
        "TogetherAi", {"TOGETHERAI_API_KEY": KEY}, "https://api.together.ai/v1/chat/completions",
        {"Authorization": f"Bearer {KEY}"},
    ),
    (
        "Groq", {"GROQ_API_KEY": KEY}, "https://api.groq.com/openai/v1/chat/completions",
        {"Authorization": f"Bearer {KEY}"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "keys", "url", "headers"), ENDPOINTS)
def test_where_a_provider_is_called(
    provider: str, keys: dict[str, str], url: str, headers: dict[str, str]
) -> None:
    settings = LLMSettings(provider.upper(), "m/1", keys)
    assert settings.provider == provider
    assert settings.call_problems() == []
    endpoint = settings.endpoint()
    assert endpoint.url == url
    assert endpoint.headers == headers
    assert KEY not in repr(endpoint)


def test_a_server_of_ones_own_needs_no_key() -> None:
    endpoint = LLMSettings("vllm", "llama3.1", base_url="http://10.0.0.7:11434/v1/").endpoint()
    assert endpoint.url == "http://10.0.0.7:11434/v1/chat/completions"
    assert endpoint.headers == {}
    assert endpoint.limit == "max_tokens"


@pytest.mark.parametrize(("provider", "keys", "url", "headers"), ENDPOINTS)
def test_another_address_for_any_provider(
    provider: str, keys: dict[str, str], url: str, headers: dict[str, str]
) -> None:
    endpoint = LLMSettings(provider, "m", keys, base_url="https://gateway.example/x").endpoint()
    assert endpoint.url.startswith("https://gateway.example/x/")
    assert endpoint.headers == headers


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_missing_key_is_listed(provider: str) -> None:
    needed = {
        "OpenAi": ["OPENAI_API_KEY"],
        "AzureOpenAi": ["AZURE_API_KEY", "AZURE_API_BASE", "AZURE_API_VERSION"],
        "AwsBedrock": ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION_NAME"],
        "GoogleGemini": ["GEMINI_API_KEY"],
        "TogetherAi": ["TOGETHERAI_API_KEY"],
        "Groq": ["GROQ_API_KEY"],
    }.get(provider, [])
    if not needed:
        LLMSettings(provider, "m")
        return
    with pytest.raises(RequestError) as caught:
        LLMSettings(provider, "m", {needed[0]: ""})
    assert [problem.where for problem in caught.value.problems] == [f"keys[{k!r}]" for k in needed]


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"provider": "Claude"}, ["provider"]),
        ({"provider": 7}, ["provider"]),
        ({"model": " "}, ["model"]),
        ({"model": "a\nb"}, ["model"]),
        ({"keys": {"OPENAI_API_KEY": KEY, "OPENAI_KEY": KEY}}, ["keys['OPENAI_KEY']"]),
        ({"keys": {"OPENAI_API_KEY": f"{KEY}\n"}}, ["keys['OPENAI_API_KEY']"]),
        ({"keys": {"OPENAI_API_KEY": "схема"}}, ["keys['OPENAI_API_KEY']"]),
        ({"keys": {"OPENAI_API_KEY": 7}}, ["keys['OPENAI_API_KEY']"]),
        ({"keys": [KEY]}, ["keys"]),
        ({"base_url": "ftp://x"}, ["base_url"]),
        ({"base_url": f"https://user:{KEY}@x/v1"}, ["base_url"]),
        ({"base_url": f"https://x/v1?key={KEY}"}, ["base_url"]),
        ({"base_url": "https://[::1/v1"}, ["base_url"]),
        ({"base_url": "https://x:99999/v1"}, ["base_url"]),
        ({"base_url": "http://gateway.example/v1"}, ["base_url"]),
        ({"base_url": 7}, ["base_url"]),
        ({"input_price": 1.0}, ["output_price"]),
        ({"input_price": -1.0, "output_price": float("nan")}, ["input_price", "output_price"]),
        ({"answer_tokens": 10}, ["answer_tokens"]),
        ({"answer_tokens": True}, ["answer_tokens"]),
        ({"timeout": 0}, ["timeout"]),
        ({"provider": "x", "model": "", "timeout": "1"}, ["provider", "model", "timeout"]),
    ],
)
def test_every_problem_is_listed_and_no_key(arguments: dict[str, Any], where: list[str]) -> None:
    good = {"provider": "openai", "model": "m", "keys": {"OPENAI_API_KEY": KEY}}
    with pytest.raises(RequestError) as caught:
        LLMSettings(**{**good, **arguments})
    assert [problem.where for problem in caught.value.problems] == where
    assert KEY not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        (LLMSettings("Sestek", "m"), "provider"),
        (LLMSettings("Vllm", "m"), "base_url"),
        (
            LLMSettings(
                "AwsBedrock",
                "m",
                {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": KEY, "AWS_REGION_NAME": "eu"},
            ),
            "keys['AWS_BEARER_TOKEN_BEDROCK']",
        ),
    ],
)
def test_what_only_the_vendor_can_call(settings: LLMSettings, where: str) -> None:
    (problem,) = settings.call_problems()
    assert problem.where == where
    body = settings_to_json(settings)
    assert set(body) == {"productName", "moduleName", "model", "providerSettings"}


def test_keys_show_nowhere() -> None:
    settings = LLMSettings("openai", "m", {"OPENAI_API_KEY": Secret(KEY)})
    assert settings.key("OPENAI_API_KEY") == KEY
    assert KEY not in f"{settings!r} {settings} {settings.keys}"
    with pytest.raises(TypeError):
        pickle.dumps(settings)
    with pytest.raises(TypeError):
        copy.deepcopy(settings)


def test_the_vendors_sample_is_read() -> None:
    keys = {
        "OPENAI_API_KEY": KEY, "AZURE_API_KEY": "", "AZURE_API_BASE": "", "AZURE_API_VERSION": "",
        "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_REGION_NAME": "",
        "GEMINI_API_KEY": "", "TOGETHERAI_API_KEY": "", "GROQ_API_KEY": "", "NEW_KEY": "x",
    }  # fmt: skip
    body = {
        "projectName": "CA", "moduleName": "Cluster", "model": "gpt-4o",
        "providerSettings": {"provider": "openai", **keys},
    }  # fmt: skip
    product, settings = settings_from_json(body)
    assert (product, settings.provider, settings.model) == ("CA", "OpenAi", "gpt-4o")
    assert list(settings.keys) == ["OPENAI_API_KEY"]
    answer = masked(settings_to_json(settings, product_name=product))
    assert answer == {
        "productName": "CA", "moduleName": "cluster", "model": "gpt-4o",
        "providerSettings": {"provider": "OpenAi", "OPENAI_API_KEY": "***"},
    }  # fmt: skip


def test_settings_go_there_and_back() -> None:
    settings = LLMSettings(
        "azureopenai", "dep",
        {"AZURE_API_KEY": KEY, "AZURE_API_BASE": "https://x", "AZURE_API_VERSION": "v"},
        base_url=LOCAL, input_price=0.1, output_price=0.2, answer_tokens=900, timeout=5.0,
    )  # fmt: skip
    body = json.loads(json.dumps(settings_to_json(settings, with_own_fields=True)))
    _, again = settings_from_json(body)
    for name in ("provider", "model", "base_url", "input_price", "answer_tokens", "timeout"):
        assert getattr(again, name) == getattr(settings, name)
    assert {name: again.key(name) for name in again.keys} == {
        name: settings.key(name) for name in settings.keys
    }


@pytest.mark.parametrize(
    ("body", "members"),
    [
        (None, {"body"}),
        ([], {"body"}),
        (
            {},
            {"productName", "moduleName", "providerSettings", "model"},
        ),
        (
            {"productName": "CA", "moduleName": "speech", "model": "m",
             "providerSettings": {"provider": "Bard"}},
            {"moduleName", "providerSettings.provider"},
        ),
        (
            {"productName": "CA", "moduleName": "cluster", "model": "m", "baseUrl": 3,
             "providerSettings": {"provider": "Groq", "GROQ_API_KEY": ["x"]}},
            {"providerSettings.GROQ_API_KEY"},
        ),
        (
            {"productName": "CA", "moduleName": "cluster", "model": "m", "baseUrl": "x",
             "answerTokens": "9", "providerSettings": {"provider": "Groq"}},
            {"baseUrl", "answerTokens", "providerSettings.GROQ_API_KEY"},
        ),
    ],
)  # fmt: skip
def test_every_bad_field_is_listed(body: Any, members: set[str]) -> None:
    with pytest.raises(RequestError) as caught:
        settings_from_json(body)
    assert {problem.where for problem in caught.value.problems} == members


def test_knovvu_has_no_field_for_an_address() -> None:
    with pytest.raises(NotSupported, match="base_url"):
        settings_to_json(LLMSettings("vllm", "m", base_url=LOCAL))
    bedrock = {"AWS_BEARER_TOKEN_BEDROCK": KEY, "AWS_REGION_NAME": "eu-west-1"}
    with pytest.raises(NotSupported, match="AWS_BEARER_TOKEN_BEDROCK"):
        settings_to_json(LLMSettings("awsbedrock", "m", bedrock))
