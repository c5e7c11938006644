"""What is installed where, as a managed browser or a device management lists it: who is up to date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from threatstamp.core.assets.folding import fold
from threatstamp.core.assets.ordering import compare
from threatstamp.core.cases.call import CallText
from threatstamp.core.ids import UserId

_VERSION = re.compile(r"[0-9][0-9A-Za-z._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A row. line: where it is. people: what it calls its user, in lower case, the surest first.

    app: "" where the list is of one app alone.
    """

    line: int
    people: tuple[str, ...]
    app: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """What a list says about the app of a call.

    current: those of whom every row is at the call's version or above. behind: those with a row below it.
    unclear: lines whose version cannot be compared; they make nobody current. unknown: lines about nobody who
    was asked.
    """

    current: frozenset[UserId]
    behind: frozenset[UserId]
    unclear: tuple[int, ...]
    unknown: tuple[int, ...]


def version_of(text: CallText) -> str:
    """Returns the version from which on it is fine, without the words around it; "" if none is named."""
    found = _VERSION.search(text.version)
    return found[0] if found else ""


def roll_out(rows: Sequence[Installed], text: CallText, known: Mapping[str, UserId]) -> Rollout:
    """Returns who is up to date: a person with several devices is once every one of them is.

    known: who was asked, by whatever a list may call them.
    """
    wanted, app = version_of(text), fold(text.what)
    orders: dict[UserId, set[int | None]] = {}
    unclear, unknown = list[int](), list[int]()
    for row in rows:
        if row.app and not _is_same(fold(row.app), app):
            continue
        user = next((known[name] for name in row.people if name in known), None)
        if user is None:
            unknown.append(row.line)
            continue
        order = compare(row.version, wanted) if row.version else None
        orders.setdefault(user, set()).add(order)
        if order is None:
            unclear.append(row.line)
    return Rollout(
        current=frozenset(user for user, found in orders.items() if found <= {0, 1}),
        behind=frozenset(user for user, found in orders.items() if -1 in found),
        unclear=tuple(unclear),
        unknown=tuple(unknown),
    )


def _is_same(one: str, other: str) -> bool:
    """True if one name contains the other: "Google Chrome" is what somebody calls Chrome.

    A name too many only means that one row more has to be up to date.
    """
    return bool(one) and bool(other) and (one in other or other in one)
