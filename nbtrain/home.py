"""The state folder, and the record by which notebooks find a running local service.

The record holds the service's address and the credentials that it made up when it started. Only
its owner may read it; it is worthless once that service has stopped.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from .errors import ServiceUnavailable

__all__ = ["DATABASE", "ServiceRecord", "state_folder"]

DATABASE = "state.sqlite"
"""What the service remembers, in its state folder."""
_RECORD = "service.json"


def state_folder(home: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder that holds the local service's state, made if it isn't there.

    Parameters
    ----------
    home : path, optional
        The folder; by default ``NBTRAIN_HOME`` of the environment, else the place that the
        operating system gives to a user's application data.

    Raises
    ------
    ServiceUnavailable
        If it can't be made or written to.
    """
    if home is None:
        home = os.environ.get("NBTRAIN_HOME") or None
    if home is None:
        from platformdirs import user_data_path

        folder = user_data_path("nbtrain", appauthor=False)
    else:
        folder = Path(home).expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceUnavailable(
            f"The state folder {folder} can't be made: {error.strerror}. "
            "Set NBTRAIN_HOME to a folder that you can write to."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ServiceUnavailable(
            f"The state folder {folder} can't be written to. "
            "Set NBTRAIN_HOME to a folder that you can write to."
        )
    return folder


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """Where a local service answers, and the credentials it accepts.

    Parameters
    ----------
    url : str
        Such as ``http://127.0.0.1:40123``; also the address of its token endpoint's host.
    client_id, client_secret : str
        For the client-credentials grant. The secret stays out of ``repr``.
    pid : int
        Its process.
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    pid: int

    def save(self, home: Path) -> None:
        """Write the record, readable by its owner only, in one step."""
        partial = home / f"{_RECORD}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        partial.replace(home / _RECORD)

    @classmethod
    def load(cls, home: Path) -> ServiceRecord | None:
        """Read the record; None where there is none, or none that can be trusted.

        It must belong to this user and name an address on this machine.
        """
        try:
            with (home / _RECORD).open(encoding="utf-8") as file:
                ours = os.name != "posix" or os.fstat(file.fileno()).st_uid == os.geteuid()
                data = json.load(file)
            record = cls(data["url"], data["client_id"], data["client_secret"], data["pid"])
            texts = (record.url, record.client_id, record.client_secret)
            if not all(isinstance(text, str) for text in texts) or not isinstance(record.pid, int):
                return None
            here = urlsplit(record.url).hostname == "127.0.0.1"
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return record if ours and here else None

    def remove(self, home: Path) -> None:
        """Remove the record if it is still this one."""
        if ServiceRecord.load(home) == self:
            with suppress(OSError):
                (home / _RECORD).unlink()
