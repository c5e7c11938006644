"""A document of a source of facts, as it is read from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from threatstamp.core.errors import DeskError
from threatstamp.core.facts.assessment import Assessment, FactSource
from threatstamp.core.time import Micros


class DocumentFault(StrEnum):
    """Why a document cannot be loaded, or not to its end. Each has a text `cli.vulns_*`."""

    UNREADABLE = "unreadable"
    """The system does not let it be read."""
    FOREIGN = "foreign"
    """It is something else than this source's document."""
    BROKEN = "broken"
    """It is damaged or cut off: what stands before that place is loaded."""
    OLDER = "older"
    """A later edition is loaded, which this one would undo."""


class DocumentError(DeskError):
    """A document cannot be loaded, or not to its end. values: the placeholders of its sentence."""

    def __init__(self, fault: DocumentFault, **values: str) -> None:
        super().__init__(", ".join((fault.value, *values.values())))
        self.fault = fault
        self.values = values


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRecord:
    """A record that cannot be read. name: its CVE id or file, "" if it has none. place: line, number or path.

    what: the part that is wrong with it, or how.
    """

    name: str
    place: str
    what: str


Record = Assessment | BrokenRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class FactDocument:
    """A document of a source. Its records are read while they are loaded.

    edition: which one it is; later ones sort after earlier ones, "" if it does not say. digest: the same for
    the same content, "" if that is not known. is_whole: what is not in it is not said by its source any more.
    records: from the one with this number, the first being 0. Raises DocumentError where it breaks off.
    """

    source: FactSource
    edition: str
    digest: str
    is_whole: bool
    records: Callable[[int], Iterator[Record]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLoad:
    """How far the last load of a source is.

    position: how many records of its document are done. broken: how many of these could not be read.
    began_at: when the load began, which is when its records were read. is_done: to the end.
    """

    source: FactSource
    edition: str
    digest: str
    position: int
    broken: int
    began_at: Micros
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FactStock:
    """What is loaded of a source. cves: of how many it says something."""

    load: FactLoad
    cves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchProblem:
    """Why a source could not be fetched. key: of its sentence in a catalogue. values: the placeholders."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)


class FetchError(DeskError):
    """A source could not be fetched."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(", ".join((key, *values.values())))
        self.problem = FetchProblem(key=key, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How the fetching of a source goes.

    cursor: what its client needs to go on from there. tried_at: when it was asked last. fetched_at: when it
    was last loaded to the end, or had nothing new; None for never. failures: so many attempts in a row have
    failed, the last one for this problem.
    """

    source: FactSource
    cursor: Mapping[str, str] = field(default_factory=dict)
    tried_at: Micros
    fetched_at: Micros | None = None
    failures: int = 0
    problem: FetchProblem | None = None
