"""Scripts for fakes: what the next calls do instead of, before or after their usual behaviour."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Step = Callable[[Callable[[], Any]], Any]
"""Handles a call.

Its argument is the usual behaviour, which it may call or not, before or after other things.
"""


class Script:
    """Steps by method name.

    Those of `then` are used once each; that of `always` stays until it is removed.
    """

    def __init__(self) -> None:
        self._next: defaultdict[str, deque[Step]] = defaultdict(deque)
        self._always: dict[str, Step] = {}

    def then(self, method: str, *steps: Step) -> None:
        """Adds steps for the next calls of a method, one per call."""
        self._next[method].extend(steps)

    def always(self, method: str, step: Step | None) -> None:
        """Sets the step for every call of a method; None restores the usual behaviour."""
        self._always.pop(method, None)
        if step is not None:
            self._always[method] = step

    def left(self, method: str) -> int:
        """Returns how many steps of `then` have not been used."""
        return len(self._next[method])

    def call(self, method: str, usually: Callable[[], T]) -> T:
        """Handles a call as the script says."""
        if self._next[method]:
            return self._next[method].popleft()(usually)  # type: ignore[no-any-return]
        step = self._always.get(method)
        return usually() if step is None else step(usually)


def fails(error: Exception) -> Step:
    """Returns a step that does nothing and raises an error."""

    def step(_: Callable[[], Any]) -> Any:
        raise error

    return step


def fails_afterwards(error: Exception) -> Step:
    """Returns a step that does the usual thing and then raises: an outcome that the caller cannot know."""

    def step(usually: Callable[[], Any]) -> Any:
        usually()
        raise error

    return step
