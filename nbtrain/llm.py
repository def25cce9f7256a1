"""Which language model names clusters, and what that may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .errors import Problem, RequestError
from .llm_providers import (
    KEY_NAMES,
    Endpoint,
    call_problems,
    endpoint,
    provider_name,
    provider_problems,
)
from .secret import Secret

__all__ = ["ANSWER_TOKENS", "LLMSettings"]

ANSWER_TOKENS = 300
"""Most tokens that an answer may take, unless the settings say otherwise."""

_LONGEST_MODEL = 200


@dataclass(frozen=True, slots=True, init=False, repr=False)
class LLMSettings:
    """A language model that names and describes clusters, and the keys to it.

    Keys are kept as :class:`Secret`: they are in no ``repr``, and the local service keeps them in
    its memory only.

    Parameters
    ----------
    provider : str
        ``"OpenAi"``, ``"AzureOpenAi"``, ``"AwsBedrock"``, ``"GoogleGemini"``, ``"TogetherAi"``,
        ``"Groq"``, ``"Vllm"`` or ``"Sestek"``, compared without case.
        ``"Vllm"`` with a ``base_url`` is any server that speaks OpenAI's chat-completions form:
        vLLM, Ollama, a gateway. ``"Sestek"`` has no public address: only Knovvu can call it.
    model : str
        The provider's name of the model; for Azure the name of the deployment.
    keys : mapping of str to str or Secret
        By the vendor's names: ``OPENAI_API_KEY``; ``AZURE_API_KEY``, ``AZURE_API_BASE``,
        ``AZURE_API_VERSION``; ``AWS_REGION_NAME`` and ``AWS_BEARER_TOKEN_BEDROCK`` (a Bedrock API
        key, ours) or, at Knovvu only, ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``;
        ``GEMINI_API_KEY``; ``TOGETHERAI_API_KEY``; ``GROQ_API_KEY``; ``VLLM_API_KEY`` (ours,
        optional).
    base_url : str, optional
        Address to call instead of the provider's own, up to before ``/chat/completions`` (for
        Azure up to before ``/openai``).
    input_price, output_price : float, optional
        Price of a million tokens that are sent and answered; both or none. Without them tokens
        are counted, but cost is unknown.
    answer_tokens : int
        Most tokens that one answer may take, 50 to 20,000. Models that reason before they answer
        need some thousands.
    timeout : float
        Seconds that one call may take, at most 600.

    Raises
    ------
    RequestError
        If anything is wrong; its ``problems`` lists all of it, and no key.

    Examples
    --------
    >>> LLMSettings("openai", "gpt-4o-mini", {"OPENAI_API_KEY": "sk-secret"})
    LLMSettings(provider='OpenAi', model='gpt-4o-mini', keys=OPENAI_API_KEY)
    >>> ollama = LLMSettings("vllm", "llama3.1", base_url="http://127.0.0.1:11434/v1")
    >>> ollama.endpoint().url
    'http://127.0.0.1:11434/v1/chat/completions'
    """

    provider: str
    model: str
    keys: Mapping[str, Secret]
    base_url: str | None
    input_price: float | None
    output_price: float | None
    answer_tokens: int
    timeout: float

    # Written out, as tracebacks that show variables would show the keys in a made one.
    def __init__(
        self,
        provider: str,
        model: str,
        keys: Mapping[str, str | Secret] | None = None,
        base_url: str | None = None,
        input_price: float | None = None,
        output_price: float | None = None,
        answer_tokens: int = ANSWER_TOKENS,
        timeout: float = 60.0,
    ) -> None:
        keys, problems = _hidden(keys)
        values = {
            "provider": provider_name(provider) or provider,
            "model": model,
            "keys": keys,
            "base_url": base_url,
            "input_price": input_price,
            "output_price": output_price,
            "answer_tokens": answer_tokens,
            "timeout": timeout,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if not problems:
            problems += provider_problems(provider, self.key, keys, base_url)
        problems += self._other_problems()
        if problems:
            # What is wrong with the address may be that it holds a password.
            base_url = value = values = None  # type: ignore[assignment]
            object.__setattr__(self, "base_url", None)
            raise RequestError("These LLM settings can't be used:", problems)

    def __repr__(self) -> str:
        parts = [f"provider={self.provider!r}", f"model={self.model!r}"]
        if self.keys:
            parts.append(f"keys={', '.join(self.keys)}")
        if self.base_url:
            parts.append(f"base_url={self.base_url!r}")
        return f"LLMSettings({', '.join(parts)})"

    def key(self, name: str) -> str:
        """Return the value of a key itself; an empty string if there is none."""
        return self.keys[name].reveal() if name in self.keys else ""

    def call_problems(self) -> list[Problem]:
        """List why the local service can't call this model, though Knovvu may."""
        return call_problems(self.provider, self.key, self.base_url)

    def endpoint(self) -> Endpoint:
        """Return where and how the model is called; there must be no :meth:`call_problems`."""
        return endpoint(self.provider, self.model, self.key, self.base_url)

    def secrets(self) -> list[str]:
        """Return the values that must show nowhere, longest first."""
        values = {self.key(name) for name in KEY_NAMES if name in self.keys}
        return sorted(values, key=len, reverse=True)

    def cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return the price of a number of tokens, None if it isn't known.

        Examples
        --------
        >>> free = LLMSettings("vllm", "m", base_url="http://127.0.0.1:1/v1")
        >>> free.cost(1000, 100) is None
        True
        """
        if self.input_price is None or self.output_price is None:
            return None
        return (input_tokens * self.input_price + output_tokens * self.output_price) / 1e6

    def _other_problems(self) -> list[Problem]:
        problems = []
        model: object = self.model
        if not isinstance(model, str) or not model.strip():
            problems.append(Problem("model", "is empty", "Name a model of the provider."))
        elif len(model) > _LONGEST_MODEL or not model.isprintable():
            problems.append(Problem("model", "is no name of a model"))
        for name in ("input_price", "output_price"):
            price = getattr(self, name)
            if price is not None and not _is_number(price, 0, 1e6):
                what = f"is {price!r}"
                problems.append(Problem(name, what, "Give the price of a million tokens, or None."))
        if (self.input_price is None) != (self.output_price is None):
            missing = "input_price" if self.input_price is None else "output_price"
            problems.append(Problem(missing, "is missing", "Give both prices, or none."))
        tokens = self.answer_tokens
        if not isinstance(tokens, int) or not _is_number(tokens, 50, 20_000):
            what = f"is {tokens!r}"
            problems.append(Problem("answer_tokens", what, "Give a whole number, 50 to 20,000."))
        if not _is_number(self.timeout, 0.1, 600):
            what = f"is {self.timeout!r}"
            problems.append(Problem("timeout", what, "Give seconds, 0.1 to 600."))
        return problems


def _hidden(keys: object) -> tuple[Mapping[str, Secret], list[Problem]]:
    """Return the keys as secrets, without those that are empty, and what is wrong with them."""
    held: dict[str, Secret] = {}
    if keys is None:
        return MappingProxyType(held), []
    if not isinstance(keys, Mapping):
        what = f"is a {type(keys).__name__}, not a mapping"
        return MappingProxyType(held), [Problem("keys", what, "Give {'OPENAI_API_KEY': ...}.")]
    problems = []
    for name, value in keys.items():
        if not isinstance(value, str | Secret):
            problems.append(Problem(f"keys[{name!r}]", f"is a {type(value).__name__}, not text"))
        elif value:
            held[str(name)] = Secret(value)
    return MappingProxyType(held), problems


def _is_number(value: object, least: float, most: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # By comparison alone: a whole number may be too large for a float, and NaN is never within.
    return least <= value <= most
