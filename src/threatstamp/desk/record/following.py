"""Which tables' rows follow from which kinds of entries."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.core.ledger.kinds import Kind
from threatstamp.desk.ports.records import Kept

FOUNDED_BY: Mapping[Kept, frozenset[Kind]] = {
    Kept.POSTS: frozenset({Kind.POST}),
    Kept.STAMPS: frozenset({Kind.STAMP, Kind.WITHDRAWAL}),
    Kept.FORWARDS: frozenset({Kind.FORWARD}),
    Kept.MESSAGES: frozenset({Kind.DELIVERED, Kind.PUBLISHED, Kind.UNDELIVERABLE, Kind.CANCELLED}),
    Kept.ENTRIES: frozenset({Kind.ENTRY}),
    Kept.STORIES: frozenset({Kind.ENTRY, Kind.STORY_SPLIT}),
    Kept.CONTACTS: frozenset({Kind.CONTACT}),
    Kept.IMPORTS: frozenset({Kind.IMPORTED}),
    Kept.CASES: frozenset({Kind.CASE}),
    Kept.CASE_MOVES: frozenset({Kind.CASE_MOVED}),
    Kept.PRIORITIES: frozenset({Kind.ASSESSED}),
    Kept.REVIEWS: frozenset({Kind.REVIEWED}),
    Kept.EXPOSURES: frozenset({Kind.EXPOSURE_ANSWERED}),
}
"""The kinds of entries that a table's rows come from."""

_OUTCOME = ("state", "message_ts")
CHANGED_BY: Mapping[Kept, Mapping[Kind, tuple[str, ...]]] = {
    Kept.POSTS: {Kind.POST_EDITED: ("edited",), Kind.POST_DELETED: ("deleted_at",)},
    Kept.STAMPS: {Kind.SETTLED: ("exact",)},
    Kept.FORWARDS: {Kind.READDRESSED: ("destination",)},
    Kept.MESSAGES: {
        **dict.fromkeys((*FOUNDED_BY[Kept.MESSAGES], Kind.RETRY), _OUTCOME),
        Kind.READDRESSED: ("state", "sent_to"),
        **dict.fromkeys((Kind.SHADOW_BEGUN, Kind.SHADOW_ENDED), ("state",)),
    },
    Kept.ENTRIES: {
        Kind.REVISION: ("digest", "content"),
        **dict.fromkeys((Kind.STORY_SPLIT, Kind.STORY_JOINED), ("told_in",)),
    },
    Kept.STORIES: {
        Kind.REVISION: ("title", "link"),
        Kind.STORY_JOINED: ("joined", "title", "link"),
        Kind.STORY_KIND: ("kind",),
    },
    Kept.CONTACTS: {},
    Kept.IMPORTS: {},
    Kept.CASES: {Kind.CASE_MOVED: ("state", "version", "owner", "decision", "pending", "priority", "due_on")},
    Kept.CASE_MOVES: {},
    Kept.PRIORITIES: {Kind.ASSESSED: ("cve", "priority", "outcome", "assessed_at")},
    Kept.EXPOSURES: {Kind.EXPOSURE_ANSWERED: ("answer", "by", "way", "at")},
    Kept.REVIEWS: {
        Kind.REVIEWED: ("act", "reviewed_at", "ended_at"),
        Kind.REOPENED: ("ended_at",),
    },
}
"""The kinds of entries that change rows, with what they change. Once the body of such an entry was redacted,
nobody knows any more what these values should be, nor in which row."""
