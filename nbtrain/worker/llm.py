"""One chat-completions call: what is sent, what may go wrong, how much of an answer is read.

Beside ``services.http`` the only file that imports httpx: it gives time-outs for each phase of a
call, connections that are kept, certificates and proxies, none of which is worth writing again.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any

import httpx

from ..llm import LLMSettings
from ..name_prompts import NamePrompt
from ..redaction import plain_line

__all__ = ["CallFailed", "ChatModel", "Reply"]

LONGEST_WAIT = 20.0
"""Seconds; a provider that wants to be left alone for longer is asked again then all the same."""

_LONGEST_ANSWER = 512 * 1024
_LONGEST_REASON = 160
_CONNECT = 10.0
_BACKOFF = 0.5
_AGAIN = {408, 409, 425, 429}
# Asked for JSON, then not: not every model has that mode. So with the name of the limit.
_OTHER_LIMIT = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}

Json = dict[str, Any]


class CallFailed(Exception):
    """A call without an answer; the message is one sentence for the user, without any key.

    Parameters
    ----------
    message : str
    charged : bool
        Whether the provider may have charged for it.
    wait : float or None
        Seconds after which it may be tried again; None if that is of no use.
    final : bool
        Whether all other calls would fail for the same reason.
    refused : bool
        Whether the provider's filter declined this very prompt.
    other_form : bool
        Whether the next call will have a form that the provider may like better.
    """

    def __init__(
        self,
        message: str,
        *,
        charged: bool = False,
        wait: float | None = None,
        final: bool = False,
        refused: bool = False,
        other_form: bool = False,
    ) -> None:
        super().__init__(message)
        self.charged = charged
        self.wait = wait
        self.final = final
        self.refused = refused
        self.other_form = other_form


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered; tokens are None where the provider doesn't count them."""

    text: str
    refused: bool
    cut_off: bool
    input_tokens: int | None
    output_tokens: int | None


@dataclass(frozen=True, slots=True)
class _Form:
    """What of the request depends on what the provider knows."""

    limit: str
    json_mode: bool = True


