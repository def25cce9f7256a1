"""Where to train: the choice of a service, and its credentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ..errors import Problem
from ..services.base import Capabilities, TrainingService
from ..services.credentials import KnovvuCredentials, connect_knovvu
from ..services.knovvu import KnovvuService
from ..services.local import LocalService
from ..services.secrets import Secret
from .fields import INDENT, Messages, field

__all__ = ["ServiceForm"]


class ServiceForm(widgets.VBox):  # type: ignore[misc]
    """A choice between the local service and Knovvu.

    The secret that is typed is taken out of its field at once, so that it is neither in the
    widget's state nor in a saved notebook; it lives in this object only.

    Parameters
    ----------
    service : TrainingService, optional
        If given, there is nothing to choose.

    Notes
    -----
    Knovvu's controls are made when it is first chosen.
    """

    def __init__(self, service: TrainingService | None = None) -> None:
        self._given = service
        self._secret = Secret("")
        self._callbacks: list[Callable[[], object]] = []
        name = "local" if service is None else service.name
        choices = {"local": "Local service", "knovvu": "Knovvu"}
        options = [(label, key) for key, label in choices.items()]
        if service is not None:
            options = [(choices.get(name, name), name)]
        self._choice = widgets.Dropdown(options=options, value=name, disabled=service is not None)
        self._fields: dict[str, Any] = {"service": self._choice}
        self._knovvu = widgets.VBox()
        super().__init__([field(self._choice, *_TEXTS["service"], "service"), self._knovvu])
        self._choice.observe(lambda _change: self._changed(), names="value")
        self._show()

    @property
    def fields(self) -> dict[str, Any]:
        """The controls by name; those of Knovvu are made now if they aren't yet."""
        if len(self._fields) == 1:
            self._build()
        return self._fields

    def _build(self) -> None:
        found = KnovvuCredentials.find()
        self._fields |= {
            "base_url": widgets.Text(found.base_url, placeholder="https://…"),
            "identity_url": widgets.Text(found.identity_url, placeholder="the same"),
            "client_id": widgets.Text(found.client_id),
            "client_secret": widgets.Password(continuous_update=False),
        }
        self._state = Messages("credentials")
        self._state.layout.margin = f"0 0 4px {INDENT}"
        names = ("base_url", "identity_url", "client_id", "client_secret")
        rows = [field(self._fields[key], *_TEXTS[key], key) for key in names]
        self._knovvu.children = (*rows, self._state)
        self._fields["client_secret"].observe(self._take_secret, names="value")
        for key in names[:3]:
            self._fields[key].observe(lambda _change: self._changed(), names="value")

    @property
    def name(self) -> str:
        """Name of the chosen service."""
        return str(self._choice.value)

    @property
    def capabilities(self) -> Capabilities:
        """What the chosen service can do."""
        if self._given is not None:
            return self._given.capabilities
        return KnovvuService.capabilities if self.name == "knovvu" else LocalService.capabilities

    def service(self) -> TrainingService | None:
        """Return the service; None stands for the default, the local one.

        Raises
        ------
        AuthenticationFailed
            If Knovvu's credentials are incomplete.
        """
        if self._given is not None or self.name == "local":
            return self._given
        values = self._typed()
        return connect_knovvu(client_secret=self._secret, **values)

    @property
    def code(self) -> str:
        """The expression of the service, without its secret; empty for the default.

        A service that was given is called ``service`` there.
        """
        if self._given is not None:
            return "service"
        if self.name == "local":
            return ""
        named = {key: value for key, value in self._typed().items() if value}
        arguments = ", ".join(f"{key}={value!r}" for key, value in named.items())
        return f"nbtrain.connect_knovvu({arguments})"

    def problems(self) -> list[Problem]:
        """List the credentials that are missing."""
        if self._given is not None or self.name == "local":
            return []
        missing = KnovvuCredentials.find(client_secret=self._secret, **self._typed()).missing
        return [Problem(name, "is missing", "Fill it in.") for name in missing]

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call back after every change."""
        self._callbacks.append(callback)

    def _typed(self) -> dict[str, str]:
        keys = ("base_url", "identity_url", "client_id")
        return {key: self.fields[key].value.strip() for key in keys}

    def _take_secret(self, change: dict[str, Any]) -> None:
        if not change["new"]:
            return
        self._secret = Secret(change["new"])
        self.fields["client_secret"].value = ""
        self._changed()

    def _changed(self) -> None:
        self._show()
        for callback in self._callbacks:
            callback()

    def _show(self) -> None:
        shown = self._given is None and self.name == "knovvu"
        self._knovvu.layout.display = None if shown else "none"
        if not shown:
            return
        found = KnovvuCredentials.find(client_secret=self._secret, **self._typed())
        text = "A secret is set; it is kept in this kernel only." if found.client_secret else ""
        self._state.say(text, good=True)


_TEXTS: dict[str, tuple[str, str]] = {
    "service": ("Service", "Where the training runs: on this machine, or in Knovvu's cloud."),
    "base_url": ("Address", "Of the training API; KNOVVU_BASE_URL of the environment if set."),
    "identity_url": ("Token address", "Of the token endpoint, where it is another host."),
    "client_id": ("Client id", "KNOVVU_CLIENT_ID of the environment if set."),
    "client_secret": (
        "Client secret",
        "KNOVVU_CLIENT_SECRET of the environment or the keyring if set. Emptied as soon as it is "
        "taken: it is not saved with the notebook.",
    ),
}
