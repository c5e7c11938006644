"""An entry of the record: one link of the chain, with its body beside it.

Format 2. What is hashed is always RFC 8785 JSON with a name for each part, so that no two different
entries can have the same preimage; the chain itself holds no personal data.
"""

from __future__ import annotations

import hashlib
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
    """One link of the chain. digest, hash: 64 lower-case hex digits."""

    sequence: int
    at: Micros
    kind: str
    digest: str
    hash: str
    salt: str | None = None
    """64 hex digits; None once redacted. Without it the digest cannot be guessed back from likely bodies."""

    body: str | None = None
    """RFC 8785 JSON; None once redacted."""


def canonical(body: Mapping[str, object]) -> str:
    """Returns a body as RFC 8785 JSON.

    Raises LedgerError for floats, which would need more care than a record deserves, for whole numbers
    beyond 2^53, which not every reader keeps exact, and for anything that JSON has no form for.
    """
    _refuse_floats(body)
    try:
        return rfc8785.dumps(body).decode()  # type: ignore[arg-type]  # its own errors say what does not fit
    except rfc8785.CanonicalizationError as error:
        raise LedgerError(str(error)) from error


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise LedgerError("numbers in the record are whole")
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _refuse_floats(inner)


def digest_of(*, salt: str, body: str) -> str:
    """SHA-256 over the salt's bytes and the body's UTF-8 bytes. Raises ValueError for any other salt."""
    if not _SALT.fullmatch(salt):  # fromhex alone would take spaces and capitals for the same salt
        raise ValueError("a salt is 64 lower-case hex digits")
    return hashlib.sha256(bytes.fromhex(salt) + body.encode()).hexdigest()


def hash_of(*, previous: str, sequence: int, at: Micros, kind: str, digest: str) -> str:
    """SHA-256 over the RFC 8785 JSON of these parts; `at` as a decimal string, since it is near 2^53."""
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
    """Returns the entry that follows `last`, or the first one. Raises LedgerError for an impossible body."""
    text = canonical(body)
    digest = digest_of(salt=salt, body=text)
    sequence = last.sequence + 1 if last else 1
    previous = last.hash if last else FIRST_PREVIOUS
    made = hash_of(previous=previous, sequence=sequence, at=at, kind=kind, digest=digest)
    return LedgerEntry(sequence=sequence, at=at, kind=kind, digest=digest, hash=made, salt=salt, body=text)
