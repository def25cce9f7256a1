"""Where each provider of language models answers chat-completions calls, and with which keys.

All of them speak the form of OpenAI's ``POST /chat/completions`` or have an address that does; the
addresses are those of the providers' own pages. The names of providers and keys are the vendor's,
except for the keys marked as ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from .errors import Problem

__all__ = [
    "KEY_NAMES",
    "PROVIDERS",
    "Endpoint",
    "call_problems",
    "endpoint",
    "provider_name",
    "provider_problems",
]

PROVIDERS = (
    "OpenAi", "AzureOpenAi", "AwsBedrock", "GoogleGemini", "TogetherAi", "Groq", "Vllm", "Sestek",
)  # fmt: skip
"""The vendor's names of providers, in the vendor's order."""

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "OpenAi": ("OPENAI_API_KEY",),
    "AzureOpenAi": ("AZURE_API_KEY", "AZURE_API_BASE", "AZURE_API_VERSION"),
    "AwsBedrock": ("AWS_BEARER_TOKEN_BEDROCK", "AWS_REGION_NAME"),
    "GoogleGemini": ("GEMINI_API_KEY",),
    "TogetherAi": ("TOGETHERAI_API_KEY",),
    "Groq": ("GROQ_API_KEY",),
    "Vllm": (),
    "Sestek": (),
}
_PLACES = {"AZURE_API_BASE", "AWS_REGION_NAME"}
_SIGNING = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
# Ours: the key of a server of one's own. The vendor lists none for Vllm.
_OWN_SERVER_KEY = "VLLM_API_KEY"

KEY_NAMES = (*dict.fromkeys(key for keys in _REQUIRED.values() for key in keys),
             *_SIGNING, _OWN_SERVER_KEY)  # fmt: skip
"""Every key that a provider may need: the vendor's, AWS_BEARER_TOKEN_BEDROCK and VLLM_API_KEY."""

