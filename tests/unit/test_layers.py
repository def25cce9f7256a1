"""Imports of the package run one way, and heavy packages stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "nbtrain"

# From the bottom up; a module may import from its own layer and from those below it.
LAYERS = {
    "vocabulary": {
        "_version",
        "count_readings",
        "curves",
        "documents",
        "errors",
        "evaluation",
        "llm",
        "llm_providers",
        "markup",
        "name_prompts",
        "naming",
        "progress",
        "recommendation",
        "redaction",
        "results",
        "secret",
        "sweep_moves",
        "sweep_plans",
        "sweep_reasons",
        "sweep_results",
        "tasks",
        "training",
        "turns",
    },
    "protocols and files": {"file_lock", "files", "home", "protocols", "records", "writing"},
    "frames": {"checks", "columns", "exports", "frames", "intent_checks", "labels", "samples"},
    "services": {"services"},
    "runs": {
        "looking",
        "predictions",
        "runs",
        "sweep_driver",
        "sweep_findings",
        "sweep_handle",
        "sweep_journal",
        "sweep_runs",
        "sweeps",
        "testing",
    },
    "figures": {
        "charts",
        "confusion",
        "evaluation_figures",
        "evaluation_svg",
        "figures",
        "flow_figure",
        "intent_tables",
        "map_figure",
        "svg",
        "sweep_charts",
        "sweep_tables",
        "tables",
    },
    "pages": {"report", "widgets"},
    "commands": {"__main__", "cli"},
}
# These are started as processes, and see only the two lowest layers and themselves.
PROCESSES = {"daemon", "worker"}
RANK = {name: height for height, layer in enumerate(LAYERS.values()) for name in layer}

ONLY_IN = {
    "anywidget": {"widgets"},
    "cryptography": {"daemon", "services"},
    "httpx": {"services.http", "worker.llm"},
    "huggingface_hub": {"worker.model_folder"},
    "ipywidgets": {"widgets"},
    "joblib": {"worker"},
    "jwt": {"daemon", "services"},
    "onnxruntime": {"worker.neural"},
    "python_multipart": {"daemon"},
    "scipy": {"worker"},
    "sklearn": set(),  # the tests compare with it
    "starlette": {"daemon"},
    "tokenizers": {"worker.neural"},
    "uvicorn": {"daemon"},
}
NOT_IN = {"pandas": PROCESSES}


@dataclass(frozen=True)
class Import:
    """Module ``importer`` imports ``target``, both named from the package; or another package."""

    importer: str
    target: str
    line: int
    own: bool


def modules(package: Path) -> dict[str, Path]:
    """Return the modules of a package by their name within it; the package itself is ``""``."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def statements(tree: ast.AST) -> Iterator[ast.stmt | ast.expr]:
    """Walk a tree, leaving out what only type checkers run."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for other in node.orelse:
                yield other
                yield from statements(other)
            continue
        if isinstance(node, ast.stmt | ast.expr):
            yield node
        yield from statements(node)


def imports(package: Path) -> list[Import]:
    """Return every import in a package, those inside functions too."""
    known = modules(package)
    found = []

    def add(importer: str, full: str, line: int, names: tuple[str, ...] = ()) -> None:
        head, _, rest = full.partition(".")
        if head != package.name:
            found.append(Import(importer, head, line, own=False))
            return
        for name in names or ("",):
            module = ".".join(filter(None, [rest, name]))
            target = module if module in known or not rest else rest
            # The version is all that the package's own file defines.
            target = "_version" if target == "__version__" else target
            found.append(Import(importer, target, line, own=True))

    for name, path in known.items():
        parent = [package.name, *filter(None, name.split("."))]
        if path.name != "__init__.py":
            parent.pop()
        for node in statements(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            match node:
                case ast.Import():
                    for alias in node.names:
                        add(name, alias.name, node.lineno)
                case ast.ImportFrom(module=module, level=level):
                    base = parent[: len(parent) - level + 1] if level else []
                    full = ".".join([*base, *filter(None, [module])])
                    add(name, full, node.lineno, tuple(alias.name for alias in node.names))
                case ast.Call(
                    func=ast.Name("import_module" | "__import__")
                    | ast.Attribute(attr="import_module"),
                    args=[ast.Constant(str() as full), *_],
                ):
                    dots = len(full) - len(full.lstrip("."))
                    base = parent[: len(parent) - dots + 1] if dots else []
                    add(name, ".".join([*base, full.lstrip(".")]), node.lineno)
    return found


def part(module: str) -> str:
    """Return the file or folder of the package that a module belongs to."""
    return module.partition(".")[0]


def arrows(package: Path) -> list[str]:
    """List the imports that run the wrong way."""
    known = {part(module) for module in modules(package)} - {""}
    faults = [f"{name} is in no layer" for name in sorted(known - RANK.keys() - PROCESSES)]
    for found in imports(package):
        if found.own and (why := fault(part(found.importer), part(found.target))):
            faults.append(f"{found.importer}:{found.line} imports {found.target}{why}")
    return faults


def fault(importer: str, target: str) -> str:
    """Say what is wrong with an import from one part of the package to another."""
    if importer == target or importer not in RANK.keys() | PROCESSES:
        return ""  # the package's own file loads public names on first use
    if target in PROCESSES:
        return ", which is to be started, not imported"
    if target not in RANK:
        return " from the package itself"
    if importer in PROCESSES:
        low = RANK[target] <= RANK["files"]
        return "" if low else ", which the notebook side alone may see"
    if RANK[target] > RANK[importer]:
        return ", which lies above it"
    if importer in LAYERS["figures"] and 0 < RANK[target] < RANK[importer]:
        # Drawing needs what there is to draw, not where it comes from.
        return ", but drawing may see only the vocabulary"
    return ""


def ring(package: Path) -> list[str]:
    """Return the modules of an import ring, or nothing."""
    graph: dict[str, set[str]] = {}
    for found in imports(package):
        if found.own and found.importer != found.target:
            graph.setdefault(found.importer, set()).add(found.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def strays(package: Path) -> list[str]:
    """List the imports of other packages from where they don't belong."""

    def inside(module: str, places: set[str]) -> bool:
        return any(module == place or module.startswith(f"{place}.") for place in places)

    return [
        f"{found.importer}:{found.line} imports {found.target}"
        for found in imports(package)
        if not found.own
        and (
            (found.target in ONLY_IN and not inside(found.importer, ONLY_IN[found.target]))
            or inside(found.importer, NOT_IN.get(found.target, set()))
        )
    ]


