"""A post was edited or deleted: that is on record, and the evidence of what was stamped stays."""

from __future__ import annotations

import hashlib

from threatstamp.core.ledger import Kind, canonical
from threatstamp.core.post import Place, Snapshot, place_body, snapshot_body
from threatstamp.desk.ports import Clock, Store


def take_edit(place: Place, snapshot: Snapshot, *, event: int, store: Store) -> None:
    """Records what a stamped post says now; unfurls and repeated events change nothing."""
    body = snapshot_body(place, snapshot)
    content = canonical({key: body[key] for key in ("text", "title", "link")})
    with store.transaction() as tx:
        known = tx.post(place)
        if known is not None and known.snapshot is not None:
            was = snapshot_body(place, known.snapshot)
            before = canonical({key: was[key] for key in ("text", "title", "link")})
            digest = hashlib.sha256(content.encode()).hexdigest()
            if content != before and tx.put_edited(place, digest):
                tx.append(Kind.POST_EDITED, body)
        tx.forget_event(event)


def take_deletion(place: Place, *, event: int, store: Store, clock: Clock) -> None:
    """Records that a stamped post, or a message of ours, was deleted; its stamps are not withdrawn."""
    with store.transaction() as tx:
        if tx.put_deleted(place, now=clock.now()):
            tx.append(Kind.POST_DELETED, place_body(place))
        ours = tx.departure_at(place)
        if ours is not None and ours.error != "message_not_found":
            tx.put_gone(ours.id, error="message_not_found")
            tx.append(Kind.MESSAGE_DELETED, {**place_body(place), "forward": ours.id})
        tx.forget_event(event)
