"""One contract for SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from threatstamp.core.departure import DepartureKind, NewDeparture, State
from threatstamp.core.ids import ChannelId, Emoji, TeamId, Ts, UserId
from threatstamp.core.ledger import Kind, verify
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamp import Mark, Turn
from threatstamp.store import SqlStore, open_store
from threatstamp.store.store import SqlTx

TEAM = TeamId("T1")
PLACE = Place(team=TEAM, channel=ChannelId("C1"), ts=Ts("1700000000.000100"))
S = 1_000_000


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    made = open_store(store_url)
    yield made
    made.close()


def order(name: str, channel: str = "C9", *, kind: DepartureKind = DepartureKind.FORWARD) -> NewDeparture:
    return NewDeparture(name=name, team=TEAM, kind=kind, channel=ChannelId(channel), due_at=0, body={})


def owe(store: SqlStore, *orders: NewDeparture) -> None:
    with store.transaction() as tx:
        for new in orders:
            tx.owe(new, now=0)


def test_appends_in_parallel_make_one_whole_chain(store: SqlStore) -> None:
    def append(number: int) -> None:
        with store.transaction() as tx:
            tx.append(Kind.STAMP, {"number": number})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(80)))
    with store.reading() as tx:
        found = verify(tx.entries())
    assert (found.ok, found.entries) == (True, 80)


def test_what_a_failed_transaction_wrote_is_not_there(store: SqlStore) -> None:
    def fail() -> None:
        with store.transaction() as tx:
            tx.append(Kind.STAMP, {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as tx:
        assert list(tx.entries()) == []


def test_an_event_is_kept_once_and_taken_by_one(store: SqlStore) -> None:
    assert store.keep("Ev1", "{}", team="T1", now=0) is not None
    assert store.keep("Ev1", "{}", team="T1", now=0) is None
    assert store.take(now=1 * S, limit=9) == ()  # its keeper is still at it
    late = 60 * S
    with ThreadPoolExecutor(4) as pool:
        taken = [
            kept for found in pool.map(lambda _: store.take(now=late, limit=9), range(4)) for kept in found
        ]
    assert len(taken) == 1
    assert taken[0].attempts == 2


def test_one_claim_a_destination_at_a_time(store: SqlStore) -> None:
    owe(store, order("a"), order("b"), order("c", "C8"))
    first = store.claim(now=1, lease=10, holder="x")
    second = store.claim(now=1, lease=10, holder="y")
    assert first is not None
    assert second is not None
    assert {first.departure.channel, second.departure.channel} == {"C9", "C8"}
    assert store.claim(now=2, lease=10, holder="z") is None


def test_many_claimers_never_get_the_same_departure(store: SqlStore) -> None:
    owe(store, *(order(f"n{number}", f"C{number % 7}") for number in range(28)))
    got: list[int] = []
    lock = threading.Lock()

    def work(worker: int) -> None:
        while True:
            claim = store.claim(now=1, lease=100, holder=str(worker))
            if claim is None:
                return
            with store.transaction() as tx:
                assert tx.holds(claim)
                tx.put_delivered(claim.departure.id, ts=Ts(f"{claim.departure.id}.1"), shown=1, now=1)
                tx.release(claim, next_at=0)
            with lock:
                got.append(claim.departure.id)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    left = store.claim(now=1, lease=10, holder="last")
    while left is not None:  # a loser of the last race goes home early
        with store.transaction() as tx:
            tx.put_delivered(left.departure.id, ts=None, shown=1, now=1)
            tx.release(left, next_at=0)
        got.append(left.departure.id)
        left = store.claim(now=1, lease=10, holder="last")
    assert sorted(got) == sorted(set(got))
    assert len(got) == 28


def test_a_loser_of_the_race_does_not_free_the_winners_destination(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by a stopped process: the loser gave way with the token that the winner had got."""
    owe(store, order("a"))
    winners: list[object] = []
    reading = store.reading

    @contextmanager
    def overtaken() -> Iterator[SqlTx]:
        with reading() as tx:
            yield tx
        monkeypatch.undo()  # between the loser's look and its claim another one claims
        winners.append(store.claim(now=1, lease=10, holder="winner"))

    monkeypatch.setattr(store, "reading", overtaken)
    assert store.claim(now=1, lease=10, holder="loser") is None
    assert winners[0] is not None
    assert store.claim(now=2, lease=10, holder="third") is None


