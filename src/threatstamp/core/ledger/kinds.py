"""What an entry can be about, and which values its body has: a schema for each kind, checked when written.

`docs/ledger.md` has the same as a table; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.errors import LedgerError


class Kind(StrEnum):
    """What an entry is about."""

    ENTRY = "entry"
    REVISION = "revision"
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
    RETRY = "retry"
    MESSAGE_DELETED = "message_deleted"
    DOUBLE = "double"
    POLICY = "policy"
    CONTACT = "contact"
    REDACTION = "redaction"


class Type(StrEnum):
    """What a value of a body is. PERSON is a user's id; MENTION is what Slack writes for one or a group."""

    TEXT = "text"
    PERSON = "person"
    MENTION = "mention"
    NUMBER = "number"
    MOMENT = "moment"
    """Microseconds since 1970 in UTC, a whole number."""
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of a body. many: a list of such. optional: null where it is not known."""

    type: Type | Schema
    many: bool = False
    optional: bool = False


Schema = Mapping[str, Value]
"""The names and values of a body; each name is always there."""

TEXT, NUMBER, FLAG, MOMENT = (Value(type=one) for one in (Type.TEXT, Type.NUMBER, Type.FLAG, Type.MOMENT))
PERSON = Value(type=Type.PERSON)
TEXTS, NUMBERS = Value(type=Type.TEXT, many=True), Value(type=Type.NUMBER, many=True)
MENTIONS = Value(type=Type.MENTION, many=True)
MAYBE_TEXT = Value(type=Type.TEXT, optional=True)
MAYBE_MOMENT = Value(type=Type.MOMENT, optional=True)

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
    "forward": NUMBER,
    "route": TEXT,
    "reaction": TEXT,
    "destination": TEXT,
}
_PUBLICATION: Schema = {"team": TEXT, "channel": TEXT, "feed": TEXT, "stories": TEXTS}
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

SCHEMAS: Mapping[Kind, tuple[Schema, ...]] = {
    Kind.ENTRY: (_ENTRY,),
    Kind.REVISION: (_ENTRY,),
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
    Kind.FORWARD: ({**_FORWARD, "route_name": TEXT, "mention": MENTIONS, "text": TEXT, "user": PERSON},),
    Kind.DELIVERED: ({**_FORWARD, "message_ts": MAYBE_TEXT},),
    Kind.UNDELIVERABLE: ({**_FORWARD, "error": TEXT}, {**_PUBLICATION, "error": TEXT}),
    Kind.CANCELLED: (_FORWARD,),
    Kind.RETRY: ({"forward": NUMBER, "error": TEXT},),
    Kind.MESSAGE_DELETED: ({**PLACE, "forward": NUMBER},),
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
    Kind.REDACTION: ({"sequences": NUMBERS, "reason": TEXT},),
}
"""The bodies that a kind may have; an entry has one of them."""

_TYPES: Mapping[Type, type] = {
    Type.TEXT: str,
    Type.PERSON: str,
    Type.MENTION: str,
    Type.NUMBER: int,
    Type.MOMENT: int,
    Type.FLAG: bool,
}


def check_body(kind: Kind, body: Mapping[str, object]) -> None:
    """Raises LedgerError, naming kind and value, for a body that is none of those that a kind may have."""
    faults = [_fault(schema, body) for schema in SCHEMAS[kind]]
    if all(faults):
        raise LedgerError(f"an entry of the kind {kind.value}: {faults[0]}")


def _fault(schema: Schema, body: Mapping[str, object]) -> str:
    """Returns what is wrong with a body, "" for nothing."""
    if schema.keys() != body.keys():
        differing = ", ".join(sorted(schema.keys() ^ body.keys()))
        return f"these names are missing, or not known: {differing}"
    return next((fault for name in schema if (fault := _wrong(name, schema[name], body[name]))), "")


def _wrong(name: str, value: Value, given: object) -> str:
    if given is None:
        return "" if value.optional else f"{name} is null"
    if not value.many:
        return _wrong_one(name, value.type, given)
    if not isinstance(given, list):
        return f"{name} is no list"
    return next((fault for one in given if (fault := _wrong_one(name, value.type, one))), "")


def _wrong_one(name: str, kind: Type | Schema, given: object) -> str:
    if isinstance(kind, Type):
        is_right = isinstance(given, _TYPES[kind]) and (kind is Type.FLAG or not isinstance(given, bool))
        return "" if is_right else f"{name} is no {kind.value}"
    if not isinstance(given, Mapping):
        return f"{name} is no table"
    fault = _fault(kind, given)
    return f"{name}: {fault}" if fault else ""
