"""How much of a document is read, what stops its reading, and the sentence that says so."""

from __future__ import annotations

from threatstamp.core.news.feed import Problem, Reason
from threatstamp.texts.catalogue import Texts

MOST_BYTES = 10_000_000
MOST_ENTRIES = 5_000
MOST_ELEMENTS = 200_000
MOST_ATTRIBUTES = 256
DEEPEST = 200


class Refused(Exception):  # noqa: N818 - it ends a parser's callbacks, and is no error of the program
    """Stops a parser: the document is not read any further, and nothing of it is kept."""

    def __init__(self, reason: Reason, **values: str | int) -> None:
        super().__init__(reason)
        self.problem = Problem(reason=reason, values=values)


class Cut(Refused):
    """Stops a parser: what was read up to here is kept, with the problem."""


def problem_message(texts: Texts, problem: Problem) -> str:
    """Returns the sentence that says what is wrong with a document or with the way to it."""
    return texts(f"feeds.{problem.reason}", **problem.values)
