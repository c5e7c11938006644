"""Persons: their right to erasure (GDPR, article 17, and similar laws)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from threatstamp.core.ids import UserId
from threatstamp.core.time import Micros


class ReadPersons(Protocol):
    """Who has been redacted."""

    def aliases(self) -> Callable[[UserId], UserId]:
        """Returns a function that maps a redacted person's id to their alias, and any other id to itself."""


class Persons(ReadPersons, Protocol):
    """The same, to write."""

    def forget(self, user: UserId, *, now: Micros) -> None:
        """Replaces a person's id by an alias in every column marked as personal.

        The alias is the same whenever the person is seen again, so that their stamps still fit together.
        """
