"""What is published is typed, documented, pinned, and free of traces of where it was made."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

import nbtrain

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "tests/requirements.lock")
CONSTRAINTS = "binder/constraints.txt"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = ("linux", "darwin", "win32")

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(name: str) -> dict[str, list[Requirement]]:
    """Read the pinned requirements of a lock or constraints file, by package."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[Requirement]] = {}
    for line in filter(None, text.splitlines()):
        requirement = Requirement(line.partition(" --hash")[0])
        found.setdefault(normalised(requirement.name), []).append(requirement)
    return found


def pinned(found: dict[str, list[Requirement]], name: str, python: str, system: str) -> str | None:
    """Return the version that is pinned for a Python and a system."""
    place = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
        "os_name": "nt" if system == "win32" else "posix",
    }
    versions = [
        requirement.specifier.__str__().removeprefix("==")
        for requirement in found.get(normalised(name), [])
        if requirement.marker is None or requirement.marker.evaluate(place)
    ]
    assert len(versions) <= 1, f"{name} is pinned twice for Python {python} on {system}"
    return versions[0] if versions else None


def group(name: str) -> list[Requirement]:
    """Return the requirements of a dependency group, with those of the groups in it."""
    found: list[Requirement] = []
    for entry in PROJECT["dependency-groups"][name]:
        if isinstance(entry, dict):
            found += group(entry["include-group"])
        else:
            found.append(Requirement(entry))
    return found


RUNTIME = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
LAB = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["lab"]]


def test_the_package_is_marked_as_typed() -> None:
    assert (ROOT / "nbtrain" / "py.typed").is_file()


@pytest.mark.parametrize("name", nbtrain.__all__)
def test_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(nbtrain, name)
    if name != "__version__":
        assert (value.__doc__ or "").strip(), f"nbtrain.{name} has no docstring"
    assert name in dir(nbtrain)


def test_public_names_are_sorted_out_for_type_checkers_too() -> None:
    tree = ast.parse((ROOT / "nbtrain" / "__init__.py").read_text(encoding="utf-8"))
    block = next(
        node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node)
    )
    seen = {
        alias.name: f"nbtrain.{node.module}" if node.module else "nbtrain"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen.keys() == set(nbtrain.__all__) - {"__version__"}
    for name, module in seen.items():
        value = getattr(importlib.import_module(module), name)
        assert value is getattr(nbtrain, name)


def test_the_version_is_in_one_place() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "nbtrain/_version.py"
    assert version("nbtrain") == nbtrain.__version__
    for path in (ROOT / "nbtrain").rglob("*.py"):
        if path.name != "_version.py":
            assert nbtrain.__version__ not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("name", [*LOCKS, CONSTRAINTS])
def test_pins_name_no_host_and_no_torch(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--find-links" not in text
    assert "torch" not in pins(name)


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_of_a_lock_has_its_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in filter(None, text.splitlines()):
        assert re.search(r"==\S+.* --hash=sha256:[0-9a-f]{64}", line), line[:80]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (LOCKS[0], [*RUNTIME, *LAB, *group("build")]),
        (LOCKS[1], [*RUNTIME, *LAB, *group("test")]),
        (CONSTRAINTS, [*RUNTIME, *group("binder")]),
    ],
    ids=["demo", "test", "binder"],
)
def test_pins_are_what_pyproject_asks_for(
    name: str, wanted: list[Requirement], system: str, python: str
) -> None:
    found = pins(name)
    for requirement in wanted:
        if requirement.marker and not requirement.marker.evaluate({"sys_platform": system}):
            continue
        got = pinned(found, requirement.name, python, system)
        assert got, f"{requirement} is not in {name} for Python {python}"
        assert requirement.specifier.contains(got), f"{name} pins {requirement.name} {got}"


@pytest.mark.parametrize("name", [LOCKS[1], CONSTRAINTS])
def test_all_pins_agree(name: str) -> None:
    # So that the tests' environment is the demo's with more in it.
    first, other = pins(LOCKS[0]), pins(name)
    for package in first.keys() & other.keys():
        for python in PYTHONS:
            for system in SYSTEMS:
                versions = {pinned(found, package, python, system) for found in (first, other)}
                assert len(versions - {None}) <= 1, f"{package}: {versions}"
    if name == LOCKS[1]:
        assert first.keys() <= other.keys()


def test_binder_installs_its_group_and_this_package() -> None:
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("#")]
    assert lines[0] == "-c constraints.txt"
    assert lines[-1] == "."
    assert {Requirement(line).name for line in lines[1:-1]} == {r.name for r in group("binder")}


def tracked() -> list[Path]:
    """Return the files under version control."""
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    done = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_tracked_file_tells_where_it_was_made() -> None:
    places = re.compile(rb"(?<![\w.~>-])/(?:work|root|home/[a-z]+|Users/[A-Za-z]+)/")
    own = {str(ROOT).encode(), str(Path.home()).encode()} - {b"/", b"/root"}
    for path in tracked():
        data = path.read_bytes()
        assert not places.search(data), path
        assert not [place for place in own if place + b"/" in data], path


def test_tracked_notebooks_hold_no_outputs() -> None:
    for path in tracked():
        if path.suffix == ".ipynb":
            notebook = json.loads(path.read_text(encoding="utf-8"))
            assert "widgets" not in notebook["metadata"], path
            for cell in notebook["cells"]:
                assert not cell.get("outputs"), path
                assert cell.get("execution_count") is None, path
