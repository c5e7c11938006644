"""Messages that show another priority than their story has by now are edited, a few at a time."""

from __future__ import annotations

from threatstamp.core.ids import StoryId
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

AT_ONCE = 5
"""Stories in one pass: a stamp's forward to the same channel waits behind few edits, whatever was loaded."""


def show_changed(tools: Tools) -> None:
    """Orders edits of what shows the newest stories whose line has changed; the next pass does the rest."""
    with tools.store.reading() as read:
        if not read.priorities.owed(most=1):
            return
    now = tools.clock.now()
    with tools.store.transaction() as tx:
        owed = tx.priorities.owed(most=AT_ONCE)
        messages = sorted({one for story in owed for one in _messages_of(tx, story)})
        for story in owed:
            tx.priorities.settle(story)
        # after everything else: a transaction that locks rows of departures first could deadlock with a claim
        for one in messages:
            tx.outbox.revise(one, now=now)


def _messages_of(tx: Tx, story: StoryId) -> set[int]:
    """Returns the departures of what shows a story alone; a digest shows no priorities."""
    own = tx.publications.departures_of(story)
    posts = {one for one in own if len(tx.stories.of(one)) == 1}
    return posts | {one for place in tx.publications.places_of(story) for one in tx.forwards.shown(place)}
