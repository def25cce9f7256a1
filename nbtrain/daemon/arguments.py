"""The command line of the service."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from pathlib import Path

from ..protocols.einstein_predictions import UNLIMITED
from .inference import TENANT
from .pods import IDLE_SECONDS, MOST_PODS
from .tokens import LIFETIME

__all__ = ["read_arguments"]

_MAX_UPLOAD = 1024**3
_FEATURE_CACHE = 2 * 1024**3


def read_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the options; ends the process with code 2 if they are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m nbtrain.daemon",
        description="Serve text-clustering training on 127.0.0.1.",
        epilog="NBTRAIN_CLIENT_ID and NBTRAIN_CLIENT_SECRET, if both are set, replace the "
        "credentials that are otherwise made up at each start.",
    )
    parser.add_argument("--port", type=_at_least(0), default=0, help="0: any free one (default)")
    parser.add_argument("--home", type=Path, help="state folder (default: NBTRAIN_HOME)")
    parser.add_argument(
        "--idle-exit",
        type=float,
        metavar="SECONDS",
        help="exit after so long without a run and without a request",
    )
    parser.add_argument(
        "--print-credentials",
        action="store_true",
        help="first line on standard output: JSON with url, client_id, client_secret",
    )
    parser.add_argument(
        "--max-workers",
        type=_at_least(1),
        default=min(2, os.cpu_count() or 1),
        metavar="N",
        help="trainings at the same time (default: %(default)s)",
    )
    parser.add_argument(
        "--max-upload",
        type=_at_least(1),
        default=_MAX_UPLOAD,
        metavar="BYTES",
        help="largest training request (default: %(default)s)",
    )
    parser.add_argument(
        "--feature-cache",
        type=_at_least(0),
        default=_FEATURE_CACHE,
        metavar="BYTES",
        help="most bytes of features that are kept for later runs; 0: none (default: %(default)s)",
    )
    parser.add_argument(
        "--token-lifetime",
        type=_at_least(1),
        default=LIFETIME,
        metavar="SECONDS",
        help="how long an access token is good (default: %(default)s)",
    )
    parser.add_argument(
        "--pod-idle",
        type=_seconds,
        default=IDLE_SECONDS,
        metavar="SECONDS",
        help="end a published model so long after its last request (default: %(default)g)",
    )
    parser.add_argument(
        "--max-pods",
        type=_at_least(1),
        default=MOST_PODS,
        metavar="N",
        help="published models at the same time (default: %(default)s)",
    )
    parser.add_argument(
        "--tenant",
        type=_tenant,
        default=TENANT,
        metavar="NAME",
        help="first part of the name under which models are published (default: %(default)s)",
    )
    parser.add_argument(
        "--prediction-limit",
        type=_at_least(0),
        default=UNLIMITED,
        metavar="N",
        help="Einstein predictions in a calendar month (default: as many as one likes)",
    )
    parser.add_argument(
        "--token-for-inference",
        action="store_true",
        help="refuse inference without an access token",
    )
    parser.add_argument(
        "--public-key",
        type=Path,
        action="append",
        default=[],
        metavar="PEM_FILE",
        help="give tokens for Einstein assertions signed with this RSA key; may be repeated",
    )
    parser.add_argument(
        "--accept-any-assertion",
        action="store_true",
        help="give tokens for all Einstein assertions, whoever signed them: for development",
    )
    return parser.parse_args(argv)


def _at_least(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is less than {least}")
        return value

    return whole_number


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")
    return value


def _tenant(text: str) -> str:
    if not re.fullmatch("[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not made of letters, digits and hyphens")
    return text
