"""What the old script has forwarded goes on record, so that nothing of it is forwarded again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from threatstamp.core.ids import Emoji
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.post import Place, place_body
from threatstamp.desk.ports.stamps import StampedPost
from threatstamp.desk.ports.store import Store, Tx
from threatstamp.desk.ports.time import Clock

AT_ONCE = 500
"""Rows in one transaction: stamps that arrive meanwhile wait for no more than these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldForward:
    """A row of the old script's record: it has forwarded this post for this reaction. row: its number."""

    row: int
    post: Place
    reaction: Emoji


def import_forwards(rows: Iterable[OldForward], *, digest: str, store: Store, clock: Clock) -> int:
    """Records the rows that are not on record yet; returns how many. Raises StoreError.

    Whatever was recorded before an error stays, and the rest follows when the same rows are imported again.
    digest: SHA-256 of the file that they were read from.
    """
    rest = iter(rows)
    added = 0
    while some := tuple(islice(rest, AT_ONCE)):
        with store.transaction() as tx:
            added += _record(tx, some, digest=digest, clock=clock)
    return added


def _record(tx: Tx, rows: Iterable[OldForward], *, digest: str, clock: Clock) -> int:
    first: dict[StampedPost, OldForward] = {}
    for one in rows:
        first.setdefault((one.post, one.reaction), one)
    known = tx.stamps.imported(tuple(first))
    new = {about: one for about, one in first.items() if about not in known}
    now = clock.now()
    tx.stamps.add_imported(tuple(new), now=now)
    for (post, reaction), one in new.items():
        body = {**place_body(post), "reaction": reaction, "row": one.row, "digest": digest}
        tx.ledger.append(Kind.IMPORTED, body, now=now)
    return len(new)
