"""The system's keyring, where the package ``keyring`` is installed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from .secrets import Secret

__all__ = ["keyring_secret"]


def keyring_secret(service: str, name: str) -> Secret:
    """Return what the keyring holds under a service and a name; an empty secret if nothing."""
    if find_spec("keyring") is None:
        return Secret("")
    keyring = import_module("keyring")
    # A machine without a usable keyring raises; then there is nothing in it.
    try:
        return Secret(keyring.get_password(service, name) or "")
    except keyring.errors.KeyringError:
        return Secret("")
