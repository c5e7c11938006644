"""Persons: their right to be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from threatstamp.core.ids import UserId
from threatstamp.core.time import Micros


class ReadPersons(Protocol):
    """Who was forgotten."""

    def aliases(self) -> Callable[[UserId], UserId]:
        """Returns what gives a forgotten person their other name, and anybody else their own."""


class Persons(ReadPersons, Protocol):
    """The same, to write."""

    def forget(self, user: UserId, *, now: Micros) -> None:
        """Puts another name in a person's place everywhere, the same one whenever they are seen again."""
