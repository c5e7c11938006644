"""Of a feed that shows what concerns the company, the rest is only recorded, or said in a digest."""

from __future__ import annotations

from collections.abc import Sequence

from threatstamp.core.facts.cve import cves_said
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.feed import Feed, Show
from threatstamp.desk.ports.tools import Tools


def left_out(tools: Tools, feed: Feed, new: Sequence[Entry]) -> tuple[Entry, ...]:
    """Returns the new entries that are not posted. Before the transaction: facts are looked up for them.

    Where facts cannot be read, what the texts say decides alone.
    """
    relevance = tools.policy.relevance
    if feed.show is Show.ALL or relevance is None:
        return ()
    said = [(entry, entry.title or "", "\n".join(entry.texts())) for entry in new]
    named = {entry.entry_id: cves_said(title, rest) for entry, title, rest in said}
    known = {
        one.cve: one for one in tools.facts.known(tuple({cve for some in named.values() for cve in some}))
    }
    return tuple(
        entry
        for entry, title, rest in said
        if not relevance.concerns(title, rest, [known[cve] for cve in named[entry.entry_id] if cve in known])
    )
