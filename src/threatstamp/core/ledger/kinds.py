"""The kinds of ledger entries, with a schema of the body for each. Bodies are checked when they are appended.

A chain cannot be migrated: an entry that was written wrongly stays wrong. Hence the check at run time.
`docs/ledger.md` documents the same schemas; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from threatstamp.core.errors import LedgerError
from threatstamp.core.ledger.schema import (
    FLAG,
    MAYBE_MOMENT,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MENTIONS,
    MOMENT,
    NUMBER,
    NUMBERS,
    PERSON,
    TEXT,
    TEXTS,
    Schema,
    Type,
    Value,
    fault_of,
)


class Kind(StrEnum):
    """What an entry is about."""

    ENTRY = "entry"
    REVISION = "revision"
    STORY_SPLIT = "story_split"
    STORY_JOINED = "story_joined"
    STORY_KIND = "story_kind"
    REVIEWED = "reviewed"
    REOPENED = "reopened"
    PUBLISHED = "published"
    POST = "post"
    POST_EDITED = "post_edited"
    POST_DELETED = "post_deleted"
    STAMP = "stamp"
    WITHDRAWAL = "withdrawal"
    SETTLED = "settled"
    REFUSAL = "refusal"
    FORWARD = "forward"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    CANCELLED = "cancelled"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    RETRY = "retry"
    READDRESSED = "readdressed"
    MESSAGE_DELETED = "message_deleted"
    DOUBLE = "double"
    POLICY = "policy"
    CONTACT = "contact"
    IMPORTED = "imported"
    CASE = "case"
    CASE_MOVED = "case_moved"
    CASE_DENIED = "case_denied"
    CALL = "call"
    CALL_ASKED = "call_asked"
    ANSWERED = "answered"
    CALL_CLOSED = "call_closed"
    RISK = "risk"
    RISK_REVIEWED = "risk_reviewed"
    PRIORITIES = "priorities"
    ASSESSED = "assessed"
    EXPOSURE_ANSWERED = "exposure_answered"
    EXPOSURE_DENIED = "exposure_denied"
    SHADOW_BEGUN = "shadow_begun"
    SHADOW_ENDED = "shadow_ended"
    REDACTION = "redaction"


PLACE: Schema = {"team": TEXT, "channel": TEXT, "ts": TEXT}
_SNAPSHOT: Schema = {
    **PLACE,
    "text": TEXT,
    "title": TEXT,
    "link": TEXT,
    "source": TEXT,
    "author": Value(type=Type.PERSON, optional=True),
    "thread_ts": MAYBE_TEXT,
    "permalink": MAYBE_TEXT,
}
_TURN: Schema = {
    **PLACE,
    "made_on": Value(type=PLACE, optional=True),
    "reaction": TEXT,
    "user": PERSON,
}
_ENTRY: Schema = {
    "feed": TEXT,
    "entry": TEXT,
    "title": MAYBE_TEXT,
    "link": MAYBE_TEXT,
    "published_at": MAYBE_MOMENT,
    "digest": TEXT,
    "story": TEXT,
}
_FORWARD: Schema = {
    **PLACE,
    "departure": NUMBER,
    "route": TEXT,
    "reaction": TEXT,
    "destination": TEXT,
}
_ESCALATION: Schema = {**_FORWARD, "to": TEXT, "called": MENTIONS}
_PUBLICATION: Schema = {"team": TEXT, "channel": TEXT, "feed": TEXT, "stories": TEXTS, "departure": NUMBER}
_CASE: Schema = {**PLACE, "case": NUMBER, "track": TEXT, "route": TEXT, "user": PERSON}
_STEP: Schema = {"hours": NUMBER, "ja": TEXT, "en": TEXT}
_CASE_ACT: Schema = {
    "case": NUMBER,
    "act": TEXT,
    "choice": MAYBE_TEXT,
    "reason": TEXT,
    "by": PERSON,
    "way": TEXT,
}
_CASE_MOVED: Schema = {
    **_CASE_ACT,
    "number": NUMBER,
    "before": TEXT,
    "after": TEXT,
    "owner": Value(type=Type.PERSON, optional=True),
}
_CASE_DETAILS: Schema = {
    "to": Value(type=Type.PERSON, optional=True),
    "until": MAYBE_TEXT,
    "effort": MAYBE_TEXT,
    "risk": MAYBE_TEXT,
    "audience": TEXT,
    "author": Value(type=Type.PERSON, optional=True),
    "priority": MAYBE_TEXT,
    "due_on": MAYBE_TEXT,
}
_CASE_WEIGHED: Schema = {"cause": MAYBE_TEXT, "decision": MAYBE_NUMBER, "pending": MAYBE_NUMBER}
_CASE_WORK: Schema = {"item": MAYBE_NUMBER, "ticked": NUMBERS}
_CALL: Schema = {"call": NUMBER, "case": NUMBER}
_CALL_SENT: Schema = {
    **_CALL,
    **dict.fromkeys(("what", "version", "how", "by_date", "destination"), TEXT),
    "asked": NUMBER,
    "by": PERSON,
    "way": TEXT,
}
_RISK: Schema = {
    "risk_id": TEXT,
    "owner": Value(type=Type.PERSON, optional=True),
    "after": MAYBE_TEXT,
    "accepted_until": MAYBE_TEXT,
    "reason": TEXT,
    "by": PERSON,
}
_ROUTE: Schema = {
    "route": TEXT,
    "reaction": TEXT,
    "to": TEXTS,
    "mention": MENTIONS,
    "text": TEXT,
    "allow": Value(type=Type.PERSON, many=True),
}
_FEED: Schema = {
    "name": TEXT,
    "url": TEXT,
    "channel": MAYBE_TEXT,
    "purpose": TEXT,
    "layer": MAYBE_TEXT,
    "owner": TEXT,
    "reviewed_on": MAYBE_TEXT,
}

_FACT: Schema = {"name": TEXT, "value": MAYBE_TEXT, "source": TEXT, "read_at": MAYBE_MOMENT}
_MATCH: Schema = {
    "product": TEXT,
    "version": TEXT,
    "where": TEXT,
    "ground": TEXT,
    "standing": TEXT,
    "source": TEXT,
    "vulnerability": TEXT,
    "named": TEXT,
    "comparison": TEXT,
    "late": FLAG,
}
_SCANNED: Schema = {**_MATCH, "scan": TEXT}
_EXPOSURE: Schema = {"product": TEXT, "answer": TEXT, "by": PERSON, "way": TEXT}
_APPLIED: Schema = {"reason": TEXT, "before": TEXT, "after": TEXT}
_RULING: Schema = {
    "cve": TEXT,
    "priority": TEXT,
    "outcome": MAYBE_TEXT,
    "days": MAYBE_NUMBER,
    "forensics": FLAG,
    "table": TEXT,
    "version": TEXT,
    "policy": TEXT,
    "row": MAYBE_NUMBER,
    "facts": Value(type=_FACT, many=True),
    "rules": Value(type=_APPLIED, many=True),
    "open": TEXTS,
}

SCHEMAS: Mapping[Kind, tuple[Schema, ...]] = {
    Kind.ENTRY: (_ENTRY, {**_ENTRY, "bond": MAYBE_TEXT}),
    Kind.REVISION: (_ENTRY, {**_ENTRY, "follows": MAYBE_MOMENT}),
    Kind.STORY_SPLIT: (
        {
            "story": TEXT,
            "into": TEXT,
            "feed": TEXT,
            "entry": TEXT,
            "recorded_in": TEXT,
            "follows": MAYBE_MOMENT,
            "by": PERSON,
            "reason": TEXT,
        },
    ),
    Kind.STORY_JOINED: ({"story": TEXT, "other": TEXT, "by": PERSON, "reason": TEXT},),
    Kind.STORY_KIND: ({"story": TEXT, "kind": MAYBE_TEXT, "by": PERSON, "reason": TEXT},),
    Kind.REVIEWED: (
        {
            "stories": TEXTS,
            "count": NUMBER,
            "since": MOMENT,
            "until": MOMENT,
            "by": PERSON,
            "reason": TEXT,
            "way": TEXT,
        },
    ),
    Kind.REOPENED: (
        {
            "review": NUMBER,
            "stories": TEXTS,
            "why": TEXT,
            "by": Value(type=Type.PERSON, optional=True),
            "reason": TEXT,
        },
    ),
    Kind.PUBLISHED: ({**_PUBLICATION, "message_ts": MAYBE_TEXT},),
    Kind.POST: (_SNAPSHOT,),
    Kind.POST_EDITED: (_SNAPSHOT,),
    Kind.POST_DELETED: (PLACE,),
    Kind.STAMP: ({**_TURN, "at": MOMENT, "exact": FLAG},),
    Kind.WITHDRAWAL: ({**_TURN, "at": MOMENT, "exact": FLAG},),
    Kind.SETTLED: (
        {**_TURN, "seen_at": MOMENT, "at": MOMENT, "exact": FLAG},
        {**_TURN, "seen_at": MOMENT, "void": FLAG},
    ),
    Kind.REFUSAL: ({**_TURN, "route": TEXT, "why": TEXT},),
    Kind.FORWARD: (
        {
            **_FORWARD,
            "route_name": TEXT,
            "mention": MENTIONS,
            "text": TEXT,
            "user": PERSON,
            "each": FLAG,
            "thread": FLAG,
            "external": FLAG,
            "on_withdraw": TEXT,
            "delay": NUMBER,
        },
    ),
    Kind.DELIVERED: ({**_FORWARD, "message_ts": MAYBE_TEXT},),
    Kind.UNDELIVERABLE: ({**_FORWARD, "error": TEXT}, {**_PUBLICATION, "error": TEXT}),
    Kind.CANCELLED: (_FORWARD,),
    Kind.CONFIRMED: ({**_FORWARD, "by": PERSON, "way": TEXT},),
    Kind.UNCONFIRMED: (_FORWARD,),
    Kind.ACKNOWLEDGED: ({**_FORWARD, "by": PERSON, "way": TEXT},),
    Kind.ESCALATED: ({**_ESCALATION, "message_ts": MAYBE_TEXT}, {**_ESCALATION, "error": TEXT}),
    Kind.RETRY: ({"departure": NUMBER, "error": TEXT},),
    Kind.READDRESSED: ({**_FORWARD, "found": TEXT},),
    Kind.MESSAGE_DELETED: ({**PLACE, "departure": NUMBER},),
    Kind.DOUBLE: ({"team": TEXT, "channel": TEXT, "message_ts": TEXT, "kept": TEXT},),
    Kind.POLICY: (
        {
            "digest": TEXT,
            "sources": TEXTS,
            "routes": Value(type=_ROUTE, many=True),
            "feeds": Value(type=_FEED, many=True),
        },
    ),
    Kind.CONTACT: ({"team": TEXT, "channel": TEXT, "route": TEXT},),
    Kind.IMPORTED: ({**PLACE, "reaction": TEXT, "row": NUMBER, "digest": TEXT},),
    Kind.CASE: (_CASE, {**_CASE, "kind": TEXT, "checklist": Value(type=_STEP, many=True)}),
    Kind.CASE_MOVED: (
        {**_CASE_MOVED, **_CASE_DETAILS, **_CASE_WEIGHED, **_CASE_WORK},
        {**_CASE_MOVED, **_CASE_DETAILS, **_CASE_WEIGHED},  # these knew no checklists
        {**_CASE_MOVED, **_CASE_DETAILS},  # these knew no second decider
        _CASE_MOVED,  # and these no details
    ),
    Kind.CASE_DENIED: ({**_CASE_ACT, "why": TEXT},),
    Kind.CALL: (_CALL_SENT, {**_CALL_SENT, "send_at": MAYBE_MOMENT}),
    Kind.CALL_ASKED: ({**_CALL, "asked": NUMBER, "joined": NUMBER, "left": NUMBER},),
    Kind.ANSWERED: ({**_CALL, "answer": TEXT, "user": PERSON, "way": TEXT},),
    Kind.CALL_CLOSED: (
        {
            **_CALL,
            "asked": NUMBER,
            "done": NUMBER,
            "not_using": NUMBER,
            "help": NUMBER,
            "by": Value(type=Type.PERSON, optional=True),
        },
    ),
    Kind.RISK: (
        {
            **_RISK,
            "title": TEXT,
            "before": MAYBE_TEXT,
            "accepted_on": TEXT,
            "case": Value(type=Type.NUMBER, optional=True),
        },
    ),
    Kind.RISK_REVIEWED: ({**_RISK, "reviewed_on": TEXT, "closed": FLAG},),
    Kind.PRIORITIES: ({"digest": TEXT, "table": TEXT, "version": TEXT, "content": TEXT},),
    Kind.ASSESSED: (
        {"story": TEXT, **_RULING},  # from before products were looked for
        {"story": TEXT, **_RULING, "matches": Value(type=_MATCH, many=True)},  # these knew no scanner
        {"story": TEXT, **_RULING, "matches": Value(type=_SCANNED, many=True)},
    ),
    Kind.EXPOSURE_ANSWERED: (_EXPOSURE,),
    Kind.EXPOSURE_DENIED: ({**_EXPOSURE, "why": TEXT},),
    Kind.SHADOW_BEGUN: ({"at": MOMENT},),
    Kind.SHADOW_ENDED: ({"at": MOMENT},),
    Kind.REDACTION: ({"sequences": NUMBERS, "reason": TEXT},),
}
"""The schemas that a kind's body may have; each entry matches one of them."""


def check_body(kind: Kind, body: Mapping[str, object]) -> None:
    """Raises LedgerError, naming the kind and the wrong value, unless a body matches a schema of its kind."""
    faults = [fault_of(schema, body) for schema in SCHEMAS[kind]]
    if all(faults):
        raise LedgerError(f"an entry of the kind {kind.value}: {faults[0]}")
