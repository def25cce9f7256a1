"""After a training: read the exact prompts, then let the language model name the clusters."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ..errors import NbtrainError
from ..llm import LLMSettings
from ..markup import escape
from ..results import TrainingResult
from ..runs import Run
from ..tasks import LLM
from .fields import Messages

__all__ = ["NamingBox"]


class NamingBox(widgets.VBox):  # type: ignore[misc]
    """Two buttons under the clusters of a run: show what would be sent, and send it.

    Parameters
    ----------
    run : Run
        Of a service that names.
    options : callable
        Returns the limits, as :class:`LLM` options.
    settings : callable
        Returns the :class:`LLMSettings`, or None for what the service has; may raise.
    on_named : callable
        Is handed the new result, in a thread.
    context : contextvars.Context
        Of the cell that the panel is shown in.
    """

    def __init__(
        self,
        run: Run,
        options: Callable[[], LLM],
        settings: Callable[[], LLMSettings | None],
        on_named: Callable[[TrainingResult], object],
        context: contextvars.Context,
    ) -> None:
        self._run, self._options, self._settings = run, options, settings
        self._on_named, self._context = on_named, context
        self._show = widgets.Button(description="Show the exact prompts", icon="eye")
        self._send = widgets.Button(description="Name with the LLM", icon="paper-plane")
        for button, name, action in (
            (self._show, "nbt-show-prompts", self._preview),
            (self._send, "nbt-name", self._name),
        ):
            button.layout.width, button.layout.flex = "auto", "0 0 auto"
            button.add_class(name)
            button.on_click(lambda _button, action=action: self._start(action))
        self._messages = Messages("naming-messages")
        self._prompts = widgets.HTML()
        self._prompts.add_class("nbt-code")
        self._prompts.add_class("nbt-prompts")
        row = widgets.HBox(
            [self._show, self._send, self._messages], layout={"flex_flow": "row wrap"}
        )
        super().__init__([row, self._prompts])

    def _start(self, action: Callable[[], None]) -> None:
        self._show.disabled = self._send.disabled = True
        self._messages.say("Asking the service …")
        # Naming may take minutes; the click's own thread is the kernel's.
        context = self._context.copy()
        arguments: Any = (self._guarded, action)
        threading.Thread(target=context.run, args=arguments, daemon=True).start()

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except NbtrainError as error:
            self._messages.list([], str(error))
        except Exception as error:
            # In a thread nobody would see the traceback.
            self._messages.list([], f"{type(error).__name__}: {error}")
        finally:
            self._show.disabled = self._send.disabled = False

    def _configure(self) -> None:
        settings = self._settings()
        if settings is not None:
            self._service.configure_llm(settings)

    @property
    def _service(self) -> Any:
        return self._run.service

    def _preview(self) -> None:
        self._configure()
        options = self._options()
        preview = self._service.preview_names(self._run.run_id, top_n=options.top_n)
        texts = "\n\n".join(str(prompt) for prompt in preview.prompts)
        self._prompts.value = f"<pre>{escape(texts)}</pre>"
        self._messages.say(f"Nothing was sent. {preview}")

    def _name(self) -> None:
        self._configure()
        options = self._options()
        self._messages.say("The model is naming …")
        result = self._service.name_clusters(
            self._run.run_id, top_n=options.top_n, max_tokens=options.max_tokens,
            max_cost=options.max_cost,
        )  # fmt: skip
        self._on_named(result)
        self._messages.say("Named; the notes above the clusters say what was left out, if any.")
