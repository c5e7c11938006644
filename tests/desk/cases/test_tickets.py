"""A case has one ticket, made when it is handed over or asked for, and followed until it is closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.desk.cases.test_act import CASED, CISO, SATO, act, desk, entries, stamp
from tests.desk.stamps.test_any_order import Desk
from tests.support.dying_tickets import DEVELOPERS, NAME, FakeTracker, draft
from threatstamp.core.cases.case import CaseAct, Way, Wish
from threatstamp.core.cases.moves import Denial
from threatstamp.core.cases.ticket import Ticket, TicketState, TrackerPlan
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.errors import TrackerError
from threatstamp.core.ids import Key, TrackName, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.marking import Tlp
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import HOUR, MINUTE, Micros
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.cases.act import Acted, Acting, Attempt
from threatstamp.desk.cases.tickets_out import ASK_GONE, LEASE, TendTickets
from threatstamp.desk.ports.tickets import MadeTicket, TicketDraft, TicketLook
from threatstamp.desk.record.compare import compare_records

__all__ = ["desk"]


class OddTracker(FakeTracker):
    """errors: what the next calls end with; None: they work. is_made: the ticket is there all the same."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[Exception | None] = []
        self.finds = 0
        self.gone = False

    def make(self, draft: TicketDraft) -> MadeTicket:
        error = self.errors.pop(0) if self.errors else None
        if error is None or (isinstance(error, TrackerError) and error.ambiguous):
            made = super().make(draft)
        if error is not None:
            raise error
        return made

    def find(self, key: Key, *, since: Micros) -> MadeTicket | None:
        self.finds += 1
        return super().find(key, since=since)

    def look(self, number: str, mark: str) -> TicketLook:
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error
        return replace(super().look(number, mark), is_gone=self.gone)


@pytest.fixture
def tracker() -> OddTracker:
    return OddTracker()


@pytest.fixture
def cased(desk: Desk) -> Desk:
    plan = TrackPlan(name=TrackName("product"), kind=Track.PRODUCT, tracker=TrackerPlan(name=NAME))
    desk.tools.in_force.now = replace(CASED, tracks={plan.name: plan})
    stamp(desk)
    desk.deliver_all()
    return desk


def order(desk: Desk, link: str = "", key: str = "ask", by: UserId = SATO) -> Acted:
    wish = Wish(act=CaseAct.TICKET, reason=link)
    return Acting(desk.tools).act(Attempt(case=1, wish=wish, by=by, way=Way.SLASH, key=key))


def ticket(desk: Desk) -> Ticket:
    with desk.store.reading() as read:
        found = read.tickets.of(1)
    assert found is not None
    return found


def card(desk: Desk) -> str:
    desk.deliver_all()
    return str(next(one for one in desk.slack.messages if one.thread_ts is None).rendered.blocks)


def threads(desk: Desk) -> list[str]:
    desk.deliver_all()
    return [one.rendered.text for one in desk.slack.messages if one.thread_ts is not None]


def test_a_person_orders_a_ticket_once_and_the_card_shows_it(cased: Desk, tracker: OddTracker) -> None:
    assert "case_ticket" in card(cased)
    assert order(cased).moved
    assert not order(cased, key="again").moved
    assert "dev にチケットを作成しています" in card(cased)
    tend = TendTickets(cased.tools, draft=draft)
    assert tend.run({NAME: tracker})
    assert not tend.run({NAME: tracker})
    [made] = tracker.drafts
    assert (made.case, made.title, made.post) == (1, "[#1] 本文", "https://p.example/1")
    assert "issues/1|チケット #1>" in card(cased)
    assert "case_ticket" not in card(cased)
    assert entries(cased, Kind.CASE_MOVED) == 2
    assert compare_records(cased.store).first is None
    assert tracker.finds == 0


def test_it_is_said_why_none_can_be_made(cased: Desk, tracker: OddTracker) -> None:
    policy = cased.tools.policy
    assert order(cased, "ftp://x", key="a").denial is Denial.LINK
    cased.tools.in_force.now = replace(policy, tracks={})
    assert order(cased, key="b").denial is Denial.NO_TRACKER
    assert order(cased, "https://jira.example/browse/SEC-1", key="c").moved
    cased.tools.in_force.now = policy
    assert "|チケット SEC-1>" in card(cased)


