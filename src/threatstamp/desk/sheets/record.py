"""The record goes on in the spreadsheet: each forward is appended, exactly once, in the ledger's order.

The API has no idempotency key, and an answer may be lost after the rows were written. So nobody appends
without having read the tab's keys since the last doubt: at the beginning, and after any call that failed. A
lease keeps to one writer at a time, and no call begins whose answer could come after the lease has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from threatstamp.core.ids import TeamId
from threatstamp.core.ledger.entry import LedgerEntry, read_body
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.marking import Labels
from threatstamp.core.stamps.forward import Forward, Holding, held_by
from threatstamp.core.time import later
from threatstamp.desk.ports.copies import CopyClaim
from threatstamp.desk.ports.marking import place_marking
from threatstamp.desk.ports.sheets import RecordRow, RecordSheet, RowStatus
from threatstamp.desk.ports.store import Read, Store
from threatstamp.desk.ports.time import Clock

PAGE = 500
"""Ledger entries that are looked at, and at most as many rows appended, in one go."""

LEASE = 120.0
"""Seconds for which a claim lasts."""

LONGEST_CALL = 60.0
"""Seconds that a call to Google may last, a renewed access token included."""

SETTLING = 30.0
"""Seconds after a failed call in which nobody reads the keys: Google may still be carrying it out."""

_OUTCOMES = {
    Kind.DELIVERED.value: RowStatus.DELIVERED,
    Kind.UNDELIVERABLE.value: RowStatus.UNDELIVERABLE,
    Kind.CANCELLED.value: RowStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPage:
    """A stretch of the ledger, and what it adds to the record. sequence: its last entry."""

    sequence: int
    rows: tuple[RecordRow, ...]


class CopyRecord:
    """Copies what is on record into a tab of the spreadsheet.

    holder: the name of this process. labels: those in force. page: ledger entries in one go.
    """

    def __init__(
        self,
        sheet: RecordSheet,
        *,
        store: Store,
        clock: Clock,
        holder: str,
        labels: Callable[[], Labels] = Labels,
        page: int = PAGE,
    ) -> None:
        self._sheet = sheet
        self._store = store
        self._clock = clock
        self._holder = holder
        self._labels = labels
        self._page = page
        self._known: frozenset[str] | None = None
        """The keys in the tab; None while they are in doubt."""

    def run(self) -> int:
        """Appends what is not in the tab yet; returns how many rows.

        Returns 0 while another process is at it. Raises SheetError; what was appended before stays on
        record, and the next run goes on behind it.
        """
        if self._next_page(self._sequence()) is None:
            return 0
        claim = self._claim()
        if claim is None:
            return 0
        self._known = None  # rows may have come since from another process, or from before a restoration
        try:
            count = self._copy(claim)
        except Exception:  # a fault of ours, too: a claim that is held looks like another process at work
            self._release(claim, after=SETTLING)
            raise
        self._release(claim, after=0.0)
        return count

    def _copy(self, claim: CopyClaim) -> int:
        count = 0
        held: CopyClaim | None = claim
        since = self._clock.steady()
        while held is not None and (page := self._next_page(held.sequence)) is not None:
            if page.rows:
                if self._known is None:
                    self._known = self._sheet.keys()
                new = [row for row in page.rows if row.key not in self._known]
                if self._clock.steady() - since > LEASE - LONGEST_CALL:
                    break  # this process was paused; the next run claims anew
                if new:
                    self._sheet.append(new)
                    self._known |= {row.key for row in new}
                count += len(new)
            since = self._clock.steady()
            held = self._advance(held, page.sequence)
        return count

    def _sequence(self) -> int:
        with self._store.reading() as read:
            return read.copies.sequence(self._sheet.name)

    def _claim(self) -> CopyClaim | None:
        now = self._clock.now()
        with self._store.transaction() as tx:
            until = later(now, LEASE)
            return tx.copies.claim(self._sheet.name, holder=self._holder, now=now, until=until)

    def _advance(self, claim: CopyClaim, sequence: int) -> CopyClaim | None:
        until = later(self._clock.now(), LEASE)
        with self._store.transaction() as tx:
            return tx.copies.advance(claim, sequence=sequence, until=until)

    def _release(self, claim: CopyClaim, *, after: float) -> None:
        until = later(self._clock.now(), after)
        with self._store.transaction() as tx:
            tx.copies.release(claim, until=until)

    def _next_page(self, after: int) -> CopyPage | None:
        """Returns the next stretch of the ledger that is worth recording: with rows, or a full one."""
        with self._store.reading() as read:
            entries = tuple(read.ledger.entries(after=after, limit=self._page))
            rows = tuple(_rows(read, entries, self._labels()))
        if not rows and len(entries) < self._page:
            return None
        return CopyPage(sequence=entries[-1].sequence, rows=rows)


def _rows(read: Read, entries: tuple[LedgerEntry, ...], labels: Labels) -> Iterator[RecordRow]:
    """Yields a row for each entry about what came of a forward. A key is there once: the first one counts."""
    seen: set[str] = set()
    names: dict[TeamId, dict[str, str]] = {}
    for entry in entries:
        outcome = _OUTCOMES.get(entry.kind)
        body = read_body(entry.body) if outcome and entry.body else None
        departure = body.get("departure") if body and "route" in body else None  # others are publications
        found = read.forwards.of(departure) if isinstance(departure, int) else None
        if outcome is None or found is None:
            continue
        forward, post = found
        link = post.snapshot.permalink if post and post.snapshot else None
        team = forward.place.team
        if team not in names:
            known = read.names.known(team).values()
            names[team] = {one.found: f"{one.name[:1]}{one.called}" for one in known}
        row = _row(read, entry, forward, outcome=outcome, link=link, names=names[team])
        row = replace(row, marking=place_marking(read, forward.place, labels))
        if row.key not in seen:
            seen.add(row.key)
            yield row


def _row(
    read: Read,
    entry: LedgerEntry,
    forward: Forward,
    *,
    outcome: RowStatus,
    link: str | None,
    names: Mapping[str, str],
) -> RecordRow:
    """Returns a row. names: what the channels and people of the settings are called, by their ids."""
    key = read.outbox.get(forward.departure).key
    held = _held(read, forward)
    is_delivered = outcome is RowStatus.DELIVERED
    return RecordRow(
        key=key if is_delivered else f"{key}-{outcome.value}",
        link=link,
        reaction=forward.order.reaction,
        people=tuple(dict.fromkeys(names.get(one.user, one.user) for one in held)),
        stamped_at=held[0].since if held else None,
        route=forward.order.route_name,
        destination=names.get(forward.destination, forward.destination),
        delivered_at=entry.at if is_delivered else None,
        outcome=outcome,
    )


def _held(read: Read, forward: Forward) -> tuple[Holding, ...]:
    """Returns the stamps that a forward is about, oldest first; with `each` only its own."""
    turns = read.forwards.turns(forward.place, forward.order.reaction, route=forward.order.route)
    return held_by(forward, turns)
