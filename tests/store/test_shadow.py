"""What a desk in shadow orders is on record, and due for nobody, on either kind of database."""

from __future__ import annotations

from tests.support.times import at
from threatstamp.core import signs
from threatstamp.core.cases.ticket import Ticket, TicketState, new_ticket
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.ids import ChannelId, TeamId, TrackerName, TrackName, Ts, UserId
from threatstamp.core.outbox.departure import DepartureKind, NewDeparture, State
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track
from threatstamp.desk.ports.store import Tx
from threatstamp.store import open_store
from threatstamp.store.shadow import ShadowStore

NOW = at(100)


def _found(tx: Tx, case: int) -> Ticket:
    found = tx.tickets.of(case)
    assert found is not None
    return found


def new(name: str) -> NewDeparture:
    kind = DepartureKind(name="forward")
    return NewDeparture(name=name, team=TeamId("T1"), kind=kind, channel=ChannelId("C1"), due_at=NOW)


def test_it_is_ordered_once_and_nobody_can_claim_it(store_url: str) -> None:
    shadow, speaking = open_store(store_url, kind=ShadowStore), open_store(store_url)
    with shadow.transaction() as tx:
        first = tx.outbox.owe(new("a"), now=NOW)
        second, claim = tx.outbox.owe_claimed(new("b"), now=NOW, lease=9.0, holder="h") or (0, None)
        assert claim is None
        assert tx.outbox.owe_claimed(new("a"), now=NOW, lease=9.0, holder="h") is None
    with speaking.transaction() as tx:
        assert tx.outbox.owe(new("b"), now=NOW) is None
        assert tx.backlog.count() == 0
        assert first is not None
        assert [tx.outbox.get(one).state for one in (first, second)] == [State.SHADOW] * 2
    assert speaking.claim(now=NOW, lease=9.0, holder="h") is None
    assert speaking.next_due(now=NOW) is None
    with speaking.transaction() as tx:
        third = tx.outbox.owe(new("c"), now=NOW)
    assert shadow.claim(now=NOW, lease=9.0, holder="h") is None
    with shadow.transaction() as tx:
        assert third is not None
        tx.outbox.reopen(third, due_at=NOW)
        assert tx.outbox.get(third).state is State.SHADOW
    assert speaking.claim(now=NOW, lease=9.0, holder="h") is None
    shadow.close()
    speaking.close()


def test_what_a_process_in_shadow_orders_after_another_one_has_ended_the_shadow_is_due(
    store_url: str,
) -> None:
    """It was paused, and does not know yet. The old script is stopped, so nobody else would forward it."""
    shadow, speaking = open_store(store_url, kind=ShadowStore), open_store(store_url)
    with speaking.transaction() as tx:
        tx.vitals.put(signs.SHADOW, "", now=NOW)
    with shadow.transaction() as tx:
        made, claim = tx.outbox.owe_claimed(new("a"), now=NOW, lease=9.0, holder="h") or (0, None)
        assert claim is None
        cancelled = tx.outbox.owe(new("b"), now=NOW)
        assert cancelled is not None
        tx.outbox.cancel(cancelled)
        tx.outbox.reopen(cancelled, due_at=NOW)
        assert [tx.outbox.get(one).state for one in (made, cancelled)] == [State.PENDING] * 2
    assert shadow.claim(now=NOW, lease=9.0, holder="h") is None
    claimed = speaking.claim(now=NOW, lease=9.0, holder="h")
    assert claimed is not None
    assert claimed.departure.id == made
    shadow.close()
    speaking.close()


def test_a_ticket_of_the_shadow_is_never_made_and_can_be_ordered_after_it(store_url: str) -> None:
    shadow, speaking = open_store(store_url, kind=ShadowStore), open_store(store_url)
    dev, place = TrackerName("dev"), Place(team=TeamId("T1"), channel=ChannelId("C1"), ts=Ts("1.0"))
    plan = TrackPlan(name=TrackName("product"), kind=Track.PRODUCT)
    with shadow.transaction() as tx:
        case = tx.cases.open(place, plan, by=UserId("U1"), now=NOW)
        order = new_ticket(case, dev, team=place.team, opened_at=NOW, now=NOW)
        assert tx.tickets.owe(order)
        assert _found(tx, case).state is TicketState.SHADOW
    with speaking.transaction() as tx:
        assert tx.tickets.claim([dev], now=at(999), until=at(1000)) is None
        assert tx.tickets.owe(order)
        assert not tx.tickets.owe(order)
        claimed = tx.tickets.claim([dev], now=at(999), until=at(1000))
        assert claimed is not None
        assert not claimed.unsure
        assert _found(tx, case).unsure
        assert tx.tickets.claim([dev], now=at(999), until=at(1000)) is None
        later = tx.tickets.claim([dev], now=at(1001), until=at(2000))
        assert later is not None
        assert later.unsure
        assert not tx.tickets.put(claimed)
        assert tx.tickets.put(later)
    shadow.close()
    speaking.close()