def test_after_its_lease_a_claim_is_taken_over_and_the_old_one_is_fenced_off(store: SqlStore) -> None:
    owe(store, order("a"))
    old = store.claim(now=0, lease=10, holder="x")
    assert old is not None
    assert not old.departure.unsure
    assert store.claim(now=9 * S, lease=10, holder="y") is None
    new = store.claim(now=11 * S, lease=10, holder="y")
    assert new is not None
    assert new.departure.unsure  # somebody may have posted: the history is to be asked
    with store.transaction() as tx:
        assert not tx.holds(old)
        tx.release(old, next_at=0)
    with store.transaction() as tx:
        assert tx.holds(new)
    assert not store.renew(old, now=12 * S, lease=10)
    assert store.renew(new, now=12 * S, lease=10)


def test_a_destination_rests_between_messages_but_reactions_do_not_wait(store: SqlStore) -> None:
    owe(store, order("a"), order("b"), order("r", kind=DepartureKind.REACTION))
    claim = store.claim(now=0, lease=10, holder="x")
    assert claim is not None
    with store.transaction() as tx:
        tx.put_delivered(claim.departure.id, ts=Ts("1.1"), shown=1, now=0)
        tx.release(claim, next_at=5 * S)
    reaction = store.claim(now=1 * S, lease=10, holder="x")
    assert reaction is not None
    assert reaction.departure.kind is DepartureKind.REACTION
    with store.transaction() as tx:
        tx.put_delivered(reaction.departure.id, ts=None, shown=1, now=0)
        tx.release(reaction, next_at=5 * S)
    assert store.claim(now=4 * S, lease=10, holder="x") is None
    assert store.next_due(now=4 * S) == 5 * S
    assert store.claim(now=5 * S, lease=10, holder="x") is not None


def test_a_refusal_is_claimed_before_it_is_said_so_at_most_once(store: SqlStore) -> None:
    owe(store, order("a", kind=DepartureKind.REFUSAL))
    assert store.claim(now=0, lease=1, holder="x") is not None
    assert store.claim(now=60 * S, lease=1, holder="y") is None


def test_an_order_is_owed_once(store: SqlStore) -> None:
    with store.transaction() as tx:
        assert tx.owe(order("a"), now=0) is not None
        assert tx.owe(order("a"), now=0) is None


def test_a_revision_of_what_stands_is_an_edit(store: SqlStore) -> None:
    owe(store, order("a"))
    claim = store.claim(now=0, lease=10, holder="x")
    assert claim is not None
    with store.transaction() as tx:
        tx.revise(claim.departure.id, now=0)  # while it is on its way
        tx.put_delivered(claim.departure.id, ts=Ts("5.5"), shown=claim.departure.revision, now=0)
        tx.release(claim, next_at=0)
        assert tx.departure(claim.departure.id).state is State.DELIVERED
    edit = store.claim(now=1, lease=10, holder="x")
    assert edit is not None
    assert edit.edit
    assert edit.departure.revision == 2


def test_marks_are_a_set(store: SqlStore) -> None:
    mark = Mark(at=5, turn=Turn.STAMP)
    for _ in range(2):
        with store.transaction() as tx:
            tx.add_mark(PLACE, Emoji("eyes"), user=UserId("U1"), mark=mark, now=9)
    with store.reading() as tx:
        assert tx.marks(PLACE, Emoji("eyes"), user=UserId("U1")) == (mark,)


def test_a_trouble_is_opened_once_told_once_and_its_end_told_once(store: SqlStore) -> None:
    with store.transaction() as tx:
        for _ in range(2):
            tx.open_trouble("late:C1", "late", values={"channel": "C1"}, now=1)
        [trouble] = tx.untold()
        tx.told(trouble)
        assert tx.untold() == ()
        tx.mend_trouble("late:C1", now=2)
        [mended] = tx.untold()
        assert mended.mended_at == 2
        tx.told(mended)
        assert tx.untold() == ()
        assert tx.troubles() == ()


def test_the_tables_are_what_the_migrations_make(store: SqlStore) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from threatstamp.store.tables import metadata

    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _, name, kind, *__: kind != "table" or name.startswith("desk_")},
        )
        found = [
            change for change in compare_metadata(context, metadata) if "desk_version" not in str(change)
        ]
    assert found == []


def test_opening_it_again_changes_nothing(store_url: str) -> None:
    open_store(store_url).close()
    again = open_store(store_url)
    with again.reading() as tx:
        assert list(tx.entries()) == []
    again.close()


def test_a_refusal_waits_behind_no_news(store: SqlStore) -> None:
    owe(store, order("a", kind=DepartureKind.STORY), order("r", kind=DepartureKind.REFUSAL))
    first = store.claim(now=1, lease=10, holder="x")
    assert first is not None
    with store.transaction() as tx:
        tx.put_delivered(first.departure.id, ts=Ts("1.1"), shown=1, now=1)
        tx.release(first, next_at=100 * S)
    second = store.claim(now=2, lease=10, holder="x")
    assert second is not None
    assert second.departure.kind is DepartureKind.REFUSAL
