"""What stands in the end of a chaos run, counted in Slack's messages and in the record."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass

from tests.support.matrix import is_settled
from tests.support.town import Town

from threatstamp.core.ledger.entry import read_body
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store import SqlStore, open_store

_NUMBER = re.compile(r"記事番(\d{6})")
_PERSON = re.compile(r"U0P\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was counted. Each list names a few of what is wrong, as far as it goes."""

    stamps: int
    messages: int
    delivered: int
    lost: list[str]
    doubled: list[str]
    wrong: list[str]

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)

    def report(self) -> str:
        lines = [
            f"  {self.stamps} stamps on record, {self.messages} messages, {self.delivered} delivered;"
            f" {len(self.lost)} lost, {len(self.doubled)} doubled"
        ]
        for name, found in (("lost", self.lost), ("doubled", self.doubled), ("wrong", self.wrong)):
            lines += [f"  {name}: {one}" for one in found[:10]]
        return "\n".join(lines)


def count(town: Town, stamps: Mapping[int, Set[str]], channels: int) -> Tally:
    """Counts what must be there once: a message for each post, with all its people, and an entry a stamp."""
    messages = 0
    seen: Counter[int] = Counter()
    people: dict[int, set[str]] = {}
    for channel in range(channels):
        for message in town.workspace.messages(f"C0DST{channel:03d}"):
            text = json.dumps(message, ensure_ascii=False)
            found = _NUMBER.search(text)
            number = int(found[1]) if found else -1
            messages += 1
            seen[number] += 1
            people.setdefault(number, set()).update(_PERSON.findall(text))
    lost = [f"the message of post {number}" for number in stamps if not seen[number]]
    lost += [
        f"{', '.join(sorted(missing))} in the message of post {number}"
        for number, who in stamps.items()
        if seen[number] and (missing := set(who) - people[number])
    ]
    doubled = [f"{times} messages of post {number}" for number, times in seen.items() if times > 1]
    store = open_store(town.database, migrate=False)
    try:
        return _with_record(store, stamps, messages=messages, lost=lost, doubled=doubled)
    finally:
        store.close()


def _with_record(
    store: SqlStore, stamps: Mapping[int, Set[str]], *, messages: int, lost: list[str], doubled: list[str]
) -> Tally:
    made: Counter[str] = Counter()
    delivered: Counter[str] = Counter()
    with store.reading() as read:
        for entry in read.ledger.entries():
            body = read_body(entry.body or "") or {}
            if entry.kind == "stamp":
                made["|".join(str(body[name]) for name in ("channel", "ts", "user"))] += 1
            elif entry.kind == "delivered":
                delivered[str(body["departure"])] += 1
        _, failed = read.inbox.counts()
    expected = sum(map(len, stamps.values()))
    if len(made) < expected:
        lost.append(f"{expected - len(made)} stamps on record")
    doubled += [f"entry of {name}" for name, times in made.items() if times > 1]
    doubled += [f"delivery of departure {name}" for name, times in delivered.items() if times > 1]
    wrong = [] if is_settled(store) or failed else ["something is still owed"]
    if not (lost or doubled or wrong):  # it takes a while, and matters only in the end
        if not (found := verify_ledger(store)).ok:
            wrong.append(f"the ledger: {found}")
        if (differs := compare_records(store).first) is not None:
            wrong.append(f"a table and the ledger: {differs}")
    return Tally(
        stamps=len(made),
        messages=messages,
        delivered=delivered.total(),
        lost=lost,
        doubled=doubled,
        wrong=wrong,
    )