_ROOTS: Mapping[str, str] = {
    "OpenAi": "https://api.openai.com/v1",
    "GoogleGemini": "https://generativelanguage.googleapis.com/v1beta/openai",
    "TogetherAi": "https://api.together.ai/v1",
    "Groq": "https://api.groq.com/openai/v1",
}
# Those that know the newer name of the limit to an answer; where it is unknown it may be passed
# over in silence, so all others get the older one.
_NEWER_LIMIT = {"OpenAi", "AzureOpenAi", "AwsBedrock", "Groq"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# A key goes into a header or an address: no space, no line end, nothing beyond ASCII.
_KEY = re.compile(r"[!-~]{1,4096}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that answers chat-completions calls.

    Parameters
    ----------
    url : str
        Holds no secret.
    headers : mapping of str to str
        Hold the key, so they stay out of ``repr``.
    limit : {"max_tokens", "max_completion_tokens"}
        The field that limits the length of an answer.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    limit: str

    @property
    def host(self) -> str:
        """The host, for people."""
        return urlsplit(self.url).netloc

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return urlsplit(self.url).hostname in _LOOPBACK


def provider_name(word: object) -> str | None:
    """Return the vendor's spelling of a provider's name; None if there is no such provider."""
    known = {name.lower(): name for name in PROVIDERS}
    return known.get(word.strip().lower()) if isinstance(word, str) else None


def provider_problems(
    provider: object, key: Callable[[str], str], given: Collection[str], base_url: object
) -> list[Problem]:
    """List what is missing or wrong in the settings of a provider. No key's value is told.

    Parameters
    ----------
    provider : str
        Compared without case.
    key : callable
        Returns the value of a key, an empty string if there is none.
    given : collection of str
        Names of the keys that are there.
    base_url : str or None
        Address that replaces the provider's own.
    """
    problems = [] if base_url is None else _address_problems("base_url", base_url)
    for each in given:
        if each not in KEY_NAMES:
            known = ", ".join(KEY_NAMES)
            problems.append(Problem(f"keys[{each!r}]", "is not a known key", f"Known: {known}."))
        elif key(each) and not _KEY.fullmatch(key(each)):
            what = "holds a space or a character that is not ASCII"
            problems.append(Problem(f"keys[{each!r}]", what, "Copy it again."))
    name = provider_name(provider)
    if name is None:
        fix = f"Known: {', '.join(PROVIDERS)}."
        return [Problem("provider", f"is {provider!r}", fix), *problems]
    signs = name == "AwsBedrock" and not key("AWS_BEARER_TOKEN_BEDROCK")
    for needed in (*_SIGNING, "AWS_REGION_NAME") if signs else _REQUIRED[name]:
        if not key(needed) and not (needed in _PLACES and base_url is not None):
            fix = "Or give AWS_BEARER_TOKEN_BEDROCK." if needed in _SIGNING else ""
            problems.append(Problem(f"keys[{needed!r}]", f"is needed for {name}", fix))
    problems += _place_problems(name, key)
    keyless = name == "Vllm" and not key(_OWN_SERVER_KEY)
    if not keyless and isinstance(base_url, str) and _is_open(base_url):
        what = "would carry the key unencrypted"
        problems.append(Problem("base_url", what, "Use https, or a server on this machine."))
    return problems


def call_problems(provider: str, key: Callable[[str], str], base_url: str | None) -> list[Problem]:
    """List why the local service can't call a provider that a vendor's own service can.

    The arguments are those of :func:`provider_problems`, and must have no problems by that.
    """
    if provider == "Sestek":
        what = "is 'Sestek', which has no public address"
        return [Problem("provider", what, "The local service can't call it.")]
    if provider == "Vllm" and base_url is None:
        fix = "Give the address of the server, such as http://127.0.0.1:8000/v1."
        return [Problem("base_url", "is needed for Vllm", fix)]
    if provider == "AwsBedrock" and not key("AWS_BEARER_TOKEN_BEDROCK"):
        fix = "Make a Bedrock API key: the local service can't sign requests with access keys."
        return [Problem("keys['AWS_BEARER_TOKEN_BEDROCK']", "is needed for AwsBedrock", fix)]
    return []


def _place_problems(provider: str, key: Callable[[str], str]) -> list[Problem]:
    region, base = key("AWS_REGION_NAME"), key("AZURE_API_BASE")
    problems = []
    if provider == "AwsBedrock" and region and not re.fullmatch(r"[a-z0-9-]{2,40}", region):
        fix = "It looks like us-west-2."
        problems.append(Problem("keys['AWS_REGION_NAME']", "is no name of a region", fix))
    if provider == "AzureOpenAi" and base:
        where = "keys['AZURE_API_BASE']"
        problems += _address_problems(where, base)
        if _is_open(base):
            problems.append(Problem(where, "would carry the key unencrypted", "Use https."))
    return problems


def _address_problems(where: str, address: object) -> list[Problem]:
    fix = "It looks like https://host/v1, without user name, '?' and '#'."
    if not isinstance(address, str):
        return [Problem(where, f"is a {type(address).__name__}, not text", fix)]
    try:
        parts = urlsplit(address)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        good = good and (parts.port is None or parts.port > 0) and "@" not in parts.netloc
    except ValueError:
        good = False
    # What is wrong is not shown: it may hold a password.
    if not good or not _KEY.fullmatch(address) or "?" in address or "#" in address:
        return [Problem(where, "is no address that can be called", fix)]
    return []


def _is_open(address: str) -> bool:
    """Tell whether what is sent there can be read on the way."""
    try:
        parts = urlsplit(address)
        return parts.scheme.lower() == "http" and parts.hostname not in _LOOPBACK
    except ValueError:
        return False


def endpoint(
    provider: str, model: str, key: Callable[[str], str], base_url: str | None
) -> Endpoint:
    """Return where and how a provider is called; the arguments must have no problems."""
    name = provider_name(provider)
    limit = "max_completion_tokens" if name in _NEWER_LIMIT else "max_tokens"
    if name == "AzureOpenAi":
        # The deployment takes the place of the model.
        root = f"{(base_url or key('AZURE_API_BASE')).rstrip('/')}/openai/deployments"
        query = f"api-version={quote(key('AZURE_API_VERSION'), safe='')}"
        url = f"{root}/{quote(model, safe='')}/chat/completions?{query}"
        return Endpoint(url, {"api-key": key("AZURE_API_KEY")}, limit)
    if name == "AwsBedrock":
        region = key("AWS_REGION_NAME")
        root = base_url or f"https://bedrock-runtime.{region}.amazonaws.com/openai/v1"
    else:
        root = base_url or _ROOTS[str(name)]
    secret = key(_REQUIRED[str(name)][0] if _REQUIRED[str(name)] else _OWN_SERVER_KEY)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return Endpoint(f"{root.rstrip('/')}/chat/completions", headers, limit)
