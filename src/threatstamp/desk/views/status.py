"""The state of the whole desk, for `status`. It is read from the database alone, without calling Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from threatstamp.core import signs as names
from threatstamp.core.cases.risk import DueRisks
from threatstamp.core.facts.document import FactStock, SourceState
from threatstamp.core.names import KnownName
from threatstamp.core.news.feed import Feed
from threatstamp.core.outbox.departure import Departure
from threatstamp.core.time import Micros
from threatstamp.core.trouble import Trouble
from threatstamp.desk.ports.store import Read
from threatstamp.desk.views.feeds import FeedStatus, read_feeds
from threatstamp.desk.views.reviewing import read_reviews
from threatstamp.desk.views.running import Running, read_running
from threatstamp.desk.views.workspace import channel_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of the whole desk.

    running: the live processes. last_event_at: None if no event ever arrived. last_sweeps: by channel.
    owed: departures that wait. renamed: channels that are called something else now than in the settings.
    shadow_since: since when nothing is said in Slack; None for a desk that speaks.
    unwritable: why the database cannot be written, "" if it can. entries, head: the length of the ledger
    and the hash of its last entry. facts: what is loaded about vulnerabilities. no_facts: why that cannot be
    read, "" if it can. fetching: how each source of facts was fetched, as far as that was tried. unreviewed:
    posted stories of the last days that nobody has stamped or reviewed. risks: accepted ones that are
    overdue, or end soon. names: of channels, by id.
    """

    running: tuple[Running, ...]
    feeds: tuple[FeedStatus, ...]
    last_event_at: Micros | None
    last_sweeps: dict[str, Micros]
    inbox_waiting: int
    inbox_failed: int
    owed: int
    undeliverable: tuple[Departure, ...]
    troubles: tuple[Trouble, ...]
    renamed: tuple[KnownName, ...]
    unwritable: str
    entries: int
    head: str
    shadow_since: Micros | None = None
    facts: tuple[FactStock, ...] = ()
    no_facts: str = ""
    fetching: tuple[SourceState, ...] = ()
    unreviewed: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    risks: DueRisks = field(default_factory=DueRisks)

    @property
    def ok(self) -> bool:
        """True if no operator is needed."""
        alive = any(one.connected for one in self.running)
        wrong = self.undeliverable or self.troubles or self.inbox_failed or self.unwritable or self.no_facts
        return alive and not wrong


def read_status(read: Read, feeds: Sequence[Feed], *, now: Micros, unwritable: str = "") -> Status:
    """Returns the state now. feeds: those of the settings. unwritable: what an attempt to write has shown."""
    signs = read.vitals.every()
    waiting, failed = read.inbox.counts()
    last = read.ledger.last()
    event = signs.get(names.LAST_EVENT)
    shadow, _ = signs.get(names.SHADOW, ("", 0))
    return Status(
        running=read_running(signs, now=now),
        feeds=read_feeds(read, feeds, now=now),
        last_event_at=Micros(int(event[0])) if event else None,
        last_sweeps={
            name.rpartition(":")[2]: Micros(int(value))
            for name, (value, _) in signs.items()
            if name.startswith(names.SWEPT)
        },
        inbox_waiting=waiting,
        inbox_failed=failed,
        owed=read.backlog.count(),
        undeliverable=read.backlog.undeliverable(),
        troubles=read.troubles.unfixed(),
        renamed=read.names.renamed(),
        shadow_since=Micros(int(shadow)) if shadow else None,
        unwritable=unwritable,
        entries=last.sequence if last else 0,
        head=last.hash if last else "",
        unreviewed=read_reviews(read, now=now).waiting.count,
        names=channel_names(read),
    )
