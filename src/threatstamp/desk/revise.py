"""A post was edited or deleted: that is on record, and the evidence of what was stamped stays."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from threatstamp.core.ledger import Kind, canonical
from threatstamp.core.post import Place, Snapshot, place_body, snapshot_body
from threatstamp.desk.ports import Clock, Store


def take_edit(place: Place, snapshot: Snapshot, *, event: int, store: Store) -> None:
    """Records what a stamped post says now; unfurls and repeated events change nothing."""
    with store.transaction() as tx:
        known = tx.post(place)
        if known is not None and known.snapshot is not None:
            was, content = known.snapshot, _content(snapshot)
            digest = hashlib.sha256(content.encode()).hexdigest()
            if content != _content(was) and tx.put_edited(place, digest):
                source, permalink = was.source or snapshot.source, was.permalink or snapshot.permalink
                now = replace(snapshot, source=source, permalink=permalink)
                tx.append(Kind.POST_EDITED, snapshot_body(place, now))
        tx.forget_event(event)


def _content(snapshot: Snapshot) -> str:
    return canonical({"text": snapshot.text, "title": snapshot.title, "link": snapshot.link})


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
