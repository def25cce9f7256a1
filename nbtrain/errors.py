"""Everything nbtrain raises on purpose.

NbtrainError
├── DataError(ValueError)            the user's data can't be used; lists every problem
├── RequestError(ValueError)         a training request is wrong; lists every problem
├── ServiceError                     a training service did not do what was asked
│   ├── ServiceUnavailable           not reachable, not started, or gone
│   ├── AuthenticationFailed         the credentials were refused
│   ├── RequestRejected              the service said no, and why
│   ├── UnexpectedResponse           the service's answer makes no sense
│   ├── SubmitUncertain              a request may or may not have been accepted
│   └── NotSupported                 this service can't do that
├── RunError                         about one run
│   ├── RunNotFound
│   ├── RunNotFinished               a result was asked for too early
│   ├── RunFailed
│   └── RunCancelled
└── WaitTimeout(TimeoutError)        the run goes on; only the waiting ended
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "AuthenticationFailed",
    "DataError",
    "NbtrainError",
    "NotSupported",
    "Problem",
    "RequestError",
    "RequestRejected",
    "RunCancelled",
    "RunError",
    "RunFailed",
    "RunNotFinished",
    "RunNotFound",
    "ServiceError",
    "ServiceUnavailable",
    "SubmitUncertain",
    "UnexpectedResponse",
    "WaitTimeout",
]

_SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it.

    Parameters
    ----------
    where : str
        A column, a field or a file.
    what : str
        What is wrong, as a clause: ``"is empty"``.
    fix : str
        What to do, as a sentence; may be empty.
    rows : tuple of int
        Positions (0-based) of the first rows concerned.
    count : int
        How many rows are concerned in all; 0 when rows are not the matter.

    Examples
    --------
    >>> print(Problem("text", "has empty cells", "Drop these rows.", rows=(3, 8), count=2))
    text: has empty cells (2 rows: 3, 8). Drop these rows.
    """

    where: str
    what: str
    fix: str = ""
    rows: tuple[int, ...] = ()
    count: int = 0

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}"
        if self.count:
            shown = ", ".join(str(row) for row in self.rows[:_SHOWN_ROWS])
            more = ", …" if self.count > len(self.rows[:_SHOWN_ROWS]) else ""
            text += f" ({self.count:,} {'row' if self.count == 1 else 'rows'}: {shown}{more})"
        if not text.endswith((".", "?", "!")):
            text += "."
        return f"{text} {self.fix}" if self.fix else text


class NbtrainError(Exception):
    """Base of every error that nbtrain raises on purpose."""


class _ListsProblems(NbtrainError, ValueError):
    """An error that lists every problem found, not only the first."""

    def __init__(self, summary: str, problems: Iterable[Problem] = ()) -> None:
        self.summary = summary
        self.problems = tuple(problems)
        super().__init__(summary, self.problems)

    def __str__(self) -> str:
        return "\n".join([self.summary, *(f"  - {problem}" for problem in self.problems)])


class DataError(_ListsProblems):
    """The data can't be used as they are; ``problems`` lists all that was found."""


class RequestError(_ListsProblems):
    """A training request is wrong; ``problems`` lists all that was found."""


class ServiceError(NbtrainError):
    """A training service did not do what was asked."""


class ServiceUnavailable(ServiceError):
    """The service can't be reached, could not be started, or is gone.

    Attributes
    ----------
    sent : bool
        Whether the call may have reached the service all the same.
    """

    def __init__(self, message: str, *, sent: bool = False) -> None:
        self.sent = sent
        super().__init__(message)


class AuthenticationFailed(ServiceError):
    """The service refused the credentials."""


class RequestRejected(ServiceError):
    """The service understood the call and said no.

    Attributes
    ----------
    status : int
        HTTP status.
    problems : tuple of Problem
        One per field the service complained about; may be empty.
    """

    def __init__(self, message: str, status: int, problems: Iterable[Problem] = ()) -> None:
        self.message = message
        self.status = status
        self.problems = tuple(problems)
        super().__init__(message, status, self.problems)

    def __str__(self) -> str:
        lines = [f"{self.message} (HTTP {self.status})"]
        return "\n".join([*lines, *(f"  - {problem}" for problem in self.problems)])


class UnexpectedResponse(ServiceError):
    """The service answered something that its protocol doesn't know."""


class SubmitUncertain(ServiceError):
    """A training request was sent, and no answer tells whether it was accepted.

    It is not sent again by itself, for that could start two trainings. Look with
    ``attach(model_id)``, and submit again if no such training is there.

    Attributes
    ----------
    model_id : str
        The model that was to be trained.
    """

    def __init__(self, message: str, model_id: str) -> None:
        self.message = message
        self.model_id = model_id
        super().__init__(message, model_id)

    def __str__(self) -> str:
        return self.message


class NotSupported(ServiceError):
    """This service can't do what was asked; the message says which one can."""


class RunError(NbtrainError):
    """Base of the errors about one run."""


class RunNotFound(RunError):
    """The service knows no run of that id."""


class RunNotFinished(RunError):
    """A result was asked for while the run is still queued or running."""


class RunFailed(RunError):
    """The run ended without a result; the message is the service's reason."""


class RunCancelled(RunError):
    """The run was cancelled, so there is no result."""


class WaitTimeout(NbtrainError, TimeoutError):
    """Waiting took longer than asked for; the run itself goes on."""
