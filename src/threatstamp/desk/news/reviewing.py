"""A person says of all that nobody has stamped: seen, not ours. It is on record as one act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from threatstamp.core.cases.case import Way
from threatstamp.core.ids import StoryId, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.reviewing import MOST_AT_ONCE, REVIEW_SPAN, Reopened
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Store, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOrder:
    """Who wants it, and how. until: when they saw how many there are; what came after is not meant.

    since: None for the usual span before that.
    """

    by: UserId
    way: Way
    until: Micros
    since: Micros | None = None
    reason: str = ""

    @property
    def begin(self) -> Micros:
        return Micros(max(0, self.until - REVIEW_SPAN)) if self.since is None else self.since


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedRest:
    """What came of it. act: its number in the ledger, None if there was nothing. left: what still waits."""

    act: int | None = None
    count: int = 0
    left: int = 0


def review_rest(store: Store, order: ReviewOrder, *, now: Micros, event: int | None = None) -> ReviewedRest:
    """Marks what waits to be reviewed, at most MOST_AT_ONCE. event: its id in the inbox, deleted there.

    Raises StoreError.
    """
    with store.transaction() as tx:
        _forget(tx, event)
        found = tx.reviews.unreviewed(since=order.begin, until=order.until, most=MOST_AT_ONCE)
        stories = [one.id for one in found.stories]
        if not stories:
            return ReviewedRest()
        body = {
            "stories": list(stories),
            "count": len(stories),
            "since": order.begin,
            "until": order.until,
            "by": tx.persons.aliases()(order.by),
            "reason": order.reason,
            "way": order.way.value,
        }
        tx.ledger.append(Kind.REVIEWED, body, now=now)
        last = tx.ledger.last()
        assert last is not None
        tx.reviews.mark(stories, act=last.sequence, now=now)
        return ReviewedRest(act=last.sequence, count=len(stories), left=found.count - len(stories))


def undo_review(
    store: Store, order: ReviewOrder, *, act: int | None, now: Micros, event: int | None = None
) -> ReviewedRest:
    """Lets what an act still holds wait again. act: None for the newest. Raises StoreError."""
    with store.transaction() as tx:
        _forget(tx, event)
        which = tx.reviews.last_act() if act is None else act
        stories = tx.reviews.held_by(which) if which is not None else ()
        if which is None or not stories:
            return ReviewedRest()
        by = tx.persons.aliases()(order.by)
        reopen(tx, which, stories, why=Reopened.UNDONE, by=by, reason=order.reason, now=now)
        return ReviewedRest(act=which, count=len(stories))


def reopen(
    tx: Tx,
    act: int,
    stories: Sequence[StoryId],
    *,
    why: Reopened,
    now: Micros,
    by: UserId | None = None,
    reason: str = "",
) -> None:
    """Records that these wait to be reviewed again. by: None for the desk itself."""
    body = {"review": act, "stories": list(stories), "why": why.value, "by": by, "reason": reason}
    tx.ledger.append(Kind.REOPENED, body, now=now)
    tx.reviews.end(stories, now=now)


def _forget(tx: Tx, event: int | None) -> None:
    if event is not None:
        tx.inbox.forget(event)
