"""An output of a cell that is filled later, and stays in the saved notebook."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import anywidget

from .closing import close_parts
from .modules import module_source

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

__all__ = ["SavedOutput", "open_output"]

_NOTHING: Mapping[str, Any] = {"text/html": ""}


class SavedOutput(anywidget.AnyWidget):
    """Where a picture or a table goes that shall be in the saved notebook, where no widget is.

    JupyterLab updates an output by its display id, but only as long as the page is not reloaded.
    From then on the page's half, ``saved_output.js``, puts it into the notebook. The widget
    itself shows nothing.

    Examples
    --------
    >>> output = SavedOutput()  # open_output() displays one
    >>> output.fill({"text/plain": "12 clusters"})
    >>> output
    <SavedOutput, filled>
    >>> output.close()
    """

    _esm = module_source("saved_output.js")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._handle: DisplayHandle | None = None
        self._bundle = _NOTHING
        self._pages = 0
        super().__init__()
        self.on_msg(self._on_message)

    def __repr__(self) -> str:
        return f"<SavedOutput, {'empty' if self._bundle is _NOTHING else 'filled'}>"

    @property
    def _metadata(self) -> dict[str, Any]:
        return {"nbtrain": {"output": self.model_id}}

    def place(self) -> None:
        """Display it in the cell that is being executed, empty or as it is."""
        from IPython.display import display

        with self._lock:
            self._handle = display(  # type: ignore[no-untyped-call]
                dict(self._bundle), raw=True, display_id=True, metadata=self._metadata
            )

    def fill(self, bundle: Mapping[str, Any]) -> None:
        """Put something there, by mime type, in place of what was there."""
        with self._lock:
            self._bundle = bundle
            if self._handle is not None:
                self._handle.update(  # type: ignore[no-untyped-call]
                    dict(bundle), raw=True, metadata=self._metadata
                )
            if self._pages > 1:
                self._tell()

    def clear(self) -> None:
        """Take away what is there."""
        self.fill(_NOTHING)

    def close(self) -> None:
        """End updating it; what was put there stays."""
        close_parts(self)
        super().close()

    def _tell(self) -> None:
        self.send({"kind": "fill", "id": self.model_id, "data": dict(self._bundle)})

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or content.get("kind") != "hello":
            return
        with self._lock:
            self._pages += 1
            # The first page hears of it as of any output.
            if self._pages > 1 and self._bundle is not _NOTHING:
                self._tell()


def open_output() -> SavedOutput | None:
    """Display nothing yet, in a place that is filled later; None where there is no notebook."""
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        return None
    output = SavedOutput()
    output.place()
    return output
