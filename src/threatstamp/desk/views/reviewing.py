"""What waits to be reviewed, and the last act that said of the rest that it is not ours."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.ids import UserId
from threatstamp.core.ledger.entry import read_body
from threatstamp.core.news.reviewing import REVIEW_SPAN, Unreviewed
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAct:
    """The newest act of which something still holds.

    act: its number in the ledger. by: None if that was redacted. count: the stories that it still holds.
    """

    act: int
    at: Micros
    by: UserId | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """waiting: until `until`, for the usual span."""

    waiting: Unreviewed
    until: Micros
    last: ReviewAct | None = None


def read_reviews(read: Read, *, now: Micros, most: int = 0, since: Micros | None = None) -> ReviewPage:
    """Returns what waits now. most: so many of it are listed."""
    begin = Micros(max(0, now - REVIEW_SPAN)) if since is None else since
    waiting = read.reviews.unreviewed(since=begin, until=now, most=most)
    return ReviewPage(waiting=waiting, until=now, last=_last(read, begin))


def _last(read: Read, since: Micros) -> ReviewAct | None:
    act = read.reviews.last_act()
    entry = read.ledger.get(act) if act is not None else None
    if act is None or entry is None or entry.at < since:
        return None
    by = (read_body(entry.body) or {}).get("by") if entry.body else None
    held = len(read.reviews.held_by(act))
    return ReviewAct(act=act, at=entry.at, by=UserId(by) if isinstance(by, str) else None, count=held)
