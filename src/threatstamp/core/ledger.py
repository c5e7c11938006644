"""The record: entries in a chain of digests, with bodies beside it that can be redacted.

The chain proves that nothing was changed after it was written, not that it was true.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

FIRST_PREVIOUS = "0" * 64
type_error = "a ledger body holds text, whole numbers, true/false, null, lists and tables only"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One link of the chain. at: "2026-11-24T05:00:00.000000Z"; digests as 64 lower-case hex digits."""

    sequence: int
    at: str
    kind: str
    digest: str
    hash: str
    salt: str | None = None
    """32 hex digits; None once redacted."""
    body: str | None = None
    """Canonical JSON; None once redacted."""


def canonical(body: Mapping[str, object]) -> str:
    """Returns sorted, compact JSON. Raises TypeError for floats: they are not written alike everywhere."""
    _refuse_floats(body)
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _refuse_floats(value: object) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(type_error)
            _refuse_floats(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _refuse_floats(inner)
    elif value is not None and not isinstance(value, (str, int, bool)):
        raise TypeError(type_error)


def digest(*, salt: str, body: str) -> str:
    """SHA-256 over the salt's bytes and the body's UTF-8 bytes."""
    return hashlib.sha256(bytes.fromhex(salt) + body.encode()).hexdigest()


def link(*, previous: str, sequence: int, at: str, kind: str, body_digest: str) -> str:
    """SHA-256 over the texts of previous hash, sequence, time, kind and digest, one after the other."""
    return hashlib.sha256(f"{previous}{sequence}{at}{kind}{body_digest}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verifying found. first_bad: the sequence number of the first entry that does not fit."""

    entries: int
    redacted: int
    head: str
    first_bad: int | None = None
    reason: str = ""
    """"gap", "hash", "digest", "expect" or "" where all is well."""
    expected: bool = True
    """False if the chain does not hold a head that was written down elsewhere."""

    @property
    def ok(self) -> bool:
        return self.first_bad is None and self.expected


def verify(entries: Iterable[LedgerEntry]) -> Verdict:
    """Checks the chain from its first entry on, in order; stops at the first that does not fit."""
    previous, count, redacted = FIRST_PREVIOUS, 0, 0
    for entry in entries:
        reason = _fault(entry, previous=previous, sequence=count + 1)
        if reason:
            bad = count + 1 if reason == "gap" else entry.sequence
            return Verdict(entries=count, redacted=redacted, head=previous, first_bad=bad, reason=reason)
        previous, count = entry.hash, count + 1
        redacted += entry.body is None
    return Verdict(entries=count, redacted=redacted, head=previous)


def _fault(entry: LedgerEntry, *, previous: str, sequence: int) -> str:
    if entry.sequence != sequence:
        return "gap"
    made = link(previous=previous, sequence=sequence, at=entry.at, kind=entry.kind, body_digest=entry.digest)
    if made != entry.hash:
        return "hash"
    if entry.body is None or entry.salt is None:
        return "digest" if (entry.body is None) != (entry.salt is None) else ""
    return "" if digest(salt=entry.salt, body=entry.body) == entry.digest else "digest"
