"""The contract of the store, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.times import at
from threatstamp.core.errors import StoreError
from threatstamp.core.ids import ChannelId, Emoji, TeamId, Ts, UserId
from threatstamp.core.ledger.chain import verify
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import DepartureKind, NewDeparture, State
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.news.publishing import STORY
from threatstamp.desk.stamps.confirming import REACTION
from threatstamp.desk.stamps.forwarding import FORWARD
from threatstamp.desk.stamps.refusing import REFUSAL
from threatstamp.store import SqlStore, open_store
from threatstamp.store.rows import claims

TEAM = TeamId("T1")
PLACE = Place(team=TEAM, channel=ChannelId("C1"), ts=Ts("1700000000.000100"))
REDACTION = {"sequences": [], "reason": "x"}


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    made = open_store(store_url)
    yield made
    made.close()


def order(name: str, channel: str = "C9", *, kind: DepartureKind = FORWARD) -> NewDeparture:
    return NewDeparture(name=name, team=TEAM, kind=kind, channel=ChannelId(channel), due_at=at(0))


def owe(store: SqlStore, *orders: NewDeparture) -> None:
    with store.transaction() as tx:
        for new in orders:
            tx.outbox.owe(new, now=at(0))


def test_concurrent_appends_make_one_valid_chain(store: SqlStore) -> None:
    def append(number: int) -> None:
        with store.transaction() as tx:
            tx.ledger.append(Kind.REDACTION, {**REDACTION, "sequences": [number]}, now=at(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(80)))
    with store.reading() as tx:
        found = verify(tx.ledger.entries())
    assert (found.ok, found.entries) == (True, 80)


def test_a_failed_transaction_leaves_nothing_behind(store: SqlStore) -> None:
    def fail() -> None:
        with store.transaction() as tx:
            tx.ledger.append(Kind.REDACTION, REDACTION, now=at(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as tx:
        assert list(tx.ledger.entries()) == []


def test_an_event_is_stored_once_and_taken_by_one_worker(store: SqlStore) -> None:
    assert store.keep("Ev1", "{}", team="T1", now=at(0), lease=30) is not None
    assert store.keep("Ev1", "{}", team="T1", now=at(0), lease=30) is None
    assert store.take(now=at(1), lease=30, limit=9) == ()  # claimed by the worker that stored it
    late = at(60)
    with ThreadPoolExecutor(4) as pool:
        taken = [
            kept
            for found in pool.map(lambda _: store.take(now=late, lease=30, limit=9), range(4))
            for kept in found
        ]
    assert len(taken) == 1
    assert taken[0].attempts == 2


def test_a_destination_has_one_claim_at_a_time(store: SqlStore) -> None:
    owe(store, order("a"), order("b"), order("c", "C8"))
    first = store.claim(now=at(1), lease=10, holder="x")
    second = store.claim(now=at(1), lease=10, holder="y")
    assert first is not None
    assert second is not None
    assert {first.departure.channel, second.departure.channel} == {"C9", "C8"}
    assert store.claim(now=at(2), lease=10, holder="z") is None


def test_many_claimers_never_get_the_same_departure(store: SqlStore) -> None:
    owe(store, *(order(f"n{number}", f"C{number % 7}") for number in range(28)))
    got: list[int] = []
    lock = threading.Lock()

    def work(worker: int) -> None:
        while True:
            claim = store.claim(now=at(1), lease=100, holder=str(worker))
            if claim is None:
                return
            with store.transaction() as tx:
                assert tx.claims.holds(claim)
                tx.outbox.put_delivered(
                    claim.departure.id, ts=Ts(f"{claim.departure.id}.1"), displayed=1, now=at(1)
                )
                tx.claims.release(claim, next_at=at(0))
            with lock:
                got.append(claim.departure.id)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    left = store.claim(now=at(1), lease=10, holder="last")
    while left is not None:  # a worker that loses a race ends, although something may be left
        with store.transaction() as tx:
            tx.outbox.put_delivered(left.departure.id, ts=None, displayed=1, now=at(1))
            tx.claims.release(left, next_at=at(0))
        got.append(left.departure.id)
        left = store.claim(now=at(1), lease=10, holder="last")
    assert sorted(got) == sorted(set(got))
    assert len(got) == 28


def test_a_loser_of_the_race_does_not_free_the_winners_destination(
    store: SqlStore,
) -> None:
    """A regression: the loser released the destination with the token that the winner had got."""
    owe(store, order("a"))
    with store.engine.connect() as connection:
        due = claims.oldest_due(connection, now=at(1))
    assert due is not None
    winner = store.claim(now=at(1), lease=10, holder="winner")  # between the loser's search and its claim
    with store.engine.begin() as connection:
        assert claims.take(connection, due, now=at(1), until=at(11), holder="loser") is None
    assert winner is not None
    assert store.claim(now=at(2), lease=10, holder="third") is None


def test_after_its_lease_a_claim_is_taken_over_and_the_old_token_is_refused(store: SqlStore) -> None:
    owe(store, order("a"))
    old = store.claim(now=at(0), lease=10, holder="x")
    assert old is not None
    assert not old.departure.unsure
    assert store.claim(now=at(9), lease=10, holder="y") is None
    new = store.claim(now=at(11), lease=10, holder="y")
    assert new is not None
    assert new.departure.unsure  # the first holder may have posted: the history has to be searched
    with store.transaction() as tx:
        assert not tx.claims.holds(old)
        tx.claims.release(old, next_at=at(0))
    with store.transaction() as tx:
        assert tx.claims.holds(new)
    assert not store.renew(old, now=at(12), lease=10)
    assert store.renew(new, now=at(12), lease=10)


def test_messages_keep_the_pace_of_their_destination_and_reactions_do_not_wait(store: SqlStore) -> None:
    owe(store, order("a"), order("b"), order("r", kind=REACTION))
    claim = store.claim(now=at(0), lease=10, holder="x")
    assert claim is not None
    with store.transaction() as tx:
        tx.outbox.put_delivered(claim.departure.id, ts=Ts("1.1"), displayed=1, now=at(0))
        tx.claims.release(claim, next_at=at(5))
    reaction = store.claim(now=at(1), lease=10, holder="x")
    assert reaction is not None
    assert reaction.departure.kind == REACTION
    with store.transaction() as tx:
        tx.outbox.put_delivered(reaction.departure.id, ts=None, displayed=1, now=at(0))
        tx.claims.release(reaction, next_at=at(5))
    assert store.claim(now=at(4), lease=10, holder="x") is None
    assert store.next_due(now=at(4)) == at(5)
    assert store.claim(now=at(5), lease=10, holder="x") is not None


def test_a_claim_completes_a_refusal_so_it_is_sent_at_most_once(store: SqlStore) -> None:
    owe(store, order("a", kind=REFUSAL))
    assert store.claim(now=at(0), lease=1, holder="x") is not None
    assert store.claim(now=at(60), lease=1, holder="y") is None


def test_an_order_is_recorded_once(store: SqlStore) -> None:
    with store.transaction() as tx:
        assert tx.outbox.owe(order("a"), now=at(0)) is not None
        assert tx.outbox.owe(order("a"), now=at(0)) is None


def test_a_revision_of_a_delivered_message_is_an_edit(store: SqlStore) -> None:
    owe(store, order("a"))
    claim = store.claim(now=at(0), lease=10, holder="x")
    assert claim is not None
    with store.transaction() as tx:
        tx.outbox.revise(claim.departure.id, now=at(0))  # while the message is being sent
        tx.outbox.put_delivered(
            claim.departure.id, ts=Ts("5.5"), displayed=claim.departure.revision, now=at(0)
        )
        tx.claims.release(claim, next_at=at(0))
        assert tx.outbox.get(claim.departure.id).state is State.DELIVERED
    edit = store.claim(now=at(1), lease=10, holder="x")
    assert edit is not None
    assert edit.edit
    assert edit.departure.revision == 2


def test_marks_are_a_set(store: SqlStore) -> None:
    mark = Mark(at=at(5), kind=TurnKind.STAMP)
    for _ in range(2):
        with store.transaction() as tx:
            tx.stamps.add_mark(PLACE, Emoji("eyes"), user=UserId("U1"), mark=mark, now=at(9))
    with store.reading() as tx:
        assert tx.stamps.marks(PLACE, Emoji("eyes"), user=UserId("U1")) == (mark,)


def test_a_trouble_is_opened_once_and_its_opening_and_end_are_reported_once(store: SqlStore) -> None:
    with store.transaction() as tx:
        for _ in range(2):
            tx.troubles.open(TroubleKind.LATE, "C1", values={"channel": "C1"}, now=at(1))
        [trouble] = tx.troubles.untold()
        tx.troubles.put_told(trouble)
        assert tx.troubles.untold() == ()
        tx.troubles.fix(TroubleKind.LATE, "C1", now=at(2))
        [fixed] = tx.troubles.untold()
        assert fixed.fixed_at == at(2)
        tx.troubles.put_told(fixed)
        assert tx.troubles.untold() == ()
        assert tx.troubles.unfixed() == ()


def test_the_tables_are_those_that_the_migrations_create(store: SqlStore) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from threatstamp.store.tables.columns import metadata

    def is_ours(name: str) -> bool:
        """True unless it is another's, or of the index of words, which each engine has in its own form."""
        return name.startswith("desk_") and not name.startswith("desk_words_index")

    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _, name, kind, *__: kind != "table" or is_ours(name)},
        )
        found = [
            change for change in compare_metadata(context, metadata) if "desk_version" not in str(change)
        ]
    assert found == []


def test_opening_it_again_changes_nothing(store_url: str) -> None:
    open_store(store_url).close()
    again = open_store(store_url)
    with again.reading() as tx:
        assert list(tx.ledger.entries()) == []
    again.close()


def test_scrubbing_a_database_that_is_gone_is_an_error_of_the_store(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'desk.db'}")
    store.close()
    (tmp_path / "desk.db").unlink()
    with pytest.raises(StoreError):
        store.scrub()


def test_a_refusal_does_not_wait_behind_news(store: SqlStore) -> None:
    owe(store, order("a", kind=STORY), order("r", kind=REFUSAL))
    first = store.claim(now=at(1), lease=10, holder="x")
    assert first is not None
    with store.transaction() as tx:
        tx.outbox.put_delivered(first.departure.id, ts=Ts("1.1"), displayed=1, now=at(1))
        tx.claims.release(first, next_at=at(100))
    second = store.claim(now=at(2), lease=10, holder="x")
    assert second is not None
    assert second.departure.kind == REFUSAL
