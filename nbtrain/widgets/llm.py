"""Naming clusters with a language model: which one, at what price, up to where; folded away."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ..errors import Problem, RequestError
from ..llm import LLMSettings
from ..llm_providers import KEY_NAMES, PROVIDERS
from ..markup import escape
from ..naming import estimate_naming
from ..secret import Secret
from ..tasks import LLM
from .fields import INDENT, Messages, field

__all__ = ["LLMForm"]

_KEY_OF = {
    "OpenAi": "OPENAI_API_KEY", "AzureOpenAi": "AZURE_API_KEY",
    "AwsBedrock": "AWS_BEARER_TOKEN_BEDROCK", "GoogleGemini": "GEMINI_API_KEY",
    "TogetherAi": "TOGETHERAI_API_KEY", "Groq": "GROQ_API_KEY", "Vllm": "VLLM_API_KEY",
}  # fmt: skip
# What the vendor's protocol has no field for.
_OURS = ("base_url", "input_price", "output_price", "top_n", "max_tokens", "max_cost")
_FIRST = [("what the service has", "")]
# What is no secret among the keys, and may stay in its field.
_PLAIN = {"AZURE_API_BASE", "AZURE_API_VERSION", "AWS_REGION_NAME"}
_SIGNING = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
_LEAVES_KNOVVU = "Knovvu receives the data and the keys, and decides what its model is sent."
_LEAVES = (
    "Key words and a few short examples of each cluster are sent. E-mail and web addresses and "
    "long numbers (phone, card, IBAN) are taken out by pattern; names of people, street "
    "addresses and short numbers stay. The exact prompts of a finished training can be read "
    "before they are sent."
)


class LLMForm(widgets.VBox):  # type: ignore[misc]
    """Whether and how a language model names the clusters.

    A key that is typed is taken out of its field at once; it lives in this object until it is
    handed to the service, which keeps it in memory only.

    The controls are made when the form is first unfolded, so that it costs nothing unused.
    """

    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}
        self._callbacks: list[Callable[[], object]] = []
        self._fields: dict[str, Any] = {}
        self._local = True
        self._place = widgets.VBox()
        folded = widgets.Accordion(
            [self._place], titles=("Name clusters with an LLM",), selected_index=None
        )
        super().__init__([folded])
        self.add_class("nbt-llm-form")
        folded.observe(lambda _change: self.fields, names="selected_index")

    @property
    def fields(self) -> dict[str, Any]:
        """The controls by name, made now if they aren't yet; ``llm`` says whether."""
        if not self._fields:
            self._build()
        return self._fields

    def _build(self) -> None:
        options = _FIRST + [(name, name) for name in PROVIDERS]
        self._fields = {
            "llm": widgets.Checkbox(value=False),
            "provider": widgets.Dropdown(options=options, value=""),
            "model": widgets.Text(placeholder="gpt-4o-mini"),
            "key": widgets.Password(continuous_update=False),
            "base_url": widgets.Text(placeholder="the provider's own"),
            "settings": widgets.Text(
                placeholder="AZURE_API_VERSION=…, AWS_REGION_NAME=…", continuous_update=False
            ),
            "input_price": widgets.Text(),
            "output_price": widgets.Text(),
            "top_n": widgets.Text(placeholder="all"),
            "max_tokens": widgets.Text(placeholder="no limit"),
            "max_cost": widgets.Text(placeholder="no limit"),
        }
        rows = {name: field(control, *_TEXTS[name], name) for name, control in self.fields.items()}
        self._state = Messages("llm-key")
        self._estimate = Messages("llm-estimate")
        for messages in (self._state, self._estimate):
            messages.layout.margin = f"0 0 4px {INDENT}"
        model = ("model", "key", "settings")
        self._model = widgets.VBox([rows[name] for name in model] + [self._state])
        self._ours = widgets.VBox([rows[name] for name in _OURS])
        self._leaves = widgets.HTML()
        self._place.children = (
            rows["llm"], self._leaves, rows["provider"], self._model, self._ours, self._estimate,
        )  # fmt: skip
        self.fields["key"].observe(self._take_key, names="value")
        self.fields["settings"].observe(self._take_secrets, names="value")
        for name, control in self.fields.items():
            if name not in ("key", "settings"):
                control.observe(lambda _change: self._changed(), names="value")
        self.offer(naming=self._local)
        self._show()

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call back after every change."""
        self._callbacks.append(callback)

    @property
    def wanted(self) -> bool:
        """Whether a language model shall name the clusters."""
        return bool(self._fields and self._fields["llm"].value)

    def llm(self) -> LLM | None:
        """Return the options of a request; None where no model shall name.

        Values that are no numbers go through as they are: the request's own check explains them.
        """
        if not self.wanted:
            return None
        return self.options() if self._local else LLM()

    def options(self) -> LLM:
        """Return the limits as the fields have them, whether or not the next training is named."""
        if not self._fields:
            return LLM()
        return LLM(
            top_n=_number(self.fields["top_n"].value, int),
            max_tokens=_number(self.fields["max_tokens"].value, int),
            max_cost=_number(self.fields["max_cost"].value, float),
        )

    def settings(self) -> LLMSettings | None:
        """Return the model to use; None for what the service has of its own.

        Raises
        ------
        RequestError
            Listing everything that is wrong.
        """
        provider = self.fields["provider"].value if self._fields else ""
        if not provider:
            return None
        return LLMSettings(
            provider,
            self.fields["model"].value.strip(),
            self._keys(provider),
            base_url=self._own("base_url").strip() or None,
            input_price=_number(self._own("input_price"), float),
            output_price=_number(self._own("output_price"), float),
        )

    def offer(self, *, naming: bool) -> None:
        """Show what only a service that names by itself can honour: address, prices, caps."""
        self._local = naming
        if self._fields:
            self._ours.layout.display = None if naming else "none"
            leaves = escape(_LEAVES if naming else _LEAVES_KNOVVU)
            self._leaves.value = f"<div class='nbt-help'>{leaves}</div>"
            self._show()

    def _own(self, name: str) -> str:
        return str(self.fields[name].value) if self._local else ""

    def problems(self) -> list[Problem]:
        """List what is wrong with the model and its keys, if one shall name."""
        if not self.wanted:
            return []
        try:
            settings = self.settings()
        except RequestError as error:
            return list(error.problems)
        return settings.call_problems() if settings is not None and self._local else []

    @property
    def code(self) -> list[str]:
        """The statements that hand the model to the service; keys come from the environment."""
        if not (self.wanted and self.fields["provider"].value):
            return []
        provider = self.fields["provider"].value
        names = [name for name in self._keys(provider) if name in KEY_NAMES]
        plain = _settings(self.fields["settings"].value)
        keys = ", ".join(
            f"{name!r}: {repr(plain[name]) if name in plain else f'os.environ[{name!r}]'}"
            for name in names
        )
        model = self.fields["model"].value.strip()
        parts = [repr(provider), repr(model), f"{{{keys}}}"]
        if self._own("base_url").strip():
            parts.append(f"base_url={self._own('base_url').strip()!r}")
        for name in ("input_price", "output_price"):
            value = _number(self._own(name), float)
            if value is not None:
                parts.append(f"{name}={value!r}")
        return [f"service.configure_llm(nbtrain.LLMSettings({', '.join(parts)}))"]

    def show_estimate(self, n_clusters: int | tuple[int, int], language: str) -> None:
        """Say what naming so many clusters will take."""
        if not (self.wanted and self._local):
            if self._fields:
                self._estimate.say("")
            return
        try:
            llm = self.llm()
            told = estimate_naming(
                n_clusters, self.settings(), top_n=llm.top_n if llm else None, language=language
            )
        except RequestError:
            self._estimate.say("")
        else:
            self._estimate.say(f"Estimate: {told}")

    def _keys(self, provider: str) -> dict[str, str | Secret]:
        keys: dict[str, str | Secret] = {
            name: Secret(os.environ[name]) for name in KEY_NAMES if os.environ.get(name)
        }
        keys |= _settings(self.fields["settings"].value)
        keys |= self._secrets
        own = _KEY_OF.get(provider, "").split("_")[0]
        unused = _SIGNING if self._local else {"AWS_BEARER_TOKEN_BEDROCK"}
        return {
            name: value
            for name, value in keys.items()
            if own and name.startswith(own) and name not in unused
        }

    def _take_secrets(self, _change: object) -> None:
        """Take what is secret out of the field of other settings."""
        typed = _settings(self.fields["settings"].value)
        secret = {name: value for name, value in typed.items() if name not in _PLAIN}
        self._secrets |= {name: Secret(value) for name, value in secret.items()}
        if secret:
            left = [f"{name}={value}" for name, value in typed.items() if name in _PLAIN]
            self.fields["settings"].value = ", ".join(left)
        self._changed()

    def _take_key(self, change: dict[str, Any]) -> None:
        name = _KEY_OF.get(self.fields["provider"].value)
        if change["new"]:
            if name:
                self._secrets[name] = Secret(change["new"])
            self.fields["key"].value = ""
            self._changed()

    def _changed(self) -> None:
        self._show()
        for callback in self._callbacks:
            callback()

    def _show(self) -> None:
        provider = self.fields["provider"].value
        self._model.layout.display = None if provider else "none"
        held = [name for name in self._keys(provider) if name not in _PLAIN]
        fate = "kept in memory only" if self._local else "sent to Knovvu, which stores it"
        text = f"{', '.join(held)} is set, and {fate}." if held else ""
        self._state.say(text, good=True)


def _settings(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(","))
    return {
        name.strip(): value.strip()
        for name, _, value in pairs
        if name.strip() in KEY_NAMES and value.strip()
    }


def _number(text: str, kind: type[int] | type[float]) -> Any:
    text = text.strip()
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        return text


_TEXTS: dict[str, tuple[str, str]] = {
    "llm": ("Use an LLM", "Off: key words name the clusters; no language model is asked."),
    "provider": (
        "Provider",
        "Whom to ask. Vllm with an address is any server that speaks OpenAI's form: vLLM, Ollama.",
    ),
    "model": ("Model", "The provider's name of it; for Azure the deployment."),
    "key": (
        "Key",
        "From the environment if set. Emptied as soon as it is taken: it is not saved with the "
        "notebook.",
    ),
    "base_url": ("Address", "Instead of the provider's own, up to before /chat/completions."),
    "settings": (
        "Other settings",
        "Only for Azure and Bedrock: NAME=value, … Keys among them are taken out at once.",
    ),
    "input_price": ("Input price", "Of a million tokens, to estimate and to cap the cost."),
    "output_price": ("Output price", "The same for what is answered."),
    "top_n": ("Only the largest", "So many clusters; key words name the others."),
    "max_tokens": ("Token cap", "No call is made that might pass it."),
    "max_cost": ("Cost cap", "The same in the currency of the prices."),
}
