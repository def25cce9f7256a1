"""Errors list everything, read well, and form one tree."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from nbtrain import errors
from nbtrain.errors import DataError, NbtrainError, Problem, RequestError, RequestRejected

PROBLEMS = (
    Problem("text", "is empty", "Drop these rows.", rows=(3, 8), count=2),
    Problem("model_id", "ends with a hyphen"),
)


def classes() -> list[type[NbtrainError]]:
    members = [value for _, value in inspect.getmembers(errors, inspect.isclass)]
    return [cls for cls in members if issubclass(cls, NbtrainError)]


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("a", "is b"), "a: is b."),
        (Problem("a", "is b?"), "a: is b?"),
        (Problem("a", "is b", "Do c."), "a: is b. Do c."),
        (Problem("a", "is b", rows=(4,), count=1), "a: is b (1 row: 4)."),
        (Problem("a", "is b", rows=(1, 2), count=2), "a: is b (2 rows: 1, 2)."),
        (
            Problem("a", "is b", "Do c.", rows=(0, 1, 2, 3, 4, 5), count=5000),
            "a: is b (5,000 rows: 0, 1, 2, 3, 4, …). Do c.",
        ),
    ],
)
def test_a_problem_reads_as_a_sentence(problem: Problem, text: str) -> None:
    assert str(problem) == text


@pytest.mark.parametrize("cls", [DataError, RequestError])
def test_an_error_lists_every_problem(cls: type[DataError]) -> None:
    error = cls("It can't be:", PROBLEMS)
    assert str(error).splitlines() == [
        "It can't be:",
        "  - text: is empty (2 rows: 3, 8). Drop these rows.",
        "  - model_id: ends with a hyphen.",
    ]
    assert isinstance(error, ValueError)


@pytest.mark.parametrize(
    "error",
    [DataError("No.", iter(PROBLEMS)), RequestError("No."), RequestRejected("No", 400, PROBLEMS)],
    ids=lambda error: type(error).__name__,
)
def test_errors_cross_process_borders(error: DataError | RequestRejected) -> None:
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert twin.problems == error.problems


def test_a_refusal_tells_status_and_fields() -> None:
    assert (
        str(RequestRejected("Not valid", 400, PROBLEMS)).splitlines()[0] == "Not valid (HTTP 400)"
    )
    assert len(str(RequestRejected("Not valid", 400, PROBLEMS)).splitlines()) == 3


def test_all_errors_are_exported_drawn_and_of_one_tree() -> None:
    tree = inspect.getdoc(errors) or ""
    exported = [getattr(errors, name) for name in errors.__all__]
    assert {cls for cls in exported if issubclass(cls, Exception)} <= set(classes())
    for cls in classes():
        if not cls.__name__.startswith("_"):
            assert cls.__name__ in errors.__all__
            assert cls.__name__ in tree


def test_waiting_too_long_is_a_timeout() -> None:
    assert issubclass(errors.WaitTimeout, TimeoutError)