@pytest.mark.parametrize("most", [Tlp.GREEN, Tlp.AMBER])
def test_a_strict_label_keeps_a_ticket_back_unless_the_tracker_takes_it(
    desk: Desk, tracker: OddTracker, most: Tlp
) -> None:
    plan = TrackerPlan(name=NAME, tlp=most)
    track = TrackPlan(name=TrackName("product"), kind=Track.PRODUCT, tracker=plan, channel=DEVELOPERS)
    desk.slack.snapshot = replace(desk.slack.snapshot, title="TLP:AMBER 社内限り")
    first = CASED.routes[0]
    cleared = replace(first, route=replace(first.route, tlp=Tlp.RED), then_to=(DEVELOPERS,))
    desk.tools.in_force.now = replace(CASED, tracks={track.name: track}, routes=(cleared, *CASED.routes[1:]))
    stamp(desk)
    desk.deliver_all()
    act(desk, "brief")
    tend = TendTickets(desk.tools, draft=draft)
    tend.run({NAME: tracker})
    assert len(tracker.drafts) == (most is Tlp.AMBER)
    if most is Tlp.GREEN:
        assert order(desk).denial is Denial.CONFIDENTIAL


def test_a_label_that_is_only_seen_when_it_is_made_keeps_it_back(desk: Desk, tracker: OddTracker) -> None:
    def takes(most: Tlp) -> None:
        plan = TrackPlan(
            name=TrackName("product"), kind=Track.PRODUCT, tracker=TrackerPlan(name=NAME, tlp=most)
        )
        desk.tools.in_force.now = replace(CASED, tracks={plan.name: plan})

    desk.slack.snapshot = replace(desk.slack.snapshot, title="TLP:GREEN 共有します")
    takes(Tlp.GREEN)
    stamp(desk)
    desk.deliver_all()
    order(desk)
    takes(Tlp.CLEAR)
    assert TendTickets(desk.tools, draft=draft).run({NAME: tracker})
    assert (ticket(desk).state, tracker.drafts) == (TicketState.WITHHELD, [])
    assert "作成しています" not in card(desk)
    takes(Tlp.GREEN)
    assert order(desk, key="again", by=CISO).moved
    TendTickets(desk.tools, draft=draft).run({NAME: tracker})
    assert len(tracker.drafts) == 1


def test_a_lost_answer_makes_no_second_ticket_and_a_refusal_is_told(cased: Desk, tracker: OddTracker) -> None:
    order(cased)
    tend = TendTickets(cased.tools, draft=draft)
    tracker.errors = [TrackerError("tracker_network", ambiguous=True)]
    tend.run({NAME: tracker})
    assert ticket(cased).unsure
    cased.clock.time += 10 * MINUTE
    tend.run({NAME: tracker})
    assert (len(tracker.drafts), tracker.finds, ticket(cased).link[-9:]) == (1, 1, "/issues/1")
    for code, permanent, open_now in (("tracker_server", False, 0), ("tracker_unauthorized", True, 1)):
        tracker.errors = [TrackerError(code, permanent=permanent)]
        cased.clock.time += HOUR
        tend.run({NAME: tracker})
        with cased.store.reading() as read:
            troubles = read.troubles.unfixed(TroubleKind.TICKET)
        assert len(troubles) == open_now
    assert troubles[0].values == {"name": NAME, "error": "tracker_unauthorized"}
    cased.clock.time += HOUR
    tend.run({NAME: tracker})
    for known in ([NAME], []):  # it works again; then it fails, and is not in the settings any more
        with cased.store.reading() as read:
            assert read.troubles.unfixed(TroubleKind.TICKET) == ()
        tracker.errors = [TrackerError("tracker_forbidden", permanent=True)]
        cased.clock.time += HOUR
        tend.run({NAME: tracker})
        with cased.store.reading() as read:
            assert len(read.troubles.unfixed(TroubleKind.TICKET)) == 1
        tend.begin_anew(known)
        with cased.store.reading() as read:
            assert len(read.troubles.unfixed(TroubleKind.TICKET)) == len(known)
        cased.clock.time += HOUR
        tend.run({NAME: tracker})


