"""`status`: how the desk stands, from what it wrote down itself. Asks nobody but the database."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.app.clock import SystemClock
from threatstamp.app.vitals import read_running
from threatstamp.config.settings import Settings
from threatstamp.core import health
from threatstamp.core.departure import Departure
from threatstamp.core.feed import Feed, FeedState, Problem
from threatstamp.core.ids import FeedName
from threatstamp.desk.ports import Trouble
from threatstamp.store import SqlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """How one feed of the file stands. Times in microseconds, typical in seconds; None: never, not known.

    lost: its channel cannot be found, so it waits. moved: it is asked at another address than the file's.
    """

    name: FeedName
    url: str
    tried_at: int | None = None
    succeeded_at: int | None = None
    changed_at: int | None = None
    problem: Problem | None = None
    problem_since: int | None = None
    typical: int | None = None
    overflow_at: int | None = None
    silent_since: int | None = None
    held_until: int | None = None
    gone: bool = False
    lost: bool = False
    moved: bool = False

    @property
    def ok(self) -> bool:
        """True if it could be read when it was asked last, or was not asked yet."""
        return not (self.problem or self.overflow_at or self.silent_since or self.lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Times in microseconds, None for never. running: what live processes say of themselves."""

    running: tuple[dict[str, object], ...]
    feeds: tuple[FeedStatus, ...]
    last_event_at: int | None
    last_sweeps: dict[str, int]
    inbox_waiting: int
    inbox_failed: int
    owed: int
    undeliverable: tuple[Departure, ...]
    troubles: tuple[Trouble, ...]
    entries: int
    head: str

    @property
    def ok(self) -> bool:
        """True if no operator is needed."""
        alive = any(one.get("connected") for one in self.running)
        return alive and not (self.undeliverable or self.troubles or self.inbox_failed)


def read_feeds(store: SqlStore, settings: Settings) -> tuple[FeedStatus, ...]:
    """Returns how the feeds of the file stand, in the order of the file."""
    now = SystemClock().now()
    with store.reading() as tx:
        states = {state.name: state for state in tx.feed_states()}
        lost = {trouble.values.get("name", "") for trouble in tx.troubles("lost:")}
    return tuple(_feed(feed, states.get(feed.name), lost, now=now) for feed in settings.feeds)


def _feed(feed: Feed, state: FeedState | None, lost: set[str], *, now: int) -> FeedStatus:
    is_lost = feed.post and feed.channel in lost
    if state is None or state.named != feed.url:
        return FeedStatus(name=feed.name, url=feed.url, lost=is_lost)
    typical = health.typical_gap(state)
    return FeedStatus(
        name=feed.name,
        url=state.url,
        tried_at=state.tried_at,
        succeeded_at=state.succeeded_at,
        changed_at=state.changed_at,
        problem=state.problem,
        problem_since=state.problem_since,
        typical=round(typical / 1_000_000) if typical is not None else None,
        overflow_at=state.overflow_at,
        silent_since=health.silent_since(state, now=now),
        held_until=state.held_until if state.held_until > now else None,
        gone=state.gone,
        lost=is_lost,
        moved=state.url != feed.url,
    )


def read_status(store: SqlStore, settings: Settings) -> Status:
    """Returns how things stand now."""
    clock, feeds = SystemClock(), read_feeds(store, settings)
    waiting, failed = store.inbox_count()
    with store.reading() as tx:
        vitals = tx.vitals()
        last = next(iter(tx.entries(newest=True, limit=1)), None)
        sweeps = {
            name.rpartition(":")[2]: int(value)
            for name, (value, _) in vitals.items()
            if name.startswith("swept:")
        }
        event = vitals.get("last_event")
        return Status(
            running=read_running(vitals, now=clock.now()),
            feeds=feeds,
            last_event_at=int(event[0]) if event else None,
            last_sweeps=sweeps,
            inbox_waiting=waiting,
            inbox_failed=failed,
            owed=store.owed_count(),
            undeliverable=tx.undeliverable(),
            troubles=tx.troubles(),
            entries=last.sequence if last else 0,
            head=last.hash if last else "",
        )
