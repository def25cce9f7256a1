"""The data files of a request to train or to sweep: whether they came, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..documents import DataSchema
from ..errors import DataError, Problem
from ..protocols.knovvu import DATA_FILE, SECONDARY_DATA_FILE, unquote
from ..tasks import fewest_documents
from .data_check import check_data_file
from .upload import Upload

__all__ = ["data_problems", "few_documents", "missing_parts"]


def missing_parts(upload: Upload) -> list[Problem]:
    """List the files that a form lacks."""
    problems = []
    if DATA_FILE not in upload.files:
        problems.append(Problem(DATA_FILE, "is required"))
    with_schema = bool(unquote(upload.fields.get("secondaryDataSchema", "")))
    with_file = SECONDARY_DATA_FILE in upload.files
    if with_schema and not with_file:
        problems.append(Problem(SECONDARY_DATA_FILE, "is required with secondaryDataSchema"))
    if with_file and not with_schema:
        problems.append(Problem("secondaryDataSchema", "is required with secondaryDataFile"))
    return problems


async def data_problems(
    upload: Upload, count_problems: Callable[[int], list[Problem]]
) -> tuple[list[Problem], dict[str, str]]:
    """Read the data files; return what is wrong, and their hashes by the part's name.

    Parameters
    ----------
    upload : Upload
    count_problems : callable
        Is handed the number of documents, and lists what can't be done with so many.
    """
    problems: list[Problem] = []
    hashes: dict[str, str] = {}
    for name, schema_field in (
        (DATA_FILE, "dataSchema"),
        (SECONDARY_DATA_FILE, "secondaryDataSchema"),
    ):
        schema = unquote(upload.fields.get(schema_field, "")).lower()
        if name not in upload.files or schema not in set(DataSchema):
            continue
        try:
            data = await check_data_file(upload.files[name], schema)
        except DataError as error:
            problems += [
                _of_part(name, problem, upload.files[name].name) for problem in error.problems
            ]
            continue
        hashes[name] = data.sha256
        if name == DATA_FILE:
            problems += count_problems(data.documents)
        elif not data.documents:
            problems.append(Problem(name, "holds no text"))
    return problems, hashes


def few_documents(task: object, documents: int) -> list[Problem]:
    """Say so if there are fewer documents than a task needs at least."""
    fewest = fewest_documents(task)
    if documents >= fewest:
        return []
    what = f"holds {documents} documents with text"
    return [Problem(DATA_FILE, what, f"Training needs at least {fewest}.")]


def _of_part(part: str, problem: Problem, file: str) -> Problem:
    """Name the part of the form instead of our name for its file."""
    what = problem.what if problem.where == file else f"{problem.where} {problem.what}"
    return replace(problem, where=part, what=what)
