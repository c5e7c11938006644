"""Copies of the record elsewhere, such as in a spreadsheet: how far each is, and who writes it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyClaim:
    """A process's exclusive right to write a copy until its lease ends.

    copy: which one. token: grows with each claim, so that a holder who was paused past the lease finds that
    it lost the claim. sequence: the last ledger entry that the copy has all rows of.
    """

    copy: str
    token: int
    sequence: int


class ReadCopies(Protocol):
    """Copies on record."""

    def sequence(self, copy: str) -> int:
        """Returns the last ledger entry that a copy has all rows of; 0 for a copy that nobody began."""


class Copies(ReadCopies, Protocol):
    """The same, to write."""

    def claim(self, copy: str, *, holder: str, now: Micros, until: Micros) -> CopyClaim | None:
        """Claims a copy; None while another claim lasts."""

    def advance(self, claim: CopyClaim, *, sequence: int, until: Micros) -> CopyClaim | None:
        """Records how far the copy is and extends the claim; None, with nothing changed, if it is lost."""

    def release(self, claim: CopyClaim, *, until: Micros) -> None:
        """Ends a claim at a moment; nothing happens if it is lost."""
