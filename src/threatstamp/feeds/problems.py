"""What can be wrong with a document, as values; the sentences stand in the room `feeds`."""

from __future__ import annotations

from threatstamp.core.news.feed import Problem, ProblemKind
from threatstamp.texts.catalogue import Texts

MOST_BYTES = 10_000_000
MOST_ENTRIES = 5_000
MOST_ELEMENTS = 200_000
MOST_ATTRIBUTES = 256
DEEPEST = 200


class Refused(Exception):  # noqa: N818 - it ends a parser's callbacks, and is no error of the program
    """Stops a parser: the document is not read any further, and nothing of it is kept."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


class Cut(Refused):
    """Stops a parser: what was read up to here is kept, with the problem."""


def not_a_feed(reason: str, **values: str | int) -> Problem:
    return Problem(kind=ProblemKind.NOT_A_FEED, reason=f"read_{reason}", values=values)


def malformed(reason: str, **values: str | int) -> Problem:
    return Problem(kind=ProblemKind.MALFORMED, reason=f"read_{reason}", values=values)


def broken_bytes(*, count: int, encoding: str) -> Problem:
    values: dict[str, str | int] = {"count": count, "encoding": encoding}
    return Problem(kind=ProblemKind.ENCODING, reason="read_broken_bytes", values=values)


def too_large(reason: str, most: int) -> Problem:
    return Problem(kind=ProblemKind.TOO_LARGE, reason=f"read_too_many_{reason}", values={"most": most})


def too_deep() -> Problem:
    return Problem(kind=ProblemKind.TOO_DEEP, reason="read_too_deep", values={"most": DEEPEST})


def problem_message(texts: Texts, problem: Problem) -> str:
    """Returns the sentence that says what is wrong with a document or with the way to it."""
    return texts(f"feeds.{problem.reason}", **problem.values)