def make(folder: Path, sources: dict[str, str]) -> Path:
    """Write a small package: source by module file."""
    package = folder / "nbtrain"
    for name, source in sources.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return package


def test_imports_run_one_way() -> None:
    assert arrows(PACKAGE) == []


def test_there_is_no_import_ring() -> None:
    assert ring(PACKAGE) == []


def test_heavy_packages_stay_where_they_belong() -> None:
    assert strays(PACKAGE) == []


def test_the_walk_sees_the_package() -> None:
    found = imports(PACKAGE)
    assert any(i.importer == "services.http" and i.target == "httpx" for i in found)
    assert any(i.importer == "training" and i.target == "errors" and i.own for i in found)


@pytest.mark.parametrize(
    ("file", "source", "fault"),
    [
        ("errors.py", "from .frames import x", "errors:1 imports frames, which lies above it"),
        ("errors.py", "import nbtrain.runs", "errors:1 imports runs, which lies above it"),
        (
            "frames.py",
            "def f():\n    from .services.base import x",
            "frames:2 imports services.base, which lies above it",
        ),
        (
            "runs.py",
            "from importlib import import_module\nimport_module('nbtrain.widgets')",
            "runs:2 imports widgets, which lies above it",
        ),
        (
            "services/base.py",
            "from .. import widgets",
            "services.base:1 imports widgets, which lies above it",
        ),
        (
            "runs.py",
            "from .worker import x",
            "runs:1 imports worker, which is to be started, not imported",
        ),
        (
            "daemon.py",
            "from .worker import x",
            "daemon:1 imports worker, which is to be started, not imported",
        ),
        (
            "worker.py",
            "from .frames import x",
            "worker:1 imports frames, which the notebook side alone may see",
        ),
        (
            "figures.py",
            "from .services import base",
            "figures:1 imports services.base, but drawing may see only the vocabulary",
        ),
        (
            "frames.py",
            "from nbtrain import label",
            "frames:1 imports label from the package itself",
        ),
        ("muddle.py", "x = 1", "muddle is in no layer"),
    ],
)
def test_a_wrong_arrow_is_found(tmp_path: Path, file: str, source: str, fault: str) -> None:
    names = {name for layer in LAYERS.values() for name in layer} | PROCESSES
    sources = {f"{name}.py": "" for name in names - {"services"}}
    sources |= {"__init__.py": "", "services/__init__.py": "", "services/base.py": ""}
    assert arrows(make(tmp_path, sources)) == []
    assert arrows(make(tmp_path, {file: source})) == [fault]


def test_right_arrows_pass(tmp_path: Path) -> None:
    package = make(
        tmp_path,
        {
            "__init__.py": "from ._version import __version__",
            "_version.py": "__version__ = '1'",
            "errors.py": "import json",
            "files.py": "from .errors import x\nfrom . import __version__",
            "daemon/app.py": "from .. import files, errors\nfrom . import store",
            "daemon/store.py": "",
            "runs.py": "from typing import TYPE_CHECKING as T\nimport typing\n"
            "if typing.TYPE_CHECKING:\n    from .widgets import y",
            "widgets.py": "def f():\n    from .runs import x",
        },
    )
    assert arrows(package) == []
    assert ring(package) == []


def test_a_ring_is_found(tmp_path: Path) -> None:
    package = make(
        tmp_path,
        {
            "errors.py": "from .results import x",
            "results.py": "def late():\n    from . import progress",
            "progress.py": "import nbtrain.errors",
        },
    )
    assert set(ring(package)) == {"errors", "results", "progress"}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("frames.py", "sklearn"),
        ("daemon/app.py", "sklearn"),
        ("services/knovvu.py", "httpx"),
        ("worker/training.py", "pandas"),
        ("worker/training.py", "sklearn"),
        ("daemon/store.py", "pandas"),
        ("runs.py", "ipywidgets"),
    ],
)
def test_a_stray_import_is_found(tmp_path: Path, file: str, name: str) -> None:
    source = f"def f():\n    from {name}.sub import x"
    package = make(tmp_path, {file: source, "services/http.py": "import httpx"})
    module = file.removesuffix(".py").replace("/", ".")
    assert strays(package) == [f"{module}:2 imports {name}"]


HEAVY = "anywidget httpx ipywidgets numpy pandas platformdirs plotly scipy sklearn starlette"


def loaded_after(statement: str) -> list[str]:
    """Return the heavy packages and our own modules that a fresh process then holds."""
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = sorted(done.stdout.split())
    return [name for name in loaded if name in HEAVY.split() or part(name) == "nbtrain"]


def test_importing_nbtrain_loads_nothing() -> None:
    assert loaded_after("import nbtrain") == ["nbtrain", "nbtrain._version"]


def test_what_is_loaded_is_seen() -> None:
    assert "httpx" in loaded_after("import nbtrain; nbtrain.KnovvuService")
