"""A stamped post that could not be read when it was stamped is read before something is said of it."""

from __future__ import annotations

from dataclasses import replace

from threatstamp.core.errors import SlackError
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.post import Place, Snapshot, snapshot_body, under_aliases
from threatstamp.desk.ports.tools import Tools


def read_post(
    tools: Tools, place: Place, known: Snapshot | None, *, gone: bool
) -> tuple[Snapshot | None, bool]:
    """Returns a post, looked up and on record if it was not yet; and whether it is gone.

    Raises SlackError while it cannot be read.
    """
    if gone or (known and known.permalink):
        return known, gone
    try:
        snapshot, gone = tools.workspace.look_up(place), False
    except SlackError as error:
        if not error.permanent:
            raise
        snapshot, gone = None, True
    now = tools.clock.now()
    with tools.store.transaction() as tx:
        found = tx.posts.get(place)  # anew: another destination's courier may have read it meanwhile
        on_record = found.snapshot if found else None
        if snapshot is not None:
            snapshot = under_aliases(snapshot, tx.persons.aliases())
            snapshot = _completed(on_record, snapshot)
        tx.posts.put(place, snapshot or on_record, gone=gone, now=now)
        if snapshot is not None and on_record is None:
            tx.ledger.append(Kind.POST, snapshot_body(place, snapshot), now=now)
    return snapshot or on_record, gone


def _completed(on_record: Snapshot | None, read: Snapshot) -> Snapshot:
    """Returns what was stamped, with what had still to be looked up: the post may say something else now."""
    if on_record is None:
        return read
    return replace(on_record, source=on_record.source or read.source, permalink=read.permalink)
