"""The ``nbtrain`` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .._version import __version__
from ..errors import NbtrainError
from ..training import LANGUAGES
from ..turns import TURNS

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0, or 1 for a failure, 2 bad usage, 130 stopped."""
    parser = _parser()
    arguments, others = parser.parse_known_args(argv)
    if others and arguments.run is not _lab:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    arguments.others = [other for other in others if other != "--"]
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. What is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except NbtrainError as error:
        print(f"nbtrain: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nbtrain", description="Train text-cluster models; in JupyterLab, or from here."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="cluster the bundled conversations, in the terminal")
    demo.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    demo.add_argument("--report", metavar="FILE", help="where the HTML report goes")
    _add_task(demo)
    demo.set_defaults(run=_demo)

    lab = commands.add_parser(
        "lab",
        help="start JupyterLab on the demo notebook",
        epilog="All other options are handed on to JupyterLab: nbtrain lab --no-browser",
    )
    lab.set_defaults(run=_lab)

    serve = commands.add_parser("serve", help="run the local service in the foreground")
    serve.add_argument(
        "--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)"
    )
    serve.add_argument("--home", metavar="DIR", help="state folder (default: NBTRAIN_HOME)")
    serve.add_argument(
        "--print-credentials",
        action="store_true",
        help="print url, client_id and client_secret as one line of JSON when it answers",
    )
    serve.add_argument(
        "--public-key",
        action="append",
        default=[],
        metavar="PEM_FILE",
        help="accept Einstein assertions signed with this RSA key; may be repeated",
    )
    serve.add_argument(
        "--accept-any-assertion",
        action="store_true",
        help="accept all Einstein assertions, whoever signed them: for development",
    )
    serve.add_argument(
        "--prediction-limit",
        type=int,
        metavar="N",
        help="Einstein predictions in a calendar month (default: no limit)",
    )
    serve.set_defaults(run=_serve)

    train = commands.add_parser("train", help="cluster a CSV file and write it back with labels")
    train.add_argument("file", metavar="FILE.csv", help="UTF-8, with a header row")
    train.add_argument("--text", required=True, metavar="COLUMN", help="the texts")
    train.add_argument("--dialogue", metavar="COLUMN", help="dialogue ids, one row being a turn")
    train.add_argument("--speaker", metavar="COLUMN", help="who says a turn")
    train.add_argument("--out", required=True, metavar="FILE.csv", help="same rows, with clusters")
    train.add_argument(
        "--model-id", default=None, help="name of the model (default: from the file's)"
    )
    train.add_argument("--report", metavar="FILE", help="write an HTML report there")
    _add_task(train)
    train.add_argument(
        "--turns",
        default="customer",
        help=f"turns of a dialogue that are clustered: {', '.join(TURNS)}; default: customer",
    )
    train.add_argument(
        "--unit",
        default="dialogue",
        help="dialogue: all turns get its cluster; utterance: each turn its own; default: dialogue",
    )
    train.add_argument(
        "--embedder",
        metavar="MODEL",
        help="folder or Hugging Face name of a neural model, for which nbtrain[neural] is needed; "
        "or a .npy file of vectors",
    )
    train.set_defaults(run=_train)
    return parser


def _add_task(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", default="en-US", help=", ".join(LANGUAGES))
    parser.add_argument(
        "--n-clusters", type=_n_clusters, default="auto", metavar="N|auto", help="default: auto"
    )
    parser.add_argument("--random-state", type=int, default=0, metavar="S", help="seed; default: 0")


def _n_clusters(text: str) -> int | str:
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor 'auto'") from None


# Each command is imported when it runs: `nbtrain serve` has no use for pandas.


def _demo(arguments: argparse.Namespace) -> int:
    from .demo import demo

    return demo(arguments)


def _lab(arguments: argparse.Namespace) -> int:
    from .lab import lab

    return lab(arguments)


def _serve(arguments: argparse.Namespace) -> int:
    from .serve import serve

    return serve(arguments)


def _train(arguments: argparse.Namespace) -> int:
    from .train import train

    return train(arguments)
