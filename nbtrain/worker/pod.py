"""A pod: the process of a published model, which labels new texts."""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from ..errors import NbtrainError
from ..protocols.job import Failed
from ..protocols.knovvu_inference import (
    OUT_OF_DOMAIN,
    InferenceRequest,
    Normalization,
    inference_to_json,
    read_inference_request,
)
from ..protocols.pod import Deployment, Ready, write_reply
from .words import Language

if TYPE_CHECKING:
    from .models import Model

__all__ = ["input_lines", "normalize", "serve"]

_BLOCK = 256
_APOSTROPHES = {"'", "’"}


def input_lines() -> Iterator[str]:
    """Yield the lines of standard input; at its end the process exits, whatever it is doing."""
    lines: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        with suppress(OSError, ValueError), os.fdopen(0, "rb", closefd=False) as file:
            for line in file:
                lines.put(line.decode("utf-8"))
        os._exit(0)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    while True:
        yield lines.get()


def serve(lines: Iterable[str], send: Callable[[str], None]) -> int:
    """Load the model that the first line names, and answer the others.

    Parameters
    ----------
    lines : iterable of str
        A :class:`~nbtrain.protocols.pod.Deployment`, then inference requests.
    send : callable
        Is handed each line of the answers.

    Returns
    -------
    int
        Exit status: 1 if the model can't be loaded, else 0 when the lines end.
    """
    waiting = iter(lines)
    try:
        deployment = Deployment.from_line(next(waiting))
        # Imported here, so that the shell of the process is light.
        from .artifacts import load_model

        model = load_model(deployment.folder)
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        send(write_reply(Failed(f"The model can't be loaded: {_reason(error)}.")))
        return 1
    send(write_reply(Ready(model.kind)))
    for line in waiting:
        try:
            data = json.loads(line)
            language = (data.get("textNormalizationConfiguration") or {}).get("language")
            # The daemon has checked the request.
            request = read_inference_request(data, {language} if language else ())
            spoken = Language(language or deployment.language)
            for entry in _answers(model, request, spoken, data.get(OUT_OF_DOMAIN) is True):
                send(entry)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            what = "memory ran out" if isinstance(error, MemoryError) else type(error).__name__
            send(write_reply(Failed(f"The model can't label these texts: {what}.")))
    return 0


def _answers(
    model: Model, request: InferenceRequest, language: Language, with_domain: bool
) -> Iterator[str]:
    for start in range(0, len(request.texts), _BLOCK):
        texts = request.texts[start : start + _BLOCK]
        normalized = [normalize(text, request.normalization, language) for text in texts]
        found = model.tell(normalized, request.top_n)
        for text, seen, told in zip(texts, normalized, found, strict=True):
            rounded = [(name, cluster, round(sure, 6)) for name, cluster, sure in told.predictions]
            away = told.out_of_domain if with_domain else None
            yield json.dumps(inference_to_json(text, seen, rounded, away))


def normalize(text: str, how: Normalization, language: Language) -> str:
    """Prepare a text as the request asks.

    Stop words that are all there is of a text stay. Spelling isn't corrected and words aren't
    stemmed.

    Examples
    --------
    >>> how = Normalization(lower_case=True, remove_punctuation=True, remove_stop_words=True)
    >>> normalize("Where is the REFUND, please?", how, Language("en-US"))
    'refund'
    """
    if how.lower_case:
        text = language.lower(text)
    if how.remove_punctuation:
        text = " ".join(_without_punctuation(text).split())
    if how.remove_stop_words:
        words = text.split()
        kept = [word for word in words if not _is_stop_word(word, language)]
        text = " ".join(kept or words)
    return text


def _without_punctuation(text: str) -> str:
    signs = list(text)
    for place, sign in enumerate(signs):
        if not unicodedata.category(sign).startswith("P"):
            continue
        neighbours = text[max(0, place - 1) : place + 2 : 2]
        within_word = len(neighbours) == 2 and neighbours.isalpha()
        if not (sign in _APOSTROPHES and within_word):
            signs[place] = " "
    return "".join(signs)


def _is_stop_word(word: str, language: Language) -> bool:
    parts = language.words(word)
    return bool(parts) and all(part in language.stop_words for part in parts)


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "memory ran out"
    if isinstance(error, NbtrainError):
        return str(error).rstrip(".")
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, ValueError):
        return "it is damaged or of another version; train it again"
    return f"an unexpected {type(error).__name__}"
