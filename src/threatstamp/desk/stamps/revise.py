"""Edits and deletions of posts are recorded, and the snapshot of what was stamped is kept as evidence."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from threatstamp.core.ledger.entry import canonical
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import MESSAGE_GONE
from threatstamp.core.stamps.post import Place, Snapshot, place_body, snapshot_body, under_aliases
from threatstamp.desk.ports.tools import Tools


def take_edit(place: Place, snapshot: Snapshot, *, event: int, tools: Tools) -> None:
    """Records the new content of a stamped post. event: the id in the inbox, which is deleted there.

    Slack also sends message_changed when it unfurls a link, and repeats events: neither changes anything.
    """
    now = tools.clock.now()
    with tools.store.transaction() as tx:
        known = tx.posts.get(place)
        snapshot = under_aliases(snapshot, tx.persons.aliases())
        if known is not None and known.snapshot is not None:
            was, content = known.snapshot, _content(snapshot)
            digest = hashlib.sha256(content.encode()).hexdigest()
            if content != _content(was) and tx.posts.put_edited(place, digest):
                # the event lacks what was looked up for the snapshot: the author's name and the permalink
                source, permalink = was.source or snapshot.source, was.permalink or snapshot.permalink
                edited = replace(snapshot, source=source, permalink=permalink)
                tx.ledger.append(Kind.POST_EDITED, snapshot_body(place, edited), now=now)
        tx.inbox.forget(event)


def _content(snapshot: Snapshot) -> str:
    return canonical({"text": snapshot.text, "title": snapshot.title, "link": snapshot.link})


def take_deletion(place: Place, *, event: int, tools: Tools) -> None:
    """Records the deletion of a stamped post or of a message of ours.

    It is not a withdrawal: Slack sends no reaction_removed for it, and nobody changed their mind.
    """
    now = tools.clock.now()
    with tools.store.transaction() as tx:
        if tx.posts.put_deleted(place, now=now):
            tx.ledger.append(Kind.POST_DELETED, place_body(place), now=now)
        ours = tx.outbox.at(place)
        if ours is not None and ours.error != MESSAGE_GONE:
            tx.outbox.put_gone(ours.id, error=MESSAGE_GONE)
            body = {**place_body(place), "departure": ours.id}
            tx.ledger.append(Kind.MESSAGE_DELETED, body, now=now)
        tx.inbox.forget(event)
