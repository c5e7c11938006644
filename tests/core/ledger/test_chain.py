"""Format 2: the chain agrees with its description, and every change in it is detected."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bodies import BODIES, NOON
from threatstamp.core.errors import LedgerError
from threatstamp.core.ledger.chain import ChainFault, verify
from threatstamp.core.ledger.entry import (
    FIRST_PREVIOUS,
    LedgerEntry,
    canonical,
    chained,
    digest_of,
    hash_of,
)
from threatstamp.core.ledger.kinds import SCHEMAS, Kind, check_body
from threatstamp.core.time import Micros

SALT = "5a" * 32


def chain(*kinds: Kind) -> list[LedgerEntry]:
    made: list[LedgerEntry] = []
    for number, kind in enumerate(kinds):
        last = made[-1] if made else None
        at = Micros(NOON + number)
        made.append(chained(last, at=at, kind=kind.value, body=BODIES[kind][0], salt=SALT))
    return made


def by_hand(entries: list[LedgerEntry]) -> str:
    """Computes the head from the description alone: for plain values, RFC 8785 is sorted, compact JSON."""
    previous = "0" * 64
    for entry in entries:
        assert entry.body is not None
        body = hashlib.sha256(bytes.fromhex(SALT) + entry.body.encode()).hexdigest()
        parts = {
            "v": 2,
            "previous": previous,
            "sequence": entry.sequence,
            "at": str(entry.at),
            "kind": entry.kind,
            "digest": body,
        }
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
    return previous


ALL = chain(*Kind)


def test_the_chain_can_be_verified_by_hand() -> None:
    found = verify(ALL)
    assert found.ok
    assert found.entries == len(Kind)
    assert found.head == by_hand(ALL)


@pytest.mark.parametrize("name", ["at", "kind", "digest", "hash", "salt", "body", "sequence"])
@pytest.mark.parametrize("at", [0, 7, len(ALL) - 1])
def test_a_changed_entry_is_named(name: str, at: int) -> None:
    changed = {
        "at": Micros(ALL[at].at + 1),
        "kind": "stamps",
        "digest": "0" * 64,
        "hash": "f" * 64,
        "salt": "0" * 64,
        "body": "{}",
        "sequence": ALL[at].sequence + 1,
    }
    entries = [*ALL]
    entries[at] = replace(ALL[at], **{name: changed[name]})  # type: ignore[arg-type]  # each is of its type
    found = verify(entries)
    assert not found.ok
    assert found.first_bad == at + 1


def test_the_borders_between_the_hashed_parts_cannot_be_moved() -> None:
    """With plain concatenation, as in format 1, "1" and "2026" would hash like "12" and "026"."""
    first = ALL[0]
    for moved in (
        replace(first, kind=first.digest[:8] + first.kind),
        replace(first, at=Micros(int(f"{first.at}1")), kind=first.kind[1:]),
    ):
        assert verify([moved]).fault is ChainFault.HASH


@pytest.mark.parametrize("salt", ["5A" * 32, "5a " * 32, "5a" * 31, "", "zz" * 32])
def test_a_salt_that_is_not_canonical_is_a_fault_and_not_an_exception(salt: str) -> None:
    assert verify([replace(ALL[0], salt=salt)]).fault is ChainFault.DIGEST


def test_a_missing_or_repeated_entry_is_a_gap() -> None:
    assert verify([ALL[0], *ALL[2:]]).fault is ChainFault.GAP


@pytest.mark.parametrize("sequence", [0, -1])
def test_an_entry_that_has_no_place_in_the_chain_is_named_by_its_own_number(sequence: int) -> None:
    found = verify([replace(ALL[0], sequence=sequence), *ALL])
    assert (found.fault, found.first_bad) == (ChainFault.EXTRA, sequence)
    found = verify([*ALL, ALL[-1]])
    assert (found.fault, found.first_bad) == (ChainFault.EXTRA, len(ALL))


@pytest.mark.parametrize("text", ['{"a":1} tail', "[]", "5", "", "{", "[" * 100_000, '"\\ud83d"'])
def test_a_body_that_is_no_table_of_json_is_damaged_even_where_the_whole_chain_was_made_anew(
    text: str,
) -> None:
    digest = digest_of(salt=SALT, body=text)
    made = hash_of(previous=FIRST_PREVIOUS, sequence=1, at=Micros(NOON), kind="redaction", digest=digest)
    entry = LedgerEntry(
        sequence=1, at=Micros(NOON), kind="redaction", digest=digest, hash=made, salt=SALT, body=text
    )
    found = verify([entry])
    assert (found.fault, found.first_bad, found.value) == (ChainFault.DAMAGED, 1, "body")


def emptied(entry: LedgerEntry) -> LedgerEntry:
    return replace(entry, salt=None, body=None)


def test_a_body_may_be_missing_only_where_a_redaction_names_it() -> None:
    named = BODIES[Kind.REDACTION][0]["sequences"]
    entries = chain(Kind.POST, Kind.STAMP, Kind.STAMP, Kind.FORWARD, Kind.REDACTION)
    assert named == [3, 4]
    explained = [emptied(one) if one.sequence in (3, 4) else one for one in entries]
    found = verify(explained)
    assert (found.ok, found.redacted) == (True, 2)
    found = verify([emptied(one) if one.sequence in (2, 3, 4) else one for one in entries])
    assert (found.fault, found.first_bad) == (ChainFault.MISSING, 2)
    found = verify([emptied(one) for one in entries])  # also the redaction that would have named them
    assert (found.fault, found.first_bad) == (ChainFault.MISSING, 1)


def test_a_body_without_its_salt_or_a_salt_without_its_body_is_a_fault() -> None:
    assert verify([replace(ALL[0], salt=None)]).fault is ChainFault.DIGEST
    assert verify([replace(ALL[0], body=None)]).fault is ChainFault.DIGEST


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53 + 1, -(2**53) - 1, {1: 2}, object(), b"x"])
def test_a_body_contains_only_values_that_every_json_writer_serialises_alike(value: object) -> None:
    with pytest.raises(LedgerError):
        canonical({"value": value})


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), st.text(st.characters(codec="utf-8")))
)
def test_a_canonical_body_has_the_same_values_as_the_body(body: dict[str, str]) -> None:
    assert json.loads(canonical(body)) == body
    assert canonical(body) == canonical(dict(reversed(body.items())))


@pytest.mark.parametrize("kind", Kind)
def test_the_bodies_that_the_desk_writes_match_their_schemas(kind: Kind) -> None:
    assert len(BODIES[kind]) == len(SCHEMAS[kind])
    for body in BODIES[kind]:
        check_body(kind, body)


@pytest.mark.parametrize("kind", Kind)
def test_any_other_body_is_refused_and_the_error_names_the_wrong_value(kind: Kind) -> None:
    body = BODIES[kind][0]
    for name in body:
        without = {key: value for key, value in body.items() if key != name}
        with pytest.raises(LedgerError, match=name):
            check_body(kind, without)
        with pytest.raises(LedgerError, match=name):
            check_body(kind, {**body, name: object()})
    with pytest.raises(LedgerError, match="more"):
        check_body(kind, {**body, "more": "x"})


def test_true_is_not_a_number_and_null_is_not_text() -> None:
    retry = BODIES[Kind.RETRY][0]
    with pytest.raises(LedgerError, match="departure is no number"):
        check_body(Kind.RETRY, {**retry, "departure": True})
    with pytest.raises(LedgerError, match="error is null"):
        check_body(Kind.RETRY, {**retry, "error": None})
