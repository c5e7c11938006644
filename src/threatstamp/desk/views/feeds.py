"""The state of the feeds in the settings, for `status` and `poll`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from threatstamp.core.ids import FeedName
from threatstamp.core.news import health
from threatstamp.core.news.feed import Feed, FeedState, Problem
from threatstamp.core.time import SECOND, Micros
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.store import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """The state of one feed. Times are None for what has not happened.

    url: with its secrets hidden. typical: median seconds between two entries, None while too few are
    known. held_until, told_until (by the server itself): only if in the future. lost: its channel
    cannot be found, so it is not polled. moved: a redirect changed the address in the file.
    """

    name: FeedName
    url: str
    tried_at: Micros | None = None
    succeeded_at: Micros | None = None
    changed_at: Micros | None = None
    problem: Problem | None = None
    problem_since: Micros | None = None
    typical: int | None = None
    overflow_at: Micros | None = None
    silent_since: Micros | None = None
    held_until: Micros | None = None
    told_until: Micros | None = None
    gone: bool = False
    lost: bool = False
    moved: bool = False

    @property
    def is_read(self) -> bool:
        """True unless it cannot be read as it should be now; what was missed or is unusual does not count."""
        return self.problem is None and not self.lost

    @property
    def ok(self) -> bool:
        """True if nothing is wrong; also before the first poll."""
        return not (self.problem or self.overflow_at or self.silent_since or self.lost)


def read_feeds(read: Read, feeds: Sequence[Feed], *, now: Micros) -> tuple[FeedStatus, ...]:
    """Returns the state of each feed, in the given order."""
    states = {state.name: state for state in read.feeds.states()}
    lost = {trouble.subject for trouble in read.troubles.unfixed(TroubleKind.LOST)}
    return tuple(_feed(feed, states.get(feed.name), lost, now=now) for feed in feeds)


def _feed(feed: Feed, state: FeedState | None, lost: set[str], *, now: Micros) -> FeedStatus:
    is_lost = feed.post and feed.channel in lost
    if state is None or not health.is_about(state, feed):
        return FeedStatus(name=feed.name, url=feed.shown, lost=is_lost)
    typical = health.typical_gap(state)
    return FeedStatus(
        name=feed.name,
        url=state.moved_to or feed.shown,
        tried_at=state.tried_at,
        succeeded_at=state.succeeded_at,
        changed_at=state.changed_at,
        problem=state.problem,
        problem_since=state.problem_since,
        typical=round(typical / SECOND) if typical is not None else None,
        overflow_at=state.overflow_at,
        silent_since=health.silent_since(state, now=now),
        held_until=state.held_until if state.held_until > now else None,
        told_until=state.told_until if state.told_until > now else None,
        gone=state.gone,
        lost=is_lost,
        moved=state.moved_to is not None,
    )
