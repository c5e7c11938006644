"""A fake's script: what its next calls do in place of, before, or after what they usually do."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Step = Callable[[Callable[[], Any]], Any]
"""Does a call. It is given what the call usually does, and may do that, or not, or something else besides."""


class Script:
    """Steps by the name of a method, used up one a call; `always` stays until it is taken back."""

    def __init__(self) -> None:
        self._next: defaultdict[str, deque[Step]] = defaultdict(deque)
        self._always: dict[str, Step] = {}

    def then(self, method: str, *steps: Step) -> None:
        """The next calls of a method do this, in turn."""
        self._next[method].extend(steps)

    def always(self, method: str, step: Step | None) -> None:
        """Every call of a method does this from now on; None: what it usually does."""
        self._always.pop(method, None)
        if step is not None:
            self._always[method] = step

    def left(self, method: str) -> int:
        """Returns how many steps are not used up."""
        return len(self._next[method])

    def call(self, method: str, usually: Callable[[], T]) -> T:
        """Does a call by the script."""
        if self._next[method]:
            return self._next[method].popleft()(usually)  # type: ignore[no-any-return]
        step = self._always.get(method)
        return usually() if step is None else step(usually)


def fails(error: Exception) -> Step:
    """Nothing is done, and the call fails."""

    def step(_: Callable[[], Any]) -> Any:
        raise error

    return step


def fails_afterwards(error: Exception) -> Step:
    """It is done all the same, and the call fails: an outcome that the caller cannot know."""

    def step(usually: Callable[[], Any]) -> Any:
        usually()
        raise error

    return step
