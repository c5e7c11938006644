"""Why there is no answer, as a problem that a person can be told about."""

from __future__ import annotations

from threatstamp.core.errors import DeskError
from threatstamp.core.news.feed import Problem, ProblemKind


class ExchangeError(DeskError):
    """An address could not be asked, or its answer not be taken."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


class StoppedError(DeskError):
    """The client was closed while it waited; nothing is known about the address."""


def forbidden(reason: str, **values: str | int) -> ExchangeError:
    return ExchangeError(
        Problem(kind=ProblemKind.FORBIDDEN_ADDRESS, reason=f"address_{reason}", values=values)
    )


def network(reason: str, **values: str | int) -> ExchangeError:
    return ExchangeError(Problem(kind=ProblemKind.NETWORK, reason=f"network_{reason}", values=values))


def http(reason: str, **values: str | int) -> ExchangeError:
    return ExchangeError(Problem(kind=ProblemKind.HTTP, reason=f"http_{reason}", values=values))


def too_large(reason: str, **values: str | int) -> ExchangeError:
    return ExchangeError(Problem(kind=ProblemKind.TOO_LARGE, reason=f"answer_{reason}", values=values))


def malformed(reason: str, **values: str | int) -> ExchangeError:
    return ExchangeError(Problem(kind=ProblemKind.MALFORMED, reason=f"answer_{reason}", values=values))


def too_slow() -> ExchangeError:
    return ExchangeError(Problem(kind=ProblemKind.TIMEOUT, reason="timeout"))
