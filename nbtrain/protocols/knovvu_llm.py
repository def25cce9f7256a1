"""Knovvu's LLM provider settings: the vendor's JSON, both directions.

``baseUrl``, ``inputPrice``, ``outputPrice``, ``answerTokens`` and ``timeout`` are ours; only the
local service knows them, as it knows the keys AWS_BEARER_TOKEN_BEDROCK and VLLM_API_KEY.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import NotSupported, Problem, RequestError
from ..llm import LLMSettings
from ..llm_providers import KEY_NAMES

__all__ = [
    "LLM_PATH",
    "masked",
    "product_of",
    "settings_from_json",
    "settings_to_json",
]

LLM_PATH = "/sestekai-api/api/external/llm-configurations"

MODULE = "cluster"
_MASK = "***"
_OWN_KEYS = {"AWS_BEARER_TOKEN_BEDROCK", "VLLM_API_KEY"}
_OWN_FIELDS = {
    "base_url": "baseUrl",
    "input_price": "inputPrice",
    "output_price": "outputPrice",
    "answer_tokens": "answerTokens",
    "timeout": "timeout",
}

Json = dict[str, Any]


def settings_to_json(
    settings: LLMSettings, *, product_name: str = "CA", with_own_fields: bool = False
) -> Json:
    """Write the body of the settings call. It holds the keys themselves.

    Raises
    ------
    NotSupported
        Without our own fields, if the settings can't be said in the vendor's.
    """
    own = [name for name in settings.keys if name in _OWN_KEYS]
    if not with_own_fields and (settings.base_url is not None or own):
        what = own[0] if own else "an address of one's own (base_url)"
        raise NotSupported(f"Knovvu documents no field for {what}. The local service has one.")
    keys = {name: settings.key(name) for name in settings.keys}
    body: Json = {
        "productName": product_name,
        "moduleName": MODULE,
        "model": settings.model,
        "providerSettings": {"provider": settings.provider, **keys},
    }
    if with_own_fields:
        values = {wire: getattr(settings, name) for name, wire in _OWN_FIELDS.items()}
        body |= {wire: value for wire, value in values.items() if value is not None}
    return body


_LONGEST = 200


def settings_from_json(data: object) -> tuple[str, LLMSettings]:
    """Read the body of the settings call.

    ``productName`` may be called ``projectName``, as the vendor's page has both. Keys that are
    empty or not known are passed over.

    Returns
    -------
    product_name : str
    settings : LLMSettings

    Raises
    ------
    RequestError
        Listing every bad field, by wire name.
    """
    if not isinstance(data, Mapping):
        raise RequestError("Your request is not valid.", [Problem("body", "is no JSON object")])
    problems: list[Problem] = []
    product = product_of(data)
    if not product:
        what = f"is required, and has at most {_LONGEST} printable characters"
        problems.append(Problem("productName", what))
    module = data.get("moduleName")
    if not isinstance(module, str) or module.strip().lower() != MODULE:
        problems.append(Problem("moduleName", f"is {module!r}", f"Known: {MODULE}."))
    given = data.get("providerSettings")
    if not isinstance(given, Mapping):
        problems.append(Problem("providerSettings", "is no JSON object"))
        given = {"provider": "OpenAi", "OPENAI_API_KEY": "unknown"}  # to see the other problems
    own = {name: data[wire] for name, wire in _OWN_FIELDS.items() if data.get(wire) is not None}
    try:
        settings = LLMSettings(
            given.get("provider", ""),
            data.get("model", ""),
            {name: given[name] for name in KEY_NAMES if given.get(name)},
            **own,
        )
    except RequestError as error:
        problems += [_renamed(problem) for problem in error.problems]
    if problems:
        raise RequestError("Your request is not valid.", problems)
    return product, settings


def product_of(data: Mapping[str, Any]) -> str:
    """Return the product that settings are for; an empty string if none is named."""
    for name in ("productName", "projectName"):
        value = data.get(name)
        if isinstance(value, str) and value.strip():
            good = len(value) <= _LONGEST and value.isprintable()
            return value.strip() if good else ""
    return ""


def masked(body: Mapping[str, Any]) -> Json:
    """Return the body of a settings call with the value of every key hidden."""
    settings = body["providerSettings"]
    hidden = {name: value if name == "provider" else _MASK for name, value in settings.items()}
    return {**body, "providerSettings": hidden}


def _renamed(problem: Problem) -> Problem:
    where = problem.where
    if where == "provider":
        where = "providerSettings.provider"
    elif where.startswith("keys["):
        where = f"providerSettings.{where[6:-2]}"
    return Problem(_OWN_FIELDS.get(where, where), problem.what, problem.fix)
