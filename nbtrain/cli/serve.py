"""``nbtrain serve``: this very process becomes the local service."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

__all__ = ["serve"]


def serve(arguments: argparse.Namespace) -> int:
    """Hand over to the daemon, so that signals reach it directly."""
    command = [sys.executable, "-m", "nbtrain.daemon", "--port", str(arguments.port)]
    if arguments.home:
        command += ["--home", arguments.home]
    if arguments.print_credentials:
        command.append("--print-credentials")
    for path in arguments.public_key:
        command += ["--public-key", path]
    if arguments.accept_any_assertion:
        command.append("--accept-any-assertion")
    if arguments.prediction_limit is not None:
        command += ["--prediction-limit", str(arguments.prediction_limit)]
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606
    return subprocess.call(command)  # noqa: S603
