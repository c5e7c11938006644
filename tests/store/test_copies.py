"""Copies of the record: one writer at a time, and a lost claim records nothing."""

from __future__ import annotations

from tests.support.times import S
from threatstamp.core.time import Micros
from threatstamp.store import open_store

NOW, SOON = Micros(1_764_000_000 * S), Micros(1_764_000_060 * S)


def test_a_claim_ends_and_the_one_that_follows_it_is_another(store_url: str) -> None:
    store = open_store(store_url)
    with store.transaction() as tx:
        first = tx.copies.claim("a", holder="1", now=NOW, until=NOW)
        second = tx.copies.claim("a", holder="2", now=NOW, until=SOON)
        assert first
        assert second
        assert tx.copies.claim("a", holder="3", now=NOW, until=SOON) is None
        assert tx.copies.claim("b", holder="3", now=NOW, until=SOON)
        assert tx.copies.advance(first, sequence=7, until=SOON) is None
        tx.copies.release(first, until=NOW)
        assert tx.copies.sequence("a") == 0
        assert tx.copies.advance(second, sequence=9, until=SOON)
    with store.reading() as read:
        assert (read.copies.sequence("a"), read.copies.sequence("c")) == (9, 0)
    with store.transaction() as tx:
        tx.copies.release(second, until=NOW)
        third = tx.copies.claim("a", holder="3", now=NOW, until=SOON)
        assert third
        assert third.sequence == 9
    store.close()


def test_a_lease_that_a_wrong_clock_wrote_holds_nobody_back(store_url: str) -> None:
    store = open_store(store_url)
    with store.transaction() as tx:
        assert tx.copies.claim("a", holder="1", now=NOW, until=Micros(2 * NOW))
        assert tx.copies.claim("a", holder="2", now=NOW, until=SOON)
    store.close()
