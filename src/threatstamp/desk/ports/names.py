"""Names in the settings, kept once they are found: a channel stays the same, whatever it is called later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from threatstamp.core.ids import TeamId
from threatstamp.core.names import KnownName
from threatstamp.core.time import Micros


class ReadNames(Protocol):
    """Names on record."""

    def known(self, team: TeamId) -> Mapping[str, KnownName]:
        """Returns what was found, by the name as in the settings."""

    def renamed(self) -> tuple[KnownName, ...]:
        """Returns the channels that are called something else now than the settings say."""


class Names(ReadNames, Protocol):
    """The same, to write."""

    def put(self, name: KnownName, *, team: TeamId, now: Micros) -> None: ...
    def drop(self, name: str, *, team: TeamId) -> None: ...
