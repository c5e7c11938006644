"""A load goes on where it was, never turns back the clock, and removes only what is surely gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pytest

from tests.support.facts import CVE, cvelist_said, epss_said, renamed
from tests.support.fakes import FakeClock
from threatstamp.core.facts.assessment import Assessment, FactSource
from threatstamp.core.facts.change import FactChange
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.document import (
    BrokenRecord,
    DocumentError,
    DocumentFault,
    FactDocument,
    FactLoad,
    Record,
)
from threatstamp.core.time import Micros
from threatstamp.desk.facts.load import LoadFacts, LoadResult

BROKEN = BrokenRecord(name="CVE-1", place="5", what="cve")


@dataclass
class FakeFactStore:
    """The FactStore port in memory: batches of two."""

    rows: dict[CveId, tuple[str, int]] = field(default_factory=dict)
    load: FactLoad | None = None

    def last(self, source: FactSource) -> FactLoad | None:
        return self.load

    def versions(self, source: FactSource, cves: Sequence[CveId]) -> Mapping[CveId, str]:
        return {cve: self.rows[cve][0] for cve in cves if cve in self.rows}

    def put(self, said: Iterable[Assessment], *, read_at: Micros) -> Iterator[int]:
        written, waiting = 0, iter(said)
        while batch := list(islice(waiting, 2)):
            self.rows.update({one.cve: (one.version, read_at) for one in batch})
            written += len(batch)
            yield written

    def said(self, source: FactSource, cves: Sequence[CveId]) -> Mapping[CveId, Assessment]:
        return {}

    def older(self, source: FactSource, *, read_before: Micros, most: int) -> Sequence[CveId]:
        return [cve for cve, (_, read_at) in self.rows.items() if read_at < read_before][:most]

    def note_changes(self, changes: Sequence[FactChange]) -> None:
        pass

    def note(self, load: FactLoad) -> None:
        self.load = load

    def drop_older(self, source: FactSource, *, read_before: Micros) -> int:
        old = [cve for cve, (_, read_at) in self.rows.items() if read_at < read_before]
        for cve in old:
            del self.rows[cve]
        return len(old)


def cve(number: int) -> CveId:
    return CveId(f"CVE-2099-{1000 + number}")


def daily(*numbers: int | BrokenRecord, edition: str = "2099-11-20", digest: str = "d") -> FactDocument:
    records = [one if isinstance(one, BrokenRecord) else renamed(epss_said(), cve(one)) for one in numbers]
    return document(records, edition=edition, digest=digest, is_whole=True)


def document(
    records: Sequence[Record], *, edition: str = "", digest: str = "d", is_whole: bool
) -> FactDocument:
    return FactDocument(
        source=FactSource("epss"),
        edition=edition,
        digest=digest,
        is_whole=is_whole,
        records=lambda begin: iter(records[begin:]),
    )


def load(store: FakeFactStore, of: FactDocument, *, now: int = 1) -> LoadResult:
    step = LoadFacts(of, store, FakeClock(now))
    list(step.run())
    return step.done


def test_an_interrupted_load_goes_on_where_it_was_and_counts_as_one_reading() -> None:
    store, numbers = FakeFactStore(), range(7)
    begun = LoadFacts(daily(*numbers), store, FakeClock(5)).run()
    next(begun)
    next(begun)  # four are written, and the process ends here
    done = load(store, daily(*numbers), now=9)
    assert (done.skipped, done.loaded, done.dropped) == (4, 3, 0)
    assert {read_at for _, read_at in store.rows.values()} == {5}
    assert store.load is not None
    assert (store.load.position, store.load.is_done) == (7, True)


def test_another_document_is_read_from_its_beginning() -> None:
    store = FakeFactStore()
    next(LoadFacts(daily(1, 2, 3), store, FakeClock(1)).run())
    assert load(store, daily(1, 2, 3, digest="another"), now=2).skipped == 0


def test_what_is_in_a_whole_document_no_longer_is_removed() -> None:
    store = FakeFactStore()
    load(store, daily(1, 2, 3), now=1)
    assert load(store, daily(1, 3, edition="2099-11-21", digest="e"), now=2).dropped == 1
    assert set(store.rows) == {cve(1), cve(3)}


def test_nothing_is_removed_for_the_sake_of_a_record_that_cannot_be_read() -> None:
    store = FakeFactStore()
    load(store, daily(1, 2), now=1)
    done = load(store, daily(1, BROKEN, edition="2099-11-21", digest="e"), now=2)
    assert (done.broken, done.dropped, set(store.rows)) == ([BROKEN], 0, {cve(1), cve(2)})


def test_a_record_that_was_broken_before_the_interruption_counts_too() -> None:
    store = FakeFactStore()
    load(store, daily(8, 9), now=1)
    later = daily(BROKEN, 1, 2, 3, edition="2099-11-21", digest="e")
    next(LoadFacts(later, store, FakeClock(2)).run())
    assert load(store, later, now=3).dropped == 0
    assert cve(9) in store.rows


def test_an_older_edition_is_refused_and_the_same_one_is_not() -> None:
    store = FakeFactStore()
    load(store, daily(1), now=1)
    with pytest.raises(DocumentError) as found:
        load(store, daily(1, 2, edition="2099-11-19", digest="e"), now=2)
    assert found.value.fault is DocumentFault.OLDER
    assert set(store.rows) == {cve(1)}
    assert load(store, daily(1), now=3).loaded == 1


def test_an_older_record_in_a_part_leaves_the_later_one() -> None:
    store = FakeFactStore()
    load(store, document([cvelist_said(version="2099-02-01")], is_whole=False))
    done = load(store, document([cvelist_said(version="2099-01-01")], digest="e", is_whole=False), now=2)
    assert (done.kept, done.loaded, store.rows[CVE][0]) == (1, 0, "2099-02-01")


def test_a_document_that_breaks_off_leaves_what_comes_before_and_removes_nothing() -> None:
    def records(begin: int) -> Iterator[Record]:
        yield from [renamed(epss_said(), cve(number)) for number in range(2)][begin:]
        raise DocumentError(DocumentFault.BROKEN, reason="cut off")

    store = FakeFactStore()
    load(store, daily(7, edition="2099-11-19"), now=1)
    whole = daily(1)
    broken = FactDocument(
        source=whole.source, edition=whole.edition, digest="x", is_whole=True, records=records
    )
    with pytest.raises(DocumentError):
        load(store, broken, now=2)
    assert set(store.rows) == {cve(0), cve(1), cve(7)}
    assert store.load is not None
    assert not store.load.is_done


def test_a_document_without_records_removes_nothing() -> None:
    store = FakeFactStore()
    load(store, daily(1), now=1)
    with pytest.raises(DocumentError) as found:
        load(store, daily(edition="2099-11-21", digest="e"), now=2)
    assert found.value.fault is DocumentFault.FOREIGN
    assert set(store.rows) == {cve(1)}
