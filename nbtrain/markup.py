"""Text into HTML: the one place that escapes.

ipywidgets' ``HTML`` shows what it is given as it is, and so does a page. Every label, name,
message of a service and text of an exception passes through :func:`escape` on its way there.
"""

from __future__ import annotations

from html import escape as _escape

__all__ = ["escape", "plotly_text"]


def escape(text: object) -> str:
    """Return a text that HTML shows letter by letter, in an element or in a quoted attribute.

    Anything but text is written with ``str`` first; None becomes the empty text.

    Examples
    --------
    >>> escape('<b title="x">5 & 6</b>')
    '&lt;b title=&quot;x&quot;&gt;5 &amp; 6&lt;/b&gt;'
    """
    return "" if text is None else _escape(str(text), quote=True)


def plotly_text(text: str) -> str:
    """Return a text that plotly shows letter by letter.

    It takes tags for what they mean, but would show ``&quot;`` as it is.

    Examples
    --------
    >>> plotly_text('<b>"5" & 6</b>')
    '&lt;b&gt;"5" &amp; 6&lt;/b&gt;'
    """
    return _escape(text, quote=False)
