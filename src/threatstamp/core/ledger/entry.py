"""An entry of the ledger: one link of the hash chain, with its body beside it. This is format 2.

Two design decisions:
- What is hashed is RFC 8785 (JCS) JSON with a name for each part, never plain concatenation: otherwise "1"
  and "23" would hash like "12" and "3", and an entry could be changed without changing its hash.
- The chain holds only a salted digest of the body. So a body with personal data can be deleted and the chain
  still verifies; without the salt, the digest cannot be used to test guesses of the deleted body.

RFC 8785: https://www.rfc-editor.org/rfc/rfc8785
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import rfc8785

from threatstamp.core.errors import LedgerError
from threatstamp.core.time import Micros

FORMAT = 2
FIRST_PREVIOUS = "0" * 64
SALT_BYTES = 32
_SALT = re.compile(rf"[0-9a-f]{{{2 * SALT_BYTES}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One link of the chain. sequence: from 1, without gaps. digest, hash: 64 lower-case hex digits."""

    sequence: int
    at: Micros
    kind: str
    digest: str
    hash: str
    salt: str | None = None
    """64 lower-case hex digits, random for each entry; None once redacted."""

    body: str | None = None
    """RFC 8785 JSON; None once redacted."""

    damaged: str | None = None
    """The name of the first value that the database holds in a form that nobody of us wrote: a number where
    text belongs, bytes that are no UTF-8. Something empty is in its place."""


def canonical(body: Mapping[str, object]) -> str:
    """Returns a body as RFC 8785 JSON.

    Raises LedgerError for integers beyond ±2^53, which many JSON readers round (RFC 7493, 2.2), for values
    that JSON cannot express, and for floats: verifiers in other languages may serialise them differently.
    """
    _refuse_floats(body)
    try:
        return rfc8785.dumps(body).decode()  # type: ignore[arg-type]  # its own errors say what does not fit
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise LedgerError(str(error)) from error


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise LedgerError("numbers in the ledger are whole numbers")
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _refuse_floats(inner)


def read_body(text: str) -> Mapping[str, object] | None:
    """Returns a body as a table; None if it is not exactly one table of JSON, and so was changed."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def digest_of(*, salt: str, body: str) -> str:
    """Returns SHA-256(salt ‖ body) as hex. salt: 64 lower-case hex digits. body: canonical JSON.

    The salt has a fixed length, so the border between the two cannot move. Raises ValueError for a salt in
    any other form.
    """
    if not _SALT.fullmatch(salt):  # fromhex alone accepts spaces and capitals: other texts, the same bytes
        raise ValueError("a salt is 64 lower-case hex digits")
    return hashlib.sha256(bytes.fromhex(salt) + body.encode()).hexdigest()


def hash_of(*, previous: str, sequence: int, at: Micros, kind: str, digest: str) -> str:
    """Returns an entry's hash as hex: SHA-256 of the RFC 8785 JSON of its parts and the previous hash.

    `at` is hashed as a decimal string: microseconds are close to 2^53, beyond which JSON numbers are unsafe.
    """
    preimage: dict[str, str | int] = {
        "v": FORMAT,
        "previous": previous,
        "sequence": sequence,
        "at": str(at),
        "kind": kind,
        "digest": digest,
    }
    return hashlib.sha256(rfc8785.dumps({**preimage})).hexdigest()


def chained(
    last: LedgerEntry | None, *, at: Micros, kind: str, body: Mapping[str, object], salt: str
) -> LedgerEntry:
    """Returns the entry that follows `last`; without one, the first.

    Raises LedgerError as `canonical` does.
    """
    text = canonical(body)
    digest = digest_of(salt=salt, body=text)
    sequence = last.sequence + 1 if last else 1
    previous = last.hash if last else FIRST_PREVIOUS
    made = hash_of(previous=previous, sequence=sequence, at=at, kind=kind, digest=digest)
    return LedgerEntry(sequence=sequence, at=at, kind=kind, digest=digest, hash=made, salt=salt, body=text)
