"""Texts of stamped posts are emptied after the time of their source's `keep`; the chain still verifies.

What was said goes; that it was stamped, by whom and when, and what was forwarded, stays. A post that somebody
stamps afterwards is read, and kept, anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from threatstamp.core.ids import ChannelId, TeamId, Ts
from threatstamp.core.ledger.entry import read_body
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import DAY, Micros, later, span
from threatstamp.desk.ports.tools import Tools

T = TypeVar("T")

BATCH = 100
"""Entries or posts that are emptied in one transaction: a stamp that arrives meanwhile waits for one."""


def empty_old_posts(tools: Tools) -> int:
    """Empties the texts whose time is over, of posts and of their entries in the ledger.

    Returns how many entries. What a stop leaves undone is done the next time. Raises StoreError.
    """
    count = 0
    for channel, seconds in tools.policy.keep.items():
        before = later(tools.clock.now(), -seconds)
        due, recent = _entries(tools, channel, before)
        for some in _batches(due):
            _redact(tools, some, reason=f"retention: {channel}, {span(seconds) // DAY} days")
        with tools.store.reading() as read:
            old = read.posts.whole(tools.policy.team, channel, before=before)
        posts = [place for place in old if place not in recent]
        for places in _batches(posts):
            with tools.store.transaction() as tx:
                tx.posts.empty(places)
        if due or posts:
            tools.store.scrub()
        count += len(due)
    return count


def _redact(tools: Tools, sequences: Sequence[int], *, reason: str) -> None:
    with tools.store.transaction() as tx:
        tx.ledger.redact(sequences)
        body = {"sequences": list(sequences), "reason": reason}
        tx.ledger.append(Kind.REDACTION, body, now=tools.clock.now())


def _entries(tools: Tools, channel: ChannelId, before: Micros) -> tuple[list[int], set[Place]]:
    """Returns the entries about posts of a channel that are older, and the posts of those that are not.

    A post may have been recorded anew: then its row is older than what it says.
    """
    due, recent = [], set[Place]()
    with tools.store.reading() as read:
        for kind in (Kind.POST, Kind.POST_EDITED):
            for entry in read.ledger.entries(kind=kind):
                body = read_body(entry.body) if entry.body is not None else None
                if body is None or body.get("channel") != channel:
                    continue
                if entry.at < before:
                    due.append(entry.sequence)
                elif kind is Kind.POST:
                    team, ts = TeamId(str(body.get("team"))), Ts(str(body.get("ts")))
                    recent.add(Place(team=team, channel=channel, ts=ts))
    return sorted(due), recent


def _batches(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[at : at + BATCH] for at in range(0, len(items), BATCH)]
