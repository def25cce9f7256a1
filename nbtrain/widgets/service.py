"""Where to train: the choice of a service, and its credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import ipywidgets as widgets

from ..errors import Problem
from ..services.base import Capabilities, TrainingService
from ..services.credentials import KnovvuCredentials, connect_knovvu
from ..services.einstein import EinsteinService
from ..services.einstein_credentials import EinsteinCredentials, connect_einstein
from ..services.knovvu import KnovvuService
from ..services.local import LocalService
from ..services.secrets import Secret
from .fields import INDENT, Messages, field

__all__ = ["ServiceForm"]


@dataclass(frozen=True, slots=True)
class _Vendor:
    """A service that wants credentials, and how they are asked for.

    ``fields`` has label and help by name; ``secret`` is the field that can't be written into code,
    ``instead`` what may be given in place of those that are missing.
    """

    label: str
    capabilities: Capabilities
    credentials: Any
    connect: Callable[..., TrainingService]
    fields: Mapping[str, tuple[str, str]]
    secret: str
    placeholders: Mapping[str, str]
    instead: str = ""

    def found(self, secret: Secret, typed: Mapping[str, Any]) -> Any:
        """Return the credentials, with what was not typed from where else it may be."""
        return self.credentials.find(**{self.secret: secret, **typed})


_VENDORS: Mapping[str, _Vendor] = {
    "knovvu": _Vendor(
        "Knovvu",
        KnovvuService.capabilities,
        KnovvuCredentials,
        connect_knovvu,
        {
            "base_url": (
                "Address",
                "Of the training API; KNOVVU_BASE_URL of the environment if set.",
            ),
            "identity_url": ("Token address", "Of the token endpoint, where it is another host."),
            "client_id": ("Client id", "KNOVVU_CLIENT_ID of the environment if set."),
            "client_secret": (
                "Client secret",
                "KNOVVU_CLIENT_SECRET of the environment or the keyring if set. Emptied as soon "
                "as it is taken: it is not saved with the notebook.",
            ),
        },
        "client_secret",
        {"base_url": "https://…", "identity_url": "the same"},
    ),
    "einstein": _Vendor(
        "Einstein Language",
        EinsteinService.capabilities,
        EinsteinCredentials,
        connect_einstein,
        {
            "base_url": (
                "Address",
                "Of the API; EINSTEIN_BASE_URL of the environment if set. "
                "<code>nbtrain serve</code> offers the same API.",
            ),
            "account": ("Account", "E-mail address or id; EINSTEIN_ACCOUNT if set."),
            "private_key": (
                "Key file",
                "Path of the account's private key; EINSTEIN_PRIVATE_KEY_FILE or the keyring "
                "if set.",
            ),
            "access_token": (
                "Access token",
                "In place of account and key; EINSTEIN_ACCESS_TOKEN if set. Emptied as soon as "
                "it is taken: it is not saved with the notebook.",
            ),
        },
        "access_token",
        {"private_key": "einstein_platform.pem"},
        " or an access token",
    ),
}
_PEM = "-----BEGIN"
# No address, account or path is longer; a key without its first line is.
_LONGEST = 1000
_HELP = "Where the training runs: on this machine, or in a vendor's cloud."


class ServiceForm(widgets.VBox):  # type: ignore[misc]
    """A choice between the local service and the vendors that take the task.

    The secret that is typed is taken out of its field at once, so that it is neither in the
    widget's state nor in a saved notebook; it lives in this object only.

    Parameters
    ----------
    service : TrainingService, optional
        If given, there is nothing to choose.
    task : {"clustering", "classification"}
        Services that don't take it are not offered.

    Attributes
    ----------
    fields : dict of str to widget
        The controls by name: ``service``, and those of the vendor that is chosen.

    Notes
    -----
    A vendor's controls are made when it is first chosen.
    """

    def __init__(
        self,
        service: TrainingService | None = None,
        task: Literal["clustering", "classification"] = "clustering",
    ) -> None:
        self._given = service
        self._secrets = {name: Secret("") for name in _VENDORS}
        self._callbacks: list[Callable[[], object]] = []
        self._controls: dict[str, dict[str, Any]] = {}
        name = "local" if service is None else service.name
        choices = {"local": "Local service"}
        choices |= {
            key: vendor.label
            for key, vendor in _VENDORS.items()
            if getattr(vendor.capabilities, task)
        }
        options = [(label, key) for key, label in choices.items()]
        if service is not None:
            options = [(choices.get(name, name), name)]
        self._choice = widgets.Dropdown(options=options, value=name, disabled=service is not None)
        self.fields: dict[str, Any] = {"service": self._choice}
        self._places = {key: widgets.VBox() for key in choices if key in _VENDORS}
        row = field(self._choice, "Service", _HELP, "service")
        super().__init__([row, *self._places.values()])
        self._choice.observe(lambda _change: self._changed(), names="value")
        self._show()

    def _build(self, name: str) -> None:
        vendor = _VENDORS[name]
        found = vendor.found(Secret(""), {})
        controls: dict[str, Any] = {}
        for key in vendor.fields:
            if key == vendor.secret:
                controls[key] = widgets.Password(continuous_update=False)
                controls[key].observe(self._take_secret, names="value")
            else:
                # Of a key that lies in the keyring nothing is shown.
                value = getattr(found, key)
                text = "" if isinstance(value, Secret) else str(value)
                placeholder = vendor.placeholders.get(key, "")
                controls[key] = widgets.Text(text, placeholder=placeholder)
                controls[key].observe(self._typed_in, names="value")
        self._controls[name] = controls
        state = Messages("credentials")
        state.layout.margin = f"0 0 4px {INDENT}"
        rows = [field(controls[key], *texts, key) for key, texts in vendor.fields.items()]
        self._places[name].children = (*rows, state)

    @property
    def name(self) -> str:
        """Name of the chosen service."""
        return str(self._choice.value)

    @property
    def _vendor(self) -> _Vendor | None:
        return None if self._given is not None else _VENDORS.get(self.name)

    @property
    def capabilities(self) -> Capabilities:
        """What the chosen service can do."""
        if self._given is not None:
            return self._given.capabilities
        vendor = self._vendor
        return LocalService.capabilities if vendor is None else vendor.capabilities

    def service(self) -> TrainingService | None:
        """Return the service; None stands for the default, the local one.

        Raises
        ------
        AuthenticationFailed
            If a vendor's credentials are incomplete.
        """
        vendor = self._vendor
        if vendor is None:
            return self._given
        return vendor.connect(**{vendor.secret: self._secrets[self.name], **self._typed()})

    @property
    def code(self) -> str:
        """The expression of the service, without its secret; empty for the default.

        A service that was given is called ``service`` there.
        """
        if self._given is not None:
            return "service"
        if self._vendor is None:
            return ""
        named = {key: value for key, value in self._typed().items() if value}
        arguments = ", ".join(f"{key}={value!r}" for key, value in named.items())
        return f"nbtrain.connect_{self.name}({arguments})"

    def problems(self) -> list[Problem]:
        """List the credentials that are missing."""
        vendor = self._vendor
        if vendor is None:
            return []
        missing = vendor.found(self._secrets[self.name], self._typed()).missing
        return [
            Problem(name, "is missing", f"Fill in {vendor.fields[name][0]!r}{vendor.instead}.")
            for name in missing
        ]

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call back after every change."""
        self._callbacks.append(callback)

    @property
    def _state(self) -> Messages:
        state: Messages = self._places[self.name].children[-1]
        return state

    def _typed(self) -> dict[str, str]:
        vendor = self._vendor
        keys = [key for key in vendor.fields if key != vendor.secret] if vendor else []
        return {key: self.fields[key].value.strip() for key in keys}

    def _typed_in(self, change: dict[str, Any]) -> None:
        if _PEM in change["new"] or len(change["new"]) > _LONGEST:
            # A key in place of the path of its file: it must not stay in the widget's state.
            change["owner"].value = ""
            self._state.say("That looked like a key, and was taken out: give the path of its file.")
            return
        self._changed()

    def _take_secret(self, change: dict[str, Any]) -> None:
        if not change["new"]:
            return
        self._secrets[self.name] = Secret(change["new"].strip())
        change["owner"].value = ""
        self._changed()

    def _changed(self) -> None:
        self._show()
        for callback in self._callbacks:
            callback()

    def _show(self) -> None:
        vendor, name = self._vendor, self.name
        for key, place in self._places.items():
            place.layout.display = None if vendor is not None and key == name else "none"
        if vendor is not None and name not in self._controls:
            self._build(name)
        controls = self._controls[name] if vendor is not None else {}
        for key in [key for key in self.fields if key != "service" and key not in controls]:
            del self.fields[key]
        self.fields.update(controls)
        if vendor is None:
            return
        found = vendor.found(self._secrets[name], self._typed())
        there = bool(getattr(found, vendor.secret))
        text = "A secret is set; it is kept in this kernel only." if there else ""
        self._state.say(text, good=True)
