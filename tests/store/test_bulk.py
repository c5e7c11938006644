"""Bulk data is loaded beside the record: neither waits for the other, and a load can be run again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, event, func, select

from tests.support.bodies import BODIES
from tests.support.times import at
from threatstamp.core.errors import StoreError
from threatstamp.core.ledger.kinds import Kind
from threatstamp.store import SqlStore, open_store
from threatstamp.store.bulk import BATCH_TIME, LEAST, MOST, Bulk, bulk_file, next_size, open_bulk

TABLES = MetaData()
SCORES = Table(
    "bulk_scores",
    TABLES,
    Column("cve", Text, primary_key=True),
    Column("score", Integer, nullable=False),
)


def rows(count: int, *, score: int = 1) -> Iterator[tuple[object, ...]]:
    return ((f"CVE-2026-{number}", score) for number in range(count))


def load(bulk: Bulk, given: Iterator[tuple[object, ...]]) -> list[int]:
    return list(bulk.load(SCORES, given, pause=lambda _: None))


def content(bulk: Bulk) -> tuple[int, int]:
    with bulk.reading() as connection:
        count, total = connection.execute(select(func.count(), func.sum(SCORES.c.score))).one()
    return count, total or 0


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    made = open_store(store_url)
    yield made
    made.close()


@pytest.fixture
def bulk(store_url: str, store: SqlStore) -> Iterator[Bulk]:
    made = open_bulk(store_url, TABLES)
    yield made
    made.close()


def put_on_record(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.ledger.append(Kind.CONTACT, BODIES[Kind.CONTACT][0], now=at(1))


def test_a_load_tells_how_far_it_is_and_run_again_changes_nothing(bulk: Bulk) -> None:
    told = load(bulk, rows(3_000))
    assert told == sorted(told)
    assert told[-1] == 3_000
    load(bulk, rows(3_000))
    assert content(bulk) == (3_000, 3_000)
    load(bulk, rows(1_000, score=5))
    assert content(bulk) == (3_000, 2_000 + 5_000)


def test_the_last_of_two_rows_with_one_key_counts(bulk: Bulk) -> None:
    load(bulk, itertools.chain(rows(10, score=1), rows(10, score=2)))
    assert content(bulk) == (10, 20)


def test_a_load_that_was_interrupted_keeps_its_batches_and_is_run_again(bulk: Bulk) -> None:
    def broken() -> Iterator[tuple[object, ...]]:
        yield from rows(700)
        raise ConnectionError("the line is down")

    with pytest.raises(ConnectionError):
        load(bulk, broken())
    assert 0 < content(bulk)[0] <= 700
    load(bulk, rows(1_000))
    assert content(bulk) == (1_000, 1_000)


def test_a_load_goes_on_while_somebody_holds_the_ledger(bulk: Bulk, store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.ledger.append(Kind.CONTACT, BODIES[Kind.CONTACT][0], now=at(1))
        load(bulk, rows(500))
        assert content(bulk)[0] == 500


def test_a_stamp_is_recorded_while_a_batch_is_being_written(bulk: Bulk, store: SqlStore) -> None:
    recorded: list[int] = []

    def while_writing(*_: object) -> None:
        put_on_record(store)
        recorded.append(1)

    event.listen(bulk.engine, "after_cursor_execute", while_writing)
    told = load(bulk, rows(500))
    assert len(recorded) >= len(told) > 1


def test_a_row_that_does_not_fit_is_refused_with_a_sentence_and_the_others_stay(bulk: Bulk) -> None:
    unfit: tuple[object, ...] = ("CVE-2026-999", None)
    with pytest.raises(StoreError):
        load(bulk, itertools.chain(rows(200), iter([unfit])))
    assert 0 < content(bulk)[0] <= 200


def test_what_was_loaded_can_be_thrown_away(bulk: Bulk, store: SqlStore) -> None:
    put_on_record(store)
    load(bulk, rows(500))
    bulk.discard()
    assert content(bulk) == (0, 0)
    with store.reading() as read:
        assert read.ledger.get(1) is not None


def test_the_file_of_the_record_does_not_grow(tmp_path: Path) -> None:
    record = tmp_path / "desk.db"
    url = f"sqlite:///{record}"
    open_store(url).close()
    before = record.stat().st_size
    sizes = []
    for count in (5_000, 0):
        bulk = open_bulk(url, TABLES)
        bulk.discard()
        load(bulk, rows(count))
        bulk.close()  # the last one to leave empties the log into the file
        sizes.append(bulk_file(record).stat().st_size)
    assert record.stat().st_size == before
    assert sizes[1] < sizes[0] / 5
    assert bulk_file(record).stat().st_mode & 0o077 == 0


def test_a_place_where_no_file_can_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="missing"):
        open_bulk(f"sqlite:///{tmp_path / 'missing' / 'desk.db'}", TABLES)


@pytest.mark.parametrize(
    ("size", "took", "following"),
    [
        (100, BATCH_TIME, 100),
        (100, BATCH_TIME * 4, 25),
        (100, BATCH_TIME / 1.5, 150),
        (100, BATCH_TIME / 50, 200),
        (100, 0.0, 200),
        (20, BATCH_TIME * 100, LEAST),
        (4_000, BATCH_TIME / 3, MOST),
    ],
)
def test_the_size_of_a_batch_follows_what_the_last_one_took(size: int, took: float, following: int) -> None:
    assert next_size(size, took) == following


def test_half_of_the_time_belongs_to_others(bulk: Bulk) -> None:
    ticks = itertools.count()
    rested: list[float] = []
    list(bulk.load(SCORES, rows(50), elapsed=lambda: float(next(ticks)), pause=rested.append))
    assert rested == [1.0]
