"""Facts about vulnerabilities: looked up beside the record, and loaded from documents of their sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from threatstamp.core.facts.assessment import Assessment, FactSource
from threatstamp.core.facts.change import FactChange
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.document import FactLoad
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.time import Micros


class Facts(Protocol):
    """What is known of vulnerabilities, for messages that go out with it or without."""

    def known(self, cves: Sequence[CveId]) -> tuple[Vulnerability, ...]:
        """Returns those of which something is known, in this order. It never raises, and hardly waits.

        Nothing if the facts cannot be read just now: no message waits for them.
        """


class FactStore(Protocol):
    """Facts, to write. Every method may raise StoreError."""

    def last(self, source: FactSource) -> FactLoad | None:
        """Returns how far the last load of a source is; None if there was none."""

    def versions(self, source: FactSource, cves: Sequence[CveId]) -> Mapping[CveId, str]:
        """Returns the versions of what is loaded of these."""

    def said(self, source: FactSource, cves: Sequence[CveId]) -> Mapping[CveId, Assessment]:
        """Returns what is loaded of these."""

    def older(self, source: FactSource, *, read_before: Micros, most: int) -> Sequence[CveId]:
        """Returns some CVEs of which a source spoke before."""

    def note_changes(self, changes: Sequence[FactChange]) -> None:
        """Keeps what has changed; the same change twice is one."""

    def put(self, said: Iterable[Assessment], *, read_at: Micros) -> Iterator[int]:
        """Writes in short transactions; yields how many are written after each. The last of a key counts."""

    def note(self, load: FactLoad) -> None:
        """Notes how far a load is."""

    def drop_older(self, source: FactSource, *, read_before: Micros) -> int:
        """Deletes what a source said before; returns how many."""