class ChatModel:
    """A model that answers prompts. Safe to use from several threads.

    Parameters
    ----------
    settings : LLMSettings
        Without :meth:`~LLMSettings.call_problems`.
    """

    def __init__(self, settings: LLMSettings) -> None:
        self._settings = settings
        self._endpoint = settings.endpoint()
        self._secrets = [value for value in settings.secrets() if len(value) > 3]
        self._form = _Form(self._endpoint.limit)
        self._lock = Lock()
        seconds = settings.timeout
        # A proxy of the environment must not get to see what goes to this very machine.
        self._client = httpx.Client(
            timeout=httpx.Timeout(seconds, connect=min(_CONNECT, seconds), pool=None),
            trust_env=not self._endpoint.is_loopback,
            follow_redirects=False,
        )

    @property
    def label(self) -> str:
        """The model and the host, for people."""
        return f"{self._settings.model} at {self._endpoint.host}"

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(self, prompt: NamePrompt, attempt: int = 0) -> Reply:
        """Ask once.

        Raises
        ------
        CallFailed
            If there is no answer; ``wait`` says whether it may be tried again.
        """
        form = self._form
        try:
            status, headers, body = self._post(self._body(prompt, form))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            reason = f"{self._endpoint.host} can't be reached"
            raise CallFailed(reason, wait=_backoff(attempt)) from error
        except httpx.TimeoutException as error:
            reason = f"no answer within {self._settings.timeout:g} seconds"
            raise CallFailed(reason, charged=True, wait=_backoff(attempt)) from error
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise CallFailed("the call can't be made with these settings", final=True) from error
        except httpx.HTTPError as error:
            reason = "the connection broke before there was an answer"
            raise CallFailed(reason, charged=True, wait=_backoff(attempt)) from error
        if status != 200:
            raise self._refusal(status, headers, body, form, attempt)
        return self._reply(body)

    def _body(self, prompt: NamePrompt, form: _Form) -> Json:
        body: Json = {
            "model": self._settings.model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            form.limit: self._settings.answer_tokens,
        }
        if form.json_mode:
            body["response_format"] = {"type": "json_object"}
        return body

    def _post(self, body: Json) -> tuple[int, httpx.Headers, bytes]:
        # Not compressed, so that a small answer can't unfold into a huge one.
        headers = {**self._endpoint.headers, "Accept-Encoding": "identity"}
        deadline = time.monotonic() + self._settings.timeout
        url = self._endpoint.url
        with self._client.stream("POST", url, json=body, headers=headers) as response:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise CallFailed("the answer is compressed, which was not asked for", charged=True)
            kept = b""
            for block in response.iter_raw():
                kept += block
                if len(kept) > _LONGEST_ANSWER:
                    raise CallFailed("the answer has no end", charged=True)
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("too slow")
            return response.status_code, response.headers, kept

    def _refusal(
        self, status: int, headers: httpx.Headers, body: bytes, form: _Form, attempt: int
    ) -> CallFailed:
        code, reason = self._error(body)
        told = f" ({reason})" if reason else ""
        if 300 <= status < 400:
            return CallFailed("the provider sends calls elsewhere; set base_url", final=True)
        if status in (401, 403):  # its text may hold parts of the key
            return CallFailed(f"the provider refused the key (HTTP {status})", final=True)
        if status == 404:
            text = f"there is no such model or address (HTTP 404){told}"
            return CallFailed(text, final=True)
        if code == "insufficient_quota":
            return CallFailed("the account at the provider has no credit left", final=True)
        if status in _AGAIN or status >= 500:
            wait = _retry_after(headers.get("retry-after"), attempt)
            text = "too many calls at a time" if status == 429 else "the provider failed"
            return CallFailed(f"{text} (HTTP {status}){told}", charged=status >= 500, wait=wait)
        if "content_filter" in code:
            return CallFailed(f"the provider's filter declined (HTTP {status})", refused=True)
        if status in (400, 422) and self._adapt(form, body.decode("utf-8", "replace")):
            return CallFailed("the provider wants another form of request", other_form=True)
        return CallFailed(f"the provider said no (HTTP {status}){told}")

    def _adapt(self, form: _Form, text: str) -> bool:
        """Take the other form of what the provider complained about; False if there is none."""
        with self._lock:
            if self._form != form:  # another thread has done so
                return True
            if form.json_mode and ("response_format" in text or "json_object" in text):
                self._form = _Form(form.limit, json_mode=False)
            elif form.limit in text and form.limit == self._endpoint.limit:
                self._form = _Form(_OTHER_LIMIT[form.limit], form.json_mode)
            return self._form != form

    def _error(self, body: bytes) -> tuple[str, str]:
        """Find the code and the message in an error answer; no key is in what is returned."""
        data = _read_json(body)
        error = data.get("error") if isinstance(data, dict) else None
        error = error if isinstance(error, dict) else {"message": error}
        message = error.get("message")
        text = plain_line(self.hide(message)) if isinstance(message, str) else ""
        if len(text) > _LONGEST_REASON:
            text = text[: _LONGEST_REASON - 1] + "…"
        return str(error.get("code") or ""), text

    def hide(self, text: str) -> str:
        """Take the keys out of a text."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _reply(self, body: bytes) -> Reply:
        data = _read_json(body)
        try:
            choice = data["choices"][0]
            message = choice["message"]
            content = message.get("content")
            finish = choice.get("finish_reason")
        except (TypeError, KeyError, IndexError, AttributeError) as error:
            raise CallFailed("the answer is none that was expected", charged=True) from error
        usage = data.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        return Reply(
            text=self.hide(content) if isinstance(content, str) else "",
            refused=bool(message.get("refusal")) or finish == "content_filter",
            cut_off=finish == "length",
            input_tokens=_count(usage.get("prompt_tokens")),
            output_tokens=_count(usage.get("completion_tokens")),
        )


def _read_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _count(value: object) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and isinstance(value, int) and 0 <= value < 2**53 else None


def _backoff(attempt: int) -> float:
    return float(min(_BACKOFF * 2**attempt, LONGEST_WAIT))


def _retry_after(value: str | None, attempt: int) -> float:
    """Read a Retry-After header, seconds or a date; nonsense counts as none."""
    if value is None:
        return _backoff(attempt)
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError, OSError):
            return _backoff(attempt)
    if not math.isfinite(seconds):
        return _backoff(attempt)
    return min(max(seconds, 0.0), LONGEST_WAIT)
