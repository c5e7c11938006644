"""What a ledger entry's body may look like, and what is wrong with one that does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """The type of a value in a body. PERSON: a user's id. MENTION: a user or a group in Slack's form."""

    TEXT = "text"
    PERSON = "person"
    MENTION = "mention"
    NUMBER = "number"
    MOMENT = "moment"
    """Whole microseconds since 1970 in UTC."""
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of a body. many: a list of such values. optional: may be null, meaning not known."""

    type: Type | Schema
    many: bool = False
    optional: bool = False


Schema = Mapping[str, Value]
"""The values of a body by name. Every name is always present, so that readers need no defaults."""

TEXT, NUMBER, FLAG, MOMENT = (Value(type=one) for one in (Type.TEXT, Type.NUMBER, Type.FLAG, Type.MOMENT))
PERSON = Value(type=Type.PERSON)
TEXTS, NUMBERS = Value(type=Type.TEXT, many=True), Value(type=Type.NUMBER, many=True)
MENTIONS = Value(type=Type.MENTION, many=True)
MAYBE_TEXT = Value(type=Type.TEXT, optional=True)
MAYBE_NUMBER = Value(type=Type.NUMBER, optional=True)
MAYBE_MOMENT = Value(type=Type.MOMENT, optional=True)

_TYPES: Mapping[Type, type] = {
    Type.TEXT: str,
    Type.PERSON: str,
    Type.MENTION: str,
    Type.NUMBER: int,
    Type.MOMENT: int,
    Type.FLAG: bool,
}


def fault_of(schema: Schema, body: Mapping[str, object]) -> str:
    """Returns what is wrong with a body; "" if it matches the schema."""
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
        # bool is a subclass of int, but true is no number in JSON
        is_right = isinstance(given, _TYPES[kind]) and (kind is Type.FLAG or not isinstance(given, bool))
        return "" if is_right else f"{name} is no {kind.value}"
    if not isinstance(given, Mapping):
        return f"{name} is no table"
    fault = fault_of(kind, given)
    return f"{name}: {fault}" if fault else ""
