"""What was seen and not ours waits to be reviewed again, once there is something new that may concern us."""

from __future__ import annotations

from collections.abc import Sequence

from threatstamp.core.ids import StoryId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.reviewing import Reopened
from threatstamp.core.priority.noticing import Notice, NoticeKind, Sighting
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Tx

GRAVE = SCALE.index(Priority.HIGH)
"""From here on a first priority is something new; the lesser ones are what most stories get."""


def reopen_reviewed(
    tx: Tx,
    story: StoryId,
    before: StoryPriority | None,
    said: StoryPriority,
    news: Sequence[Notice],
    *,
    now: Micros,
) -> None:
    """Records it, if the story is reviewed and there is a reason."""
    why = _reason(before, said, news)
    if why is None:
        return
    review = tx.reviews.of([story]).get(story)
    if review is None or review.ended_at is not None:
        return
    body = {"review": review.act, "stories": [story], "why": why.value, "by": None, "reason": ""}
    tx.ledger.append(Kind.REOPENED, body, now=now)
    tx.reviews.end([story], now=now)


def _reason(before: StoryPriority | None, said: StoryPriority, news: Sequence[Notice]) -> Reopened | None:
    known = {one.product for one in (before.touches if before else None) or () if one.is_ours}
    if any(one.is_ours and one.product not in known for one in said.touches or ()):
        return Reopened.TOUCHED
    kinds = {one.kind for one in news}
    if NoticeKind.LISTED in kinds or (before is None and _is_listed(said.seen)):
        return Reopened.LISTED
    if before is None:
        return Reopened.RULED if _rank(said) >= GRAVE else None
    is_told = NoticeKind.RULED in kinds  # else the company itself decided differently
    return Reopened.RULED if is_told and _rank(said) > _rank(before) else None


def _is_listed(seen: Sighting | None) -> bool:
    return seen is not None and any(one.kev == "yes" for one in seen.cves.values())


def _rank(said: StoryPriority) -> int:
    return -1 if said.priority is Priority.NOT_ASSESSED else SCALE.index(said.priority)