def test_a_fault_of_ours_is_a_trouble_and_the_ticket_waits(cased: Desk, tracker: OddTracker) -> None:
    order(cased)
    tracker.errors = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        TendTickets(cased.tools, draft=draft).run({NAME: tracker})
    assert (ticket(cased).error, ticket(cased).unsure) == ("tracker_fault", True)


def test_a_closed_ticket_is_said_once_and_closes_nothing(cased: Desk, tracker: OddTracker) -> None:
    order(cased)
    tend = TendTickets(cased.tools, draft=draft)
    tend.run({NAME: tracker})
    assert tracker.asked == 0
    for _ in range(3):
        cased.clock.time += 20 * MINUTE
        tend.run({NAME: tracker})
    assert (tracker.asked, threads(cased)) == (3, [])
    act(cased, "take")
    act(cased, "decide_now", by=CISO)
    tracker.closed.add("1")
    for _ in range(2):
        cased.clock.time += 20 * MINUTE
        tend.run({NAME: tracker})
    [said] = threads(cased)
    assert "チケット #1" in said
    assert "case done 1" in said
    assert tracker.asked == 4
    with cased.store.reading() as read:
        assert read.cases.every()[0].state.value == "responding"
    assert act(cased, "done").moved


def test_a_ticket_that_is_gone_is_asked_for_once_a_day_and_a_closed_case_not_at_all(
    cased: Desk, tracker: OddTracker
) -> None:
    order(cased)
    tend = TendTickets(cased.tools, draft=draft)
    tend.run({NAME: tracker})
    tracker.gone = True
    for _ in range(5):
        cased.clock.time += HOUR
        tend.run({NAME: tracker})
    assert tracker.asked == 1
    cased.clock.time += int(2 * ASK_GONE) * 1_000_000
    act(cased, "take")
    act(cased, "decide_now", by=CISO)
    act(cased, "done")
    tend.run({NAME: tracker})
    assert tracker.asked == 1


def test_a_ticket_that_is_linked_is_followed_if_it_is_in_the_tracker(
    cased: Desk, tracker: OddTracker
) -> None:
    plan = cased.tools.policy.tracks[TrackName("product")]
    there = TrackerPlan(name=NAME, begins="https://git.example/dev/app/issues/")
    cased.tools.in_force.now = replace(CASED, tracks={plan.name: replace(plan, tracker=there)})
    tend = TendTickets(cased.tools, draft=draft)
    order(cased, "https://git.example/dev/other/issues/7", key="other")
    tend.run({NAME: tracker})
    assert tracker.asked == 0
    order(cased, "https://git.example/dev/app/issues/7", key="there")
    tracker.closed.add("7")
    tend.run({NAME: tracker})
    [said] = threads(cased)
    assert "issues/7|チケット #7>" in said
    assert not order(cased, key="ask", by=CISO).moved
    assert tracker.drafts == []


def test_what_is_closed_before_there_is_a_card_is_told_once_there_is_one(
    desk: Desk, tracker: OddTracker
) -> None:
    plan = TrackPlan(name=TrackName("product"), kind=Track.PRODUCT, tracker=TrackerPlan(name=NAME))
    desk.tools.in_force.now = replace(CASED, tracks={plan.name: plan})
    stamp(desk)  # and its forward cannot be delivered yet
    order(desk)
    tend = TendTickets(desk.tools, draft=draft)
    tend.run({NAME: tracker})
    tracker.closed.add("1")
    desk.clock.time += HOUR
    assert not tend.run({NAME: tracker})
    assert (ticket(desk).state, ticket(desk).mark) == (TicketState.MADE, "")
    desk.deliver_all()
    desk.clock.time += HOUR
    assert tend.run({NAME: tracker})
    assert len(threads(desk)) == 1


def test_of_two_processes_one_makes_it(cased: Desk, tracker: OddTracker) -> None:
    order(cased)
    tend, other = (TendTickets(cased.tools, draft=draft) for _ in range(2))

    class Slow(FakeTracker):
        def make(self, draft: TicketDraft) -> MadeTicket:
            cased.clock.time += int(LEASE + 1) * 1_000_000  # so long that another process takes over
            tracker.drafts = self.drafts
            made = super().make(draft)
            other.run({NAME: tracker})
            return made

    tend.run({NAME: Slow()})
    assert (len(tracker.drafts), tracker.finds) == (1, 1)
    assert entries(cased, Kind.CASE_MOVED) == 2
